import type { Asked } from '../handshake/follow-up.js';
import type { CauseId } from './causes.js';
import type { Finding } from './finding.js';
import type { Answer } from './follow-up-answers.js';

/**
 * What further answers add to the findings of the handshake itself. What they speak for and against is
 * told by their signals, and weighed with the others.
 */
export interface Effect {
  /** causes that the answers themselves bring, best first */
  readonly shows: readonly Finding[];
  /** causes whose next check was asked: what is left of it is in the evidence */
  readonly checked: ReadonlySet<string>;
  /** a clause of the verdict; empty: nothing worth the place */
  readonly remark: string;
}

export type ByQuestion = (asked: Asked) => Answer | null;

export const causes = (...ids: readonly CauseId[]): ReadonlySet<string> => new Set(ids);

export const NOTHING: Effect = { shows: [], checked: new Set(), remark: '' };

export function remark(says: string): Effect {
  return { ...NOTHING, remark: says };
}

/** The same died in the same way again: it is no chance. */
export function sameAgain(again: Answer | null): Effect | null {
  return again?.fared === 'same' ? remark('a second try ended in the same way') : null;
}
