import type { Endpoint, HandshakeTrace, ProbeLabel } from '../handshake/trace.js';
import { Conversation } from './conversation.js';
import type { Watch } from './failed-attempt.js';
import { type Direction, FlowTable, otherDirection } from './flow-table.js';
import type { IcmpError } from './icmp.js';
import type { IpHeader } from './ip.js';
import type { Packet } from './packet.js';
import type { ProbeLabels } from './probe-label.js';
import type { Problems } from './problems.js';
import { RdpReading, type ReadingContext } from './rdp-reading.js';
import { ACK, FIN, RST, SYN, type TcpHeader } from './tcp.js';

/** A conversation that is not RDP. */
export interface OtherConversation {
  /** as Wireshark's tcp.stream */
  readonly stream: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** what it is instead, or why that could not be told */
  readonly why: string;
}

/** Takes what the conversations of a capture are, each when it is over. */
export interface ConversationSink {
  trace(trace: HandshakeTrace): void;
  other(other: OtherConversation): void;
}

export interface ConversationSettings extends ReadingContext {
  /** as it stands in the traces */
  readonly file: string;
  /** a trace for each conversation, with its TCP figures alone where it is not RDP */
  readonly every: boolean;
  /** what the probe that wrote the file says of its connections */
  readonly labels: ProbeLabels;
}

/**
 * Conversations that are followed at a time: those that are being read, and RDP sessions that go on.
 * What is known not to be RDP does not count. About 20 kB each while its handshake is read.
 */
const MAX_LIVE = 4096;

/** Bytes that wait for holes to be filled, all conversations together. */
const MAX_PENDING_BYTES = 64 << 20;

/** Late segments of a connection that has ended: resets of what was on its way, last resends. */
const LINGER_NS = 60e9;

/** Connections that have ended and are still kept for such segments. */
const MAX_LINGERING = 1024;

/** Interfaces; a capture of every host of a network has hundreds. */
const MAX_WATCHES = 65_536;

/** A conversation that is followed; in a list by when it was heard of last. */
class Live {
  readonly slot: number;
  readonly conversation: Conversation;
  readonly reading: RdpReading;
  readonly label: ProbeLabel | null;
  readonly interfaceNumber: number;
  older: Live | null = null;
  newer: Live | null = null;

  constructor(
    slot: number,
    conversation: Conversation,
    reading: RdpReading,
    label: ProbeLabel | null,
    packet: Packet,
  ) {
    this.interfaceNumber = packet.interfaceNumber;
    this.slot = slot;
    this.conversation = conversation;
    this.reading = reading;
    this.label = label;
  }
}

/**
 * Sorts segments into conversations, numbered from 0 in order of their first packet as Wireshark's
 * tcp.stream, and has each of them read until it is over or known to be of no interest.
 *
 * INVARIANT: memory is bounded by MAX_FLOWS, MAX_LIVE and MAX_PENDING_BYTES, whatever is captured.
 */
export class Conversations {
  readonly #settings: ConversationSettings;
  readonly #sink: ConversationSink;
  readonly #problems: Problems;
  readonly #flows = new FlowTable();
  /** by slot; null: not RDP, or over */
  readonly #live: (Live | null)[] = [];
  #liveCount = 0;
  #oldest: Live | null = null;
  #newest: Live | null = null;
  #ended: Live[] = [];
  #endedRead = 0;
  #streams = 0;
  #pendingBytes = 0;
  /** by interface */
  readonly #watches = new Map<number, Watch>();
  /** nanoseconds since 1970 UTC of the file's time 0 */
  #startedAtNs = 0n;

  constructor(settings: ConversationSettings, sink: ConversationSink, problems: Problems) {
    this.#settings = settings;
    this.#sink = sink;
    this.#problems = problems;
  }

  /** Conversations so far. */
  get streams(): number {
    return this.#streams;
  }

  set startedAtNs(startedAtNs: bigint) {
    this.#startedAtNs = startedAtNs;
  }

  /** @param fragments IP fragments that the segment came in; 0: it came whole */
  segment(packet: Packet, ip: IpHeader, tcp: TcpHeader, fragments: number): void {
    const flows = this.#flows;
    let slot = flows.find(packet.view, ip, tcp);
    const { direction } = flows;
    let live: Live | null;
    if (slot < 0) {
      live = this.#open(direction, packet);
      slot = live.slot;
    } else if (this.#isNewConnection(slot, direction, tcp)) {
      this.#finish(slot, packet.at);
      flows.restart(slot, this.#streams++);
      live = this.#follow(slot, direction, packet);
    } else {
      live = this.#live[slot] ?? null;
    }
    if ((tcp.flags & (SYN | RST | FIN)) !== 0) this.#note(slot, direction, tcp);
    else if (flows.baseOf(slot, direction) === null)
      flows.setBase(slot, direction, (tcp.sequence - 1) | 0);
    if (live !== null) this.#read(live, direction, tcp, packet, ip, fragments);
    if (this.#endedRead < this.#ended.length) this.#finishEnded(packet.at);
  }

  /** As Wireshark has it: another first number, or any after the old connection has ended. */
  #isNewConnection(slot: number, direction: Direction, tcp: TcpHeader): boolean {
    if ((tcp.flags & (SYN | ACK)) !== SYN) return false;
    const base = this.#flows.baseOf(slot, direction);
    return base !== null && (base !== tcp.sequence || this.#flows.hasEnded(slot));
  }

  #note(slot: number, direction: Direction, tcp: TcpHeader): void {
    if ((tcp.flags & (RST | FIN)) !== 0) this.#flows.markEnded(slot);
    if ((tcp.flags & RST) !== 0 || this.#flows.baseOf(slot, direction) !== null) return;
    const base = (tcp.flags & SYN) === 0 ? tcp.sequence - 1 : tcp.sequence;
    this.#flows.setBase(slot, direction, base | 0);
  }

  #read(
    live: Live,
    direction: Direction,
    tcp: TcpHeader,
    packet: Packet,
    ip: IpHeader,
    fragments: number,
  ): void {
    const { conversation } = live;
    const wasEnded = conversation.ended;
    const pending = conversation.pendingBytes;
    conversation.segment(direction, tcp, packet, ip, fragments);
    if (live.reading.isOther && !this.#settings.every) {
      this.#pendingBytes -= pending;
      this.#finish(live.slot, packet.at, true);
      return;
    }
    this.#pendingBytes += conversation.pendingBytes - pending;
    this.#touch(live);
    if (conversation.ended && !wasEnded) {
      conversation.endedAt = packet.at;
      this.#ended.push(live);
    }
    while (this.#pendingBytes > MAX_PENDING_BYTES && this.#oldest !== null) {
      this.#problems.add(
        'too many bytes waited for packets that are missing: conversations were not followed to their end',
        packet.number,
      );
      this.#finish(this.#oldest.slot, packet.at);
    }
  }

  #open(direction: Direction, packet: Packet): Live {
    const evicted = this.#flows.next;
    if (evicted >= 0) {
      this.#problems.add(
        'more than a million conversations: the oldest were forgotten, and may be counted again',
        packet.number,
      );
      this.#finish(evicted, packet.at);
    }
    return this.#follow(this.#flows.insert(this.#streams++), direction, packet);
  }

  #follow(slot: number, direction: Direction, packet: Packet): Live {
    if (this.#liveCount >= MAX_LIVE && this.#oldest !== null) {
      this.#problems.add(
        `more than ${MAX_LIVE} conversations at a time: the quietest were not followed to their end`,
        packet.number,
      );
      this.#finish(this.#oldest.slot, packet.at);
    }
    const flows = this.#flows;
    const label = this.#labelOf(slot, direction);
    const reading = new RdpReading(this.#settings, label, (of) => flows.portOf(slot, of));
    const client = this.#guessClient(slot, direction);
    const conversation = new Conversation(flows.streamOf(slot), client, packet, reading);
    reading.attach(conversation);
    const live = new Live(slot, conversation, reading, label, packet);
    this.#live[slot] = live;
    this.#liveCount++;
    this.#append(live);
    return live;
  }

  /** What a probe says of its connection, whose first packet is its own. */
  #labelOf(slot: number, sender: Direction): ProbeLabel | null {
    const { labels } = this.#settings;
    if (labels.isEmpty) return null;
    const flows = this.#flows;
    return labels.take(flows.endpoint(slot, sender), flows.endpoint(slot, otherDirection(sender)));
  }

  /** Until a SYN tells: the one without a server's port, else the first to send. */
  #guessClient(slot: number, sender: Direction): Direction {
    const receiver = otherDirection(sender);
    const senderPort = this.#flows.portOf(slot, sender);
    const receiverPort = this.#flows.portOf(slot, receiver);
    const { isRdpPort } = this.#settings;
    if (isRdpPort(senderPort) !== isRdpPort(receiverPort)) {
      return isRdpPort(senderPort) ? receiver : sender;
    }
    return senderPort < 1024 && receiverPort >= 1024 ? receiver : sender;
  }

  #touch(live: Live): void {
    if (live === this.#newest) return;
    this.#remove(live);
    this.#append(live);
  }

  #append(live: Live): void {
    live.older = this.#newest;
    live.newer = null;
    if (this.#newest !== null) this.#newest.newer = live;
    this.#newest = live;
    this.#oldest ??= live;
  }

  #remove(live: Live): void {
    if (live.older === null) this.#oldest = live.newer;
    else live.older.newer = live.newer;
    if (live.newer === null) this.#newest = live.older;
    else live.newer.older = live.older;
  }

  /** Ends what has been over for so long that nothing more comes of it. */
  #finishEnded(now: number): void {
    for (;;) {
      const live = this.#ended[this.#endedRead];
      if (live === undefined) break;
      const tooMany = this.#ended.length - this.#endedRead > MAX_LINGERING;
      if (!tooMany && !(now - live.conversation.endedAt > LINGER_NS)) break;
      this.#endedRead++;
      if (this.#live[live.slot] === live) this.#finish(live.slot, now);
    }
    if (this.#endedRead > 1024 && this.#endedRead * 2 > this.#ended.length) {
      this.#ended = this.#ended.slice(this.#endedRead);
      this.#endedRead = 0;
    }
  }

  /** @param pendingCounted the conversation's waiting bytes were taken off already */
  #finish(slot: number, now: number, pendingCounted = false): void {
    const live = this.#live[slot];
    if (live === null || live === undefined) return;
    this.#live[slot] = null;
    this.#liveCount--;
    this.#remove(live);
    const { conversation, reading, label } = live;
    if (!pendingCounted) this.#pendingBytes -= conversation.pendingBytes;
    const watch = this.#watches.get(live.interfaceNumber) ?? null;
    const result = reading.finish(now, watch, this.#settings.every);
    const client = this.#flows.endpoint(slot, conversation.client);
    const server = this.#flows.endpoint(slot, otherDirection(conversation.client));
    const { stream } = conversation;
    if (result.kind === 'other') {
      this.#sink.other({ stream, client, server, why: result.why });
      return;
    }
    this.#sink.trace({
      source: {
        kind: 'capture',
        file: this.#settings.file,
        stream,
        firstPacket: conversation.firstPacket,
        lastPacket: conversation.lastPacket,
      },
      client,
      server: { ...server, name: label?.name ?? null },
      startedAt: this.#instantOf(conversation.firstAt),
      facts: result.facts,
      ...(label === null ? {} : { label }),
      notMeasured: result.notMeasured,
    });
  }

  /** Microseconds since 1970 UTC. */
  #instantOf(at: number): number {
    const since = Number.isNaN(at) ? 0n : BigInt(Math.round(at));
    return Number((this.#startedAtNs + since) / 1000n);
  }

  /** Ties an ICMP error to the conversation whose packet it quotes. */
  icmp(packet: Packet, error: IcmpError): void {
    const { source, destination, addressBytes, sourcePort, destinationPort } = error;
    const slot = this.#flows.findBy(
      packet.view,
      source,
      destination,
      addressBytes,
      sourcePort,
      destinationPort,
    );
    if (slot >= 0) this.#live[slot]?.conversation.addIcmp(error.report, this.#flows.direction);
  }

  /** Fragments of a datagram that was never complete. */
  incompleteFragments(view: DataView, ip: IpHeader, tcp: TcpHeader, fragments: number): void {
    const slot = this.#flows.find(view, ip, tcp);
    if (slot >= 0) this.#live[slot]?.conversation.addFragments(this.#flows.direction, fragments);
  }

  /** Until when was looked for packets on an interface. */
  watched(interfaceNumber: number, watch: Watch): void {
    if (this.#watches.size < MAX_WATCHES) this.#watches.set(interfaceNumber, watch);
  }

  /** The capture is at its end. */
  finish(endAt: number): void {
    while (this.#oldest !== null) this.#finish(this.#oldest.slot, endAt);
  }
}
