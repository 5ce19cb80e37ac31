import type { Credentials } from '../handshake/credentials.js';
import { answerChallenge, whyNotNtlmV2 } from '../handshake/ntlm-answer.js';
import { targetInfoOf } from '../wire/av-pair.js';
import { channelBindingsHash, tlsServerEndPoint } from '../wire/channel-bindings.js';
import { unixMicrosToFiletime } from '../wire/filetime.js';
import { decodeNtlm, encodeNtlmNegotiate } from '../wire/ntlm.js';
import type { GatewayUser } from './gateway.js';

/**
 * NTLMv2 of one user within HTTP. A gateway without WebSocket has two connections, each of which is
 * authenticated; who is refused on the first never comes to the second.
 *
 * @param host the gateway as it was asked for
 * @param random gives that many random bytes, unpredictable ones
 * @param nowUs microseconds since 1970 UTC
 */
export function gatewayUser(
  credentials: Credentials,
  host: string,
  random: (count: number) => Uint8Array,
  nowUs: () => number,
): () => GatewayUser {
  return () => {
    const negotiate = encodeNtlmNegotiate();
    return {
      negotiate: () => negotiate,
      authenticate: (bytes, certificate) => {
        const challenge = decodeNtlm(bytes);
        if (challenge.kind !== 'challenge') return 'the gateway sent no NTLM challenge';
        const why = whyNotNtlmV2(challenge);
        if (why !== null) return why;
        const endPoint = certificate === null ? null : tlsServerEndPoint(certificate);
        const computer = targetInfoOf(challenge.targetInfo).netbiosComputerName ?? '';
        const answer = answerChallenge({
          negotiate,
          challenge,
          challengeBytes: bytes,
          credentials,
          domain: credentials.domain ?? computer,
          service: `HTTP/${host}`,
          channelBindings: endPoint === null ? null : channelBindingsHash(endPoint),
          random: { clientChallenge: random(8), exportedSessionKey: random(16) },
          filetime: unixMicrosToFiletime(Math.round(nowUs())),
        });
        return answer.authenticate;
      },
    };
  };
}
