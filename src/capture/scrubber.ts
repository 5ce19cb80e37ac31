import { DecodeError } from '../wire/decode-error.js';

/**
 * Makes an anonymous copy of one message: a cursor over the original that keeps what it is told to
 * keep and replaces what it is told to replace.
 *
 * INVARIANT: the copy has the length of the original, and zeros wherever nothing was said: what is
 * not understood does not get out.
 */
export class Scrubber {
  readonly #bytes: Uint8Array;
  readonly #copy: Uint8Array;
  #position: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, copy: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#copy = copy;
    this.#position = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  /** Index of the next byte in the original. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes of the original, not stepped over. */
  peek(length = this.remaining): Uint8Array {
    return this.#bytes.subarray(this.#position, Math.min(this.#end, this.#position + length));
  }

  #take(length: number): number {
    if (length < 0 || length > this.remaining) {
      throw new DecodeError('message', this.#position, `has no ${length} bytes any more`);
    }
    const at = this.#position;
    this.#position += length;
    return at;
  }

  /** @returns the bytes that were kept */
  keep(length: number): Uint8Array {
    const at = this.#take(length);
    const kept = this.#bytes.subarray(at, at + length);
    this.#copy.set(kept, at);
    return kept;
  }

  /** Keeps as many bytes as there are, at most `length`. */
  keepUpTo(length: number): void {
    this.keep(Math.min(length, this.remaining));
  }

  u8(): number {
    return this.keep(1)[0] ?? 0;
  }

  u16be(): number {
    const [high = 0, low = 0] = this.keep(2);
    return high * 256 + low;
  }

  u16le(): number {
    const [low = 0, high = 0] = this.keep(2);
    return high * 256 + low;
  }

  u24be(): number {
    return this.u8() * 65_536 + this.u16be();
  }

  u32le(): number {
    return this.u16le() + this.u16le() * 65_536;
  }

  /** @param make gives as many bytes as it is given */
  replace(length: number, make: (original: Uint8Array) => Uint8Array): void {
    const at = this.#take(length);
    const made = make(this.#bytes.subarray(at, at + length));
    if (made.length !== length) throw new RangeError(`${made.length} bytes instead of ${length}`);
    this.#copy.set(made, at);
  }

  /** Leaves zeros. */
  blank(length = this.remaining): void {
    this.#take(length);
  }

  /** Reads the next bytes apart: where they cannot be read on, the rest of them is left zeros. */
  apart(length: number, read: (part: Scrubber) => void): void {
    const part = this.carve(length);
    try {
      read(part);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }

  /** A scrubber of the next bytes alone. */
  carve(length: number): Scrubber {
    const at = this.#take(length);
    return new Scrubber(this.#bytes, this.#copy, at, at + length);
  }
}

/**
 * An anonymous copy of a message. Where it cannot be read on, the copy keeps what was understood
 * before and has zeros after.
 */
export function scrub(bytes: Uint8Array, read: (scrubber: Scrubber) => void): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  try {
    read(new Scrubber(bytes, copy));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return copy;
}
