import type { DecodeError } from './decode-error.js';
import { type Frame, NEED_MORE } from './framing.js';
import { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

/** TPKT.version: 3, the only one there is. */
export const TPKT_VERSION = 3;

/** Version, reserved byte and two bytes of length. */
export const TPKT_HEADER_LENGTH = 4;

/** RFC 1006 section 6: the header and the shortest TPDU there is make seven bytes. */
export const TPKT_MIN_LENGTH = 7;

/** The length field has sixteen bits and counts its own header, so no packet can be longer. */
export const TPKT_MAX_LENGTH = 0xffff;

/** TPKT, RFC 1006 section 6 and [T123] section 8. */
export interface Tpkt {
  readonly version: 3;
  /** Zero by the specification. Any value is let through, because no implementation looks at it. */
  readonly reserved: number;
  /** The TPDU. */
  readonly payload: Uint8Array;
}

function wrongVersion(reader: Reader, version: number): DecodeError {
  return reader.refuse('TPKT.version', `is ${version}, not ${TPKT_VERSION}`, 1);
}

function readLength(reader: Reader): number {
  const length = reader.u16be('TPKT.length');
  if (length < TPKT_MIN_LENGTH) {
    throw reader.refuse('TPKT.length', `is ${length}, less than ${TPKT_MIN_LENGTH}`, 2);
  }
  return length;
}

/**
 * Length of the packet that starts here, header included. Never more than TPKT_MAX_LENGTH.
 *
 * @throws DecodeError as soon as the bytes at hand cannot start a TPKT; one byte can be enough
 */
export function frameTpkt(bytes: Uint8Array): Frame {
  const reader = new Reader(bytes);
  if (reader.remaining === 0) return NEED_MORE;
  const version = reader.u8('TPKT.version');
  if (version !== TPKT_VERSION) throw wrongVersion(reader, version);
  if (bytes.length < TPKT_HEADER_LENGTH) return NEED_MORE;
  reader.skip(1, 'TPKT.reserved');
  const length = readLength(reader);
  return length > bytes.length ? NEED_MORE : { kind: 'frame', length };
}

/** @param bytes exactly one packet, as frameTpkt delimits it */
export function decodeTpkt(bytes: Uint8Array): Tpkt {
  const reader = new Reader(bytes);
  const version = reader.u8('TPKT.version');
  if (version !== TPKT_VERSION) throw wrongVersion(reader, version);
  const reserved = reader.u8('TPKT.reserved');
  const length = readLength(reader);
  const payload = reader.bytes(length - TPKT_HEADER_LENGTH, 'TPKT.payload');
  reader.end('TPKT');
  return { version: TPKT_VERSION, reserved, payload };
}

/**
 * @throws RangeError when the payload is too short for a TPDU or does not fit the length field:
 *   the caller's fault, never the peer's
 */
export function encodeTpkt(payload: Uint8Array): Uint8Array {
  const length = payload.length + TPKT_HEADER_LENGTH;
  if (length < TPKT_MIN_LENGTH || length > TPKT_MAX_LENGTH) {
    throw new RangeError(`a TPKT cannot carry ${payload.length} bytes`);
  }
  return concat(new Writer().u8(TPKT_VERSION).u8(0).u16be(length).finish(), payload);
}
