import { fromHex } from './hex.js';
import { named } from './open-set.js';
import {
  encodeEcPointFormats,
  encodeEncryptThenMac,
  encodeExtendedMasterSecret,
  encodeKeyShares,
  encodePadding,
  encodeProtocolNameList,
  encodeRenegotiationInfo,
  encodeServerName,
  encodeSessionTicket,
  encodeSignatureAlgorithms,
  encodeSupportedGroups,
  encodeSupportedVersions,
} from './tls-extensions.js';
import { encodeClientHello, type TlsExtension } from './tls-handshake.js';
import {
  ContentType,
  cipherSuite,
  ecPointFormat,
  extensionType,
  isGrease,
  NAMED_GROUPS,
  namedGroup,
  signatureScheme,
  tlsVersion,
} from './tls-names.js';
import { encodeTlsRecord } from './tls-record.js';

/** One extension of a ClientHello that is described by its numbers. */
export type HelloExtension =
  /** left out where the connection has no name to send */
  | { readonly extension: 'server_name' }
  | { readonly extension: 'supported_versions'; readonly versions: readonly number[] }
  | { readonly extension: 'supported_groups'; readonly groups: readonly number[] }
  /** groups to send a share of; none asks for a HelloRetryRequest */
  | { readonly extension: 'key_share'; readonly groups: readonly number[] }
  | { readonly extension: 'signature_algorithms'; readonly schemes: readonly number[] }
  | { readonly extension: 'ec_point_formats'; readonly formats: readonly number[] }
  | {
      readonly extension: 'application_layer_protocol_negotiation';
      readonly names: readonly string[];
    }
  | { readonly extension: 'extended_master_secret' }
  | { readonly extension: 'encrypt_then_mac' }
  /** an empty ticket: tickets are known */
  | { readonly extension: 'session_ticket' }
  | { readonly extension: 'renegotiation_info' }
  /** RFC 7685: as much as makes the whole record so long; left out where it is longer without */
  | { readonly extension: 'padding'; readonly recordBytes: number }
  /** any other, as it is sent; `data` is hex */
  | { readonly extension: 'other'; readonly type: number; readonly data: string };

/**
 * A ClientHello as plain data, RFC 8446 section 4.1.2 and RFC 6101 section 5.6.1.2: what is offered
 * in it is not bound to what a TLS library can do. Numbers are the registry's, in the order in which
 * they are sent.
 */
export interface OwnHello {
  /** of the record that carries it, e.g. 0x0301 */
  readonly recordVersion: number;
  readonly legacyVersion: number;
  /** 0 to 32; 32 is how TLS 1.3 looks like the resumption of TLS 1.2 */
  readonly sessionIdBytes: number;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  /** null: there is no block of extensions, as before RFC 3546 */
  readonly extensions: readonly HelloExtension[] | null;
}

/** What differs from one connection to the next; it is made where there is randomness. */
export interface HelloMaterial {
  /** 32 bytes */
  readonly random: Uint8Array;
  /** as many bytes as the hello says */
  readonly sessionId: Uint8Array;
  /** a public value for each group that a share is sent of */
  readonly keyShares: ReadonlyMap<number, Uint8Array>;
  /** null: none is sent */
  readonly serverName: string | null;
}

/**
 * Bytes of a client's public value, by its group: RFC 8446 sections 4.2.8.1 and 4.2.8.2. The hybrids
 * with ML-KEM send its encapsulation key and a point of their curve.
 */
const SHARE_BYTES: Readonly<Record<number, number>> = {
  23: 65,
  24: 97,
  25: 133,
  29: 32,
  30: 56,
  256: 256,
  257: 384,
  258: 512,
  259: 768,
  260: 1024,
  4587: 1184 + 65,
  4588: 1184 + 32,
  4589: 1568 + 97,
};

/** Length of the public value that a client sends of a group; null: it is not known here. */
export function keyShareBytes(group: number): number | null {
  return isGrease(group) ? 1 : (SHARE_BYTES[group] ?? null);
}

/** The groups that a hello sends a share of, in its order. */
export function keyShareGroups(hello: OwnHello): readonly number[] {
  return (hello.extensions ?? []).flatMap((each) =>
    each.extension === 'key_share' ? each.groups : [],
  );
}

const RECORD_HEADER = 5;

/** Type and length of the padding extension itself. */
const PADDING_HEADER = 4;

/**
 * One TLS record with the ClientHello.
 *
 * @throws RangeError when a share is missing, or a number does not fit its field
 */
export function encodeOwnHello(hello: OwnHello, material: HelloMaterial): Uint8Array {
  const encode = (padding: number | null): Uint8Array =>
    encodeClientHello({
      legacyVersion: tlsVersion(hello.legacyVersion),
      random: material.random,
      sessionId: material.sessionId,
      cipherSuites: hello.cipherSuites.map(cipherSuite),
      compressionMethods: hello.compressionMethods,
      extensions:
        hello.extensions?.flatMap((each) => encodeExtension(each, material, padding)) ?? null,
    });
  const wanted = hello.extensions?.find(({ extension }) => extension === 'padding');
  const bare = encode(null);
  const room =
    wanted?.extension === 'padding' ? wanted.recordBytes - RECORD_HEADER - bare.length : 0;
  const message = room <= 0 ? bare : encode(Math.max(0, room - PADDING_HEADER));
  return encodeTlsRecord(ContentType.handshake, hello.recordVersion, message);
}

function encodeExtension(
  each: HelloExtension,
  { serverName, keyShares }: HelloMaterial,
  padding: number | null,
): readonly TlsExtension[] {
  switch (each.extension) {
    case 'server_name':
      return serverName === null ? [] : [encodeServerName(serverName)];
    case 'supported_versions':
      return [encodeSupportedVersions(each.versions.map(tlsVersion))];
    case 'supported_groups':
      return [encodeSupportedGroups(each.groups.map(namedGroup))];
    case 'key_share':
      return [
        encodeKeyShares(
          each.groups.map((group) => ({
            group: named(NAMED_GROUPS, group),
            keyExchange: shareOf(keyShares, group),
          })),
        ),
      ];
    case 'signature_algorithms':
      return [encodeSignatureAlgorithms(each.schemes.map(signatureScheme))];
    case 'ec_point_formats':
      return [encodeEcPointFormats(each.formats.map(ecPointFormat))];
    case 'application_layer_protocol_negotiation':
      return [encodeProtocolNameList(each.names)];
    case 'extended_master_secret':
      return [encodeExtendedMasterSecret()];
    case 'encrypt_then_mac':
      return [encodeEncryptThenMac()];
    case 'session_ticket':
      return [encodeSessionTicket(new Uint8Array())];
    case 'renegotiation_info':
      return [encodeRenegotiationInfo()];
    case 'padding':
      return padding === null ? [] : [encodePadding(padding)];
    case 'other':
      return [{ type: extensionType(each.type), data: fromHex(each.data) }];
  }
}

function shareOf(keyShares: ReadonlyMap<number, Uint8Array>, group: number): Uint8Array {
  const share = keyShares.get(group);
  if (share === undefined) throw new RangeError(`there is no key share of group ${group}`);
  return share;
}
