import t from 'tap';
import { CAUSES } from '../../src/diagnose/catalogue/catalogue.js';
import { CODE_TABLES } from '../../src/diagnose/catalogue/code-tables.js';
import { WINDOWS_EVENTS } from '../../src/diagnose/catalogue/windows-events.js';
import { explain } from '../../src/diagnose/explain.js';
import { cleanStrings } from '../../src/report/clean.js';
import { renderExplanation } from '../../src/report/text-explain.js';
import type { TextStyle } from '../../src/report/text-style.js';
import { displayWidth } from '../../src/report/width.js';

const PLAIN = { width: 80, color: false, unicode: false } as const;

function told(asked: readonly string[], style: TextStyle): readonly string[] {
  const result = explain(asked);
  if (!result.known) throw new TypeError(asked.join(' '));
  return renderExplanation(cleanStrings(result.explanation, { ascii: !style.unicode }), style);
}

t.test('every code, event and cause: 80 columns, ASCII, nothing at the end of a line', (t) => {
  const asked = [
    ...CODE_TABLES.flatMap(({ codes }) =>
      codes.map(({ code }) => [code < 0 ? String(code) : `0x${code.toString(16)}`]),
    ),
    ...WINDOWS_EVENTS.map(({ code }) => ['event', String(code)]),
    ...Object.keys(CAUSES).map((id) => [id]),
    ['0x904', '0x7'],
    ['firewall'],
    ['certificate'],
  ];
  for (const words of asked)
    for (const detail of ['normal', 'verbose'] as const)
      for (const line of told(words, { ...PLAIN, detail }))
        if (displayWidth(line) > 80 || !/^(?:[ -~]*[!-~])?$/.test(line))
          t.fail(`${words.join(' ')}: '${line}'`);
  t.ok(asked.length > 400, 'all of them');
  t.end();
});

t.test('what is said of the standing', (t) => {
  const text = (...asked: readonly string[]): string =>
    told(asked, { ...PLAIN, detail: 'normal' })
      .join('\n')
      .replaceAll(/\s+/g, ' ');
  t.match(text('0x204'), / means The TCP connect call failed\. /);
  t.match(text('0xb09'), / said .* no official text says so\. /);
  t.match(text('0x904'), /The code names none of these/);
  t.match(text('0x1'), /none of the catalogue: it is no sign of a fault by itself/);
  t.match(text('alert', '80'), /\(inferred\)/, 'an alert does not name a cause');
  t.notMatch(text('0xC000006D'), /\(inferred\)/);
  t.match(text('event', '36874'), /no cipher suite in common/);
  t.end();
});
