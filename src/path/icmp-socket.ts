import type { KernelSockets } from '../probe/kernel-figures.js';
import { DecodeError } from '../wire/decode-error.js';
import { toHex } from '../wire/hex.js';
import {
  decodeIcmpEchoReply,
  encodeIcmpEchoRequest,
  ICMP_ECHO_HEADER_LENGTH,
} from '../wire/icmp-echo.js';
import { closeSocket, codeOf, type DatagramLine, openIcmpLine } from './datagram-line.js';
import {
  evidenceOfSizes,
  type Gathered,
  type SizeAnswer,
  sizesToTry,
  tryRising,
} from './size-answers.js';

export interface IcmpSocketRequest {
  /** an IP literal */
  readonly address: string;
  readonly family: 4 | 6;
  /** whole IP packets */
  readonly sizes: readonly number[];
  readonly kernel: KernelSockets;
  /** gives that many random bytes */
  readonly random: (count: number) => Uint8Array;
}

const ATTEMPTS = 2;
const WAIT_MS = 800;
/** Tells our replies from those to others: the kernel sets the identifier, so it cannot. */
const TOKEN_LENGTH = 8;

function ipHeaderBytes(family: 4 | 6): number {
  return family === 4 ? 20 : 40;
}

/** ICMP echo with do-not-fragment, without a program and without privileges. */
export async function gatherIcmpSocket(
  { address, family, sizes, kernel, random }: IcmpSocketRequest,
  signal: AbortSignal,
): Promise<Gathered> {
  if (!kernel.available) return { kind: 'nothing', why: kernel.why };
  const opened = await openIcmpLine({ address, family }, kernel);
  if (opened.kind === 'refused') return { kind: 'nothing', why: opened.why };
  if (opened.kind === 'failed') {
    return { kind: 'nothing', why: `the system sends no ICMP there (${opened.code})` };
  }
  const { line } = opened;
  const overhead = ipHeaderBytes(family) + ICMP_ECHO_HEADER_LENGTH;
  const token = random(TOKEN_LENGTH);
  let sequenceNumber = 0;
  const attempt = async (bytes: number): Promise<SizeAnswer | { readonly why: string }> => {
    const data = new Uint8Array(bytes - overhead);
    data.set(token);
    for (let tries = 0; tries < ATTEMPTS && !signal.aborted; tries++) {
      sequenceNumber++;
      const request = encodeIcmpEchoRequest(family, { identifier: 0, sequenceNumber, data });
      const isOurs = (message: Uint8Array): boolean => isReply(family, message, data);
      const seen = await exchange(line, request, isOurs, signal);
      switch (seen.kind) {
        case 'came-back':
          return { bytes, result: 'came-back', by: null, mtu: null };
        case 'failed':
          return failureOf(bytes, seen.code, line);
        case 'aborted':
          return { why: 'interrupted' };
        case 'silent':
          continue;
      }
    }
    return { bytes, result: 'silent', by: null, mtu: null };
  };
  try {
    const possible = sizesToTry(sizes, overhead + TOKEN_LENGTH);
    const answers = await tryRising(possible, attempt, signal);
    return 'why' in answers
      ? { kind: 'nothing', why: answers.why }
      : evidenceOfSizes('icmp-socket', 'ICMP echo with do-not-fragment', answers);
  } finally {
    closeSocket(line.socket);
  }
}

type Seen =
  | { readonly kind: 'came-back' | 'silent' | 'aborted' }
  | { readonly kind: 'failed'; readonly code: string };

/** Sends one request and waits for its reply, for an ICMP error, or for the end of the time. */
async function exchange(
  { socket }: DatagramLine,
  request: Uint8Array,
  isOurs: (message: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<Seen> {
  return await new Promise<Seen>((resolve) => {
    let settled = false;
    const settle = (seen: Seen): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('message', onMessage);
      socket.off('error', onError);
      // An error between two exchanges belongs to the one before.
      socket.on('error', ignore);
      resolve(seen);
    };
    const onMessage = (message: Uint8Array): void => {
      if (isOurs(message)) settle({ kind: 'came-back' });
    };
    const onError = (error: Error): void => settle({ kind: 'failed', code: codeOf(error) });
    const onAbort = (): void => settle({ kind: 'aborted' });
    const timer = setTimeout(() => settle({ kind: 'silent' }), WAIT_MS);
    socket.off('error', ignore);
    socket.on('message', onMessage);
    socket.on('error', onError);
    signal.addEventListener('abort', onAbort);
    socket.send(request, (error) => {
      if (error !== null) onError(error);
    });
  });
}

function ignore(): void {}

function isReply(family: 4 | 6, message: Uint8Array, data: Uint8Array): boolean {
  try {
    return toHex(decodeIcmpEchoReply(family, message).data) === toHex(data);
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** What an error of the socket says about a packet of this size. */
function failureOf(
  bytes: number,
  code: string,
  line: DatagramLine,
): SizeAnswer | { readonly why: string } {
  switch (code) {
    case 'EMSGSIZE': {
      // The interface's own MTU or one that a router named; the kernel does not tell which router.
      const mtu = line.pathMtu();
      return { bytes, result: 'refused', by: null, mtu: mtu !== null && mtu < bytes ? mtu : null };
    }
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ECONNREFUSED':
      return { bytes, result: 'unreachable', by: null, mtu: null };
    default:
      return { why: `the system sends no ICMP there (${code})` };
  }
}
