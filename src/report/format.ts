/** Milliseconds as a bare number, with as many digits as say something. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 10) return ms.toFixed(2);
  return ms < 1000 ? ms.toFixed(1) : ms.toFixed(0);
}

/** Milliseconds with their unit; seconds from ten on. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 10_000) return `${formatMs(ms)} ms`;
  if (size < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return formatSpan(ms);
}

const SPANS: readonly (readonly [unit: string, ms: number])[] = [
  ['year', 365.25 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** A long time in its largest fitting unit, rounded down: `3 days`. Years only from two on. */
export function formatSpan(ms: number): string {
  const size = Math.abs(ms);
  for (const [unit, length] of SPANS) {
    const count = Math.floor(size / length);
    if (count >= 2 || (count === 1 && unit !== 'year')) return plural(count, unit);
  }
  return plural(Math.floor(size / 1000), 'second');
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The day of an ISO 8601 instant. */
export function formatDay(instant: string): string {
  return instant.slice(0, 10);
}

/** `a, b and 3 more`: a list of which a peer decides the length. */
export function formatList(items: readonly string[], shown: number): string {
  const rest = items.length - shown;
  const head = items.slice(0, shown).join(', ');
  return rest > 0 ? `${head} and ${rest} more` : head;
}

export function formatEndpoint(address: string | null, port: number | null): string {
  if (address === null) return port === null ? 'unknown' : `port ${port}`;
  const host = address.includes(':') ? `[${address}]` : address;
  return port === null ? host : `${host}:${port}`;
}

export function formatHex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A probability: `5e-5`, `0.02`. */
export function formatProbability(p: number): string {
  return p < 0.001 ? p.toExponential(0) : String(Number(p.toPrecision(2)));
}

/** A share of one as percent: `0 %`, `1.8 %`, `20 %`. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))} %`;
}
