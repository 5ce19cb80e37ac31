/**
 * Which packet sizes to try next. Sizes are bytes of whole IP packets. `passed` is the largest that
 * was seen to pass, `failed` the smallest that was seen not to.
 */
export interface Bracket {
  readonly passed: number;
  readonly failed: number;
}

/** How close `passed` and `failed` must come, unless the exact limit is asked for. */
export const TOLERANCE = 8;

/**
 * Sizes that real paths stop at or just above: the least that every IPv4 and IPv6 path carries, the
 * usual settings of tunnels and of PPPoE, and Ethernet's own. `576` and `1000` bound what is below.
 */
const USUAL: readonly number[] = [576, 1000, 1200, 1280, 1340, 1400, 1440, 1472, 1500];

/** What many tunnels are set to: worth a look at the very next byte. */
const COMMON_LIMITS: readonly number[] = [1280, 1400, 1420, 1440, 1460, 1480, 1492, 1500];

/** Where each size takes a connection, a narrower bracket is halved as soon. */
const WORTH_A_LOOK = 64;

/** What is tried first where each size takes a connection. */
const FIRST_ALONE: readonly number[] = [1280, 1400, 1500, 1000];

/** Below this nothing is worth a search: IPv4 promises to carry it (RFC 791). */
export const LEAST_SIZE = 576;

/** Ethernet's jumbo frames: what is larger stays inside a machine. */
export const MOST_TESTED = 9216;

/** What all sizes of one connection may come to: they are one TLS record. */
const MOST_IN_ALL = 15_000;

/** The first sizes, rising, the largest possible one last. */
export function firstSizes(largest: number): readonly number[] {
  const last = Math.min(largest, MOST_TESTED);
  const sizes = USUAL.filter((size) => size < last);
  let sum = sizes.reduce((total, size) => total + size, last);
  // Where the largest takes the room, the least and the common ones in between are left.
  while (sum > MOST_IN_ALL && sizes.length > 1) sum -= sizes.splice(1, 1)[0] ?? 0;
  return [...sizes, last];
}

export function isNarrow({ passed, failed }: Bracket, exact: boolean): boolean {
  return failed - passed <= (exact ? 1 : TOLERANCE);
}

/**
 * Rising sizes for one connection that goes on until one of them fails. `failed` itself is the last,
 * so that the connection either narrows the bracket or confirms it, unless there is no room for it.
 *
 * @param most sizes at once, at least 2
 */
export function nextSizes(bracket: Bracket, most: number): readonly number[] {
  const { passed, failed } = bracket;
  const width = failed - passed;
  if (width <= 1) return [failed];
  for (let count = Math.min(most, width); count > 1; count--) {
    const sizes = sizesBetween(bracket, count);
    if (sizes.reduce((sum, size) => sum + size, 0) <= MOST_IN_ALL) return sizes;
  }
  return [passed + Math.floor(width / 2)];
}

function sizesBetween({ passed, failed }: Bracket, count: number): readonly number[] {
  const width = failed - passed;
  const sizes = new Set<number>();
  if (COMMON_LIMITS.includes(passed)) sizes.add(passed + 1);
  const steps = count - sizes.size;
  for (let i = 1; i < steps; i++) sizes.add(passed + Math.round((i * width) / steps));
  sizes.add(failed);
  return [...sizes].toSorted((one, other) => one - other);
}

/** The one size to try next where each takes a connection of its own. */
export function nextSize({ passed, failed }: Bracket): number {
  const width = failed - passed;
  if (COMMON_LIMITS.includes(passed) && width > WORTH_A_LOOK) return passed + 1;
  const usual = FIRST_ALONE.find((size) => size > passed + TOLERANCE && size < failed);
  if (usual !== undefined) return usual;
  return passed + Math.max(1, Math.floor(width / 2));
}
