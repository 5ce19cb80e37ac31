import type { OfferAnswer, RdpMethod, RdpSecurityReport } from '../handshake/scan.js';
import type { HandshakeTrace, McsConnectResponseMessage } from '../handshake/trace.js';
import {
  ENCRYPTION_METHOD_40BIT,
  ENCRYPTION_METHOD_56BIT,
  ENCRYPTION_METHOD_128BIT,
  ENCRYPTION_METHOD_FIPS,
  ENCRYPTION_METHOD_NONE,
  ENCRYPTION_METHODS,
} from '../wire/gcc-block.js';
import { PROTOCOL_RDP } from '../wire/negotiation.js';
import { named } from '../wire/open-set.js';
import type { Question } from './ask.js';

/** One connection in which standard RDP security was in force, and the methods that it offered. */
export interface MethodAnswer {
  /** a mask */
  readonly offered: number;
  /** what the server chose; null: it ended the connection, or did not answer */
  readonly response: McsConnectResponseMessage | null;
  readonly handshake: number;
}

/** The methods from weak to strong. */
const METHODS: readonly number[] = [
  ENCRYPTION_METHOD_40BIT,
  ENCRYPTION_METHOD_56BIT,
  ENCRYPTION_METHOD_128BIT,
  ENCRYPTION_METHOD_FIPS,
];

export function methodAnswer(
  { facts }: HandshakeTrace,
  offered: number,
  handshake: number,
): MethodAnswer {
  const found = facts.find(
    (fact) => fact.kind === 'message' && fact.message.type === 'mcs-connect-response',
  );
  const response =
    found?.kind === 'message' && found.message.type === 'mcs-connect-response'
      ? found.message
      : null;
  return { offered, response, handshake };
}

/**
 * The next question on encryption methods, or null where the answers leave none. What the server
 * chose is taken away and the rest offered again, so that there are as many questions as methods
 * that it takes, and one more. Pure.
 *
 * @param asked the first offered every method
 * @param way the offer with which standard RDP security was reached; null: the question goes with
 *   another one
 */
export function nextMethods(
  asked: readonly MethodAnswer[],
  way: OfferAnswer | null,
): Question | null {
  const last = asked.at(-1);
  if (last === undefined) return null;
  const chosen = last.response?.encryptionMethod?.value ?? ENCRYPTION_METHOD_NONE;
  // Nothing of what was offered: more of the same would say the same.
  if (chosen === ENCRYPTION_METHOD_NONE || (last.offered & chosen) === 0) return null;
  const left = last.offered & ~chosen;
  if (left === 0) return null;
  return {
    purpose: 'rdp-security',
    reason: `which of the other encryption methods is taken: ${namesOf(left)}`,
    settings: {
      requestedProtocols: way === null || way.offer === null ? null : PROTOCOL_RDP,
      encryptionMethods: left,
    },
  };
}

const SHORT_NAMES: Readonly<Record<number, string>> = {
  [ENCRYPTION_METHOD_40BIT]: '40 bit',
  [ENCRYPTION_METHOD_56BIT]: '56 bit',
  [ENCRYPTION_METHOD_128BIT]: '128 bit',
  [ENCRYPTION_METHOD_FIPS]: 'FIPS',
};

function namesOf(mask: number): string {
  return METHODS.filter((method) => (mask & method) !== 0)
    .map((method) => SHORT_NAMES[method])
    .join(', ');
}

/**
 * What the answers say of standard RDP security. Pure.
 *
 * @param whyEnded why no more was asked, where that was not for want of questions
 */
export function rdpSecurityVerdict(
  asked: readonly MethodAnswer[],
  whyEnded: string | null,
): RdpSecurityReport {
  const [first] = asked;
  const response = first?.response ?? null;
  const certificate = response?.serverCertificate ?? null;
  return {
    methods: METHODS.map((method) => judge(method, asked, whyEnded)),
    chosen: response?.encryptionMethod ?? null,
    level: response?.encryptionLevel ?? null,
    certificate:
      certificate === null
        ? null
        : {
            kind: certificate.kind,
            temporary: certificate.temporary,
            keyBits: certificate.keyBits,
          },
    rdpVersion: response?.rdpVersion?.name ?? null,
    handshakes: asked.map(({ handshake }) => handshake),
  };
}

function judge(value: number, asked: readonly MethodAnswer[], whyEnded: string | null): RdpMethod {
  const method = named(ENCRYPTION_METHODS, value);
  const taken = asked.find(({ response }) => response?.encryptionMethod?.value === value);
  if (taken !== undefined) {
    const says =
      (taken.offered & value) === 0
        ? 'chosen, although it was not offered'
        : 'chosen by the server';
    return { method, accepted: true, says, handshake: taken.handshake };
  }
  const last = asked.findLast(({ offered }) => (offered & value) !== 0);
  if (last === undefined) return { method, accepted: null, says: 'not offered', handshake: null };
  const chosen = last.response?.encryptionMethod?.value ?? null;
  // Another of the same offer was preferred: it could still have been taken after that one.
  if (chosen !== null && (last.offered & chosen) !== 0) {
    return {
      method,
      accepted: null,
      says: whyEnded ?? `${SHORT_NAMES[chosen]} was preferred`,
      handshake: last.handshake,
    };
  }
  return {
    method,
    accepted: false,
    says:
      chosen === null
        ? `the server ended the connection: it was offered ${namesOf(last.offered)}`
        : `the server chose ${named(ENCRYPTION_METHODS, chosen).name ?? chosen} instead`,
    handshake: last.handshake,
  };
}
