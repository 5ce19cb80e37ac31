import type { Clock } from '../probe/clock.js';
import { DecodeError } from '../wire/decode-error.js';
import {
  decodeRdpudp,
  encodeRdpudpSyn,
  RDPUDP_PROTOCOL_VERSION_1,
  RDPUDP_PROTOCOL_VERSION_3,
  type RdpudpSyn,
} from '../wire/rdpeudp.js';
import { closeSocket, codeOf, type DatagramLine } from './datagram-line.js';
import type { SynOutcome, SynPlan, SynResult } from './udp-plan.js';

/** Of packets; what the clients in the captures say. */
const RECEIVE_WINDOW = 64;

/** One SYN on a port of its own, as [MS-RDPEUDP] 3.1.3 wants it, and what comes back. */
export interface SynExchange {
  /** Sends it; the second time, the same bytes again. */
  send(): void;
  outcome(): SynOutcome;
  /**
   * Leaves without a word: the protocol has none for it ([MS-RDPEUDP] 1.3.1, 3.1.4.4). The server
   * sends its answer again a few times and forgets us then, within some 3 s; acknowledging it first
   * would keep it waiting for 65 s (3.1.1.9).
   */
  close(): void;
}

/** @param onNews called when the outcome has changed */
export function startSynExchange(
  plan: SynPlan,
  line: DatagramLine,
  clock: Clock,
  random: (count: number) => Uint8Array,
  onNews: () => void,
): SynExchange {
  const { socket } = line;
  const sequenceNumber = new DataView(Uint8Array.from(random(4)).buffer).getUint32(0);
  const bytes = encodeRdpudpSyn({
    snInitialSequenceNumber: sequenceNumber,
    uReceiveWindowSize: RECEIVE_WINDOW,
    uUpStreamMtu: plan.advertisedMtu,
    uDownStreamMtu: plan.advertisedMtu,
    uUdpVer: plan.version === RDPUDP_PROTOCOL_VERSION_1 ? null : plan.version,
    cookieHash: plan.version === RDPUDP_PROTOCOL_VERSION_3 ? random(32) : null,
    length: plan.payloadBytes,
  });
  let sent = 0;
  let sentAt = 0;
  let result: SynResult = { kind: 'silent' };
  const settle = (found: SynResult): void => {
    if (result.kind !== 'silent') return;
    result = found;
    closeSocket(socket);
    onNews();
  };
  socket.on('message', (message) => {
    const receivedAt = clock.now();
    const answer = answerTo(sequenceNumber, message);
    if (answer === null) return;
    settle({
      kind: 'answered',
      answerBytes: message.length,
      version: answer.synDataEx?.uUdpVer?.value ?? null,
      rttUs: sent === 1 ? receivedAt - sentAt : null,
    });
  });
  socket.on('error', (error) => settle(resultOf(codeOf(error))));
  return {
    send: () => {
      sent++;
      sentAt = clock.now();
      socket.send(bytes, (error) => {
        if (error === null) return;
        const failed = resultOf(codeOf(error));
        if (failed.kind !== 'unreachable') sent--;
        settle(failed);
      });
    },
    outcome: () => ({ plan, sent, result }),
    close: () => closeSocket(socket),
  };
}

/** Anything but a SYN+ACK that acknowledges our own number is none. */
function answerTo(sequenceNumber: number, message: Uint8Array): RdpudpSyn | null {
  try {
    const decoded = decodeRdpudp(message);
    if (decoded.kind !== 'syn-ack' || decoded.snSourceAck !== sequenceNumber) return null;
    return decoded;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** What an error of a connected UDP socket means. */
function resultOf(code: string): SynResult {
  switch (code) {
    case 'ECONNREFUSED':
    // Windows calls an ICMP port unreachable a reset.
    case 'ECONNRESET':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    // Linux calls an ICMPv6 "administratively prohibited" so. EPERM is a firewall of our own.
    case 'EACCES':
      return { kind: 'unreachable', code };
    case 'EMSGSIZE':
      return { kind: 'too-large' };
    default:
      return { kind: 'not-sent', code };
  }
}
