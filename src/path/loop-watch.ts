import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How late this process is in serving its own events: then its times are not the network's. */
export interface LoopWatch {
  /** milliseconds that it was late at the most since the last call */
  worstMs(): number;
  /** the same since the start */
  readonly worstEverMs: number;
  stop(): void;
}

const RESOLUTION_MS = 1;

export function startLoopWatch(): LoopWatch {
  const histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let worstEverMs = 0;
  const take = (): number => {
    // The timer of the histogram itself is what it counts from.
    const late = Math.max(0, histogram.max / 1e6 - RESOLUTION_MS);
    const worst = Number.isFinite(late) && histogram.count > 0 ? late : 0;
    histogram.reset();
    worstEverMs = Math.max(worstEverMs, worst);
    return worst;
  };
  return {
    worstMs: take,
    get worstEverMs() {
      return worstEverMs;
    },
    stop: () => {
      take();
      histogram.disable();
    },
  };
}
