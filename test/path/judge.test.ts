import t from 'tap';
import type { DirectionReport } from '../../src/handshake/path.js';
import { judge } from './judge.js';
import type { DirectionTruth } from './worlds.js';

/* The judge of the fault lab is judged: it must not pass what is wrong. */

const NOTHING: DirectionReport = {
  passUpTo: null,
  failsFrom: null,
  testedUpTo: null,
  mechanism: 'not-measured',
  why: null,
  mss: null,
  learnedMtu: null,
  reportedBy: null,
  trials: { small: [0, 0], big: [0, 0] },
  p: null,
  sizes: [],
  repairedAfterMs: null,
};

const HOLE: DirectionTruth = {
  mechanisms: ['black-hole'],
  limit: 1400,
  mss: 1460,
  reportedBy: null,
};
const OPEN: DirectionTruth = { ...HOLE, mechanisms: ['none'], limit: 1500 };
const TOLD: DirectionTruth = {
  ...HOLE,
  mechanisms: ['pmtud'],
  limit: 1280,
  reportedBy: '192.0.2.254',
};
const FIREWALL: DirectionTruth = {
  mechanisms: ['inconclusive', 'not-measured'],
  limit: null,
  mss: null,
  reportedBy: null,
};

const hole = (passUpTo: number | null, failsFrom: number | null): DirectionReport => ({
  ...NOTHING,
  mechanism: 'black-hole',
  passUpTo,
  failsFrom,
});
const none = (passUpTo: number | null): DirectionReport => ({
  ...NOTHING,
  mechanism: 'none',
  passUpTo,
});
const learned = (learnedMtu: number, reportedBy: string | null): DirectionReport => ({
  ...NOTHING,
  mechanism: 'pmtud',
  learnedMtu,
  reportedBy,
});

const CASES: readonly [string, DirectionTruth, DirectionReport, string, number | null][] = [
  ['the hole to the byte', HOLE, hole(1400, 1401), 'right', 0],
  ['the hole within 8 bytes', HOLE, hole(1392, 1408), 'right', -8],
  ['nine bytes too low', HOLE, hole(1391, 1401), 'wrong', -9],
  ['nine bytes too high', HOLE, hole(1400, 1409), 'wrong', 0],
  ['a size passes that cannot', HOLE, hole(1401, 1408), 'wrong', 1],
  ['a size fails that passes', HOLE, hole(1392, 1400), 'wrong', -8],
  ['a hole without sizes', HOLE, hole(null, null), 'wrong', null],
  ['no hole is seen', HOLE, none(1500), 'wrong', null],
  ['no answer to a hole', HOLE, { ...NOTHING, mechanism: 'inconclusive' }, 'inconclusive', null],
  ['nothing measured', HOLE, NOTHING, 'inconclusive', null],
  ['an open path', OPEN, none(1500), 'right', null],
  ['an open path, not tried to its end', OPEN, none(1380), 'wrong', null],
  ['an open path, nothing seen to pass', OPEN, none(null), 'wrong', null],
  ['a hole where there is none', OPEN, hole(1400, 1401), 'wrong', null],
  ['a path MTU', TOLD, learned(1280, '192.0.2.254'), 'right', 0],
  ['a path MTU of nobody', TOLD, learned(1280, null), 'right', 0],
  ['a path MTU of somebody else', TOLD, learned(1280, '203.0.113.254'), 'wrong', 0],
  ['another path MTU', TOLD, learned(1284, null), 'wrong', 4],
  ['nothing to be known, and it says so', FIREWALL, NOTHING, 'right', null],
  ['nothing to be known, and it guesses', FIREWALL, hole(500, 501), 'wrong', null],
];

for (const [name, truth, found, judgement, errorBytes] of CASES) {
  t.test(name, async (t) => {
    const judged = judge(truth, found, 1500);
    t.equal(judged.judgement, judgement);
    t.equal(judged.errorBytes, errorBytes);
    t.equal(judged.because.length > 0, judgement === 'wrong', 'reasons for what is wrong');
  });
}
