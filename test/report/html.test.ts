import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import { toGatewayReport } from '../../src/handshake/gateway-summary.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { buildReport } from '../../src/report/build-report.js';
import { ladderRows } from '../../src/report/html/ladder-rows.js';
import { escapeHtml, html, link } from '../../src/report/html/markup.js';
import { renderHtml } from '../../src/report/html/page.js';
import { PALETTES } from '../../src/report/html/style.js';
import { ticksOf } from '../../src/report/html/svg.js';
import type { CaptureSummary, Report } from '../../src/report/report.js';
import { MAX_TOLD } from '../../src/report/sheet.js';
import { changed, event, messageEvent } from '../support/diagnose-fixtures.js';
import { REFUSED_AT_GATEWAY } from '../support/gateway-fixtures.js';
import {
  HOSTILE,
  handshake,
  OUR_WORDS,
  replaceStrings,
  STARTED_AT_MS,
  TRACES,
  type TraceName,
} from '../support/handshake.js';
import { htmlProblems, readHtml } from '../support/html.js';
import { PATHS } from '../support/path-fixtures.js';
import { EMPTY_SCAN, SCAN } from '../support/scan-fixtures.js';

const NAMES = Object.keys(TRACES) as TraceName[];
const TARGET = 'srv01.corp.example:3389';

const CAPTURE: CaptureSummary = {
  file: 'branch.pcapng',
  packets: 120,
  tcpConversations: 3,
  startedAt: null,
  endedAt: null,
  problems: [{ says: 'a packet was cut off', packet: 7, count: 2 }],
  others: [
    {
      stream: 2,
      client: { address: '10.0.0.1', port: 50_000 },
      server: { address: '10.0.0.9', port: 443 },
      why: 'TLS without RDP before it',
    },
  ],
  failure: null,
};

/** Words that decide how a report is rendered, beside those that every renderer has. */
const DECIDING: ReadonlySet<string> = new Set([
  ...OUR_WORDS,
  ...['live', 'capture', 'verdict', 'follow-up', 'message', 'lookup', 'tcp-end', 'documented'],
  ...['none', 'pmtud', 'black-hole', 'mss-clamped', 'repaired-late', 'inconclusive'],
  ...['not-measured', 'passed', 'vanished', 'answered', 'silent', 'icmp-unreachable', 'not-tested'],
  ...['selected', 'silence', 'accepted', 'unanswered', 'hello', 'only-large-fails', 'not-tried'],
  ...['nla-only', 'required', 'can-connect', 'cannot', 'asked', 'inferred', 'mitigated'],
  ...['x224-request', 'x224-confirm', 'tls-client-hello', 'tls-server-hello', 'tls-certificate'],
  ...['ts-request', 'tls-secured', 'foreign', 'tls-alert', 'msts', '2026-01-01T00:00:00.000000Z'],
]);

function reportOf(
  handshakes: readonly Handshake[],
  changes: Partial<Diagnosis> = {},
  more: Partial<Report> = {},
): Report {
  const diagnosis = diagnose(TARGET, handshakes, STARTED_AT_MS);
  return {
    ...buildReport({
      version: '0.1.0',
      command: 'check',
      generatedAt: '2026-01-01T00:00:00.000000Z',
      handshakes,
      diagnoses: [{ ...diagnosis, ...changes }],
    }),
    ...more,
  };
}

/** Headings of the parts, as they stand. */
function headings(page: string, level: 'h2' | 'h3' | 'h4'): readonly string[] {
  return readHtml(page).flatMap(({ name, text }) => (name === level ? [text] : []));
}

function pictures(page: string): readonly string[] {
  return readHtml(page).flatMap(({ name, inside, text }) =>
    name === 'title' && inside.includes('svg') ? [text] : [],
  );
}

t.test('text of others stays text', (t) => {
  const rows = [
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['" onload="x', '&quot; onload=&quot;x'],
    ["' `", '&#39; &#96;'],
    ['a&lt;b', 'a&amp;lt;b'],
    ['a\u0000b\u001b[2J\u0085', 'a\\x00b\\x1b[2J\\x85'],
    ['a\u202eb\u2066c\u200b', 'a\\u202eb\\u2066c\\u200b'],
    ['line\nline\u2028', 'line\\x0aline\\u2028'],
    ['\ud800', '\\ud800'],
    ['漢字 é', '漢字 é'],
  ] as const;
  for (const [text, escaped] of rows) t.equal(escapeHtml(text), escaped);
  t.equal(
    html`<p class="${'"'}">${['<', html`<b>${'&'}</b>`, 3, null]}</p>`.toString(),
    '<p class="&quot;">&lt;<b>&amp;</b>3</p>',
  );
  const forged = { toString: () => '<script>' } as unknown as string;
  t.throws(() => html`${forged}`.toString(), 'an object that is no markup of ours');
  t.equal(link('x', 'javascript:alert(1)').toString(), 'x');
  t.equal(link('x', 'http://example/').toString(), 'x', 'no page of a report leads to plain HTTP');
  t.match(link('x', 'https://example/?a="b').toString(), /href="https:\/\/example\/\?a=&quot;b"/);
  t.end();
});

t.test('every kind of handshake makes a page that is well formed and can be used', (t) => {
  for (const name of NAMES) t.same(htmlProblems(renderHtml(reportOf([handshake(name)]))), [], name);
  const all = NAMES.map((name, id) => handshake(name, { id }));
  t.same(htmlProblems(renderHtml(reportOf(all))), [], 'all of them of one target');
  t.same(htmlProblems(renderHtml(reportOf([]))), [], 'none');
  t.end();
});

t.test('every kind of path', (t) => {
  for (const [name, path] of Object.entries(PATHS)) {
    const seen = [handshake('healthy')];
    const { findings, verdict } = diagnose(TARGET, seen, STARTED_AT_MS, path);
    const page = renderHtml(reportOf(seen, { path, findings, verdict }));
    t.same(htmlProblems(page), [], name);
    t.ok(headings(page, 'h3').includes('The path'), name);
    const measured = path.mtu.toServer.sizes.length > 0;
    t.equal(pictures(page).includes('Which packet sizes passed in each direction'), measured, name);
  }
  t.end();
});

t.test('a part is there exactly when there is something to say in it', (t) => {
  const healthy = handshake('healthy');
  const connection = [
    'Where the time went',
    'What was said',
    'What the two sides revealed',
    'Certificate',
  ];
  const plain = renderHtml(reportOf([healthy]));
  t.same(headings(plain, 'h3'), ['Why', ...connection, 'What is not known']);
  t.same(pictures(plain), [
    'When each stage of the connection ran',
    'What client and server said to each other',
  ]);
  t.same(headings(renderHtml(reportOf([handshake('refused')])), 'h3'), [
    'Why',
    'Where the time went',
    'What was said',
    'What the two sides revealed',
    'What is not known',
  ]);
  const file = {
    file: 'a.rdp',
    encoding: 'utf-8',
    used: [{ name: 'full address', value: 'srv01', says: 'the host' }],
    told: [],
    ignored: ['audiomode'],
    problems: [],
  } as const;
  const asked = {
    ...handshake('resetAfterClientHello', { id: 1 }),
    purpose: 'follow-up',
    reason: 'whether a small ClientHello is answered',
  };
  const full = renderHtml(
    reportOf(
      [healthy, asked],
      { path: PATHS.holeFromServer, scan: SCAN, rdpFile: file },
      { captures: [CAPTURE] },
    ),
  );
  t.same(htmlProblems(full), []);
  t.same(headings(full, 'h3'), [
    'Why',
    ...connection,
    'What was asked after the failure',
    'The path',
    'What the server takes',
    'The connection file',
    'What is not known',
  ]);
  t.same(headings(full, 'h2'), [TARGET, 'The capture']);
  t.same(
    headings(full, 'h4').slice(-16),
    [
      'Packet sizes',
      'Latency',
      'Loss, UDP, and what it took',
      'Weak settings',
      'Negotiation',
      'Standard RDP security',
      'TLS',
      'TLS without the RDP negotiation',
      'CredSSP',
      'Who can connect: 1 of 3 clients',
      'What was not asked, and what it took',
      'Not tested',
      'Not measured',
    ].slice(-16),
  );
  t.same(pictures(full).slice(2), [
    'Which packet sizes passed in each direction',
    'Round trip times over the measurement',
  ]);
  const empty = renderHtml(reportOf([healthy], { scan: EMPTY_SCAN }));
  t.same(htmlProblems(empty), []);
  t.notOk(headings(empty, 'h4').includes('Negotiation'));
  const { clients: _, credssp: __, ...earlier } = SCAN;
  const saved = renderHtml(reportOf([healthy], { scan: earlier as typeof SCAN }));
  t.same(htmlProblems(saved), []);
  t.notOk(headings(saved, 'h4').includes('CredSSP'));
  t.end();
});

t.test('what the page tells of a scan', (t) => {
  const page = renderHtml(reportOf([handshake('healthy')], { scan: SCAN }));
  const cells = readHtml(page).flatMap(({ name, text }) =>
    name === 'td' || name === 'th' || name === 'dd' ? [text] : [],
  );
  for (const text of [
    '0x0B TLS NLA NLA-EX',
    'failure 5 HYBRID_REQUIRED_BY_SERVER',
    'no negotiation',
    'NLA only',
    'self-signed',
    '128 bit',
    'the server took it',
    '0x7f1c',
    '3DES, CBC, no forward secrecy, SHA-1',
    'TLS 1.2: secp384r1, 0x9999, and perhaps more',
    'alert protocol_version',
    'silence for 2 s',
    'fails in x224',
    'its cipher suites are not documented; its own ClientHello would tell',
    'refused by client',
    'the server began to refuse',
  ]) {
    t.ok(cells.includes(text), text);
  }
  t.end();
});

t.test('the way through a gateway', (t) => {
  const gateway = toGatewayReport(REFUSED_AT_GATEWAY);
  const report = reportOf([], { gateway });
  const page = renderHtml(report);
  t.same(htmlProblems(page), []);
  t.same(headings(page, 'h3').slice(0, 2), ['Why', 'The way through the gateway']);
  t.same(pictures(page), ['When each step on the way through the gateway ran']);
  t.same(headings(page, 'h4'), ['Certificate of the gateway']);
  const texts = readHtml(page).flatMap(({ name, text }) => (name === 'dd' ? [text] : []));
  t.ok(texts.includes('in authentication: the gateway refuses this user and password'));
  t.ok(texts.includes('Negotiate, NTLM'));
  t.match(page, /<p class="standing">Problem<\/p>/);
  const payload = '"><script>';
  const { schema, ...rest } = report;
  const keep = new Set([...DECIDING, 'websocket', ...gateway.steps.map(({ step }) => step)]);
  t.same(htmlProblems(renderHtml({ schema, ...replaceStrings(rest, keep, payload) })), []);
  t.end();
});

t.test('whatever a peer calls itself, nothing of it becomes markup', (t) => {
  const payloads = [
    HOSTILE,
    '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "'/></title></style></svg><iframe src=//evil.example>",
    '<!-- ]]> --> &#60;b&#62; &lt;',
    'x'.repeat(100_000),
  ];
  for (const payload of payloads) {
    const seen = NAMES.slice(0, 3).map((name, id) => handshake(name, { id }));
    const honest = reportOf(
      seen,
      { path: PATHS.holeFromServer, scan: SCAN },
      { captures: [CAPTURE] },
    );
    const { schema, ...rest } = honest;
    const page = renderHtml({ schema, ...replaceStrings(rest, DECIDING, payload) });
    t.same(htmlProblems(page), [], payload.slice(0, 20));
    t.match(page.replaceAll('\n', ''), /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u);
    t.ok(page.length < 1_000_000, `${page.length} characters`);
    // What the strict reader would refuse, said once more in other words.
    t.notMatch(
      page,
      /<(script|img|iframe|link|object|embed|base|form|use|image|a href="(?!https|#))/i,
    );
  }
  t.end();
});

t.test('nothing is loaded from anywhere', (t) => {
  const page = renderHtml(reportOf([handshake('expired')], { path: PATHS.clean, scan: SCAN }));
  const elements = readHtml(page);
  const policy = elements.find(({ attributes }) => attributes.has('http-equiv'));
  t.match(
    policy?.attributes.get('content'),
    /^default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'/,
  );
  const outward = elements.filter(({ attributes }) =>
    [...attributes.values()].some((value) => /^[a-z]+:/i.test(value) && value.includes('//')),
  );
  t.same(new Set(outward.map(({ name }) => name)), new Set(['a']), 'links, and nothing else');
  t.notMatch(elements.find(({ name }) => name === 'style')?.text, /url\(|@import|http/);
  t.end();
});

t.test('text can be read on every ground, in light and in dark', (t) => {
  for (const [name, palette] of Object.entries(PALETTES)) {
    for (const ground of [palette.ground, palette.panel]) {
      for (const colour of ['text', 'dim', 'link', 'good', 'bad', 'warn'] as const) {
        const contrast = contrastOf(palette[colour], ground);
        t.ok(contrast >= 4.5, `${name} ${colour} on ${ground}: ${contrast.toFixed(2)}`);
      }
    }
  }
  t.end();
});

/** Contrast ratio of WCAG 2.1. */
function contrastOf(one: string, other: string): number {
  const [a = 0, b = 0] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

t.test('a report of very much makes a page of bounded size, which says what it leaves out', (t) => {
  const one = handshake('resetAfterClientHello');
  const many = Array.from({ length: 1000 }, (_, id) => ({ ...one, id }));
  const oneTarget = renderHtml(reportOf(many));
  t.same(htmlProblems(oneTarget), []);
  t.ok(oneTarget.length < 100_000, `${oneTarget.length} characters`);
  t.match(oneTarget, /All 1000 connections/);
  t.match(oneTarget, /and 960 more: the JSON report has all of them/);

  const targets = Array.from({ length: 1000 }, (_, id) => ({
    ...diagnose(`srv${id}:3389`, [{ ...one, id }], STARTED_AT_MS),
  }));
  const manyTargets = renderHtml({ ...reportOf(many), diagnoses: targets });
  t.same(htmlProblems(manyTargets), []);
  t.ok(manyTargets.length < 2_500_000, `${manyTargets.length} characters`);
  t.match(manyTargets, /1000 targets, 0 fine/);
  t.match(manyTargets, /and 460 more have no line/);
  t.equal(readHtml(manyTargets).filter(({ name }) => name === 'article').length, MAX_TOLD);

  const flood = changed({
    events: Array.from({ length: 50_000 }, (_, at) =>
      event(at, 'tls-record', { by: at % 2 === 0 ? 'client' : 'server', length: 1 }),
    ),
  });
  const flooded = renderHtml(reportOf([flood]));
  t.same(htmlProblems(flooded), []);
  t.ok(flooded.length < 120_000, `${flooded.length} characters`);
  t.end();
});

t.test('one of several connections decides', (t) => {
  const two = renderHtml(reportOf([handshake('refused'), { ...handshake('healthy', { id: 1 }) }]));
  t.match(two, /Connection 0: where the time went/);
  t.match(two, /Connection 1: where the time went/);
  t.equal(two.match(/this connection decides/g)?.length, 1);
  t.end();
});

t.test('captures, and what of them could not be read', (t) => {
  const broken = { ...CAPTURE, file: 'b.pcap', failure: 'b.pcap: it is no capture' };
  const page = renderHtml(reportOf([handshake('healthy')], {}, { captures: [CAPTURE, broken] }));
  t.same(htmlProblems(page), []);
  t.ok(page.indexOf('Not everything could be read') < page.indexOf('id="t0"'));
  t.match(page, /a packet was cut off, 2 times \(first in packet 7\)/);
  t.match(page, /TLS without RDP before it/);
  const none = { ...reportOf([]), diagnoses: [], captures: [broken] };
  t.same(htmlProblems(renderHtml(none)), []);
  t.end();
});

t.test('the ladder: what went over, in order of time', (t) => {
  const rows = ladderRows(
    changed({
      events: [
        event(0, 'tcp-connect', {}),
        event(1000, 'tcp-accepted', {}),
        messageEvent(1001, 'client', {
          type: 'x224-request',
          requestedProtocols: { value: 3, names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID'] },
        }),
        event(1100, 'tls-record', { by: 'server', length: 10 }),
        event(1101, 'tls-record', { by: 'server', length: 20 }),
        event(1102, 'tls-record', { by: 'client', length: 20 }),
        event(9000, 'silence', {
          waitingFor: 'server',
          stage: 'tls',
          waitedMs: 7898,
          partialBytes: 0,
        }),
        event(null as unknown as number, 'tcp-figures', {
          resent: [{ by: 'client', at: 1_050_000, packet: 5, bytes: 517 }],
          icmp: [
            {
              type: 'fragmentation-needed',
              from: '10.9.9.9',
              about: 'server',
              mtu: 1280,
              at: 1_060_000,
              packet: 6,
            },
          ],
        }),
        event(null as unknown as number, 'kernel', { rttUs: 1 }),
      ],
    }),
  );
  t.same(
    rows.map((row) => [row.kind, row.label, row.kind === 'arrow' ? `${row.from} ${row.note}` : '']),
    [
      ['arrow', 'SYN', 'client '],
      ['arrow', 'SYN/ACK', 'server '],
      ['arrow', 'X.224 request', 'client SSL, HYBRID'],
      ['arrow', 'sent again', 'client 517 bytes'],
      ['arrow', 'ICMP fragmentation-needed', 'network MTU 1280, from 10.9.9.9'],
      ['arrow', 'encrypted', 'server 2 records'],
      ['arrow', 'encrypted', 'client 1 record'],
      ['pause', '7898 ms', ''],
      ['note', 'server silent for 7898 ms', ''],
    ],
    'what was counted at the end stands where it happened',
  );
  const icmp = rows.find((row) => row.label.startsWith('ICMP'));
  t.match(icmp, { by: 'client' }, 'it goes to the server, whose packet it is about');
  t.end();
});

t.test('every event of every fixture has a place in the ladder, or is known to have none', (t) => {
  for (const name of NAMES) {
    for (const row of ladderRows(handshake(name))) {
      t.ok(row.label !== '' && row.label.length <= 34, `${name}: ${row.label}`);
    }
  }
  t.end();
});

t.test('axes', (t) => {
  t.same(ticksOf(0, 100, 4), [0, 50, 100]);
  t.same(ticksOf(576, 1500, 6), [600, 800, 1000, 1200, 1400]);
  t.same(ticksOf(0, 0.35, 4), [0, 0.1, 0.2, 0.3]);
  t.same(ticksOf(5, 5, 4), [5]);
  t.same(ticksOf(0, Number.NaN, 4), [0]);
  t.end();
});
