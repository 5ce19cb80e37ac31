import type {
  NegotiationReport,
  RdpMethod,
  RdpSecurityReport,
  Weakness,
} from '../handshake/scan.js';
import type { CredSspState } from '../handshake/scan-clients.js';
import type { TlsHelloAnswer, TlsScan } from '../handshake/scan-tls.js';
import type { Certificate } from '../handshake/trace.js';
import {
  ENCRYPTION_METHOD_40BIT,
  ENCRYPTION_METHOD_56BIT,
  ENCRYPTION_METHOD_NONE,
} from '../wire/gcc-block.js';
import type { Named } from '../wire/open-set.js';
import { type SuiteTrait, suiteTraits } from '../wire/suite-traits.js';
import { SSL_3_0, TLS_1_0, TLS_1_1, TLS_1_2 } from './tls-hello.js';

/** What a scan has found, as far as weak settings are read from it. */
export interface Judged {
  readonly negotiation: NegotiationReport | null;
  readonly rdpSecurity: RdpSecurityReport | null;
  readonly tls: TlsScan | null;
  readonly credssp: CredSspState | null;
  /** the one that the server shows in TLS, and the handshake in which it did; null: none was seen */
  readonly certificate: { readonly own: Certificate; readonly handshake: number } | null;
}

/** Where a weak setting was seen, and the sentence with its figures. */
type Seen = Pick<Weakness, 'says' | 'handshakes'> | null;

interface WeakSetting {
  readonly id: string;
  readonly title: string;
  readonly find: (judged: Judged) => Seen;
}

/**
 * Settings that are weaker than they need to be. INVARIANT: an id never changes its meaning: scripts
 * fail on it.
 */
const SETTINGS = [
  {
    id: 'nla-not-required',
    title: 'NLA is not required',
    find: ({ negotiation }) => {
      const nla = negotiation?.conclusions.nla;
      if (nla?.value !== 'available' && nla?.value !== 'absent') return null;
      const says = nla.value === 'available' ? 'NLA is merely available' : 'there is no NLA';
      return { says: `${says}: ${nla.says}`, handshakes: nla.handshakes };
    },
  },
  {
    id: 'standard-rdp-security',
    title: 'Standard RDP security is accepted',
    find: ({ negotiation }) => {
      const found = negotiation?.conclusions.standardRdp;
      if (found?.value !== 'accepted') return null;
      const says = `it does not prove who the server is: ${found.says}`;
      return { says, handshakes: found.handshakes };
    },
  },
  {
    id: 'rdp-encryption-weak',
    title: 'Standard RDP security takes keys of 40 or 56 bits',
    find: ({ rdpSecurity }) => {
      const weak = (rdpSecurity?.methods ?? []).filter(isWeak);
      if (weak.length === 0) return null;
      return {
        says: `accepted: ${weak.map(({ method }) => method.name ?? method.value).join(', ')}`,
        handshakes: weak.flatMap(({ handshake }) => (handshake === null ? [] : [handshake])),
      };
    },
  },
  {
    id: 'rdp-encryption-none',
    title: 'Standard RDP security is not encrypted',
    find: ({ rdpSecurity }) =>
      rdpSecurity?.chosen?.value === ENCRYPTION_METHOD_NONE
        ? {
            says: 'the server chose no encryption where every method was offered',
            handshakes: rdpSecurity.handshakes.slice(0, 1),
          }
        : null,
  },
  {
    id: 'credssp-unpatched',
    title: 'CredSSP lacks the fix of CVE-2018-0886',
    find: ({ credssp }) =>
      credssp?.updated === false
        ? {
            says: `version ${credssp.version}: ${credssp.generation}`,
            // The first handshake of a run is the one that goes as far as CredSSP.
            handshakes: [0],
          }
        : null,
  },
  {
    id: 'no-usable-certificate',
    title: 'The server has no usable certificate',
    find: ({ negotiation }) => {
      const layer = negotiation?.conclusions.layer;
      return layer?.value === 'no-certificate'
        ? { says: layer.says, handshakes: layer.handshakes }
        : null;
    },
  },
  {
    id: 'self-signed',
    title: 'The certificate is self-signed',
    find: ({ certificate }) => {
      if (certificate === null || !certificate.own.readable || !certificate.own.selfSigned) {
        return null;
      }
      const says = `${certificate.own.subject} is issued by itself: no client can know it beforehand`;
      return { says, handshakes: [certificate.handshake] };
    },
  },
  {
    id: 'weak-certificate',
    title: 'The certificate has a weak key or signature',
    find: ({ certificate }) => {
      const why = certificate === null ? null : weakCertificate(certificate.own);
      return why === null || certificate === null
        ? null
        : { says: why, handshakes: [certificate.handshake] };
    },
  },
  {
    id: 'ssl-3.0',
    title: 'SSL 3.0 is spoken',
    find: (judged) => spoken(judged, SSL_3_0),
  },
  {
    id: 'tls-1.0',
    title: 'TLS 1.0 is spoken',
    find: (judged) => spoken(judged, TLS_1_0),
  },
  {
    id: 'tls-1.1',
    title: 'TLS 1.1 is spoken',
    find: (judged) => spoken(judged, TLS_1_1),
  },
  {
    id: 'null-suites',
    title: 'Cipher suites without encryption are taken',
    find: (judged) => suitesWith(judged, 'null'),
  },
  {
    id: 'anonymous-suites',
    title: 'Cipher suites without a certificate are taken',
    find: (judged) => suitesWith(judged, 'anon'),
  },
  {
    id: 'export-suites',
    title: 'Cipher suites with keys of 40 or 56 bits are taken',
    find: (judged) => suitesWith(judged, 'export', 'des'),
  },
  {
    id: 'rc4',
    title: 'RC4 is taken',
    find: (judged) => suitesWith(judged, 'rc4'),
  },
  {
    id: '3des',
    title: 'Triple DES is taken, or another cipher of 64-bit blocks',
    find: (judged) => suitesWith(judged, '3des', 'rc2', 'idea'),
  },
  {
    id: 'no-forward-secrecy',
    title: 'Cipher suites without forward secrecy are taken',
    find: (judged) => suitesWith(judged, 'no-forward-secrecy'),
  },
  {
    id: 'weak-diffie-hellman',
    title: 'The Diffie-Hellman prime is short',
    find: (judged) =>
      hellos(
        judged,
        ({ primeBits }) => primeBits !== null && primeBits < LEAST_RSA_BITS,
        ({ primeBits }) => `a prime of ${primeBits} bits`,
      ),
  },
  {
    id: 'compression',
    title: 'TLS compresses: secrets leak through lengths',
    find: (judged) =>
      hellos(
        judged,
        ({ compression }) => compression !== 0,
        ({ compression }) => `compression method ${compression}`,
      ),
  },
  {
    id: 'no-secure-renegotiation',
    title: 'Secure renegotiation is not supported',
    find: (judged) => withoutFeature(judged, 'renegotiationInfo', 'renegotiation_info'),
  },
  {
    id: 'no-extended-master-secret',
    title: 'The extended master secret is not supported',
    find: (judged) => withoutFeature(judged, 'extendedMasterSecret', 'extended_master_secret'),
  },
] as const satisfies readonly WeakSetting[];

export type WeakSettingId = (typeof SETTINGS)[number]['id'];

/** Every id that a scan may name, in the order in which they are told. */
export const WEAK_SETTING_IDS: readonly string[] = SETTINGS.map(({ id }) => id);

/** The weak settings of a server. Pure. */
export function weakSettings(judged: Judged): readonly Weakness[] {
  return SETTINGS.flatMap(({ id, title, find }) => {
    const seen: Seen = find(judged);
    return seen === null ? [] : [{ id, title, ...seen }];
  });
}

function isWeak({ method, accepted }: RdpMethod): boolean {
  const weak = method.value === ENCRYPTION_METHOD_40BIT || method.value === ENCRYPTION_METHOD_56BIT;
  return weak && accepted === true;
}

/** NIST SP 800-131A: shorter RSA keys, MD5 and SHA-1 do not do for signatures. */
const LEAST_RSA_BITS = 2048;

function weakCertificate(own: Certificate): string | null {
  if (!own.readable) return null;
  const { keyType, keyBits, signatureAlgorithm } = own;
  const why = [
    ...(keyType.startsWith('RSA') && keyBits !== null && keyBits < LEAST_RSA_BITS
      ? [`its RSA key has ${keyBits} bits`]
      : []),
    ...(/md[245]|sha-?1(?!\d)/i.test(signatureAlgorithm)
      ? [`it is signed with ${signatureAlgorithm}`]
      : []),
  ];
  return why.length === 0 ? null : why.join(' and ');
}

/** What the answers of one kind say, and in which handshakes they came. */
function hellos(
  { tls }: Judged,
  matches: (answer: TlsHelloAnswer) => boolean,
  describe: (answer: TlsHelloAnswer) => string,
): Seen {
  const says = new Set<string>();
  const handshakes: number[] = [];
  for (const { answer, handshake } of tls?.questions ?? []) {
    if (answer.kind !== 'hello' || !matches(answer)) continue;
    says.add(describe(answer));
    if (handshake !== null) handshakes.push(handshake);
  }
  return says.size === 0 ? null : { says: [...says].join(', '), handshakes };
}

function spoken(judged: Judged, version: number): Seen {
  return hellos(
    judged,
    (answer) => answer.version.value === version,
    ({ version, suite }) => `${nameOf(version)} was chosen, with ${nameOf(suite)}`,
  );
}

function suitesWith(judged: Judged, ...traits: readonly SuiteTrait[]): Seen {
  return hellos(
    judged,
    ({ suite }) => suiteTraits(suite).some((trait) => traits.includes(trait)),
    ({ suite }) => nameOf(suite),
  );
}

/** Only below TLS 1.3 does a server have to say so. */
function withoutFeature(
  judged: Judged,
  feature: 'renegotiationInfo' | 'extendedMasterSecret',
  extension: string,
): Seen {
  if (judged.tls?.features[feature] !== false) return null;
  const seen = hellos(
    judged,
    ({ version }) => version.value <= TLS_1_2,
    () => `no ServerHello had ${extension}`,
  );
  return seen;
}

function nameOf({ value, name }: Named): string {
  return name ?? `0x${value.toString(16)}`;
}
