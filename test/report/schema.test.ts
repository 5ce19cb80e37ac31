import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { buildReport } from '../../src/report/build-report.js';
import { renderJson } from '../../src/report/json.js';
import { renderDiagnosisLine, renderHandshakeLine } from '../../src/report/ndjson.js';
import { handshake, STARTED_AT_MS, TRACES, type TraceName } from '../support/handshake.js';
import { PATHS } from '../support/path-fixtures.js';
import { assertMatchesSchema, schemaProblems } from '../support/schema.js';

const NAMES = Object.keys(TRACES) as TraceName[];

function reportOf(handshakes: readonly Handshake[]): unknown {
  const report = buildReport({
    version: '0.1.0',
    command: 'check',
    generatedAt: '2026-01-01T00:00:00.000000Z',
    handshakes,
    diagnoses: handshakes.map((one) => diagnose('srv01.corp.example:3389', [one], STARTED_AT_MS)),
  });
  return JSON.parse(renderJson(report));
}

t.test('every kind of handshake is as documented, whole and line by line', (t) => {
  for (const name of NAMES) {
    const seen = handshake(name);
    assertMatchesSchema(t, reportOf([seen]), name);
    assertMatchesSchema(t, JSON.parse(renderHandshakeLine(seen)), `${name}, as a line`);
    const diagnosis = diagnose('srv01.corp.example:3389', [seen], STARTED_AT_MS);
    assertMatchesSchema(t, JSON.parse(renderDiagnosisLine(diagnosis)), `${name}, its diagnosis`);
  }
  assertMatchesSchema(t, reportOf(NAMES.map((name, id) => handshake(name, { id }))), 'many');
  assertMatchesSchema(t, reportOf([]), 'none');
  t.end();
});

t.test('every kind of path is as documented, whole and line by line', (t) => {
  for (const [name, path] of Object.entries(PATHS)) {
    const seen = handshake('healthy');
    const diagnosis = diagnose('srv01.corp.example:3389', [seen], STARTED_AT_MS, path);
    const report = buildReport({
      version: '0.1.0',
      command: 'path',
      generatedAt: '2026-01-01T00:00:00.000000Z',
      handshakes: [seen],
      diagnoses: [diagnosis],
    });
    assertMatchesSchema(t, JSON.parse(renderJson(report)), name);
    const line: unknown = JSON.parse(renderDiagnosisLine(diagnosis));
    assertMatchesSchema(t, line, `${name}, as a line`);
    t.same(Object(line).path, JSON.parse(JSON.stringify(path)), `${name}: nothing is left out`);
  }
  t.end();
});

/** A copy of a report with the value at a dotted path replaced; undefined: removed. */
function altered(path: string, value: unknown): unknown {
  const copy = structuredClone(reportOf([handshake('expired')]));
  Object.assign(Object(copy).diagnoses[0], { path: structuredClone(PATHS.holeFromServer) });
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((part, key) => Object(part)[key], copy);
  Object.assign(Object(parent), { [last]: value });
  return JSON.parse(JSON.stringify(copy));
}

const BREACHES: readonly (readonly [path: string, value: unknown])[] = [
  ['schema', 'rdp-probe.report/2'],
  ['generatedAt', '2026-01-01T00:00:00Z'],
  ['handshakes.0.outcome.how', 'bad-luck'],
  ['handshakes.0.outcome.reached', undefined],
  ['handshakes.0.stages', []],
  ['handshakes.0.stages.1.stage', 'tls'],
  ['handshakes.0.stages.1.durationMs', '20 ms'],
  ['handshakes.0.stages.1.status', '-'],
  ['handshakes.0.tcp.rttMs', undefined],
  ['handshakes.0.tcp.mss', { client: 1460 }],
  ['handshakes.0.tls.certificates.0.sha256', 'AB:CD'],
  ['handshakes.0.credssp.errorCode', { code: '0xc000006d', name: null }],
  ['handshakes.0.source', { kind: 'capture' }],
  ['handshakes.0.events.0.kind', undefined],
  ['handshakes.0.notMeasured', { 'tcp.rttMs': null }],
  ['diagnoses.0.findings.0.certainty', 'certain'],
  ['diagnoses.0.path', {}],
  ['diagnoses.0.path.rtt.medianMs', undefined],
  ['diagnoses.0.path.rtt.source', 'guess'],
  ['diagnoses.0.path.loss.interval95', [0]],
  ['diagnoses.0.path.loss.ratio', 20],
  ['diagnoses.0.path.loss.newField', 1],
  ['diagnoses.0.path.mtu.toServer', undefined],
  ['diagnoses.0.path.mtu.fromServer.mechanism', 'broken'],
  ['diagnoses.0.path.mtu.fromServer.trials.big', [0]],
  ['diagnoses.0.path.mtu.fromServer.passUpTo', 1280.5],
  ['diagnoses.0.path.mtu.fromServer.sizes.0.result', 'maybe'],
  ['diagnoses.0.path.udp.status', 'open'],
  ['diagnoses.0.path.attempts.0.purpose', 'fun'],
  ['diagnoses.0.path.samples.0.stagesMs', { tls: '20 ms' }],
  ['diagnoses.0.path.notMeasured', { 'loss.sent': null }],
  ['diagnoses.0.findings.0.sources.0.url', 'http://example'],
];

t.test('a breach is found', (t) => {
  for (const [path, value] of BREACHES) {
    t.not(schemaProblems(altered(path, value)).length, 0, `${path} ${JSON.stringify(value)}`);
  }
  t.not(
    schemaProblems(altered('handshakes.0.tcp.newField', 1)).length,
    0,
    'a field that is not documented',
  );
  t.not(schemaProblems({ schema: 'rdp-probe.report/1', type: 'other' }).length, 0);
  t.not(schemaProblems(null).length, 0);
  t.end();
});
