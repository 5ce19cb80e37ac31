import type { Handshake } from '../handshake/handshake.js';
import { commonNameOf, sameAddress } from './certificate-name.js';
import { listed } from './figures.js';
import type { HostFacts } from './host-facts.js';

/** Whether host facts were read on the machine that answered. */
export type HostMatch =
  | { readonly kind: 'same'; readonly says: string }
  | { readonly kind: 'other'; readonly says: string }
  /** nothing that answered told who it is */
  | { readonly kind: 'unknown'; readonly says: string };

/** Compares the names, the certificates and the addresses of host facts with what was seen. */
export function hostMatch(
  { computer, certificates }: HostFacts,
  handshakes: readonly Handshake[],
): HostMatch {
  const own = namesOf(computer);
  const told = [...new Set(handshakes.flatMap(namesInChallenge))];
  if (told.some((name) => own.includes(name))) {
    return { kind: 'same', says: `the server called itself ${computer.name} too` };
  }
  if (told.length > 0) {
    return {
      kind: 'other',
      says: `they were read on ${computer.name}, and the server called itself ${listed(told.slice(0, 2))}`,
    };
  }
  const seen = handshakes.flatMap(({ tls }) => tls.certificates.slice(0, 1));
  if (seen.some(({ sha1 }) => certificates?.some((one) => one.thumbprint === sha1) === true)) {
    return { kind: 'same', says: 'the certificate that was seen is one of its own' };
  }
  const subjects = seen.flatMap(({ subject }) => commonNameOf(subject)?.toLowerCase() ?? []);
  if (subjects.some((name) => own.includes(name))) {
    return { kind: 'same', says: `the certificate that was seen is for ${computer.name}` };
  }
  const selfMade = seen.filter(({ selfSigned }) => selfSigned === true);
  if (selfMade.length > 0) {
    const names = selfMade.flatMap(({ subject }) => commonNameOf(subject) ?? []);
    if (names.length > 0) {
      return {
        kind: 'other',
        says: `they were read on ${computer.name}, and the self-signed certificate that was seen is for ${listed([...new Set(names)].slice(0, 2))}`,
      };
    }
  }
  return byAddress(computer, handshakes);
}

function byAddress(computer: HostFacts['computer'], handshakes: readonly Handshake[]): HostMatch {
  const asked = handshakes.flatMap(({ server }) => [server.name?.toLowerCase() ?? []].flat());
  const addresses = handshakes.flatMap(({ server }) => server.address ?? []);
  const isOwn = addresses.some((address) =>
    computer.addresses.some((one) => sameAddress(one.replace(/%.*$/, ''), address)),
  );
  if (isOwn)
    return { kind: 'same', says: `${listed([...new Set(addresses)])} is an address of it` };
  if (asked.some((name) => namesOf(computer).includes(name))) {
    return { kind: 'same', says: `${computer.name} is the name that was asked for` };
  }
  return {
    kind: 'unknown',
    says: `nothing in the report tells whether ${computer.name}, where they were read, is the machine that was asked`,
  };
}

function namesOf({ name, dnsName }: HostFacts['computer']): readonly string[] {
  return [name, dnsName].flatMap((one) => (one === null || one === '' ? [] : [one.toLowerCase()]));
}

/** Small, as the server gave them in its NTLM challenge. */
function namesInChallenge({ credssp: { ntlm } }: Handshake): readonly string[] {
  return [ntlm?.netbiosComputerName, ntlm?.dnsComputerName].flatMap((name) =>
    name === undefined || name === null || name === '' ? [] : [name.toLowerCase()],
  );
}
