import { clientAvPairs, encodeAvPairs } from '../wire/av-pair.js';
import {
  type ChallengeMessage,
  NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY,
  NTLMSSP_NEGOTIATE_KEY_EXCH,
  NTLMSSP_NEGOTIATE_SEAL,
  NTLMSSP_NEGOTIATE_TARGET_INFO,
  NTLMSSP_NEGOTIATE_UNICODE,
  WINDOWS_11_VERSION,
  WINDOWS_NEGOTIATE_FLAGS,
} from '../wire/ntlm.js';
import { encodeNtlmAuthenticate, withMic } from '../wire/ntlm-authenticate.js';
import { ntlmV2Responses, ntowfV2 } from '../wire/ntlm-v2.js';
import { Rc4 } from '../wire/rc4.js';
import type { Credentials } from './credentials.js';

/** NTLM_NEGOTIATE_OEM and NTLMSSP_NEGOTIATE_LM_KEY, which Unicode and extended security replace. */
const REPLACED = 0x00000002 | 0x00000080;

/** What CredSSP and this program need of a challenge, each with a sentence for its absence. */
const NEEDED: readonly (readonly [flag: number, why: string])[] = [
  [NTLMSSP_NEGOTIATE_UNICODE, "the server's NTLM challenge takes no Unicode"],
  [
    NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY,
    "the server's NTLM challenge does without extended session security, as before NTLMv2",
  ],
  [NTLMSSP_NEGOTIATE_SEAL, "the server's NTLM challenge offers no sealing, which CredSSP needs"],
];

/**
 * Servers send some hundred bytes. Our answer repeats them, and has room for 65,535 in all.
 */
const LARGEST_TARGET_INFO = 2 ** 14;

/** Why a challenge is not answered; null: it can be. */
export function whyNotNtlmV2(challenge: ChallengeMessage): string | null {
  const offered = challenge.negotiateFlags.value;
  const missing = NEEDED.find(([flag]) => (offered & flag) === 0)?.[1];
  if (missing !== undefined) return missing;
  const { length } = encodeAvPairs(challenge.targetInfo);
  return length > LARGEST_TARGET_INFO
    ? `the server's NTLM challenge tells ${length} bytes of itself, more than any server has to say`
    : null;
}

export interface NtlmAnswerOrder {
  /** both as they were sent */
  readonly negotiate: Uint8Array;
  readonly challengeBytes: Uint8Array;
  readonly challenge: ChallengeMessage;
  readonly credentials: Credentials;
  readonly domain: string;
  /** service principal name; null: not known */
  readonly service: string | null;
  /** 16 bytes; null: none can be computed */
  readonly channelBindings: Uint8Array | null;
  readonly random: {
    readonly clientChallenge: Uint8Array;
    readonly exportedSessionKey: Uint8Array;
  };
  /** our clock as a FILETIME */
  readonly filetime: bigint;
}

/** All of it is secret. */
export interface NtlmAnswer {
  readonly authenticate: Uint8Array;
  readonly negotiateFlags: number;
  readonly exportedSessionKey: Uint8Array;
}

/** The AUTHENTICATE_MESSAGE for a challenge, [MS-NLMP] 3.1.5.1.2, with NTLMv2 and never less. */
export function answerChallenge(order: NtlmAnswerOrder): NtlmAnswer {
  const { challenge, credentials, domain, random } = order;
  const offered = challenge.negotiateFlags.value;
  const negotiateFlags =
    (offered & (WINDOWS_NEGOTIATE_FLAGS | NTLMSSP_NEGOTIATE_TARGET_INFO) & ~REPLACED) >>> 0;
  const clock = challenge.targetInfo.find((pair) => pair.kind === 'timestamp');
  const withClock = clock !== undefined;
  const responses = ntlmV2Responses({
    responseKey: ntowfV2(credentials.ntHash, credentials.user, domain),
    serverChallenge: challenge.serverChallenge,
    clientChallenge: random.clientChallenge,
    time: clock?.filetime ?? order.filetime,
    targetInfo: clientAvPairs(challenge.targetInfo, {
      micProvided: withClock,
      channelBindings: order.channelBindings,
      targetName: order.service,
    }),
    withoutLm: withClock,
  });
  const exchanges = (negotiateFlags & NTLMSSP_NEGOTIATE_KEY_EXCH) !== 0;
  const exportedSessionKey = exchanges ? random.exportedSessionKey : responses.sessionBaseKey;
  const authenticate = encodeNtlmAuthenticate({
    negotiateFlags,
    domainName: domain,
    userName: credentials.user,
    workstation: '',
    lmChallengeResponse: responses.lmChallengeResponse,
    ntChallengeResponse: responses.ntChallengeResponse,
    encryptedRandomSessionKey: exchanges
      ? new Rc4(responses.sessionBaseKey).update(exportedSessionKey)
      : new Uint8Array(),
    version: WINDOWS_11_VERSION,
  });
  return {
    // A server from before Vista shows no clock, and knows of no MIC.
    authenticate: withClock
      ? withMic(authenticate, exportedSessionKey, order.negotiate, order.challengeBytes)
      : authenticate,
    negotiateFlags,
    exportedSessionKey,
  };
}
