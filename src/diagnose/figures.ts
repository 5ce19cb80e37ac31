const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Milliseconds as a person reads them: `0.4 ms`, `61 ms`, `10 s`, `7 minutes`, `400 days`. */
export function duration(ms: number): string {
  const length = Math.abs(ms);
  if (length < 9.95) return `${trimmed(length.toFixed(length < 0.095 ? 2 : 1))} ms`;
  if (length < 999.5) return `${Math.round(length)} ms`;
  if (length < 2 * MINUTE) return `${trimmed((length / SECOND).toFixed(1))} s`;
  if (length < 2 * HOUR) return `${Math.round(length / MINUTE)} minutes`;
  if (length < 2 * DAY) return `${Math.round(length / HOUR)} hours`;
  return `${Math.round(length / DAY)} days`;
}

function trimmed(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') || '0' : decimal;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1);
  if (last === undefined) return '';
  if (items.length === 1) return last;
  return `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** A number from the wire beside its name: `HYBRID_REQUIRED_BY_SERVER (5)`, or `0x63` alone. */
export function numbered(number: number, name: string | null): string {
  return name === null ? `0x${number.toString(16)}` : `${name} (${number})`;
}

/** Only the day of an instant: `2026-01-31`. */
export function day(instant: string | null): string {
  return instant === null ? 'an unknown date' : instant.slice(0, 10);
}

/** A probability: `5e-5`, `0.012`. */
export function probability(p: number): string {
  return p < 0.001 ? p.toExponential(0) : trimmed(p.toFixed(3));
}

/** A share: `0 %`, `0.9 %`, `12 %`. */
export function percent(share: number): string {
  const hundredths = share * 100;
  return `${trimmed(hundredths.toFixed(hundredths < 9.95 ? 1 : 0))} %`;
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
