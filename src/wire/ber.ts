import type { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

/**
 * The part of the Basic Encoding Rules, [X690], that MCS needs: [MS-RDPBCGR] 2.2.1.3 and 2.2.1.4
 * want definite lengths.
 */

export const BER_BOOLEAN = 0x01;
export const BER_INTEGER = 0x02;
export const BER_OCTET_STRING = 0x04;
export const BER_ENUMERATED = 0x0a;
export const BER_SEQUENCE = 0x30;

/** Four bytes already say more than any message holds; longer ones are refused, not added up. */
const MAX_LENGTH_BYTES = 4;

/** Numbers of MCS have at most 32 bits, and one more zero byte where the top bit is set. */
const MAX_INTEGER_BYTES = 5;

/** A definite length, [X690] 8.1.3. Not yet checked against the bytes that follow. */
export function readBerLength(reader: Reader, field: string): number {
  const first = reader.u8(`${field}.length`);
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0) throw reader.refuse(`${field}.length`, 'is indefinite', 1);
  if (count > MAX_LENGTH_BYTES) {
    throw reader.refuse(
      `${field}.length`,
      `takes ${count} bytes, more than ${MAX_LENGTH_BYTES}`,
      1,
    );
  }
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + reader.u8(`${field}.length`);
  return length;
}

/**
 * A reader over the content of the next element, which must have this tag.
 *
 * @param tag one byte, or two for an application tag above 30 (`0x7f65`)
 */
export function carveBer(reader: Reader, tag: number, field: string): Reader {
  const wide = tag > 0xff;
  const actual = wide ? reader.u16be(`${field}.tag`) : reader.u8(`${field}.tag`);
  if (actual !== tag) {
    const problem = `is 0x${actual.toString(16)}, not 0x${tag.toString(16)}`;
    throw reader.refuse(`${field}.tag`, problem, wide ? 2 : 1);
  }
  return reader.carve(readBerLength(reader, field), field);
}

/**
 * An INTEGER that cannot be negative. MCS allows none below zero, yet mstsc writes 65535 as
 * `02 02 ff ff`, which is -1 by [X690] 8.3 ([MS-RDPBCGR] 4.1.3 shows it): the sign is ignored.
 */
export function readBerUnsigned(reader: Reader, field: string): number {
  return unsigned(carveBer(reader, BER_INTEGER, field), field);
}

/** An ENUMERATED, [X690] 8.4. */
export function readBerEnumerated(reader: Reader, field: string): number {
  return unsigned(carveBer(reader, BER_ENUMERATED, field), field);
}

function unsigned(content: Reader, field: string): number {
  const length = content.remaining;
  if (length === 0 || length > MAX_INTEGER_BYTES) {
    throw content.refuse(field, `is a number of ${length} bytes`);
  }
  let value = 0;
  while (content.remaining > 0) value = value * 256 + content.u8(field);
  return value;
}

/** A BOOLEAN, [X690] 8.2: anything but zero is true. */
export function readBerBoolean(reader: Reader, field: string): boolean {
  const content = carveBer(reader, BER_BOOLEAN, field);
  const value = content.u8(field);
  content.end(field);
  return value !== 0;
}

export function readBerOctetString(reader: Reader, field: string): Uint8Array {
  return carveBer(reader, BER_OCTET_STRING, field).rest();
}

/** An element of one tag, with its length in the fewest bytes. */
export function encodeBer(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concat(...content);
  const writer = new Writer();
  if (tag > 0xff) writer.u16be(tag);
  else writer.u8(tag);
  if (body.length < 0x80) writer.u8(body.length);
  else if (body.length < 0x100) writer.u8(0x81).u8(body.length);
  else if (body.length < 0x10000) writer.u8(0x82).u16be(body.length);
  else writer.u8(0x84).u32be(body.length);
  return writer.bytes(body).finish();
}

/** A number from 0 to 2^32-1 as mstsc writes it: in the fewest bytes and without room for a sign. */
export function encodeBerUnsigned(value: number): Uint8Array {
  return encodeBer(BER_INTEGER, shortest(value));
}

/** The same as servers write it, and as [X690] 8.3 wants it: never with a leading one bit. */
export function encodeBerInteger(value: number): Uint8Array {
  const bytes = shortest(value);
  const padding = (bytes[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return encodeBer(BER_INTEGER, padding, bytes);
}

export function encodeBerEnumerated(value: number): Uint8Array {
  return encodeBer(BER_ENUMERATED, Uint8Array.of(value));
}

export function encodeBerBoolean(value: boolean): Uint8Array {
  return encodeBer(BER_BOOLEAN, Uint8Array.of(value ? 0xff : 0));
}

function shortest(value: number): Uint8Array {
  const four = new Writer().u32be(value).finish();
  const first = four.findIndex((byte) => byte !== 0);
  return four.subarray(first === -1 ? 3 : first);
}
