import { medianOf } from './statistics.js';

/** Samples below this prove nothing. */
const LEAST_SAMPLES = 4;

/** Answers later than the network's round trip by this much, and by this factor, need a reason. */
const LATER_BY_MS = 30;
const LATER_BY_FACTOR = 3;

/** What one connection took for one round trip of each kind, milliseconds. */
export interface RoundTripTimes {
  /** SYN to SYN/ACK, as the kernel saw it */
  readonly synMs: number;
  /** per round trip, of each stage that completed */
  readonly stagesMs: Readonly<Record<string, number>>;
}

/**
 * Whether the SYN is answered much nearer than everything after it: a proxy, load balancer or VPN
 * accelerator that accepts TCP in the server's name. A server that thinks is slow in one stage, a
 * longer way in all of them, so every stage of every connection must be late.
 *
 * @returns one sentence; null: no sign of it
 */
export function terminationOf(samples: readonly RoundTripTimes[]): string | null {
  const syn = medianOf(samples.map(({ synMs }) => synMs));
  if (syn === null || samples.length < LEAST_SAMPLES) return null;
  const least: number[] = [];
  for (const { stagesMs } of samples) {
    const times = Object.values(stagesMs);
    if (times.length < 2) return null;
    least.push(Math.min(...times));
  }
  const quickest = Math.min(...least);
  if (quickest < syn + LATER_BY_MS || quickest < syn * LATER_BY_FACTOR) return null;
  return `the SYN is answered after ${syn.toFixed(1)} ms, but no message in less than ${quickest.toFixed(1)} ms: a box on the way seems to answer TCP for the server`;
}
