import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Tracker } from '../handshake/tracker.js';
import { connect } from '../probe/connect.js';
import type { KernelSockets, OpenedStream } from '../probe/kernel-figures.js';
import { DEFAULT_LEAVE_LIMIT_MS, INTERRUPTED_LEAVE_LIMIT_MS } from '../probe/probe-connection.js';
import { resetAndLetGo } from '../probe/reset.js';
import { serverNameFor } from '../probe/server-name.js';
import { peerMss } from '../probe/tcp-info.js';
import { Wiretap } from '../probe/wiretap.js';
import { encodeConnectionRequest, PROTOCOL_RDP } from '../wire/negotiation.js';
import { type DripSource, dripSource } from './drip-source.js';
import { type PacketShape, packetOf, payloadOf, shapeOf } from './packet-size.js';
import { judgeOverdue, judgePair, type PairVerdict } from './pair-verdict.js';
import type { PathContext } from './path-context.js';
import { Sampler, type SocketSample } from './sampler.js';

/** `ss` in place of a system call: an acknowledgment would be seen long after it came. */
const TOO_SLOW =
  'the figures of sockets are had too slowly here: install the optional package koffi';

/** How often the kernel is asked while an answer is awaited. */
const POLL_MS = 2;

/** Small segments behind each large one: the first that arrives makes the server acknowledge. */
const FOLLOWERS = 2;

/** Single-byte segments on their way at once: each must stay a packet of its own. */
const SINGLES_IN_FLIGHT = 4;

/** A pair is given up after this, whatever the kernel says. */
const PAIR_LIMIT_MS = 15_000;

/** What remains unacknowledged of the single bytes gets this long. */
const SINGLES_TAIL_MS = 10_000;

/** Fewer of them have to do where each that is lost costs a second. */
const SINGLES_LIMIT_MS = 25_000;

/** Beside two round trips: what a receiver may delay an acknowledgment (RFC 9293: 500 ms; in fact 40). */
const DSACK_WAIT_MS = 60;

/** How long the server may think about the finished message. */
const ANSWER_LIMIT_MS = 3000;

/** Why this kernel cannot be the witness of what becomes of packets; null: it can. */
export function whyNoDrip(kernel: KernelSockets): string | null {
  if (!kernel.available) return kernel.why;
  return kernel.slow === true ? TOO_SLOW : null;
}

export type OpenedDrip =
  | { readonly kind: 'open'; readonly drip: Drip }
  /** no connection, or no way to send a long message on it */
  | {
      readonly kind: 'failed';
      readonly why:
        | 'refused'
        | 'timeout'
        | 'unreachable'
        | 'ended'
        | 'silent'
        | 'no-kernel'
        | 'aborted';
      readonly says: string;
    };

/** What came of many single-byte segments. */
export interface SinglesResult {
  /** packets with data that were sent, those sent again included */
  readonly sent: number;
  /** of those that were sent again, how many had not arrived */
  readonly lost: number;
  readonly spurious: number;
  /** nothing passed any more, not even single bytes: no loss, but an end */
  readonly silenced: boolean;
}

/**
 * One connection whose client message is fed to the server in pieces of chosen sizes. After the
 * X.224 negotiation one long message follows, a padded ClientHello, of which the server sees no more
 * than that it comes slowly; how each piece fares is told by this system's own kernel.
 */
export class Drip {
  readonly #socket: Socket;
  readonly #stream: OpenedStream;
  readonly #wiretap: Wiretap;
  readonly #tracker: Tracker;
  readonly #sampler: Sampler;
  readonly #context: PathContext;
  readonly #shape: PacketShape;
  #source: DripSource | null = null;
  /** of the SYN and SYN/ACK; null: the SYN was sent again */
  readonly rttUs: number | null;
  readonly synRetransmissions: number | null;
  /** MSS option of the server; null: not told, or hidden by a small window */
  readonly mss: number | null;
  #answered = false;

  private constructor(
    context: PathContext,
    parts: { socket: Socket; stream: OpenedStream; sampler: Sampler },
  ) {
    this.#context = context;
    this.#socket = parts.socket;
    this.#stream = parts.stream;
    this.#sampler = parts.sampler;
    const first = parts.sampler.take('connect')?.info;
    this.#shape =
      first === undefined
        ? { family: context.family, timestamps: false }
        : shapeOf(first, context.family);
    this.mss = first === undefined ? null : peerMss(first);
    this.synRetransmissions = first?.retransmissions ?? null;
    this.rttUs = this.synRetransmissions === 0 ? (first?.rttUs ?? null) : null;
    this.#tracker = new Tracker((fact) => {
      if (fact.kind === 'message' && fact.by === 'server') this.#answered = true;
    });
    this.#tracker.fact({ kind: 'tcp-accepted', at: context.clock.now() });
    this.#wiretap = new Wiretap(parts.socket, {
      bytes: (side, bytes) => this.#tracker.bytes(side, context.clock.now(), bytes),
      end: (side, how) => this.#tracker.end(side, context.clock.now(), how),
      failed: () => {},
    });
    this.#wiretap.on('error', () => {});
    this.#wiretap.resume();
  }

  /** Connects and negotiates. Whatever goes wrong is a result. */
  static async open(context: PathContext): Promise<OpenedDrip> {
    const { kernel, settings, family } = context;
    const unable = whyNoDrip(kernel);
    if (!kernel.available || unable !== null) {
      return { kind: 'failed', why: 'no-kernel', says: unable ?? '' };
    }
    const opening = kernel.openStream({ family, mss: null });
    if (opening.kind === 'refused') return { kind: 'failed', why: 'no-kernel', says: opening.why };
    const stream = opening.opened;
    const connected = await connect(
      {
        address: context.address,
        port: context.target.port,
        sourceAddress: settings.sourceAddress,
        limitMs: settings.stageLimitsMs.tcp,
        socket: stream.socket,
      },
      context.signal,
    );
    if (connected.kind !== 'connected') {
      stream.release();
      return connected.kind === 'aborted'
        ? { kind: 'failed', why: 'aborted', says: 'interrupted' }
        : failedConnect(connected.how, connected.code);
    }
    const sampler = new Sampler(() => stream.info(), context.clock);
    const drip = new Drip(context, { socket: connected.socket, stream, sampler });
    const failure = await drip.#negotiate();
    if (failure === null) return { kind: 'open', drip };
    await drip.leave();
    return failure;
  }

  /** The largest IP packet that one segment may make, as the kernel sees it now. */
  get largestPacket(): number | null {
    const mss = this.#stream.info()?.sendMss ?? null;
    return mss === null ? null : packetOf(mss, this.#shape);
  }

  get pathMtu(): number | null {
    return this.#stream.info()?.pathMtu ?? null;
  }

  get shape(): PacketShape {
    return this.#shape;
  }

  /** The server has ended the connection, or sent something before the message was complete. */
  get isOver(): boolean {
    return this.#tracker.phase.name === 'over' || this.#wiretap.peerEnded;
  }

  /** Makes the message that is fed: long enough for these packets and single bytes, and finished. */
  prepare(packets: readonly number[], singles: number): void {
    const large = packets.reduce((sum, size) => sum + payloadOf(size, this.#shape) + FOLLOWERS, 0);
    this.#source = dripSource(this.#isTls ? 'tls' : 'mcs', large + singles, {
      serverName: this.#context.settings.serverName ?? serverNameFor(this.#context.target.host),
      random: (count) => this.#context.random(count),
    });
  }

  /** Sends one packet of this size and two small ones behind it, and waits for what becomes of it. */
  async pair(packet: number, patience: number): Promise<PairVerdict> {
    const payload = payloadOf(packet, this.#shape);
    const began = this.#sampler.take(`size ${packet}`);
    if (began === null) return ENDED;
    const watched: SocketSample[] = [began];
    this.#write(payload);
    for (let i = 0; i < FOLLOWERS; i++) this.#write(1);
    const limit = began.at + PAIR_LIMIT_MS * 1000;
    for (;;) {
      if (!(await this.#pause())) return { kind: 'unknowable', why: 'it was interrupted' };
      const info = this.#stream.info();
      if (info === null) return ENDED;
      const at = this.#context.clock.now();
      keepChange(watched, { at, moment: 'waiting', info });
      const written = payload + FOLLOWERS;
      const verdict = judgePair(watched, written, patience);
      if (verdict.kind !== 'pending') {
        this.#context.onSeries({ kind: 'pair', size: packet, written, patience, series: watched });
        return verdict;
      }
      if (this.isOver) return ENDED;
      if (at > limit) return judgeOverdue(watched);
    }
  }

  /** Sends so many segments of one byte, a few at a time, and counts what the kernel had to repeat. */
  async singles(count: number): Promise<SinglesResult | null> {
    const start = this.#sampler.take('single bytes')?.info;
    if (start === undefined || start.unacknowledged === null) return null;
    let written = 0;
    let deadline = Number.POSITIVE_INFINITY;
    const enough = this.#context.clock.now() + SINGLES_LIMIT_MS * 1000;
    for (;;) {
      const now = this.#stream.info();
      if (now === null || now.unacknowledged === null || this.isOver) break;
      if (written < count && this.#context.clock.now() < enough) {
        const room = Math.min(SINGLES_IN_FLIGHT, now.congestionWindow ?? 1);
        if (now.unacknowledged < room) {
          this.#write(1);
          written++;
        }
      } else if (now.unacknowledged === 0) {
        break;
      } else {
        deadline = Math.min(deadline, this.#context.clock.now() + SINGLES_TAIL_MS * 1000);
      }
      if (this.#context.clock.now() > deadline) break;
      if ((now.backoff ?? 0) >= GIVE_UP_BACKOFF) break;
      if (!(await this.#pause())) break;
    }
    const seen = this.#stream.info();
    if ((seen?.retransmissions ?? 0) > (start.retransmissions ?? 0)) {
      // That one of them was needless is said by an acknowledgment still on its way.
      await sleep(DSACK_WAIT_MS + (2 * (seen?.rttUs ?? 0)) / 1000);
    }
    const end = this.#sampler.take('single bytes sent')?.info;
    if (end === undefined) return null;
    const spurious = difference(start.spuriousRetransmissions, end.spuriousRetransmissions) ?? 0;
    // A retransmission may carry several bytes that were packets of their own at first; the count
    // of bytes is the count of lost packets then.
    const again =
      difference(start.bytesRetransmitted, end.bytesRetransmitted) ??
      difference(start.retransmissions, end.retransmissions);
    if (again === null) return null;
    const onTheirWay = end.unacknowledged ?? 0;
    return {
      sent: Math.max(0, written + again - onTheirWay),
      lost: Math.max(0, again - spurious),
      spurious,
      silenced: onTheirWay > 0 && (end.backoff ?? 0) >= GIVE_UP_BACKOFF,
    };
  }

  /** Sends the rest of the message, waits for the server's answer to it, and leaves in order. */
  async finish(): Promise<void> {
    this.#answered = false;
    const rest = this.#source?.rest() ?? null;
    if (rest !== null && !this.isOver) {
      this.#wiretap.write(rest);
      const limit = this.#context.clock.now() + ANSWER_LIMIT_MS * 1000;
      while (!this.#answered && !this.isOver && this.#context.clock.now() < limit) {
        if (!(await this.#pause())) break;
      }
    }
    await this.leave();
  }

  /** Half-closes, reads to the server's end, and lets go. */
  async leave(): Promise<void> {
    this.#sampler.stop();
    const { aborted } = this.#context.signal;
    await this.#wiretap.leave(aborted ? INTERRUPTED_LEAVE_LIMIT_MS : DEFAULT_LEAVE_LIMIT_MS);
    this.#stream.release();
  }

  /**
   * Ends a connection on which something is stuck: an orderly end would queue behind it for minutes.
   */
  abandon(): void {
    this.#sampler.stop();
    this.#socket.on('error', () => {});
    resetAndLetGo(this.#socket);
    this.#stream.release();
  }

  get #isTls(): boolean {
    const phase = this.#tracker.phase;
    return phase.name === 'negotiated' && phase.protocol.value !== PROTOCOL_RDP;
  }

  #write(bytes: number): void {
    const piece = this.#source?.take(bytes);
    if (piece !== undefined && !this.isOver) this.#wiretap.write(piece);
  }

  async #negotiate(): Promise<(OpenedDrip & { kind: 'failed' }) | null> {
    const { settings, clock } = this.#context;
    this.#wiretap.write(
      encodeConnectionRequest({
        requestedProtocols: settings.requestedProtocols,
        flags: settings.requestFlags,
        ...(settings.cookie === null ? {} : { cookie: settings.cookie }),
        ...(settings.routingToken === null ? {} : { routingToken: settings.routingToken }),
      }),
    );
    const limit = clock.now() + settings.stageLimitsMs.x224 * 1000;
    for (;;) {
      switch (this.#tracker.phase.name) {
        case 'negotiated':
          return null;
        case 'refused':
          return { kind: 'failed', why: 'ended', says: 'the server refused the negotiation' };
        case 'over':
          return { kind: 'failed', why: 'ended', says: 'the connection ended in the negotiation' };
        case 'nothing':
        case 'connecting':
        case 'connected':
        case 'requested':
        case 'tls':
        case 'secured':
        case 'credssp':
        case 'challenged':
        case 'authenticating':
        case 'authenticated':
        case 'mcs-requested':
        case 'mcs-answered':
          break;
      }
      if (clock.now() > limit) {
        return { kind: 'failed', why: 'silent', says: 'the negotiation was not answered in time' };
      }
      if (!(await this.#pause())) return { kind: 'failed', why: 'aborted', says: 'interrupted' };
    }
  }

  /** @returns false when the measurement was called off */
  async #pause(): Promise<boolean> {
    await sleep(POLL_MS);
    return !this.#context.signal.aborted;
  }
}

const ENDED: PairVerdict = { kind: 'unknowable', why: 'the connection ended' };

/** Of samples that say the same, keeps the first and the last. */
function keepChange(watched: SocketSample[], sample: SocketSample): void {
  const before = watched.at(-1);
  const previous = watched.at(-2);
  if (before !== undefined && previous !== undefined) {
    if (isSame(previous, before) && isSame(before, sample)) watched.pop();
  }
  watched.push(sample);
}

function isSame({ info: one }: SocketSample, { info: other }: SocketSample): boolean {
  return (
    one.unacknowledged === other.unacknowledged &&
    one.sacked === other.sacked &&
    one.backoff === other.backoff &&
    one.retransmissions === other.retransmissions &&
    one.spuriousRetransmissions === other.spuriousRetransmissions &&
    one.bytesAcknowledged === other.bytesAcknowledged &&
    one.pathMtu === other.pathMtu &&
    one.sendMss === other.sendMss
  );
}

/** Timeouts in a row after which nothing more is expected of the single bytes. */
const GIVE_UP_BACKOFF = 5;

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

function failedConnect(
  how: 'refused' | 'unreachable' | 'timeout' | 'local',
  code: string | null,
): OpenedDrip & { kind: 'failed' } {
  switch (how) {
    case 'refused':
      return { kind: 'failed', why: 'refused', says: 'the connection was refused' };
    case 'timeout':
      return { kind: 'failed', why: 'timeout', says: 'no connection came about in time' };
    case 'unreachable':
    case 'local':
      return { kind: 'failed', why: 'unreachable', says: `no way to connect (${code})` };
  }
}
