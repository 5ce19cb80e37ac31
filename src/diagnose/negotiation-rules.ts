import type { Handshake } from '../handshake/handshake.js';
import {
  FAILURE_CODES,
  HYBRID_REQUIRED_BY_SERVER,
  INCONSISTENT_FLAGS,
  PROTOCOL_HYBRID,
  PROTOCOL_RDP,
  PROTOCOL_SSL,
  SSL_CERT_NOT_ON_SERVER,
  SSL_NOT_ALLOWED_BY_SERVER,
  SSL_REQUIRED_BY_SERVER,
  SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER,
} from '../wire/negotiation.js';
import { type Case, finding, type Rule } from './case.js';
import type { CauseId } from './causes.js';
import { listed, numbered } from './figures.js';
import type { Certainty, Evidence, Finding } from './finding.js';
import { evidence } from './seen.js';
import { kindOf } from './server-kind.js';

/** What the server's answer to the security negotiation says of it. */
export const negotiationRules: Rule = (seen) => {
  const { response } = seen.handshake.x224;
  switch (response.kind) {
    case 'failure':
      return refusal(seen);
    case 'response':
      return response.selectedProtocol?.value === PROTOCOL_RDP
        ? standardSecurity(seen)
        : unasked(seen);
    case 'none-negotiated':
      return noNegotiation(seen);
    // The protocol that is spoken instead belongs to the endings.
    case 'not-rdp':
    case null:
      return [];
  }
};

/** What the client asked for. null: its request was not seen, or had no RDP_NEG_REQ. */
function offered(handshake: Handshake): number | null {
  return handshake.x224.request?.requestedProtocols?.value ?? null;
}

function offers(handshake: Handshake, protocol: number): boolean {
  return ((offered(handshake) ?? 0) & protocol) !== 0;
}

/** `The request offered PROTOCOL_SSL and PROTOCOL_HYBRID`. */
function theOffer(handshake: Handshake): string {
  const protocols = handshake.x224.request?.requestedProtocols ?? null;
  if (handshake.x224.request === null) return 'The request was not seen';
  if (protocols === null) return 'The request offered no negotiation';
  return `The request offered ${protocols.value === 0 ? 'PROTOCOL_RDP' : listed(protocols.names)}`;
}

function answered(handshake: Handshake, says: string): readonly Evidence[] {
  return [
    evidence(handshake, says, { kind: 'message', by: 'server', message: 'x224-confirm' }, 'x224'),
  ];
}

const BY_NAME: ReadonlyMap<number, CauseId> = new Map([
  [SSL_REQUIRED_BY_SERVER, 'tls-required-by-server'],
  [SSL_NOT_ALLOWED_BY_SERVER, 'security-layer-rdp-only'],
  [SSL_CERT_NOT_ON_SERVER, 'server-has-no-usable-certificate'],
  [INCONSISTENT_FLAGS, 'inconsistent-negotiation-flags'],
  [HYBRID_REQUIRED_BY_SERVER, 'nla-required-by-server'],
  [SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER, 'client-certificate-required'],
]);

/** For an answer that does not fit the offer: is it the server's own? */
const ASK_ELSEWHERE = 'Probe from the subnet of the server: does the server itself answer so?';

/** RDP_NEG_FAILURE: what a code proves depends on what was offered. */
function refusal(seen: Case): readonly Finding[] {
  const { handshake } = seen;
  const failure = handshake.x224.response.failure;
  const cause = failure === null ? undefined : BY_NAME.get(failure.code);
  if (failure === null || cause === undefined) return [];
  const code = numbered(failure.code, failure.name ?? FAILURE_CODES[failure.code] ?? null);
  const { certainty, against } = reading(handshake, failure.code);
  const main = finding(cause, certainty, {
    says: `${theOffer(handshake)}, and the server answered with failure ${code}.`,
    evidence: answered(handshake, `RDP_NEG_FAILURE ${code}`),
    against,
    ...(certainty === 'possible' ? { nextCheck: ASK_ELSEWHERE } : {}),
  });
  return [main, ...behindRefusal(seen, failure.code, code)];
}

/** [MS-RDPBCGR] 2.2.1.2.2 says what each code means; a sane server sends it to some offers only. */
function reading(
  handshake: Handshake,
  code: number,
): { readonly certainty: Certainty; readonly against: readonly string[] } {
  if (handshake.x224.request === null && code !== SSL_CERT_NOT_ON_SERVER) {
    return { certainty: 'likely', against: ['what the client offered was not seen'] };
  }
  const proved = { certainty: 'proved', against: [] } as const;
  const contradicted = (protocol: string): ReturnType<typeof reading> => ({
    certainty: 'possible',
    against: [
      `the request did offer ${protocol}: a server that follows the specification does not answer so`,
    ],
  });
  switch (code) {
    case SSL_REQUIRED_BY_SERVER:
      return offers(handshake, PROTOCOL_SSL) ? contradicted('PROTOCOL_SSL') : proved;
    case HYBRID_REQUIRED_BY_SERVER:
      return offers(handshake, PROTOCOL_HYBRID) ? contradicted('PROTOCOL_HYBRID') : proved;
    case SSL_NOT_ALLOWED_BY_SERVER:
      return notAllowed(handshake);
    case INCONSISTENT_FLAGS:
      return {
        certainty: 'likely',
        against: ['this request went in the clear: only something in between can have wrapped it'],
      };
    default:
      return proved;
  }
}

const WITHOUT_KEY = 'xrdp offers no TLS when it cannot read its key';

const ON_WINDOWS: readonly (readonly [cause: CauseId, why: string])[] = [
  ['private-key-acl-machinekeys', 'a key that cannot be read is as good as none'],
  ['private-key-missing-or-corrupt', 'the certificate is there and its key is not'],
  ['listener-thumbprint-stale', 'the listener names a certificate that is gone'],
  ['self-signed-cert-services-stopped', 'nothing makes the certificate'],
];

/**
 * FreeRDP's servers and weston, measured, also send this code to an offer of NLA alone when they do
 * TLS without NLA: only an offer with TLS in it leaves no other reading.
 */
function notAllowed(handshake: Handshake): ReturnType<typeof reading> {
  if (offers(handshake, PROTOCOL_SSL)) return { certainty: 'proved', against: [] };
  return (offered(handshake) ?? 0) === 0
    ? { certainty: 'possible', against: ['the request offered nothing but what this code allows'] }
    : { certainty: 'likely', against: ['the request did not offer TLS without NLA'] };
}

/** What can lie behind a code that names a state of the server and not its reason. */
function behindRefusal(seen: Case, failureCode: number, code: string): readonly Finding[] {
  const { handshake } = seen;
  const { windows, xrdp } = kindOf(handshake);
  const behind = (cause: CauseId, certainty: Certainty, why: string): Finding =>
    finding(cause, certainty, {
      says: `Failure ${code} can come of it: ${why}.`,
      evidence: answered(handshake, `RDP_NEG_FAILURE ${code}`),
    });
  switch (failureCode) {
    case SSL_CERT_NOT_ON_SERVER:
      return [
        ...(windows ? ON_WINDOWS.map(([cause, why]) => behind(cause, 'possible', why)) : []),
        ...(xrdp ? [behind('xrdp-private-key-unreadable', 'possible', WITHOUT_KEY)] : []),
      ];
    case SSL_NOT_ALLOWED_BY_SERVER:
    case SSL_REQUIRED_BY_SERVER:
      if (!xrdp) return [];
      return [
        behind('xrdp-private-key-unreadable', 'possible', 'xrdp offers no TLS without its key'),
      ];
    default:
      return [];
  }
}

/** The server chose standard RDP security although more was offered. */
function standardSecurity(seen: Case): readonly Finding[] {
  const { handshake } = seen;
  if ((offered(handshake) ?? 0) === 0) return [];
  const fine = handshake.outcome.status !== 'failed';
  const says = `${theOffer(handshake)}, and the server chose standard RDP security (PROTOCOL_RDP).`;
  const shows = answered(handshake, 'RDP_NEG_RSP with selectedProtocol PROTOCOL_RDP (0)');
  const against = fine ? ['a client that accepts standard RDP security gets through'] : [];
  const layer = finding('security-layer-rdp-only', fine ? 'possible' : 'likely', {
    says,
    evidence: shows,
    against,
  });
  if (!kindOf(handshake).xrdp) return [layer];
  const key = finding('xrdp-private-key-unreadable', 'possible', {
    says: 'xrdp falls back to standard RDP security when it cannot read its key, as may be here.',
    evidence: shows,
    against,
  });
  return [layer, key];
}

/** The server chose something that the request did not offer: no client can go on with that. */
function unasked(seen: Case): readonly Finding[] {
  const { handshake } = seen;
  const selected = handshake.x224.response.selectedProtocol;
  const mask = offered(handshake);
  if (selected === null || mask === null || (mask & selected.value) !== 0) return [];
  const name = numbered(selected.value, selected.name);
  return [
    finding('general-secure-negotiation-failure', 'likely', {
      says: `${theOffer(handshake)}, and the server selected ${name}, which was not offered.`,
      evidence: answered(handshake, `RDP_NEG_RSP with selectedProtocol ${name}`),
      nextCheck: ASK_ELSEWHERE,
    }),
  ];
}

/** A confirm without negotiation data: the server ignored the RDP_NEG_REQ, or never knew it. */
function noNegotiation(seen: Case): readonly Finding[] {
  const { handshake } = seen;
  if (offered(handshake) === null) return [];
  const fine = handshake.outcome.status !== 'failed';
  return [
    finding('legacy-server-without-negotiation', fine ? 'possible' : 'likely', {
      says: `${theOffer(handshake)}, and the Connection Confirm carries no negotiation data: only standard RDP security is left.`,
      evidence: answered(handshake, 'Connection Confirm without RDP_NEG_RSP'),
      against: fine ? ['a client that accepts standard RDP security gets through'] : [],
    }),
  ];
}
