import { setTimeout as sleep } from 'node:timers/promises';
import type { DirectionReport, PathReport, SideEvidence, UdpReport } from '../handshake/path.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import type { Clock } from '../probe/clock.js';
import type { KernelSockets } from '../probe/kernel-figures.js';
import type { ProbeRecorder } from '../probe/probe-target.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { peerMss } from '../probe/tcp-info.js';
import { describe } from './flight-trial.js';
import { measureFromServer } from './from-server.js';
import { LatencySeries } from './latency-series.js';
import { Ledger } from './ledger.js';
import { startLoopWatch } from './loop-watch.js';
import { lossReport } from './loss-report.js';
import { type Found, NO_UDP, NOTHING_FOUND } from './nothing-found.js';
import { mssFor } from './packet-size.js';
import type { PathContext, SeriesEvidence } from './path-context.js';
import {
  BOTH_WAYS_CONNECTIONS,
  DEFAULT_COUNT,
  type PathOptions,
  plannedConnections,
  timeLimit,
} from './path-options.js';
import { pathVerdict } from './path-verdict.js';
import { routerOf } from './router.js';
import { firstHandshakes, type SampledHandshake, sampledHandshake } from './sampled-handshake.js';
import { DEFAULT_SECOND_PORTS, gatherSideEvidence } from './side-evidence.js';
import { rounded } from './statistics.js';
import { measureToServer } from './to-server.js';
import type { ToServerSeen } from './to-server-verdict.js';
import { DEFAULT_UDP_PAUSE_MS, DEFAULT_UDP_WAIT_MS, measureUdp } from './udp.js';

export interface PathIo {
  readonly clock: Clock;
  readonly kernel: KernelSockets;
  readonly signal: AbortSignal;
  /** gives that many random bytes */
  random(count: number): Uint8Array;
  onProgress?(progress: {
    readonly says: string;
    readonly made: number;
    readonly most: number;
  }): void;
  /** takes the bytes of the first handshake */
  readonly recorder?: ProbeRecorder;
  /** takes what the kernel said, for those who keep it */
  onSeries?(evidence: SeriesEvidence): void;
  /** `process.platform` */
  readonly platform: string;
  /** `process.env`, for the programs that are run for side evidence */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A handshake of a run, in the order in which they were made. */
export interface PathHandshake {
  readonly trace: HandshakeTrace;
  readonly purpose: 'verdict' | 'path';
  readonly reason: string | null;
}

/** A measured path, and the handshakes that it took. */
export interface MeasuredPath {
  /** `attempts[].handshake` counts in `handshakes` */
  readonly report: PathReport;
  readonly handshakes: readonly PathHandshake[];
}

/**
 * Measures the path to a target inside ordinary RDP handshakes, one connection at a time. What cannot
 * be measured is said with the reason; nothing that the network does makes this reject.
 */
export async function measurePath(
  target: Target,
  settings: ProbeSettings,
  io: PathIo,
  options: PathOptions,
): Promise<MeasuredPath> {
  return await new PathRun(target, settings, io, options).run();
}

/**
 * SSL_NOT_ALLOWED_BY_SERVER and SSL_CERT_NOT_ON_SERVER: without TLS, a request without a negotiation
 * is what such servers answer.
 */
const FAILURES_WITHOUT_TLS: readonly number[] = [2, 3];

/** A handshake whose large packets nothing kept back, so that its times are those of the path. */
function isClean({ verdict }: SampledHandshake): boolean {
  return verdict.kind === 'arrived';
}

class PathRun {
  readonly #target: Target;
  readonly #settings: ProbeSettings;
  readonly #io: PathIo;
  readonly #options: PathOptions;
  readonly #ledger: Ledger;
  readonly #handshakes: PathHandshake[] = [];
  readonly #latency: LatencySeries;
  readonly #notMeasured: Record<string, string> = {};
  readonly #watch = startLoopWatch();

  constructor(target: Target, settings: ProbeSettings, io: PathIo, options: PathOptions) {
    this.#target = target;
    this.#settings = settings;
    this.#io = io;
    this.#options = options;
    this.#latency = new LatencySeries(io.kernel);
    this.#ledger = new Ledger(io.clock, io.signal, {
      most: plannedConnections(options),
      limitMs: timeLimit(options),
      ...(io.onProgress === undefined ? {} : { onProgress: (told) => io.onProgress?.(told) }),
    });
  }

  async run(): Promise<MeasuredPath> {
    try {
      this.#ledger.tell('an ordinary handshake');
      const attempt = await this.#ledger.begin('handshake');
      const made = await firstHandshakes(this.#target, this.#settings, this.#io);
      for (const { trace } of made) this.#keep(trace, 'verdict', null);
      const first = made.at(-1);
      if (first === undefined) return await this.#finish(NOTHING_FOUND, 'no address to connect to');
      attempt.connected(first.rttUs, first.synRetransmissions);
      attempt.end(describe(null, first.verdict), this.#handshakes.length - 1);
      this.#sample(first, 0);
      const { trace, series } = first;
      this.#io.onSeries?.({ kind: 'flight', clampedMss: null, trace, series });
      if (first.verdict.kind === 'no-connection') {
        const { address, family } = this.#contextOf(first);
        const known = first.trace.server.address === null ? null : address;
        const found = { ...NOTHING_FOUND, address: known, family };
        return await this.#finish(found, first.handshake.outcome.detail);
      }
      return await this.#measure(this.#contextOf(first), first, attempt.index);
    } finally {
      this.#watch.stop();
    }
  }

  #contextOf({ trace }: SampledHandshake): PathContext {
    const { clock, kernel, signal } = this.#io;
    const address = trace.server.address ?? this.#target.host;
    return {
      target: this.#target,
      address,
      family: address.includes(':') ? 6 : 4,
      settings: this.#settings,
      kernel,
      clock,
      signal,
      random: (count) => this.#io.random(count),
      onSeries: (evidence) => this.#io.onSeries?.(evidence),
    };
  }

  async #measure(
    found: PathContext,
    verdict: SampledHandshake,
    attempt: number,
  ): Promise<MeasuredPath> {
    const { context, first } = await this.#withAnswer(found, { ...verdict, attempt });
    const interfaceMtu = this.#interfaceMtu(first);
    const { exact } = this.#options;
    const up = await measureToServer(context, this.#ledger, {
      exact,
      interfaceMtu,
      mssBefore: serverMss(first),
    });
    this.#measureLoss(up.seen);
    if (up.report.failsFrom !== null && !exact) this.#ledger.extend(BOTH_WAYS_CONNECTIONS);
    const { singles } = up.seen;
    const lossToServer =
      singles === null || singles.sent === 0 ? null : singles.lost / singles.sent;
    const down = await measureFromServer(context, this.#ledger, first, {
      exact,
      lossToServer,
      toServer: up.report,
    });
    await this.#series(context, down, isClean(first));
    return await this.#finish(
      {
        address: context.address,
        toServer: up.report,
        fromServer: down,
        loss: lossReport(up.seen.singles, this.#ledger.synRetransmissions, first.series),
        interfaceMtu,
        family: context.family,
      },
      null,
    );
  }

  /** A server without TLS is asked again without it: its answer to that is what can be measured. */
  async #withAnswer(
    context: PathContext,
    first: SampledHandshake & { readonly attempt: number },
  ): Promise<{ context: PathContext; first: SampledHandshake & { readonly attempt: number } }> {
    const code = first.handshake.x224.response.failure?.code ?? null;
    if (code === null || !FAILURES_WITHOUT_TLS.includes(code) || !this.#ledger.mayConnect()) {
      return { context, first };
    }
    const without = { ...context, settings: { ...context.settings, requestedProtocols: null } };
    const attempt = await this.#ledger.begin('handshake');
    const made = await sampledHandshake(without, null);
    attempt.connected(made.rttUs, made.synRetransmissions);
    const id = this.#keep(made.trace, 'path', 'the server does without TLS: asked without it');
    attempt.end(describe(null, made.verdict), id);
    return { context: without, first: { ...made, attempt: attempt.index } };
  }

  #interfaceMtu({ trace }: SampledHandshake): number | null {
    const { kernel } = this.#io;
    const { address } = trace.client;
    const mtu = kernel.available && address !== null ? kernel.interfaceMtu(address) : null;
    if (mtu === null) {
      this.#notMeasured['interfaceMtu'] = kernel.available
        ? (kernel.abilities['interface-mtu'] ?? 'no interface has the address of this connection')
        : kernel.why;
    }
    return mtu;
  }

  #measureLoss(seen: ToServerSeen): void {
    if (seen.singles !== null) return;
    const why = this.#io.kernel.available
      ? (seen.cutShort ?? 'the kernel does not count what it sent again')
      : this.#io.kernel.why;
    for (const field of ['sent', 'lost', 'ratio', 'interval95', 'spurious']) {
      this.#notMeasured[`loss.${field}`] = why;
    }
  }

  /** The reason of every figure that is missing and has none yet. */
  #tellMissing({ loss, interfaceMtu }: Found, isFailed: boolean): void {
    const { kernel } = this.#io;
    const why = isFailed
      ? 'there was no connection'
      : kernel.available
        ? 'the kernel of this system does not tell it'
        : kernel.why;
    const missing = Object.entries({ interfaceMtu, ...prefixed('loss', loss) })
      .filter(([, value]) => value === null)
      .map(([field]) => field);
    for (const field of missing) this.#notMeasured[field] ??= why;
  }

  /** The rest of the latency series. Behind a hole its packets are kept below what passes. */
  async #series(context: PathContext, down: DirectionReport, isClean: boolean): Promise<void> {
    const asked = this.#options.count;
    const clamp = isClean || down.passUpTo === null ? null : mssFor(down.passUpTo, context.family);
    if (!isClean && clamp === null && asked === null) return;
    for (let i = this.#latency.samples.length; i < (asked ?? DEFAULT_COUNT); i++) {
      if (!this.#ledger.mayConnect()) return;
      await this.#wait(this.#options.intervalMs);
      this.#ledger.tell(`handshake ${i + 1} of the latency series`);
      const attempt = await this.#ledger.begin('handshake', clamp);
      const began = this.#ledger.now();
      this.#watch.worstMs();
      const made = await sampledHandshake(context, clamp);
      attempt.connected(made.rttUs, made.synRetransmissions);
      const id = this.#keep(made.trace, 'path', 'one of the latency series');
      attempt.end(made.handshake.outcome.detail, id);
      this.#sample(made, began);
      if (made.verdict.kind === 'no-connection' && asked === null) return;
    }
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#io.signal }).catch(() => {});
  }

  #keep(trace: HandshakeTrace, purpose: PathHandshake['purpose'], reason: string | null): number {
    this.#handshakes.push({ trace, purpose, reason });
    return this.#handshakes.length - 1;
  }

  #sample(made: SampledHandshake, atMs: number): void {
    this.#latency.add(made, atMs, this.#watch.worstMs());
  }

  async #finish(found: Found, failure: string | null): Promise<MeasuredPath> {
    const { signal } = this.#io;
    const udp = await this.#udp(found);
    const sideEvidence = await this.#evidence(found, failure !== null);
    const rtt = this.#latency.rtt(this.#ledger.rttsUs);
    if (rtt.samples === 0) {
      this.#notMeasured['rtt'] = 'no connection whose SYN was answered at once';
    }
    const terminatedBy = this.#latency.terminatedBy();
    const mtu = {
      toServer: await this.#withRouter(found, sideEvidence),
      fromServer: found.fromServer,
    };
    const { verdict, advice } = pathVerdict({
      mtu,
      loss: found.loss,
      rtt,
      family: found.family,
      terminatedBy,
      failure: signal.aborted ? 'it was interrupted' : failure,
    });
    this.#tellMissing(found, failure !== null);
    this.#watch.worstMs();
    const report: PathReport = {
      rtt,
      stages: this.#latency.stages(rtt.medianMs),
      loss: found.loss,
      mtu,
      udp,
      terminatedBy,
      interfaceMtu: found.interfaceMtu,
      sideEvidence,
      connections: this.#ledger.made,
      plannedConnections: this.#ledger.most,
      eventLoopDelayMs: rounded(this.#watch.worstEverMs),
      samples: this.#latency.samples,
      attempts: this.#ledger.attempts,
      advice,
      verdict,
      notMeasured: this.#notMeasured,
    };
    return { report, handshakes: this.#handshakes };
  }

  async #udp({ address, family }: Found): Promise<UdpReport> {
    const why = !this.#options.udp
      ? 'it was not asked for'
      : address === null
        ? 'there is no address to send to'
        : this.#io.signal.aborted
          ? 'it was interrupted'
          : null;
    if (why !== null || address === null) {
      this.#notMeasured['udp.rttMs'] = why ?? '';
      return { ...NO_UDP, why };
    }
    this.#ledger.tell(`RDPEUDP to UDP ${this.#target.port}`);
    const { report, notMeasured } = await measureUdp(
      {
        address,
        family,
        port: this.#target.port,
        waitMs: DEFAULT_UDP_WAIT_MS,
        pauseMs: DEFAULT_UDP_PAUSE_MS,
      },
      { kernel: this.#io.kernel, clock: this.#io.clock, random: (n) => this.#io.random(n) },
      this.#io.signal,
    );
    for (const [field, reason] of Object.entries(notMeasured)) {
      this.#notMeasured[field] = reason;
    }
    return report;
  }

  /** Other ways are asked only where the measurement left something for them to support. */
  async #evidence(found: Found, isFailed: boolean): Promise<readonly SideEvidence[]> {
    const { address, family } = found;
    if (!this.#options.sideEvidence || address === null || this.#io.signal.aborted) return [];
    const sizes = sizesInQuestion([found.toServer, found.fromServer]);
    if (sizes.length === 0 && !isFailed) return [];
    this.#ledger.tell('what ping and other ports say');
    const { kernel, platform, environment } = this.#io;
    const ownIcmp = kernel.available && kernel.abilities['icmp-socket'] === null;
    const { evidence, notGathered } = await gatherSideEvidence(
      {
        address,
        family,
        port: this.#target.port,
        pingSizes: ownIcmp ? [] : sizes,
        icmpSizes: ownIcmp ? sizes : [],
        tracepath: found.toServer.mechanism === 'pmtud' && !this.#asksRouters(),
        secondPorts: isFailed ? DEFAULT_SECOND_PORTS : [],
        otherAddresses: isFailed ? this.#otherAddresses(address) : [],
        kernel,
        random: (n) => this.#io.random(n),
        platform,
        environment,
      },
      this.#io.signal,
    );
    for (const [what, why] of Object.entries(notGathered)) {
      this.#notMeasured[`sideEvidence.${what}`] = why;
    }
    return evidence;
  }

  #asksRouters(): boolean {
    const { kernel } = this.#io;
    return this.#options.udp && kernel.available && kernel.abilities['udp-dont-fragment'] === null;
  }

  /** The router that named the path MTU which this side has learned. */
  async #withRouter(
    { address, family, toServer, interfaceMtu }: Found,
    evidence: readonly SideEvidence[],
  ): Promise<DirectionReport> {
    const { mechanism, learnedMtu } = toServer;
    if (address === null || mechanism !== 'pmtud' || learnedMtu === null) return toServer;
    const said = evidence.find(
      ({ reportedMtu, reportedBy }) => reportedMtu === learnedMtu && reportedBy !== null,
    );
    if (said !== undefined) return { ...toServer, reportedBy: said.reportedBy };
    if (!this.#options.udp) {
      this.#notMeasured['mtu.toServer.reportedBy'] = 'no UDP datagram was to be sent';
      return toServer;
    }
    this.#ledger.tell('which router reported the path MTU');
    const { kernel, clock, signal } = this.#io;
    const { port } = this.#target;
    const request = { address, family, port, learnedMtu, interfaceMtu };
    const answer = await routerOf(request, kernel, clock, signal);
    if (answer.kind === 'named') return { ...toServer, reportedBy: answer.from };
    this.#notMeasured['mtu.toServer.reportedBy'] = answer.why;
    return toServer;
  }

  /** Addresses of the name that were not tried. */
  #otherAddresses(tried: string): readonly string[] {
    const known = new Set([tried, ...this.#handshakes.map(({ trace }) => trace.server.address)]);
    return this.#handshakes
      .flatMap(({ trace }) => trace.facts)
      .flatMap((fact) => (fact.kind === 'lookup' ? fact.addresses : []))
      .map(({ address }) => address)
      .filter((address) => !known.has(address));
  }
}

function prefixed(prefix: string, fields: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [`${prefix}.${field}`, value]),
  );
}

/** MSS option of the server's SYN/ACK, before anything large had passed. */
function serverMss({ series }: SampledHandshake): number | null {
  const info = series.find(({ moment }) => moment === 'connect')?.info;
  return info === undefined ? null : peerMss(info);
}

/** Sizes that other ways are asked about: what passes, what does not, and the largest of all. */
function sizesInQuestion(directions: readonly DirectionReport[]): readonly number[] {
  const sizes = directions.flatMap(({ mechanism, passUpTo, failsFrom }) =>
    mechanism === 'none' || mechanism === 'not-measured' || passUpTo === null
      ? []
      : [passUpTo, failsFrom ?? passUpTo + 1],
  );
  return [...new Set(sizes)].toSorted((one, other) => one - other);
}
