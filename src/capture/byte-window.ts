const INITIAL_BYTES = 1 << 16;

/**
 * The bytes of a file that were read and not decoded yet, in one stretch, so that a record which
 * was cut by a read lies whole in it.
 *
 * INVARIANT: memory is bounded by one chunk plus what its user leaves in it; the user therefore
 * refuses, or skips, a record above its own bound instead of waiting for it.
 */
export class ByteWindow {
  bytes = new Uint8Array(INITIAL_BYTES);
  view = new DataView(this.bytes.buffer);
  /** index of the next byte to decode */
  start = 0;
  /** index after the last byte */
  end = 0;
  /** offset in the file of index 0 */
  #origin = 0;

  get remaining(): number {
    return this.end - this.start;
  }

  /** Offset in the file of the next byte to decode. */
  get fileOffset(): number {
    return this.#origin + this.start;
  }

  push(chunk: Uint8Array): void {
    const kept = this.end - this.start;
    if (kept + chunk.length > this.bytes.length) {
      const larger = new Uint8Array(2 * (kept + chunk.length));
      larger.set(this.bytes.subarray(this.start, this.end));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    } else {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.#origin += this.start;
    this.start = 0;
    this.bytes.set(chunk, kept);
    this.end = kept + chunk.length;
  }
}
