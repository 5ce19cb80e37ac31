import { type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

const CONNECTION_REQUEST = 0xe0;
const CONNECTION_CONFIRM = 0xd0;
const DISCONNECT_REQUEST = 0x80;
const ERROR = 0x70;
const DATA = 0xf0;

/** TPDU codes by their high four bits, [X224] 13.2.2.2. */
const TPDU_CODES: NameTable = {
  16: 'ED',
  32: 'EA',
  80: 'RJ',
  96: 'AK',
  [ERROR]: 'ER',
  [DISCONNECT_REQUEST]: 'DR',
  192: 'DC',
  [CONNECTION_CONFIRM]: 'CC',
  [CONNECTION_REQUEST]: 'CR',
  [DATA]: 'DT',
};

/** Reasons of a Disconnect Request, [X224] 13.5.3. Those from 128 are for classes 1 to 4. */
export const DISCONNECT_REASONS: NameTable = {
  0: 'reason not specified',
  1: 'congestion at TSAP',
  2: 'session entity not attached to TSAP',
  3: 'address unknown',
  128: 'normal disconnect initiated by session entity',
  129: 'remote transport entity congestion at connect request time',
  130: 'connection negotiation failed',
  131: 'duplicate source reference',
  132: 'mismatched references',
  133: 'protocol error',
  135: 'reference overflow',
  136: 'connection request refused on this network connection',
  138: 'header or parameter length invalid',
};

/** Reject causes of an Error TPDU, [X224] 13.12.3. */
export const REJECT_CAUSES: NameTable = {
  0: 'reason not specified',
  1: 'invalid parameter code',
  2: 'invalid TPDU type',
  3: 'invalid parameter value',
};

/** [X224] 13.2.1: the length indicator does not count itself, and 255 is reserved. */
export const X224_MAX_LENGTH_INDICATOR = 254;

/** Code, two references, class and options: what a CR or CC counts before its variable part. */
const CONNECTION_FIXED_LENGTH = 6;

/** The longest variable part a CR, CC or DR can have. */
export const X224_MAX_VARIABLE_LENGTH = X224_MAX_LENGTH_INDICATOR - CONNECTION_FIXED_LENGTH;

interface ConnectionTpdu {
  readonly destinationReference: number;
  readonly sourceReference: number;
  readonly classOptions: number;
  /** What the length indicator covers after the fixed part. */
  readonly variable: Uint8Array;
  /** What follows, inside the same TPKT: user data, or the sign of a wrong length indicator. */
  readonly trailing: Uint8Array;
}

/** CR TPDU, [X224] 13.3; [MS-RDPBCGR] 2.2.1.1. */
export interface X224ConnectionRequest extends ConnectionTpdu {
  readonly kind: 'connection-request';
}

/** CC TPDU, [X224] 13.4; [MS-RDPBCGR] 2.2.1.2. */
export interface X224ConnectionConfirm extends ConnectionTpdu {
  readonly kind: 'connection-confirm';
}

/** DR TPDU, [X224] 13.5. */
export interface X224DisconnectRequest {
  readonly kind: 'disconnect-request';
  readonly destinationReference: number;
  readonly sourceReference: number;
  readonly reason: Named;
  readonly variable: Uint8Array;
  readonly trailing: Uint8Array;
}

/** ER TPDU, [X224] 13.12. */
export interface X224Error {
  readonly kind: 'error';
  readonly destinationReference: number;
  readonly cause: Named;
  readonly variable: Uint8Array;
  readonly trailing: Uint8Array;
}

/** DT TPDU of class 0, [X224] 13.7. */
export interface X224Data {
  readonly kind: 'data';
  /** End of TSDU. RDP sets it always; without it, the next DT continues this one. */
  readonly eot: boolean;
  readonly payload: Uint8Array;
}

/** A TPDU that class 0 does not have, or whose code is unknown. */
export interface X224Other {
  readonly kind: 'other';
  readonly code: Named;
  /** Everything after the code. */
  readonly body: Uint8Array;
}

export type X224 =
  | X224ConnectionRequest
  | X224ConnectionConfirm
  | X224DisconnectRequest
  | X224Error
  | X224Data
  | X224Other;

/**
 * Decodes the TPDU of one TPKT. Length indicators decide where things end, never their content.
 *
 * @param payload what TPKT carries
 * @param base offset of the payload in the whole message; only used in error messages
 */
export function decodeX224(payload: Uint8Array, base = 0): X224 {
  const message = new Reader(payload, base);
  const lengthIndicator = message.u8('X.224.lengthIndicator');
  if (lengthIndicator > X224_MAX_LENGTH_INDICATOR) {
    throw message.refuse('X.224.lengthIndicator', 'is 255, which is reserved', 1);
  }
  if (lengthIndicator === 0) {
    throw message.refuse('X.224.lengthIndicator', 'is 0, so there is no TPDU code', 1);
  }
  const header = message.carve(lengthIndicator, 'X.224 header');
  const code = header.u8('X.224.code');
  // The low four bits are the credit in CR and CC, zero in class 0, and nothing elsewhere.
  switch (code & 0xf0) {
    case CONNECTION_REQUEST:
      return { kind: 'connection-request', ...readConnection(header, message) };
    case CONNECTION_CONFIRM:
      return { kind: 'connection-confirm', ...readConnection(header, message) };
    case DISCONNECT_REQUEST:
      return {
        kind: 'disconnect-request',
        destinationReference: header.u16be('X.224.destinationReference'),
        sourceReference: header.u16be('X.224.sourceReference'),
        reason: named(DISCONNECT_REASONS, header.u8('X.224.reason')),
        variable: header.rest(),
        trailing: message.rest(),
      };
    case ERROR:
      return {
        kind: 'error',
        destinationReference: header.u16be('X.224.destinationReference'),
        cause: named(REJECT_CAUSES, header.u8('X.224.rejectCause')),
        variable: header.rest(),
        trailing: message.rest(),
      };
    case DATA: {
      const eot = header.u8('X.224.eot');
      // Classes 2 to 4 put a reference and a wider number here; RDP speaks class 0 only.
      header.end('X.224 class 0 data header');
      return { kind: 'data', eot: (eot & 0x80) !== 0, payload: message.rest() };
    }
    default:
      return {
        kind: 'other',
        code: { value: code, name: TPDU_CODES[code & 0xf0] ?? null },
        body: concat(header.rest(), message.rest()),
      };
  }
}

function readConnection(header: Reader, message: Reader): ConnectionTpdu {
  return {
    destinationReference: header.u16be('X.224.destinationReference'),
    sourceReference: header.u16be('X.224.sourceReference'),
    classOptions: header.u8('X.224.classOptions'),
    variable: header.rest(),
    trailing: message.rest(),
  };
}

/** What the caller says about a CR or CC; references and class are zero unless given. */
export interface ConnectionTpduFields {
  readonly destinationReference?: number;
  readonly sourceReference?: number;
  readonly classOptions?: number;
  readonly variable: Uint8Array;
}

function encodeConnection(code: number, fields: ConnectionTpduFields): Uint8Array {
  return new Writer()
    .u8(lengthIndicatorFor(fields.variable))
    .u8(code)
    .u16be(fields.destinationReference ?? 0)
    .u16be(fields.sourceReference ?? 0)
    .u8(fields.classOptions ?? 0)
    .bytes(fields.variable)
    .finish();
}

function lengthIndicatorFor(variable: Uint8Array): number {
  if (variable.length > X224_MAX_VARIABLE_LENGTH) {
    throw new RangeError(
      `the variable part of a TPDU has ${variable.length} bytes, more than ${X224_MAX_VARIABLE_LENGTH}`,
    );
  }
  return CONNECTION_FIXED_LENGTH + variable.length;
}

/** @throws RangeError when the variable part is longer than X224_MAX_VARIABLE_LENGTH */
export function encodeX224ConnectionRequest(fields: ConnectionTpduFields): Uint8Array {
  return encodeConnection(CONNECTION_REQUEST, fields);
}

/** @throws RangeError when the variable part is longer than X224_MAX_VARIABLE_LENGTH */
export function encodeX224ConnectionConfirm(fields: ConnectionTpduFields): Uint8Array {
  return encodeConnection(CONNECTION_CONFIRM, fields);
}

/** @throws RangeError when the variable part is longer than X224_MAX_VARIABLE_LENGTH */
export function encodeX224DisconnectRequest(fields: {
  readonly destinationReference?: number;
  readonly sourceReference?: number;
  readonly reason: number;
  readonly variable?: Uint8Array;
}): Uint8Array {
  const variable = fields.variable ?? new Uint8Array(0);
  return new Writer()
    .u8(lengthIndicatorFor(variable))
    .u8(DISCONNECT_REQUEST)
    .u16be(fields.destinationReference ?? 0)
    .u16be(fields.sourceReference ?? 0)
    .u8(fields.reason)
    .bytes(variable)
    .finish();
}

/** @param eot whether this TPDU ends its TSDU, as every one of RDP does */
export function encodeX224Data(payload: Uint8Array, eot = true): Uint8Array {
  return concat(Uint8Array.of(2, DATA, eot ? 0x80 : 0), payload);
}
