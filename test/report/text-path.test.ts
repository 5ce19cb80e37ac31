import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import type { PathReport } from '../../src/handshake/path.js';
import { formatPercent, formatProbability } from '../../src/report/format.js';
import { standingOf } from '../../src/report/standing.js';
import { renderTargetText } from '../../src/report/text.js';
import type { TextStyle } from '../../src/report/text-style.js';
import { displayWidth } from '../../src/report/width.js';
import { changed, died } from '../support/diagnose-fixtures.js';
import { replaceStrings, STARTED_AT_MS } from '../support/handshake.js';
import {
  CLEAN_DIRECTION,
  hole,
  NO_SPREAD,
  PATHS,
  type PathName,
  pathReport,
} from '../support/path-fixtures.js';

const NAMES = Object.keys(PATHS) as PathName[];
const PLAIN: TextStyle = { width: 80, color: false, unicode: true, detail: 'normal' };

function render(
  path: PathReport,
  style: Partial<TextStyle> = {},
  handshakes: readonly Handshake[] = [],
): string {
  const diagnosis = diagnose('srv01.corp.example:3389', handshakes, STARTED_AT_MS, path);
  return renderTargetText(diagnosis, handshakes, { ...PLAIN, ...style });
}

function linesOf(text: string): readonly string[] {
  return text.split('\n');
}

t.test('a hole at a glance', (t) => {
  const lines = linesOf(render(PATHS.holeFromServer));
  t.same(lines.slice(0, 14), [
    '✗ srv01.corp.example:3389: everything above 1280 bytes from the server vanishes:',
    '  12 of 12 small and 0 of 6 large arrived, p = 5e-5',
    '',
    'path',
    '! set the tunnel MTU to 1280 or clamp the MSS to 1240',
    '',
    'packets      limit            pass       fail   tested   MSS  small  large',
    'to server    ✓ none met    to 1500       none  to 1500  1460  17/17',
    'from server  ✗ black hole  to 1280  from 1281  to 1500  1460  12/12    0/6',
    '',
    'to server    576 ●·························●···········●····●·●●●●·●●●●·●●● 1500',
    'from server  576 ●·························●···········●····◐·············○ 1500',
    '● passed, ◐ the limit is here, ○ vanished, · not tried, bytes of IP packets',
    '',
  ]);
  t.end();
});

t.test('the picture marks only what was tried', (t) => {
  const path = pathReport({
    mtu: {
      toServer: { ...CLEAN_DIRECTION, sizes: [] },
      fromServer: {
        ...hole(1400),
        sizes: [
          { bytes: 1000, result: 'passed', sent: 1, attempt: 0 },
          { bytes: 1250, result: 'unclear', sent: 1, attempt: 0 },
          { bytes: 1500, result: 'vanished', sent: 1, attempt: 0 },
        ],
      },
    },
  });
  // 40 columns: 13 for the label, 5 for each number and its space, 17 for the axis.
  const lines = linesOf(render(path, { width: 40 }));
  const pictures = lines.filter((line) => /\d [●○?·]+ \d/.test(line));
  t.same(pictures, ['from server  1000 ●·······?·······○ 1500']);
  const ascii = linesOf(render(path, { width: 40, unicode: false }));
  t.ok(ascii.includes('from server  1000 #.......?.......x 1500'));

  const one = pathReport({
    mtu: {
      toServer: { ...CLEAN_DIRECTION, sizes: [] },
      fromServer: PATHS.mssClamped.mtu.fromServer,
    },
  });
  t.notMatch(render(one), /not tried/, 'one size is no picture');
  t.end();
});

t.test('what each kind of path shows', (t) => {
  const rows: readonly (readonly [PathName, RegExp])[] = [
    ['clean', /^✓ srv01.*: packets of 1500 bytes pass in both directions/],
    ['clean', /^round trip +5 +50\.1 +50\.9 +53\.8 +53\.8 +1\.45$/m],
    ['clean', /^tls +5 .* 2\.1$/m],
    ['clean', /^round trips {2}50\.0 ███▃▃▃···▃▃▃ 54\.0 ms$/m],
    ['clean', /1 of 5 shaky/],
    ['clean', /^loss +0 of 212 packets to the server, 0 %, 95 % interval 0 % to 1\.8 %;$/m],
    ['clean', /^UDP +✓ answered in 50\.6 ms, up to 1260 bytes, version 0x101/m],
    ['clean', /^aside +\(no proof\) ping: 1500 bytes come back/m],
    ['clean', /^made +9 connections of at most 12, 1 datagram, interface MTU 1500$/m],
    ['holeToServer', /^to server +✗ black hole +to 1400 +from 1401/m],
    ['holeBoth', /^UDP +not tested: it was not asked for$/m],
    ['pmtud', /^to server +✓ MTU discovered +to 1280 +from 1281/m],
    ['pmtud', /learned\s+MTU 1280; reported by 10\.77\.1\.1$/m],
    ['pmtud', /◇ refused by ICMP/],
    ['mssClamped', /^from server {2}✓ MSS clamped +to 1280 +none +to 1280 +1240/m],
    ['repairedLate', /^from server {2}✗ repaired late/m],
    ['heavyLoss', /^from server {2}… inconclusive +none +none +to 1500/m],
    ['heavyLoss', /^loss +43 of 214 packets to the server, 20 %, 95 % interval 15 % to 26 %;$/m],
    ['heavyLoss', /SYNs sent again: 3 of 12; 4 sent again needlessly; 7 from/],
    ['heavyLoss', /p =\s+0\.065 by Fisher's test/],
    ['noKernel', /^packet sizes not measured: the kernel of this machine does not tell what was$/m],
    ['noKernel', /^not measured loss\.sent, mtu\.toServer, mtu\.fromServer, interfaceMtu: the/m],
    ['noKernel', /round trips as this process\s+saw them/],
    ['noKernel', /^not tested +packet sizes to the server; packet sizes from the server; UDP$/m],
    ['udpSilent', /^UDP +… silent: no answer to 3 datagrams/m],
  ];
  for (const [name, pattern] of rows) t.match(render(PATHS[name]), pattern, name);
  t.notMatch(render(PATHS.noKernel), /^loss/m);
  t.match(
    render({ ...PATHS.udpSilent, udp: { ...PATHS.udpSilent.udp, status: 'icmp-unreachable' } }),
    /^UDP +✗ refused by ICMP/m,
  );
  t.match(
    render(pathReport({ eventLoopDelayMs: 41 })),
    /this\s+process\s+was\s+late\s+by\s+up\s+to\s+41\.0\s+ms/,
  );
  t.match(render(pathReport({ terminatedBy: 'a proxy' })), /^in between +a proxy$/m);
  t.end();
});

t.test('beside a handshake the path says its verdict where nothing above has said it', (t) => {
  const fine = linesOf(render(PATHS.clean, {}, [changed()]));
  const title = fine.indexOf('path');
  t.equal(
    fine[title + 1],
    'packets of 1500 bytes pass in both directions, no loss in 212 packets, RTT 50.9',
  );
  const broken = linesOf(render(PATHS.holeFromServer, {}, [changed()]));
  t.match(broken[broken.indexOf('path') + 1], /^! set the tunnel MTU/);
  t.end();
});

t.test('the trials of the path are not shown as handshakes', (t) => {
  const further = { ...changed({ id: 1 }), purpose: 'path' };
  const text = render(PATHS.clean, {}, [changed(), further]);
  t.equal(text, render(PATHS.clean, {}, [changed()]));
  t.end();
});

t.test('detail: less and more', (t) => {
  const brief = render(PATHS.holeFromServer, { detail: 'brief' });
  t.match(brief, /^from server {2}✗ black hole/m);
  t.notMatch(brief, /^(times|loss|UDP|made)/m);
  const verbose = render(PATHS.holeFromServer, { detail: 'verbose' });
  t.match(verbose, /^connections$/m);
  t.match(verbose, /^ 2 +14\.0 s from-server +MSS 1241: the first size above the limit/m);
  t.match(verbose, /died in tls: no answer within 10 s \(handshake 0\)/);
  t.match(verbose, /^from server vanished +1281 \(sent 3 times, 2\), 1500 \(sent 3 times, 1\)$/m);
  t.match(verbose, /^1260 bytes +MTU 1232, version 0x101, answer of 1260 bytes, 50\.6 ms$/m);
  t.match(verbose, /^4\.8 s +53\.8 +54\.1 +54\.7 +113\.6 +55\.8 {2}shaky$/m);
  t.match(verbose, /^to server +every size passed/m);
  t.notMatch(render(PATHS.holeFromServer), /^connections$/m);

  const [sample] = PATHS.clean.samples;
  if (sample === undefined) throw new Error('the fixture has a sample');
  const lost = { ...sample, rttMs: null, synRetransmissions: 2, shaky: false };
  const many = pathReport({ samples: [...Array.from({ length: 119 }, () => sample), lost] });
  t.match(render(many, { detail: 'verbose' }), /^and 20 more$/m);
  t.match(render(pathReport({ samples: [lost] }), { detail: 'verbose' }), /SYN x2$/m);
  t.end();
});

t.test('a histogram of many bins fits, and of one is none', (t) => {
  const bins = Array.from({ length: 200 }, (_, index) => ({
    fromMs: index,
    toMs: index + 1,
    count: index === 199 ? 80 : index % 2,
  }));
  const text = render(pathReport({ rtt: { ...PATHS.clean.rtt, histogram: bins } }), { width: 60 });
  // 60 columns: 13 and "0.00 " before, " 200.0 ms" after: 33 cells of 7 bins each need 29.
  t.match(text, /^round trips {2}0\.00 ▁{28}█ 200\.0 ms$/m);
  t.notMatch(render(PATHS.noKernel), /^round trips /m);
  t.notMatch(
    render(pathReport({ rtt: { ...PATHS.clean.rtt, ...NO_SPREAD, histogram: [] }, stages: [] })),
    /^times/m,
  );
  t.end();
});

t.test('no line is wider than the terminal, ASCII is ASCII, colours only where wanted', (t) => {
  for (const name of NAMES) {
    for (const width of [40, 60, 72, 80, 120]) {
      for (const detail of ['brief', 'normal', 'verbose'] as const) {
        for (const unicode of [true, false]) {
          const text = render(PATHS[name], { width, detail, unicode, color: true }, [changed()]);
          const wide = linesOf(text).filter((line) => displayWidth(line) > width);
          t.same(wide, [], `${name} at ${width}, ${detail}`);
        }
      }
    }
    t.match(render(PATHS[name], { unicode: false, detail: 'verbose' }), /^[\n -~]*$/);
    t.notOk(render(PATHS[name], { detail: 'verbose' }).includes('\u001b'));
  }
  t.end();
});

t.test('what came from elsewhere is cleaned', (t) => {
  const hostile = '\u001b]0;owned\u0007 \u202e漢字';
  const path = replaceStrings(
    PATHS.holeFromServer,
    new Set(['none', 'black-hole', 'passed', 'vanished', 'answered', 'kernel']),
    hostile,
  );
  for (const detail of ['normal', 'verbose'] as const) {
    const text = render(path, { detail, width: 60 });
    for (const sign of ['\u001b', '\u0007', '\u202e']) t.notOk(text.includes(sign));
    t.match(text, /\\x1b\]0;owned\\x07/);
    t.same(
      linesOf(text).filter((line) => displayWidth(line) > 60),
      [],
    );
  }
  t.end();
});

t.test('how a target stands with its path', (t) => {
  const rows: readonly (readonly [
    PathReport,
    readonly Handshake[],
    ReturnType<typeof standingOf>,
  ])[] = [
    [PATHS.clean, [], 'fine'],
    [PATHS.udpSilent, [changed()], 'fine'],
    [PATHS.noKernel, [], 'fine'],
    [PATHS.holeFromServer, [], 'problem'],
    [PATHS.holeFromServer, [changed()], 'problem'],
    [PATHS.heavyLoss, [changed()], 'problem'],
    [PATHS.clean, [died('tls', 'timeout')], 'problem'],
    [PATHS.clean, [changed(), { ...died('tls', 'timeout', { id: 1 }), purpose: 'path' }], 'fine'],
    [pathReport({ rtt: { ...PATHS.clean.rtt, ...NO_SPREAD } }), [], 'not-tried'],
  ];
  for (const [path, handshakes, standing] of rows) {
    const diagnosis = diagnose('srv01.corp.example:3389', handshakes, STARTED_AT_MS, path);
    t.equal(standingOf(diagnosis, handshakes), standing, diagnosis.verdict);
  }
  t.end();
});

t.test('figures', (t) => {
  t.same([5.387e-5, 0.0009, 0.0654, 0.5, 1].map(formatProbability), [
    '5e-5',
    '9e-4',
    '0.065',
    '0.5',
    '1',
  ]);
  t.same([0, 0.0178, 0.0996, 0.2009, 1].map(formatPercent), [
    '0 %',
    '1.8 %',
    '10 %',
    '20 %',
    '100 %',
  ]);
  t.end();
});
