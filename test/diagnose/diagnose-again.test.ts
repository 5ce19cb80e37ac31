import { readFileSync } from 'node:fs';
import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { diagnoseAgain } from '../../src/diagnose/diagnose-again.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import { gatewayUntested } from '../../src/diagnose/not-tested.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { buildReport } from '../../src/report/build-report.js';
import { renderJson } from '../../src/report/json.js';
import { readReport } from '../../src/report/read-report.js';
import { handshake, STARTED_AT_MS, TRACES, type TraceName } from '../support/handshake.js';
import { PATHS } from '../support/path-fixtures.js';
import { captureFile, captureNames } from '../support/recorded-captures.js';

const SCHEMA: unknown = JSON.parse(
  readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
);
const TARGET = 'srv01.corp.example:3389';
const NAMES = Object.keys(TRACES) as TraceName[];

/** Saved, read again, and diagnosed from what was read. */
function again(handshakes: readonly Handshake[], diagnosis: Diagnosis): Diagnosis {
  const report = buildReport({
    version: '0.1.0',
    command: 'check',
    generatedAt: '2026-01-01T00:00:00.000000Z',
    handshakes,
    diagnoses: [diagnosis],
  });
  const read = readReport(renderJson(report), SCHEMA);
  if (!read.ok) throw new Error(read.why);
  const [saved] = read.report.diagnoses;
  if (saved === undefined) throw new Error('no diagnosis');
  // What the file says of causes counts for nothing.
  const emptied = { ...saved, findings: [], verdict: '' };
  return diagnoseAgain(emptied, read.report.handshakes, Date.parse(read.report.generatedAt));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

t.test('every kind of handshake, every path: the same as before', (t) => {
  for (const name of NAMES) {
    const seen = [handshake(name)];
    const before = diagnose(TARGET, seen, STARTED_AT_MS);
    t.same(plain(again(seen, before)), plain(before), name);
  }
  for (const [name, path] of Object.entries(PATHS)) {
    for (const seen of [handshake('healthy'), handshake('timeout')]) {
      const before = diagnose(TARGET, [seen], STARTED_AT_MS, path);
      t.same(plain(again([seen], before)), plain(before), name);
    }
  }
  const several = NAMES.map((name, id) => handshake(name, { id, address: `10.0.0.${id + 2}` }));
  const all = diagnose(TARGET, several, STARTED_AT_MS);
  t.same(plain(again(several, all)), plain(all), 'several addresses');
  t.end();
});

t.test('every recording of the project: the same as before', async (t) => {
  for (const name of captureNames('.pcapng')) {
    const { traces } = await analyseCapture(captureFile(name));
    const seen = traces.map((trace, id) =>
      toHandshake(trace, { id, purpose: 'verdict', reason: null }),
    );
    const before = diagnose(TARGET, seen, STARTED_AT_MS);
    t.same(plain(again(seen, before)), plain(before), name);
  }
});

t.test('what belongs to a target and not to its handshakes is kept', (t) => {
  const seen = [handshake('healthy')];
  const line = gatewayUntested('gw.example');
  const rdpFile = {
    file: 'x.rdp',
    encoding: 'utf-8' as const,
    used: [],
    told: [],
    ignored: [],
    problems: [],
  };
  const made = diagnose(TARGET, seen, STARTED_AT_MS);
  const before = { ...made, rdpFile, notTested: [...made.notTested, line] };
  t.same(plain(again(seen, before)), plain(before));
  t.end();
});
