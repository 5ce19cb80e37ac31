import t from 'tap';
import {
  fisherOneSided,
  histogramOf,
  medianOf,
  rounded,
  spreadOf,
  wilsonInterval,
} from '../../src/path/statistics.js';

t.test('Wilson: the intervals of Newcombe (1998), table I, method 3', (t) => {
  const rows: readonly (readonly [hits: number, trials: number, low: number, high: number])[] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ];
  for (const [hits, trials, low, high] of rows) {
    const [from, to] = wilsonInterval(hits, trials);
    t.equal(from.toFixed(4), low.toFixed(4), `${hits} of ${trials}`);
    t.equal(to.toFixed(4), high.toFixed(4), `${hits} of ${trials}`);
  }
  t.end();
});

t.test('Wilson: worked out by hand', (t) => {
  // z^2 = 3.841459: at 0 of n the bounds are 0 and z^2 / (n + z^2), at n of n the other way round.
  t.equal(wilsonInterval(0, 100)[1].toFixed(6), (3.841459 / 103.841459).toFixed(6));
  t.equal(wilsonInterval(20, 20)[0].toFixed(6), (20 / 23.841459).toFixed(6));
  // 5 of 100: (0.05 + 0.01920729 -+ 1.959964 * sqrt(0.000475 + 0.0000960365)) / 1.03841459
  t.equal(wilsonInterval(5, 100)[0].toFixed(4), '0.0215');
  t.equal(wilsonInterval(5, 100)[1].toFixed(4), '0.1118');
  // 1 of 10: (0.1 + 0.19207294 -+ 1.959964 * sqrt(0.009 + 0.00960365)) / 1.3841459
  t.equal(wilsonInterval(1, 10)[0].toFixed(4), '0.0179');
  t.equal(wilsonInterval(1, 10)[1].toFixed(4), '0.4042');
  t.end();
});

t.test('Wilson: bounds that can be, around what was seen, mirrored for what was not', (t) => {
  t.strictSame(wilsonInterval(0, 0), [0, 1], 'nothing tried: nothing known');
  t.strictSame(wilsonInterval(0, -1), [0, 1]);
  for (const trials of [1, 2, 3, 7, 20, 120, 1000]) {
    for (let hits = 0; hits <= trials; hits++) {
      const [low, high] = wilsonInterval(hits, trials);
      const ratio = hits / trials;
      if (!(low >= 0 && low <= ratio && ratio <= high && high <= 1)) {
        t.fail(`${hits} of ${trials}: ${low} to ${high}`);
      }
      const [mirroredLow, mirroredHigh] = wilsonInterval(trials - hits, trials);
      if (Math.abs(mirroredLow + high - 1) > 1e-12 || Math.abs(mirroredHigh + low - 1) > 1e-12) {
        t.fail(`${hits} of ${trials} is not mirrored`);
      }
    }
    const [low, high] = wilsonInterval(0, trials);
    t.equal(low, 0);
    t.ok(high > 0 && high < 1, `nothing lost of ${trials} does not mean that nothing ever is`);
  }
  t.end();
});

t.test('Wilson: what it promises, counted out over all that can be lost of 120 packets', (t) => {
  for (const ratio of [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]) {
    let covered = 0;
    let chance = (1 - ratio) ** 120;
    for (let lost = 0; lost <= 120; lost++) {
      const [low, high] = wilsonInterval(lost, 120);
      if (low <= ratio && ratio <= high) covered += chance;
      chance *= ((120 - lost) / (lost + 1)) * (ratio / (1 - ratio));
    }
    t.ok(covered > 0.93, `${ratio}: ${covered.toFixed(4)}`);
  }
  t.end();
});

type Counts = readonly [passed: number, tried: number];

/** Binomial coefficient in whole numbers. */
function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let result = 1n;
  for (let i = 1; i <= k; i++) result = (result * BigInt(n - k + i)) / BigInt(i);
  return result;
}

/** The same test in whole numbers: the tables with so few large ones passed, of all tables. */
function exactly([smallPassed, smallTried]: Counts, [bigPassed, bigTried]: Counts): number {
  const passed = smallPassed + bigPassed;
  let tables = 0n;
  for (let k = 0; k <= bigPassed; k++)
    tables += choose(bigTried, k) * choose(smallTried, passed - k);
  const scale = 10n ** 18n;
  return Number((tables * scale) / choose(smallTried + bigTried, passed)) / 1e18;
}

t.test('Fisher: the chances of holes', (t) => {
  const rows: readonly (readonly [small: Counts, big: Counts, p: string])[] = [
    // 1 of the C(23, 3) = 1771 ways in which 3 of 23 may be lost.
    [[20, 20], [0, 3], '5.6e-4'],
    [[20, 20], [0, 4], '9.4e-5'],
    [[20, 20], [0, 5], '1.9e-5'],
    [[18, 20], [0, 5], '4.0e-4'],
    [[15, 20], [0, 5], '4.7e-3'],
    [[15, 20], [0, 8], '4.1e-4'],
    [[19, 20], [1, 5], '1.9e-3'],
    // C(6, 6) of C(18, 6) = 18564
    [[12, 12], [0, 6], '5.4e-5'],
    // Nothing told apart.
    [[5, 5], [5, 5], '1.0e+0'],
    [[0, 5], [0, 5], '1.0e+0'],
    // Large ones doing better is no sign against them.
    [[0, 4], [4, 4], '1.0e+0'],
  ];
  for (const [small, big, p] of rows) {
    const name = `${small.join(' of ')} small, ${big.join(' of ')} large`;
    t.equal(fisherOneSided(small, big)?.toExponential(1), p, name);
  }
  t.end();
});

t.test(
  'Fisher: as in whole numbers, for every table of up to 9 and 7, and for long series',
  (t) => {
    const close = (small: Counts, big: Counts): void => {
      const p = fisherOneSided(small, big) ?? Number.NaN;
      const wanted = exactly(small, big);
      if (!(Math.abs(p - wanted) <= 1e-9 * Math.max(wanted, 1e-6))) {
        t.fail(`${small.join('/')} ${big.join('/')}: ${p}, not ${wanted}`);
      }
    };
    for (let smallTried = 1; smallTried <= 9; smallTried++) {
      for (let bigTried = 1; bigTried <= 7; bigTried++) {
        for (let small = 0; small <= smallTried; small++) {
          for (let big = 0; big <= bigTried; big++) close([small, smallTried], [big, bigTried]);
        }
      }
    }
    close([190, 200], [0, 4]);
    close([1000, 1000], [0, 2]);
    close([990, 1000], [10, 40]);
    t.pass('all of them');
    t.end();
  },
);

t.test('Fisher: nothing to compare', (t) => {
  t.equal(fisherOneSided([0, 0], [0, 5]), null);
  t.equal(fisherOneSided([5, 5], [0, 0]), null);
  t.equal(fisherOneSided([0, 0], [0, 0]), null);
  t.end();
});

t.test('the figures of a series', (t) => {
  t.strictSame(spreadOf([]), {
    samples: 0,
    minMs: null,
    medianMs: null,
    p95Ms: null,
    maxMs: null,
    jitterMs: null,
  });
  t.strictSame(spreadOf([7.5]), {
    samples: 1,
    minMs: 7.5,
    medianMs: 7.5,
    p95Ms: 7.5,
    maxMs: 7.5,
    jitterMs: null,
  });
  // In order of time: jitter counts neighbours, (30 + 20 + 10) / 3.
  t.strictSame(spreadOf([10, 40, 20, 30]), {
    samples: 4,
    minMs: 10,
    medianMs: 25,
    p95Ms: 38.5,
    maxMs: 40,
    jitterMs: 20,
  });
  const hundredAndOne = Array.from({ length: 101 }, (_, index) => index);
  t.match(spreadOf(hundredAndOne), { medianMs: 50, p95Ms: 95, jitterMs: 1 });
  const given = [3, 1, 2];
  spreadOf(given);
  t.strictSame(given, [3, 1, 2], 'what was given stays as it was');
  t.equal(spreadOf([1 / 3]).medianMs, 0.333, 'microseconds');
  t.equal(medianOf([]), null);
  t.equal(medianOf([5, 1, 3]), 3);
  t.equal(rounded(null), null);
  t.equal(rounded(0.000_4), 0);
  t.end();
});

t.test('a histogram has every value in one bin', (t) => {
  t.strictSame(histogramOf([]), []);
  t.strictSame(histogramOf([50]), [{ fromMs: 50, toMs: 50, count: 1 }]);
  t.strictSame(histogramOf([50, 50, 50]), [{ fromMs: 50, toMs: 50, count: 3 }]);
  t.strictSame(
    histogramOf([0, 8, 1, 1.5, 7.999, 4]).map(({ fromMs, toMs, count }) => [fromMs, toMs, count]),
    [
      [0, 1, 1],
      [1, 2, 2],
      [2, 3, 0],
      [3, 4, 0],
      [4, 5, 1],
      [5, 6, 0],
      [6, 7, 0],
      [7, 8, 2],
    ],
  );
  for (let seed = 1; seed <= 200; seed++) {
    // Values whose differences do not divide evenly.
    const values = Array.from({ length: seed }, (_, i) => ((i * 7919 + seed * 104_729) % 997) / 7);
    const counted = histogramOf(values).reduce((sum, { count }) => sum + count, 0);
    if (counted !== values.length) t.fail(`${counted} of ${values.length}`);
  }
  t.end();
});
