import { type Flags, flags, type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';
import { encodeTpkt } from './tpkt.js';
import { concat, Writer } from './writer.js';
import {
  encodeX224ConnectionConfirm,
  encodeX224ConnectionRequest,
  X224_MAX_VARIABLE_LENGTH,
} from './x224.js';

const TYPE_RDP_NEG_REQ = 0x01;
const TYPE_RDP_NEG_RSP = 0x02;
const TYPE_RDP_NEG_FAILURE = 0x03;
const TYPE_RDP_CORRELATION_INFO = 0x06;

/** Length field of RDP_NEG_REQ, RDP_NEG_RSP and RDP_NEG_FAILURE: it counts the whole structure. */
const NEGOTIATION_LENGTH = 8;
const CORRELATION_INFO_LENGTH = 36;

/** Standard RDP Security. Zero: the absence of every bit, which no mask can test. */
export const PROTOCOL_RDP = 0x00;
export const PROTOCOL_SSL = 0x01;
export const PROTOCOL_HYBRID = 0x02;
export const PROTOCOL_RDSTLS = 0x04;
export const PROTOCOL_HYBRID_EX = 0x08;
export const PROTOCOL_RDSAAD = 0x10;

/** requestedProtocols (a mask), [MS-RDPBCGR] 2.2.1.1.1; selectedProtocol (one value), 2.2.1.2.1. */
export const PROTOCOLS: NameTable = {
  [PROTOCOL_RDP]: 'PROTOCOL_RDP',
  [PROTOCOL_SSL]: 'PROTOCOL_SSL',
  [PROTOCOL_HYBRID]: 'PROTOCOL_HYBRID',
  [PROTOCOL_RDSTLS]: 'PROTOCOL_RDSTLS',
  [PROTOCOL_HYBRID_EX]: 'PROTOCOL_HYBRID_EX',
  [PROTOCOL_RDSAAD]: 'PROTOCOL_RDSAAD',
};

export const RESTRICTED_ADMIN_MODE_REQUIRED = 0x01;
export const REDIRECTED_AUTHENTICATION_MODE_REQUIRED = 0x02;
export const CORRELATION_INFO_PRESENT = 0x08;

/** RDP_NEG_REQ.flags, [MS-RDPBCGR] 2.2.1.1.1. */
export const REQUEST_FLAGS: NameTable = {
  [RESTRICTED_ADMIN_MODE_REQUIRED]: 'RESTRICTED_ADMIN_MODE_REQUIRED',
  [REDIRECTED_AUTHENTICATION_MODE_REQUIRED]: 'REDIRECTED_AUTHENTICATION_MODE_REQUIRED',
  [CORRELATION_INFO_PRESENT]: 'CORRELATION_INFO_PRESENT',
};

export const EXTENDED_CLIENT_DATA_SUPPORTED = 0x01;
export const DYNVC_GFX_PROTOCOL_SUPPORTED = 0x02;
export const NEGRSP_FLAG_RESERVED = 0x04;
export const RESTRICTED_ADMIN_MODE_SUPPORTED = 0x08;
export const REDIRECTED_AUTHENTICATION_MODE_SUPPORTED = 0x10;

/** RDP_NEG_RSP.flags, [MS-RDPBCGR] 2.2.1.2.1. */
export const RESPONSE_FLAGS: NameTable = {
  [EXTENDED_CLIENT_DATA_SUPPORTED]: 'EXTENDED_CLIENT_DATA_SUPPORTED',
  [DYNVC_GFX_PROTOCOL_SUPPORTED]: 'DYNVC_GFX_PROTOCOL_SUPPORTED',
  [NEGRSP_FLAG_RESERVED]: 'NEGRSP_FLAG_RESERVED',
  [RESTRICTED_ADMIN_MODE_SUPPORTED]: 'RESTRICTED_ADMIN_MODE_SUPPORTED',
  [REDIRECTED_AUTHENTICATION_MODE_SUPPORTED]: 'REDIRECTED_AUTHENTICATION_MODE_SUPPORTED',
};

export const SSL_REQUIRED_BY_SERVER = 0x01;
export const SSL_NOT_ALLOWED_BY_SERVER = 0x02;
export const SSL_CERT_NOT_ON_SERVER = 0x03;
export const INCONSISTENT_FLAGS = 0x04;
export const HYBRID_REQUIRED_BY_SERVER = 0x05;
export const SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER = 0x06;

/** RDP_NEG_FAILURE.failureCode, [MS-RDPBCGR] 2.2.1.2.2. */
export const FAILURE_CODES: NameTable = {
  [SSL_REQUIRED_BY_SERVER]: 'SSL_REQUIRED_BY_SERVER',
  [SSL_NOT_ALLOWED_BY_SERVER]: 'SSL_NOT_ALLOWED_BY_SERVER',
  [SSL_CERT_NOT_ON_SERVER]: 'SSL_CERT_NOT_ON_SERVER',
  [INCONSISTENT_FLAGS]: 'INCONSISTENT_FLAGS',
  [HYBRID_REQUIRED_BY_SERVER]: 'HYBRID_REQUIRED_BY_SERVER',
  [SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER]: 'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER',
};

/** RDP_NEG_FAILURE has a flags field and no flag. */
const NO_FLAGS: NameTable = {};

const COOKIE_PREFIX = 'Cookie: ';
/** A load balancer's token looks like a cookie too; the word after the prefix tells them apart. */
const ROUTING_COOKIE_PREFIX = 'Cookie: msts=';
const LINE_END_LENGTH = 2;

/** Longest routing token, without its CR LF, beside an RDP_NEG_REQ and no correlation info. */
export const MAX_ROUTING_TOKEN_LENGTH =
  X224_MAX_VARIABLE_LENGTH - NEGOTIATION_LENGTH - LINE_END_LENGTH;

/** Longest cookie (`mstshash=...`), on the same terms. */
export const MAX_COOKIE_LENGTH = MAX_ROUTING_TOKEN_LENGTH - COOKIE_PREFIX.length;

/** What correlation info takes from the two lengths above. */
export const CORRELATION_INFO_COST = CORRELATION_INFO_LENGTH;

/** RDP_NEG_CORRELATION_INFO, [MS-RDPBCGR] 2.2.1.1.2. */
export interface CorrelationInfo {
  /** 16 bytes. */
  readonly correlationId: Uint8Array;
  /** 16 bytes, zero by the specification. */
  readonly reserved: Uint8Array;
}

/** The variable part of a Connection Request, [MS-RDPBCGR] 2.2.1.1. */
export interface NegotiationRequest {
  /** The whole line without CR LF, e.g. `Cookie: msts=3640205228.15629.0000` or `tsv://...`. */
  readonly routingToken: string | null;
  /** What follows `Cookie: `, without CR LF, e.g. `mstshash=eltons`. May name a user. */
  readonly cookie: string | null;
  /** RDP_NEG_REQ, [MS-RDPBCGR] 2.2.1.1.1. Null: the client knows standard RDP security only. */
  readonly negotiation: { readonly flags: Flags; readonly requestedProtocols: Flags } | null;
  readonly correlationInfo: CorrelationInfo | null;
  /** Bytes that are none of these. */
  readonly rest: Uint8Array;
}

/**
 * Decodes the variable part of a Connection Request. Each part is optional, and what is none of
 * them is kept as `rest`: many things that are not RDP send a Connection Request.
 *
 * @throws DecodeError when a cookie never ends, or announced correlation info has a wrong length
 */
export function decodeNegotiationRequest(variable: Uint8Array, base = 0): NegotiationRequest {
  const reader = new Reader(variable, base);
  let routingToken: string | null = null;
  let cookie: string | null = null;
  // The specification allows one of the two, but has servers accept both.
  for (;;) {
    const line = peekLine(reader);
    if (line === null) break;
    if (line.startsWith(COOKIE_PREFIX) && !line.startsWith(ROUTING_COOKIE_PREFIX)) {
      if (cookie !== null) break;
      cookie = line.slice(COOKIE_PREFIX.length);
    } else {
      if (routingToken !== null) break;
      routingToken = line;
    }
    reader.skip(line.length + LINE_END_LENGTH, 'X.224 CR.cookie');
  }
  const negotiation = readRequest(reader);
  const correlationInfo = readCorrelationInfo(reader, negotiation?.flags.value ?? 0);
  return { routingToken, cookie, negotiation, correlationInfo, rest: reader.rest() };
}

/**
 * The text up to the next CR LF. The structures that can follow hold control characters in their
 * first bytes, so that a CR LF inside them is never taken for the end of a line.
 */
function peekLine(reader: Reader): string | null {
  let line = '';
  for (let ahead = 0; ahead < reader.remaining; ahead++) {
    const byte = reader.peek(ahead) ?? 0;
    if (byte === 0x0d && reader.peek(ahead + 1) === 0x0a && ahead > 0) return line;
    // 0x80 and above stay: user names are not always ASCII.
    if (byte < 0x20 || byte === 0x7f) break;
    line += String.fromCharCode(byte);
  }
  if (line.startsWith(COOKIE_PREFIX)) {
    throw reader.refuse('X.224 CR.cookie', 'does not end in CR LF');
  }
  return null;
}

/** The length field of the structure that comes next, if that is of this type. */
function peekLength(reader: Reader, type: number): number | null {
  if (reader.peek() !== type || reader.remaining < 4) return null;
  return (reader.peek(2) ?? 0) | ((reader.peek(3) ?? 0) << 8);
}

function readRequest(reader: Reader): NegotiationRequest['negotiation'] {
  const length = peekLength(reader, TYPE_RDP_NEG_REQ);
  if (length !== NEGOTIATION_LENGTH || reader.remaining < NEGOTIATION_LENGTH) return null;
  reader.skip(1, 'RDP_NEG_REQ.type');
  const requestFlags = reader.u8('RDP_NEG_REQ.flags');
  reader.skip(2, 'RDP_NEG_REQ.length');
  const requestedProtocols = reader.u32le('RDP_NEG_REQ.requestedProtocols');
  return {
    flags: flags(REQUEST_FLAGS, requestFlags),
    requestedProtocols: flags(PROTOCOLS, requestedProtocols),
  };
}

function readCorrelationInfo(reader: Reader, requestFlags: number): CorrelationInfo | null {
  const length = peekLength(reader, TYPE_RDP_CORRELATION_INFO);
  if (length === null) return null;
  if (length !== CORRELATION_INFO_LENGTH || reader.remaining < CORRELATION_INFO_LENGTH) {
    if ((requestFlags & CORRELATION_INFO_PRESENT) === 0) return null;
    throw reader.refuse(
      'RDP_NEG_CORRELATION_INFO',
      `says ${length} bytes and has ${reader.remaining}, not ${CORRELATION_INFO_LENGTH}`,
    );
  }
  reader.skip(4, 'RDP_NEG_CORRELATION_INFO header');
  return {
    correlationId: reader.bytes(16, 'RDP_NEG_CORRELATION_INFO.correlationId'),
    reserved: reader.bytes(16, 'RDP_NEG_CORRELATION_INFO.reserved'),
  };
}

/** The variable part of a Connection Confirm, [MS-RDPBCGR] 2.2.1.2. */
export type NegotiationConfirm =
  /** RDP_NEG_RSP, [MS-RDPBCGR] 2.2.1.2.1. */
  | {
      readonly kind: 'response';
      readonly flags: Flags;
      readonly selectedProtocol: Named;
      readonly rest: Uint8Array;
    }
  /** RDP_NEG_FAILURE, [MS-RDPBCGR] 2.2.1.2.2. */
  | {
      readonly kind: 'failure';
      readonly flags: Flags;
      readonly failureCode: Named;
      readonly rest: Uint8Array;
    }
  /** No negotiation: a server of the time before it, one that ignores it, or not RDP at all. */
  | {
      readonly kind: 'none';
      /** True when `rest` is a list of X.224 parameters: S7comm and H.323 send them, RDP never. */
      readonly cotpParameters: boolean;
      readonly rest: Uint8Array;
    };

/** @throws DecodeError when an RDP_NEG_RSP or RDP_NEG_FAILURE has a length other than 8 */
export function decodeNegotiationConfirm(variable: Uint8Array, base = 0): NegotiationConfirm {
  const reader = new Reader(variable, base);
  switch (reader.peek()) {
    case TYPE_RDP_NEG_RSP: {
      const [flagBits, value] = readAnswer(reader, 'RDP_NEG_RSP', 'selectedProtocol');
      const selectedProtocol = named(PROTOCOLS, value);
      const rest = reader.rest();
      return { kind: 'response', flags: flags(RESPONSE_FLAGS, flagBits), selectedProtocol, rest };
    }
    case TYPE_RDP_NEG_FAILURE: {
      const [flagBits, value] = readAnswer(reader, 'RDP_NEG_FAILURE', 'failureCode');
      const failureCode = named(FAILURE_CODES, value);
      const rest = reader.rest();
      return { kind: 'failure', flags: flags(NO_FLAGS, flagBits), failureCode, rest };
    }
    default:
      return { kind: 'none', cotpParameters: isParameterList(variable), rest: variable };
  }
}

function readAnswer(reader: Reader, structure: string, valueField: string): [number, number] {
  reader.skip(1, `${structure}.type`);
  const flagBits = reader.u8(`${structure}.flags`);
  const length = reader.u16le(`${structure}.length`);
  if (length !== NEGOTIATION_LENGTH) {
    throw reader.refuse(`${structure}.length`, `is ${length}, not ${NEGOTIATION_LENGTH}`, 2);
  }
  return [flagBits, reader.u32le(`${structure}.${valueField}`)];
}

/** Parameter codes of CR and CC, [X224] 13.3.4. None is a type of a negotiation structure. */
const PARAMETER_CODES: ReadonlySet<number> = new Set([
  0x85, 0x86, 0x87, 0x88, 0x89, 0x8b, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xf0, 0xf2,
]);

function isParameterList(variable: Uint8Array): boolean {
  if (variable.length === 0) return false;
  const reader = new Reader(variable);
  while (reader.remaining >= 2) {
    if (!PARAMETER_CODES.has(reader.u8('X.224 parameter.code'))) return false;
    const length = reader.u8('X.224 parameter.length');
    if (length > reader.remaining) return false;
    reader.skip(length, 'X.224 parameter.value');
  }
  return reader.remaining === 0;
}

/** What a client puts into the variable part of its Connection Request. */
export interface NegotiationRequestFields {
  /** What follows `Cookie: `, e.g. `mstshash=eltons`; at most MAX_COOKIE_LENGTH characters. */
  readonly cookie?: string;
  /** A whole line, e.g. `Cookie: msts=...`; at most MAX_ROUTING_TOKEN_LENGTH characters. */
  readonly routingToken?: string;
  /** A mask of PROTOCOL_ bits, or null to send no RDP_NEG_REQ. */
  readonly requestedProtocols: number | null;
  readonly flags: number;
  /** 16 bytes; the caller also sets CORRELATION_INFO_PRESENT in `flags`. */
  readonly correlationId?: Uint8Array;
}

/** @throws RangeError when a part cannot be sent, or all together are too long for one TPDU */
export function encodeNegotiationRequest(fields: NegotiationRequestFields): Uint8Array {
  const writer = new Writer();
  if (fields.routingToken !== undefined) writer.bytes(encodeLine(fields.routingToken));
  if (fields.cookie !== undefined) writer.bytes(encodeLine(COOKIE_PREFIX + fields.cookie));
  if (fields.requestedProtocols !== null) {
    writer.u8(TYPE_RDP_NEG_REQ).u8(fields.flags).u16le(NEGOTIATION_LENGTH);
    writer.u32le(fields.requestedProtocols);
  }
  if (fields.correlationId !== undefined) {
    if (fields.correlationId.length !== 16) {
      throw new RangeError(`a correlation id has 16 bytes, not ${fields.correlationId.length}`);
    }
    writer.u8(TYPE_RDP_CORRELATION_INFO).u8(0).u16le(CORRELATION_INFO_LENGTH);
    writer.bytes(fields.correlationId).zeros(16);
  }
  if (writer.length > X224_MAX_VARIABLE_LENGTH) {
    throw new RangeError(
      `a Connection Request has room for ${X224_MAX_VARIABLE_LENGTH} bytes of cookie, routing ` +
        `token and negotiation, not ${writer.length}`,
    );
  }
  return writer.finish();
}

function encodeLine(line: string): Uint8Array {
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f || code > 0xff) {
      throw new RangeError(`a cookie or routing token cannot hold U+${code.toString(16)}`);
    }
  }
  return concat(Uint8Array.from(Buffer.from(line, 'latin1')), Uint8Array.of(0x0d, 0x0a));
}

/** RDP_NEG_RSP, [MS-RDPBCGR] 2.2.1.2.1. */
export function encodeNegotiationResponse(fields: {
  readonly flags: number;
  readonly selectedProtocol: number;
}): Uint8Array {
  return encodeAnswer(TYPE_RDP_NEG_RSP, fields.flags, fields.selectedProtocol);
}

/** RDP_NEG_FAILURE, [MS-RDPBCGR] 2.2.1.2.2. */
export function encodeNegotiationFailure(fields: {
  readonly flags?: number;
  readonly failureCode: number;
}): Uint8Array {
  return encodeAnswer(TYPE_RDP_NEG_FAILURE, fields.flags ?? 0, fields.failureCode);
}

function encodeAnswer(type: number, flagBits: number, value: number): Uint8Array {
  return new Writer().u8(type).u8(flagBits).u16le(NEGOTIATION_LENGTH).u32le(value).finish();
}

/** A whole Client X.224 Connection Request PDU, TPKT header included, [MS-RDPBCGR] 2.2.1.1. */
export function encodeConnectionRequest(fields: NegotiationRequestFields): Uint8Array {
  return encodeTpkt(encodeX224ConnectionRequest({ variable: encodeNegotiationRequest(fields) }));
}

/** What Windows answers as source reference, [MS-RDPBCGR] 3.3.5.3.2. */
export const WINDOWS_SOURCE_REFERENCE = 0x1234;

/**
 * A whole Server X.224 Connection Confirm PDU, TPKT header included, [MS-RDPBCGR] 2.2.1.2.
 *
 * @param variable an encoded RDP_NEG_RSP or RDP_NEG_FAILURE, or nothing
 */
export function encodeConnectionConfirm(
  variable: Uint8Array,
  sourceReference = WINDOWS_SOURCE_REFERENCE,
): Uint8Array {
  return encodeTpkt(encodeX224ConnectionConfirm({ sourceReference, variable }));
}
