import { type Frame, NEED_MORE } from './framing.js';
import { type Flags, flags, type Named, named } from './open-set.js';
import { Reader } from './reader.js';
import { decodeUtf16le, encodeUtf16le } from './text.js';
import {
  EXTENDED_AUTH,
  gatewayCode,
  PACKET_TYPES,
  PKT_TYPE_CHANNEL_CREATE,
  PKT_TYPE_CHANNEL_RESPONSE,
  PKT_TYPE_CLOSE_CHANNEL,
  PKT_TYPE_CLOSE_CHANNEL_RESPONSE,
  PKT_TYPE_DATA,
  PKT_TYPE_EXTENDED_AUTH_MSG,
  PKT_TYPE_HANDSHAKE_REQUEST,
  PKT_TYPE_HANDSHAKE_RESPONSE,
  PKT_TYPE_KEEPALIVE,
  PKT_TYPE_REAUTH_MESSAGE,
  PKT_TYPE_SERVICE_MESSAGE,
  PKT_TYPE_TUNNEL_AUTH,
  PKT_TYPE_TUNNEL_AUTH_RESPONSE,
  PKT_TYPE_TUNNEL_CREATE,
  PKT_TYPE_TUNNEL_RESPONSE,
  TUNNEL_CAPABILITIES,
  TUNNEL_REDIRECTIONS,
} from './tsgu-names.js';
import { Writer } from './writer.js';

/** HTTP_PACKET_HEADER, [MS-TSGU] 2.2.10.9: type, reserved, length with this header. */
export const TSGU_HEADER_LENGTH = 8;

/**
 * The longest packets are those of data, whose length has 16 bits, and a service message or a
 * statement of health with its own 16 bits of length beside a few fixed fields.
 */
export const MAX_TSGU_PACKET = TSGU_HEADER_LENGTH + 65_536 + 256;

/** The most bytes that one data packet carries, [MS-TSGU] 2.2.10.6. */
export const MAX_TSGU_DATA = 65_535;

/**
 * One packet of the HTTP transport, [MS-TSGU] 2.2.10.
 *
 * INVARIANT: cookies, statements of health and authentication blobs are never returned, only whether
 * they were there: what is returned here may reach a report.
 */
export type TsguPacket =
  | {
      readonly kind: 'handshake-request';
      readonly version: string;
      readonly extendedAuth: Flags;
    }
  | {
      readonly kind: 'handshake-response';
      readonly errorCode: Named;
      readonly version: string;
      readonly serverVersion: number;
      readonly extendedAuth: Flags;
    }
  | { readonly kind: 'extended-auth'; readonly errorCode: Named }
  | {
      readonly kind: 'tunnel-create';
      readonly capabilities: Flags;
      readonly paaCookie: boolean;
    }
  | {
      readonly kind: 'tunnel-response';
      readonly serverVersion: number;
      readonly statusCode: Named;
      readonly tunnelId: number | null;
      readonly capabilities: Flags | null;
      readonly quarantine: boolean;
      /** what the user has to agree to */
      readonly consentMessage: string | null;
    }
  | { readonly kind: 'tunnel-auth'; readonly clientName: string }
  | {
      readonly kind: 'tunnel-auth-response';
      readonly errorCode: Named;
      readonly redirections: Flags | null;
      /** minutes */
      readonly idleTimeout: number | null;
    }
  | {
      readonly kind: 'channel-create';
      readonly resources: readonly string[];
      readonly alternatives: readonly string[];
      readonly port: number;
      readonly protocol: number;
    }
  | {
      readonly kind: 'channel-response';
      readonly errorCode: Named;
      readonly channelId: number | null;
      readonly udpPort: number | null;
      readonly authnCookie: boolean;
    }
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'service-message'; readonly text: string }
  | { readonly kind: 'reauth' }
  | { readonly kind: 'keepalive' }
  | { readonly kind: 'close-channel'; readonly statusCode: Named }
  | { readonly kind: 'close-channel-response'; readonly statusCode: Named }
  | { readonly kind: 'unknown'; readonly packetType: Named; readonly bytes: number };

/**
 * Length of the packet that starts here, its header included.
 *
 * @throws DecodeError for a length that no packet has
 */
export function frameTsguPacket(bytes: Uint8Array): Frame {
  if (bytes.length < TSGU_HEADER_LENGTH) return NEED_MORE;
  const { length } = readHeader(new Reader(bytes));
  return bytes.length < length ? NEED_MORE : { kind: 'frame', length };
}

function readHeader(reader: Reader): { readonly packetType: Named; readonly length: number } {
  const packetType = named(PACKET_TYPES, reader.u16le('HTTP_PACKET_HEADER.packetType'));
  reader.skip(2, 'HTTP_PACKET_HEADER.reserved');
  const length = reader.u32le('HTTP_PACKET_HEADER.packetLength');
  if (length < TSGU_HEADER_LENGTH || length > MAX_TSGU_PACKET) {
    throw reader.refuse('HTTP_PACKET_HEADER.packetLength', `is ${length}`, 4);
  }
  return { packetType, length };
}

/**
 * Bytes behind the fields that are known are let through: gateways differ in what they add.
 *
 * @param bytes exactly one packet, as frameTsguPacket delimits it
 */
export function decodeTsguPacket(bytes: Uint8Array): TsguPacket {
  const reader = new Reader(bytes);
  const { packetType, length } = readHeader(reader);
  if (length !== bytes.length) {
    throw reader.refuse('HTTP_PACKET_HEADER.packetLength', `is ${length} of ${bytes.length}`, 4);
  }
  switch (packetType.value) {
    case PKT_TYPE_HANDSHAKE_REQUEST:
      return readHandshakeRequest(reader);
    case PKT_TYPE_HANDSHAKE_RESPONSE:
      return readHandshakeResponse(reader);
    case PKT_TYPE_EXTENDED_AUTH_MSG:
      return { kind: 'extended-auth', errorCode: code(reader, 'HTTP_EXTENDED_AUTH_PACKET') };
    case PKT_TYPE_TUNNEL_CREATE:
      return readTunnelCreate(reader);
    case PKT_TYPE_TUNNEL_RESPONSE:
      return readTunnelResponse(reader);
    case PKT_TYPE_TUNNEL_AUTH:
      return readTunnelAuth(reader);
    case PKT_TYPE_TUNNEL_AUTH_RESPONSE:
      return readTunnelAuthResponse(reader);
    case PKT_TYPE_CHANNEL_CREATE:
      return readChannelCreate(reader);
    case PKT_TYPE_CHANNEL_RESPONSE:
      return readChannelResponse(reader);
    case PKT_TYPE_DATA:
      return { kind: 'data', data: blob(reader, 'HTTP_DATA_PACKET.data') };
    case PKT_TYPE_SERVICE_MESSAGE:
      return { kind: 'service-message', text: unicode(reader, 'HTTP_SERVICE_MESSAGE') };
    case PKT_TYPE_REAUTH_MESSAGE:
      reader.skip(8, 'HTTP_REAUTH_MESSAGE.reauthTunnelContext');
      return { kind: 'reauth' };
    case PKT_TYPE_KEEPALIVE:
      return { kind: 'keepalive' };
    case PKT_TYPE_CLOSE_CHANNEL:
      return { kind: 'close-channel', statusCode: code(reader, 'HTTP_CLOSE_PACKET') };
    case PKT_TYPE_CLOSE_CHANNEL_RESPONSE:
      return { kind: 'close-channel-response', statusCode: code(reader, 'HTTP_CLOSE_PACKET') };
    default:
      return { kind: 'unknown', packetType, bytes: reader.remaining };
  }
}

function code(reader: Reader, structure: string): Named {
  return gatewayCode(reader.u32le(`${structure}.errorCode`));
}

function version(reader: Reader, structure: string): string {
  const major = reader.u8(`${structure}.verMajor`);
  return `${major}.${reader.u8(`${structure}.verMinor`)}`;
}

/** HTTP_byte_BLOB, [MS-TSGU] 2.2.10.1. */
function blob(reader: Reader, field: string): Uint8Array {
  return reader.bytes(reader.u16le(`${field} (length)`), field);
}

/** HTTP_UNICODE_STRING, [MS-TSGU] 2.2.10.22: with or without a zero at its end. */
function unicode(reader: Reader, field: string): string {
  const bytes = blob(reader, field);
  if (bytes.length % 2 !== 0) throw reader.refuse(field, `has ${bytes.length} bytes of UTF-16`);
  return decodeUtf16le(bytes).replace(/\0+$/, '');
}

function readHandshakeRequest(reader: Reader): TsguPacket {
  const name = 'HTTP_HANDSHAKE_REQUEST_PACKET';
  const spoken = version(reader, name);
  reader.skip(2, `${name}.clientVersion`);
  const extendedAuth = flags(EXTENDED_AUTH, reader.u16le(`${name}.extendedAuth`));
  return { kind: 'handshake-request', version: spoken, extendedAuth };
}

function readHandshakeResponse(reader: Reader): TsguPacket {
  const name = 'HTTP_HANDSHAKE_RESPONSE_PACKET';
  const errorCode = code(reader, name);
  const spoken = version(reader, name);
  const serverVersion = reader.u16le(`${name}.serverVersion`);
  const extendedAuth = flags(EXTENDED_AUTH, reader.u16le(`${name}.extendedAuth`));
  return { kind: 'handshake-response', errorCode, version: spoken, serverVersion, extendedAuth };
}

const TUNNEL_PACKET_FIELD_PAA_COOKIE = 0x1;

function readTunnelCreate(reader: Reader): TsguPacket {
  const name = 'HTTP_TUNNEL_PACKET';
  const capabilities = flags(TUNNEL_CAPABILITIES, reader.u32le(`${name}.capsFlags`));
  const present = reader.u16le(`${name}.fieldsPresent`);
  reader.skip(2, `${name}.reserved`);
  const paaCookie = (present & TUNNEL_PACKET_FIELD_PAA_COOKIE) !== 0;
  return { kind: 'tunnel-create', capabilities, paaCookie };
}

const TUNNEL_RESPONSE_FIELD_TUNNEL_ID = 0x1;
const TUNNEL_RESPONSE_FIELD_CAPS = 0x2;
const TUNNEL_RESPONSE_FIELD_SOH_REQ = 0x4;
const TUNNEL_RESPONSE_FIELD_CONSENT_MSG = 0x10;
const NONCE_LENGTH = 16;

/** HTTP_TUNNEL_RESPONSE and its optional part, [MS-TSGU] 2.2.10.20 and 2.2.10.21. */
function readTunnelResponse(reader: Reader): TsguPacket {
  const name = 'HTTP_TUNNEL_RESPONSE';
  const serverVersion = reader.u16le(`${name}.serverVersion`);
  const statusCode = code(reader, name);
  const present = reader.u16le(`${name}.fieldsPresent`);
  reader.skip(2, `${name}.reserved`);
  const has = (field: number): boolean => (present & field) !== 0;
  const tunnelId = has(TUNNEL_RESPONSE_FIELD_TUNNEL_ID) ? reader.u32le(`${name}.tunnelId`) : null;
  const capabilities = has(TUNNEL_RESPONSE_FIELD_CAPS)
    ? flags(TUNNEL_CAPABILITIES, reader.u32le(`${name}.capsFlags`))
    : null;
  const quarantine = has(TUNNEL_RESPONSE_FIELD_SOH_REQ);
  if (quarantine) {
    reader.skip(NONCE_LENGTH, `${name}.nonce`);
    unicode(reader, `${name}.serverCert`);
  }
  const consentMessage = has(TUNNEL_RESPONSE_FIELD_CONSENT_MSG)
    ? unicode(reader, `${name}.consentMsg`)
    : null;
  return {
    kind: 'tunnel-response',
    serverVersion,
    statusCode,
    tunnelId,
    capabilities,
    quarantine,
    consentMessage,
  };
}

/** HTTP_TUNNEL_AUTH_PACKET, [MS-TSGU] 2.2.10.14. */
function readTunnelAuth(reader: Reader): TsguPacket {
  reader.skip(2, 'HTTP_TUNNEL_AUTH_PACKET.fieldsPresent');
  return { kind: 'tunnel-auth', clientName: unicode(reader, 'HTTP_TUNNEL_AUTH_PACKET.clientName') };
}

const TUNNEL_AUTH_RESPONSE_FIELD_REDIR_FLAGS = 0x1;
const TUNNEL_AUTH_RESPONSE_FIELD_IDLE_TIMEOUT = 0x2;

function readTunnelAuthResponse(reader: Reader): TsguPacket {
  const name = 'HTTP_TUNNEL_AUTH_RESPONSE';
  const errorCode = code(reader, name);
  const present = reader.u16le(`${name}.fieldsPresent`);
  reader.skip(2, `${name}.reserved`);
  const has = (field: number): boolean => (present & field) !== 0;
  return {
    kind: 'tunnel-auth-response',
    errorCode,
    redirections: has(TUNNEL_AUTH_RESPONSE_FIELD_REDIR_FLAGS)
      ? flags(TUNNEL_REDIRECTIONS, reader.u32le(`${name}.redirFlags`))
      : null,
    idleTimeout: has(TUNNEL_AUTH_RESPONSE_FIELD_IDLE_TIMEOUT)
      ? reader.u32le(`${name}.idleTimeout`)
      : null,
  };
}

function readChannelCreate(reader: Reader): TsguPacket {
  const name = 'HTTP_CHANNEL_PACKET';
  const count = reader.u8(`${name}.numResources`);
  const alternativeCount = reader.u8(`${name}.numAltResources`);
  const port = reader.u16le(`${name}.port`);
  const protocol = reader.u16le(`${name}.protocol`);
  const names = (many: number, field: string): string[] =>
    Array.from({ length: many }, () => unicode(reader, field));
  return {
    kind: 'channel-create',
    resources: names(count, `${name}.resource`),
    alternatives: names(alternativeCount, `${name}.altResource`),
    port,
    protocol,
  };
}

const CHANNEL_RESPONSE_FIELD_CHANNELID = 0x1;
const CHANNEL_RESPONSE_FIELD_AUTHNCOOKIE = 0x2;
const CHANNEL_RESPONSE_FIELD_UDPPORT = 0x4;

/** HTTP_CHANNEL_RESPONSE and its optional part, [MS-TSGU] 2.2.10.4 and 2.2.10.5. */
function readChannelResponse(reader: Reader): TsguPacket {
  const name = 'HTTP_CHANNEL_RESPONSE';
  const errorCode = code(reader, name);
  const present = reader.u16le(`${name}.fieldsPresent`);
  reader.skip(2, `${name}.reserved`);
  const has = (field: number): boolean => (present & field) !== 0;
  return {
    kind: 'channel-response',
    errorCode,
    channelId: has(CHANNEL_RESPONSE_FIELD_CHANNELID) ? reader.u32le(`${name}.channelId`) : null,
    udpPort: has(CHANNEL_RESPONSE_FIELD_UDPPORT) ? reader.u16le(`${name}.udpPort`) : null,
    authnCookie: has(CHANNEL_RESPONSE_FIELD_AUTHNCOOKIE),
  };
}

function packet(type: number, body: Uint8Array): Uint8Array {
  return new Writer()
    .u16le(type)
    .u16le(0)
    .u32le(TSGU_HEADER_LENGTH + body.length)
    .bytes(body)
    .finish();
}

/** Ends with a zero, as Windows and FreeRDP send it. */
function encodeUnicode(text: string): Uint8Array {
  const bytes = encodeUtf16le(`${text}\0`);
  return new Writer().u16le(bytes.length).bytes(bytes).finish();
}

/** Version 1.0. @param extendedAuth 0: HTTP itself authenticates, as with NTLM in its fields */
export function encodeHandshakeRequest(extendedAuth: number): Uint8Array {
  return packet(
    PKT_TYPE_HANDSHAKE_REQUEST,
    new Writer().u8(1).u8(0).u16le(0).u16le(extendedAuth).finish(),
  );
}

export function encodeTunnelCreate(capabilities: number): Uint8Array {
  return packet(
    PKT_TYPE_TUNNEL_CREATE,
    new Writer().u32le(capabilities).u16le(0).u16le(0).finish(),
  );
}

/** @param clientName name of this machine, which the gateway's policies and log see */
export function encodeTunnelAuth(clientName: string): Uint8Array {
  return packet(
    PKT_TYPE_TUNNEL_AUTH,
    new Writer().u16le(0).bytes(encodeUnicode(clientName)).finish(),
  );
}

/** [MS-TSGU] 2.2.10.2: the protocol number of TCP connections to a terminal server is 3. */
const PROTOCOL_RDP = 3;

export function encodeChannelCreate(host: string, port: number): Uint8Array {
  return packet(
    PKT_TYPE_CHANNEL_CREATE,
    new Writer().u8(1).u8(0).u16le(port).u16le(PROTOCOL_RDP).bytes(encodeUnicode(host)).finish(),
  );
}

/** @throws RangeError for more than MAX_TSGU_DATA bytes */
export function encodeTsguData(data: Uint8Array): Uint8Array {
  return packet(PKT_TYPE_DATA, new Writer().u16le(data.length).bytes(data).finish());
}

export function encodeKeepalive(): Uint8Array {
  return packet(PKT_TYPE_KEEPALIVE, new Uint8Array());
}

export function encodeCloseChannel(statusCode: number): Uint8Array {
  return packet(PKT_TYPE_CLOSE_CHANNEL, new Writer().u32le(statusCode).finish());
}
