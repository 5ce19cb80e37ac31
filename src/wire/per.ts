import type { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

/**
 * The part of aligned basic Packed Encoding Rules, [X691], that GCC and the MCS domain messages
 * need. All of it starts at a whole byte; fields of a few bits are taken apart by their readers.
 */

/** One byte up to 127, two up to 16383; what is longer comes in fragments. */
const MAX_UNFRAGMENTED = 0x3fff;

/** Numbers of GCC and MCS have at most 32 bits. */
const MAX_INTEGER_BYTES = 4;

/**
 * A length determinant, [X691] 10.9. Not yet checked against the bytes that follow. Fragments are
 * refused: nothing in the handshake is as long as that.
 */
export function readPerLength(reader: Reader, field: string): number {
  const first = reader.u8(`${field}.length`);
  if (first < 0x80) return first;
  if (first >= 0xc0) throw reader.refuse(`${field}.length`, 'announces fragments', 1);
  return ((first & 0x3f) << 8) | reader.u8(`${field}.length`);
}

/** A whole number without upper bound, [X691] 10.7 and 10.8: its length, then its bytes. */
export function readPerInteger(reader: Reader, field: string): number {
  const length = readPerLength(reader, field);
  if (length === 0 || length > MAX_INTEGER_BYTES) {
    throw reader.refuse(field, `is a number of ${length} bytes`);
  }
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + reader.u8(field);
  return value;
}

/** A whole number whose range takes two bytes, [X691] 10.5: its distance from the lower bound. */
export function readPerInteger16(reader: Reader, lowerBound: number, field: string): number {
  return lowerBound + reader.u16be(field);
}

/** An OCTET STRING without bounds, [X691] 16. */
export function readPerOctetString(reader: Reader, field: string): Uint8Array {
  return reader.bytes(readPerLength(reader, field), field);
}

/** @throws RangeError when the length needs fragments */
export function encodePerLength(length: number): Uint8Array {
  if (length > MAX_UNFRAGMENTED) throw new RangeError(`${length} bytes need PER fragments`);
  const writer = new Writer();
  return (length < 0x80 ? writer.u8(length) : writer.u16be(0x8000 | length)).finish();
}

/** @throws RangeError when the value needs fragments */
export function encodePerOctetString(value: Uint8Array): Uint8Array {
  return concat(encodePerLength(value.length), value);
}
