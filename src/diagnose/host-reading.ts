import type { Handshake } from '../handshake/handshake.js';
import type { CauseId } from './causes.js';
import type { HostFacts } from './host-facts.js';

/** What a fact of the host says of one cause. */
export interface HostReading {
  readonly cause: CauseId;
  /** `supported`: it points at the cause, as an event of the log does, and proves nothing alone */
  readonly reading: 'confirmed' | 'supported' | 'refuted';
  /**
   * confirmed: where the connection died at the place of the cause, the fact leaves no other reading;
   * refuted: the cause cannot be, if nothing was changed since
   */
  readonly strong: boolean;
  /** one clause, to stand behind `on the host: ` */
  readonly says: string;
}

/** Looks at the facts of the host beside the handshake that decides. */
export type HostRule = (facts: HostFacts, seen: Handshake) => readonly HostReading[];

export function confirmed(cause: CauseId, says: string): HostReading {
  return { cause, reading: 'confirmed', strong: true, says };
}

/** It is so, and something else may be as well. */
export function likelier(cause: CauseId, says: string): HostReading {
  return { cause, reading: 'confirmed', strong: false, says };
}

export function supported(cause: CauseId, says: string): HostReading {
  return { cause, reading: 'supported', strong: false, says };
}

export function refuted(cause: CauseId, says: string): HostReading {
  return { cause, reading: 'refuted', strong: true, says };
}

/** It speaks against the cause, and does not exclude it. */
export function lessLikely(cause: CauseId, says: string): HostReading {
  return { cause, reading: 'refuted', strong: false, says };
}
