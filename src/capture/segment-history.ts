import type { Direction } from './flow-table.js';
import { RST, SYN, type TcpHeader } from './tcp.js';

/** A mirror port delivers a copy next to its original, or a few packets later. */
const REMEMBERED = 16;

/** Fields that are compared. */
const WORDS = 5;

/** No retransmission timer is so short that it repeats the very packet, IP identification included. */
const COPY_WINDOW_NS = 0.5e9;

/** Without an identification to tell them apart, only what comes at once is taken for a copy. */
const ANONYMOUS_WINDOW_NS = 2e6;

/**
 * Tells a packet that was captured twice (two mirrored ports, a routing hop) from one that was sent
 * again: the same identification, sequence numbers, flags, length and checksum within half a second.
 */
export class SegmentHistory {
  // They grow as needed: of a million conversations, most have one packet.
  readonly #words: number[] = [];
  readonly #times: number[] = [];
  #next = 0;

  /** Whether it was captured before; remembers it where not. */
  isCopy(direction: Direction, tcp: TcpHeader, identification: number, at: number): boolean {
    // Each of a burst of segments is answered with the same RST.
    if (identification === 0 && (tcp.flags & RST) !== 0) return false;
    const kind = (identification << 16) ^ (tcp.flags << 1) ^ direction;
    // What changes the MSS of a SYN on its way changes its checksum too, and the SYN stays the same.
    const rest = (tcp.flags & SYN) === 0 ? (tcp.checksum << 16) | tcp.window : 0;
    const window = identification === 0 ? ANONYMOUS_WINDOW_NS : COPY_WINDOW_NS;
    const words = this.#words;
    for (let index = 0, word = 0; index < this.#times.length; index++, word += WORDS) {
      if (words[word] !== tcp.sequence || words[word + 1] !== tcp.acknowledgment) continue;
      if (words[word + 2] !== kind || words[word + 3] !== rest) continue;
      if (words[word + 4] !== tcp.length) continue;
      const since = at - (this.#times[index] ?? 0);
      if (since >= 0 && since < window) return true;
    }
    const start = this.#next * WORDS;
    words[start] = tcp.sequence;
    words[start + 1] = tcp.acknowledgment;
    words[start + 2] = kind;
    words[start + 3] = rest;
    words[start + 4] = tcp.length;
    this.#times[this.#next] = at;
    this.#next = (this.#next + 1) % REMEMBERED;
    return false;
  }
}
