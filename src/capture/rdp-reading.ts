import type { Phase } from '../handshake/phase.js';
import type { Fact, HandshakeTrace, Side } from '../handshake/trace.js';
import { Tracker } from '../handshake/tracker.js';
import type { Conversation, ConversationEvents } from './conversation.js';
import type { Direction } from './flow-table.js';
import type { IcmpReport } from './icmp.js';
import { judgeOpening, MAX_OPENING_BYTES, startsHandshake, type Verdict } from './opening.js';
import { TlsDecryptor } from './tls-decryptor.js';
import { DecryptingFeed } from './tls-feed.js';
import type { KeySource } from './tls-key-source.js';

/** What all readings of one capture share. */
export interface ReadingContext {
  readonly isRdpPort: (port: number) => boolean;
  /** keys as far as they were read by now; null: nothing is decrypted */
  readonly keys: () => KeySource | null;
}

/** Bytes that no handshake needs: after them the session is running, whatever it looked like. */
const MAX_HANDSHAKE_BYTES = 1 << 20;

/** Once TLS is established and cannot be looked into, the shape of the first records is enough. */
const MAX_HIDDEN_BYTES = 1 << 17;

/** A capture that misses so much of one connection shows no more of its handshake. */
const MAX_GAPS = 32;

/** A capture that goes on for so long without an answer shows that none came. */
const SILENCE_NS = 3e9;

/** Likewise for a SYN, which a client repeats after one second at the latest. */
const SYN_SILENCE_NS = 1e9;

/** Phases in which a message of the client must be answered before anything goes on. */
const AWAITS_SERVER: ReadonlySet<Phase['name']> = new Set([
  'requested',
  'tls',
  'credssp',
  'authenticating',
  'mcs-requested',
]);

const NO_BYTES = new Uint8Array(0);

/** Events that are kept until it is known what the connection is. */
const MAX_HELD = 64;

interface HeldBytes {
  readonly kind: 'bytes';
  readonly from: Direction;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly packet: number;
}

interface HeldGap {
  readonly kind: 'gap';
  readonly from: Direction;
  readonly at: number;
  readonly length: number;
}

interface HeldEnd {
  readonly kind: 'end';
  readonly from: Direction;
  readonly at: number;
  readonly how: 'fin' | 'reset';
  readonly packet: number;
}

type Held = HeldBytes | HeldGap | HeldEnd;

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'rdp'; readonly tracker: Tracker; readonly feed: Feed }
  /** nothing that is said is read: it was running already, or said nothing */
  | { readonly kind: 'unread' }
  | { readonly kind: 'other'; readonly why: string };

/** Where the bytes of an RDP connection go: into the tracker, or through a decryptor into it. */
interface Feed {
  bytes(side: Side, at: number | null, bytes: Uint8Array, packet?: number): void;
  gap(side: Side, at: number | null, bytes: number): void;
}

/** What became of a conversation. */
export type ReadingResult =
  | { readonly kind: 'rdp'; readonly facts: readonly Fact[]; readonly notMeasured: NotMeasured }
  | { readonly kind: 'other'; readonly why: string };

type NotMeasured = HandshakeTrace['notMeasured'];

/**
 * Finds out whether a conversation is RDP, and has the tracker read it if so.
 *
 * INVARIANT: the times of the facts never run backwards, whatever the capture's do; what is held
 * before the decision is bounded.
 */
export class RdpReading implements ConversationEvents {
  readonly #context: ReadingContext;
  readonly #port: (direction: Direction) => number;
  #conversation: Conversation | null = null;
  #state: State = { kind: 'opening' };
  readonly #facts: Fact[] = [];
  #held: Held[] = [];
  readonly #opening: [Uint8Array, Uint8Array] = [NO_BYTES, NO_BYTES];
  #lastMicros = 0;
  #connected: { readonly at: number; readonly packet: number } | null = null;
  #accepted: { readonly at: number; readonly packet: number } | null = null;
  #refused: { readonly at: number; readonly packet: number } | null = null;
  #read: Record<Side, number> = { client: 0, server: 0 };
  #lastBytes: { readonly side: Side; readonly at: number } | null = null;
  #clientEndedAt: number | null = null;
  #broken = false;
  #gaps = 0;

  /** @param port of the endpoint that sends in a direction */
  constructor(context: ReadingContext, port: (direction: Direction) => number) {
    this.#context = context;
    this.#port = port;
  }

  attach(conversation: Conversation): void {
    this.#conversation = conversation;
  }

  /** Whether it is known to be of no interest. */
  get isOther(): boolean {
    return this.#state.kind === 'other';
  }

  get #serverPort(): number {
    return this.#port(this.#of.client === 0 ? 1 : 0);
  }

  get #of(): Conversation {
    if (this.#conversation === null) throw new Error('the reading has no conversation');
    return this.#conversation;
  }

  /** Microseconds since the first packet, never less than before. */
  #micros(at: number): number | null {
    if (Number.isNaN(at) || Number.isNaN(this.#of.firstAt)) return null;
    const micros = Math.round((at - this.#of.firstAt) / 1000);
    if (micros > this.#lastMicros) this.#lastMicros = micros;
    return this.#lastMicros;
  }

  connect(at: number, packet: number): void {
    this.#connected = { at, packet };
  }

  accepted(at: number, packet: number): void {
    this.#accepted = { at, packet };
  }

  refused(at: number, packet: number): void {
    this.#refused = { at, packet };
  }

  bytes(from: Direction, at: number, bytes: Uint8Array, packet: number): void {
    switch (this.#state.kind) {
      case 'opening':
        this.#open(from, at, bytes, packet);
        return;
      case 'rdp':
        this.#feed(this.#state.tracker, this.#state.feed, from, at, bytes, packet);
        return;
      case 'unread':
      case 'other':
        return;
    }
  }

  gap(from: Direction, at: number, length: number): void {
    if (this.#state.kind === 'rdp') {
      this.#state.feed.gap(this.#of.sideOf(from), this.#micros(at), length);
      this.#gaps++;
      if (this.#gaps === MAX_GAPS) this.#of.stopReading();
    } else if (this.#state.kind === 'opening') {
      // What comes after the missing bytes cannot be the beginning.
      this.#hold({ kind: 'gap', from, at, length });
      if (from === this.#of.client) this.#beginningIsMissing();
    }
  }

  end(from: Direction, at: number, how: 'fin' | 'reset', packet: number): void {
    const event: HeldEnd = { kind: 'end', from, at, how, packet };
    switch (this.#state.kind) {
      case 'rdp':
        this.#tellEnd(this.#state.tracker, event);
        return;
      case 'unread':
        this.#tellBareEnd(event);
        return;
      case 'opening':
      case 'other':
        this.#hold(event);
        return;
    }
  }

  #beginningIsMissing(): void {
    this.#broken = true;
    if (this.#context.isRdpPort(this.#serverPort)) {
      this.#startReading(null);
    } else {
      this.#state = { kind: 'other', why: this.#whyUndecided() };
      this.#release();
      this.#of.stopReading();
    }
  }

  #hold(event: Held): void {
    if (this.#held.length < MAX_HELD) this.#held.push(event);
  }

  #open(from: Direction, at: number, bytes: Uint8Array, packet: number): void {
    const copy = Uint8Array.from(bytes);
    this.#hold({ kind: 'bytes', from, at, bytes: copy, packet });
    const before = this.#opening[from];
    if (before.length === 0 && this.#of.joined && !this.#joinedAt(from, copy)) return;
    if (before.length < MAX_OPENING_BYTES) {
      this.#opening[from] = before.length === 0 ? copy : Buffer.concat([before, copy]);
    }
    this.#decide(this.#judge());
  }

  #judge(): Verdict {
    const { client } = this.#of;
    const { isRdpPort } = this.#context;
    const server: Direction = client === 0 ? 1 : 0;
    return judgeOpening(this.#opening[client], this.#opening[server], isRdpPort, this.#serverPort);
  }

  /**
   * The capture began later than the connection. It may still show its handshake; then whoever
   * starts that is the client. @returns false: it does not
   */
  #joinedAt(from: Direction, bytes: Uint8Array): boolean {
    if (startsHandshake(bytes)) {
      this.#of.client = from;
      return true;
    }
    if (this.#opening[0].length + this.#opening[1].length > 0) return true;
    if (this.#context.isRdpPort(this.#serverPort)) {
      this.#startRunning();
    } else {
      this.#state = { kind: 'other', why: 'it was already running when the capture began' };
    }
    this.#of.stopReading();
    return false;
  }

  #startRunning(): void {
    this.#facts.push({ kind: 'joined', at: 0, packets: [this.#of.firstPacket] });
    this.#leaveUnread();
  }

  /** What was said is of no interest, or nothing was; only the ends are told. */
  #leaveUnread(): void {
    this.#state = { kind: 'unread' };
    for (const event of this.#held) if (event.kind === 'end') this.#tellBareEnd(event);
    this.#release();
  }

  #tellBareEnd({ from, at, how, packet }: HeldEnd): void {
    const by = this.#of.sideOf(from);
    if (this.#facts.some((fact) => fact.kind === 'tcp-end' && fact.by === by)) return;
    this.#facts.push({ kind: 'tcp-end', by, how, at: this.#micros(at), packets: [packet] });
  }

  #decide(verdict: Verdict): void {
    switch (verdict.kind) {
      case 'undecided':
        return;
      case 'other':
        this.#state = verdict;
        this.#release();
        this.#of.stopReading();
        return;
      case 'rdp':
        this.#startReading(verdict.tunnel);
        return;
    }
  }

  #release(): void {
    this.#held = [];
    this.#opening[0] = NO_BYTES;
    this.#opening[1] = NO_BYTES;
  }

  #startReading(tunnel: (Verdict & { kind: 'rdp' })['tunnel']): void {
    const tracker = new Tracker((fact) => this.#facts.push(fact));
    const keys = this.#context.keys();
    const feed = keys === null ? tracker : new DecryptingFeed(tracker, new TlsDecryptor(keys));
    this.#tellBeginning((fact) => tracker.fact(fact));
    this.#state = { kind: 'rdp', tracker, feed };
    const skip = { client: tunnel?.clientBytes ?? 0, server: tunnel?.serverBytes ?? 0 };
    let tunnelTold = tunnel === null;
    for (const event of this.#held) {
      const side = this.#of.sideOf(event.from);
      if (event.kind === 'gap') {
        feed.gap(side, this.#micros(event.at), event.length);
      } else if (event.kind === 'end') {
        this.#tellEnd(tracker, event);
      } else {
        const skipped = Math.min(skip[side], event.bytes.length);
        skip[side] -= skipped;
        if (skipped === event.bytes.length) continue;
        if (!tunnelTold && tunnel !== null) {
          const target = `${tunnel.host}:${tunnel.port}`;
          tracker.fact({
            kind: 'tunnel',
            at: this.#micros(event.at),
            protocol: tunnel.protocol,
            target,
          });
          tunnelTold = true;
        }
        const bytes = event.bytes.subarray(skipped);
        this.#feed(tracker, feed, event.from, event.at, bytes, event.packet);
      }
    }
    this.#release();
  }

  #tellBeginning(tell: (fact: Fact) => void): void {
    const { joined, hasData } = this.#of;
    const connected = this.#connected;
    const accepted = this.#accepted;
    if (connected !== null) {
      const packets = [connected.packet];
      tell({ kind: 'tcp-connect', at: this.#micros(connected.at), packets });
    } else if (joined || accepted !== null) {
      tell({ kind: 'tcp-connect', at: null });
    }
    if (accepted !== null) {
      const packets = [accepted.packet];
      tell({ kind: 'tcp-accepted', at: this.#micros(accepted.at), packets });
    } else if (hasData || this.#held.some(({ kind }) => kind === 'bytes')) {
      // Data went over it, so it had been accepted.
      tell({ kind: 'tcp-accepted', at: null });
    }
  }

  #feed(
    tracker: Tracker,
    feed: Feed,
    from: Direction,
    at: number,
    bytes: Uint8Array,
    packet: number,
  ): void {
    const side = this.#of.sideOf(from);
    feed.bytes(side, this.#micros(at), bytes, packet);
    this.#read[side] += bytes.length;
    this.#lastBytes = { side, at };
    const { name } = tracker.phase;
    const isHidden = name === 'secured' && feed === tracker;
    const limit = isHidden ? MAX_HIDDEN_BYTES : MAX_HANDSHAKE_BYTES;
    if (name === 'mcs-answered' || this.#read[side] > limit) this.#of.stopReading();
  }

  /** Before the client's end, says so when the server had let it wait for an answer. */
  #tellEnd(tracker: Tracker, { from, at, how, packet }: HeldEnd): void {
    const side = this.#of.sideOf(from);
    if (side === 'client' && this.#clientEndedAt === null) {
      this.#tellSilence(tracker, at);
      this.#clientEndedAt = at;
    }
    tracker.end(side, this.#micros(at), how, packet);
  }

  #tellSilence(tracker: Tracker, until: number): void {
    const last = this.#lastBytes;
    if (last?.side !== 'client' || !(until - last.at >= SILENCE_NS)) return;
    if (!AWAITS_SERVER.has(tracker.phase.name)) return;
    tracker.silence(this.#micros(until), 'server', Math.round((until - last.at) / 1e6));
  }

  /** @param captureEndAt time of the capture's last packet */
  finish(captureEndAt: number, isEvery: boolean): ReadingResult {
    const conversation = this.#of;
    conversation.finish();
    if (this.#state.kind === 'opening') this.#decideAtEnd();
    if (this.#state.kind === 'other') {
      if (!isEvery) return this.#state;
      this.#traceBare();
    }
    if (this.#state.kind === 'rdp') this.#finishTracker(this.#state.tracker, captureEndAt);
    if (this.#state.kind === 'unread') this.#tellFailure(captureEndAt);
    this.#facts.push(conversation.figures((at) => this.#offset(at)));
    return { kind: 'rdp', facts: this.#facts.slice(), notMeasured: this.#notMeasured() };
  }

  /** As `#micros`, for what is not told in order. */
  #offset(at: number): number | null {
    const micros = Math.round((at - this.#of.firstAt) / 1000);
    return Number.isNaN(micros) ? null : Math.max(0, micros);
  }

  #decideAtEnd(): void {
    const { joined, hasData } = this.#of;
    const isRdpPort = this.#context.isRdpPort(this.#serverPort);
    const saidSomething = this.#held.some(({ kind }) => kind !== 'end');
    if (isRdpPort && !joined && saidSomething) this.#startReading(null);
    else if (isRdpPort && !joined) this.#traceBare();
    else if (isRdpPort && hasData) this.#startRunning();
    else this.#state = { kind: 'other', why: this.#whyUndecided() };
  }

  #whyUndecided(): string {
    const { joined, hasData } = this.#of;
    if (this.#refused !== null) return 'the connection was refused';
    if (joined) return 'it was already running when the capture began';
    if (this.#accepted === null && !hasData) return 'its SYN was not answered';
    if (this.#broken) return 'its first bytes are not in the capture';
    return 'its client sent too little to tell';
  }

  /** A trace without anything that was said: how it began and ended, and its figures. */
  #traceBare(): void {
    this.#tellBeginning((fact) => this.#facts.push(fact));
    this.#leaveUnread();
  }

  #finishTracker(tracker: Tracker, captureEndAt: number): void {
    tracker.finish();
    if (!this.#of.ended && this.#clientEndedAt === null) this.#tellSilence(tracker, captureEndAt);
  }

  /** No connection came about. */
  #tellFailure(captureEndAt: number): void {
    const conversation = this.#of;
    if (this.#accepted !== null || conversation.hasData || conversation.joined) return;
    if (this.#refused !== null) {
      const { at, packet } = this.#refused;
      this.#facts.push({
        kind: 'tcp-failed',
        at: this.#micros(at),
        packets: [packet],
        how: 'refused',
        by: 'server',
        code: 'ECONNREFUSED',
      });
      return;
    }
    const unreachable = conversation.icmp.find(({ type }) => FAILURES[type] !== undefined);
    if (unreachable !== undefined) {
      this.#facts.push(this.#unreachable(unreachable));
      return;
    }
    const isTelling =
      conversation.synRepeated || captureEndAt - conversation.firstAt >= SYN_SILENCE_NS;
    if (!isTelling) return;
    this.#facts.push({
      kind: 'tcp-failed',
      at: this.#micros(conversation.lastAt),
      how: 'timeout',
      by: null,
      code: null,
    });
  }

  /** As the client's system reports it: Linux takes a closed port's ICMP for a refusal. */
  #unreachable({ type, at, packet }: IcmpReport): Fact {
    const code = FAILURES[type] ?? 'EHOSTUNREACH';
    const refused = code === 'ECONNREFUSED';
    return {
      kind: 'tcp-failed',
      at: this.#micros(at),
      packets: [packet],
      how: refused ? 'refused' : 'unreachable',
      by: refused ? 'server' : 'network',
      code,
    };
  }

  #notMeasured(): NotMeasured {
    if (this.#of.joined) {
      return { 'tcp.rttMs': 'the capture began later than the connection' };
    }
    if (this.#accepted === null) {
      return this.#of.hasData ? { 'tcp.rttMs': 'the SYN/ACK is not in the capture' } : {};
    }
    return this.#connected === null ? { 'tcp.rttMs': 'the SYN is not in the capture' } : {};
  }
}

/** ICMP errors that end a connection attempt, and the error that Linux makes of them. */
const FAILURES: Readonly<Record<string, string>> = {
  'port-unreachable': 'ECONNREFUSED',
  'protocol-unreachable': 'EHOSTUNREACH',
  'network-unreachable': 'ENETUNREACH',
  'network-unknown': 'ENETUNREACH',
  'network-prohibited': 'ENETUNREACH',
  'no-route': 'ENETUNREACH',
  'host-unreachable': 'EHOSTUNREACH',
  'host-unknown': 'EHOSTUNREACH',
  'host-prohibited': 'EHOSTUNREACH',
  'administratively-prohibited': 'EACCES',
  'beyond-scope': 'ENETUNREACH',
  'source-policy-failed': 'EACCES',
  'route-rejected': 'EACCES',
  'time-exceeded': 'EHOSTUNREACH',
};
