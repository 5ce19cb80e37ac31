import t from 'tap';
import type { DirectionReport } from '../../src/handshake/path.js';
import type { FlightTrial, FromServerSeen } from '../../src/path/flight-trial.js';
import type { FlightVerdict } from '../../src/path/flight-verdict.js';
import { fromServerReport } from '../../src/path/from-server-verdict.js';
import { CLEAN_DIRECTION } from '../support/path-fixtures.js';

type Arrived = FlightVerdict & { kind: 'arrived' };

function arrived(largest: number | null, fields: Partial<Arrived> = {}): Arrived {
  return { kind: 'arrived', largest, isFull: true, bytes: 3800, tookMs: 40, ...fields };
}

function stalled(waitedMs = 3000): FlightVerdict {
  return { kind: 'stalled', waitedMs, outOfOrder: 0 };
}

function trial(
  allowed: number | null,
  verdict: FlightVerdict,
  fields: Partial<FlightTrial> = {},
): FlightTrial {
  return {
    allowed,
    verdict,
    offer: 'everything',
    packetsReceived: 7,
    overhead: 52,
    attempt: 0,
    ...fields,
  };
}

const CLEAN: FromServerSeen = {
  trials: [trial(1500, arrived(1500))],
  mss: 1460,
  bracket: null,
  lossToServer: 0,
  cutShort: null,
  family: 4,
};

/** The ordinary answer and one just above 1280 bytes stall, smaller ones come. */
const HOLE: FromServerSeen = {
  ...CLEAN,
  trials: [
    trial(1500, stalled(10_000), { packetsReceived: 3 }),
    trial(576, arrived(576), { packetsReceived: 12 }),
    trial(1280, arrived(1280)),
    trial(1281, stalled(), { packetsReceived: 3 }),
  ],
  bracket: { passed: 1280, failed: 1281 },
};

interface Row {
  readonly name: string;
  readonly seen: FromServerSeen;
  readonly toServer?: Partial<DirectionReport>;
  readonly expected: Partial<DirectionReport>;
  readonly why: RegExp;
}

const SMALL = arrived(1327, { isFull: false, bytes: 1275 });

const ROWS: readonly Row[] = [
  {
    name: 'a full packet came',
    seen: CLEAN,
    expected: {
      mechanism: 'none',
      passUpTo: 1500,
      failsFrom: null,
      testedUpTo: 1500,
      mss: 1460,
      learnedMtu: null,
      trials: { small: [7, 7], big: [0, 0] },
      p: null,
    },
    why: /^packets of 1500 bytes passed, the largest that our MSS allows$/,
  },
  {
    name: 'IPv6',
    seen: { ...CLEAN, mss: 1440, family: 6 },
    expected: { mechanism: 'none', passUpTo: 1500 },
    why: /^packets of 1500 bytes passed, the largest/,
  },
  {
    name: 'a black hole',
    seen: HOLE,
    expected: {
      mechanism: 'black-hole',
      passUpTo: 1280,
      failsFrom: 1281,
      testedUpTo: 1500,
      learnedMtu: null,
      // 10 s: sent at 0, 1, 3 and 7 s at the latest; 3 s: at 0, 1 and 3 s.
      trials: { small: [25, 25], big: [0, 7] },
      repairedAfterMs: null,
    },
    why: /^packets from 1281 bytes on vanish without a word, those up to 1280 pass$/,
  },
  {
    name: 'one connection showed it',
    seen: {
      ...HOLE,
      trials: HOLE.trials.slice(0, 3),
      bracket: { passed: 1280, failed: 1500 },
      cutShort: 'the planned connections were used up',
    },
    expected: { mechanism: 'inconclusive', passUpTo: 1280, failsFrom: 1500 },
    why: /but only one connection showed it \(the planned connections were used up\)$/,
  },
  {
    name: 'too few to tell it from chance',
    seen: {
      ...HOLE,
      trials: [
        trial(1500, stalled(900), { packetsReceived: 1 }),
        trial(1280, arrived(1280), { packetsReceived: 4 }),
        trial(1281, stalled(900), { packetsReceived: 1 }),
      ],
    },
    expected: { mechanism: 'inconclusive', trials: { small: [6, 6], big: [0, 2] } },
    why: /but that may be chance$/,
  },
  {
    name: 'small packets are lost as well',
    seen: { ...HOLE, lossToServer: 0.2 },
    expected: { mechanism: 'inconclusive' },
    why: /^20 % of the small packets are lost as well/,
  },
  {
    name: "the other direction's loss is taken for this one's",
    seen: { ...HOLE, lossToServer: 0.1 },
    expected: { mechanism: 'black-hole', trials: { small: [25, 28], big: [0, 7] } },
    why: /^packets from 1281/,
  },
  {
    name: 'nothing came with small packets either',
    seen: {
      ...HOLE,
      trials: [trial(1500, stalled()), trial(576, stalled()), trial(576, stalled())],
      bracket: { passed: 575, failed: 1500 },
      cutShort: 'small packets do not bring the answer either, so it is no matter of size',
    },
    expected: { mechanism: 'inconclusive', passUpTo: null },
    why: /^the server's answer does not come: small packets do not bring the answer either/,
  },
  {
    name: 'a server that probes for its MTU',
    seen: {
      ...HOLE,
      trials: [
        trial(1500, { kind: 'repaired', largest: 1076, afterMs: 6640 }),
        trial(576, arrived(576)),
        trial(1280, arrived(1280)),
        trial(1281, stalled()),
      ],
    },
    expected: {
      mechanism: 'repaired-late',
      passUpTo: 1280,
      failsFrom: 1281,
      repairedAfterMs: 6640,
    },
    why: /those up to 1280 pass; the server worked around it after 6\.6 s$/,
  },
  {
    name: 'stalled once, and packets as large came later',
    seen: {
      ...CLEAN,
      trials: [trial(1500, stalled()), trial(576, arrived(576)), trial(1500, arrived(1500))],
    },
    expected: { mechanism: 'none', passUpTo: 1500, failsFrom: null, p: null },
    why: /^an answer stalled once, and packets as large came through later/,
  },
  {
    name: 'a size that had stalled came later, larger ones never did',
    seen: {
      ...CLEAN,
      trials: [
        trial(1500, stalled()),
        trial(576, arrived(576)),
        trial(1280, stalled()),
        trial(1280, arrived(1280)),
      ],
    },
    expected: { mechanism: 'inconclusive', passUpTo: 1280, failsFrom: null, testedUpTo: 1500 },
    why: /^answers stalled, but a size that had stalled came through too/,
  },
  {
    name: 'an answer stalled where no MSS can be clamped',
    seen: {
      ...CLEAN,
      trials: [trial(1500, stalled())],
      cutShort: 'sockets with an MSS of our own need the package koffi',
    },
    expected: { mechanism: 'inconclusive', passUpTo: null, failsFrom: null },
    why: /^sockets with an MSS of our own need the package koffi$/,
  },
  {
    name: 'no answer of any kind',
    seen: {
      ...CLEAN,
      trials: [trial(1500, { kind: 'ended', says: 'reset by the server' })],
      cutShort: 'reset by the server',
    },
    expected: { mechanism: 'inconclusive', passUpTo: null, testedUpTo: null, sizes: [] },
    why: /^reset by the server$/,
  },
  {
    name: 'no answer, and nobody said why',
    seen: { ...CLEAN, trials: [] },
    expected: { mechanism: 'inconclusive' },
    why: /^no answer of the server came$/,
  },
  {
    name: 'an answer that is too short to prove anything',
    seen: { ...CLEAN, trials: [trial(1500, arrived(null, { isFull: false, bytes: 400 }))] },
    expected: { mechanism: 'inconclusive', passUpTo: null },
    why: /^the server's answer had 400 bytes and no packet that proves anything$/,
  },
  {
    name: 'the kernel tells the MSS but not what came',
    seen: { ...CLEAN, trials: [trial(1500, arrived(null, { isFull: false, bytes: null }))] },
    expected: { mechanism: 'inconclusive', passUpTo: null },
    why: /^the kernel does not tell how large the server's packets were$/,
  },
  {
    name: 'the kernel tells nothing',
    seen: {
      ...CLEAN,
      mss: null,
      trials: [trial(null, arrived(null, { isFull: false, bytes: null }))],
      cutShort: 'the package koffi is missing',
    },
    expected: { mechanism: 'not-measured', passUpTo: null, testedUpTo: null, mss: null, sizes: [] },
    why: /^the package koffi is missing$/,
  },
  {
    name: 'the kernel tells nothing and an answer stalled',
    seen: { ...CLEAN, mss: null, trials: [trial(null, stalled())] },
    expected: { mechanism: 'not-measured', failsFrom: null },
    why: /^the kernel does not tell how large packets may be$/,
  },
  {
    name: 'a short answer: nothing is said of larger packets',
    seen: { ...CLEAN, trials: [trial(1500, SMALL)] },
    expected: { mechanism: 'none', passUpTo: 1327, testedUpTo: 1327 },
    why: /^every packet up to 1327 bytes passed; the server's longest answer made none .* larger$/,
  },
  {
    name: 'the limit of this side is that of the answer',
    seen: { ...CLEAN, trials: [trial(1500, arrived(1400, { isFull: false }))] },
    toServer: { mechanism: 'pmtud', learnedMtu: 1400 },
    expected: { mechanism: 'pmtud', passUpTo: 1400, learnedMtu: 1400 },
    why: /^the path MTU is known to be 1400 by now/,
  },
  {
    name: 'many segments of one smaller size, behind a clamp',
    seen: { ...CLEAN, trials: [trial(1500, arrived(1280, { isFull: false }))] },
    toServer: { mechanism: 'mss-clamped', passUpTo: 1280, mss: 1240 },
    expected: { mechanism: 'mss-clamped', passUpTo: 1280, learnedMtu: null },
    why: /^the server sends packets of 1280 bytes at most, though our MSS allows 1500: something/,
  },
  {
    name: 'many segments of one smaller size: it has learned the path MTU',
    seen: { ...CLEAN, trials: [trial(1500, arrived(1280, { isFull: false }))] },
    toServer: { mechanism: 'pmtud', learnedMtu: 1400 },
    expected: { mechanism: 'pmtud', passUpTo: 1280, learnedMtu: 1280 },
    why: /though our MSS allows 1500: it has learned the path MTU$/,
  },
  {
    name: 'many segments of one smaller size, and nothing that says why',
    seen: { ...CLEAN, trials: [trial(1500, arrived(1280, { isFull: false }))] },
    expected: { mechanism: 'pmtud', passUpTo: 1280 },
    why: /it has learned the path MTU, or something between made our MSS smaller on the way$/,
  },
  {
    name: 'answers of two lengths with the same largest segment',
    seen: {
      ...CLEAN,
      trials: [
        trial(1500, arrived(1400, { isFull: false, bytes: 1500 })),
        trial(1500, arrived(1400, { isFull: false, bytes: 2000 }), { offer: 'long-answer-tls12' }),
      ],
    },
    expected: { mechanism: 'pmtud', passUpTo: 1400 },
    why: /^the server sends packets of 1400 bytes at most/,
  },
  {
    name: 'answers of two lengths that both fit into one segment',
    seen: {
      ...CLEAN,
      trials: [
        trial(1500, SMALL),
        trial(1500, arrived(1400, { isFull: false, bytes: 1348 }), { offer: 'long-answer-tls12' }),
      ],
    },
    expected: { mechanism: 'none', passUpTo: 1400 },
    why: /made none that was larger$/,
  },
  {
    name: 'the same short answer twice',
    seen: {
      ...CLEAN,
      trials: [trial(1500, SMALL), trial(1500, SMALL, { offer: 'long-answer-tls12' })],
    },
    expected: { mechanism: 'none', passUpTo: 1327 },
    why: /made none that was larger$/,
  },
  {
    name: 'no packet can be larger than the whole answer',
    seen: {
      ...HOLE,
      trials: [
        trial(1500, stalled()),
        trial(1500, stalled(10_000)),
        trial(576, arrived(576, { bytes: 1275 })),
        trial(1280, arrived(1280, { bytes: 1275 })),
        trial(1281, stalled()),
      ],
    },
    expected: { mechanism: 'black-hole', passUpTo: 1280, failsFrom: 1281, testedUpTo: 1327 },
    why: /^packets from 1281/,
  },
];

t.test('what was seen, and what it comes to', (t) => {
  for (const { name, seen, toServer, expected, why } of ROWS) {
    const report = fromServerReport(seen, { ...CLEAN_DIRECTION, ...toServer });
    t.match(report, expected, name);
    t.match(report.why, why, `${name}: why`);
    t.ok(
      report.passUpTo === null || report.failsFrom === null || report.passUpTo < report.failsFrom,
    );
  }
  t.strictSame(
    [...new Set(ROWS.map(({ expected }) => expected.mechanism))].toSorted(),
    ['black-hole', 'inconclusive', 'mss-clamped', 'none', 'not-measured', 'pmtud', 'repaired-late'],
    'every mechanism is among them',
  );
  t.end();
});

t.test('p is that of the trials beside it', (t) => {
  // None of 25 small ones lost, all of 7 large ones: 1 of the C(32, 7) = 3365856 ways.
  t.equal(
    fromServerReport(HOLE, CLEAN_DIRECTION).p?.toExponential(6),
    (1 / 3365856).toExponential(6),
  );
  t.end();
});
