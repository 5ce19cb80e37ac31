import type { TcpSideFigures } from '../handshake/trace.js';
import type { HalfStream } from './half-stream.js';
import { HopLimitCounts } from './hop-limit-counts.js';
import { distance, type TcpHeader } from './tcp.js';

/** Sizes that wait for their acknowledgment; the sizes of a connection grow in few steps. */
const MAX_WAITING_SIZES = 8;

/** Different MSS values of one SYN: one for each device that rewrites it. */
const MAX_OTHER_MSS = 4;

/** What one side of a connection did, counted. */
export class SideCounts {
  packets = 0;
  bytes = 0;
  fragments = 0;
  retransmissions = 0;
  spuriousRetransmissions = 0;
  synRetransmissions = 0;
  outOfOrder = 0;
  duplicateAcks = 0;
  zeroWindows = 0;
  keepAlives = 0;
  largestSegment = 0;
  #largestAcknowledged = 0;
  #waitingSizes: { readonly end: number; readonly length: number }[] = [];

  synSeen = false;
  mss: number | null = null;
  #otherMss: number[] = [];
  windowScale: number | null = null;
  sackPermitted: boolean | null = null;
  timestamps: boolean | null = null;

  /** of its last segment; for telling duplicate acknowledgments */
  lastAcknowledgment = 0;
  lastWindow = -1;
  lastWasKeepAlive = false;

  readonly hopLimits = new HopLimitCounts();

  /** @param tcp a SYN of this side with its options read */
  synchronise(tcp: TcpHeader): void {
    if (this.synSeen) {
      const { mss } = tcp;
      const isOther = mss !== null && mss !== this.mss && !this.#otherMss.includes(mss);
      if (isOther && this.#otherMss.length < MAX_OTHER_MSS) this.#otherMss.push(mss);
      return;
    }
    this.synSeen = true;
    this.mss = tcp.mss;
    this.windowScale = tcp.windowScale;
    this.sackPermitted = tcp.sackPermitted;
    this.timestamps = tcp.timestamp !== null;
  }

  /** A segment with so many bytes of payload that ends before sequence number `end`. */
  sent(length: number, end: number): void {
    this.bytes += length;
    if (length > this.largestSegment) this.largestSegment = length;
    if (length > this.#largestAcknowledged && this.#waitingSizes.length < MAX_WAITING_SIZES) {
      this.#waitingSizes.push({ end, length });
    }
  }

  /** The other side has everything before `acknowledgment`. */
  acknowledged(acknowledgment: number): void {
    if (this.#waitingSizes.length === 0) return;
    const waiting = [];
    for (const size of this.#waitingSizes) {
      if (distance(size.end, acknowledgment) < 0) waiting.push(size);
      else this.#largestAcknowledged = Math.max(this.#largestAcknowledged, size.length);
    }
    this.#waitingSizes = waiting.filter(({ length }) => length > this.#largestAcknowledged);
  }

  /** RFC 9293 does not name it; RFC 5681 section 2 does, and what it says is read from the capture. */
  isDuplicateAck(tcp: TcpHeader, highest: number, answersKeepAlive: boolean): boolean {
    return (
      tcp.length === 0 &&
      tcp.window !== 0 &&
      tcp.window === this.lastWindow &&
      tcp.acknowledgment === this.lastAcknowledgment &&
      tcp.sequence === highest &&
      !answersKeepAlive
    );
  }

  figures(half: HalfStream): TcpSideFigures {
    return {
      packets: this.packets,
      bytes: this.bytes,
      mss: this.mss,
      otherMss: this.#otherMss,
      windowScale: this.windowScale,
      sackPermitted: this.sackPermitted,
      timestamps: this.timestamps,
      retransmissions: this.retransmissions,
      spuriousRetransmissions: this.spuriousRetransmissions,
      synRetransmissions: this.synRetransmissions,
      outOfOrder: this.outOfOrder,
      duplicateAcks: this.duplicateAcks,
      zeroWindows: this.zeroWindows,
      keepAlives: this.keepAlives,
      fragments: this.fragments,
      largestSegment: this.largestSegment === 0 ? null : this.largestSegment,
      largestAcknowledged: this.#largestAcknowledged === 0 ? null : this.#largestAcknowledged,
      unseenBytes: half.unseen,
      differingCopies: half.conflicts,
      hopLimits: this.hopLimits.figures(),
    };
  }
}
