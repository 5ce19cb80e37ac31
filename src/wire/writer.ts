/** Collects the bytes of one message. Growth is automatic; numbers are range-checked. */
export class Writer {
  #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(value);
    this.#length += value.length;
    return this;
  }

  #number(width: number, value: number, littleEndian: boolean): this {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * width)) {
      throw new RangeError(`${value} does not fit into ${width} bytes`);
    }
    const out = new Uint8Array(width);
    let rest = value;
    for (let i = 0; i < width; i++) {
      out[littleEndian ? i : width - 1 - i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return this.bytes(out);
  }

  u8(value: number): this {
    return this.#number(1, value, false);
  }

  u16be(value: number): this {
    return this.#number(2, value, false);
  }

  u16le(value: number): this {
    return this.#number(2, value, true);
  }

  u24be(value: number): this {
    return this.#number(3, value, false);
  }

  u32be(value: number): this {
    return this.#number(4, value, false);
  }

  u32le(value: number): this {
    return this.#number(4, value, true);
  }

  u64le(value: bigint): this {
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigUint64(0, value, true);
    return this.bytes(out);
  }

  zeros(length: number): this {
    return this.bytes(new Uint8Array(length));
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

/** Several byte strings as one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer();
  for (const part of parts) writer.bytes(part);
  return writer.finish();
}
