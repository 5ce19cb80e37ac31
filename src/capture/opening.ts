import { DecodeError } from '../wire/decode-error.js';
import { identifyForeignProtocol } from '../wire/foreign-protocol.js';
import { decodeNegotiationRequest } from '../wire/negotiation.js';
import { decodeTpkt, frameTpkt } from '../wire/tpkt.js';
import { decodeX224 } from '../wire/x224.js';
import { readTunnel, type Tunnel } from './tunnel.js';

/**
 * Bytes of one side that are looked at before a decision. A connection request has at most a few
 * hundred; a proxy's opening with a ticket in it has some thousand.
 */
export const MAX_OPENING_BYTES = 16_384;

/** A server that sends so much before its client says anything is not waiting for a request. */
const MAX_UNASKED_BYTES = 1024;

/** The longest TPKT that can hold a connection request: its length indicator has eight bits. */
const MAX_REQUEST_BYTES = 300;

const TLS_HANDSHAKE = 22;

/** What the beginning of a connection says of it. */
export type Verdict =
  | { readonly kind: 'undecided' }
  | { readonly kind: 'rdp'; readonly tunnel: (Tunnel & { readonly kind: 'open' }) | null }
  | { readonly kind: 'other'; readonly why: string };

const UNDECIDED: Verdict = { kind: 'undecided' };
const RDP: Verdict = { kind: 'rdp', tunnel: null };

function other(why: string): Verdict {
  return { kind: 'other', why };
}

/**
 * Tells RDP by content. On a port where RDP is expected, TLS without a negotiation before it is RDP
 * too, and so is a connection request that says nothing of RDP.
 *
 * @param client the first bytes of the client, from the very first on
 * @param server the first bytes of the server
 * @param isRdpPort whether RDP is expected on the server's port
 */
export function judgeOpening(
  client: Uint8Array,
  server: Uint8Array,
  isRdpPort: (port: number) => boolean,
  port: number,
): Verdict {
  if (client.length === 0) {
    return server.length > MAX_UNASKED_BYTES && !isRdpPort(port)
      ? other(describe(server, 'its server speaks first'))
      : UNDECIDED;
  }
  const direct = judgeRequest(client, isRdpPort(port));
  if (direct !== null) return direct;
  const tunnel = readTunnel(client, server);
  switch (tunnel.kind) {
    case 'need-more':
      return client.length < MAX_OPENING_BYTES
        ? UNDECIDED
        : other('it starts with the request to a proxy that never ends');
    case 'none':
      return other(describe(client, 'its client starts with bytes that are not RDP'));
    case 'refused':
      return other(tunnel.says);
    case 'open': {
      const inner = client.subarray(tunnel.clientBytes);
      if (inner.length === 0) return UNDECIDED;
      const found = judgeRequest(inner, isRdpPort(tunnel.port));
      if (found === null) return other(`a tunnel with something else than RDP inside`);
      return found.kind === 'rdp' ? { kind: 'rdp', tunnel } : found;
    }
  }
}

/** Whether bytes from the middle of a connection start a connection request or a TLS handshake. */
export function startsHandshake(bytes: Uint8Array): boolean {
  if (bytes[0] === TLS_HANDSHAKE) return bytes[1] === 3 && bytes[5] === 1;
  return bytes[0] === 3 && bytes[1] === 0 && bytes[5] === 0xe0;
}

/** @returns null: neither a TPKT nor TLS */
function judgeRequest(client: Uint8Array, isRdpPort: boolean): Verdict | null {
  const [first, second] = client;
  if (first === TLS_HANDSHAKE) {
    if (second === undefined) return UNDECIDED;
    if (second !== 3) return null;
    return isRdpPort ? RDP : other('TLS without the negotiation of RDP before it');
  }
  if (first !== 3) return null;
  try {
    return judgeTpkt(client, isRdpPort);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return isRdpPort ? RDP : other('it starts with a broken TPKT');
  }
}

function judgeTpkt(client: Uint8Array, isRdpPort: boolean): Verdict | null {
  const frame = frameTpkt(client);
  const code = client[5];
  if (code !== undefined && (code & 0xf0) !== 0xe0) {
    return other('TPKT without a connection request at its start, as H.323 has it');
  }
  if (frame.kind === 'need-more') {
    return client.length <= MAX_REQUEST_BYTES ? UNDECIDED : null;
  }
  const tpdu = decodeX224(decodeTpkt(client.subarray(0, frame.length)).payload);
  if (tpdu.kind !== 'connection-request') return null;
  const request = decodeNegotiationRequest(tpdu.variable);
  const isRdp =
    request.negotiation !== null || request.cookie !== null || request.routingToken !== null;
  if (isRdp || (isRdpPort && !hasCotpParameters(tpdu.variable))) return RDP;
  return other('a connection request of another protocol than RDP (S7comm, H.323, MMS, ...)');
}

/** [X224] 13.3.4: TPDU size and the two TSAP identifiers, which RDP does not send. */
function hasCotpParameters(variable: Uint8Array): boolean {
  const [first] = variable;
  return first !== undefined && first >= 0xc0 && first <= 0xc2;
}

function describe(bytes: Uint8Array, otherwise: string): string {
  const { protocol } = identifyForeignProtocol(bytes);
  return protocol === null ? otherwise : `it speaks ${protocol}`;
}
