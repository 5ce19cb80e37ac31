import { type AvPair, decodeAvPairs, encodeAvPairs, unicodeText } from './av-pair.js';
import { DecodeError } from './decode-error.js';
import { type Flags, flags, type NameTable } from './open-set.js';
import { Reader } from './reader.js';
import { encodeUtf16le } from './text.js';
import { Writer } from './writer.js';

/** NegotiateFlags, [MS-NLMP] 2.2.2.5. Reserved bits and the unnamed bit J (0x800) have no entry. */
export const NTLM_NEGOTIATE_FLAGS: NameTable = {
  1: 'NTLMSSP_NEGOTIATE_UNICODE',
  2: 'NTLM_NEGOTIATE_OEM',
  4: 'NTLMSSP_REQUEST_TARGET',
  16: 'NTLMSSP_NEGOTIATE_SIGN',
  32: 'NTLMSSP_NEGOTIATE_SEAL',
  64: 'NTLMSSP_NEGOTIATE_DATAGRAM',
  128: 'NTLMSSP_NEGOTIATE_LM_KEY',
  512: 'NTLMSSP_NEGOTIATE_NTLM',
  4096: 'NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED',
  8192: 'NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED',
  32768: 'NTLMSSP_NEGOTIATE_ALWAYS_SIGN',
  65536: 'NTLMSSP_TARGET_TYPE_DOMAIN',
  131072: 'NTLMSSP_TARGET_TYPE_SERVER',
  524288: 'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY',
  1048576: 'NTLMSSP_NEGOTIATE_IDENTIFY',
  4194304: 'NTLMSSP_REQUEST_NON_NT_SESSION_KEY',
  8388608: 'NTLMSSP_NEGOTIATE_TARGET_INFO',
  33554432: 'NTLMSSP_NEGOTIATE_VERSION',
  536870912: 'NTLMSSP_NEGOTIATE_128',
  1073741824: 'NTLMSSP_NEGOTIATE_KEY_EXCH',
  2147483648: 'NTLMSSP_NEGOTIATE_56',
};

export const NTLMSSP_NEGOTIATE_UNICODE = 0x00000001;
export const NTLMSSP_NEGOTIATE_SEAL = 0x00000020;
export const NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED = 0x00001000;
export const NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED = 0x00002000;
export const NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY = 0x00080000;
export const NTLMSSP_NEGOTIATE_TARGET_INFO = 0x00800000;
export const NTLMSSP_NEGOTIATE_VERSION = 0x02000000;
export const NTLMSSP_NEGOTIATE_128 = 0x20000000;
export const NTLMSSP_NEGOTIATE_KEY_EXCH = 0x40000000;
export const NTLMSSP_NEGOTIATE_56 = 0x80000000;

/**
 * VERSION, [MS-NLMP] 2.2.2.10: of Windows where the sender is Windows. FreeRDP 2 claims 6.1.7601 on
 * any system (our laboratory captures).
 */
export interface NtlmVersion {
  readonly productMajorVersion: number;
  readonly productMinorVersion: number;
  readonly productBuild: number;
  readonly ntlmRevisionCurrent: number;
}

/** NEGOTIATE_MESSAGE, [MS-NLMP] 2.2.1.1. */
export interface NegotiateMessage {
  readonly kind: 'negotiate';
  readonly negotiateFlags: Flags;
  readonly domainName: string | null;
  readonly workstationName: string | null;
  readonly version: NtlmVersion | null;
}

/** CHALLENGE_MESSAGE, [MS-NLMP] 2.2.1.2. */
export interface ChallengeMessage {
  readonly kind: 'challenge';
  readonly targetName: string | null;
  readonly negotiateFlags: Flags;
  readonly serverChallenge: Uint8Array;
  /** In the order they were sent, without the closing MsvAvEOL. */
  readonly targetInfo: readonly AvPair[];
  readonly version: NtlmVersion | null;
}

/**
 * AUTHENTICATE_MESSAGE, [MS-NLMP] 2.2.1.3.
 *
 * INVARIANT: the LM and NT responses, the session key and the MIC are never returned. The responses
 * can be attacked offline, and what is returned here may reach a report.
 */
export interface AuthenticateMessage {
  readonly kind: 'authenticate';
  readonly domainName: string;
  readonly userName: string;
  readonly workstation: string;
  readonly negotiateFlags: Flags;
  readonly version: NtlmVersion | null;
  readonly micPresent: boolean;
}

export type NtlmMessage = NegotiateMessage | ChallengeMessage | AuthenticateMessage;

/** "NTLMSSP" and a zero byte. */
export const NTLM_SIGNATURE = Uint8Array.of(0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00);
const NEGOTIATE = 1;
const CHALLENGE = 2;
export const NTLM_AUTHENTICATE = 3;

/** Where VERSION stands in a CHALLENGE_MESSAGE, and where MIC ends in an AUTHENTICATE_MESSAGE. */
const CHALLENGE_VERSION_AT = 48;
const AUTHENTICATE_MIC_END = 88;

/** Whether the bytes begin like an NTLM message. */
export function isNtlm(bytes: Uint8Array): boolean {
  return NTLM_SIGNATURE.every((octet, at) => bytes[at] === octet);
}

export function decodeNtlm(bytes: Uint8Array): NtlmMessage {
  const reader = new Reader(bytes);
  const signature = reader.bytes(NTLM_SIGNATURE.length, 'NTLM.Signature');
  if (!isNtlm(signature))
    throw reader.refuse('NTLM.Signature', 'is not NTLMSSP', NTLM_SIGNATURE.length);
  const messageType = reader.u32le('NTLM.MessageType');
  switch (messageType) {
    case NEGOTIATE:
      return decodeNegotiate(bytes, reader);
    case CHALLENGE:
      return decodeChallenge(bytes, reader);
    case NTLM_AUTHENTICATE:
      return decodeAuthenticate(bytes, reader);
    default:
      throw reader.refuse('NTLM.MessageType', `is ${messageType}, not 1, 2 or 3`, 4);
  }
}

/** Len, MaxLen and BufferOffset of a field in the payload, [MS-NLMP] 2.2.1. */
interface PayloadField {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A field whose bytes lie wholly inside the message, or DecodeError. */
function readPayloadField(message: Uint8Array, reader: Reader, name: string): PayloadField {
  const length = reader.u16le(`${name}Len`);
  reader.skip(2, `${name}MaxLen`);
  const offset = reader.u32le(`${name}BufferOffset`);
  // An empty field needs no place, and senders leave any offset with it.
  if (length > 0 && offset + length > message.length) {
    throw new DecodeError(
      name,
      reader.offset - 8,
      `ends at ${offset + length} of ${message.length}`,
    );
  }
  return { offset, bytes: message.subarray(offset, offset + length) };
}

/** The VERSION that follows when NTLMSSP_NEGOTIATE_VERSION is set; old systems leave it out. */
function readVersion(reader: Reader, negotiateFlags: number): NtlmVersion | null {
  if ((negotiateFlags & NTLMSSP_NEGOTIATE_VERSION) === 0) return null;
  const productMajorVersion = reader.u8('VERSION.ProductMajorVersion');
  const productMinorVersion = reader.u8('VERSION.ProductMinorVersion');
  const productBuild = reader.u16le('VERSION.ProductBuild');
  reader.skip(3, 'VERSION.Reserved');
  const ntlmRevisionCurrent = reader.u8('VERSION.NTLMRevisionCurrent');
  return { productMajorVersion, productMinorVersion, productBuild, ntlmRevisionCurrent };
}

/** Text in the character set the flags chose. */
function text(field: PayloadField, negotiateFlags: number, name: string): string {
  return negotiateFlags & NTLMSSP_NEGOTIATE_UNICODE
    ? unicodeText(field.bytes, name, field.offset)
    : oemText(field.bytes);
}

/** The sender's OEM code page is unknown here; all of them hold ASCII, the rest becomes U+FFFD. */
function oemText(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => (octet < 0x80 ? String.fromCharCode(octet) : '\ufffd')).join(
    '',
  );
}

function decodeNegotiate(message: Uint8Array, reader: Reader): NegotiateMessage {
  const negotiateFlags = reader.u32le('NEGOTIATE_MESSAGE.NegotiateFlags');
  const domain = readPayloadField(message, reader, 'NEGOTIATE_MESSAGE.DomainName');
  const workstation = readPayloadField(message, reader, 'NEGOTIATE_MESSAGE.Workstation');
  const version = readVersion(reader, negotiateFlags);
  return {
    kind: 'negotiate',
    negotiateFlags: flags(NTLM_NEGOTIATE_FLAGS, negotiateFlags),
    domainName:
      negotiateFlags & NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED ? oemText(domain.bytes) : null,
    workstationName:
      negotiateFlags & NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED
        ? oemText(workstation.bytes)
        : null,
    version,
  };
}

function decodeChallenge(message: Uint8Array, reader: Reader): ChallengeMessage {
  const target = readPayloadField(message, reader, 'CHALLENGE_MESSAGE.TargetName');
  const negotiateFlags = reader.u32le('CHALLENGE_MESSAGE.NegotiateFlags');
  const serverChallenge = reader.bytes(8, 'CHALLENGE_MESSAGE.ServerChallenge');
  reader.skip(8, 'CHALLENGE_MESSAGE.Reserved');
  const info = readPayloadField(message, reader, 'CHALLENGE_MESSAGE.TargetInfo');
  const version = readVersion(reader, negotiateFlags);
  const targetName = text(target, negotiateFlags, 'CHALLENGE_MESSAGE.TargetName');
  return {
    kind: 'challenge',
    targetName: target.bytes.length > 0 ? targetName : null,
    negotiateFlags: flags(NTLM_NEGOTIATE_FLAGS, negotiateFlags),
    serverChallenge,
    targetInfo: decodeAvPairs(info.bytes, info.offset),
    version,
  };
}

function decodeAuthenticate(message: Uint8Array, reader: Reader): AuthenticateMessage {
  const name = 'AUTHENTICATE_MESSAGE';
  const lm = readPayloadField(message, reader, `${name}.LmChallengeResponse`);
  const nt = readPayloadField(message, reader, `${name}.NtChallengeResponse`);
  const domain = readPayloadField(message, reader, `${name}.DomainName`);
  const user = readPayloadField(message, reader, `${name}.UserName`);
  const workstation = readPayloadField(message, reader, `${name}.Workstation`);
  const sessionKey = readPayloadField(message, reader, `${name}.EncryptedRandomSessionKey`);
  const negotiateFlags = reader.u32le(`${name}.NegotiateFlags`);
  const version = readVersion(reader, negotiateFlags);
  // The MIC has no flag: it is there when the payload leaves room for it after VERSION.
  const offsets = [lm, nt, domain, user, workstation, sessionKey]
    .filter((field) => field.bytes.length > 0)
    .map((field) => field.offset);
  const payloadStart = Math.min(message.length, ...offsets);
  return {
    kind: 'authenticate',
    domainName: text(domain, negotiateFlags, `${name}.DomainName`),
    userName: text(user, negotiateFlags, `${name}.UserName`),
    workstation: text(workstation, negotiateFlags, `${name}.Workstation`),
    negotiateFlags: flags(NTLM_NEGOTIATE_FLAGS, negotiateFlags),
    version,
    micPresent: payloadStart >= AUTHENTICATE_MIC_END,
  };
}

/** What the NTLM of a current Windows client puts into its NEGOTIATE_MESSAGE. */
export const WINDOWS_NEGOTIATE_FLAGS = 0xe20882b7;
export const WINDOWS_11_VERSION: NtlmVersion = {
  productMajorVersion: 10,
  productMinorVersion: 0,
  productBuild: 22631,
  ntlmRevisionCurrent: 15,
};

/** What to put into a NEGOTIATE_MESSAGE; whatever is left out is as a current Windows client has it. */
export interface NtlmNegotiateFields {
  readonly flags?: number;
  /** null leaves the field out, as some clients that are not Windows do. */
  readonly version?: NtlmVersion | null;
}

/** A NEGOTIATE_MESSAGE without domain and workstation, whose fields are all zero as Windows has it. */
export function encodeNtlmNegotiate(fields: NtlmNegotiateFields = {}): Uint8Array {
  const { flags: negotiateFlags = WINDOWS_NEGOTIATE_FLAGS, version = WINDOWS_11_VERSION } = fields;
  const writer = new Writer()
    .bytes(NTLM_SIGNATURE)
    .u32le(NEGOTIATE)
    .u32le(negotiateFlags)
    .zeros(16);
  return writer.bytes(encodeVersion(version)).finish();
}

export interface NtlmChallengeFields {
  readonly flags: number;
  /** Eight bytes. */
  readonly serverChallenge: Uint8Array;
  /** Sent as UTF-16LE: flags must hold NTLMSSP_NEGOTIATE_UNICODE. */
  readonly targetName: string;
  /** Without MsvAvEOL; null sends no list at all. */
  readonly targetInfo: readonly AvPair[] | null;
  readonly version: NtlmVersion | null;
}

/** A CHALLENGE_MESSAGE with the payload in the order of its fields. */
export function encodeNtlmChallenge(fields: NtlmChallengeFields): Uint8Array {
  if (fields.serverChallenge.length !== 8) throw new RangeError('serverChallenge has not 8 bytes');
  const version = encodeVersion(fields.version);
  const target = encodeUtf16le(fields.targetName);
  const info = fields.targetInfo === null ? new Uint8Array() : encodeAvPairs(fields.targetInfo);
  const payload = CHALLENGE_VERSION_AT + version.length;
  return new Writer()
    .bytes(NTLM_SIGNATURE)
    .u32le(CHALLENGE)
    .bytes(encodePayloadField(target, payload))
    .u32le(fields.flags)
    .bytes(fields.serverChallenge)
    .zeros(8)
    .bytes(encodePayloadField(info, payload + target.length))
    .bytes(version)
    .bytes(target)
    .bytes(info)
    .finish();
}

/** Len, MaxLen and BufferOffset of a field, [MS-NLMP] 2.2.1. */
export function encodePayloadField(value: Uint8Array, offset: number): Uint8Array {
  return new Writer().u16le(value.length).u16le(value.length).u32le(offset).finish();
}

export function encodeVersion(version: NtlmVersion | null): Uint8Array {
  if (version === null) return new Uint8Array();
  return new Writer()
    .u8(version.productMajorVersion)
    .u8(version.productMinorVersion)
    .u16le(version.productBuild)
    .zeros(3)
    .u8(version.ntlmRevisionCurrent)
    .finish();
}

/** `10.0.20348`: how Windows writes its version. */
export function productVersion(version: NtlmVersion): string {
  const { productMajorVersion, productMinorVersion, productBuild } = version;
  return `${productMajorVersion}.${productMinorVersion}.${productBuild}`;
}
