import t from 'tap';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { captureNames } from '../support/recorded-captures.js';
import { CAPTURE_TRUTHS } from './matrix/capture-cases.js';
import { ownCases } from './matrix/cases.js';
import { disagreements } from './matrix/disagreements.js';
import { diagnoseReplayed, NOT_PROBED, SAYS_LESS, told } from './matrix/replayed.js';
import {
  falseAlarms,
  hits,
  isRight,
  isTrue,
  ofTruth,
  runCases,
  type Scored,
  wrongProofs,
} from './matrix/score.js';
import { SCENARIO_TRUTHS } from './matrix/simulator-cases.js';
import { renderMatrix } from './matrix/table.js';
import { WHYS } from './matrix/whys.js';

/*
 * The labelled cases of the repository through the whole engine: what must never happen, and what
 * docs/diagnosis-accuracy.md promises; and whatever was probed is saved as a capture and replayed.
 */

const LEAST_FIRST = 0.9;
const LEAST_OF_THREE = 0.98;

function describe({ case: { kind, name } }: Scored): string {
  return `${kind}: ${name}`;
}

const cases = ownCases();
const running = runCases(cases);

t.test('the labelled matrix', async (t) => {
  t.ok(cases.length >= 120, `${cases.length} cases`);
  t.equal(
    new Set(cases.map(({ kind, name }) => `${kind} ${name}`)).size,
    cases.length,
    'once each',
  );
  t.same(Object.keys(SCENARIO_TRUTHS).sort(), SCENARIOS.map(({ name }) => name).sort());
  t.same(Object.keys(CAPTURE_TRUTHS).sort(), captureNames('.pcapng'));
  const scored = await running;
  const tell = (list: readonly (readonly [Scored, { cause: string }])[]): readonly string[] =>
    list.map(([one, { cause }]) => `${describe(one)}: ${cause}`);

  t.same(tell(wrongProofs(scored)), [], 'what is proved is so');
  t.same(tell(falseAlarms(scored)), [], 'nothing above possible on what is healthy');

  const faults = ofTruth(scored, 'fault');
  const missed = faults.filter((one) => !hits(one, 1));
  t.ok(faults.length - missed.length >= LEAST_FIRST * faults.length, `${missed.length} missed`);
  const notInThree = faults.filter((one) => !hits(one, 3));
  t.ok(
    faults.length - notInThree.length >= LEAST_OF_THREE * faults.length,
    notInThree.map(describe).join(),
  );
  t.same(
    missed.filter(({ case: { name } }) => WHYS[name] === undefined).map(describe),
    [],
    'each miss has its why',
  );
  const bold = scored.filter(
    (one) => one.case.truth.is === 'untold' && one.findings[0]?.certainty === 'likely',
  );
  const told = new Set([...missed, ...bold].map(({ case: { name } }) => name));
  t.same(
    Object.keys(WHYS).filter((name) => !told.has(name)),
    [],
    'each why is still needed',
  );
  t.same(
    ofTruth(scored, 'healthy')
      .filter((one) => one.findings.some((finding) => isRight(one, finding)))
      .map(describe),
    [],
  );
  t.match(renderMatrix(scored, WHYS), /0 findings above `possible` in \d+ healthy cases; 0 wrong/);
  // Of a failure nothing is ever found to be silent about.
  t.same(faults.filter(({ findings }) => findings.length === 0).map(describe), []);

  // A signal that is decisive for a cause which no finding has: a fault of the data or of the rules.
  t.same(scored.flatMap(disagreements), [], 'the weights of the catalogue and the rules');
  // And the other way round: what a decisive signal speaks for is mostly so.
  const decided = scored.flatMap((one) =>
    one.findings
      .filter(({ weights = [] }) => weights.some(({ weight }) => weight === 'decisive'))
      .map((finding) => isTrue(one, finding)),
  );
  t.ok(decided.length >= 80, `${decided.length} findings with a decisive signal`);
  t.ok(decided.filter(Boolean).length >= 0.95 * decided.length);
  const seen = new Set(scored.flatMap(({ signals }) => signals.map(({ id }) => id)));
  t.ok(seen.size >= 60, `${seen.size} signals are seen in the matrix`);
});

t.test('live equals replay', async (t) => {
  const lessTold: string[] = [];
  const notProbed: string[] = [];
  for (const one of await running) {
    const { kind } = one.case;
    if (one.connections.length === 0) {
      notProbed.push(kind);
      continue;
    }
    const replayed = await diagnoseReplayed(one);
    if (SAYS_LESS[kind] === undefined) {
      t.strictSame(told(replayed), told(one.diagnosis), describe(one));
      continue;
    }
    t.strictNotSame(told(replayed), told(one.diagnosis), `${describe(one)}: is no exception`);
    t.same(replayed.findings, [], `${describe(one)}: less is told, and nothing else`);
    t.match(replayed.verdict, /what went on inside it is hidden without its keys/);
    lessTold.push(kind);
  }
  t.same([...new Set(lessTold)], Object.keys(SAYS_LESS), 'every exception is needed');
  t.same([...new Set(notProbed)], Object.keys(NOT_PROBED), 'and there are no others');
});
