import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import { toGatewayReport } from '../../src/handshake/gateway-summary.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { buildReport } from '../../src/report/build-report.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { escapeMarkdown, fenced, markdownLink } from '../../src/report/markdown-text.js';
import type { Report } from '../../src/report/report.js';
import { REFUSED_AT_GATEWAY } from '../support/gateway-fixtures.js';
import { HOSTILE, handshake, STARTED_AT_MS, TRACES, type TraceName } from '../support/handshake.js';
import { PATHS } from '../support/path-fixtures.js';
import { SCAN } from '../support/scan-fixtures.js';

const TARGET = 'srv01.corp.example:3389';
function reportOf(handshakes: readonly Handshake[], changes: Partial<Diagnosis> = {}): Report {
  return buildReport({
    version: '0.1.0',
    command: 'check',
    generatedAt: '2026-01-01T00:00:00.000000Z',
    handshakes,
    diagnoses: [{ ...diagnose(TARGET, handshakes, STARTED_AT_MS), ...changes }],
  });
}

t.test('text of others comes out as it is', (t) => {
  const rows = [
    ['plain words, 5.1 ms (TLSv1.2)', 'plain words, 5.1 ms (TLSv1.2)'],
    ['PROTOCOL_HYBRID_EX', 'PROTOCOL_HYBRID_EX'],
    ['_slanted_ and *bold*', '\\_slanted\\_ and \\*bold\\*'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['10.0.0.1', '10.0.0.1'],
    ['[x](javascript:alert)', '\\[x\\](javascript:alert)'],
    ['![x](https://evil.example/p.png)', '!\\[x\\](https\\://evil.example/p.png)'],
    ['see www.evil.example', 'see www\\.evil.example'],
    ['<b>&amp;</b>', '\\<b\\>\\&amp;\\</b\\>'],
    ['a | b', 'a \\| b'],
    ['`code`', '\\`code\\`'],
    ['C:\\x', 'C:\\\\x'],
    ['@everyone #12 ~~gone~~ $x$ ^y', '\\@everyone \\#12 \\~\\~gone\\~\\~ \\$x\\$ \\^y'],
    ['two\nlines\u202e', 'two\\\\x0alines\\\\u202e'],
  ] as const;
  for (const [text, escaped] of rows) t.equal(escapeMarkdown(text), escaped);
  t.same(fenced('a ``` b'), ['````', 'a ``` b', '````']);
  t.equal(markdownLink('x', 'javascript:alert(1)'), 'x');
  t.equal(markdownLink('x', 'https://a.example/> [y](z'), 'x');
  t.equal(markdownLink('a]b', 'https://a.example/c'), '[a\\]b](<https://a.example/c>)');
  t.end();
});

t.test('what is pasted: verdict, causes, stages, and what is not known', (t) => {
  const text = renderMarkdown(reportOf([handshake('resetAfterClientHello')]));
  const lines = text.split('\n');
  t.equal(lines[0], '## srv01.corp.example:3389');
  t.match(lines[2], /^\*\*Problem\.\*\* died in tls: the server reset/);
  t.match(text, /^### Why\n\n\*\*possible: /m);
  t.match(text, /^1\. On the server: .*\n {3}```\n {3}.+\n {3}```$/m);
  t.match(text, /^\| tls \| failed \| 42\.9 \| 20\.2 \| {2}\| {2}\|$/m);
  t.match(text, /^- \*\*protocol\*\*: PROTOCOL_HYBRID_EX selected/m);
  t.match(text, /^### Not tested\n\n- /m);
  t.match(text, /rdp-probe 0\.1\.0, check, 2026-01-01T00:00:00Z\n$/);
  t.notMatch(text, /\n\n\n/);
  t.end();
});

t.test('path and scan', (t) => {
  const text = renderMarkdown(
    reportOf([handshake('healthy')], { path: PATHS.holeFromServer, scan: SCAN }),
  );
  for (const line of [
    /^\| from server \| black hole \| 1280 \| 1281 \| 1500 \| 1460 \| 1280 bytes pass/m,
    /^\| round trip \| 5 \| 50\.1 \| 50\.9 \| 53\.8 \| 53\.8 \|$/m,
    /^- \*\*loss\*\*: 0 of 212 packets to the server/m,
    /^\| The certificate is self-signed \| .* \| self-signed \|$/m,
    /^\| 0x0B TLS NLA NLA-EX \| NLA-EX \|$/m,
    /^\| TLS 1\.2 \| accepted \| TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_RSA/m,
    /^\| mstsc of Windows XP \| cannot \| {2}\| the server wants NLA \|$/m,
    /^- \*\*version 2\*\*: Vista to Windows 7 without the fix$/m,
  ]) {
    t.match(text, line);
  }
  t.end();
});

t.test('the way through a gateway', (t) => {
  const text = renderMarkdown(reportOf([], { gateway: toGatewayReport(REFUSED_AT_GATEWAY) }));
  t.match(text, /^### Gateway\n\n- \*\*server\*\*: gw\.example:443, 192\.0\.2\.1:443$/m);
  t.match(text, /^- \*\*steps\*\*: ✓ tcp 20\.0 ms, ✓ tls/m);
  t.match(text, /^- \*\*stopped\*\*: in authentication: the gateway refuses this user and pass/m);
  t.end();
});

t.test('every table has as many cells in each line', (t) => {
  for (const name of Object.keys(TRACES) as TraceName[]) {
    const hostile = { ...handshake(name), server: { address: 'a|b\n|c', port: 1, name: null } };
    const text = renderMarkdown(reportOf([hostile, { ...hostile, id: 1 }], { scan: SCAN }));
    let before: number | null = null;
    for (const line of text.split('\n')) {
      const cells = line.startsWith('|') ? line.split(/(?<!\\)\|/).length : null;
      if (cells !== null && before !== null) t.equal(cells, before, line);
      before = cells;
    }
  }
  t.end();
});

t.test('a hostile name adds no line, no control and no markup', (t) => {
  const payload = `${HOSTILE}\n# head\n<script>\n| a | b |\n\`\`\``;
  const base = handshake('healthy');
  const count = (name: string): number => {
    const seen = {
      ...base,
      server: { ...base.server, address: name },
      outcome: { ...base.outcome, detail: name },
    };
    const text = renderMarkdown(
      reportOf([seen], { target: name, verdict: name, notTested: [name] }),
    );
    t.match(text.replaceAll('\n', ''), /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u);
    t.notMatch(text, /(?<!\\)<script/);
    return text.split('\n').length;
  };
  t.equal(count(payload), count('plain'));
  t.end();
});

t.test('many targets: a line each, and no more than a ticket takes', (t) => {
  const one = handshake('resetAfterClientHello');
  const handshakes = Array.from({ length: 1000 }, (_, id) => ({ ...one, id }));
  const diagnoses = handshakes.map((each) => diagnose(`srv${each.id}:3389`, [each], STARTED_AT_MS));
  const text = renderMarkdown({ ...reportOf([]), handshakes, diagnoses });
  t.match(text, /^## 1000 targets, 0 fine\n/);
  t.match(text, /^and 460 more: the JSON report has all of them$/m);
  t.ok(text.length < 400_000, `${text.length} characters`);
  t.end();
});
