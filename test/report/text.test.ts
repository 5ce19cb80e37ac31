import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { formatDuration, formatMs, formatSpan } from '../../src/report/format.js';
import { standingOf } from '../../src/report/standing.js';
import { renderSummaryText, renderTargetText } from '../../src/report/text.js';
import type { TextStyle } from '../../src/report/text-style.js';
import { displayWidth, truncate, wrap, wrapCommand } from '../../src/report/width.js';
import {
  handshake,
  OUR_WORDS,
  replaceStrings,
  STARTED_AT_MS,
  TRACES,
  type TraceName,
} from '../support/handshake.js';

const NAMES = Object.keys(TRACES) as TraceName[];
const TARGET = 'srv01.corp.example:3389';
const PLAIN: TextStyle = { width: 80, color: false, unicode: true, detail: 'normal' };

function render(handshakes: readonly Handshake[], style: Partial<TextStyle> = {}): string {
  const diagnosis = diagnose(TARGET, handshakes, STARTED_AT_MS);
  return renderTargetText(diagnosis, handshakes, { ...PLAIN, ...style });
}

t.test('the verdict comes first, and the stages show where it died', async (t) => {
  const text = render([handshake('resetAfterClientHello')]);
  const lines = text.split('\n');
  t.match(lines[0], /^✗ srv01\.corp\.example:3389: died in tls: the server reset the connection/);
  const stages = lines.slice(lines.indexOf(lines.find((line) => /^stage /.test(line)) ?? '') + 1);
  t.same(stages.slice(0, 6), [
    'resolve  ✓ completed     0.00  1.90                 ▉',
    'tcp      ✓ completed     1.95  19.9      1          ████████▊',
    'x224     ✓ completed     21.9  20.2      1    0.40           █████████',
    'tls      ✗ failed        42.9  20.2                                    █████████',
    'credssp  · not reached',
    'mcs      · not reached',
  ]);
});

t.test('what was found of a sound server', async (t) => {
  const text = render([handshake('healthy')]);
  for (const line of [
    /^✓ srv01\.corp\.example:3389: nothing wrong was found/,
    /^mcs +· not attempted$/m,
    /^server +10\.0\.0\.2:3389, answers like Windows/m,
    /^protocol +PROTOCOL_HYBRID_EX selected; asked for SSL, HYBRID, HYBRID_EX$/m,
    /^TLS +TLSv1\.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, secp384r1$/m,
    /^certificate +CN=srv01\.corp\.example, self-signed, RSA 2048$/m,
    /^valid +2025-11-02 to 2026-05-03, 122 days left$/m,
    /^thumbprint +9b1c7e02d45fa83b6c0d1e2f3a4b5c6d7e8f9012$/m,
    /^computer +srv01\.corp\.example, SRV01 in domain corp\.example, CORP$/m,
    /^build +10\.0\.20348$/m,
    /^clock +agrees \(1\.2 s apart\)$/m,
    /^network +RTT 19\.8 ms, MSS 1360, path MTU 1500, no retransmission$/m,
    /^ended +by this probe, closed in order at 108\.7 ms$/m,
    /^not measured tcp\.retransmissions\.server, tcp\.icmp, tcp\.fragments: a capture$/m,
    /^not tested +/m,
  ]) {
    t.match(text, line);
  }
});

t.test('the public key is for those who want all of it', (t) => {
  const line = /^public key +c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3$/m;
  t.match(render([handshake('healthy')], { detail: 'verbose' }), line);
  t.notMatch(render([handshake('healthy')]), line);
  t.end();
});

t.test('a report that fills a terminal says its verdict again at the end', async (t) => {
  const lines = render([handshake('ssh')])
    .trimEnd()
    .split('\n');
  t.equal(lines.at(-1), lines[0]);
  const long = render([handshake('resetAfterClientHello')])
    .trimEnd()
    .split('\n');
  t.match(long.at(-1), /^✗ srv01\.corp\.example:3389: died in tls: the server reset .*…$/);
  t.notMatch(render([handshake('ssh')], { detail: 'brief' }).trimEnd(), /\n✗/);
});

t.test('what was found of broken ones', async (t) => {
  const rows: readonly (readonly [TraceName, RegExp])[] = [
    ['expired', /^valid +2025-06-29 to 2025-12-28: expired 3 days ago$/m],
    ['expired', /^proved +The self-signed RDP certificate expired/m],
    ['hybridRequired', /^protocol +refused with HYBRID_REQUIRED_BY_SERVER \(5\); asked for/m],
    ['hybridRequired', /^x224 +✗ failed/m],
    ['ssh', /^protocol +not RDP: SSH$/m],
    ['timeout', /^tcp +✗ failed/m],
    ['notFound', /^! .* does not resolve$/m],
    ['standardRdp', /^tls +· not applicable$/m],
    ['standardRdp', /^MCS +RDP 5\.0, encryption ENCRYPTION_METHOD_128BIT/m],
    ['standardRdp', /^RDP key +proprietary certificate, 2048 bits$/m],
    ['resetAfterClientHello', /^ended +by the server with a reset at 63\.1 ms$/m],
  ];
  for (const [name, line] of rows) t.match(render([handshake(name)]), line, name);
});

t.test('no line is wider than the terminal', async (t) => {
  for (const name of NAMES) {
    for (const width of [40, 60, 80, 110]) {
      for (const detail of ['brief', 'normal', 'verbose'] as const) {
        for (const unicode of [true, false]) {
          const text = render([handshake(name)], { width, detail, unicode, color: true });
          const wide = text.split('\n').filter((line) => displayWidth(line) > width);
          t.same(wide, [], `${name} at ${width}, ${detail}`);
        }
      }
    }
  }
  const wideName = '漢字'.repeat(30);
  const named = replaceStrings(handshake('healthy'), OUR_WORDS, wideName);
  const text = render([named, { ...named, id: 1 }]);
  t.same(
    text.split('\n').filter((line) => displayWidth(line) > 80),
    [],
  );
});

t.test('colours only where they are wanted, ASCII only where that is all there is', async (t) => {
  t.notOk(render([handshake('healthy')]).includes('\u001b'));
  t.ok(render([handshake('healthy')], { color: true }).startsWith('\u001b[1m\u001b[32m✓'));
  t.match(render([handshake('expired')], { unicode: false, detail: 'verbose' }), /^[\n -~]*$/);
});

t.test('verbose shows every event, every cause and the sources', async (t) => {
  const seen = handshake('resetAfterClientHello');
  const normal = render([seen]);
  const verbose = render([seen], { detail: 'verbose' });
  t.match(normal, /--explain shows what speaks for each/);
  t.notMatch(normal, /^events$/m);
  t.match(verbose, /^events$/m);
  t.match(verbose, /42\.9 +client +tls-client-hello/);
  t.match(verbose, /63\.1 +server +tcp-end +how reset/);
  t.match(verbose, /^ {2}sources +/m);
  t.match(verbose, /^signals\ntls\.rst-after-client-hello +the server reset the connection/m);
  t.notMatch(normal, /^signals$/m);
  t.match(verbose, /tcp\.icmp: only a capture shows ICMP messages/);
});

t.test('explained: every cause in full with its weights, and no events', async (t) => {
  const seen = handshake('hybridRequired');
  const explained = render([seen], { detail: 'explained' });
  t.match(explained, /^ {2}weighs +x224\.neg-failure-5 \(decisive\)$/m);
  t.notMatch(explained, /^(events|signals)$/m);
  t.notMatch(explained, /--explain shows/);
  t.notMatch(render([seen]), /^ {2}weighs/m);
  const several = render([handshake('resetAfterClientHello')], { detail: 'explained' });
  t.match(several, /^possible +The server cannot read[\s\S]*^possible +The private key/m);
  t.ok((several.match(/^ {2}do /gm) ?? []).length >= 4, 'what to do for each');
});

t.test('several addresses of a name are compared', async (t) => {
  const differing = render([
    handshake('healthy'),
    handshake('refused', { id: 1, address: '2001:db8::2' }),
  ]);
  t.match(differing, /^10\.0\.0\.2 +ok +HYBRID_EX +TLSv1\.2 +9b1c7e02 +SRV01 +19\.8 ms$/m);
  t.match(differing, /^\[2001:db8::2\] +tcp: refused$/m);
  t.match(differing, /^they differ in: outcome$/m);
  t.match(differing, /^\[2001:db8::2\]:3389: the TCP connection was refused/m);

  const other = handshake('healthy', { id: 1, address: '2001:db8::2' });
  const [own] = other.tls.certificates;
  if (own === undefined) throw new TypeError('the fixture has a certificate');
  const moved = {
    ...other,
    tls: { ...other.tls, certificates: [{ ...own, sha1: 'ff'.repeat(20) }] },
  };
  t.match(render([handshake('healthy'), moved]), /^they differ in: thumbprint$/m);
  t.match(render([handshake('healthy'), other]), /^they do not differ$/m);
});

t.test('how a target stands', async (t) => {
  const rows: readonly (readonly [TraceName, ReturnType<typeof standingOf>])[] = [
    ['healthy', 'fine'],
    ['standardRdp', 'fine'],
    ['expired', 'problem'],
    ['resetAfterClientHello', 'problem'],
    ['hybridRequired', 'problem'],
    ['ssh', 'problem'],
    ['timeout', 'problem'],
    ['refused', 'problem'],
    ['notFound', 'not-tried'],
    ['unreachable', 'not-tried'],
  ];
  for (const [name, standing] of rows) {
    const seen = [handshake(name)];
    t.equal(standingOf(diagnose(TARGET, seen, STARTED_AT_MS), seen), standing, name);
  }
  const mixed = [handshake('unreachable'), handshake('healthy', { id: 1 })];
  const judged = { ...diagnose(TARGET, mixed, STARTED_AT_MS), findings: [] };
  t.equal(standingOf(judged, mixed), 'fine', 'an address without a way to it spoils nothing');
});

t.test('a summary has one line a target', async (t) => {
  const handshakes = [handshake('healthy'), handshake('ssh', { id: 1 })];
  const diagnoses = handshakes.map((seen) => diagnose(TARGET, [seen], STARTED_AT_MS));
  const lines = renderSummaryText({ handshakes, diagnoses }, PLAIN).split('\n');
  t.equal(lines[0], '2 targets, 1 fine');
  t.match(lines[1], /^✓ srv01\.corp\.example:3389 {2}nothing wrong was found/);
  t.match(lines[2], /^✗ srv01\.corp\.example:3389 {2}port 3389 speaks SSH, not RDP/);
  t.equal(lines.length, 4);
});

t.test('widths, breaks and figures', async (t) => {
  t.equal(displayWidth('漢字a\u0301\u001b[31mx\u001b[39m'), 6);
  t.equal(truncate('\u001b[31m漢字字\u001b[39m', 5), '\u001b[31m漢字…\u001b[39m');
  t.same(wrap('one two three', 7), ['one two', 'three']);
  t.same(wrap('abcdefgh', 3), ['abc', 'def', 'gh']);
  t.same(wrap('', 3), ['']);
  t.same(wrapCommand('Get-A -B 1 | Select C,D', 16), ['Get-A -B 1 |', 'Select C,D']);
  t.same([0.004, 1.9, 42.13, 999.96, 10_002].map(formatMs), [
    '0.00',
    '1.90',
    '42.1',
    '1000.0',
    '10002',
  ]);
  t.same([5, 9_999, 10_000, 300_000].map(formatDuration), [
    '5.00 ms',
    '9999 ms',
    '10.0 s',
    '5 minutes',
  ]);
  t.same([30_000, 3.6e6, 86_400_000 * 400, 86_400_000 * 800].map(formatSpan), [
    '30 seconds',
    '1 hour',
    '400 days',
    '2 years',
  ]);
});
