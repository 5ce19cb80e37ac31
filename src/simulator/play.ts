import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { DecodeError } from '../wire/decode-error.js';
import type { Frame } from '../wire/framing.js';
import { fromHex } from '../wire/hex.js';
import { frameTlsRecord } from '../wire/tls-record.js';
import { frameTpkt } from '../wire/tpkt.js';
import { frameTsRequest } from '../wire/ts-request.js';
import { serverCertificate } from './certificate.js';
import { isRefused } from './hello-check.js';
import { Inbox, type Look } from './inbox.js';
import { type Connection, Line, Outlet } from './line.js';
import { NlaPeer, type PeerAnswer } from './nla-peer.js';
import type {
  ExpectStep,
  LogonStep,
  RefuseHelloStep,
  Scenario,
  StartTlsStep,
  Step,
} from './scenario.js';
import { seededRandom } from './seeded-random.js';
import { encodeServerMessage } from './server-message.js';
import { changeCertificate, startTls } from './start-tls.js';

export interface PlayOptions {
  /** how long one connection may last, milliseconds */
  readonly limitMs?: number;
  /** milliseconds since 1970 UTC, for certificates and clocks that the server shows */
  readonly nowMs?: () => number;
  readonly signal?: AbortSignal;
}

/** How a scenario ended, and the step that was the last one (from 0). */
export interface Played {
  readonly step: number;
  readonly how: /** the server ended the connection, as the scenario says */
    | 'ended'
    /** the client ended or broke off the connection */
    | 'client-left'
    /** the client sent something else than the step expects */
    | 'unexpected'
    | 'tls-failed'
    | 'out-of-time'
    | 'aborted';
}

/** Long enough to look at a simulated server with other tools, and not for ever. */
export const DEFAULT_LIMIT_MS = 120_000;

/** How long the client may take to end its direction after the server did. */
const LEAVE_LIMIT_MS = 5_000;

/** A flood goes out in blocks of this size. */
const FLOOD_BLOCK_BYTES = 16_384;

/** The scenario is over. */
class Over {
  constructor(readonly how: Played['how']) {}
}

/**
 * Plays the server of one connection.
 *
 * INVARIANT: it ends, whatever the client does: at the latest when `limitMs` has passed, at once when
 * the signal fires, and soon after the client has gone. It never rejects for what a client does.
 */
export async function play(
  scenario: Scenario,
  connection: Connection,
  options: PlayOptions = {},
): Promise<Played> {
  const { limitMs = DEFAULT_LIMIT_MS, nowMs = Date.now, signal } = options;
  const { stream } = connection;
  const gone = new AbortController();
  const left = new AbortController();
  let stopped: 'out-of-time' | 'aborted' | null = null;
  const onEnd = (): void => left.abort();
  const onGone = (): void => {
    left.abort();
    gone.abort();
  };
  const onAbort = (): void => {
    stopped ??= 'aborted';
    onGone();
  };
  const timer = setTimeout(() => {
    stopped ??= 'out-of-time';
    onGone();
  }, limitMs);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  stream.on('end', onEnd);
  stream.on('error', onGone);
  stream.on('close', onGone);
  if (stream.destroyed) onGone();
  const player = new Player(connection, gone.signal, left.signal, nowMs);
  let step = 0;
  let how: Played['how'] = 'client-left';
  try {
    for (const each of [...scenario.steps, { do: 'stall' } as const]) {
      await player.take(each);
      step++;
    }
  } catch (over) {
    if (!(over instanceof Over)) throw over;
    how = over.how;
  } finally {
    // How it was stopped, if it was, is known before we wait for the client's own end.
    how = stopped ?? how;
    await player.leave();
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    stream.off('end', onEnd);
    stream.off('close', onGone);
    stream.destroy();
  }
  return { step, how };
}

class Player {
  readonly #connection: Connection;
  readonly #gone: AbortSignal;
  readonly #left: AbortSignal;
  readonly #nowMs: () => number;
  readonly #outlet: Outlet;
  readonly #line: Line;
  #inbox: Inbox;
  #tls: TLSSocket | null = null;
  #tlsStep: StartTlsStep | null = null;

  /**
   * @param gone aborted when nothing more can be done on the connection
   * @param left aborted when the client has ended its direction, or is gone
   */
  constructor(connection: Connection, gone: AbortSignal, left: AbortSignal, nowMs: () => number) {
    this.#connection = connection;
    this.#gone = gone;
    this.#left = left;
    this.#nowMs = nowMs;
    this.#outlet = new Outlet(connection, gone, left);
    this.#line = new Line(connection.stream, this.#outlet);
    this.#line.on('error', () => {});
    this.#inbox = new Inbox(this.#line);
  }

  /** @throws Over when the scenario cannot or must not go on */
  async take(step: Step): Promise<void> {
    if (this.#gone.aborted) throw new Over('client-left');
    switch (step.do) {
      case 'expect':
        await this.#expect(lookFor(step.what), step.what !== 'client-hello');
        return;
      case 'expect-bytes':
        await this.#expect(() => step.count, true);
        return;
      case 'send':
        return this.#send(fromHex(step.hex));
      case 'send-message':
        return this.#send(encodeServerMessage(step.message, this.#nowMs()));
      case 'garbage':
        return this.#send(garbage(step.seed, step.count));
      case 'wait':
        return this.#wait(step.ms);
      case 'flood':
        return this.#flood(fromHex(step.hex));
      case 'split':
        this.#outlet.split(step.every);
        return;
      case 'trickle':
        this.#outlet.trickle(step.everyMs);
        return;
      case 'break-after':
        this.#outlet.breakAfter(step.count, step.how);
        return;
      case 'break-on-answer':
        this.#outlet.breakOnAnswer(step.how);
        return;
      case 'refuse-hello':
        return this.#refuseHello(step);
      case 'start-tls':
        if (this.#inbox.left.aborted) throw new Over('client-left');
        this.#inbox.handOver();
        this.#tlsStep = step;
        this.#tls = await startTls(this.#line, step, this.#nowMs(), this.#left);
        if (this.#tls === null) throw new Over(this.#left.aborted ? 'client-left' : 'tls-failed');
        this.#inbox = new Inbox(this.#tls);
        return;
      case 'logon':
        return this.#logon(step);
      case 'half-close':
        return this.#outlet.end();
      case 'close':
        if (step.closeNotify) await this.#closeNotify();
        throw new Over('ended');
      case 'reset':
        this.#connection.reset();
        throw new Over('ended');
      case 'stall':
        this.#inbox.discard();
        await aborted(this.#left);
        throw new Over('client-left');
    }
  }

  /** Ends our direction, reads until the client ends too, a limited time, and forgets the rest. */
  async leave(): Promise<void> {
    this.#inbox.discard();
    // Detached from the line, the connection is read on and what comes is dropped.
    this.#line.destroy();
    if (!this.#gone.aborted) {
      const over = new AbortController();
      const timer = setTimeout(() => over.abort(), LEAVE_LIMIT_MS);
      const stop = AbortSignal.any([this.#gone, over.signal]);
      await Promise.race([this.#outlet.end(), aborted(stop)]);
      await aborted(AbortSignal.any([stop, this.#left]));
      await finished(this.#connection.stream, stop);
      clearTimeout(timer);
    }
    this.#tls?.destroy();
  }

  async #logon(step: LogonStep): Promise<void> {
    if (this.#tlsStep === null) throw new TypeError('a logon is inside TLS');
    const { chain } = await serverCertificate(this.#tlsStep.certificate, this.#nowMs());
    const certificate = new X509Certificate(chain).raw;
    const peer = new NlaPeer(step, { certificate }, this.#nowMs());
    for (const part of ['challenge', 'proof'] as const) {
      const answer = answerOf(peer, await this.#expect(lookFor('ts-request'), true));
      if (part === 'proof' && step.fault === 'other-certificate') await this.#changeCertificate();
      if (answer.bytes !== null) await this.#send(answer.bytes);
      if (answer.goesOn) continue;
      await this.#closeNotify();
      throw new Over('ended');
    }
    // A client that goes on from here delegates its credentials.
    await this.#expect(() => 'other', true);
  }

  async #changeCertificate(): Promise<void> {
    const { key, chain } = await serverCertificate('old-name', this.#nowMs());
    if (this.#tls !== null) await changeCertificate(this.#tls, { key, cert: chain });
  }

  async #expect(look: (bytes: Uint8Array) => Look, takes: boolean): Promise<Uint8Array> {
    const found = await this.#inbox.next(look, takes, this.#gone);
    if (found === 'left') throw new Over('client-left');
    if (found === 'other') throw new Over('unexpected');
    return found;
  }

  async #refuseHello(step: RefuseHelloStep): Promise<void> {
    const record = await this.#expect(lookFor('client-hello'), false);
    if (!isRefused(record, step)) return;
    switch (step.how) {
      case 'reset':
        return this.take({ do: 'reset' });
      case 'close':
        return this.take({ do: 'close', closeNotify: false });
      case 'stall':
        return this.take({ do: 'stall' });
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const tls = this.#tls;
    if (tls === null) return this.#outlet.send(bytes);
    await new Promise<void>((resolve) => {
      if (tls.destroyed || tls.writableEnded) resolve();
      else tls.write(bytes, () => resolve());
    });
  }

  async #wait(ms: number): Promise<void> {
    const signal = this.#left;
    await sleep(ms, undefined, { signal }).catch(() => {
      throw new Over('client-left');
    });
  }

  async #flood(unit: Uint8Array): Promise<void> {
    const block = new Uint8Array(unit.length * Math.ceil(FLOOD_BLOCK_BYTES / unit.length));
    for (let at = 0; at < block.length; at += unit.length) block.set(unit, at);
    this.#inbox.discard();
    const left = this.#left;
    while (!left.aborted) {
      await this.#send(block);
      // A write to a connection that was just destroyed takes no turn of the event loop.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    throw new Over('client-left');
  }

  async #closeNotify(): Promise<void> {
    const tls = this.#tls;
    if (tls === null || tls.destroyed) return;
    await new Promise<void>((resolve) => {
      tls.end(() => resolve());
      this.#gone.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

function answerOf(peer: NlaPeer, request: Uint8Array): PeerAnswer {
  try {
    return peer.receive(request);
  } catch (error) {
    if (error instanceof DecodeError || error instanceof RangeError) throw new Over('unexpected');
    throw error;
  }
}

function garbage(seed: number, count: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: count }, () => random() & 0xff);
}

/** Waits until our own end has gone out. */
async function finished(stream: Duplex, stop: AbortSignal): Promise<void> {
  if (stream.writableFinished || stream.destroyed || stop.aborted) return;
  await new Promise<void>((resolve) => {
    stream.once('finish', resolve);
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const CONNECTION_REQUEST_CODE = 0xe;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
/** BER tag of an MCS Connect Initial, [T125] section 7: APPLICATION 101. */
const CONNECT_INITIAL = [0x7f, 0x65] as const;
const TPDU_AT = 4;
const DATA_TPDU_LENGTH = 3;

/** How an expected message is found at the start of the bytes at hand. */
function lookFor(what: ExpectStep['what']): (bytes: Uint8Array) => Look {
  switch (what) {
    case 'connection-request':
      return lookBy(
        frameTpkt,
        (bytes) => (bytes[TPDU_AT + 1] ?? 0) >> 4 === CONNECTION_REQUEST_CODE,
      );
    case 'mcs-connect-initial':
      return lookBy(frameTpkt, (bytes) =>
        CONNECT_INITIAL.every((byte, at) => bytes[TPDU_AT + DATA_TPDU_LENGTH + at] === byte),
      );
    case 'client-hello':
      return lookBy(
        frameTlsRecord,
        (bytes) => bytes[0] === HANDSHAKE_RECORD && bytes[5] === CLIENT_HELLO,
      );
    case 'ts-request':
      return lookBy(frameTsRequest, () => true);
    case 'any':
      return (bytes) => bytes.length;
  }
}

function lookBy(
  frame: (bytes: Uint8Array) => Frame,
  isExpected: (bytes: Uint8Array) => boolean,
): (bytes: Uint8Array) => Look {
  return (bytes) => {
    try {
      const found = frame(bytes);
      if (found.kind === 'need-more' || found.length > bytes.length) return 'need-more';
      return isExpected(bytes) ? found.length : 'other';
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return 'other';
    }
  };
}
