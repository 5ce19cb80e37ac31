import { createHmac } from 'node:crypto';
import { type AvPair, encodeAvPairs } from './av-pair.js';
import { encodeUtf16le } from './text.js';
import { concat, Writer } from './writer.js';

/** The responses to one challenge, and the key that comes of them. All of it is secret. */
export interface NtlmV2Responses {
  readonly lmChallengeResponse: Uint8Array;
  readonly ntChallengeResponse: Uint8Array;
  /** SessionBaseKey, 16 bytes; with NTLMv2 it is also the KeyExchangeKey, [MS-NLMP] 3.4.5.1. */
  readonly sessionBaseKey: Uint8Array;
}

export interface NtlmV2Order {
  /** of ntowfV2 */
  readonly responseKey: Uint8Array;
  /** 8 bytes, from the CHALLENGE_MESSAGE */
  readonly serverChallenge: Uint8Array;
  /** 8 bytes, of our own */
  readonly clientChallenge: Uint8Array;
  /** FILETIME; the server's own where its challenge has one */
  readonly time: bigint;
  /** what the response says of the server and of the channel, without MsvAvEOL */
  readonly targetInfo: readonly AvPair[];
  /** the challenge had a timestamp: then the LM response is left out, [MS-NLMP] 3.1.5.1.2 */
  readonly withoutLm: boolean;
}

/**
 * NTOWFv2, [MS-NLMP] 3.3.2: the key with which challenges are answered.
 *
 * @param ntHash MD4 of the password in UTF-16LE, 16 bytes
 */
export function ntowfV2(ntHash: Uint8Array, user: string, domain: string): Uint8Array {
  return hmacMd5(ntHash, encodeUtf16le(upperCase(user) + domain));
}

/**
 * Windows turns each UTF-16 unit into one other; JavaScript makes two letters of one where German or
 * a ligature asks for it. Such a letter stays as it is.
 */
function upperCase(text: string): string {
  return text
    .split('')
    .map((unit) => (unit.toUpperCase().length === 1 ? unit.toUpperCase() : unit))
    .join('');
}

/** RespType and HiRespType of an NTLMv2_CLIENT_CHALLENGE. */
const RESPONSE_VERSION = 0x01;

/** ComputeResponse of NTLMv2, [MS-NLMP] 3.3.2. */
export function ntlmV2Responses(order: NtlmV2Order): NtlmV2Responses {
  const { responseKey, serverChallenge, clientChallenge, time, targetInfo, withoutLm } = order;
  // NTLMv2_CLIENT_CHALLENGE, [MS-NLMP] 2.2.2.7, and the four zero bytes that follow it.
  const temp = new Writer()
    .u8(RESPONSE_VERSION)
    .u8(RESPONSE_VERSION)
    .zeros(6)
    .u64le(time)
    .bytes(clientChallenge)
    .zeros(4)
    .bytes(encodeAvPairs(targetInfo))
    .zeros(4)
    .finish();
  const ntProof = hmacMd5(responseKey, serverChallenge, temp);
  return {
    lmChallengeResponse: withoutLm
      ? new Uint8Array(24)
      : concat(hmacMd5(responseKey, serverChallenge, clientChallenge), clientChallenge),
    ntChallengeResponse: concat(ntProof, temp),
    sessionBaseKey: hmacMd5(responseKey, ntProof),
  };
}

export function hmacMd5(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('md5', key);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
}
