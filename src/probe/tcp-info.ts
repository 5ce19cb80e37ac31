/**
 * What a kernel tells of one TCP socket of ours. Each figure is null where the platform, or this
 * version of it, does not tell. Segment sizes are payload bytes as the kernel counts them: the
 * timestamps option (12 bytes, RFC 7323) is left out of them.
 */
export interface TcpInfo {
  /** number of the state in the platform's own counting; Linux: 1 is ESTABLISHED, 7 CLOSE */
  readonly state: number | null;
  /** smoothed, microseconds; at `connect` it is the one sample of SYN and SYN/ACK */
  readonly rttUs: number | null;
  readonly minRttUs: number | null;
  readonly retransmissionTimeoutUs: number | null;
  /** how often the retransmission timer doubled since the last progress */
  readonly backoff: number | null;
  /** segments on their way without an acknowledgment */
  readonly unacknowledged: number | null;
  /** of those, how many the peer has by its SACK */
  readonly sacked: number | null;
  /** segments sent again since the start, SYN included */
  readonly retransmissions: number | null;
  /** of those, how many the peer reported to have had already (DSACK) */
  readonly spuriousRetransmissions: number | null;
  readonly bytesSent: number | null;
  readonly bytesRetransmitted: number | null;
  /** Linux counts SYN and FIN as one byte each here, and nowhere else */
  readonly bytesAcknowledged: number | null;
  readonly bytesReceived: number | null;
  readonly segmentsSent: number | null;
  readonly segmentsReceived: number | null;
  readonly dataSegmentsSent: number | null;
  readonly dataSegmentsReceived: number | null;
  /** packets that came before one that should have come earlier */
  readonly receivedOutOfOrder: number | null;
  readonly sendMss: number | null;
  /** payload of the largest segment that came, or the kernel's first guess of 536 */
  readonly receiveMss: number | null;
  /** MSS of our own SYN */
  readonly advertisedMss: number | null;
  readonly pathMtu: number | null;
  /** segments */
  readonly congestionWindow: number | null;
  /** bytes */
  readonly sendWindow: number | null;
  readonly timestamps: boolean | null;
  readonly sackPermitted: boolean | null;
}

export const NOTHING_KNOWN: TcpInfo = {
  state: null,
  rttUs: null,
  minRttUs: null,
  retransmissionTimeoutUs: null,
  backoff: null,
  unacknowledged: null,
  sacked: null,
  retransmissions: null,
  spuriousRetransmissions: null,
  bytesSent: null,
  bytesRetransmitted: null,
  bytesAcknowledged: null,
  bytesReceived: null,
  segmentsSent: null,
  segmentsReceived: null,
  dataSegmentsSent: null,
  dataSegmentsReceived: null,
  receivedOutOfOrder: null,
  sendMss: null,
  receiveMss: null,
  advertisedMss: null,
  pathMtu: null,
  congestionWindow: null,
  sendWindow: null,
  timestamps: null,
  sackPermitted: null,
};

/** RFC 7323: the timestamps option takes this much of every segment. */
export const TIMESTAMP_OPTION_BYTES = 12;

/** The MSS option of a SYN that stands behind a segment size of the kernel. */
export function wireMss(mss: number | null, info: Pick<TcpInfo, 'timestamps'>): number | null {
  return mss === null ? null : mss + (info.timestamps === true ? TIMESTAMP_OPTION_BYTES : 0);
}

/**
 * The MSS option of the peer's SYN. No kernel sends a segment larger than half the peer's window, and
 * then its segment size says nothing of the MSS.
 *
 * @returns null: not told, or hidden by the window
 */
export function peerMss(info: TcpInfo): number | null {
  const { sendMss, sendWindow } = info;
  const boundByWindow = sendMss !== null && sendWindow !== null && sendMss === sendWindow >>> 1;
  return boundByWindow ? null : wireMss(sendMss, info);
}

/**
 * Whether a connection has the MSS that was asked for. Node replaces a socket of ours without a word
 * where it connects by name and the first address fails; its options are lost then, and only the
 * kernel knows.
 *
 * @param info of the opened stream, once it is connected
 * @param mss as asked for
 */
export function clampState(info: TcpInfo | null, mss: number): 'held' | 'lost' | 'unknown' {
  if (info === null) return 'unknown';
  const advertised = wireMss(info.advertisedMss, info);
  if (advertised !== null) return advertised <= mss ? 'held' : 'lost';
  // Nothing was ever sent on the socket that was opened: another one is connected in its place.
  return info.segmentsSent === 0 ? 'lost' : 'unknown';
}
