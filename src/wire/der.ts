import type { DecodeError } from './decode-error.js';
import { type Frame, NEED_MORE } from './framing.js';
import { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

/**
 * ASN.1 in its Distinguished Encoding Rules, [X.690]: the encoding of TSRequest, SPNEGO and X.509.
 *
 * X.690 10.1 demands the shortest form of a length. Reading is laxer: a length padded with leading
 * zero octets (`84 00 00 00 37`) is as unambiguous as the short one, peers that write BER send it,
 * and a probe that refused it could not say what the peer answered. The indefinite length is
 * refused: the end of such a message cannot be found without decoding all of it, and DER, which
 * every one of these structures names, forbids it.
 *
 * INVARIANT: nothing here recurses over the input. Nesting is as deep as the calls of the caller,
 * so a message of a million nested sequences costs no more than its outermost one.
 */

/** Identifier octets, [X.690] 8.1.2, of the universal types that are used here. */
export const DER_TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  NUMERIC_STRING: 0x12,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  VISIBLE_STRING: 0x1a,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** Identifier octet of the constructed (explicit) context-specific tag `[number]`. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/** Identifier octet of the primitive (implicit) context-specific tag `[number]`. */
export function implicitTag(number: number): number {
  return 0x80 | number;
}

/** One TLV. `bytes` is all of it, `content` reads its contents octets; both are views. */
export interface DerElement {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly content: Reader;
}

/** Four length octets reach 4 GiB, far above every cap in this program. */
const LARGEST_LENGTH_OF_LENGTH = 4;

function hexTag(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}

function readTag(reader: Reader, field: string): number {
  const tag = reader.u8(field);
  // Tag numbers above 30 take further octets; none of the structures read here has one.
  if ((tag & 0x1f) === 0x1f)
    throw reader.refuse(field, `has tag ${hexTag(tag)} of several octets`, 1);
  return tag;
}

function readLength(reader: Reader, field: string): number {
  const first = reader.u8(field);
  if (first < 0x80) return first;
  if (first === 0x80) throw reader.refuse(field, 'has an indefinite length, which DER forbids', 1);
  const octets = first & 0x7f;
  if (octets > LARGEST_LENGTH_OF_LENGTH) {
    throw reader.refuse(field, `has a length of ${octets} octets`, 1);
  }
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + reader.u8(field);
  return length;
}

/** The next TLV whatever its tag. */
export function readElement(reader: Reader, field: string): DerElement {
  const start = reader.offset;
  const tag = readTag(reader, field);
  const length = readLength(reader, field);
  const headerLength = reader.offset - start;
  const base = reader.offset;
  const contents = reader.bytes(length, field);
  return {
    tag,
    // The header stands right before its contents in the same buffer.
    bytes: new Uint8Array(
      contents.buffer,
      contents.byteOffset - headerLength,
      headerLength + length,
    ),
    content: new Reader(contents, base),
  };
}

/** The next TLV, which must have this tag. */
export function readTaggedElement(reader: Reader, tag: number, field: string): DerElement {
  const found = reader.peek();
  if (found !== undefined && found !== tag) {
    throw reader.refuse(field, `has tag ${hexTag(found)}, not ${hexTag(tag)}`);
  }
  return readElement(reader, field);
}

/** The contents of the next TLV, which must have this tag. */
export function readTagged(reader: Reader, tag: number, field: string): Reader {
  return readTaggedElement(reader, tag, field).content;
}

/** The contents of the next TLV if it has this tag, else null and nothing is read. */
export function readOptional(reader: Reader, tag: number, field: string): Reader | null {
  return reader.peek() === tag ? readElement(reader, field).content : null;
}

export function readSequence(reader: Reader, field: string): Reader {
  return readTagged(reader, DER_TAG.SEQUENCE, field);
}

export function readOctetString(reader: Reader, field: string): Uint8Array {
  return readTagged(reader, DER_TAG.OCTET_STRING, field).rest();
}

/** BOOLEAN, [X.690] 8.2: any value but 0 is true, as in BER. */
export function readBoolean(reader: Reader, field: string): boolean {
  const content = readTagged(reader, DER_TAG.BOOLEAN, field);
  const value = content.u8(field);
  content.end(field);
  return value !== 0;
}

/** The contents octets of an INTEGER of any size, most significant first, as they were sent. */
export function readIntegerBytes(reader: Reader, field: string): Uint8Array {
  const content = readTagged(reader, DER_TAG.INTEGER, field);
  if (content.remaining === 0) throw content.refuse(field, 'is an INTEGER without octets');
  return content.rest();
}

/**
 * An INTEGER (or another type encoded like one) that must lie between two bounds.
 *
 * @param tag identifier octet, INTEGER unless told
 */
export function readInteger(
  reader: Reader,
  field: string,
  minimum: number,
  maximum: number,
  tag: number = DER_TAG.INTEGER,
): number {
  const content = readTagged(reader, tag, field);
  const width = content.remaining;
  // Six octets keep the value exact in a number; no bounded field of these structures needs more.
  if (width === 0 || width > 6) throw content.refuse(field, `is an INTEGER of ${width} octets`);
  let value = content.u8(field);
  if (value >= 0x80) value -= 0x100;
  for (let i = 1; i < width; i++) value = value * 256 + content.u8(field);
  if (value < minimum || value > maximum) {
    throw content.refuse(field, `is ${value}, not within ${minimum} to ${maximum}`, width);
  }
  return value;
}

/** BIT STRING, [X.690] 8.6. */
export interface BitString {
  /** How many of the last bits do not count, 0 to 7. */
  readonly unusedBits: number;
  readonly bytes: Uint8Array;
}

export function readBitString(reader: Reader, field: string): BitString {
  const content = readTagged(reader, DER_TAG.BIT_STRING, field);
  const unusedBits = content.u8(field);
  if (unusedBits > 7 || (unusedBits > 0 && content.remaining === 0)) {
    throw content.refuse(field, `leaves ${unusedBits} bits unused`, 1);
  }
  return { unusedBits, bytes: content.rest() };
}

/** Longest object identifier accepted, in octets; those in use have some tens. */
const LARGEST_OBJECT_IDENTIFIER = 128;

function oidText(content: Reader, field: string): string {
  const width = content.remaining;
  if (width === 0 || width > LARGEST_OBJECT_IDENTIFIER) {
    throw content.refuse(field, `is an object identifier of ${width} octets`);
  }
  const arcs: bigint[] = [];
  let arc = 0n;
  let complete = true;
  while (content.remaining > 0) {
    const octet = content.u8(field);
    arc = arc * 128n + BigInt(octet & 0x7f);
    complete = octet < 0x80;
    if (!complete) continue;
    if (arcs.length === 0) {
      // The first two arcs share one number, [X.690] 8.19.4; only arc 2 goes beyond 39.
      const top = arc < 40n ? 0n : arc < 80n ? 1n : 2n;
      arcs.push(top, arc - top * 40n);
    } else {
      arcs.push(arc);
    }
    arc = 0n;
  }
  if (!complete) throw content.refuse(field, 'ends within an arc of an object identifier');
  return arcs.join('.');
}

/** OBJECT IDENTIFIER, [X.690] 8.19, as dotted text. */
export function readOid(reader: Reader, field: string): string {
  return oidText(readTagged(reader, DER_TAG.OBJECT_IDENTIFIER, field), field);
}

/** The contents octets of an object identifier as dotted text. */
export function decodeOid(contents: Uint8Array): string {
  return oidText(new Reader(contents), 'OBJECT IDENTIFIER');
}

const MONTH_TO_ZONE = /(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d)(\d\d))?$/
  .source;
const UTC_TIME = new RegExp(`^(\\d\\d)${MONTH_TO_ZONE}`);
const GENERALIZED_TIME = new RegExp(`^(\\d{4})${MONTH_TO_ZONE}`);

/**
 * UTCTime or GeneralizedTime, [RFC 5280] 4.1.2.5, in milliseconds since 1970. RFC 5280 demands
 * seconds and `Z`; seconds left out and offsets such as `+0100` are accepted as ITU-T X.680 gives
 * them. A time without zone would be local time of an unknown place and is taken as UTC.
 */
export function readTime(reader: Reader, field: string): number {
  const { tag, content } = readElement(reader, field);
  const width = content.remaining;
  const refuse = (problem: string): DecodeError => content.refuse(field, problem, width);
  if (tag !== DER_TAG.UTC_TIME && tag !== DER_TAG.GENERALIZED_TIME) {
    throw content.refuse(field, `has tag ${hexTag(tag)}, not that of a time`);
  }
  // The longest form, 20240726060340.123456+0100, has 26 octets.
  if (width > 32) throw content.refuse(field, `is a time of ${width} octets`);
  const text = String.fromCharCode(...content.rest());
  const found = (tag === DER_TAG.UTC_TIME ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (found === null) throw refuse('is not a time');
  const part = (index: number): number => Number(found[index] ?? 0);
  const twoDigits = part(1) < 50 ? 2000 + part(1) : 1900 + part(1);
  const year = tag === DER_TAG.UTC_TIME ? twoDigits : part(1);
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, part(2) - 1, part(3));
  if (date.getUTCMonth() !== part(2) - 1 || date.getUTCDate() !== part(3)) {
    throw refuse('is not a day of the calendar');
  }
  if (part(4) > 23 || part(5) > 59 || part(6) > 59) throw refuse('is not a time of day');
  date.setUTCHours(part(4), part(5), part(6), Math.floor(Number(`0.${found[7] ?? '0'}`) * 1000));
  const offsetMinutes = (found[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  return date.getTime() - offsetMinutes * 60_000;
}

/**
 * The largest message on the wire is a TSRequest around a Kerberos token. Windows limits tokens to
 * 65,535 bytes (MaxTokenSize); four times that leaves room for wrappers and other implementations.
 */
export const LARGEST_DER_MESSAGE = 2 ** 18;

/**
 * Where the TLV at the start of `bytes` ends.
 *
 * @param field name used in errors
 * @param cap largest whole length that is accepted
 */
export function frameDer(bytes: Uint8Array, field = 'DER', cap = LARGEST_DER_MESSAGE): Frame {
  const second = bytes[1];
  if (second === undefined) return NEED_MORE;
  const headerLength = 2 + (second > 0x80 ? second & 0x7f : 0);
  if (headerLength <= 2 + LARGEST_LENGTH_OF_LENGTH && bytes.length < headerLength) return NEED_MORE;
  const reader = new Reader(bytes);
  readTag(reader, field);
  const length = readLength(reader, field);
  const whole = reader.offset + length;
  if (whole > cap)
    throw reader.refuse(field, `claims ${whole} bytes, more than ${cap}`, reader.offset);
  return bytes.length < whole ? NEED_MORE : { kind: 'frame', length: whole };
}

/** A TLV with the shortest length, as DER demands. */
export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(...contents);
  const writer = new Writer().u8(tag);
  const length = content.length;
  if (length < 0x80) writer.u8(length);
  else if (length < 0x100) writer.u8(0x81).u8(length);
  else if (length < 0x10000) writer.u8(0x82).u16be(length);
  else if (length < 0x1000000) writer.u8(0x83).u24be(length);
  else writer.u8(0x84).u32be(length);
  return writer.bytes(content).finish();
}

/** An INTEGER, or with another `tag` a type encoded like one, in the fewest octets. */
export function encodeInteger(value: number, tag: number = DER_TAG.INTEGER): Uint8Array {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no integer`);
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(((rest % 256) + 256) % 256);
    rest = Math.floor(rest / 256);
  } while (rest !== 0 && rest !== -1);
  // One octet more where the sign bit would say the opposite.
  if (rest === 0 && (octets[0] ?? 0) >= 0x80) octets.unshift(0x00);
  if (rest === -1 && (octets[0] ?? 0) < 0x80) octets.unshift(0xff);
  return encodeDer(tag, Uint8Array.from(octets));
}

export function encodeOctetString(bytes: Uint8Array): Uint8Array {
  return encodeDer(DER_TAG.OCTET_STRING, bytes);
}

/** A whole OBJECT IDENTIFIER from dotted text such as `1.3.6.1.5.5.2`. */
export function encodeOid(text: string): Uint8Array {
  if (!/^[012](\.(0|[1-9]\d*))+$/.test(text))
    throw new RangeError(`${text} is no object identifier`);
  const [top = 0n, second = 0n, ...others] = text.split('.').map(BigInt);
  if (top < 2n && second > 39n) throw new RangeError(`${text} is no object identifier`);
  const octets: number[] = [];
  for (const arc of [top * 40n + second, ...others]) {
    const digits = [Number(arc % 128n)];
    for (let rest = arc / 128n; rest > 0n; rest /= 128n) digits.unshift(0x80 | Number(rest % 128n));
    octets.push(...digits);
  }
  return encodeDer(DER_TAG.OBJECT_IDENTIFIER, Uint8Array.from(octets));
}
