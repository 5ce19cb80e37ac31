import t, { type Test } from 'tap';
import type { Handshake, StageStatus } from '../../src/handshake/handshake.js';
import type { Fact } from '../../src/handshake/trace.js';
import { DEFAULT_SETTINGS, type ProbeSettings, stageLimits } from '../../src/probe/settings.js';
import { serverCertificate } from '../../src/simulator/certificate.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { type Run, runInMemory, runOverLoopback } from '../support/scenario-run.js';
import { EXPECTED, type Expected } from './expected.js';

/*
 * Every scenario is probed in memory, in memory byte by byte, in random pieces, and over loopback
 * sockets. All must say the same, and what is expected.
 */

type Way = 'in memory' | 'byte by byte' | 'in random pieces' | 'over loopback';

const WAYS: Readonly<Record<Way, (scenario: Scenario, settings: ProbeSettings) => Promise<Run>>> = {
  'in memory': (scenario, settings) => runInMemory(scenario, settings, 'whole'),
  'byte by byte': (scenario, settings) => runInMemory(scenario, settings, 'bytes'),
  'in random pieces': (scenario, settings) => runInMemory(scenario, settings, { seed: 7 }),
  'over loopback': (scenario, settings) => runOverLoopback(scenario, settings),
};

/** Long enough for whatever has to happen before the silence, on a machine that is busy. */
const SILENCE_LIMIT_MS = 1500;

/** No stage that does not end in silence ever gets here. */
const LONG_LIMIT_MS = 30_000;

type Runs = ReadonlyMap<string, Run>;

function expectedOf(scenario: Scenario): Expected {
  const expected = EXPECTED[scenario.name];
  if (expected === undefined) throw new Error(`nothing is expected of ${scenario.name}`);
  return expected;
}

async function runAllWays(scenario: Scenario, expected: Expected): Promise<Runs> {
  const silent = expected.how === 'timeout' && expected.failedAt !== null;
  const settings: ProbeSettings = {
    ...DEFAULT_SETTINGS,
    ...expected.asks,
    stageLimitsMs: stageLimits(
      LONG_LIMIT_MS,
      silent ? { [expected.failedAt]: SILENCE_LIMIT_MS } : {},
    ),
  };
  const ways = Object.entries(WAYS);
  // Silence is waited for in all ways at once; whatever computes takes its turn.
  if (silent) {
    return new Map(
      await Promise.all(
        ways.map(async ([way, run]) => [way, await run(scenario, settings)] as const),
      ),
    );
  }
  const runs = new Map<string, Run>();
  for (const [way, run] of ways) runs.set(way, await run(scenario, settings));
  return runs;
}

const LETTERS: Readonly<Record<StageStatus, string>> = {
  completed: 'c',
  failed: 'f',
  unfinished: 'u',
  hidden: 'h',
  'not-applicable': '-',
  'not-attempted': 'a',
  'not-reached': 'r',
};

function lettersOf(handshake: Handshake): string {
  return handshake.stages.map(({ status }) => LETTERS[status]).join('');
}

function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}

/** Times, and what is made of them. */
const TIMES = ['at', 'atMs', 'startAt', 'timestamp', 'clockSkewMs', 'detail'];

/** What else is a matter of time in single scenarios. */
const TIMED: Readonly<Record<string, readonly string[]>> = {
  // how much of it has come when the limit is reached
  trickle: ['partialBytes'],
  // how much had come when the first byte was refused
  'garbage-after-client-hello': ['sample'],
};

function without(value: unknown, keys: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((each) => without(each, keys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !keys.has(key))
      .map(([key, each]) => [key, without(each, keys)]),
  );
}

/** A peer that sends for ever is not waited for: whether its end is seen is a matter of time. */
function isAfterFlood(fact: Fact, facts: readonly Fact[]): boolean {
  return fact.kind === 'tcp-end' && facts.some(({ kind }) => kind === 'flood');
}

/**
 * What must not depend on how the bytes arrived. The facts stand by side: in which order messages of
 * both sides that are under way at the same time are seen, is a matter of time.
 */
function comparable(run: Run, name: string): unknown {
  const { outcome, x224, tls, credssp, mcs } = run.handshake;
  const sideOf = (fact: Fact): string => ('by' in fact && fact.by !== null ? fact.by : 'neither');
  const facts = (side: string): readonly Fact[] =>
    run.facts.filter((fact) => sideOf(fact) === side && !isAfterFlood(fact, run.facts));
  return without(
    {
      outcome,
      stages: lettersOf(run.handshake),
      x224,
      tls,
      credssp,
      mcs,
      client: facts('client'),
      server: facts('server'),
      neither: facts('neither'),
      played: run.played,
    },
    new Set([...TIMES, ...(TIMED[name] ?? [])]),
  );
}

t.test('every scenario has an expectation, and every expectation a scenario', (t) => {
  t.strictSame(SCENARIOS.map(({ name }) => name).sort(), Object.keys(EXPECTED).sort());
  t.strictSame(JSON.parse(JSON.stringify(SCENARIOS)), SCENARIOS, 'scenarios survive JSON');
  t.end();
});

function check(t: Test, name: string, expected: Expected, runs: Runs): void {
  for (const [way, { handshake }] of runs) {
    const { status, reached, failedAt, how, by } = handshake.outcome;
    t.strictSame(
      { status, reached, failedAt, how, by, stages: lettersOf(handshake) },
      {
        status: expected.status,
        reached: expected.reached,
        failedAt: expected.failedAt,
        how: expected.how,
        by: expected.by,
        stages: expected.stages,
      },
      `${way}: ${handshake.outcome.detail}`,
    );
    for (const [path, wanted] of Object.entries(expected.facts)) {
      const found = valueAt(handshake, path);
      if (typeof wanted === 'function') t.ok(wanted(found), `${way}: ${path} is ${String(found)}`);
      else t.strictSame(found, wanted, `${way}: ${path}`);
    }
  }
  const [first, ...others] = runs;
  if (first === undefined) throw new Error('there is no run');
  for (const [way, run] of others) {
    t.strictSame(comparable(run, name), comparable(first[1], name), `${way} as ${first[0]}`);
  }
}

t.test('scenarios that end in silence', async (t) => {
  // Made beforehand, so that no silence is measured while a key is being computed.
  await serverCertificate('self-signed', Date.now());
  const silent = SCENARIOS.filter((scenario) => expectedOf(scenario).how === 'timeout');
  const all = await Promise.all(
    silent.map(async (scenario) => ({
      scenario,
      runs: await runAllWays(scenario, expectedOf(scenario)),
    })),
  );
  for (const { scenario, runs } of all) {
    t.test(scenario.name, (t) => {
      check(t, scenario.name, expectedOf(scenario), runs);
      t.end();
    });
  }
});

for (const scenario of SCENARIOS) {
  const expected = expectedOf(scenario);
  if (expected.how === 'timeout') continue;
  t.test(`${scenario.name}: ${scenario.title}`, async (t) => {
    check(t, scenario.name, expected, await runAllWays(scenario, expected));
  });
}
