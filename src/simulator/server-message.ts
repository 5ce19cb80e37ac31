import { avPairsOf } from '../wire/av-pair.js';
import { unixMicrosToFiletime } from '../wire/filetime.js';
import { fromHex, toHex } from '../wire/hex.js';
import {
  encodeConnectionConfirm,
  encodeNegotiationFailure,
  encodeNegotiationResponse,
} from '../wire/negotiation.js';
import { encodeNtlmChallenge } from '../wire/ntlm.js';
import { encodeNegTokenResp, OID_NTLMSSP } from '../wire/spnego.js';
import { encodeTlsAlert } from '../wire/tls-alert.js';
import { alertDescription, alertLevel, ContentType } from '../wire/tls-names.js';
import { encodeTlsRecord } from '../wire/tls-record.js';
import { encodeTpkt } from '../wire/tpkt.js';
import { encodeTsRequest, ntStatus } from '../wire/ts-request.js';
import { encodeX224DisconnectRequest } from '../wire/x224.js';
import { COMPUTER } from './computer.js';
import type { NtlmChallengeMessage, ServerMessage } from './scenario.js';

/**
 * NegotiateFlags of a CHALLENGE_MESSAGE as a member of a domain sends it: Unicode, signing and
 * sealing, extended session security, target info, version, 128 and 56 bits, target type domain.
 */
const CHALLENGE_FLAGS = 0xe2898235;

/** [MS-NLMP] 2.2.2.10: NTLMSSP_REVISION_W2K3. */
const NTLMSSP_REVISION = 15;

/** The nonce of the examples in [MS-NLMP] 4.2; a nonce that nobody answers needs no secrecy. */
const SERVER_CHALLENGE = Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef);

/** negState accept-incomplete, RFC 4178 section 4.2.2. */
const ACCEPT_INCOMPLETE = 1;

const TLS_1_2 = 0x0303;
const FATAL = 2;

/**
 * The bytes of a message.
 *
 * @param nowMs milliseconds since 1970 UTC
 */
export function encodeServerMessage(message: ServerMessage, nowMs: number): Uint8Array {
  switch (message.is) {
    case 'connection-confirm':
      return encodeConnectionConfirm(encodeNegotiationResponse(message));
    case 'negotiation-failure':
      return encodeConnectionConfirm(encodeNegotiationFailure(message));
    case 'x224-disconnect':
      return encodeTpkt(encodeX224DisconnectRequest(message));
    case 'tls-alert': {
      const level = alertLevel(FATAL);
      const description = alertDescription(message.description);
      return encodeTlsRecord(ContentType.alert, TLS_1_2, encodeTlsAlert({ level, description }));
    }
    case 'ntlm-challenge':
      return encodeTsRequest({ version: message.version, negoTokens: [token(message, nowMs)] });
    case 'ts-request-error':
      return encodeTsRequest({ version: message.version, errorCode: ntStatus(message.errorCode) });
  }
}

function token(message: NtlmChallengeMessage, nowMs: number): Uint8Array {
  const [productMajorVersion, productMinorVersion, productBuild] = message.productVersion;
  const timestamp = unixMicrosToFiletime(Math.round((nowMs + message.clockAheadMs) * 1000));
  const challenge = encodeNtlmChallenge({
    flags: CHALLENGE_FLAGS,
    serverChallenge: SERVER_CHALLENGE,
    targetName: COMPUTER.netbiosDomainName,
    targetInfo: avPairsOf({ ...COMPUTER, timestamp }),
    version: {
      productMajorVersion,
      productMinorVersion,
      productBuild,
      ntlmRevisionCurrent: NTLMSSP_REVISION,
    },
  });
  switch (message.wrapper) {
    case 'none':
      return challenge;
    case 'spnego':
      return encodeNegTokenResp({
        negState: ACCEPT_INCOMPLETE,
        supportedMech: OID_NTLMSSP,
        responseToken: challenge,
      });
  }
}

/** Hex of a TSRequest around a token that was recorded, for `send` steps. */
export function encodeRecordedTsRequest(version: number, tokenHex: string): string {
  return toHex(encodeTsRequest({ version, negoTokens: [fromHex(tokenHex)] }));
}
