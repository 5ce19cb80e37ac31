import { DecodeError } from './decode-error.js';
import { type Frame, NEED_MORE } from './framing.js';
import type { Named } from './open-set.js';
import { Reader } from './reader.js';
import { ContentType, contentType, tlsVersion } from './tls-names.js';
import { Writer } from './writer.js';

/** TLSPlaintext and TLSCiphertext, RFC 5246 section 6.2 and RFC 8446 section 5.1. */
export interface TlsRecord {
  readonly contentType: Named;
  /** As in the record header, where TLS 1.3 still says 0x0303 and a first ClientHello 0x0301. */
  readonly version: Named;
  readonly fragment: Uint8Array;
}

/** Type, version and length. */
const HEADER_LENGTH = 5;

/** RFC 5246 section 6.2.3: 2^14 of content, and at most 2048 that compression and encryption add. */
const MAXIMUM_FRAGMENT = 16384 + 2048;

/**
 * Where the record at the start of `bytes` ends. A record of any version from SSL 3.0 on; an SSL 2.0
 * ClientHello is not a record.
 *
 * @throws DecodeError as soon as the bytes at hand cannot start a record
 */
export function frameTlsRecord(bytes: Uint8Array): Frame {
  const [type, major, , high, low] = bytes;
  if (type !== undefined) checkType(type, 0);
  if (major !== undefined) checkMajor(major, 1);
  if (high === undefined) return NEED_MORE;
  checkLength(high * 256 + (low ?? 0), 3);
  if (low === undefined) return NEED_MORE;
  const length = HEADER_LENGTH + high * 256 + low;
  return bytes.length < length ? NEED_MORE : { kind: 'frame', length };
}

/**
 * @param bytes exactly one record
 * @throws DecodeError
 */
export function decodeTlsRecord(bytes: Uint8Array): TlsRecord {
  const reader = new Reader(bytes);
  const type = reader.u8('TLSPlaintext.type');
  checkType(type, 0);
  const version = reader.u16be('TLSPlaintext.version');
  checkMajor(version >> 8, 1);
  const length = reader.u16be('TLSPlaintext.length');
  checkLength(length, 3);
  const fragment = reader.bytes(length, 'TLSPlaintext.fragment');
  reader.end('TLSPlaintext');
  return { contentType: contentType(type), version: tlsVersion(version), fragment };
}

/** @throws RangeError when the fragment is longer than a record may be */
export function encodeTlsRecord(
  contentType: number,
  version: number,
  fragment: Uint8Array,
): Uint8Array {
  if (fragment.length > MAXIMUM_FRAGMENT) {
    throw new RangeError(`a TLS record holds ${MAXIMUM_FRAGMENT} bytes, not ${fragment.length}`);
  }
  return new Writer()
    .u8(contentType)
    .u16be(version)
    .u16be(fragment.length)
    .bytes(fragment)
    .finish();
}

function checkType(type: number, offset: number): void {
  if (type < ContentType.change_cipher_spec || type > ContentType.heartbeat) {
    throw new DecodeError('TLSPlaintext.type', offset, `is ${type}, not 20 to 24`);
  }
}

function checkMajor(major: number, offset: number): void {
  if (major !== 3) {
    throw new DecodeError('TLSPlaintext.version', offset, `has major version ${major}, not 3`);
  }
}

function checkLength(length: number, offset: number): void {
  if (length > MAXIMUM_FRAGMENT) {
    throw new DecodeError(
      'TLSPlaintext.length',
      offset,
      `is ${length}, more than ${MAXIMUM_FRAGMENT}`,
    );
  }
}
