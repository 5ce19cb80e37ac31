/** Hundreds of nanoseconds from 1601-01-01, where a FILETIME begins, to 1970-01-01. */
const UNIX_EPOCH = 116_444_736_000_000_000n;

/**
 * FILETIME, [MS-DTYP] 2.3.3, in whole microseconds since 1970, rounded down.
 *
 * @returns null beyond the years 1684 to 2255, where a number cannot hold the microseconds exactly
 * (0x7FFFFFFFFFFFFFFF, which Windows uses for "never", is one)
 */
export function filetimeToUnixMicros(filetime: bigint): number | null {
  const hundredNanos = filetime - UNIX_EPOCH;
  const micros = Number((hundredNanos - (((hundredNanos % 10n) + 10n) % 10n)) / 10n);
  return Number.isSafeInteger(micros) ? micros : null;
}

export function unixMicrosToFiletime(micros: number): bigint {
  return BigInt(micros) * 10n + UNIX_EPOCH;
}
