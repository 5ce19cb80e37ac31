import type { HistogramBin, Spread } from '../handshake/path.js';

/** Normal quantile of a two-sided 95 % interval. */
const Z_95 = 1.959963984540054;

/**
 * Wilson score interval of a ratio, 95 %. Unlike the normal approximation it holds for small counts
 * and at both ends: nothing lost of 20 does not mean that nothing is ever lost.
 *
 * @param hits of `trials`, 0 to `trials`
 * @returns lower and upper bound, 0 to 1; the whole range where nothing was tried
 */
export function wilsonInterval(hits: number, trials: number): readonly [number, number] {
  if (trials <= 0) return [0, 1];
  const ratio = hits / trials;
  const z2 = Z_95 * Z_95;
  const centre = ratio + z2 / (2 * trials);
  const reach = Z_95 * Math.sqrt((ratio * (1 - ratio)) / trials + z2 / (4 * trials * trials));
  const scale = 1 + z2 / trials;
  // Rounding must not take the bounds past what was seen.
  const low = hits === 0 ? 0 : Math.max(0, (centre - reach) / scale);
  const high = hits === trials ? 1 : Math.min(1, (centre + reach) / scale);
  return [low, high];
}

/**
 * Fisher's exact test, one-sided: how likely it is that large packets do this badly or worse beside
 * the small ones if size made no difference.
 *
 * @param small passed and tried
 * @param big passed and tried
 * @returns 0 to 1; null where one of them was never tried
 */
export function fisherOneSided(
  small: readonly [passed: number, tried: number],
  big: readonly [passed: number, tried: number],
): number | null {
  const [smallPassed, smallTried] = small;
  const [bigPassed, bigTried] = big;
  if (smallTried <= 0 || bigTried <= 0) return null;
  const passed = smallPassed + bigPassed;
  const tried = smallTried + bigTried;
  // Hypergeometric: of `tried` packets `passed` got through; k of them were big.
  const all = logChoose(tried, passed);
  let p = 0;
  for (let k = Math.max(0, passed - smallTried); k <= bigPassed; k++) {
    p += Math.exp(logChoose(bigTried, k) + logChoose(smallTried, passed - k) - all);
  }
  return Math.min(1, p);
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  const few = Math.min(k, n - k);
  for (let i = 1; i <= few; i++) sum += Math.log((n - few + i) / i);
  return sum;
}

/** @param valuesMs in the order in which they were measured */
export function spreadOf(valuesMs: readonly number[]): Spread {
  const sorted = valuesMs.toSorted((one, other) => one - other);
  return {
    samples: sorted.length,
    minMs: rounded(sorted[0] ?? null),
    medianMs: rounded(quantile(sorted, 0.5)),
    p95Ms: rounded(quantile(sorted, 0.95)),
    maxMs: rounded(sorted.at(-1) ?? null),
    jitterMs: rounded(jitterOf(valuesMs)),
  };
}

/** Linear between the two nearest values. */
function quantile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

export function medianOf(values: readonly number[]): number | null {
  return quantile(
    values.toSorted((one, other) => one - other),
    0.5,
  );
}

/** Mean difference between neighbours, as RFC 3393 compares one packet with the next. */
function jitterOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  let sum = 0;
  for (let i = 1; i < values.length; i++) {
    sum += Math.abs((values[i] ?? 0) - (values[i - 1] ?? 0));
  }
  return sum / (values.length - 1);
}

const BINS = 8;

/** Bins of equal width from the least to the greatest value. */
export function histogramOf(valuesMs: readonly number[]): readonly HistogramBin[] {
  if (valuesMs.length === 0) return [];
  const least = Math.min(...valuesMs);
  const greatest = Math.max(...valuesMs);
  if (greatest === least) {
    const only = rounded(least) ?? 0;
    return [{ fromMs: only, toMs: only, count: valuesMs.length }];
  }
  const width = (greatest - least) / BINS;
  const counts = new Array<number>(BINS).fill(0);
  // Each value finds its own bin: edges worked out twice may differ in their last digit.
  for (const value of valuesMs) {
    const bin = Math.min(BINS - 1, Math.floor((value - least) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => ({
    fromMs: rounded(least + bin * width) ?? 0,
    toMs: rounded(bin === BINS - 1 ? greatest : least + (bin + 1) * width) ?? 0,
    count,
  }));
}

/** Milliseconds with microsecond precision, as the report has them. */
export function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}
