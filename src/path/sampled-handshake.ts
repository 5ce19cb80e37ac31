import { isIPv6 } from 'node:net';
import type { Handshake } from '../handshake/handshake.js';
import { toHandshake } from '../handshake/summary.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import type { Clock } from '../probe/clock.js';
import type { KernelSockets, OpenedStream } from '../probe/kernel-figures.js';
import {
  type OwnStream,
  type ProbeRecorder,
  probeAddress,
  probeTarget,
} from '../probe/probe-target.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { type FlightVerdict, judgeFlight } from './flight-verdict.js';
import type { PathContext } from './path-context.js';
import { Sampler, type SocketSample } from './sampler.js';

/** One ordinary handshake with what the kernel said of its connection all along. */
export interface SampledHandshake {
  readonly trace: HandshakeTrace;
  readonly handshake: Handshake;
  readonly series: readonly SocketSample[];
  readonly verdict: FlightVerdict;
  /** of SYN and SYN/ACK; null: not told, or the SYN was sent again */
  readonly rttUs: number | null;
  readonly synRetransmissions: number | null;
}

/**
 * A handshake with the address of the context.
 *
 * @param clampedMss MSS that our SYN advertises; null: the system's own
 * @param settings beside the context's own
 */
export async function sampledHandshake(
  context: PathContext,
  clampedMss: number | null,
  settings: Partial<ProbeSettings> = {},
): Promise<SampledHandshake> {
  const { kernel, clock, signal, target, address, family } = context;
  const watched = new WatchedStreams(kernel, clock, clampedMss);
  try {
    const trace = await probeAddress(
      target,
      address,
      { ...context.settings, ...settings },
      { clock, kernel, signal, own: () => watched.open(family) },
      null,
    );
    const series = watched.series();
    context.onSeries({ kind: 'flight', clampedMss, trace, series });
    return sampled(trace, series, family);
  } finally {
    watched.release();
  }
}

/** Resolves the target and tries its addresses; the last one is the one that accepted, if any did. */
export async function firstHandshakes(
  target: Target,
  settings: ProbeSettings,
  io: {
    readonly kernel: KernelSockets;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly recorder?: ProbeRecorder;
  },
): Promise<readonly SampledHandshake[]> {
  const watched: WatchedStreams[] = [];
  try {
    const traces = await probeTarget(
      target,
      settings,
      {
        ...io,
        own: (address) => {
          const streams = new WatchedStreams(io.kernel, io.clock, null);
          watched.push(streams);
          return streams.open(isIPv6(address.replace(/%.*$/, '')) ? 6 : 4);
        },
      },
      { allAddresses: false },
    );
    return traces.map((trace, index) =>
      sampled(
        trace,
        watched[index]?.series() ?? [],
        trace.server.address?.includes(':') === true ? 6 : 4,
      ),
    );
  } finally {
    for (const streams of watched) streams.release();
  }
}

function sampled(
  trace: HandshakeTrace,
  series: readonly SocketSample[],
  family: 4 | 6,
): SampledHandshake {
  const handshake = toHandshake(trace, { id: 0, purpose: 'path', reason: null });
  const first = series.find(({ moment }) => moment === 'connect')?.info;
  const synRetransmissions = first?.retransmissions ?? null;
  return {
    trace,
    handshake,
    series,
    verdict: judgeFlight(handshake, series, family),
    rttUs: synRetransmissions === 0 ? (first?.rttUs ?? null) : null,
    synRetransmissions,
  };
}

/** A stream of our own for a probe, watched all along. */
class WatchedStreams {
  readonly #kernel: KernelSockets;
  readonly #clock: Clock;
  readonly #mss: number | null;
  #stream: OpenedStream | null = null;
  #sampler: Sampler | null = null;

  constructor(kernel: KernelSockets, clock: Clock, mss: number | null) {
    this.#kernel = kernel;
    this.#clock = clock;
    this.#mss = mss;
  }

  /** @returns null: the system connects in its own way, and there is no series */
  open(family: 4 | 6): OwnStream | null {
    if (!this.#kernel.available) return null;
    const opening = this.#kernel.openStream({ family, mss: this.#mss });
    if (opening.kind === 'refused') return null;
    const stream = opening.opened;
    const sampler = new Sampler(() => stream.info(), this.#clock);
    this.#stream = stream;
    this.#sampler = sampler;
    return { stream, sample: (moment) => sampler.take(moment) };
  }

  series(): readonly SocketSample[] {
    this.#sampler?.take('close');
    return this.#sampler?.series ?? [];
  }

  release(): void {
    this.#sampler?.stop();
    this.#stream?.release();
  }
}
