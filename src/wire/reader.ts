import { DecodeError } from './decode-error.js';

/**
 * A bounded cursor over bytes from a peer. Every read names its field, so that a message that ends
 * early says which field is missing.
 *
 * INVARIANT: never reads outside its own bytes; the only error it throws is DecodeError.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #base: number;
  #position = 0;

  /** @param base offset of the first byte in the whole message; only used in error messages */
  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

  u8(field: string): number {
    return this.#view.getUint8(this.#take(1, field));
  }

  u16be(field: string): number {
    return this.#view.getUint16(this.#take(2, field), false);
  }

  u16le(field: string): number {
    return this.#view.getUint16(this.#take(2, field), true);
  }

  u24be(field: string): number {
    const at = this.#take(3, field);
    return (this.#view.getUint8(at) << 16) | this.#view.getUint16(at + 1, false);
  }

  u32be(field: string): number {
    return this.#view.getUint32(this.#take(4, field), false);
  }

  u32le(field: string): number {
    return this.#view.getUint32(this.#take(4, field), true);
  }

  u64le(field: string): bigint {
    return this.#view.getBigUint64(this.#take(8, field), true);
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
