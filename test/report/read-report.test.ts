import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { diagnoseAgain } from '../../src/diagnose/diagnose-again.js';
import { buildReport } from '../../src/report/build-report.js';
import { HOST_FACTS_JSON_SCHEMA } from '../../src/report/host-facts-schema.js';
import { renderJson } from '../../src/report/json.js';
import { schemaBreach } from '../../src/report/json-schema.js';
import { mergeReports } from '../../src/report/merge-reports.js';
import { renderDiagnosisLine, renderHandshakeLine } from '../../src/report/ndjson.js';
import { readHostFacts } from '../../src/report/read-host-facts.js';
import { readReport } from '../../src/report/read-report.js';
import { renderTargetText } from '../../src/report/text.js';
import { seededRandom } from '../../src/simulator/seeded-random.js';
import { handshake, STARTED_AT_MS, TRACES, type TraceName } from '../support/handshake.js';
import { HOST } from '../support/host-facts.js';
import { PATHS } from '../support/path-fixtures.js';

const SCHEMA: unknown = JSON.parse(
  readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
);
const NAMES = Object.keys(TRACES) as TraceName[];
const TARGET = 'srv01.corp.example:3389';

/** A report of all kinds of handshakes, with a path. */
function whole() {
  const handshakes = NAMES.map((name, id) => handshake(name, { id }));
  return buildReport({
    version: '0.1.0',
    command: 'check',
    generatedAt: '2026-01-01T00:00:00.000000Z',
    handshakes,
    diagnoses: handshakes.map((one) =>
      diagnose(TARGET, [one], STARTED_AT_MS, one.id < 2 ? PATHS.holeFromServer : null),
    ),
  });
}

const TEXT = renderJson(whole());

function why(text: string): string {
  const read = readReport(text, SCHEMA);
  return read.ok ? 'is whole' : read.why;
}

t.test('reports of earlier versions, which know no fingerprint of the public key', (t) => {
  const earlier = TEXT.replaceAll(/\n *"spkiSha256": "[0-9a-f]{64}",/g, '');
  t.not(earlier, TEXT);
  const read = readReport(earlier, SCHEMA);
  t.ok(read.ok);
  const certificates = read.ok ? read.report.handshakes.flatMap(({ tls }) => tls.certificates) : [];
  t.ok(certificates.length > 0);
  t.ok(certificates.every(({ spkiSha256 }) => spkiSha256 === undefined));
  t.match(why(TEXT.replace(/"spkiSha256": "[0-9a-f]+"/, '"spkiSha256": 7')), /spkiSha256/);
  t.end();
});

t.test('what was written is read back as it was', (t) => {
  const read = readReport(TEXT, SCHEMA);
  t.ok(read.ok);
  t.same(read.ok && read.report, JSON.parse(JSON.stringify(whole())));
  const { handshakes, diagnoses } = whole();
  const lines = [...handshakes.map(renderHandshakeLine), ...diagnoses.map(renderDiagnosisLine)];
  const fromLines = readReport(lines.join(''), SCHEMA);
  t.ok(fromLines.ok, 'also line by line');
  t.same(
    fromLines.ok && [fromLines.report.handshakes, fromLines.report.diagnoses],
    JSON.parse(JSON.stringify([handshakes, diagnoses])),
  );
  const newer = TEXT.replace('"rttMs"', '"newField": 1, "rttMs"');
  t.ok(readReport(newer, SCHEMA).ok, 'a later version of the same schema may know more');
  t.end();
});

/** Text, and what is said of it. */
const REFUSED: readonly (readonly [name: string, text: string, says: RegExp])[] = [
  ['empty', ' \n', /^is empty$/],
  ['words', 'hello', /^is no JSON: it does not begin with \{$/],
  [
    'cut off',
    TEXT.slice(0, 3000),
    /^was cut off: its JSON ends in line \d+ before it is complete$/,
  ],
  [
    'a comma too many',
    TEXT.replace('"command"', ',"command"'),
    /^is no JSON: line \d+, column \d+ cannot be read$/,
  ],
  ['other JSON', '{"a": 1}', /^is no report of rdp-probe: it has no "schema" of ours$/],
  ['a list', '[1]', /^is no report of rdp-probe: it is no JSON object$/],
  [
    'the next version',
    TEXT.replace('report/1', 'report/2'),
    /^is a report of another version \(rdp-probe\.report\/2; this program reads rdp-probe\.report\/1\)/,
  ],
  ['host facts', JSON.stringify(HOST), /^is a file of host facts \(for --host-facts\)/],
  ['a comparison', '{"schema":"rdp-probe.compare/1"}', /^is a comparison of reports/],
  ['an explanation', '{"schema":"rdp-probe.explain/1"}', /^is an answer of explain/],
  ['one line', renderHandshakeLine(handshake('healthy')), /^is one line of --ndjson/],
  [
    'half of a line',
    `${renderHandshakeLine(handshake('healthy'))}{"sch`,
    /^was cut off or changed: its line 2 is no JSON$/,
  ],
  [
    'a value by hand',
    TEXT.replace('"how": "reset"', '"how": "bad-luck"'),
    /by hand: handshakes\[\d+\]\.outcome\.how is "bad-luck", and must be one of "refused"/,
  ],
  [
    'text for a number',
    TEXT.replace(/"port": 3389/, '"port": "3389"'),
    /handshakes\[0\]\.server\.port is "3389", and must be (?:a whole number|null)/,
  ],
  [
    'a field taken out',
    TEXT.replace('"detail"', '"details"'),
    /handshakes\[0\]\.outcome\.detail is missing$/,
  ],
  [
    'an instant',
    TEXT.replace('2026-01-01T00:00:00.000000Z', 'yesterday'),
    /generatedAt is "yesterday", which is not of its form/,
  ],
  [
    'a stage too few',
    TEXT.replace(/"stages": \[\s*\{[^}]*\},/, '"stages": ['),
    /handshakes\[0\]\.stages/,
  ],
  [
    'another id',
    TEXT.replace('"id": 1,', '"id": 7,'),
    /handshakes\[1\]\.id is 7, and must be its position, 1/,
  ],
  [
    'no such handshake',
    TEXT.replace(/"handshakes": \[\s*0\s*\]/, '"handshakes": [99]'),
    /diagnoses\[0\]\.handshakes\[0\] is 99, and there is no such/,
  ],
  [
    'very deep',
    TEXT.replace(
      '"events": [',
      `"events": [{"kind":"x","atMs":0,"a":${'['.repeat(5000)}${']'.repeat(5000)}},`,
    ),
    /^is nested deeper than any report$/,
  ],
];

t.test('what is none is refused, with what is wrong and where', (t) => {
  for (const [name, text, says] of REFUSED) t.match(why(text), says, name);
  t.end();
});

/** Keywords that the check knows, and those that check nothing. */
const KEYWORDS = new Set(
  '$ref type const enum pattern minimum maximum required minItems maxItems propertyNames properties additionalProperties prefixItems items allOf anyOf oneOf if then else $schema $id title description $defs'.split(
    ' ',
  ),
);

function keywordsOf(schema: unknown, isNames = false): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((one) => keywordsOf(one));
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, one]) => [
    ...(isNames ? [] : [key]),
    ...(key === 'const' || key === 'enum'
      ? []
      : keywordsOf(one, !isNames && /^(properties|\$defs)$/.test(key))),
  ]);
}

t.test('the check knows every keyword of the schemas', (t) => {
  for (const schema of [SCHEMA, HOST_FACTS_JSON_SCHEMA]) {
    t.same(
      keywordsOf(schema).filter((keyword) => !KEYWORDS.has(keyword)),
      [],
    );
  }
  const refs = [...JSON.stringify(SCHEMA).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, ref = '']) => ref,
  );
  t.ok(refs.length > 50);
  for (const ref of new Set(refs)) {
    t.doesNotThrow(() => schemaBreach({}, { $defs: Object(SCHEMA).$defs, $ref: ref }), ref);
  }
  t.end();
});

/** Every place in a document, as the keys that lead there. */
function places(
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, one]) => places(one, [...path, key]))];
}

const ROUNDS = 300;

const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e300,
  '',
  'x',
  '2026-01-01',
  [],
  {},
  [null],
  'a'.repeat(700),
];

/** A copy with one value replaced, or taken out. */
function mutated(document: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = structuredClone(document);
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = path.slice(0, -1).reduce<unknown>((part, key) => Object(part)[key], copy);
  if (value === undefined) delete Object(parent)[last];
  else Object(parent)[last] = value;
  return copy;
}

t.test('a changed document: the same verdict as that of ajv, and nothing crashes', (t) => {
  const ajv = new Ajv2020({ strictTypes: false, strictRequired: false });
  const check = ajv.compile(SCHEMA as object);
  const random = seededRandom(20260101);
  const pick = <T>(items: readonly T[]): T => items[random() % items.length] as T;
  const document: unknown = JSON.parse(TEXT);
  const everywhere = places(document);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const path = pick(everywhere);
    const value = pick([...ODD, undefined]);
    const changed = mutated(document, path, value);
    const breach = schemaBreach(changed, SCHEMA);
    if (check(changed) !== (breach === null)) {
      t.fail(`${path.join('.')} = ${JSON.stringify(value)}: ${JSON.stringify(breach)}`);
    }
    const read = readReport(JSON.stringify(changed) ?? '', SCHEMA);
    if (!read.ok) {
      refused++;
      continue;
    }
    const style = { width: 80, color: false, unicode: true, detail: 'verbose' } as const;
    const { handshakes, diagnoses, generatedAt } = read.report;
    for (const one of diagnoses.slice(0, 30)) {
      const own = one.handshakes.flatMap((id) => handshakes[id] ?? []);
      if (!own.some(({ id }) => path[1] === id) && path[0] !== 'diagnoses') continue;
      renderTargetText(diagnoseAgain(one, own, Date.parse(generatedAt), HOST), own, style);
    }
  }
  t.ok(refused > 0.2 * ROUNDS && refused < 0.98 * ROUNDS, `${refused} of ${ROUNDS} were refused`);
  t.end();
});

t.test('reports one behind the other: ids go on', (t) => {
  const one = { ...whole(), captures: [] };
  const both = mergeReports([one, one]);
  const count = one.handshakes.length;
  t.same(
    both.handshakes.map(({ id }) => id),
    Array.from({ length: 2 * count }, (_, index) => index),
  );
  t.same(both.diagnoses[count]?.handshakes, [count]);
  const attempts = both.diagnoses[count]?.path?.attempts.map((each) => each.handshake);
  t.same(
    attempts,
    one.diagnoses[0]?.path?.attempts.map((each) =>
      each.handshake === null ? null : each.handshake + count,
    ),
  );
  const evidence = both.diagnoses
    .slice(count)
    .flatMap(({ findings }) => findings.flatMap((each) => each.evidence));
  t.ok(evidence.every((each) => each.handshake === null || each.handshake >= count));
  t.end();
});

/** As ConvertTo-Json of Windows PowerShell 5.1 prints a list that was wrapped: `value` and `Count`. */
function asWindowsPowerShell(value: unknown, wrap: boolean): unknown {
  if (Array.isArray(value)) {
    const inner = value.map((one) => asWindowsPowerShell(one, wrap));
    return wrap ? { value: inner, Count: inner.length } : inner;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, asWindowsPowerShell(one, wrap)]),
  );
}

t.test('host facts, as PowerShell and consoles print them', (t) => {
  const plain = readHostFacts(JSON.stringify(HOST));
  t.same(plain, { ok: true, facts: HOST });
  t.same(readHostFacts(JSON.stringify(asWindowsPowerShell(HOST, true), null, 4)), {
    ok: true,
    facts: HOST,
  });
  // A console of 80 columns breaks the lines where they end, also within a string.
  const broken = JSON.stringify(HOST).replace(/.{80}/g, '$&\r\n');
  t.ok(/"[^"]*\r\n[^"]*"/.test(broken));
  t.same(readHostFacts(broken), { ok: true, facts: HOST });
  t.end();
});

t.test('host facts that are none', (t) => {
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    ['', /^is empty$/],
    ['{"computer": 1}', /^is not what the script of rdp-probe host-checks prints$/],
    [
      JSON.stringify({ ...HOST, schema: 'rdp-probe.host-facts/2' }),
      /host facts of another version \(rdp-probe\.host-facts\/2; this/,
    ],
    [TEXT, /^holds no host facts: its schema is "rdp-probe\.report\/1"$/],
    [JSON.stringify(HOST).slice(0, 900), /^was cut off: /],
    [
      JSON.stringify({ ...HOST, takenAt: '1.1.2026' }),
      /takenAt is "1\.1\.2026", which is not of its form: ISO 8601/,
    ],
    [JSON.stringify({ ...HOST, services: 'all' }), /services is "all", and must be/],
    [
      JSON.stringify({ ...HOST, events: Array(2001).fill(null) }),
      /events has 2001 elements, and must have 2000 or fewer/,
    ],
    [
      `{"schema":"rdp-probe.host-facts/1","a":${'['.repeat(4000)}${']'.repeat(4000)}}`,
      /^is not as the script printed it/,
    ],
  ];
  for (const [text, says] of cases) {
    const read = readHostFacts(text);
    t.match(read.ok ? 'is whole' : read.why, says);
  }
  t.equal(schemaBreach(JSON.parse(JSON.stringify(HOST)), HOST_FACTS_JSON_SCHEMA), null);
  t.end();
});
