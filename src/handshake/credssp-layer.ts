import type { AvPair } from '../wire/av-pair.js';
import {
  decodeEarlyUserAuthorization,
  frameEarlyUserAuthorization,
} from '../wire/early-user-authorization.js';
import { filetimeToUnixMicros } from '../wire/filetime.js';
import type { Frame } from '../wire/framing.js';
import { NEED_MORE } from '../wire/framing.js';
import { type ChallengeMessage, decodeNtlm, isNtlm, productVersion } from '../wire/ntlm.js';
import { unwrapNegoToken } from '../wire/spnego.js';
import { frameTpkt } from '../wire/tpkt.js';
import { decodeTsRequest, frameTsRequest, type TsRequest } from '../wire/ts-request.js';
import { type Framed, MessageStream } from './framing.js';
import type {
  EarlyUserAuthorizationMessage,
  NtlmChallenge,
  Side,
  TsRequestMessage,
} from './trace.js';

/** First byte of a TPKT. */
const TPKT_VERSION = 0x03;

/** First byte of a TSRequest: a DER SEQUENCE. */
const DER_SEQUENCE = 0x30;

export type PlaintextFound =
  | {
      readonly kind: 'message';
      readonly framed: Framed;
      readonly message: TsRequestMessage | EarlyUserAuthorizationMessage;
    }
  | { readonly kind: 'tpkt'; readonly framed: Framed };

/**
 * Cuts what is inside TLS into TSRequests, the Early User Authorization Result and TPKTs. The first
 * byte tells them apart: 0x30, 0x03, and the result is a small number in four bytes.
 */
export class CredSspLayer {
  readonly #streams: Record<Side, MessageStream> = {
    client: new MessageStream(),
    server: new MessageStream(),
  };
  readonly #stopped: Record<Side, boolean> = { client: false, server: false };

  pending(side: Side): number {
    return this.#streams[side].pending;
  }

  /** Reads no more: what follows is a running session. */
  stop(): void {
    for (const side of ['client', 'server'] as const) {
      this.#stopped[side] = true;
      this.#streams[side].clear();
    }
  }

  /** @throws DecodeError for what starts none of them; this side is not read any further then */
  *push(
    side: Side,
    at: number | null,
    bytes: Uint8Array,
    packet?: number,
  ): Generator<PlaintextFound> {
    if (this.#stopped[side]) return;
    const stream = this.#streams[side];
    stream.push(bytes, at, packet);
    let whole = false;
    try {
      while (!this.#stopped[side]) {
        const framed = stream.next(framePlaintext);
        if (framed === null) break;
        yield readPlaintext(framed);
      }
      whole = true;
    } finally {
      if (!whole) {
        this.#stopped[side] = true;
        stream.clear();
      }
    }
  }
}

function framePlaintext(bytes: Uint8Array): Frame {
  switch (bytes[0]) {
    case undefined:
      return NEED_MORE;
    case TPKT_VERSION:
      return frameTpkt(bytes);
    case 0x00:
    case 0x05:
      return frameEarlyUserAuthorization(bytes);
    default:
      return frameTsRequest(bytes);
  }
}

function readPlaintext(framed: Framed): PlaintextFound {
  switch (framed.bytes[0]) {
    case TPKT_VERSION:
      return { kind: 'tpkt', framed };
    case DER_SEQUENCE:
      return { kind: 'message', framed, message: readTsRequest(decodeTsRequest(framed.bytes)) };
    default: {
      const { authorizationResult } = decodeEarlyUserAuthorization(framed.bytes);
      return {
        kind: 'message',
        framed,
        message: { type: 'early-user-authorization', result: authorizationResult },
      };
    }
  }
}

/** What a TSRequest tells; its secrets and what can be attacked offline are left behind. */
function readTsRequest(request: TsRequest): TsRequestMessage {
  const carries: TsRequestMessage['carries'][number][] = [];
  const mechanisms: string[] = [];
  let wrapper: TsRequestMessage['wrapper'] = 'none';
  let challenge: NtlmChallenge | null = null;
  for (const token of request.negoTokens ?? []) {
    const content = unwrapNegoToken(token);
    if (content.wrapper === 'spnego') wrapper = 'spnego';
    for (const { oid, name } of content.mechanisms) mechanisms.push(name ?? oid);
    if (content.kerberos) carries.push('kerberos');
    if (content.ntlm !== null && isNtlm(content.ntlm)) {
      const message = decodeNtlm(content.ntlm);
      carries.push(`ntlm-${message.kind}`);
      if (message.kind === 'challenge') challenge = readChallenge(message);
    } else if (!content.kerberos) {
      carries.push('nego-token');
    }
  }
  if (request.pubKeyAuth !== null) carries.push('pub-key-auth');
  if (request.authInfo !== null) carries.push('auth-info');
  if (request.clientNonce !== null) carries.push('client-nonce');
  if (request.errorCode !== null) carries.push('error-code');
  return {
    type: 'ts-request',
    version: request.version,
    carries,
    wrapper,
    mechanisms,
    challenge,
    errorCode: request.errorCode,
  };
}

/** What a CHALLENGE_MESSAGE tells, wherever it came from. */
export function readChallenge(message: ChallengeMessage): NtlmChallenge {
  const text = (name: string): string | null => {
    const pair = message.targetInfo.find(
      (candidate): candidate is AvPair & { kind: 'text' } =>
        candidate.kind === 'text' && candidate.avId.name === name,
    );
    return pair?.value ?? null;
  };
  const timestamp = message.targetInfo.find((pair) => pair.kind === 'timestamp');
  return {
    targetName: message.targetName,
    netbiosComputerName: text('MsvAvNbComputerName'),
    netbiosDomainName: text('MsvAvNbDomainName'),
    dnsComputerName: text('MsvAvDnsComputerName'),
    dnsDomainName: text('MsvAvDnsDomainName'),
    dnsTreeName: text('MsvAvDnsTreeName'),
    productVersion: message.version === null ? null : productVersion(message.version),
    timestamp: timestamp === undefined ? null : filetimeToUnixMicros(timestamp.filetime),
    negotiateFlags: message.negotiateFlags,
  };
}
