import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { buildReport } from '../../src/report/build-report.js';
import { cleanStrings, cleanText, escapeJson, MAX_SHOWN_LENGTH } from '../../src/report/clean.js';
import { renderJson } from '../../src/report/json.js';
import { renderDiagnosisLine, renderHandshakeLine } from '../../src/report/ndjson.js';
import { renderSummaryText, renderTargetText } from '../../src/report/text.js';
import type { TextStyle } from '../../src/report/text-style.js';
import { displayWidth } from '../../src/report/width.js';
import {
  HOSTILE,
  handshake,
  OUR_WORDS,
  replaceStrings,
  STARTED_AT_MS,
  TRACES,
  type TraceName,
} from '../support/handshake.js';

const NAMES = Object.keys(TRACES) as TraceName[];

t.test('what does harm is shown as its escape', async (t) => {
  const rows: readonly (readonly [what: string, text: string, shown: string])[] = [
    ['a name as it should be', 'srv01.corp.example', 'srv01.corp.example'],
    ['letters of any script', 'Zoë 漢字 Ωμέγα', 'Zoë 漢字 Ωμέγα'],
    ['an ANSI colour', '\u001b[31mred', '\\x1b[31mred'],
    ['a window title', '\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['the one-byte CSI', '\u009b2J', '\\x9b2J'],
    ['line ends and tabs', 'a\r\nb\tc', 'a\\x0d\\x0ab\\x09c'],
    ['delete', 'a\u007f', 'a\\x7f'],
    ['a bidi override', 'exe.\u202etxt', 'exe.\\u202etxt'],
    ['a bidi isolate', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['zero width', 'a\u200bb\ufeffc', 'a\\u200bb\\ufeffc'],
    ['line separators', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
    ['a tag character', 'a\u{e0041}', 'a\\u{e0041}'],
    ['a variation selector', 'a\ufe0f', 'a\\ufe0f'],
    ['letters drawn as nothing', 'a\u3164\u2800', 'a\\u3164\\u2800'],
    ['a space that is none', 'a\u00a0b\u3000c', 'a b c'],
    ['piled marks', `a${'\u0301'.repeat(50)}b`, 'a\u0301\u0301b'],
  ];
  for (const [what, text, shown] of rows) t.equal(cleanText(text, { ascii: false }), shown, what);
});

t.test('a terminal without Unicode gets ASCII', async (t) => {
  t.equal(cleanText('a – ‘b’ → é…', { ascii: true }), "a - 'b' -> \\xe9...");
  t.match(cleanText(HOSTILE, { ascii: true }), /^[ -~]*$/);
});

t.test('what is too long is cut', async (t) => {
  const shown = cleanText('𝒳'.repeat(100_000), { ascii: false });
  t.equal([...shown].length, MAX_SHOWN_LENGTH + 1);
  t.ok(shown.endsWith('𝒳…'));
  const exact = 'x'.repeat(MAX_SHOWN_LENGTH);
  t.equal(cleanText(exact, { ascii: false }), exact);
});

t.test('every string of a value is cleaned, keys too', async (t) => {
  const cleaned: unknown = cleanStrings(
    { a: ['\u0007', { '\u0008': '\u0009' }], n: 1, z: null, b: true },
    { ascii: false },
  );
  t.same(cleaned, { a: ['\\x07', { '\\x08': '\\x09' }], n: 1, z: null, b: true });
});

function hostileDiagnosis(diagnosis: Diagnosis): Diagnosis {
  return replaceStrings(diagnosis, OUR_WORDS, HOSTILE);
}

/** A handshake in which the peer, and whoever else had a say, wrote what does harm everywhere. */
function hostileHandshake(name: TraceName): Handshake {
  return replaceStrings(handshake(name), OUR_WORDS, HOSTILE);
}

const STYLES: readonly TextStyle[] = [
  { width: 80, color: false, unicode: true, detail: 'normal' },
  { width: 80, color: false, unicode: true, detail: 'brief' },
  { width: 80, color: false, unicode: true, detail: 'verbose' },
  { width: 80, color: false, unicode: false, detail: 'verbose' },
  { width: 60, color: true, unicode: true, detail: 'verbose' },
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OUR_COLOUR_WORDS = /\u001b\[\d+m/g;
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

t.test('nothing of a hostile peer reaches the terminal, in any renderer of text', async (t) => {
  for (const name of NAMES) {
    const seen = hostileHandshake(name);
    const judgements = [
      hostileDiagnosis(diagnose('srv01.example:3389', [handshake(name)], STARTED_AT_MS)),
      diagnose(HOSTILE, [seen], STARTED_AT_MS),
    ];
    for (const diagnosis of judgements) {
      for (const style of STYLES) {
        const texts = [
          renderTargetText(diagnosis, [seen, { ...seen, id: 1 }], style),
          renderSummaryText({ diagnoses: [diagnosis, diagnosis], handshakes: [seen] }, style),
        ];
        for (const text of texts) {
          const lines = (style.color ? text.replace(OUR_COLOUR_WORDS, '') : text).split('\n');
          const bad = lines.filter(
            (line) => HARMFUL.test(line) || displayWidth(line) > style.width,
          );
          t.same(bad, [], `${name}, ${style.detail}`);
        }
      }
    }
  }
});

t.test('JSON keeps hostile strings exact, and is still harmless to look at', async (t) => {
  const seen = hostileHandshake('healthy');
  const diagnosis = diagnose('srv01.example:3389', [seen], STARTED_AT_MS);
  const report = buildReport({
    version: '1.2.3',
    command: 'check',
    generatedAt: '2026-01-01T00:00:00.000000Z',
    handshakes: [seen],
    diagnoses: [diagnosis],
  });
  const json = renderJson(report);
  t.notMatch(json.replace(/\n/g, ''), HARMFUL);
  t.same(JSON.parse(json), report);
  for (const line of [renderHandshakeLine(seen), renderDiagnosisLine(diagnosis)]) {
    t.notMatch(line.slice(0, -1), HARMFUL);
  }
  t.equal(escapeJson('"\u{e0041}"'), '"\\udb40\\udc41"');
});
