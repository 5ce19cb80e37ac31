import type { Test } from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';

/** One row of a vector table. In `value`, byte strings stand as hex, so that a diff is readable. */
export interface Vector {
  readonly name: string;
  /** Annotated hex; never made with the encoder under test. */
  readonly hex: string;
  readonly value: unknown;
}

/** The same value with each byte string as hex. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** The value, or the DecodeError; any other error escapes and fails the test. */
export function outcome<T>(decode: () => T): T | DecodeError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/**
 * Decodes each row whole and cut at every length.
 *
 * @param whenCut `error`: every cut must be a DecodeError; `any`: it may be a shorter value too
 */
export function checkDecoding(
  t: Test,
  vectors: readonly Vector[],
  decode: (bytes: Uint8Array) => unknown,
  whenCut: 'error' | 'any' = 'error',
): void {
  for (const { name, hex, value } of vectors) {
    t.test(name, (t) => {
      const bytes = fromHex(hex);
      t.strictSame(plain(decode(bytes)), value);
      for (let length = 0; length < bytes.length; length++) {
        const cut = outcome(() => decode(bytes.subarray(0, length)));
        if (whenCut === 'error' && !(cut instanceof DecodeError)) {
          t.fail(`cut to ${length} bytes it still decodes`, { cut: plain(cut) });
        }
      }
      t.end();
    });
  }
}

/** Mulberry32: the same numbers for the same seed, from 0 up to and without 2^32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Good bytes with a few of them changed, cut, repeated; and now and then nothing but noise. */
export function mutated(samples: readonly Uint8Array[], random: () => number): Uint8Array {
  const sample = samples[random() % samples.length];
  if (sample === undefined || random() % 8 === 0) {
    return Uint8Array.from({ length: random() % 64 }, () => random() & 0xff);
  }
  const bytes = Uint8Array.from(sample);
  for (let changes = random() % 4; changes >= 0 && bytes.length > 0; changes--) {
    const edge = [0, 1, 0x7f, 0x80, 0xff][random() % 5] ?? 0;
    bytes[random() % bytes.length] = random() % 2 === 0 ? random() & 0xff : edge;
  }
  if (random() % 4 === 0) return bytes.subarray(0, random() % (bytes.length + 1));
  if (random() % 8 === 0) return Uint8Array.from([...bytes, ...bytes.subarray(random() % 16)]);
  return bytes;
}

/** Whatever the bytes: a value or a DecodeError. */
export function checkNoOtherError(
  t: Test,
  decode: (bytes: Uint8Array) => unknown,
  samples: readonly string[],
  options: { readonly count?: number; readonly seed?: number } = {},
): void {
  const good = samples.map(fromHex);
  const random = seededRandom(options.seed ?? 1);
  const count = options.count ?? 20_000;
  let values = 0;
  // Most inputs are refused, and a stack for each of those takes most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (let round = 0; round < count; round++) {
      const bytes = mutated(good, random);
      try {
        if (!(outcome(() => decode(bytes)) instanceof DecodeError)) values++;
      } catch (error) {
        t.fail(`round ${round}: ${toHex(bytes)} throws ${String(error)}`);
        return;
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  t.ok(values > 0 && values < count, `${values} of ${count} inputs decode, the others are refused`);
}
