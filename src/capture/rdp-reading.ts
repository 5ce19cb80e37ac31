import type { Fact, HandshakeTrace, ProbeLabel } from '../handshake/trace.js';
import type { Conversation, ConversationEvents } from './conversation.js';
import { failedAttempt, type Watch } from './failed-attempt.js';
import type { Direction } from './flow-table.js';
import { type Held, type HeldEnd, type HeldGap, withoutTunnel } from './held-event.js';
import { MADE_FIGURES } from './made-figures.js';
import { judgeOpening, MAX_OPENING_BYTES, startsHandshake, type Verdict } from './opening.js';
import type { KeySource } from './tls-key-source.js';
import { TrackedConnection } from './tracked-connection.js';
import type { Tunnel } from './tunnel.js';

/** What all readings of one capture share. */
export interface ReadingContext {
  readonly isRdpPort: (port: number) => boolean;
  /** keys as far as they were read by now; null: nothing is decrypted */
  readonly keys: () => KeySource | null;
}

const NO_BYTES = new Uint8Array(0);

/** Events that are kept until it is known what the connection is, and their bytes. */
const MAX_HELD = 2048;
const MAX_HELD_BYTES = 2 * MAX_OPENING_BYTES;

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'rdp'; readonly tracked: TrackedConnection }
  /** nothing that is said is read: it was running already, or said nothing */
  | { readonly kind: 'unread' }
  | { readonly kind: 'other'; readonly why: string };

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
  readonly #label: ProbeLabel | null;
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
  #heldBytes = 0;
  #broken = false;

  /**
   * @param label of a connection of our own probe; null: it is none
   * @param port of the endpoint that sends in a direction
   */
  constructor(
    context: ReadingContext,
    label: ProbeLabel | null,
    port: (direction: Direction) => number,
  ) {
    this.#context = context;
    this.#label = label;
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

  /** Whether what is there is taken for RDP. Our own probe asks for nothing else, on any port. */
  #isRdpPort(port: number): boolean {
    return this.#label !== null || this.#context.isRdpPort(port);
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
        this.#track(this.#state.tracked, { kind: 'bytes', from, at, bytes, packet });
        return;
      case 'unread':
      case 'other':
        return;
    }
  }

  gap(from: Direction, at: number, length: number): void {
    const event: HeldGap = { kind: 'gap', from, at, length };
    if (this.#state.kind === 'rdp') {
      this.#track(this.#state.tracked, event);
    } else if (this.#state.kind === 'opening') {
      this.#hold(event);
      if (from === this.#of.client) this.#beginningIsMissing();
    }
  }

  end(from: Direction, at: number, how: 'fin' | 'reset', packet: number): void {
    const event: HeldEnd = { kind: 'end', from, at, how, packet };
    switch (this.#state.kind) {
      case 'rdp':
        this.#track(this.#state.tracked, event);
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

  /** What comes after the missing bytes cannot be the beginning. */
  #beginningIsMissing(): void {
    this.#broken = true;
    this.#decideByPort(this.#whyUndecided());
  }

  /** The beginning does not tell: what is on a port of RDP is taken for it. */
  #decideByPort(why: string): void {
    const isRdpPort = this.#isRdpPort(this.#serverPort);
    this.#decide(isRdpPort ? { kind: 'rdp', tunnel: null } : { kind: 'other', why });
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
    this.#heldBytes += copy.length;
    const verdict = this.#judge();
    const isTooMuch = this.#held.length === MAX_HELD || this.#heldBytes > MAX_HELD_BYTES;
    if (verdict.kind === 'undecided' && isTooMuch) {
      this.#decideByPort('its beginning does not tell what it is');
    } else {
      this.#decide(verdict);
    }
  }

  #judge(): Verdict {
    const { client } = this.#of;
    const server: Direction = client === 0 ? 1 : 0;
    return judgeOpening(
      this.#opening[client],
      this.#opening[server],
      (port) => this.#isRdpPort(port),
      this.#serverPort,
    );
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
    if (this.#isRdpPort(this.#serverPort)) {
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
    const tracked = new TrackedConnection(
      (fact) => this.#facts.push(fact),
      (at) => this.#micros(at),
      this.#context.keys(),
      this.#label,
      this.#of.firstAt,
    );
    this.#tellBeginning((fact) => tracked.fact(fact));
    this.#state = { kind: 'rdp', tracked };
    const events = tunnel === null ? this.#held : this.#beyond(tunnel, tracked);
    for (const event of events) this.#track(tracked, event);
    this.#release();
  }

  /** What is left of the held events without the proxy's own opening, which is told. */
  #beyond(tunnel: Tunnel & { kind: 'open' }, tracked: TrackedConnection): readonly Held[] {
    const sideOf = (from: Direction) => this.#of.sideOf(from);
    const { rest, openedAt } = withoutTunnel(this.#held, tunnel, sideOf);
    const at = openedAt === null ? null : this.#micros(openedAt);
    const target = `${tunnel.host}:${tunnel.port}`;
    tracked.fact({ kind: 'tunnel', at, protocol: tunnel.protocol, target });
    return rest;
  }

  #track(tracked: TrackedConnection, event: Held): void {
    const side = this.#of.sideOf(event.from);
    switch (event.kind) {
      case 'bytes':
        if (!tracked.bytes(side, event.at, event.bytes, event.packet)) this.#of.stopReading();
        return;
      case 'gap':
        if (!tracked.gap(side, event.at, event.length)) this.#of.stopReading();
        return;
      case 'end':
        tracked.end(side, event.at, event.how, event.packet);
        return;
    }
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

  /**
   * @param captureEndAt time of the capture's last packet
   * @param watch until when was looked for more of them; null: the capture does not tell
   */
  finish(captureEndAt: number, watch: Watch | null, isEvery: boolean): ReadingResult {
    const conversation = this.#of;
    conversation.finish();
    if (this.#state.kind === 'opening') this.#decideAtEnd();
    if (this.#state.kind === 'other') {
      if (!isEvery) return this.#state;
      this.#traceBare();
    }
    if (this.#state.kind === 'rdp') this.#state.tracked.finish(captureEndAt, !conversation.ended);
    if (this.#state.kind === 'unread') this.#tellFailure(captureEndAt, watch);
    const kernel = this.#label?.kernel ?? null;
    if (kernel !== null) this.#facts.push(...kernel);
    else this.#facts.push(conversation.figures((at) => this.#offset(at)));
    return { kind: 'rdp', facts: this.#facts.slice(), notMeasured: this.#notMeasured() };
  }

  /** As `#micros`, for what is not told in order. */
  #offset(at: number): number | null {
    const micros = Math.round((at - this.#of.firstAt) / 1000);
    return Number.isNaN(micros) ? null : Math.max(0, micros);
  }

  #decideAtEnd(): void {
    const { joined, hasData } = this.#of;
    const isRdpPort = this.#isRdpPort(this.#serverPort);
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

  #tellFailure(captureEndAt: number, watch: Watch | null): void {
    const conversation = this.#of;
    if (this.#accepted !== null || conversation.hasData || conversation.joined) return;
    const left = this.#label?.left;
    if (left?.why === 'interrupted') {
      this.#facts.push({ kind: 'interrupted', at: left.at });
      return;
    }
    const micros = (at: number) => this.#micros(at);
    const failed = failedAttempt(conversation, this.#refused, captureEndAt, watch, micros);
    if (failed !== null) this.#facts.push(failed);
  }

  #notMeasured(): NotMeasured {
    if (this.#label !== null && this.#label.kernel !== null) return MADE_FIGURES;
    if (this.#of.joined) {
      return { 'tcp.rttMs': 'the capture began later than the connection' };
    }
    if (this.#accepted === null) {
      return this.#of.hasData ? { 'tcp.rttMs': 'the SYN/ACK is not in the capture' } : {};
    }
    return this.#connected === null ? { 'tcp.rttMs': 'the SYN is not in the capture' } : {};
  }
}
