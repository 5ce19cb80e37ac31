import { targetInfoOf } from '../wire/av-pair.js';
import { decodeCertificate } from '../wire/certificate.js';
import { channelBindingsHash, tlsServerEndPoint } from '../wire/channel-bindings.js';
import { DecodeError } from '../wire/decode-error.js';
import { toHex } from '../wire/hex.js';
import { type ChallengeMessage, decodeNtlm } from '../wire/ntlm.js';
import { NtlmSealing } from '../wire/ntlm-session.js';
import { clientKeyProof, keyBindingOf, serverKeyProof } from '../wire/public-key-binding.js';
import { encodeNegTokenResp, unwrapNegoToken } from '../wire/spnego.js';
import { encodeTsRequest, type TsRequest } from '../wire/ts-request.js';
import type { Credentials } from './credentials.js';
import { answerChallenge, type NtlmAnswer, whyNotNtlmV2 } from './ntlm-answer.js';
import type { NlaVerdictFact } from './trace.js';

/**
 * The client of CredSSP from the server's challenge to its proof of the key, [MS-CSSP] 3.1.5, pure:
 * a TSRequest of the server comes in, the next one of ours or a verdict comes out.
 *
 * INVARIANT: it ends there. In the protocol the credentials follow (TSCredentials in authInfo); this
 * program has no encoder for them, so that nothing is delegated to a server, whatever it says.
 * INVARIANT: one answer to one challenge; nothing is tried again.
 */

/** What the logon needs beside the server's messages. */
export interface NlaOrder {
  readonly credentials: Credentials;
  /** service principal name, e.g. `TERMSRV/srv01.example`; null: the server has no known name */
  readonly service: string | null;
  /** DER of the certificate with which the server established TLS */
  readonly certificate: Uint8Array;
  /** the NTLM NEGOTIATE as it was sent */
  readonly negotiate: Uint8Array;
  readonly random: NlaRandom;
  /** our clock as a FILETIME, for servers that do not show theirs */
  readonly filetime: bigint;
}

export interface NlaRandom {
  /** 8 bytes */
  readonly clientChallenge: Uint8Array;
  /** 16 bytes */
  readonly exportedSessionKey: Uint8Array;
  /** 32 bytes */
  readonly clientNonce: Uint8Array;
}

/** The highest version that we speak: it is always said, whatever the server's, [MS-CSSP] 3.1.5. */
export const CREDSSP_VERSION = 6;

export type NlaState =
  | { readonly name: 'expects-challenge'; readonly order: NlaOrder }
  | {
      readonly name: 'expects-key-proof';
      readonly order: NlaOrder;
      /** of the server's first TSRequest */
      readonly serverVersion: number;
      readonly sealing: NtlmSealing;
      /** what the server's pubKeyAuth must hold */
      readonly proof: Uint8Array;
    };

export type NlaVerdict = Pick<NlaVerdictFact, 'outcome' | 'says' | 'keyBinding'>;

export type NlaStep =
  | { readonly kind: 'send'; readonly bytes: Uint8Array; readonly state: NlaState }
  | { readonly kind: 'over'; readonly verdict: NlaVerdict };

/**
 * @param request what the server sent
 * @param certificate DER of the certificate that the TLS connection has now
 */
export function continueNla(state: NlaState, request: TsRequest, certificate: Uint8Array): NlaStep {
  if (toHex(certificate) !== toHex(state.order.certificate)) {
    return over(
      'certificate-changed',
      'the server changed its certificate while the logon was under way: something on the path opens the TLS of the connection',
    );
  }
  switch (state.name) {
    case 'expects-challenge':
      return onChallenge(state.order, request);
    case 'expects-key-proof':
      return onKeyProof(state, request);
  }
}

function over(
  outcome: NlaVerdict['outcome'],
  says: string,
  keyBinding: NlaVerdict['keyBinding'] = null,
): NlaStep {
  return { kind: 'over', verdict: { outcome, says, keyBinding } };
}

function refused(request: TsRequest): NlaStep | null {
  const { errorCode } = request;
  if (errorCode === null) return null;
  const code = `0x${errorCode.value.toString(16).toUpperCase().padStart(8, '0')}`;
  const name = errorCode.name === null ? code : `${errorCode.name} (${code})`;
  return over('refused', `the server refused the logon with ${name}`);
}

function onChallenge(order: NlaOrder, request: TsRequest): NlaStep {
  const refusal = refused(request);
  if (refusal !== null) return refusal;
  const found = challengeIn(request);
  if (found === null) return over('unexpected', 'the server did not answer with an NTLM challenge');
  const { challenge, bytes, wrapped } = found;
  const why = whyNotNtlmV2(challenge);
  if (why !== null) return over('unsupported', why);
  const channel = channelOf(order.certificate);
  if (channel === null) {
    return over(
      'unsupported',
      'the certificate cannot be read, so that no logon can be bound to it',
    );
  }
  const { subjectPublicKey, endPoint } = channel;
  const { negotiate, credentials, service, random, filetime } = order;
  const answer = answerChallenge({
    negotiate,
    challenge,
    challengeBytes: bytes,
    credentials,
    domain: credentials.domain ?? targetInfoOf(challenge.targetInfo).netbiosComputerName ?? '',
    service,
    channelBindings: endPoint === null ? null : channelBindingsHash(endPoint),
    random,
    filetime,
  });
  const version = Math.min(request.version, CREDSSP_VERSION);
  return {
    kind: 'send',
    bytes: proveKey(answer, version, random.clientNonce, subjectPublicKey, wrapped),
    state: {
      name: 'expects-key-proof',
      order,
      serverVersion: request.version,
      sealing: new NtlmSealing(answer.negotiateFlags, answer.exportedSessionKey, 'server'),
      proof: serverKeyProof(version, random.clientNonce, subjectPublicKey),
    },
  };
}

/** AUTHENTICATE, and with it the client's proof that it sees the server's own key. */
function proveKey(
  answer: NtlmAnswer,
  version: number,
  clientNonce: Uint8Array,
  subjectPublicKey: Uint8Array,
  wrapped: boolean,
): Uint8Array {
  const { authenticate, negotiateFlags, exportedSessionKey } = answer;
  const sealing = new NtlmSealing(negotiateFlags, exportedSessionKey, 'client');
  const token = wrapped
    ? encodeNegTokenResp({ negState: null, supportedMech: null, responseToken: authenticate })
    : authenticate;
  return encodeTsRequest({
    version: CREDSSP_VERSION,
    negoTokens: [token],
    pubKeyAuth: sealing.seal(clientKeyProof(version, clientNonce, subjectPublicKey)),
    // Below version 5 the field is not known.
    clientNonce: keyBindingOf(version) === 'hash' ? clientNonce : null,
  });
}

interface FoundChallenge {
  readonly challenge: ChallengeMessage;
  /** as it was sent, without SPNEGO */
  readonly bytes: Uint8Array;
  readonly wrapped: boolean;
}

/** @throws DecodeError for a token that cannot be read */
function challengeIn(request: TsRequest): FoundChallenge | null {
  for (const token of request.negoTokens ?? []) {
    const { ntlm, wrapper } = unwrapNegoToken(token);
    if (ntlm === null) continue;
    const challenge = decodeNtlm(ntlm);
    if (challenge.kind !== 'challenge') continue;
    return { challenge, bytes: ntlm, wrapped: wrapper === 'spnego' };
  }
  return null;
}

interface Channel {
  readonly subjectPublicKey: Uint8Array;
  /** null: the certificate's signature has no digest */
  readonly endPoint: Uint8Array | null;
}

function channelOf(certificate: Uint8Array): Channel | null {
  try {
    const { subjectPublicKey } = decodeCertificate(certificate);
    return { subjectPublicKey, endPoint: tlsServerEndPoint(certificate) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return null;
  }
}

function onKeyProof(
  state: Extract<NlaState, { name: 'expects-key-proof' }>,
  request: TsRequest,
): NlaStep {
  const { serverVersion, sealing, proof } = state;
  if (request.version !== serverVersion) {
    return over(
      'version-changed',
      `the server changed its TSRequest version from ${serverVersion} to ${request.version} while the logon was under way`,
    );
  }
  const refusal = refused(request);
  if (refusal !== null) return refusal;
  if (request.pubKeyAuth === null) {
    return over('unexpected', "the server's answer to the logon has no proof of its key");
  }
  const keyBinding = keyBindingOf(Math.min(serverVersion, CREDSSP_VERSION));
  const opened = sealing.open(request.pubKeyAuth);
  if (opened === null) {
    return over(
      'key-not-proved',
      "the server's proof of its key is not sealed with the key of this logon: it does not know the password, or the answer was changed on the way",
      keyBinding,
    );
  }
  if (toHex(opened) !== toHex(proof)) {
    return over(
      'key-not-proved',
      "the server's proof is of another key than that of the certificate seen here: something on the path opens the TLS of the connection",
      keyBinding,
    );
  }
  return over(
    'accepted',
    'the server accepted the logon and proved that it has the key of its certificate',
    keyBinding,
  );
}
