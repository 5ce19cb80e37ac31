import t from 'tap';
import {
  judgeOverdue,
  judgePair,
  PATIENCE,
  PATIENCE_WITH_LOSS,
  type PairVerdict,
} from '../../src/path/pair-verdict.js';
import type { SocketSample } from '../../src/path/sampler.js';
import type { TcpInfo } from '../../src/probe/tcp-info.js';
import { madeSeries, type RecordedPair, recordedTrials } from '../support/path-series.js';

const RECORDED = recordedTrials().filter((trial): trial is RecordedPair => trial.kind === 'pair');

t.test('what was recorded in the fault lab', (t) => {
  const expected: Readonly<Record<string, PairVerdict>> = {
    'discovery: pair passed': { kind: 'passed', resent: 0 },
    'discovery: pair refused': { kind: 'refused', pathMtu: 1400 },
    'firewall-drops: pair silent': { kind: 'silent', sent: 6 },
    'hole-from-server-50ms: pair passed': { kind: 'passed', resent: 0 },
    'hole-to-server: pair passed': { kind: 'passed', resent: 0 },
    'hole-to-server: pair vanished': { kind: 'vanished', sent: 4 },
    'loss-10: pair passed': { kind: 'passed', resent: 0 },
    'mss-clamped: pair passed': { kind: 'passed', resent: 0 },
    'mtu-probing: pair passed': { kind: 'passed', resent: 0 },
  };
  t.strictSame(
    RECORDED.map(({ name }) => name).toSorted(),
    Object.keys(expected),
    'every recorded pair',
  );
  for (const { name, verdict, series, written, patience } of RECORDED) {
    const judged = judgePair(series, written, patience);
    t.strictSame(judged, expected[name], name);
    t.equal(judged.kind, verdict, `${name}, as it was judged when it was recorded`);
  }
  t.end();
});

/** The kinds of verdict after each sample. */
function kindsOf(series: readonly SocketSample[], written: number, patience: number): string[] {
  return series.map((_, index) => judgePair(series.slice(0, index + 1), written, patience).kind);
}

t.test('pending until it is decided: no part of a series says anything else', (t) => {
  for (const { name, verdict, series, written, patience } of RECORDED) {
    const kinds = kindsOf(series, written, patience);
    t.equal(kinds.at(-1), verdict, name);
    t.strictSame(new Set(kinds.slice(0, -1)), new Set(['pending']), name);
  }
  t.end();
});

t.test('nothing yet', (t) => {
  t.strictSame(judgePair([], 100, PATIENCE), { kind: 'pending' });
  const [one] = RECORDED;
  t.strictSame(judgePair(one?.series.slice(0, 1) ?? [], 100, PATIENCE), { kind: 'pending' });
  t.end();
});

/** Just before 1390 bytes are written on a path of 50 ms. */
const BEFORE: Partial<TcpInfo> = {
  state: 1,
  rttUs: 50_000,
  backoff: 0,
  unacknowledged: 0,
  sacked: 0,
  retransmissions: 2,
  spuriousRetransmissions: 1,
  bytesAcknowledged: 5000,
  sendMss: 1448,
  pathMtu: 1500,
  sackPermitted: true,
};
const WRITTEN = 1390;

type Row = readonly [atMs: number, changes: Partial<TcpInfo>];

const ON_ITS_WAY: Row = [2, { unacknowledged: 3 }];
const BEHIND_CAME: Row = [52, { sacked: 2 }];
const SENT_AGAIN: readonly Row[] = [
  [55, { retransmissions: 3 }],
  [300, { backoff: 1, retransmissions: 4 }],
  [700, { backoff: 2, retransmissions: 5 }],
  [1500, { backoff: 3, retransmissions: 6 }],
];

interface Made {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly base?: Partial<TcpInfo>;
  readonly patience?: number;
  readonly expected: PairVerdict;
}

const MADE: readonly Made[] = [
  {
    name: 'all acknowledged',
    rows: [ON_ITS_WAY, [52, { unacknowledged: 0, bytesAcknowledged: 6390 }]],
    expected: { kind: 'passed', resent: 0 },
  },
  {
    name: 'lost once and sent again',
    rows: [
      ON_ITS_WAY,
      BEHIND_CAME,
      [54, { retransmissions: 3 }],
      [105, { unacknowledged: 0, sacked: 0, bytesAcknowledged: 6390 }],
    ],
    expected: { kind: 'passed', resent: 1 },
  },
  {
    name: 'sent again for nothing: the server had it already',
    rows: [
      ON_ITS_WAY,
      [60, { retransmissions: 3 }],
      [105, { unacknowledged: 0, bytesAcknowledged: 6390, spuriousRetransmissions: 2 }],
    ],
    expected: { kind: 'passed', resent: 0 },
  },
  {
    name: 'only the large one is acknowledged so far',
    rows: [ON_ITS_WAY, [52, { unacknowledged: 1, bytesAcknowledged: 6389 }]],
    expected: { kind: 'pending' },
  },
  {
    name: 'a router names a smaller path MTU',
    rows: [ON_ITS_WAY, [30, { pathMtu: 1400, sendMss: 1348 }]],
    expected: { kind: 'refused', pathMtu: 1400 },
  },
  {
    name: 'the small ones came, the large one did not after three timeouts',
    rows: [ON_ITS_WAY, BEHIND_CAME, ...SENT_AGAIN, [1660, {}]],
    expected: { kind: 'vanished', sent: 4 },
  },
  {
    name: 'the last one sent may still be answered',
    rows: [ON_ITS_WAY, BEHIND_CAME, ...SENT_AGAIN, [1640, {}]],
    expected: { kind: 'pending' },
  },
  {
    name: 'two timeouts are not enough',
    rows: [ON_ITS_WAY, BEHIND_CAME, ...SENT_AGAIN.slice(0, 3), [1400, {}]],
    expected: { kind: 'pending' },
  },
  {
    name: 'on a path with loss three are not',
    rows: [ON_ITS_WAY, BEHIND_CAME, ...SENT_AGAIN, [2900, {}]],
    patience: PATIENCE_WITH_LOSS,
    expected: { kind: 'pending' },
  },
  {
    name: 'on a path with loss four are',
    rows: [
      ON_ITS_WAY,
      BEHIND_CAME,
      ...SENT_AGAIN,
      [3100, { backoff: 4, retransmissions: 7 }],
      [3300, {}],
    ],
    patience: PATIENCE_WITH_LOSS,
    expected: { kind: 'vanished', sent: 5 },
  },
  {
    name: 'it came at last, only a small one behind it is missing: no hole',
    rows: [
      ON_ITS_WAY,
      BEHIND_CAME,
      ...SENT_AGAIN,
      [1550, { unacknowledged: 1, sacked: 0, backoff: 0, bytesAcknowledged: 6389 }],
      [1552, { retransmissions: 7 }],
      [1900, {}],
    ],
    expected: { kind: 'pending' },
  },
  {
    name: 'what is missing was sent before: no word on the large one',
    base: { ...BEFORE, unacknowledged: 1, backoff: 3 },
    rows: [
      [2, { unacknowledged: 4 }],
      [52, { sacked: 3 }],
      [400, {}],
    ],
    expected: { kind: 'pending' },
  },
  {
    name: 'this kernel took smaller segments by itself',
    rows: [
      ON_ITS_WAY,
      BEHIND_CAME,
      ...SENT_AGAIN,
      [3100, { backoff: 4, retransmissions: 7 }],
      [6300, { backoff: 5, retransmissions: 8, sendMss: 1024 }],
    ],
    patience: 9,
    expected: { kind: 'repaired', sent: 6, afterUs: 6_300_000 },
  },
  {
    name: 'nothing passes any more, not even the small ones',
    rows: [
      ON_ITS_WAY,
      ...SENT_AGAIN,
      [3100, { backoff: 4, retransmissions: 7 }],
      [6300, { backoff: 5, retransmissions: 8 }],
      [6500, {}],
    ],
    expected: { kind: 'silent', sent: 6 },
  },
  {
    name: 'four timeouts without a word may still be loss',
    rows: [ON_ITS_WAY, ...SENT_AGAIN, [3100, { backoff: 4, retransmissions: 7 }], [6000, {}]],
    expected: { kind: 'pending' },
  },
  {
    name: 'without SACK a hole looks like an end of everything',
    base: { ...BEFORE, sackPermitted: false },
    rows: [
      ON_ITS_WAY,
      ...SENT_AGAIN,
      [3100, { backoff: 4, retransmissions: 7 }],
      [6300, { backoff: 5, retransmissions: 8 }],
      [6500, {}],
    ],
    expected: {
      kind: 'unknowable',
      why: 'the server does not acknowledge selectively, so a hole looks like an end of everything',
    },
  },
];

t.test('made by hand: one of each kind, and what looks like it', (t) => {
  for (const { name, rows, base = BEFORE, patience = PATIENCE, expected } of MADE) {
    const series = madeSeries(base, [0, {}], ...rows);
    t.strictSame(judgePair(series, WRITTEN, patience), expected, name);
    const before = kindsOf(series, WRITTEN, patience).slice(0, -1);
    t.strictSame(new Set(before), new Set(['pending']), `${name}: pending before`);
  }
  const kinds = new Set(MADE.map(({ expected }) => expected.kind));
  t.strictSame(
    [...kinds].toSorted(),
    ['passed', 'pending', 'refused', 'repaired', 'silent', 'unknowable', 'vanished'],
    'every kind is among them',
  );
  t.end();
});

t.test('figures that are missing: nothing is guessed', (t) => {
  const needed = ['bytesAcknowledged', 'unacknowledged', 'backoff', 'sacked'] as const;
  const trials = [
    ...RECORDED.map(({ name, series, written, patience }) => ({ name, series, written, patience })),
    ...MADE.map(({ name, base = BEFORE, rows, patience = PATIENCE }) => ({
      name,
      series: madeSeries(base, [0, {}], ...rows),
      written: WRITTEN,
      patience,
    })),
  ];
  for (const { name, series, written, patience } of trials) {
    for (const figure of needed) {
      const without = series.map((sample) => ({
        ...sample,
        info: { ...sample.info, [figure]: null },
      }));
      t.equal(judgePair(without, written, patience).kind, 'unknowable', `${name}: no ${figure}`);
    }
  }
  t.end();
});

t.test('figures that are not needed may be missing', (t) => {
  const few = { ...BEFORE, pathMtu: null, sendMss: null, spuriousRetransmissions: null };
  const acknowledged: Row = [52, { unacknowledged: 0, bytesAcknowledged: 6390 }];
  t.strictSame(judgePair(madeSeries(few, [0, {}], ON_ITS_WAY, acknowledged), WRITTEN, PATIENCE), {
    kind: 'passed',
    resent: 0,
  });
  t.end();
});

t.test('a pair whose time is up', (t) => {
  const slow: readonly Row[] = [
    [0, {}],
    ON_ITS_WAY,
    [4000, { backoff: 1, retransmissions: 3 }],
    [12_000, { backoff: 2, retransmissions: 4 }],
    [15_001, {}],
  ];
  t.strictSame(judgeOverdue(madeSeries(BEFORE, ...slow)), { kind: 'silent', sent: 3 });
  const moved = madeSeries(BEFORE, ...slow, [15_002, { bytesAcknowledged: 6389 }]);
  t.match(judgeOverdue(moved), { kind: 'unknowable', why: /too long/ });
  const behind = madeSeries(BEFORE, ...slow, [15_002, { sacked: 1 }]);
  t.match(judgeOverdue(behind), { kind: 'unknowable', why: /too long/ });
  const noSack = madeSeries({ ...BEFORE, sackPermitted: false }, ...slow);
  t.match(judgeOverdue(noSack), { kind: 'unknowable', why: /selectively/ });
  t.match(judgeOverdue([]), { kind: 'unknowable', why: /does not tell/ });
  const nothing = madeSeries({ sackPermitted: true }, [0, {}], [15_001, {}]);
  t.match(judgeOverdue(nothing), { kind: 'unknowable', why: /does not tell/ });
  t.end();
});
