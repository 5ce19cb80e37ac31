import type { DirectionReport, Mechanism } from '../../src/handshake/path.js';
import type { DirectionTruth } from './worlds.js';

/** How far from the truth a limit may be without `--exact`, in bytes of whole IP packets. */
export const TOLERANCE_BYTES = 8;

/** `inconclusive`: honest, but not the answer */
export type Judgement = 'right' | 'inconclusive' | 'wrong';

export interface Judged {
  readonly judgement: Judgement;
  readonly answer: Mechanism;
  /** the limit that was found, less the true one; null: none was found, or there is none */
  readonly errorBytes: number | null;
  /** what is wrong, one sentence each; empty unless wrong */
  readonly because: readonly string[];
}

/**
 * Compares what was found of one direction with the truth.
 *
 * @param exercised the largest packet that a complete handshake is sure to have shown in this
 *   direction, where nothing limits it
 */
export function judge(
  truth: DirectionTruth,
  found: DirectionReport,
  exercised: number,
  toleranceBytes = TOLERANCE_BYTES,
): Judged {
  const { mechanism } = found;
  const base = { answer: mechanism, errorBytes: null, because: [] };
  if (!truth.mechanisms.includes(mechanism)) {
    if (mechanism === 'inconclusive' || mechanism === 'not-measured') {
      return { ...base, judgement: 'inconclusive' };
    }
    const because = [`says ${mechanism}, and it is ${truth.mechanisms.join(' or ')}`];
    return { ...base, judgement: 'wrong', because };
  }
  if (truth.limit === null) return { ...base, judgement: 'right' };
  const because = objections({ ...truth, limit: truth.limit }, found, exercised, toleranceBytes);
  return {
    answer: mechanism,
    errorBytes: errorOf(truth.limit, found),
    judgement: because.length === 0 ? 'right' : 'wrong',
    because,
  };
}

/** What a report of the right mechanism still gets wrong. */
function objections(
  { limit, reportedBy }: DirectionTruth & { readonly limit: number },
  found: DirectionReport,
  exercised: number,
  tolerance: number,
): readonly string[] {
  const { mechanism, passUpTo, failsFrom, learnedMtu } = found;
  const passes = passUpTo !== null && passUpTo <= limit && passUpTo >= limit - tolerance;
  const fails = failsFrom !== null && failsFrom > limit && failsFrom <= limit + tolerance;
  const wrong: string[] = [];
  switch (mechanism) {
    case 'black-hole':
    case 'repaired-late':
      if (!passes) wrong.push(`passes up to ${passUpTo}, and ${limit} is the limit`);
      if (!fails) wrong.push(`fails from ${failsFrom}, and ${limit + 1} is the first`);
      break;
    case 'pmtud':
      if (learnedMtu !== limit) wrong.push(`learned ${learnedMtu}, and ${limit} is the path MTU`);
      if (reportedBy !== null && found.reportedBy !== null && found.reportedBy !== reportedBy) {
        wrong.push(`reported by ${found.reportedBy}, and it was ${reportedBy}`);
      }
      break;
    case 'mss-clamped':
      if (!passes) wrong.push(`passes up to ${passUpTo}, and the clamp leaves ${limit}`);
      break;
    case 'none':
      if (failsFrom !== null) wrong.push(`fails from ${failsFrom}, and nothing does`);
      if (passUpTo === null || passUpTo > limit || passUpTo < exercised - tolerance) {
        wrong.push(`passes up to ${passUpTo}, and ${exercised} was to be seen`);
      }
      break;
    case 'inconclusive':
    case 'not-measured':
      break;
  }
  return wrong;
}

function errorOf(
  limit: number,
  { mechanism, passUpTo, learnedMtu }: DirectionReport,
): number | null {
  switch (mechanism) {
    case 'black-hole':
    case 'repaired-late':
    case 'mss-clamped':
      return passUpTo === null ? null : passUpTo - limit;
    case 'pmtud':
      return learnedMtu === null ? null : learnedMtu - limit;
    case 'none':
    case 'inconclusive':
    case 'not-measured':
      return null;
  }
}
