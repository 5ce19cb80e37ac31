import { DecodeError } from './decode-error.js';

/**
 * A bounded cursor over bytes from a peer. Every read names its field, so that a message that ends
 * early says which field is missing.
 *
 * INVARIANT: never reads outside its own bytes; the only error it throws is DecodeError.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #position = 0;

  /** @param base offset of the first byte in the whole message; only used in error messages */
  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes;
    this.#base = base;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Offset of the next byte in the whole message. */
  get offset(): number {
    return this.#base + this.#position;
  }

  #take(length: number, field: string): number {
    if (length > this.remaining) {
      throw new DecodeError(
        field,
        this.offset,
        `needs ${length} ${length === 1 ? 'byte' : 'bytes'}, ${this.remaining} left`,
      );
    }
    const at = this.#position;
    this.#position += length;
    return at;
  }

  // Single bytes and no DataView: a message has many small structures, each with a reader.
  #byte(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  #u32leAt(at: number): number {
    const low = this.#byte(at) | (this.#byte(at + 1) << 8) | (this.#byte(at + 2) << 16);
    return this.#byte(at + 3) * 0x100_0000 + low;
  }

  u8(field: string): number {
    return this.#byte(this.#take(1, field));
  }

  u16be(field: string): number {
    const at = this.#take(2, field);
    return (this.#byte(at) << 8) | this.#byte(at + 1);
  }

  u16le(field: string): number {
    const at = this.#take(2, field);
    return this.#byte(at) | (this.#byte(at + 1) << 8);
  }

  u24be(field: string): number {
    const at = this.#take(3, field);
    return (this.#byte(at) << 16) | (this.#byte(at + 1) << 8) | this.#byte(at + 2);
  }

  u32be(field: string): number {
    const at = this.#take(4, field);
    const low = (this.#byte(at + 1) << 16) | (this.#byte(at + 2) << 8) | this.#byte(at + 3);
    return this.#byte(at) * 0x100_0000 + low;
  }

  u32le(field: string): number {
    return this.#u32leAt(this.#take(4, field));
  }

  u64le(field: string): bigint {
    const at = this.#take(8, field);
    return (BigInt(this.#u32leAt(at + 4)) << 32n) | BigInt(this.#u32leAt(at));
  }

  /** A view, not a copy, of the next `length` bytes. */
  bytes(length: number, field: string): Uint8Array {
    const at = this.#take(length, field);
    return this.#bytes.subarray(at, at + length);
  }

  /** All bytes not read yet; may be empty. */
  rest(): Uint8Array {
    return this.bytes(this.remaining, 'rest');
  }

  /** A reader over the next `length` bytes alone: how a length-delimited structure is carved out. */
  carve(length: number, field: string): Reader {
    const base = this.offset;
    return new Reader(this.bytes(length, field), base);
  }

  /** The next byte without reading it, or undefined at the end. */
  peek(ahead = 0): number | undefined {
    return this.#bytes[this.#position + ahead];
  }

  skip(length: number, field: string): void {
    this.#take(length, field);
  }

  /** Refuses bytes that nothing claimed. */
  end(structure: string): void {
    if (this.remaining > 0) {
      throw new DecodeError(structure, this.offset, `${this.remaining} bytes follow its end`);
    }
  }

  /** Builds the error for a field that was just read and holds a value that cannot be. */
  refuse(field: string, problem: string, width = 0): DecodeError {
    return new DecodeError(field, this.offset - width, problem);
  }
}
