import t from 'tap';
import type { DirectionReport, SizeTrial } from '../../src/handshake/path.js';
import type { SinglesResult } from '../../src/path/drip.js';
import {
  type KnownBefore,
  lossOf,
  percent,
  type ToServerSeen,
  toServerReport,
} from '../../src/path/to-server-verdict.js';

function trials(
  passed: readonly number[],
  failed: readonly (readonly [bytes: number, sent: number])[] = [],
  result: SizeTrial['result'] = 'vanished',
): readonly SizeTrial[] {
  return [
    ...passed.map((bytes) => ({ bytes, result: 'passed', sent: 1, attempt: 1 }) as const),
    ...failed.map(([bytes, sent], index) => ({ bytes, result, sent, attempt: index + 1 })),
  ];
}

function singles(sent: number, lost: number): SinglesResult {
  return { sent, lost, spurious: 0, silenced: false };
}

const UP_TO_1500 = [576, 1000, 1200, 1280, 1340, 1400, 1440, 1472, 1500];
const UP_TO_1400 = UP_TO_1500.filter((size) => size <= 1400);

const CLEAN: ToServerSeen = {
  trials: trials(UP_TO_1500),
  singles: singles(120, 0),
  largestPacket: 1500,
  pathMtuAtConnect: 1500,
  mss: 1460,
  learnedMtu: null,
  repaired: null,
  confirmations: 0,
  silenced: 0,
  cutShort: null,
  family: 4,
};

/** Everything above 1400 bytes vanished, in two connections. */
const HOLE: ToServerSeen = {
  ...CLEAN,
  trials: trials(UP_TO_1400, [
    [1440, 4],
    [1401, 4],
  ]),
  confirmations: 2,
};

const KNOWN: KnownBefore = { interfaceMtu: 1500, mssBefore: 1460 };

interface Row {
  readonly name: string;
  readonly seen: ToServerSeen;
  readonly known?: KnownBefore;
  readonly expected: Partial<DirectionReport>;
  readonly why: RegExp;
}

const ROWS: readonly Row[] = [
  {
    name: 'everything passes',
    seen: CLEAN,
    expected: {
      mechanism: 'none',
      passUpTo: 1500,
      failsFrom: null,
      testedUpTo: 1500,
      mss: 1460,
      learnedMtu: null,
      trials: { small: [129, 129], big: [0, 0] },
      p: null,
    },
    why: /^every size up to 1500 passed$/,
  },
  {
    name: 'a black hole',
    seen: HOLE,
    expected: {
      mechanism: 'black-hole',
      passUpTo: 1400,
      failsFrom: 1401,
      testedUpTo: 1440,
      trials: { small: [126, 126], big: [0, 8] },
      repairedAfterMs: null,
    },
    why: /^packets from 1401 bytes on vanish without a word, those up to 1400 pass$/,
  },
  {
    name: 'one connection showed it',
    seen: { ...HOLE, confirmations: 1 },
    expected: { mechanism: 'inconclusive', passUpTo: 1400, failsFrom: 1401 },
    why: /but only one connection showed it$/,
  },
  {
    name: 'one connection, and then there were no more',
    seen: { ...HOLE, confirmations: 1, cutShort: 'the planned connections were used up' },
    expected: { mechanism: 'inconclusive' },
    why: /but only one connection showed it \(the planned connections were used up\)$/,
  },
  {
    name: 'a black hole, though the search was cut short behind it',
    seen: { ...HOLE, cutShort: 'the planned connections were used up' },
    expected: { mechanism: 'black-hole', passUpTo: 1400, failsFrom: 1401 },
    why: /^packets from 1401 bytes on vanish/,
  },
  {
    // 6 of 6 small, 0 of 2 large: 1 of C(8, 2) = 28.
    name: 'too few to tell it from chance',
    seen: {
      ...HOLE,
      singles: null,
      trials: trials(UP_TO_1400, [
        [1440, 1],
        [1401, 1],
      ]),
    },
    expected: { mechanism: 'inconclusive', trials: { small: [6, 6], big: [0, 2] } },
    why: /but that may be chance \(p = 0\.036\)$/,
  },
  {
    name: 'small packets are lost as well',
    seen: { ...HOLE, singles: singles(150, 30) },
    expected: { mechanism: 'inconclusive' },
    why: /^20 % of the small packets are lost as well: too many to blame the size$/,
  },
  {
    name: 'some loss is no excuse',
    seen: { ...HOLE, singles: singles(150, 15) },
    expected: { mechanism: 'black-hole', trials: { small: [141, 156], big: [0, 8] } },
    why: /^packets from 1401/,
  },
  {
    name: 'a size that was lost once and passed later',
    seen: { ...CLEAN, trials: trials(UP_TO_1500, [[1440, 4]]) },
    expected: {
      mechanism: 'none',
      passUpTo: 1500,
      failsFrom: null,
      trials: { small: [129, 133], big: [0, 0] },
      p: null,
    },
    why: /^every size up to 1500 passed$/,
  },
  {
    name: 'this kernel worked around it',
    seen: { ...HOLE, repaired: { size: 1440, afterUs: 6_700_400 } },
    expected: { mechanism: 'repaired-late', passUpTo: 1400, repairedAfterMs: 6700 },
    why: /those up to 1400 pass; this system's own MTU probing worked around it after 6\.7 s$/,
  },
  {
    name: 'a router spoke, and what it named passed',
    seen: {
      ...CLEAN,
      trials: trials(UP_TO_1400, [[1440, 1]], 'refused'),
      learnedMtu: 1400,
    },
    expected: {
      mechanism: 'pmtud',
      passUpTo: 1400,
      failsFrom: 1401,
      learnedMtu: 1400,
      trials: { small: [126, 126], big: [0, 0] },
      p: null,
    },
    why: /^a router on the way reported a path MTU of 1400, and this system obeyed$/,
  },
  {
    name: 'a router spoke only after some had vanished',
    seen: {
      ...CLEAN,
      trials: [
        ...trials(UP_TO_1400, [[1440, 1]], 'refused'),
        { bytes: 1440, result: 'vanished', sent: 4, attempt: 1 },
      ],
      learnedMtu: 1400,
      confirmations: 1,
    },
    expected: { mechanism: 'pmtud', passUpTo: 1400, learnedMtu: 1400 },
    why: /^a router on the way/,
  },
  {
    name: 'a router named more than what passes: there is a hole behind it',
    seen: {
      ...HOLE,
      trials: [
        ...trials(
          [576, 1000, 1200, 1280],
          [
            [1400, 4],
            [1281, 4],
          ],
        ),
        { bytes: 1440, result: 'refused', sent: 1, attempt: 1 },
      ],
      learnedMtu: 1400,
    },
    expected: { mechanism: 'black-hole', passUpTo: 1280, failsFrom: 1281 },
    why: /^packets from 1281 bytes on vanish/,
  },
  {
    name: 'a path MTU that was learned before',
    seen: { ...CLEAN, trials: trials([576, 1000, 1200, 1280]), pathMtuAtConnect: 1280 },
    expected: { mechanism: 'pmtud', passUpTo: 1280, learnedMtu: 1280, failsFrom: null },
    why: /^this system had learned a path MTU of 1280 before, and sends nothing larger/,
  },
  {
    name: 'a server that has learned meanwhile',
    seen: { ...CLEAN, trials: trials(UP_TO_1400), mss: 1360 },
    expected: { mechanism: 'pmtud', passUpTo: 1400, learnedMtu: 1400 },
    why: /an MSS of 1460 at first and 1360 after its first large packets: .* path MTU of 1400$/,
  },
  {
    name: 'loopback carries 65536 bytes, IPv4 not',
    seen: { ...CLEAN, pathMtuAtConnect: 65_535, mss: 65_495 },
    known: { interfaceMtu: 65_536, mssBefore: 65_495 },
    expected: { mechanism: 'none', passUpTo: 1500, learnedMtu: null },
    why: /^every size up to 1500 passed$/,
  },
  {
    name: 'a clamped MSS',
    seen: { ...CLEAN, trials: trials([576, 1000, 1200, 1280]), mss: 1240 },
    known: { interfaceMtu: 1500, mssBefore: 1240 },
    expected: { mechanism: 'mss-clamped', passUpTo: 1280, failsFrom: null, mss: 1240 },
    why: /arrived with an MSS of 1240, though this side could send packets of 1500 bytes/,
  },
  {
    name: 'a clamped MSS, IPv6, where the interface is not known',
    seen: { ...CLEAN, trials: trials([576, 1000, 1200, 1280]), mss: 1220, family: 6 },
    known: { interfaceMtu: null, mssBefore: null },
    expected: { mechanism: 'mss-clamped', mss: 1220 },
    why: /though this side could send packets of 1500 bytes/,
  },
  {
    name: 'a small interface of our own is no clamp',
    seen: {
      ...CLEAN,
      trials: trials(UP_TO_1400),
      mss: 1380,
      pathMtuAtConnect: 1420,
    },
    known: { interfaceMtu: 1420, mssBefore: 1380 },
    expected: { mechanism: 'none', passUpTo: 1400 },
    why: /^every size up to 1400 passed$/,
  },
  {
    name: 'nothing passes any more, whatever its size',
    seen: {
      ...CLEAN,
      trials: trials([576, 1000], [[1200, 1]], 'unclear'),
      silenced: 2,
      cutShort: 'small packets stopped passing as well',
    },
    expected: { mechanism: 'inconclusive', passUpTo: 1000, failsFrom: null, testedUpTo: 1000 },
    why: /^nothing passed any more in 2 of the connections, small packets included/,
  },
  {
    name: 'a hole that was found although a connection fell silent',
    seen: { ...HOLE, silenced: 1 },
    expected: { mechanism: 'black-hole' },
    why: /^packets from 1401/,
  },
  {
    name: 'cut short before anything failed',
    seen: { ...CLEAN, trials: trials([576, 1000]), cutShort: 'it was interrupted' },
    expected: { mechanism: 'inconclusive', passUpTo: 1000, failsFrom: null },
    why: /^every size up to 1000 passed, but the search was cut short: it was interrupted$/,
  },
  {
    name: 'not even the smallest passed',
    seen: {
      ...CLEAN,
      trials: trials(
        [],
        [
          [576, 4],
          [576, 4],
        ],
      ),
      confirmations: 2,
    },
    expected: { mechanism: 'inconclusive', passUpTo: null, failsFrom: 576 },
    why: /^not even 576 bytes passed, so it is no matter of size$/,
  },
  {
    name: 'the same, with the reason',
    seen: {
      ...CLEAN,
      trials: trials([], [[576, 1]], 'unclear'),
      cutShort: 'the server ended the connection after 1 sizes',
    },
    expected: { mechanism: 'inconclusive', passUpTo: null, testedUpTo: null },
    why: /no matter of size: the server ended the connection after 1 sizes$/,
  },
  {
    name: 'not tried, with the reason',
    seen: { ...CLEAN, trials: [], singles: null, mss: null, cutShort: 'no package koffi' },
    expected: {
      mechanism: 'not-measured',
      passUpTo: null,
      failsFrom: null,
      testedUpTo: null,
      trials: { small: [0, 0], big: [0, 0] },
      p: null,
      sizes: [],
    },
    why: /^no package koffi$/,
  },
  {
    name: 'not tried',
    seen: { ...CLEAN, trials: [], singles: null },
    expected: { mechanism: 'not-measured' },
    why: /^no size was tried$/,
  },
];

t.test('what was seen, and what it comes to', (t) => {
  for (const { name, seen, known = KNOWN, expected, why } of ROWS) {
    const report = toServerReport(seen, known);
    t.match(report, expected, name);
    t.match(report.why, why, `${name}: why`);
  }
  t.strictSame(
    [...new Set(ROWS.map(({ expected }) => expected.mechanism))].toSorted(),
    ['black-hole', 'inconclusive', 'mss-clamped', 'none', 'not-measured', 'pmtud', 'repaired-late'],
    'every mechanism is among them',
  );
  t.end();
});

t.test('p is that of the trials beside it', (t) => {
  // 1 of the ways in which 8 of 134 may be lost: 1 / C(134, 8) = 4.8e-13.
  t.equal(toServerReport(HOLE, KNOWN).p?.toExponential(1), '4.8e-13');
  // 12 small ones of which none was lost, 4 large ones: 1 / C(16, 4) = 1 / 1820.
  const few = {
    ...HOLE,
    singles: singles(6, 0),
    trials: trials(UP_TO_1400, [
      [1440, 2],
      [1401, 2],
    ]),
  };
  t.match(toServerReport(few, KNOWN), { mechanism: 'black-hole', p: 1 / 1820 });
  t.end();
});

t.test('sizes in rising order, whatever the order in which they were tried', (t) => {
  const mixed = { ...HOLE, trials: HOLE.trials.toReversed() };
  const sizes = toServerReport(mixed, KNOWN).sizes.map(({ bytes }) => bytes);
  t.strictSame(sizes, [...UP_TO_1400, 1401, 1440]);
  t.end();
});

t.test('loss', (t) => {
  t.equal(lossOf({ ...CLEAN, singles: null }), null);
  t.equal(lossOf({ ...CLEAN, singles: singles(0, 0) }), null);
  t.equal(lossOf({ ...CLEAN, singles: singles(120, 3) }), 0.025);
  t.equal(percent(0), '0.0 %');
  t.equal(percent(0.025), '2.5 %');
  t.equal(percent(0.204), '20 %');
  t.equal(percent(1), '100 %');
  t.end();
});
