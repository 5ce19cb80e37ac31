import t from 'tap';
import {
  type Bracket,
  firstSizes,
  isNarrow,
  LEAST_SIZE,
  MOST_TESTED,
  nextSize,
  nextSizes,
  TOLERANCE,
} from '../../src/path/size-search.js';

/** As the search to the server has it. */
const SIZES_AT_ONCE = 7;

interface Searched {
  readonly bracket: Bracket;
  readonly connections: number;
}

/**
 * The search to the server on a path that carries so many bytes: each connection goes on until a size
 * fails. It ends with the confirmation that a verdict wants.
 */
function searchToServer(limit: number, largest: number, exact: boolean): Searched | null {
  const failsAt = (sizes: readonly number[]): number | null =>
    sizes.find((size) => size > limit) ?? null;
  const first = firstSizes(largest);
  let failed = failsAt(first);
  if (failed === null) return null;
  let passed = Math.max(LEAST_SIZE - 1, ...first.filter((size) => size <= limit));
  let connections = 1;
  while (!(isNarrow({ passed, failed }, exact) && connections >= 2)) {
    const sizes = nextSizes({ passed, failed }, SIZES_AT_ONCE).filter((size) => size <= largest);
    checkSizes(sizes, { passed, failed });
    passed = Math.max(passed, ...sizes.filter((size) => size <= limit));
    failed = Math.min(failed, failsAt(sizes) ?? failed);
    if (++connections > 40) throw new Error(`${limit}: no end of it`);
  }
  return { bracket: { passed, failed }, connections };
}

/** Rising, each once, above what passed and up to what failed, together less than a TLS record. */
function checkSizes(sizes: readonly number[], { passed, failed }: Bracket): void {
  const isRising = sizes.every((size, i) => size > (sizes[i - 1] ?? passed));
  const last = sizes.at(-1) ?? 0;
  const sum = sizes.reduce((total, size) => total + size, 0);
  const endsWell = last === failed || (sizes.length === 1 && last > passed && failed > 1500);
  if (!isRising || !endsWell || sizes.length > SIZES_AT_ONCE || sum > 15_000) {
    throw new Error(`${passed} to ${failed}: ${sizes.join(', ')}`);
  }
}

/**
 * The search from the server: a connection for each size. The first shows the stall of ordinary
 * packets, the second that the least size passes.
 */
function searchFromServer(limit: number, largest: number, exact: boolean): Searched | null {
  if (limit >= largest) return null;
  let bracket: Bracket = { passed: LEAST_SIZE, failed: largest };
  let connections = 2;
  let stalled = 1;
  while (!(isNarrow(bracket, exact) && stalled >= 2)) {
    const size = isNarrow(bracket, exact) ? bracket.failed : nextSize(bracket);
    if (size <= bracket.passed || size > bracket.failed) {
      throw new Error(`${limit}: ${size} between ${bracket.passed} and ${bracket.failed}`);
    }
    if (size <= limit) bracket = { ...bracket, passed: size };
    else {
      bracket = { ...bracket, failed: size };
      stalled++;
    }
    if (++connections > 40) throw new Error(`${limit}: no end of it`);
  }
  return { bracket, connections };
}

const LARGEST: readonly number[] = [1500, 1492, 1420, 9000];

t.test('to the server: every limit found, within 8 bytes in a few connections', (t) => {
  for (const largest of LARGEST) {
    let most = 0;
    for (let limit = LEAST_SIZE; limit < Math.min(largest, 1501); limit++) {
      const found = searchToServer(limit, largest, false);
      const { passed, failed } = found?.bracket ?? { passed: -1, failed: -1 };
      if (!(passed <= limit && failed > limit && failed - passed <= TOLERANCE)) {
        t.fail(`${limit}: between ${passed} and ${failed}`);
      }
      most = Math.max(most, found?.connections ?? 0);
    }
    t.equal(searchToServer(largest, largest, false), null, `nothing fails below ${largest}`);
    t.ok(most <= 4, `${largest}: ${most} connections at the most`);
  }
  t.end();
});

t.test('to the server, exactly', (t) => {
  for (const largest of LARGEST) {
    let most = 0;
    for (let limit = LEAST_SIZE; limit < Math.min(largest, 1501); limit++) {
      const found = searchToServer(limit, largest, true);
      if (found?.bracket.passed !== limit || found.bracket.failed !== limit + 1) {
        t.fail(`${limit}: between ${found?.bracket.passed} and ${found?.bracket.failed}`);
      }
      most = Math.max(most, found?.connections ?? 0);
    }
    t.ok(most <= 5, `${largest}: ${most} connections at the most`);
  }
  t.end();
});

t.test('limits of jumbo frames, in both directions', (t) => {
  let up = 0;
  let down = 0;
  for (let limit = 1500; limit < 9000; limit += 7) {
    for (const exact of [false, true]) {
      for (const search of [searchToServer, searchFromServer]) {
        const { passed, failed } = search(limit, 9000, exact)?.bracket ?? { passed: 0, failed: 0 };
        const isFound = passed <= limit && failed > limit;
        if (!isFound || failed - passed > (exact ? 1 : TOLERANCE)) {
          t.fail(`${limit}: between ${passed} and ${failed}`);
        }
      }
    }
    up = Math.max(up, searchToServer(limit, 9000, true)?.connections ?? 0);
    down = Math.max(down, searchFromServer(limit, 9000, true)?.connections ?? 0);
  }
  t.ok(up <= 15, `${up} connections to the server at the most`);
  t.ok(down <= 22, `${down} connections from the server at the most`);
  t.end();
});

t.test('from the server: every limit found, within 8 bytes', (t) => {
  for (const largest of LARGEST) {
    let most = 0;
    for (let limit = LEAST_SIZE; limit < Math.min(largest, 1501); limit++) {
      const found = searchFromServer(limit, largest, false);
      const { passed, failed } = found?.bracket ?? { passed: -1, failed: -1 };
      if (!(passed <= limit && failed > limit && failed - passed <= TOLERANCE)) {
        t.fail(`${limit}: between ${passed} and ${failed}`);
      }
      most = Math.max(most, found?.connections ?? 0);
    }
    t.equal(searchFromServer(largest, largest, false), null);
    // One of the twelve goes to the server.
    t.ok(most <= 11, `${largest}: ${most} connections at the most`);
  }
  t.end();
});

t.test('from the server, exactly', (t) => {
  for (const largest of LARGEST) {
    let most = 0;
    for (let limit = LEAST_SIZE; limit < Math.min(largest, 1501); limit++) {
      const found = searchFromServer(limit, largest, true);
      if (found?.bracket.passed !== limit || found.bracket.failed !== limit + 1) {
        t.fail(`${limit}: between ${found?.bracket.passed} and ${found?.bracket.failed}`);
      }
      most = Math.max(most, found?.connections ?? 0);
    }
    t.ok(most <= 14, `${largest}: ${most} connections at the most`);
  }
  t.end();
});

t.test('what tunnels are set to is found to the byte, and soon', (t) => {
  for (const limit of [1280, 1400, 1420, 1440, 1460, 1480, 1492]) {
    const up = searchToServer(limit, 1500, false);
    t.ok((up?.connections ?? 99) <= 4, `${limit} to the server: ${up?.connections} connections`);
  }
  for (const limit of [1280, 1400, 1500]) {
    const largest = limit === 1500 ? 9000 : 1500;
    t.strictSame(
      searchToServer(limit, largest, false)?.bracket,
      { passed: limit, failed: limit + 1 },
      `${limit} to the server`,
    );
    const down = searchFromServer(limit, largest, false);
    t.strictSame(down?.bracket, { passed: limit, failed: limit + 1 }, `${limit} from the server`);
  }
  t.end();
});

t.test('the first sizes: rising, the largest last, together less than a TLS record', (t) => {
  for (let largest = 577; largest <= 70_000; largest += largest < 1600 ? 1 : 313) {
    const sizes = firstSizes(largest);
    const sum = sizes.reduce((total, size) => total + size, 0);
    const last = Math.min(largest, MOST_TESTED);
    if (
      sizes.at(-1) !== last ||
      sizes[0] !== LEAST_SIZE ||
      sum > 15_000 ||
      sizes.some((size, i) => i > 0 && size <= (sizes[i - 1] ?? 0))
    ) {
      t.fail(`${largest}: ${sizes.join(', ')}`);
    }
  }
  t.strictSame(firstSizes(1500), [576, 1000, 1200, 1280, 1340, 1400, 1440, 1472, 1500]);
  t.strictSame(firstSizes(1280), [576, 1000, 1200, 1280]);
  t.equal(firstSizes(65_535).at(-1), 9216, 'what is larger never leaves a machine');
  t.strictSame(firstSizes(400), [400], 'even where the path carries less than any should');
  t.end();
});

t.test('a bracket of neighbours has one size left, the one to be confirmed', (t) => {
  t.strictSame(nextSizes({ passed: 1400, failed: 1401 }, SIZES_AT_ONCE), [1401]);
  t.strictSame(nextSizes({ passed: 1398, failed: 1400 }, SIZES_AT_ONCE), [1399, 1400]);
  t.equal(nextSize({ passed: 700, failed: 702 }), 701);
  t.equal(isNarrow({ passed: 700, failed: 708 }, false), true);
  t.equal(isNarrow({ passed: 700, failed: 709 }, false), false);
  t.equal(isNarrow({ passed: 700, failed: 702 }, true), false);
  t.equal(isNarrow({ passed: 700, failed: 701 }, true), true);
  for (let passed = LEAST_SIZE - 1; passed < 1500; passed++) {
    for (const failed of [passed + 1, passed + 2, passed + 9, passed + 100, 1501]) {
      if (failed > passed)
        checkSizes(nextSizes({ passed, failed }, SIZES_AT_ONCE), { passed, failed });
    }
  }
  t.end();
});
