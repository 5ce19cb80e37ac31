import {
  RDPUDP_MAX_MTU,
  RDPUDP_MIN_MTU,
  RDPUDP_PROTOCOL_VERSION_1,
  RDPUDP_PROTOCOL_VERSION_2,
  RDPUDP_PROTOCOL_VERSION_3,
} from '../wire/rdpeudp.js';

/** One RDPEUDP SYN that is to be sent. */
export interface SynPlan {
  /** bytes of the UDP payload, padding included */
  readonly payloadBytes: number;
  /** uUpStreamMtu and uDownStreamMtu: the server pads its answer to the smaller of its two */
  readonly advertisedMtu: number;
  readonly version: number;
  /** how often it is sent before its silence counts */
  readonly attempts: number;
}

export type SynResult =
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'answered';
      /** bytes of the UDP payload */
      readonly answerBytes: number;
      /** null: the server named none, which means version 1 */
      readonly version: number | null;
      /** null: it was sent more than once, and no one knows which was answered */
      readonly rttUs: number | null;
    }
  /** an ICMP message came instead; `code` as the system calls it */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** the system did not send it: larger than the interface or the path MTU that it has learned */
  | { readonly kind: 'too-large' }
  /** the system did not send it for another reason */
  | { readonly kind: 'not-sent'; readonly code: string };

export interface SynOutcome {
  readonly plan: SynPlan;
  /** datagrams that were sent of it */
  readonly sent: number;
  readonly result: SynResult;
}

/**
 * The protocol amplifies: Windows sends its answer, as large as the SYN, four times where no one
 * acknowledges it ([MS-RDPEUDP] Appendix A). So the most that a measurement sends is this.
 */
export const MAX_DATAGRAMS = 8;

/**
 * Version 3 wants the hash of a cookie that only a logged-on client was given. A server that checks
 * it goes on with version 2 ([MS-RDPEUDP] 3.1.5.1.1), so a hash of nothing gets an answer too.
 */
const HIGHEST: SynPlan = {
  payloadBytes: RDPUDP_MAX_MTU,
  advertisedMtu: RDPUDP_MAX_MTU,
  version: RDPUDP_PROTOCOL_VERSION_3,
  attempts: 1,
};

/** The same size once more: against loss, and for a server that ignores what it does not know. */
const WIDESPREAD: SynPlan = { ...HIGHEST, version: RDPUDP_PROTOCOL_VERSION_2 };

/** Asks for the least: version 1 and the smallest packets both ways. */
const LEAST: SynPlan = {
  payloadBytes: RDPUDP_MIN_MTU,
  advertisedMtu: RDPUDP_MIN_MTU,
  version: RDPUDP_PROTOCOL_VERSION_1,
  attempts: 2,
};

/** Only the way to the server is large: more padding than the specification asks for. */
const LARGE_TO_SERVER: SynPlan = { ...LEAST, payloadBytes: RDPUDP_MAX_MTU };

/** Only the way back is large: less padding than the specification asks for. */
const LARGE_FROM_SERVER: SynPlan = { ...LEAST, advertisedMtu: RDPUDP_MAX_MTU };

/** Whether a packet of the largest size is known to pass both ways. */
function passesBothWays({ plan, result }: SynOutcome): boolean {
  return (
    result.kind === 'answered' &&
    plan.payloadBytes === RDPUDP_MAX_MTU &&
    plan.advertisedMtu === RDPUDP_MAX_MTU
  );
}

/** Whether there is nothing more to learn, whatever may still come back of what is under way. */
export function isSettled(outcomes: readonly SynOutcome[]): boolean {
  return outcomes.some(
    (outcome) =>
      passesBothWays(outcome) ||
      outcome.result.kind === 'unreachable' ||
      outcome.result.kind === 'not-sent',
  );
}

/**
 * What to send next, by what came of the ones before. One datagram where the first is answered.
 *
 * @returns null when nothing more is to be learned
 */
export function nextSyn(outcomes: readonly SynOutcome[]): SynPlan | null {
  if (isSettled(outcomes)) return null;
  const of = (plan: SynPlan): SynOutcome | undefined =>
    outcomes.find((outcome) => outcome.plan === plan);
  const highest = of(HIGHEST);
  if (highest === undefined) return HIGHEST;
  const tooLarge = highest.result.kind === 'too-large';
  if (!tooLarge && of(WIDESPREAD) === undefined) return WIDESPREAD;
  const least = of(LEAST);
  if (least === undefined) return LEAST;
  if (least.result.kind !== 'answered') return null;
  if (!tooLarge && of(LARGE_TO_SERVER) === undefined) return LARGE_TO_SERVER;
  if (of(LARGE_FROM_SERVER) === undefined) return LARGE_FROM_SERVER;
  return null;
}
