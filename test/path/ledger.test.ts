import t from 'tap';
import { Ledger } from '../../src/path/ledger.js';
import {
  BOTH_WAYS_CONNECTIONS,
  DEFAULT_CONNECTIONS,
  DEFAULT_PATH_OPTIONS,
  timeLimit,
} from '../../src/path/path-options.js';
import type { Clock } from '../../src/probe/clock.js';

/** A clock that goes on by 10 ms with every look at it. */
function countingClock(): Clock {
  let now = 5_000_000;
  return {
    startedAt: 0,
    now: () => {
      now += 10_000;
      return now;
    },
  };
}

function ledgerOf(most: number, signal = new AbortController().signal): Ledger {
  return new Ledger(countingClock(), signal, { most, limitMs: 600_000 });
}

t.test('what the documentation says', (t) => {
  t.equal(DEFAULT_CONNECTIONS, 12);
  t.equal(BOTH_WAYS_CONNECTIONS, 16);
  t.end();
});

t.test('never more than its number, and the number only grows', async (t) => {
  const ledger = ledgerOf(2);
  t.match(ledger, { made: 0, most: 2 });
  let made = 0;
  while (ledger.mayConnect()) {
    await ledger.begin('to-server');
    made++;
    t.equal(ledger.made, made);
    t.equal(ledger.left(), 2 - made);
  }
  t.equal(made, 2);
  ledger.extend(1);
  t.equal(ledger.most, 2);
  t.notOk(ledger.mayConnect());
  ledger.extend(3);
  t.ok(ledger.mayConnect());
  await ledger.begin('from-server');
  t.notOk(ledger.mayConnect());
  t.equal(ledger.attempts.length, 3);
});

t.test('why there is no further connection', async (t) => {
  const stop = new AbortController();
  const ledger = new Ledger(countingClock(), stop.signal, { most: 1, limitMs: 100 });
  t.equal(ledger.whyNot(), null);
  await ledger.begin('handshake');
  t.equal(ledger.whyNot(), 'the planned connections were used up');
  ledger.extend(2);
  t.equal(ledger.whyNot(), null);
  // Every look at the clock takes 10 ms.
  for (let looks = 0; looks < 10; looks++) ledger.now();
  t.equal(ledger.whyNot(), 'the time for it was used up (0.1 s)');
  t.notOk(ledger.mayConnect());
  stop.abort();
  t.equal(ledger.whyNot(), 'it was interrupted');
});

t.test('how long a run may go on', (t) => {
  t.equal(timeLimit(DEFAULT_PATH_OPTIONS), 75_000);
  t.equal(timeLimit({ ...DEFAULT_PATH_OPTIONS, count: 3 }), 75_000);
  t.equal(timeLimit({ ...DEFAULT_PATH_OPTIONS, count: 25 }), 75_000 + 20 * 5_200);
  t.equal(timeLimit({ ...DEFAULT_PATH_OPTIONS, exact: true }), 180_000);
  t.end();
});

t.test('a breath between two connections, none before the first', async (t) => {
  const ledger = ledgerOf(2);
  const began = performance.now();
  await ledger.begin('handshake');
  t.ok(performance.now() - began < 100);
  await ledger.begin('handshake');
  t.ok(performance.now() - began >= 148, 'some servers queue no more than two');
});

t.test('attempts in order, each with what came of it', async (t) => {
  const ledger = ledgerOf(12);
  const first = await ledger.begin('handshake');
  first.end('the handshake is through', 0);
  const second = await ledger.begin('from-server', 1240);
  second.end('packets up to 1280 bytes: the answer came');
  await ledger.begin('to-server');
  t.match(ledger.attempts, [
    { purpose: 'handshake', says: 'the handshake is through', clampedMss: null, handshake: 0 },
    { purpose: 'from-server', says: /the answer came/, clampedMss: 1240, handshake: null },
    { purpose: 'to-server', says: 'it was interrupted', tookMs: 0, handshake: null },
  ]);
  t.strictSame([first.index, second.index], [0, 1]);
  const [one, two, three] = ledger.attempts.map(({ atMs }) => atMs);
  t.ok((one ?? 9) < (two ?? 0) && (two ?? 9e9) < (three ?? 0), 'since the run began');
  t.ok((one ?? 1e9) < 1000, 'not since the clock began');
  t.ok(ledger.attempts.slice(0, 2).every(({ tookMs }) => tookMs > 0));
});

t.test('round trips and SYNs that were sent again', async (t) => {
  const ledger = ledgerOf(12);
  t.equal(ledger.synRetransmissions, null, 'nothing is known yet');
  const told: readonly (readonly [rttUs: number | null, again: number | null])[] = [
    [50_000, 0],
    [null, 1],
    [null, null],
    [51_000, 0],
  ];
  for (const [rttUs, again] of told) (await ledger.begin('handshake')).connected(rttUs, again);
  t.strictSame(ledger.rttsUs, [50_000, 51_000]);
  t.strictSame(ledger.synRetransmissions, { connections: 1, of: 3 });
});

t.test('interrupted: no more connections', async (t) => {
  const stop = new AbortController();
  const ledger = ledgerOf(12, stop.signal);
  t.ok(ledger.mayConnect());
  stop.abort();
  t.notOk(ledger.mayConnect());
  t.equal(ledger.left(), 12, 'though some would be left');
});

t.test('what is being tried is told with the count', async (t) => {
  const told: string[] = [];
  const ledger = new Ledger(countingClock(), new AbortController().signal, {
    most: 12,
    limitMs: 600_000,
    onProgress: ({ says, made, most }) => told.push(`${says} ${made} ${most}`),
  });
  ledger.tell('first');
  await ledger.begin('handshake');
  ledger.extend(16);
  ledger.tell('then');
  t.strictSame(told, ['first 0 12', 'then 1 16']);
  ledgerOf(1).tell('to nobody');
});
