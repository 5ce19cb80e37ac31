import type { Named } from './open-set.js';
import { Reader } from './reader.js';
import { namedGroup, signatureScheme } from './tls-names.js';

/** Ephemeral key exchanges up to TLS 1.2, whose parameters the server sends in the clear. */
export type KeyExchange = 'dhe' | 'ecdhe';

/** ServerDHParams, RFC 5246 section 7.4.3; ServerECDHParams, RFC 8422 section 5.4. */
export type ServerKeyExchangeParams =
  | {
      readonly kind: 'dhe';
      /** Size of the prime dh_p in bits, leading zeros not counted. */
      readonly primeBits: number;
    }
  | {
      readonly kind: 'ecdhe';
      /** null: the curve is spelt out, not named. */
      readonly group: Named | null;
    };

/** ECCurveType, RFC 8422 section 5.4. */
const EXPLICIT_PRIME = 1;
const EXPLICIT_CHAR2 = 2;
const NAMED_CURVE = 3;

/**
 * The key exchange of a cipher suite, or null where there is no ServerKeyExchange that this file
 * reads: RSA, static DH, PSK and SRP, TLS 1.3, unknown suites.
 */
export function keyExchangeOf(cipherSuite: Named): KeyExchange | null {
  const name = cipherSuite.name ?? '';
  if (/TLS_(ECDHE_(ECDSA|RSA)|ECDH_anon)_/.test(name)) return 'ecdhe';
  if (/TLS_(DHE_(RSA|DSS)|DH_anon)_/.test(name)) return 'dhe';
  return null;
}

/**
 * The parameters of a ServerKeyExchange, which does not say itself of which kind it is.
 *
 * @param body of the message; the signature after the parameters is not read
 * @throws DecodeError
 */
export function decodeServerKeyExchangeParams(
  body: Uint8Array,
  keyExchange: KeyExchange,
): ServerKeyExchangeParams {
  const reader = new Reader(body);
  switch (keyExchange) {
    case 'dhe':
      return readDhParams(reader);
    case 'ecdhe':
      return readEcdhParams(reader);
  }
}

/** Each number's two-byte length bounds it. */
function readDhParams(reader: Reader): ServerKeyExchangeParams {
  const prime = reader.bytes(reader.u16be('ServerDHParams.dh_p'), 'ServerDHParams.dh_p');
  const primeBits = bitLength(prime);
  if (primeBits === 0) throw reader.refuse('ServerDHParams.dh_p', 'is zero', prime.length + 2);
  reader.skip(reader.u16be('ServerDHParams.dh_g'), 'ServerDHParams.dh_g');
  reader.skip(reader.u16be('ServerDHParams.dh_Ys'), 'ServerDHParams.dh_Ys');
  return { kind: 'dhe', primeBits };
}

function readEcdhParams(reader: Reader): ServerKeyExchangeParams {
  const curveType = reader.u8('ECParameters.curve_type');
  if (curveType === EXPLICIT_PRIME || curveType === EXPLICIT_CHAR2) {
    return { kind: 'ecdhe', group: null };
  }
  if (curveType !== NAMED_CURVE) {
    throw reader.refuse('ECParameters.curve_type', `is ${curveType}, not 1 to 3`, 1);
  }
  const group = namedGroup(reader.u16be('ECParameters.namedcurve'));
  const length = reader.u8('ServerECDHParams.public');
  if (length === 0) throw reader.refuse('ServerECDHParams.public', 'is empty', 1);
  reader.skip(length, 'ServerECDHParams.public');
  return { kind: 'ecdhe', group };
}

/** Length of a big-endian number in bits. */
function bitLength(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return 8 * (number.length - first) - (Math.clz32(number[first] ?? 0) - 24);
}

/**
 * The named curve of a ServerKeyExchange of unknown kind, or null. DHE parameters begin with the
 * length of the prime, and only that of a prime of 6144 bits or more begins with the same 3. Its
 * first byte then stands where the curve's number is, as 128 to 255: no curve has such a number.
 */
export function decodeNamedCurve(body: Uint8Array): Named | null {
  const [curveType, high = 0, low = 0, length = 0] = body;
  const group = high * 256 + low;
  if (curveType !== NAMED_CURVE || length === 0 || body.length < 4 + length) return null;
  return group >= 128 && group <= 255 ? null : namedGroup(group);
}

/** What a ServerKeyExchange says of its strength. */
export interface KeyExchangeFigures {
  /** of a finite field's prime dh_p; null: another kind of exchange */
  readonly primeBits: number | null;
  /** how it is signed; null: not said before TLS 1.2, or not signed at all */
  readonly signature: Named | null;
}

/**
 * The same message for those who only describe it: null where it does not read as the suite and
 * version say, without an error.
 */
export function keyExchangeFigures(
  body: Uint8Array,
  cipherSuite: Named,
  version: number,
): KeyExchangeFigures | null {
  const kind = keyExchangeOf(cipherSuite);
  if (kind === null) return null;
  const end = kind === 'dhe' ? endOfDhParams(body) : endOfEcdhParams(body);
  if (end === null) return null;
  const primeBits = kind === 'dhe' ? bitLength(body.subarray(2, 2 + u16(body, 0))) : null;
  const signed = version >= TLS_1_2 && !(cipherSuite.name ?? '').includes('_anon_');
  if (!signed) return { primeBits, signature: null };
  return end + 2 > body.length ? null : { primeBits, signature: signatureScheme(u16(body, end)) };
}

const TLS_1_2 = 0x0303;

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

/** Three numbers, each behind its two-byte length. */
function endOfDhParams(body: Uint8Array): number | null {
  let end = 0;
  for (let numbers = 0; numbers < 3; numbers++) {
    if (end + 2 > body.length) return null;
    end += 2 + u16(body, end);
  }
  return end > body.length ? null : end;
}

function endOfEcdhParams(body: Uint8Array): number | null {
  if (decodeNamedCurve(body) === null) return null;
  return 4 + (body[3] ?? 0);
}
