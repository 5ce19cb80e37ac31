import t from 'tap';
import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { Fact } from '../../src/handshake/trace.js';
import {
  describe,
  type FlightTrial,
  isManySegments,
  largestTried,
  longestPacket,
  sizesOf,
  transmissions,
} from '../../src/path/flight-trial.js';
import { durationOf, type FlightVerdict, judgeFlight } from '../../src/path/flight-verdict.js';
import type { SocketSample } from '../../src/path/sampler.js';
import { NOTHING_KNOWN, type TcpInfo } from '../../src/probe/tcp-info.js';
import { handshake, TRACES, trace } from '../support/handshake.js';
import { madeSeries, type RecordedFlight, recordedTrials } from '../support/path-series.js';

const RECORDED = recordedTrials().filter(
  (trial): trial is RecordedFlight => trial.kind === 'flight',
);

function handshakeOf(recorded: RecordedFlight): Handshake {
  return toHandshake(recorded.trace, { id: 0, purpose: 'path', reason: null });
}

t.test('what was recorded in the fault lab', (t) => {
  const expected: Readonly<Record<string, readonly object[]>> = {
    // The path carries 1400 bytes; the answer of this server is one packet of 1327.
    'discovery: flight arrived': [{ largest: 1327, isFull: false }],
    'firewall-drops: flight stuck': [{ says: /10 s/ }],
    'hole-from-server-50ms: flight stalled': [{ outOfOrder: 1 }],
    'hole-from-server-50ms: flight arrived': [{ largest: 576, isFull: true }],
    'hole-to-server: flight arrived': [{ largest: 1500, isFull: true }],
    'loss-10: flight arrived': [{ largest: 1500, isFull: true }],
    'mss-clamped: flight arrived': [{ largest: 1280, isFull: false }],
    // tcp_mtu_probing: segments of 1024 bytes after five timeouts.
    'mtu-probing: flight repaired': [{ largest: 1076 }],
    'mtu-probing: flight arrived': [{ largest: 576, isFull: true }],
    'mtu-probing: flight stalled': [{ outOfOrder: 2 }],
  };
  t.strictSame(
    RECORDED.map(({ name }) => name).toSorted(),
    Object.keys(expected).toSorted(),
    'every recorded flight',
  );
  for (const recorded of RECORDED) {
    const { name, verdict, series, family } = recorded;
    const judged = judgeFlight(handshakeOf(recorded), series, family);
    t.equal(judged.kind, verdict, `${name}, as it was judged when it was recorded`);
    t.match(judged, expected[name]?.[0], name);
    switch (judged.kind) {
      case 'repaired':
        t.ok(judged.afterMs > 6000 && judged.afterMs < 7000, 'as Linux does it');
        break;
      case 'stalled':
        t.ok(judged.waitedMs >= 2990 && judged.waitedMs < 10_500);
        break;
      case 'arrived':
        t.equal(judged.tookMs, durationOf(handshakeOf(recorded), 'tls'));
        break;
      case 'stuck':
      case 'declined':
      case 'ended':
      case 'unknowable':
      case 'no-connection':
        break;
    }
  }
  t.end();
});

t.test('a handshake that was broken off earlier says nothing of sizes', (t) => {
  for (const recorded of RECORDED) {
    const { facts } = recorded.trace;
    for (let length = 0; length < facts.length; length++) {
      const cut = { ...recorded, trace: { ...recorded.trace, facts: facts.slice(0, length) } };
      const seen = handshakeOf(cut);
      const { kind } = judgeFlight(seen, recorded.series, recorded.family);
      const isDone = seen.stages.some(
        ({ stage, status }) =>
          stage === 'tls' && status !== 'unfinished' && status !== 'not-reached',
      );
      const allowed = isDone ? [recorded.verdict] : ['no-connection', 'ended'];
      if (!allowed.includes(kind)) t.fail(`${recorded.name}, ${length} facts: ${kind}`);
    }
  }
  t.pass('none of them');
  t.end();
});

t.test('without the figures: what came is known to have come, and no more', (t) => {
  for (const recorded of RECORDED) {
    const { name, verdict, family } = recorded;
    const nothing = recorded.series.map((sample) => ({ ...sample, info: NOTHING_KNOWN }));
    for (const series of [[], nothing]) {
      const judged = judgeFlight(handshakeOf(recorded), series, family);
      if (verdict === 'arrived' || verdict === 'repaired') {
        t.match(judged, { kind: 'arrived', largest: null, isFull: false, bytes: null }, name);
      } else {
        t.equal(judged.kind, 'unknowable', name);
      }
    }
  }
  t.end();
});

const HELLO_SENT = TRACES.resetAfterClientHello.facts.slice(0, -1);

function dies(...facts: readonly Fact[]): Handshake {
  const label = { id: 0, purpose: 'path', reason: null };
  return toHandshake(trace([...HELLO_SENT, ...facts]), label);
}

const SILENCE = dies({
  kind: 'silence',
  at: 3_042_900,
  waitingFor: 'server',
  stage: 'tls',
  waitedMs: 3000,
  partialBytes: 0,
});

/** The figures at the moments of a handshake: the confirm of 19 bytes, then the answer. */
function figures(
  end: Partial<TcpInfo>,
  { stage = 'tls', ...base }: Partial<TcpInfo> & { readonly stage?: string } = {},
): readonly SocketSample[] {
  return madeSeries(
    {
      advertisedMss: 1460,
      receiveMss: 536,
      bytesReceived: 0,
      unacknowledged: 0,
      receivedOutOfOrder: 0,
      timestamps: false,
      ...base,
    },
    [20, {}, 'connect'],
    [42, { bytesReceived: 19 }, 'x224'],
    [90, end, stage],
    [130, { bytesReceived: 9000 }, 'close'],
  );
}

interface Made {
  readonly name: string;
  readonly handshake: Handshake;
  readonly series: readonly SocketSample[];
  readonly family?: 4 | 6;
  readonly expected: FlightVerdict;
}

/** Of the healthy one. */
const TOOK = { tookMs: 43.5 };

function slow(handshake: Handshake, durationMs: number): Handshake {
  const stages = handshake.stages.map((stage) =>
    stage.stage === 'tls' ? { ...stage, durationMs } : stage,
  );
  return { ...handshake, stages };
}

const MADE: readonly Made[] = [
  {
    name: 'a whole answer in full segments',
    handshake: handshake('healthy'),
    series: figures({ receiveMss: 1460, bytesReceived: 3019 }),
    expected: { kind: 'arrived', largest: 1500, isFull: true, bytes: 3000, ...TOOK },
  },
  {
    name: 'IPv6 with timestamps',
    handshake: handshake('healthy'),
    series: figures(
      { receiveMss: 1428, bytesReceived: 3019 },
      { advertisedMss: 1428, timestamps: true },
    ),
    family: 6,
    expected: { kind: 'arrived', largest: 1500, isFull: true, bytes: 3000, ...TOOK },
  },
  {
    name: 'a short answer proves its own size only',
    handshake: handshake('healthy'),
    series: figures({ receiveMss: 1100, bytesReceived: 1119 }),
    expected: { kind: 'arrived', largest: 1140, isFull: false, bytes: 1100, ...TOOK },
  },
  {
    name: "the kernel's first guess is no size",
    handshake: handshake('healthy'),
    series: figures({ bytesReceived: 419 }),
    expected: { kind: 'arrived', largest: null, isFull: false, bytes: 400, ...TOOK },
  },
  {
    name: 'the first guess stands for our MSS, and the answer is longer',
    handshake: handshake('healthy'),
    series: figures({ bytesReceived: 1519 }, { advertisedMss: 536 }),
    expected: { kind: 'arrived', largest: 576, isFull: true, bytes: 1500, ...TOOK },
  },
  {
    name: 'the first guess stands for our MSS, and the answer is shorter',
    handshake: handshake('healthy'),
    series: figures({ bytesReceived: 319 }, { advertisedMss: 536 }),
    expected: { kind: 'arrived', largest: null, isFull: false, bytes: 300, ...TOOK },
  },
  {
    name: 'a segment larger than our MSS is the work of an offloading card',
    handshake: handshake('healthy'),
    series: figures({ receiveMss: 2800, bytesReceived: 3019 }),
    expected: { kind: 'arrived', largest: 1500, isFull: true, bytes: 3000, ...TOOK },
  },
  {
    name: 'without TLS it is the MCS response that counts',
    handshake: handshake('standardRdp'),
    series: figures({ receiveMss: 1460, bytesReceived: 1879 }, { stage: 'mcs' }),
    expected: { kind: 'arrived', largest: 1500, isFull: true, bytes: 1860, tookMs: 20.8 },
  },
  {
    name: 'late and in small segments: repaired',
    handshake: slow(handshake('healthy'), 6600),
    series: figures({ receiveMss: 1024, bytesReceived: 3019 }),
    expected: { kind: 'repaired', largest: 1064, afterMs: 6600 },
  },
  {
    name: 'late, but in large segments: a server that thinks',
    handshake: slow(handshake('healthy'), 6600),
    series: figures({ receiveMss: 1400, bytesReceived: 3019 }),
    expected: { kind: 'arrived', largest: 1440, isFull: false, bytes: 3000, tookMs: 6600 },
  },
  {
    name: 'small segments, but in time',
    handshake: slow(handshake('healthy'), 1400),
    series: figures({ receiveMss: 1024, bytesReceived: 3019 }),
    expected: { kind: 'arrived', largest: 1064, isFull: false, bytes: 3000, tookMs: 1400 },
  },
  {
    name: 'a short answer that comes late is no repair: nothing larger was to be sent',
    handshake: slow(handshake('healthy'), 6600),
    series: figures({ receiveMss: 900, bytesReceived: 919 }),
    expected: { kind: 'arrived', largest: 940, isFull: false, bytes: 900, tookMs: 6600 },
  },
  {
    name: 'nothing comes although all of ours arrived',
    handshake: SILENCE,
    series: figures({ receivedOutOfOrder: 2 }, { stage: 'silence' }),
    expected: { kind: 'stalled', waitedMs: 3000, outOfOrder: 2 },
  },
  {
    name: 'our own message does not arrive',
    handshake: SILENCE,
    series: figures({ unacknowledged: 1 }, { stage: 'silence' }),
    expected: { kind: 'stuck', says: SILENCE.outcome.detail },
  },
  {
    name: 'whose packets are missing is not told',
    handshake: SILENCE,
    series: figures({ unacknowledged: null }, { stage: 'silence' }),
    expected: { kind: 'unknowable', says: SILENCE.outcome.detail },
  },
  ...(['resetAfterClientHello', 'hybridRequired', 'ssh', 'interrupted'] as const).map((name) => ({
    name,
    handshake: handshake(name),
    series: figures({}),
    expected: { kind: 'ended', says: handshake(name).outcome.detail } as const,
  })),
  ...(['refused', 'timeout', 'unreachable', 'notFound'] as const).map((name) => ({
    name,
    handshake: handshake(name),
    series: [],
    expected: { kind: 'no-connection', says: handshake(name).outcome.detail } as const,
  })),
];

const ALERT = dies({
  kind: 'message',
  by: 'server',
  at: 63_000,
  startAt: 63_000,
  bytes: 7,
  message: {
    type: 'tls-alert',
    level: { value: 2, name: 'fatal' },
    description: { value: 40, name: 'handshake_failure' },
  },
});

t.test('made by hand: one of each kind, and what looks like it', (t) => {
  const all: readonly Made[] = [
    ...MADE,
    {
      name: 'an alert',
      handshake: ALERT,
      series: figures({}),
      expected: { kind: 'declined', says: ALERT.outcome.detail },
    },
  ];
  for (const { name, handshake: seen, series, family = 4, expected } of all) {
    t.strictSame(judgeFlight(seen, series, family), expected, name);
  }
  t.strictSame(
    [...new Set(all.map(({ expected }) => expected.kind))].toSorted(),
    ['arrived', 'declined', 'ended', 'no-connection', 'repaired', 'stalled', 'stuck', 'unknowable'],
    'every kind is among them',
  );
  t.end();
});

const ARRIVED: FlightVerdict & { kind: 'arrived' } = {
  kind: 'arrived',
  largest: 1280,
  isFull: true,
  bytes: 2000,
  tookMs: 40,
};

function trial(fields: Partial<FlightTrial>): FlightTrial {
  return {
    allowed: 1500,
    verdict: ARRIVED,
    offer: 'everything',
    packetsReceived: 5,
    overhead: 52,
    attempt: 0,
    ...fields,
  };
}

t.test('how often a server has sent at least what did not come', (t) => {
  const rows = [
    [0, 1],
    [999, 1],
    [1000, 2],
    [2999, 2],
    [3000, 3],
    [6000, 3],
    [7000, 4],
    [10_000, 4],
  ] as const;
  for (const [ms, times] of rows) {
    t.equal(transmissions({ kind: 'stalled', waitedMs: ms, outOfOrder: 0 }), times, `${ms} ms`);
    t.equal(transmissions({ kind: 'repaired', largest: 1064, afterMs: ms }), times);
  }
  t.end();
});

t.test('the sizes that a trial put to the test', (t) => {
  const stalled = { kind: 'stalled', waitedMs: 3000, outOfOrder: 0 } as const;
  const short = trial({ verdict: { ...ARRIVED, largest: 1152, bytes: 1100 }, allowed: 1500 });
  const trials = [
    short,
    trial({ verdict: stalled, attempt: 1 }),
    trial({ verdict: stalled, allowed: 1000, attempt: 2 }),
    trial({ verdict: stalled, offer: 'long-answer-tls12', allowed: 1400, attempt: 3 }),
    trial({ verdict: stalled, allowed: null, attempt: 4 }),
    trial({ verdict: { kind: 'ended', says: 'x' }, attempt: 5 }),
    trial({ verdict: { kind: 'unknowable', says: 'x' }, attempt: 6 }),
    trial({ verdict: { ...ARRIVED, largest: null }, attempt: 7 }),
  ];
  t.equal(longestPacket(trials, 'everything'), 1152, 'no answer makes a larger packet');
  t.equal(longestPacket(trials, 'long-answer-tls12'), null);
  t.equal(largestTried(trials[1] ?? short, trials), 1152);
  t.equal(largestTried(trials[2] ?? short, trials), 1000);
  t.equal(largestTried(trials[3] ?? short, trials), 1400);
  t.strictSame(
    sizesOf(trials).map(({ bytes, result, sent, attempt }) => [bytes, result, sent, attempt]),
    [
      [1000, 'vanished', 3, 2],
      [1152, 'passed', 1, 0],
      [1152, 'vanished', 3, 1],
      [1400, 'vanished', 3, 3],
    ],
  );
  t.equal(isManySegments({ ...ARRIVED, largest: 1000 }), true);
  t.equal(isManySegments({ ...ARRIVED, largest: 1001 }), false);
  t.equal(isManySegments({ ...ARRIVED, bytes: null }), false);
  t.equal(isManySegments({ ...ARRIVED, largest: null }), false);
  t.end();
});

t.test('in words', (t) => {
  const rows: readonly (readonly [size: number | null, FlightVerdict, says: string])[] = [
    [null, ARRIVED, 'packets of any size: the answer came, its largest packet 1280 bytes'],
    [576, { ...ARRIVED, largest: null }, 'packets up to 576 bytes: the answer came'],
    [
      1400,
      { kind: 'repaired', largest: 1064, afterMs: 6640 },
      'packets up to 1400 bytes: the answer came after 6.6 s, in small packets',
    ],
    [
      1400,
      { kind: 'stalled', waitedMs: 3000, outOfOrder: 0 },
      'packets up to 1400 bytes: the answer did not come within 3.0 s',
    ],
    [
      1400,
      { kind: 'stalled', waitedMs: 3000, outOfOrder: 1 },
      'packets up to 1400 bytes: the answer did not come within 3.0 s, but what was behind it did',
    ],
    [null, { kind: 'stuck', says: 'x' }, 'packets of any size: our own message did not arrive'],
    ...(['declined', 'ended', 'unknowable', 'no-connection'] as const).map(
      (kind) => [null, { kind, says: 'so it says' }, 'packets of any size: so it says'] as const,
    ),
  ];
  for (const [size, verdict, says] of rows) t.equal(describe(size, verdict), says);
  t.end();
});
