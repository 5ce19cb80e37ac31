import type { Named } from '../wire/open-set.js';
import {
  encodeEcPointFormats,
  encodeExtendedMasterSecret,
  encodeKeyShares,
  encodePadding,
  encodeRenegotiationInfo,
  encodeServerName,
  encodeSignatureAlgorithms,
  encodeSupportedGroups,
  encodeSupportedVersions,
} from '../wire/tls-extensions.js';
import { encodeClientHello } from '../wire/tls-handshake.js';
import {
  ContentType,
  cipherSuite,
  ecPointFormat,
  namedGroup,
  signatureScheme,
  tlsVersion,
} from '../wire/tls-names.js';
import { encodeTlsRecord } from '../wire/tls-record.js';

/** The largest fragment of a record, RFC 8446 section 5.1: one record holds the whole message. */
const MAX_HELLO = 1 << 14;
const RECORD_HEADER = 5;

/** The largest record that `paddedHello` makes. */
export const MAX_PADDED_HELLO = MAX_HELLO + RECORD_HEADER;

/** Type and length of the padding extension itself. */
const PADDING_HEADER = 4;

/** What every RDP server of the last fifteen years has one of; ECDHE first, as all clients do. */
const CIPHER_SUITES: readonly Named[] = [
  0x1301, 0x1302, 0x1303, 0xc02f, 0xc030, 0xc02b, 0xc02c, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f,
  0x0035, 0x000a,
].map(cipherSuite);

const GROUPS: readonly Named[] = [0x001d, 0x0017, 0x0018].map(namedGroup);

const SIGNATURE_ALGORITHMS: readonly Named[] = [
  0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201,
].map(signatureScheme);

const X25519 = namedGroup(0x001d);
const X25519_BYTES = 32;

/**
 * One TLS record with a ClientHello, made as long as is asked for by the padding extension, RFC 7685.
 * A server answers it as any other; the key share is a valid one that nobody has the key of.
 *
 * @param length of the whole record, its header included; at most `MAX_PADDED_HELLO`
 * @param serverName null: none is sent
 * @param random gives that many random bytes
 * @throws RangeError when the length cannot be reached
 */
export function paddedHello(
  length: number,
  serverName: string | null,
  random: (count: number) => Uint8Array,
): Uint8Array {
  const fixed = [
    ...(serverName === null ? [] : [encodeServerName(serverName)]),
    encodeSupportedVersions([tlsVersion(0x0304), tlsVersion(0x0303)]),
    encodeSupportedGroups(GROUPS),
    encodeEcPointFormats([ecPointFormat(0)]),
    encodeSignatureAlgorithms(SIGNATURE_ALGORITHMS),
    encodeKeyShares([{ group: X25519, keyExchange: random(X25519_BYTES) }]),
    encodeExtendedMasterSecret(),
    encodeRenegotiationInfo(),
  ];
  const parts = {
    legacyVersion: tlsVersion(0x0303),
    random: random(32),
    sessionId: random(32),
    cipherSuites: CIPHER_SUITES,
    compressionMethods: [0],
  };
  const bare = encodeClientHello({ ...parts, extensions: fixed }).length + RECORD_HEADER;
  const padding = length - bare - PADDING_HEADER;
  if (padding < 0 || length > MAX_PADDED_HELLO) {
    throw new RangeError(`a ClientHello has ${bare + PADDING_HEADER} to ${MAX_PADDED_HELLO} bytes`);
  }
  const hello = encodeClientHello({ ...parts, extensions: [...fixed, encodePadding(padding)] });
  return encodeTlsRecord(ContentType.handshake, 0x0301, hello);
}
