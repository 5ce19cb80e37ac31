/** Bytes and segments that wait for others before them; beyond this the others are given up. */
const MAX_WAITING_BYTES = 1 << 17;
const MAX_WAITING_PIECES = 32;

/** A stretch of a stream. */
export interface StreamPiece {
  /** offset of its first byte */
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * Puts the segments of one direction in order by their offsets; the first copy of a byte wins. A
 * piece that does not start where the one before it ended has a gap before it.
 */
export class StreamOrder {
  #next = 0;
  #waiting: StreamPiece[] = [];
  #waitingBytes = 0;

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * @param start offset of the first byte in the stream
   * @returns what can be read now, in order; the bytes are views
   */
  push(start: number, bytes: Uint8Array): readonly StreamPiece[] {
    if (start > this.#next) {
      this.#waiting.push({ start, bytes: Uint8Array.from(bytes) });
      this.#waitingBytes += bytes.length;
      const tooMuch =
        this.#waitingBytes > MAX_WAITING_BYTES || this.#waiting.length > MAX_WAITING_PIECES;
      return tooMuch ? this.skipGap() : [];
    }
    return this.#drain([{ start, bytes }]);
  }

  /** Gives up what is missing before the first piece that waits. */
  skipGap(): readonly StreamPiece[] {
    const first = this.#waiting.reduce((least, { start }) => Math.min(least, start), Infinity);
    if (first === Infinity) return [];
    this.#next = Math.max(this.#next, first);
    return this.#drain([]);
  }

  #drain(found: readonly StreamPiece[]): readonly StreamPiece[] {
    const ready: StreamPiece[] = [];
    const take = ({ start, bytes }: StreamPiece): void => {
      const rest = bytes.subarray(Math.max(0, this.#next - start));
      if (rest.length === 0) return;
      ready.push({ start: this.#next, bytes: rest });
      this.#next += rest.length;
    };
    for (const piece of found) take(piece);
    if (this.#waiting.length === 0) return ready;
    this.#waiting.sort((a, b) => a.start - b.start);
    for (;;) {
      const [piece] = this.#waiting;
      if (piece === undefined || piece.start > this.#next) return ready;
      this.#waiting.shift();
      this.#waitingBytes -= piece.bytes.length;
      take(piece);
    }
  }

  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
