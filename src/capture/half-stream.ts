import { distance, FIN, SYN, type TcpHeader } from './tcp.js';

/** Beyond every window there is (RFC 7323 section 2.3): not of this connection. */
const MAX_DISTANCE = 2 ** 30;

/**
 * Bytes that wait for a hole to be filled, one direction. A handshake's flight has a few thousand,
 * and a sender seldom has more than this on its way.
 */
const MAX_PENDING_BYTES = 1 << 18;

/** Separate pieces that wait. */
const MAX_PENDING_PIECES = 256;

/**
 * A capture may show an acknowledgment before what it acknowledges, where several queues or ports
 * were captured. After so long, what was acknowledged and not seen was not captured.
 */
const GAP_GRACE_NS = 200e6;

/** Segments whose content is remembered, to compare it with another copy. */
const REMEMBERED = 16;

/** What a segment adds to its direction. */
export type SegmentKind =
  | 'new'
  /** occupies no sequence number */
  | 'empty'
  | 'keep-alive'
  | 'retransmission'
  | 'out-of-order'
  /** sequence numbers of another connection, or damaged */
  | 'stray';

/** Takes what one direction carried, in order. */
export interface HalfEvents {
  /** @param bytes valid until this returns */
  bytes(at: number, bytes: Uint8Array, packet: number): void;
  /** so many bytes are not in the capture */
  gap(at: number, length: number): void;
  fin(at: number, packet: number): void;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  /** null: nobody wants them */
  readonly bytes: Uint8Array | null;
  readonly packet: number;
}

/**
 * One direction of a TCP connection: puts its segments in order and tells which were seen before.
 * Of overlapping copies the first wins.
 *
 * INVARIANT: each byte is delivered at most once and in order; what waits is bounded.
 */
export class HalfStream {
  readonly #events: HalfEvents;
  /** whether its bytes are of interest; sequence numbers always are */
  wanted = true;
  /** whether any segment of it was seen */
  received = false;
  /** whether `next` means anything: its first number is known from it or from an acknowledgment */
  known = false;
  /** the next number to deliver */
  next = 0;
  /** the number after the highest that was seen, or that its sender claims to have sent */
  highest = 0;
  #highestAt = 0;
  #acked = 0;
  #hasAcked = false;
  /** since when bytes are known to have been received that were not seen; NaN: there are none */
  #overdueSince = Number.NaN;
  #pending: Piece[] = [];
  #pendingBytes = 0;
  #fin: { readonly sequence: number; readonly at: number; readonly packet: number } | null = null;
  #finTold = false;
  #remembered: Int32Array | null = null;
  #rememberedNext = 0;
  /** copies of the same bytes that differ */
  conflicts = 0;

  constructor(events: HalfEvents) {
    this.#events = events;
  }

  /** Bytes that wait for a hole to be filled. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes that were sent by what sequence numbers say, and neither seen nor acknowledged. */
  get unseen(): number {
    let missing = distance(this.next, this.highest);
    for (const piece of this.#pending) missing -= distance(piece.start, piece.end);
    return this.known ? Math.max(0, missing) : 0;
  }

  /** Nobody needs its bytes any more. */
  stopReading(): void {
    this.wanted = false;
    this.#pending = this.#pending.map((piece) => ({ ...piece, bytes: null }));
    this.#pendingBytes = 0;
    this.#remembered = null;
  }

  /**
   * Takes a segment that is no RST.
   *
   * @param reorderingNs below which a late segment is taken to have been overtaken, not sent again
   */
  receive(
    tcp: TcpHeader,
    bytes: Uint8Array,
    at: number,
    packet: number,
    reorderingNs: number,
  ): SegmentKind {
    const { sequence, length, flags } = tcp;
    const dataStart = (flags & SYN) === 0 ? sequence : (sequence + 1) | 0;
    const dataEnd = (dataStart + length) | 0;
    const end = (flags & FIN) === 0 ? dataEnd : (dataEnd + 1) | 0;
    if (!this.known) this.#start(sequence, dataStart);
    else if (Math.abs(distance(this.highest, sequence)) > MAX_DISTANCE) return 'stray';
    const kind = this.#classify(tcp, end, at, reorderingNs);
    this.received = true;
    if (distance(this.highest, end) > 0) {
      this.highest = end;
      this.#highestAt = at;
    }
    if ((flags & FIN) !== 0) this.#fin ??= { sequence: dataEnd, at, packet };
    if (length > 0 && kind !== 'keep-alive') {
      if (kind === 'retransmission' && this.wanted) this.#compare(dataStart, length, bytes);
      this.#accept(dataStart, dataEnd, bytes, at, packet);
    }
    this.#tellFin(at);
    return kind;
  }

  #start(sequence: number, dataStart: number): void {
    this.known = true;
    this.next = dataStart;
    this.highest = sequence;
  }

  #classify(tcp: TcpHeader, end: number, at: number, reorderingNs: number): SegmentKind {
    const { sequence, length, flags } = tcp;
    const ahead = distance(this.highest, sequence);
    const occupies = end !== sequence;
    if (ahead === -1 && length <= 1 && (flags & (SYN | FIN)) === 0 && this.received) {
      // RFC 9293 section 3.8.4: it repeats the last byte, or names it, to be answered.
      return 'keep-alive';
    }
    if (!occupies) return 'empty';
    // A direction that is known from acknowledgments only has nothing to be seen again.
    if (ahead >= 0 || !this.received) return 'new';
    // What follows a probe of a closed window repeats its one byte.
    if (ahead === -1 && length > 1) return 'new';
    const seenTo = distance(this.highest, end) > 0 ? this.highest : end;
    if (this.#isSeen(sequence, seenTo)) return 'retransmission';
    const isLate = !(at - this.#highestAt < reorderingNs);
    return isLate || end === this.highest ? 'retransmission' : 'out-of-order';
  }

  #isSeen(from: number, to: number): boolean {
    let at = distance(from, this.next) > 0 ? this.next : from;
    for (const piece of this.#pending) {
      if (distance(at, to) <= 0) return true;
      if (distance(at, piece.start) > 0) return false;
      if (distance(at, piece.end) > 0) at = piece.end;
    }
    return distance(at, to) <= 0;
  }

  /** The other side has received everything before `sequence`. */
  acknowledge(sequence: number, at: number): void {
    if (!this.known) {
      this.#start(sequence, sequence);
    } else if (Math.abs(distance(this.highest, sequence)) > MAX_DISTANCE) {
      return;
    }
    if (this.#hasAcked && distance(this.#acked, sequence) <= 0) return;
    this.#acked = sequence;
    this.#hasAcked = true;
    if (distance(this.next, sequence) > 0 && !this.#finAt(sequence)) {
      if (Number.isNaN(this.#overdueSince)) this.#overdueSince = at;
    }
  }

  /** An acknowledgment one beyond `next` may be that of the FIN. */
  #finAt(acknowledged: number): boolean {
    return this.#fin !== null && this.next === this.#fin.sequence && acknowledged === this.next + 1;
  }

  /** Whether the other side has acknowledged everything up to `end`. */
  isAcknowledged(end: number): boolean {
    return this.#hasAcked && distance(this.#acked, end) <= 0;
  }

  /** Gives up waiting for bytes that were acknowledged long ago, or for all of them at the end. */
  settle(at: number, atEnd = false): void {
    if (Number.isNaN(this.#overdueSince)) return;
    if (!atEnd && !(at - this.#overdueSince > GAP_GRACE_NS)) return;
    this.#overdueSince = Number.NaN;
    while (distance(this.next, this.#acked) > 0 && !this.#finAt(this.#acked)) this.#skipHole(at);
    this.#tellFin(at);
  }

  /** The connection is over: what is known of its end is told even behind a hole. */
  finish(at: number): void {
    this.settle(at, true);
    if (this.#fin !== null && !this.#finTold) {
      this.#finTold = true;
      this.#events.fin(this.#fin.at, this.#fin.packet);
    }
    this.stopReading();
  }

  #tellFin(at: number): void {
    if (this.#fin === null || this.#finTold || distance(this.next, this.#fin.sequence) > 0) return;
    this.#finTold = true;
    if (this.next === this.#fin.sequence) this.next = (this.next + 1) | 0;
    this.#events.fin(Number.isNaN(at) ? this.#fin.at : at, this.#fin.packet);
  }

  #accept(start: number, end: number, bytes: Uint8Array, at: number, packet: number): void {
    if (distance(this.next, start) > 0) {
      this.#keep(start, end, bytes, packet);
      const tooMuch =
        this.#pendingBytes > MAX_PENDING_BYTES ||
        this.#pending.length > MAX_PENDING_PIECES ||
        distance(this.next, end) > MAX_DISTANCE;
      if (tooMuch) this.#skipHole(at);
      return;
    }
    if (distance(this.next, end) <= 0) return;
    if (this.wanted) this.#remember(start, end, bytes);
    this.#deliver(start, end, bytes, at, packet);
    if (this.#pending.length > 0 || !Number.isNaN(this.#overdueSince)) this.#drain(at);
  }

  /** Delivers what of [start, end) was not delivered yet; `bytes` may be shorter (snap length). */
  #deliver(start: number, end: number, bytes: Uint8Array | null, at: number, packet: number): void {
    const skipped = Math.max(0, distance(start, this.next));
    const length = distance(start, end);
    this.next = end;
    if (!this.wanted || bytes === null) return;
    if (skipped < bytes.length) this.#events.bytes(at, bytes.subarray(skipped), packet);
    const missing = length - Math.max(skipped, bytes.length);
    if (missing > 0 && this.wanted) this.#events.gap(at, missing);
  }

  #drain(at: number): void {
    for (;;) {
      const [piece] = this.#pending;
      if (piece === undefined || distance(this.next, piece.start) > 0) break;
      this.#pending.shift();
      this.#pendingBytes -= piece.bytes?.length ?? 0;
      if (distance(this.next, piece.end) > 0) {
        this.#deliver(piece.start, piece.end, piece.bytes, at, piece.packet);
      }
    }
    if (!Number.isNaN(this.#overdueSince) && distance(this.next, this.#acked) <= 0) {
      this.#overdueSince = Number.NaN;
    }
  }

  /**
   * The bytes up to what waits, or up to what was acknowledged, will not come any more.
   *
   * INVARIANT: `next` goes on, if anything waits or was acknowledged beyond it.
   */
  #skipHole(at: number): void {
    const [piece] = this.#pending;
    const acked = this.#hasAcked && distance(this.next, this.#acked) > 0 ? this.#acked : null;
    let to = piece?.start ?? acked;
    if (to === null) return;
    if (acked !== null && distance(to, acked) < 0) to = acked;
    // The FIN takes a number, and is no byte.
    const fin = this.#fin?.sequence ?? null;
    if (fin !== null && to === ((fin + 1) | 0) && distance(this.next, fin) > 0) to = fin;
    const missing = distance(this.next, to);
    this.next = to;
    if (distance(this.highest, to) > 0) this.highest = to;
    if (this.wanted) this.#events.gap(at, missing);
    this.#drain(at);
  }

  /** Keeps what of [start, end) does not wait already. */
  #keep(start: number, end: number, bytes: Uint8Array, packet: number): void {
    let from = start;
    const pieces: Piece[] = [];
    const add = (to: number): void => {
      const first = distance(start, from);
      const kept = this.wanted ? bytes.slice(first, distance(start, to)) : null;
      pieces.push({ start: from, end: to, bytes: kept, packet });
      this.#pendingBytes += kept?.length ?? 0;
    };
    for (const piece of this.#pending) {
      if (distance(from, piece.end) <= 0) continue;
      if (distance(piece.start, end) <= 0 || distance(from, end) <= 0) break;
      this.#compareWith(piece, start, bytes);
      if (distance(from, piece.start) > 0) add(piece.start);
      from = piece.end;
    }
    if (distance(from, end) > 0) add(end);
    if (pieces.length === 0) return;
    const all = [...this.#pending, ...pieces];
    all.sort((a, b) => distance(this.next, a.start) - distance(this.next, b.start));
    this.#pending = this.wanted ? all : joined(all);
  }

  #compareWith(piece: Piece, start: number, bytes: Uint8Array): void {
    if (piece.bytes === null) return;
    const offset = distance(piece.start, start);
    const from = Math.max(0, offset);
    const to = Math.min(piece.bytes.length, offset + bytes.length);
    if (to <= from) return;
    const same = Buffer.compare(
      piece.bytes.subarray(from, to),
      bytes.subarray(from - offset, to - offset),
    );
    if (same !== 0) this.conflicts++;
  }

  #remember(start: number, end: number, bytes: Uint8Array): void {
    this.#remembered ??= new Int32Array(3 * REMEMBERED);
    this.#remembered.set([start, end, hashOf(bytes)], 3 * this.#rememberedNext);
    this.#rememberedNext = (this.#rememberedNext + 1) % REMEMBERED;
  }

  /** A copy of a segment that was delivered should hold the same. */
  #compare(start: number, length: number, bytes: Uint8Array): void {
    const remembered = this.#remembered;
    if (remembered === null || bytes.length !== length) return;
    const end = (start + length) | 0;
    for (let at = 0; at < remembered.length; at += 3) {
      if (remembered[at] !== start || remembered[at + 1] !== end) continue;
      if (remembered[at + 2] !== hashOf(bytes)) this.conflicts++;
      return;
    }
  }
}

/** Ranges without bytes need no borders where they touch. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last !== undefined && last.end === piece.start) {
      result[result.length - 1] = { ...last, end: piece.end };
    } else {
      result.push(piece);
    }
  }
  return result;
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  }
  return hash | 0;
}
