/** One monotonic clock for a whole run; the only place where time is read. */
export interface Clock {
  /** microseconds since 1970 UTC when the clock started */
  readonly startedAt: number;
  /** integer microseconds since the clock started; never runs backwards */
  now(): number;
}

export function systemClock(): Clock {
  const origin = performance.now();
  return {
    startedAt: Math.round((performance.timeOrigin + origin) * 1000),
    now: () => Math.round((performance.now() - origin) * 1000),
  };
}
