import type { HopLimits } from '../handshake/trace.js';
import { RST, SYN } from './tcp.js';

/** Different hop limits of one side; a path that changes has two or three. */
const MAX_OTHERS = 4;

/** With which time to live or hop limit the segments of one side came. */
export class HopLimitCounts {
  #opening: number | null = null;
  #reset: number | null = null;
  readonly #others: number[] = [];

  /** @param flags of the segment's TCP header */
  arrived(hopLimit: number, flags: number): void {
    if ((flags & RST) !== 0) this.#reset = hopLimit;
    else if ((flags & SYN) !== 0) this.#opening ??= hopLimit;
    else if (this.#others.length < MAX_OTHERS && !this.#others.includes(hopLimit)) {
      this.#others.push(hopLimit);
    }
  }

  figures(): HopLimits {
    return { opening: this.#opening, others: this.#others, reset: this.#reset };
  }
}
