import { type Frame, NEED_MORE } from './framing.js';
import { type Named, named } from './open-set.js';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

export const AUTHZ_SUCCESS = 0x00000000;
export const AUTHZ_ACCESS_DENIED = 0x00000005;

const AUTHORIZATION_RESULT = {
  [AUTHZ_SUCCESS]: 'AUTHZ_SUCCESS',
  [AUTHZ_ACCESS_DENIED]: 'AUTHZ_ACCESS_DENIED',
};

/**
 * Early User Authorization Result PDU, [MS-RDPBCGR] 2.2.10.2: what the server says after CredSSP
 * when PROTOCOL_HYBRID_EX was selected. It is not DER; its first byte is that of a little-endian
 * number, so 0x30 in its place is a TSRequest.
 */
export interface EarlyUserAuthorization {
  readonly authorizationResult: Named;
}

const LENGTH = 4;

export function frameEarlyUserAuthorization(bytes: Uint8Array): Frame {
  return bytes.length < LENGTH ? NEED_MORE : { kind: 'frame', length: LENGTH };
}

export function decodeEarlyUserAuthorization(bytes: Uint8Array): EarlyUserAuthorization {
  const reader = new Reader(bytes);
  const value = reader.u32le('EarlyUserAuthorizationResult.authorizationResult');
  reader.end('EarlyUserAuthorizationResult');
  return { authorizationResult: named(AUTHORIZATION_RESULT, value) };
}

export function encodeEarlyUserAuthorization(authorizationResult: number): Uint8Array {
  return new Writer().u32le(authorizationResult).finish();
}
