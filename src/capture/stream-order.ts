import { concat } from '../wire/writer.js';

/** Bytes that wait for others before them; beyond this, or a gap, the stream is not followed. */
const MAX_WAITING_BYTES = 1 << 17;

/** Puts the segments of one direction in order by their offsets; the first copy of a byte wins. */
export class StreamOrder {
  #next = 0;
  #waiting: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  #waitingBytes = 0;

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * @param start offset of the first byte in the stream
   * @returns what follows the bytes that were returned before; it may be empty
   */
  push(start: number, bytes: Uint8Array): Uint8Array {
    if (start > this.#next) {
      if (this.#waitingBytes + bytes.length <= MAX_WAITING_BYTES) {
        this.#waiting.push({ start, bytes: Uint8Array.from(bytes) });
        this.#waitingBytes += bytes.length;
      }
      return new Uint8Array(0);
    }
    const first = bytes.subarray(Math.max(0, this.#next - start));
    this.#next += first.length;
    return this.#waiting.length === 0 || first.length === 0 ? first : this.#drain(first);
  }

  #drain(first: Uint8Array): Uint8Array {
    const parts = [first];
    this.#waiting.sort((a, b) => a.start - b.start);
    for (;;) {
      const [piece] = this.#waiting;
      if (piece === undefined || piece.start > this.#next) break;
      this.#waiting.shift();
      this.#waitingBytes -= piece.bytes.length;
      const more = piece.bytes.subarray(this.#next - piece.start);
      this.#next += more.length;
      parts.push(more);
    }
    return concat(...parts);
  }

  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
