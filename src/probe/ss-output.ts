import { NOTHING_KNOWN, type TcpInfo } from './tcp-info.js';

/** Names of states in the output of `ss`, and their numbers in the kernel. */
const STATES: Readonly<Record<string, number>> = {
  ESTAB: 1,
  'SYN-SENT': 2,
  'SYN-RECV': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  UNCONN: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
};

/**
 * What `ss -tinoH` of iproute2 says of one TCP socket. It leaves out every figure that is zero, and
 * an old version also those that it does not know yet; `snd_wnd` is the youngest of those read here,
 * so where it stands, absent means zero.
 *
 * @returns null: no socket, or more than one
 */
export function parseSocketStatistics(output: string): TcpInfo | null {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  // The figures are on a line of their own, indented.
  if (lines.filter((line) => !/^\s/.test(line)).length !== 1) return null;
  const words = lines.join(' ').trim().split(/\s+/);
  const values = new Map<string, string>();
  for (const word of words.slice(5)) {
    const colon = word.indexOf(':');
    if (colon > 0) values.set(word.slice(0, colon), word.slice(colon + 1));
  }
  const number = (name: string): number | null => {
    const found = /^\d+(?:\.\d+)?/.exec(values.get(name) ?? '');
    return found === null ? null : Number(found[0]);
  };
  const milliseconds = (name: string): number | null => {
    const value = number(name);
    return value === null ? null : Math.round(value * 1000);
  };
  const isYoung = values.has('snd_wnd');
  const young = (name: string): number | null => number(name) ?? (isYoung ? 0 : null);
  // Printed since before there were the others.
  const old = (name: string): number | null => number(name) ?? (values.has('rto') ? 0 : null);
  const total = /^\d+\/(\d+)/.exec(values.get('retrans') ?? '')?.[1];
  return {
    ...NOTHING_KNOWN,
    state: STATES[words[0] ?? ''] ?? null,
    rttUs: milliseconds('rtt'),
    minRttUs: milliseconds('minrtt'),
    retransmissionTimeoutUs: milliseconds('rto'),
    backoff: old('backoff'),
    unacknowledged: old('unacked'),
    sacked: old('sacked'),
    retransmissions: total === undefined ? old('retrans') : Number(total),
    spuriousRetransmissions: young('dsack_dups'),
    bytesSent: young('bytes_sent'),
    bytesRetransmitted: young('bytes_retrans'),
    bytesAcknowledged: young('bytes_acked'),
    bytesReceived: young('bytes_received'),
    segmentsSent: young('segs_out'),
    segmentsReceived: young('segs_in'),
    dataSegmentsSent: young('data_segs_out'),
    dataSegmentsReceived: young('data_segs_in'),
    receivedOutOfOrder: young('rcv_ooopack'),
    sendMss: number('mss'),
    receiveMss: number('rcvmss'),
    advertisedMss: number('advmss'),
    pathMtu: number('pmtu'),
    congestionWindow: number('cwnd'),
    sendWindow: number('snd_wnd'),
    // Told only where figures are.
    timestamps: values.has('rto') ? words.includes('ts') : null,
    sackPermitted: values.has('rto') ? words.includes('sack') : null,
  };
}
