import type { PathReport, PathSample } from '../handshake/path.js';
import { STAGES } from '../handshake/trace.js';
import type { KernelSockets } from '../probe/kernel-figures.js';
import { durationOf } from './flight-verdict.js';
import type { SampledHandshake } from './sampled-handshake.js';
import { histogramOf, medianOf, rounded, spreadOf } from './statistics.js';
import { type RoundTripTimes, terminationOf } from './termination.js';

/** A process that is later than this, and by that share of the shortest stage, spoils its times. */
const SHAKY_MS = 5;
const SHAKY_SHARE = 0.1;

/** Below this a stage is the server's thinking, whatever the network. */
const LEAST_RTT_MS = 1;

/** The times of the handshakes of a run, and what they come to. */
export class LatencySeries {
  readonly #kernel: KernelSockets;
  readonly #samples: PathSample[] = [];
  readonly #roundTrips: RoundTripTimes[] = [];

  constructor(kernel: KernelSockets) {
    this.#kernel = kernel;
  }

  get samples(): readonly PathSample[] {
    return this.#samples;
  }

  /**
   * @param atMs when it began
   * @param lateMs how late this process was in serving its own events meanwhile
   */
  add(made: SampledHandshake, atMs: number, lateMs: number): void {
    const stagesMs: Record<string, number> = {};
    const perTrip: Record<string, number> = {};
    for (const { stage, status, durationMs, roundTrips } of made.handshake.stages) {
      if (status !== 'completed' || durationMs === null) continue;
      stagesMs[stage] = durationMs;
      if (stage !== 'tcp' && stage !== 'resolve' && roundTrips !== null && roundTrips > 0) {
        perTrip[stage] = durationMs / roundTrips;
      }
    }
    const shortest = Math.min(...Object.values(stagesMs));
    const shaky = lateMs > SHAKY_MS && lateMs > shortest * SHAKY_SHARE;
    this.#samples.push({
      atMs: rounded(atMs) ?? 0,
      rttMs: rttOf(made, this.#kernel),
      stagesMs,
      synRetransmissions: made.synRetransmissions,
      shaky,
    });
    if (!shaky && made.rttUs !== null && Object.keys(perTrip).length > 0) {
      this.#roundTrips.push({ synMs: made.rttUs / 1000, stagesMs: perTrip });
    }
  }

  /** @param kernelUs the kernel's own of every connection of the run; empty: it does not tell */
  rtt(kernelUs: readonly number[]): PathReport['rtt'] {
    const values =
      kernelUs.length > 0
        ? kernelUs.map((us) => us / 1000)
        : this.#samples.flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs]));
    const source = kernelUs.length > 0 ? 'kernel' : 'application';
    return {
      ...spreadOf(values),
      source: values.length === 0 ? null : source,
      histogram: histogramOf(values),
    };
  }

  /** @param rttMs median of the run */
  stages(rttMs: number | null): PathReport['stages'] {
    return STAGES.flatMap((stage) => {
      const values = this.#samples.flatMap(({ stagesMs }) => stagesMs[stage] ?? []);
      const median = medianOf(values);
      if (median === null) return [];
      const roundTrips =
        rttMs === null || rttMs < LEAST_RTT_MS ? null : Math.round((median / rttMs) * 100) / 100;
      return [{ stage, ...spreadOf(values), roundTrips }];
    });
  }

  terminatedBy(): string | null {
    return terminationOf(this.#roundTrips);
  }
}

/** Where the kernel is not asked, the connect as this process saw it. */
function rttOf({ rttUs, handshake }: SampledHandshake, kernel: KernelSockets): number | null {
  if (kernel.available) return rttUs === null ? null : rttUs / 1000;
  return durationOf(handshake, 'tcp');
}
