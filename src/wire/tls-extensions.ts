import type { Named } from './open-set.js';
import { Reader } from './reader.js';
import type { ClientHello, ServerHello, TlsExtension } from './tls-handshake.js';
import {
  ExtensionType,
  ecPointFormat,
  extensionType,
  isGrease,
  namedGroup,
  signatureScheme,
  tlsVersion,
} from './tls-names.js';
import { Writer } from './writer.js';

/**
 * Every decoder here takes the extensions of one message and answers null when its extension is not
 * among them. Contents that cannot be are a DecodeError, with offsets inside the extension's data.
 * Every length is bounded by the extension's own, which is 65,535 at most.
 */
export type Extensions = readonly TlsExtension[] | null;

/** KeyShareEntry, RFC 8446 section 4.2.8, without the key itself. */
export interface KeyShareEntry {
  readonly group: Named;
  /** Bytes of key_exchange. */
  readonly length: number;
}

/** The first extension of a type: a message must not hold two. */
export function findExtension(extensions: Extensions, type: number): TlsExtension | null {
  return extensions?.find((extension) => extension.type.value === type) ?? null;
}

export function hasExtension(extensions: Extensions, type: number): boolean {
  return findExtension(extensions, type) !== null;
}

function read<T>(extensions: Extensions, type: number, contents: (reader: Reader) => T): T | null {
  const extension = findExtension(extensions, type);
  if (extension === null) return null;
  const reader = new Reader(extension.data);
  const value = contents(reader);
  reader.end(extension.type.name ?? 'Extension');
  return value;
}

/** A list of two-byte numbers behind a two-byte length. */
function readNumbers(reader: Reader, field: string, name: (value: number) => Named): Named[] {
  const list = reader.carve(reader.u16be(field), field);
  const values: Named[] = [];
  while (list.remaining > 0) values.push(name(list.u16be(field)));
  return values;
}

function extension(type: number, data: Writer): TlsExtension {
  return { type: extensionType(type), data: data.finish() };
}

function encodeNumbers(type: number, values: readonly Named[]): TlsExtension {
  const writer = new Writer().u16be(2 * values.length);
  for (const { value } of values) writer.u16be(value);
  return extension(type, writer);
}

/** NameType host_name, RFC 6066 section 3. */
const HOST_NAME = 0;

/**
 * server_name of a client, RFC 6066 section 3: the first host_name. Null also when the list holds
 * names of other types only, and for the empty extension by which a server says that it used it.
 * Bytes outside ASCII become the Latin-1 characters of their numbers.
 */
export function decodeServerName(extensions: Extensions): string | null {
  return read(extensions, ExtensionType.server_name, (reader) => {
    if (reader.remaining === 0) return null;
    const list = reader.carve(reader.u16be('ServerNameList'), 'ServerNameList');
    let hostName: string | null = null;
    while (list.remaining > 0) {
      const type = list.u8('ServerName.name_type');
      const name = list.bytes(list.u16be('ServerName.name'), 'ServerName.name');
      if (type === HOST_NAME) hostName ??= Buffer.from(name).toString('latin1');
    }
    return hostName;
  });
}

export function encodeServerName(hostName: string): TlsExtension {
  const name = Buffer.from(hostName, 'latin1');
  const list = new Writer().u8(HOST_NAME).u16be(name.length).bytes(name).finish();
  return extension(ExtensionType.server_name, new Writer().u16be(list.length).bytes(list));
}

/** supported_versions of a ClientHello, RFC 8446 section 4.2.1: in order, GREASE included. */
export function decodeSupportedVersions(extensions: Extensions): Named[] | null {
  return read(extensions, ExtensionType.supported_versions, (reader) => {
    const field = 'SupportedVersions.versions';
    const list = reader.carve(reader.u8(field), field);
    const versions: Named[] = [];
    while (list.remaining > 0) versions.push(tlsVersion(list.u16be(field)));
    return versions;
  });
}

export function encodeSupportedVersions(versions: readonly Named[]): TlsExtension {
  const writer = new Writer().u8(2 * versions.length);
  for (const { value } of versions) writer.u16be(value);
  return extension(ExtensionType.supported_versions, writer);
}

/** supported_versions of a ServerHello or HelloRetryRequest, RFC 8446 section 4.2.1. */
export function decodeSelectedVersion(extensions: Extensions): Named | null {
  return read(extensions, ExtensionType.supported_versions, (reader) =>
    tlsVersion(reader.u16be('SupportedVersions.selected_version')),
  );
}

export function encodeSelectedVersion(version: Named): TlsExtension {
  return extension(ExtensionType.supported_versions, new Writer().u16be(version.value));
}

/** supported_groups, RFC 8446 section 4.2.7: of a client, or of a server's EncryptedExtensions. */
export function decodeSupportedGroups(extensions: Extensions): Named[] | null {
  return read(extensions, ExtensionType.supported_groups, (reader) =>
    readNumbers(reader, 'NamedGroupList.named_group_list', namedGroup),
  );
}

export function encodeSupportedGroups(groups: readonly Named[]): TlsExtension {
  return encodeNumbers(ExtensionType.supported_groups, groups);
}

/** signature_algorithms, RFC 8446 section 4.2.3. */
export function decodeSignatureAlgorithms(extensions: Extensions): Named[] | null {
  return read(extensions, ExtensionType.signature_algorithms, (reader) =>
    readNumbers(reader, 'SignatureSchemeList.supported_signature_algorithms', signatureScheme),
  );
}

export function encodeSignatureAlgorithms(schemes: readonly Named[]): TlsExtension {
  return encodeNumbers(ExtensionType.signature_algorithms, schemes);
}

function readKeyShareEntry(reader: Reader): KeyShareEntry {
  const group = namedGroup(reader.u16be('KeyShareEntry.group'));
  const length = reader.u16be('KeyShareEntry.key_exchange');
  reader.skip(length, 'KeyShareEntry.key_exchange');
  return { group, length };
}

/** key_share of a ClientHello, RFC 8446 section 4.2.8; an empty list asks for a HelloRetryRequest. */
export function decodeKeyShares(extensions: Extensions): KeyShareEntry[] | null {
  return read(extensions, ExtensionType.key_share, (reader) => {
    const field = 'KeyShareClientHello.client_shares';
    const list = reader.carve(reader.u16be(field), field);
    const shares: KeyShareEntry[] = [];
    while (list.remaining > 0) shares.push(readKeyShareEntry(list));
    return shares;
  });
}

export function encodeKeyShares(
  shares: readonly { readonly group: Named; readonly keyExchange: Uint8Array }[],
): TlsExtension {
  const list = new Writer();
  for (const { group, keyExchange } of shares) {
    list.u16be(group.value).u16be(keyExchange.length).bytes(keyExchange);
  }
  return extension(ExtensionType.key_share, new Writer().u16be(list.length).bytes(list.finish()));
}

/** key_share of a ServerHello, RFC 8446 section 4.2.8. */
export function decodeServerKeyShare(extensions: Extensions): KeyShareEntry | null {
  return read(extensions, ExtensionType.key_share, readKeyShareEntry);
}

/** key_share of a HelloRetryRequest, RFC 8446 section 4.2.8: the group that the server wants. */
export function decodeSelectedGroup(extensions: Extensions): Named | null {
  return read(extensions, ExtensionType.key_share, (reader) =>
    namedGroup(reader.u16be('KeyShareHelloRetryRequest.selected_group')),
  );
}

/**
 * application_layer_protocol_negotiation, RFC 7301 section 3.1: a client's list, or the one name
 * that the server chose. One character for each byte, so that nothing is lost.
 */
export function decodeProtocolNameList(extensions: Extensions): string[] | null {
  return read(extensions, ExtensionType.application_layer_protocol_negotiation, (reader) => {
    const list = reader.carve(reader.u16be('ProtocolNameList'), 'ProtocolNameList');
    const names: string[] = [];
    while (list.remaining > 0) {
      const name = list.bytes(list.u8('ProtocolName'), 'ProtocolName');
      names.push(Buffer.from(name).toString('latin1'));
    }
    return names;
  });
}

export function encodeProtocolNameList(names: readonly string[]): TlsExtension {
  const list = new Writer();
  for (const name of names) {
    const bytes = Buffer.from(name, 'latin1');
    list.u8(bytes.length).bytes(bytes);
  }
  return extension(
    ExtensionType.application_layer_protocol_negotiation,
    new Writer().u16be(list.length).bytes(list.finish()),
  );
}

/** ec_point_formats, RFC 8422 section 5.1.2. */
export function decodeEcPointFormats(extensions: Extensions): Named[] | null {
  return read(extensions, ExtensionType.ec_point_formats, (reader) => {
    const field = 'ECPointFormatList.ec_point_format_list';
    return Array.from(reader.bytes(reader.u8(field), field), (format) => ecPointFormat(format));
  });
}

export function encodeEcPointFormats(formats: readonly Named[]): TlsExtension {
  const writer = new Writer().u8(formats.length);
  for (const { value } of formats) writer.u8(value);
  return extension(ExtensionType.ec_point_formats, writer);
}

/** extended_master_secret, RFC 7627 section 5.1. */
export function hasExtendedMasterSecret(extensions: Extensions): boolean {
  return hasExtension(extensions, ExtensionType.extended_master_secret);
}

export function encodeExtendedMasterSecret(): TlsExtension {
  return extension(ExtensionType.extended_master_secret, new Writer());
}

/** encrypt_then_mac, RFC 7366 section 2. */
export function hasEncryptThenMac(extensions: Extensions): boolean {
  return hasExtension(extensions, ExtensionType.encrypt_then_mac);
}

export function encodeEncryptThenMac(): TlsExtension {
  return extension(ExtensionType.encrypt_then_mac, new Writer());
}

/** renegotiation_info, RFC 5746 section 3.2; a client may offer the SCSV 0x00ff in its place. */
export function hasRenegotiationInfo(extensions: Extensions): boolean {
  return hasExtension(extensions, ExtensionType.renegotiation_info);
}

/** renegotiation_info of a first handshake: an empty renegotiated_connection. */
export function encodeRenegotiationInfo(): TlsExtension {
  return extension(ExtensionType.renegotiation_info, new Writer().u8(0));
}

/** padding, RFC 7685 section 3: how many bytes. Their values are not checked. */
export function decodePaddingLength(extensions: Extensions): number | null {
  return findExtension(extensions, ExtensionType.padding)?.data.length ?? null;
}

export function encodePadding(length: number): TlsExtension {
  return extension(ExtensionType.padding, new Writer().zeros(length));
}

/** session_ticket, RFC 5077 section 3.2: bytes of the ticket; 0 only says that tickets are known. */
export function decodeSessionTicketLength(extensions: Extensions): number | null {
  return findExtension(extensions, ExtensionType.session_ticket)?.data.length ?? null;
}

export function encodeSessionTicket(ticket: Uint8Array): TlsExtension {
  return extension(ExtensionType.session_ticket, new Writer().bytes(ticket));
}

/**
 * The version that a ServerHello settles on, RFC 8446 section 4.2.1: supported_versions decides
 * where it is present.
 *
 * @throws DecodeError
 */
export function negotiatedVersion(serverHello: ServerHello): Named {
  return decodeSelectedVersion(serverHello.extensions) ?? serverHello.legacyVersion;
}

/**
 * The versions that a ClientHello names, in its order and without GREASE. Without supported_versions
 * that is legacy_version alone, which means it and every older version that the client still speaks.
 *
 * @throws DecodeError
 */
export function offeredVersions(clientHello: ClientHello): Named[] {
  const versions = decodeSupportedVersions(clientHello.extensions);
  if (versions === null) return [clientHello.legacyVersion];
  return versions.filter(({ value }) => !isGrease(value));
}
