import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { nextAction } from '../handshake/client.js';
import { CREDSSP_VERSION } from '../handshake/nla-client.js';
import { stageOf } from '../handshake/phase.js';
import type { WireEvent } from '../handshake/recording.js';
import type { Fact, Side, StageName } from '../handshake/trace.js';
import { Tracker } from '../handshake/tracker.js';
import { encodeClientConnectInitial } from '../wire/client-connect-initial.js';
import { encodeConnectionRequest } from '../wire/negotiation.js';
import { encodeNtlmNegotiate } from '../wire/ntlm.js';
import { encodeOwnHello } from '../wire/own-hello.js';
import { encodeTsRequest } from '../wire/ts-request.js';
import type { Clock } from './clock.js';
import { isWholeFlight } from './flight.js';
import { makeHelloMaterial } from './hello-material.js';
import type { Logon } from './logon.js';
import type { NlaConversation } from './nla-conversation.js';
import type { ProbeSettings } from './settings.js';
import {
  alertOf,
  describeTls,
  leafOf,
  type OwnHelloOffer,
  startTls,
  type TlsOffer,
} from './tls-client.js';
import { Wiretap } from './wiretap.js';

/** More than any server sends before the session starts; a peer that goes on is cut off. */
export const MAX_RECEIVED_BYTES = 1 << 20;

/** How long a peer that does not speak RDP gets to finish the line that names its protocol. */
const FOREIGN_GRACE_MS = 300;

/**
 * How long to wait for the server's own end after our half-close. GNOME Remote Desktop and xrdp end
 * within milliseconds; a server that does not is left.
 */
export const DEFAULT_LEAVE_LIMIT_MS = 1500;

/** The same where the server had not answered for as long as it was waited for. */
const SILENT_LEAVE_LIMIT_MS = 500;

/** The same where somebody waits for us to stop. */
export const INTERRUPTED_LEAVE_LIMIT_MS = 300;

export interface ConnectionContext {
  /** for TLS; null: none is sent */
  readonly serverName: string | null;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** takes each fact as soon as it is known */
  emit(fact: Fact): void;
  /** called at moments worth a look at the kernel's figures */
  sample?(moment: string): void;
  onStage?(stage: StageName): void;
  readonly leaveLimitMs?: number;
  /** takes what passes on the wire, up to `MAX_RECEIVED_BYTES`; absent: nothing is kept */
  record?(event: WireEvent): void;
  /** absent: the challenge is not answered */
  readonly logon?: Logon;
  /** takes the lines of an NSS key log of this connection; absent: no secret is asked for */
  keyLog?(line: string): void;
}

/**
 * Takes one established connection as far as it goes without delegating credentials, and leaves it
 * politely.
 * What the peer does, whatever it is, is told as facts; it never makes this reject.
 */
export async function probeConnection(
  connection: Duplex,
  settings: ProbeSettings,
  context: ConnectionContext,
): Promise<void> {
  await new ProbeRun(connection, settings, context).run();
}

class ProbeRun {
  readonly #settings: ProbeSettings;
  readonly #context: ConnectionContext;
  readonly #tracker: Tracker;
  readonly #wiretap: Wiretap;
  readonly #connection: Duplex;
  #tls: TLSSocket | null = null;
  #nla: NlaConversation | null = null;
  #received = 0;
  #flooded = false;
  #isSilent = false;
  #flightIsWhole = false;
  #wake: () => void = () => {};
  /** what our end knows of TLS, still to be told: it must not hold up our next message */
  #describeTls: (() => void) | null = null;

  constructor(connection: Duplex, settings: ProbeSettings, context: ConnectionContext) {
    this.#connection = connection;
    this.#settings = settings;
    this.#context = context;
    this.#tracker = new Tracker((fact) => {
      if (fact.kind === 'flood') this.#flooded = true;
      if (isWholeFlight(fact)) this.#flightIsWhole = true;
      context.emit(fact);
    });
    this.#wiretap = new Wiretap(connection, {
      bytes: (side, bytes) => this.#onBytes(side, bytes),
      end: (side, how) => {
        const at = this.#now();
        context.record?.({ by: side, at, end: how });
        this.#tracker.end(side, at, how);
        this.#wake();
      },
      failed: (error) => {
        this.#tracker.fact({
          kind: 'endpoint-error',
          at: this.#now(),
          code: error.code ?? 'UNKNOWN',
          says: error.message,
        });
        this.#wake();
      },
    });
    // An error of the wiretap is always one that was told before, by the connection itself.
    this.#wiretap.on('error', () => {});
    this.#wiretap.resume();
  }

  #now(): number {
    return this.#context.clock.now();
  }

  #onBytes(side: Side, bytes: Uint8Array): void {
    if (side === 'server') {
      this.#received += bytes.length;
      if (this.#received > MAX_RECEIVED_BYTES) {
        this.#connection.pause();
        if (this.#tracker.phase.name !== 'over') {
          this.#tracker.fact({
            kind: 'flood',
            by: 'server',
            at: this.#now(),
            bytes: this.#received,
          });
        }
        this.#wake();
        return;
      }
    }
    const at = this.#now();
    this.#context.record?.({ by: side, at, bytes: Uint8Array.from(bytes) });
    this.#tracker.bytes(side, at, bytes);
    this.#wake();
  }

  async run(): Promise<void> {
    const { signal } = this.#context;
    const onAbort = (): void => this.#wake();
    signal?.addEventListener('abort', onAbort);
    try {
      this.#tracker.fact({ kind: 'tcp-accepted', at: this.#now() });
      this.#context.sample?.('connect');
      await this.#converse();
      this.#context.sample?.('end');
      await this.#leave();
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Acts and waits by turns until there is nothing more to be learned. */
  async #converse(): Promise<void> {
    let stage: StageName | null = null;
    let deadline = 0;
    for (;;) {
      if (this.#context.signal?.aborted === true) {
        this.#tellTls();
        this.#tracker.fact({ kind: 'interrupted', at: this.#now() });
        return;
      }
      // The records themselves have shown that TLS is established, but where they could not.
      if (this.#tracker.phase.name === 'tls') this.#tellTls();
      const phase = this.#tracker.phase;
      const action = nextAction(phase, this.#settings, this.#nla !== null);
      if (stageOf(phase) !== stage) {
        if (stage !== null) this.#context.sample?.(stage);
        stage = stageOf(phase);
        deadline = this.#now() + this.#settings.stageLimitsMs[stage] * 1000;
        this.#context.onStage?.(stage);
      }
      switch (action.do) {
        case 'leave':
          this.#tellTls();
          return;
        case 'wait':
          await this.#waitForChange(stage, deadline);
          break;
        case 'send-connection-request':
          this.#sendRaw(this.#connectionRequest());
          break;
        case 'start-tls': {
          const { tlsOffer } = this.#settings;
          if (typeof tlsOffer === 'string') await this.#secure(tlsOffer, stage, deadline);
          else await this.#sayHello(tlsOffer, stage, deadline);
          break;
        }
        case 'send-negotiate':
          // TLS is only writable once our own end says so, which is just after the last record.
          this.#nla = this.#beginLogon();
          this.#sendInside(negotiateRequest());
          this.#tellTls();
          break;
        case 'send-authenticate': {
          const answer = this.#nla?.answer ?? null;
          // Without an answer there is nothing that this connection could still tell.
          if (answer === null) {
            this.#tellTls();
            return;
          }
          this.#sendInside(answer);
          break;
        }
        case 'send-connect-initial':
          if (typeof this.#settings.tlsOffer !== 'string') {
            // The question was for TLS, and there is none.
            this.#tracker.fact({ kind: 'answered', at: this.#now() });
            break;
          }
          this.#sendInside(this.#connectInitial());
          this.#tellTls();
          break;
      }
    }
  }

  #connectionRequest(): Uint8Array {
    const { requestedProtocols, requestFlags, cookie, routingToken, correlationId } =
      this.#settings;
    return encodeConnectionRequest({
      requestedProtocols,
      flags: requestFlags,
      ...(cookie === null ? {} : { cookie }),
      ...(routingToken === null ? {} : { routingToken }),
      ...(correlationId === null ? {} : { correlationId }),
    });
  }

  #connectInitial(): Uint8Array {
    const phase = this.#tracker.phase;
    const selected = 'protocol' in phase ? (phase.protocol?.value ?? 0) : 0;
    return encodeClientConnectInitial({
      serverSelectedProtocol: selected,
      encryptionMethods: selected === 0 ? this.#settings.encryptionMethods : 0,
    });
  }

  #beginLogon(): NlaConversation | null {
    const { logon, clock } = this.#context;
    if (logon === undefined || this.#tls === null) return null;
    const certificate = leafOf(this.#tls);
    return logon.begin(NEGOTIATE, certificate, clock.startedAt + this.#now());
  }

  /** What the server says inside TLS goes to the logon as well, where there is one. */
  #continueLogon(bytes: Uint8Array): void {
    if (this.#nla === null || this.#tls === null || this.#tracker.phase.name === 'over') return;
    const verdict = this.#nla.push(bytes, leafOf(this.#tls));
    if (verdict === null) return;
    this.#tracker.fact({ kind: 'nla-verdict', at: this.#now(), ...verdict });
  }

  #sendRaw(bytes: Uint8Array): void {
    this.#wiretap.write(bytes);
  }

  /** Sends inside TLS where there is TLS. The tracker sees the clear text of both directions. */
  #sendInside(bytes: Uint8Array): void {
    if (this.#tls === null) {
      this.#sendRaw(bytes);
      return;
    }
    this.#tracker.plaintext('client', this.#now(), bytes);
    this.#tls.write(bytes);
  }

  /** TLS handshake: done when our own end says so, or when the connection is over. */
  async #secure(offer: TlsOffer, stage: StageName, deadline: number): Promise<void> {
    let done = false;
    const { serverName } = this.#context;
    this.#wiretap.pause();
    const tls = startTls(this.#wiretap, this.#settings.serverName ?? serverName, offer);
    this.#tls = tls;
    const { keyLog } = this.#context;
    // Node asks OpenSSL for the secrets only where somebody listens.
    if (keyLog !== undefined) tls.on('keylog', (line: Buffer) => keyLog(line.toString().trimEnd()));
    tls.on('secureConnect', () => {
      const describe = describeTls(tls);
      this.#describeTls = () => this.#tracker.secured(describe(this.#now()));
      done = true;
      this.#wake();
    });
    tls.on('data', (chunk: Buffer) => {
      this.#tracker.plaintext('server', this.#now(), chunk);
      this.#continueLogon(chunk);
      this.#wake();
    });
    tls.on('end', () => {
      // Inside TLS 1.3 only our own end sees this; to a logon it is an answer.
      if (this.#tracker.phase.name !== 'authenticating' || this.#wiretap.peerEnded) return;
      this.#tracker.alert('server', this.#now(), WARNING, CLOSE_NOTIFY);
      this.#wake();
    });
    tls.on('error', (error: NodeJS.ErrnoException) => {
      done = true;
      this.#onTlsError(error, alertOf(error));
      this.#wake();
    });
    tls.on('close', () => {
      done = true;
      this.#wake();
    });
    while (!done && this.#tracker.phase.name !== 'over' && !this.#aborted()) {
      if (!(await this.#nextEvent(deadline))) {
        this.#silence(stage);
        return;
      }
    }
  }

  /** A ClientHello of our own: done when the server's answer to it is whole. */
  async #sayHello({ hello }: OwnHelloOffer, stage: StageName, deadline: number): Promise<void> {
    const serverName = this.#settings.serverName ?? this.#context.serverName;
    this.#sendRaw(encodeOwnHello(hello, makeHelloMaterial(hello, serverName)));
    while (!this.#flightIsWhole && this.#tracker.phase.name !== 'over' && !this.#aborted()) {
      if (!(await this.#nextEvent(deadline))) {
        this.#silence(stage);
        return;
      }
    }
    if (this.#flightIsWhole) this.#tracker.fact({ kind: 'answered', at: this.#now() });
  }

  #onTlsError(error: NodeJS.ErrnoException, alert: number | null): void {
    if (alert !== null) {
      this.#tracker.alert('server', this.#now(), FATAL, alert);
      return;
    }
    // What the wire has shown already (an end, an alert of our own) explains the error.
    if (this.#tracker.phase.name === 'over' || this.#wiretap.peerEnded) return;
    this.#tracker.fact({
      kind: 'endpoint-error',
      at: this.#now(),
      code: error.code ?? 'UNKNOWN',
      says: error.message,
    });
  }

  #tellTls(): void {
    const tell = this.#describeTls;
    this.#describeTls = null;
    tell?.();
  }

  #aborted(): boolean {
    return this.#context.signal?.aborted === true;
  }

  #silence(stage: StageName): void {
    this.#isSilent = true;
    this.#context.sample?.('silence');
    this.#tracker.silence(this.#now(), 'server', this.#settings.stageLimitsMs[stage]);
  }

  /** Until the phase has changed; a stage that takes longer than its limit is told as silence. */
  async #waitForChange(stage: StageName, deadline: number): Promise<void> {
    const before = this.#tracker.phase;
    let until = deadline;
    while (this.#tracker.phase === before && !this.#aborted()) {
      if (this.#tracker.foreignPending) {
        until = Math.min(until, this.#now() + FOREIGN_GRACE_MS * 1000);
      }
      if (await this.#nextEvent(until)) continue;
      if (this.#tracker.foreignPending) this.#tracker.finish();
      else this.#silence(stage);
      return;
    }
  }

  /** @returns false when the deadline (microseconds on the clock) came first */
  async #nextEvent(deadline: number): Promise<boolean> {
    const left = (deadline - this.#now()) / 1000;
    if (left <= 0) return false;
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        this.#wake = () => {};
        resolve(false);
      }, left);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve(true);
      };
    });
  }

  /** close_notify where there is TLS, half-close, and read until the server ends too. */
  async #leave(): Promise<void> {
    const usual = this.#context.leaveLimitMs ?? DEFAULT_LEAVE_LIMIT_MS;
    const limit = this.#aborted()
      ? Math.min(usual, INTERRUPTED_LEAVE_LIMIT_MS)
      : this.#isSilent
        ? Math.min(usual, SILENT_LEAVE_LIMIT_MS)
        : usual;
    const flooded = this.#flooded || this.#received > MAX_RECEIVED_BYTES;
    if (this.#tls !== null && !this.#tls.destroyed && !flooded) this.#tls.end();
    // TLS writes its close_notify in this turn; the half-close must not overtake it.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#wiretap.leave(flooded ? 0 : limit);
    this.#tls?.destroy();
    this.#wiretap.destroy();
  }
}

/** AlertLevel fatal, RFC 5246 section 7.2. */
const FATAL = 2;

/** An NTLM NEGOTIATE, which names no user and proves no secret. */
const NEGOTIATE = encodeNtlmNegotiate();

/** The first TSRequest. */
function negotiateRequest(): Uint8Array {
  return encodeTsRequest({ version: CREDSSP_VERSION, negoTokens: [NEGOTIATE] });
}

/** close_notify, RFC 8446 section 6.1, and its level. */
const WARNING = 1;
const CLOSE_NOTIFY = 0;
