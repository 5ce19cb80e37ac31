import type { ResentSegment, Side, TcpFiguresFact } from '../handshake/trace.js';
import { type Direction, otherDirection } from './flow-table.js';
import { HalfStream } from './half-stream.js';
import type { IcmpReport } from './icmp.js';
import type { IpHeader } from './ip.js';
import type { Packet } from './packet.js';
import { RoundTrip } from './round-trip.js';
import { SegmentHistory } from './segment-history.js';
import { SideCounts } from './side-counts.js';
import { ACK, distance, FIN, RST, SYN, type TcpHeader } from './tcp.js';

/** tshark's value: a hole that is filled sooner, where no round trip is known, was overtaken. */
const REORDERING_NS = 3e6;

/** Options that are there for timestamps alone. */
const TIMESTAMPS_ONLY_BYTES = 12;

/** As many as show a pattern; the counts go on. */
const MAX_RESENT = 256;
const MAX_ICMP = 32;

const NO_BYTES = new Uint8Array(0);

/** Takes what happens on a TCP connection, in order. Times in nanoseconds of the file's scale. */
export interface ConversationEvents {
  connect(at: number, packet: number): void;
  accepted(at: number, packet: number): void;
  /** a RST in answer to the SYN */
  refused(at: number, packet: number): void;
  /** @param bytes valid until this returns */
  bytes(from: Direction, at: number, bytes: Uint8Array, packet: number): void;
  gap(from: Direction, at: number, length: number): void;
  end(from: Direction, at: number, how: 'fin' | 'reset', packet: number): void;
}

/** One TCP connection as a capture shows it: reassembled, and its figures. */
export class Conversation {
  readonly stream: number;
  readonly firstPacket: number;
  readonly firstAt: number;
  lastPacket: number;
  lastAt: number;
  /** which direction is the client's */
  client: Direction;
  /** neither SYN nor SYN/ACK was captured */
  joined = true;
  /** RST, or FIN of both sides */
  ended = false;
  /** when nothing more is to be expected of it; used by the table that holds it */
  endedAt = 0;

  readonly #events: ConversationEvents;
  readonly #halves: readonly [HalfStream, HalfStream];
  readonly #counts: readonly [SideCounts, SideCounts] = [new SideCounts(), new SideCounts()];
  readonly #roundTrip = new RoundTrip();
  #history: SegmentHistory | null = null;
  #refused = false;
  #finished = 0;
  #capturedTwice = 0;
  #resent: { from: Direction; at: number; packet: number; bytes: number }[] = [];
  #icmp: (IcmpReport & { readonly about: Direction })[] = [];

  /** @param client the side that is taken for the client until a SYN tells */
  constructor(stream: number, client: Direction, packet: Packet, events: ConversationEvents) {
    this.stream = stream;
    this.client = client;
    this.firstPacket = packet.number;
    this.lastPacket = packet.number;
    this.firstAt = packet.at;
    this.lastAt = packet.at;
    this.#events = events;
    this.#halves = [this.#newHalf(0), this.#newHalf(1)];
  }

  #newHalf(from: Direction): HalfStream {
    const events = this.#events;
    return new HalfStream({
      bytes: (at, bytes, packet) => events.bytes(from, at, bytes, packet),
      gap: (at, length) => events.gap(from, at, length),
      fin: (at, packet) => {
        this.#finished++;
        if (this.#finished === 2) this.ended = true;
        events.end(from, at, 'fin', packet);
      },
    });
  }

  sideOf(direction: Direction): Side {
    return direction === this.client ? 'client' : 'server';
  }

  /** Bytes that wait for holes to be filled. */
  get pendingBytes(): number {
    return this.#halves[0].pendingBytes + this.#halves[1].pendingBytes;
  }

  get hasData(): boolean {
    return this.#counts[0].bytes + this.#counts[1].bytes > 0;
  }

  /** Whether the client's SYN was sent more than once. */
  get synRepeated(): boolean {
    return this.#counts[this.client].synRetransmissions > 0;
  }

  get wasRefused(): boolean {
    return this.#refused;
  }

  get icmp(): readonly IcmpReport[] {
    return this.#icmp;
  }

  /** The handshake is over: from here on only figures are of interest. */
  stopReading(): void {
    for (const half of this.#halves) half.stopReading();
  }

  /** @param fragments IP fragments that the segment came in; 0: it came whole */
  segment(
    from: Direction,
    tcp: TcpHeader,
    packet: Packet,
    { identification, timeToLive }: Pick<IpHeader, 'identification' | 'timeToLive'>,
    fragments: number,
  ): void {
    const { at, number } = packet;
    this.lastPacket = number;
    if (at > this.lastAt) this.lastAt = at;
    const counts = this.#counts[from];
    counts.fragments += fragments;
    this.#history ??= new SegmentHistory();
    const isSyn = (tcp.flags & SYN) !== 0;
    if (isSyn) tcp.decodeOptions(packet.view);
    if (this.#history.isCopy(from, tcp, identification, at)) {
      this.#capturedTwice++;
      if (isSyn) counts.synchronise(tcp);
      return;
    }
    counts.packets++;
    counts.hopLimits.arrived(timeToLive, tcp.flags);
    if (isSyn) this.#synchronise(from, tcp, at, number);
    else if ((tcp.flags & RST) !== 0) this.#reset(from, at, number);
    if ((tcp.flags & RST) === 0) this.#receive(from, tcp, packet);
  }

  #synchronise(from: Direction, tcp: TcpHeader, at: number, number: number): void {
    const counts = this.#counts[from];
    const isAnswer = (tcp.flags & ACK) !== 0;
    const isFirst = !counts.synSeen;
    counts.synchronise(tcp);
    if (isAnswer) {
      if (!isFirst) return;
      if (this.joined) this.client = otherDirection(from);
      this.joined = false;
      this.#roundTrip.accepted(tcp, at);
      this.#events.accepted(at, number);
      return;
    }
    if (isFirst && this.joined) {
      this.client = from;
      this.joined = false;
      this.#events.connect(at, number);
    }
    if (from === this.client) this.#roundTrip.syn(tcp, at);
  }

  #reset(from: Direction, at: number, number: number): void {
    const answersSyn =
      !this.joined &&
      from !== this.client &&
      !this.#counts[from].synSeen &&
      !this.#halves[from].received;
    if (answersSyn && !this.hasData) {
      if (!this.#refused) this.#events.refused(at, number);
      this.#refused = true;
    } else {
      for (const half of this.#halves) half.settle(at, true);
      this.#events.end(from, at, 'reset', number);
    }
    this.ended = true;
  }

  #receive(from: Direction, tcp: TcpHeader, packet: Packet): void {
    const { at, number } = packet;
    const { flags, length } = tcp;
    const half = this.#halves[from];
    const peer = this.#halves[otherDirection(from)];
    const counts = this.#counts[from];
    const peerCounts = this.#counts[otherDirection(from)];
    const isPlain = (flags & (SYN | FIN)) === 0;
    const hasAck = (flags & ACK) !== 0;
    if (isPlain && hasAck) {
      if (this.#roundTrip.isOpen && from === this.client) this.#roundTrip.completed(at);
      if (counts.isDuplicateAck(tcp, half.highest, peerCounts.lastWasKeepAlive)) {
        counts.duplicateAcks++;
      }
      if (tcp.window === 0) counts.zeroWindows++;
      if (tcp.payloadStart - tcp.optionsStart > TIMESTAMPS_ONLY_BYTES) {
        this.#readSack(from, tcp, packet);
      }
    }
    const payload =
      half.wanted && length > 0
        ? packet.bytes.subarray(tcp.payloadStart, tcp.payloadEnd)
        : NO_BYTES;
    const kind = half.receive(tcp, payload, at, number, this.#roundTrip.toServer ?? REORDERING_NS);
    counts.lastWasKeepAlive = kind === 'keep-alive';
    switch (kind) {
      case 'stray':
        return;
      case 'keep-alive':
        counts.keepAlives++;
        break;
      case 'retransmission':
        this.#countResent(from, at, number, tcp);
        break;
      case 'out-of-order':
        counts.outOfOrder++;
        break;
      case 'new':
      case 'empty':
        break;
    }
    if (length > 0 && kind !== 'keep-alive') counts.sent(length, (tcp.sequence + length) | 0);
    if (hasAck) {
      counts.lastAcknowledgment = tcp.acknowledgment;
      counts.lastWindow = tcp.window;
      peerCounts.acknowledged(tcp.acknowledgment);
      peer.acknowledge(tcp.acknowledgment, at);
    }
    half.settle(at);
    peer.settle(at);
  }

  #countResent(from: Direction, at: number, packet: number, tcp: TcpHeader): void {
    const counts = this.#counts[from];
    counts.retransmissions++;
    if ((tcp.flags & SYN) !== 0) counts.synRetransmissions++;
    if (this.#resent.length < MAX_RESENT) {
      this.#resent.push({ from, at, packet, bytes: tcp.length });
    }
  }

  /** RFC 2883: a first block at or below the acknowledgment reports bytes that came twice. */
  #readSack(from: Direction, tcp: TcpHeader, packet: Packet): void {
    tcp.decodeOptions(packet.view);
    if (tcp.sackBlocks > 0 && distance(tcp.sackRight, tcp.acknowledgment) >= 0) {
      this.#counts[otherDirection(from)].spuriousRetransmissions++;
    }
  }

  /** Counts fragments of a datagram that was never complete, whose first one names this connection. */
  addFragments(from: Direction, count: number): void {
    this.#counts[from].fragments += count;
  }

  addIcmp(report: IcmpReport, about: Direction): void {
    if (this.#icmp.length < MAX_ICMP) this.#icmp.push({ ...report, about });
  }

  /** Nothing more will come: gaps and ends that were waited for are told. */
  finish(): void {
    for (const half of this.#halves) half.finish(this.lastAt);
  }

  /** @param toMicros from the file's scale to that of the trace */
  figures(toMicros: (at: number) => number | null): TcpFiguresFact {
    const { client } = this;
    const server = otherDirection(client);
    return {
      kind: 'tcp-figures',
      at: toMicros(this.lastAt),
      ...this.#roundTrip.figures(),
      client: this.#counts[client].figures(this.#halves[client]),
      server: this.#counts[server].figures(this.#halves[server]),
      resent: this.#resent.map(
        ({ from, at, packet, bytes }): ResentSegment => ({
          by: this.sideOf(from),
          at: toMicros(at),
          packet,
          bytes,
        }),
      ),
      icmp: this.#icmp.map(({ type, from, about, mtu, at, packet }) => ({
        type,
        from,
        about: this.sideOf(about),
        mtu,
        at: toMicros(at),
        packet,
      })),
      capturedTwice: this.#capturedTwice,
    };
  }
}
