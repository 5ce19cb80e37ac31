import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Diagnosis, Finding } from '../../src/diagnose/finding.js';
import type { Handshake, TlsReport } from '../../src/handshake/handshake.js';
import type { DirectionReport, PathReport } from '../../src/handshake/path.js';
import { changed, died, event, messageEvent } from '../support/diagnose-fixtures.js';
import { handshake, STARTED_AT_MS } from '../support/handshake.js';
import {
  CLEAN_DIRECTION,
  hole,
  NO_LOSS,
  NO_SPREAD,
  NOT_MEASURED_DIRECTION,
  PATHS,
  type PathName,
  pathReport,
  spread,
  UDP_ANSWERED,
} from '../support/path-fixtures.js';

function diagnosed(path: PathReport | null, ...handshakes: readonly Handshake[]): Diagnosis {
  return diagnose('srv01.corp.example:3389', handshakes, STARTED_AT_MS, path);
}

function brief({ findings }: Diagnosis): readonly string[] {
  return findings.map(({ certainty, cause }) => `${certainty} ${cause}`);
}

function only(diagnosis: Diagnosis, cause: string): Finding {
  const found = diagnosis.findings.find((finding) => finding.cause === cause);
  if (found === undefined) throw new Error(`no ${cause} among ${brief(diagnosis).join(', ')}`);
  return found;
}

const HELLO: NonNullable<TlsReport['clientHello']> = {
  versions: ['TLSv1.3'],
  ciphers: [],
  serverName: null,
  bytes: 512,
  ja4: '',
};

/** A handshake that fell silent in TLS, after a ClientHello of so many bytes. */
function stalledInTls(helloBytes = 512): Handshake {
  const seen = died('tls', 'timeout', {
    events: [
      messageEvent(30, 'client', { type: 'tls-client-hello' }),
      event(40, 'silence', { waitingFor: 'server', waitedMs: 10_000, partialBytes: 0 }),
    ],
  });
  return { ...seen, tls: { ...seen.tls, clientHello: { ...HELLO, bytes: helloBytes } } };
}

/** What each path alone gives, beside a handshake that went through. */
const RULES: readonly (readonly [PathName, readonly string[]])[] = [
  ['clean', []],
  ['holeFromServer', ['proved mtu-pmtud-blackhole', 'possible mtu-vpn-no-mss-clamp']],
  [
    'holeToServer',
    [
      'proved mtu-pmtud-blackhole',
      'possible mtu-vpn-no-mss-clamp',
      'possible large-clienthello-intolerant-path',
    ],
  ],
  ['holeBoth', ['proved mtu-pmtud-blackhole', 'possible mtu-vpn-no-mss-clamp']],
  ['pmtud', []],
  ['mssClamped', []],
  ['repairedLate', ['proved mtu-pmtud-blackhole', 'possible mtu-vpn-no-mss-clamp']],
  ['heavyLoss', ['likely packet-loss-on-path']],
  ['noKernel', []],
  ['udpSilent', []],
];

t.test('each kind of path', (t) => {
  for (const [name, findings] of RULES) {
    t.same(brief(diagnosed(PATHS[name], changed())), findings, name);
    t.same(brief(diagnosed(PATHS[name])), findings, `${name}, without a handshake`);
    t.equal(diagnosed(PATHS[name]).path, PATHS[name]);
  }
  t.same(
    RULES.map(([name]) => name),
    Object.keys(PATHS),
    'all kinds',
  );
  t.end();
});

t.test('a hole is told with its direction, its figures and what to set', (t) => {
  const found = only(diagnosed(PATHS.holeFromServer, changed()), 'mtu-pmtud-blackhole');
  t.equal(
    found.says,
    'Packets above 1280 bytes from the server vanish: 12 of 12 smaller ones and 0 of 6 larger ones arrived (p = 5e-5).',
  );
  t.same(
    found.evidence.map(({ says }) => says),
    [
      'from the server: 1280 bytes pass, 1281 bytes vanish without a word, in 2 connections',
      '1281 bytes from the server: sent 3 times, never arrived',
      'aside, ping: 1280 bytes come back, 1281 do not; a round trip tells no direction',
    ],
  );
  t.equal(found.advice[0]?.do, 'set the tunnel MTU to 1280 or clamp the MSS to 1240');
  t.notMatch(found.advice.map((step) => step.do).join('\n'), /minus 40 bytes/);
  t.same(found.against, []);

  const both = only(diagnosed(PATHS.holeBoth, changed()), 'mtu-pmtud-blackhole');
  t.match(
    both.says,
    /1280 bytes to the server vanish.*\. Packets above 1280 bytes from the server/,
  );
  const late = only(diagnosed(PATHS.repairedLate, changed()), 'mtu-pmtud-blackhole');
  t.match(late.says, /; the sender gets around it after 6\.6 s with smaller segments\.$/);
  const rough = pathReport({
    mtu: { toServer: hole(1400, { failsFrom: 1408 }), fromServer: CLEAN_DIRECTION },
    advice: null,
  });
  const found2 = only(diagnosed(rough), 'mtu-pmtud-blackhole');
  t.match(
    found2.says,
    /^Packets above 1400 bytes \(from 1408 at the latest\) to the server vanish/,
  );
  t.match(found2.advice.map((step) => step.do).join('\n'), /Clamp the TCP MSS/);
  const none = pathReport({
    mtu: { toServer: hole(1400, { passUpTo: null, failsFrom: 576 }), fromServer: CLEAN_DIRECTION },
  });
  t.match(only(diagnosed(none), 'mtu-pmtud-blackhole').says, /^Packets of 576 bytes and more/);
  t.end();
});

const DOUBTS: readonly (readonly [string, Partial<DirectionReport>, RegExp])[] = [
  ['chance', { p: 0.001 }, /lost by chance/],
  ['nothing to compare', { p: null }, /cannot be compared/],
  [
    'one connection',
    { sizes: hole(1280).sizes.map((one) => ({ ...one, attempt: 1 })) },
    /only one connection/,
  ],
  [
    'not monotonic',
    { sizes: [...hole(1280).sizes, { bytes: 1400, result: 'passed', sent: 1, attempt: 3 }] },
    /a larger packet did pass/,
  ],
  ['no size', { failsFrom: null }, /no size is known/],
];

t.test('a hole is proved by chance, by two connections and by order of size, or it is not', (t) => {
  for (const [name, changes, against] of DOUBTS) {
    const path = pathReport({
      mtu: { toServer: CLEAN_DIRECTION, fromServer: hole(1280, changes) },
    });
    const found = only(diagnosed(path, changed()), 'mtu-pmtud-blackhole');
    t.equal(found.certainty, 'likely', name);
    t.match(found.against.join(), against, name);
  }
  t.end();
});

t.test('a stall at the stage that needed the size is explained', (t) => {
  const seen = stalledInTls();
  const alone = diagnosed(null, seen);
  t.match(brief(alone).join(), /possible mtu-pmtud-blackhole.*termservice-hung/);

  const explained = diagnosed(PATHS.holeFromServer, seen);
  t.same(brief(explained), ['proved mtu-pmtud-blackhole', 'possible mtu-vpn-no-mss-clamp']);
  t.equal(
    explained.verdict,
    'died in tls: no answer from the server within 10 s after the ClientHello; proved: ' +
      'everything above 1280 bytes from the server vanishes: 12 of 12 small and 0 of 6 large arrived, p = 5e-5',
  );
  t.match(explained.findings[0]?.evidence[0], { handshake: seen.id, atMs: 50 });

  const unsure = pathReport({
    mtu: { toServer: CLEAN_DIRECTION, fromServer: hole(1280, { p: 0.02 }) },
    verdict: 'large packets from the server seem to vanish',
  });
  const doubted = diagnosed(unsure, seen);
  t.equal(brief(doubted)[0], 'likely mtu-pmtud-blackhole');
  t.match(only(doubted, 'termservice-hung').against.join(), /which explains the stall/);
  t.match(doubted.verdict, /; likely: large packets from the server seem to vanish$/);
  t.end();
});

t.test('a hole to the server explains only a ClientHello that needed the size', (t) => {
  t.match(brief(diagnosed(PATHS.holeToServer, stalledInTls(512))).join(), /termservice-hung/);
  t.notMatch(brief(diagnosed(PATHS.holeToServer, stalledInTls(1500))).join(), /termservice-hung/);
  const { verdict } = diagnosed(PATHS.holeToServer, stalledInTls(512));
  t.match(verdict, /^died in tls: [^;]*; the path: everything above 1400 bytes to the server/);
  t.match(
    brief(
      diagnosed(PATHS.holeToServer, {
        ...stalledInTls(1345),
        tls: { ...stalledInTls().tls, clientHello: null },
      }),
    ).join(),
    /termservice-hung/,
    'of an unknown size nothing is said',
  );

  /** 1345 bytes and 45 of headers are below 1400 over IPv4, 20 more are above it over IPv6. */
  const hello = { ...stalledInTls(1345) };
  const v6: Handshake = { ...hello, server: { ...hello.server, address: '2001:db8::2' } };
  t.match(brief(diagnosed(PATHS.holeToServer, hello)).join(), /termservice-hung/);
  t.notMatch(brief(diagnosed(PATHS.holeToServer, v6)).join(), /termservice-hung/);
  t.end();
});

t.test('X.224 is too small for a hole to explain its silence', (t) => {
  const diagnosis = diagnosed(PATHS.holeFromServer, died('x224', 'timeout'));
  t.match(brief(diagnosis).join(), /possible termservice-hung/);
  t.match(diagnosis.verdict, /^died in x224: .*; the path: everything above 1280 bytes/);
  t.end();
});

t.test('a stall on a path that passes full sizes is none of the sizes', (t) => {
  const diagnosis = diagnosed(PATHS.clean, stalledInTls());
  const order = diagnosis.findings.map(({ cause }) => cause);
  t.ok(order.indexOf('mtu-pmtud-blackhole') > order.indexOf('termservice-hung'));
  t.same(only(diagnosis, 'mtu-pmtud-blackhole').against, [
    'packets of 1500 bytes passed to the server, and packets of 1500 bytes passed from the server',
  ]);
  t.match(only(diagnosis, 'packet-loss-on-path').against.join(), /0 of 212 .* at most 1\.8 %/);
  t.match(
    only(diagnosis, 'large-clienthello-intolerant-path').against.join(),
    /padded ClientHello/,
  );
  t.match(
    only(diagnosed(PATHS.pmtud, stalledInTls()), 'mtu-pmtud-blackhole').against.join(),
    /path-MTU discovery works to the server/,
  );

  const reordered = { ...stalledInTls(), tcp: { ...stalledInTls().tcp, outOfOrder: 1 } };
  t.match(brief(diagnosed(null, reordered)).join(), /likely mtu-pmtud-blackhole/);
  t.match(brief(diagnosed(PATHS.clean, reordered)).join(), /possible mtu-pmtud-blackhole/);

  const half = pathReport({
    mtu: { toServer: CLEAN_DIRECTION, fromServer: NOT_MEASURED_DIRECTION },
    loss: { ...NO_LOSS, interval95: [0, 0.05] },
  });
  const open = diagnosed(half, stalledInTls());
  t.equal(open.findings[0]?.cause, 'mtu-pmtud-blackhole', 'one direction is half of it');
  t.same(only(open, 'packet-loss-on-path').against, []);
  t.end();
});

t.test('loss is a problem above 2 %, if the interval agrees', (t) => {
  const rows: readonly (readonly [lost: number, interval: readonly [number, number], string])[] = [
    // 4 of 200 is 2 %: not above it; 5 of 200, and 1 of 20.
    [4, [0.0078, 0.0503], ''],
    [5, [0.0107, 0.0572], 'likely packet-loss-on-path'],
  ];
  for (const [lost, interval95, expected] of rows) {
    const loss = { ...NO_LOSS, sent: 200, lost, ratio: lost / 200, interval95 };
    t.equal(brief(diagnosed(pathReport({ loss }), changed())).join(), expected, `${lost} of 200`);
  }
  const few = {
    ...NO_LOSS,
    sent: 40,
    lost: 1,
    ratio: 0.025,
    interval95: [0.0044, 0.1288] as const,
  };
  const chance = only(diagnosed(pathReport({ loss: few }), changed()), 'packet-loss-on-path');
  t.equal(chance.certainty, 'possible');
  t.match(chance.against.join(), /room for chance/);

  const heavy = only(diagnosed(PATHS.heavyLoss, changed()), 'packet-loss-on-path');
  t.equal(
    heavy.says,
    '43 of 214 packets to the server were lost: 20 % (95 % interval 15 % to 26 %).',
  );
  t.match(heavy.evidence.map(({ says }) => says).join('\n'), /SYN sent again for 3 of 12/);
  t.match(heavy.evidence.map(({ says }) => says).join('\n'), /4 more .* needlessly/);
  t.match(
    diagnosed(PATHS.heavyLoss, stalledInTls()).verdict,
    /^died in tls: .*; likely: 20 % of the packets to the server are lost/,
  );

  const syns = pathReport({ loss: { ...NO_LOSS, synRetransmissions: { connections: 2, of: 12 } } });
  const queue = only(diagnosed(syns), 'packet-loss-on-path');
  t.equal(queue.certainty, 'possible');
  t.match(queue.against.join(), /queue of new connections/);
  t.end();
});

t.test('delay, a slow server, a box that answers TCP', (t) => {
  const withRtt = (rtt: Partial<PathReport['rtt']>): PathReport =>
    pathReport({ rtt: { ...PATHS.clean.rtt, ...rtt } });
  t.same(brief(diagnosed(withRtt(spread(160)))), ['possible latency-or-slow-path']);
  t.same(brief(diagnosed(withRtt(spread(600)))), ['likely latency-or-slow-path']);
  t.same(brief(diagnosed(withRtt(spread(60, { jitterMs: 45 })))), [
    'possible latency-or-slow-path',
  ]);
  t.same(brief(diagnosed(withRtt(spread(600, { samples: 2 })))), [], 'two are too few');
  t.same(brief(diagnosed(withRtt(NO_SPREAD))), []);

  const thinking = pathReport({
    stages: [{ stage: 'x224', ...spread(3_050), roundTrips: 60 }, ...PATHS.clean.stages],
  });
  const busy = only(diagnosed(thinking), 'host-busy-or-out-of-memory');
  t.equal(busy.certainty, 'possible');
  t.match(busy.says, /^x224 takes 3 s, 3 s more than its round trips of 51 ms/);

  const boxed = pathReport({ terminatedBy: 'the SYN is answered 40 times faster than X.224' });
  t.equal(
    only(diagnosed(boxed), 'tcp-answered-on-path').says,
    'The SYN is answered 40 times faster than X.224. What was measured of sizes and loss holds for the way up to it.',
  );
  t.end();
});

t.test('UDP is a finding only where the size makes a difference', (t) => {
  const [answered] = UDP_ANSWERED.probes;
  if (answered === undefined) throw new Error('the fixture has a probe');
  const silent = { ...answered, answerBytes: null, rttMs: null };
  const udp = { ...UDP_ANSWERED, largestAnswerBytes: 1160, probes: [answered, silent] };
  const found = only(diagnosed(pathReport({ udp })), 'udp-transport-blocked-or-fragmented');
  t.equal(found.certainty, 'possible');
  t.match(found.says, /up to 1160 bytes, but 1 of 2 datagrams had no answer, from 1260 bytes on/);
  const none: readonly PathReport['udp'][] = [
    PATHS.udpSilent.udp,
    { ...PATHS.udpSilent.udp, status: 'icmp-unreachable' },
    // An older version of the protocol was answered, a newer one not: no matter of size.
    { ...udp, probes: [answered, { ...silent, version: 2 }] },
  ];
  for (const each of none) t.same(diagnosed(pathReport({ udp: each })).findings, []);
  t.end();
});

t.test('the verdict line', (t) => {
  t.equal(diagnosed(PATHS.clean).verdict, PATHS.clean.verdict, 'the path alone');
  t.equal(
    diagnosed(PATHS.clean, changed()).verdict,
    diagnosed(null, changed()).verdict,
    'a healthy path adds nothing',
  );
  t.match(
    diagnosed(PATHS.holeFromServer, changed()).verdict,
    /^the handshake completes .*, but: everything above 1280 bytes from the server vanishes/,
  );
  t.match(
    diagnosed(PATHS.holeFromServer, handshake('expired')).verdict,
    /but: the self-signed RDP certificate expired .*; the path: everything above 1280/,
  );
  t.match(
    diagnosed(PATHS.holeFromServer, handshake('ssh')).verdict,
    /speaks SSH, not RDP.*; the path: everything above 1280/,
  );
  t.equal(diagnosed(null).verdict, 'no connection to srv01.corp.example:3389 was made');
  t.end();
});

t.test('the trials of the path are no handshakes to judge', (t) => {
  const trial = { ...stalledInTls(), id: 1, purpose: 'path' };
  const diagnosis = diagnosed(PATHS.holeFromServer, changed(), trial);
  t.match(diagnosis.verdict, /^the handshake completes/);
  t.same(diagnosis.handshakes, [0, 1]);
  t.match(diagnosis.verdict, /; of 1 further handshake 1 failed$/);
  t.equal(
    diagnosed(PATHS.clean, changed(), { ...changed(), id: 1, purpose: 'path' }).verdict,
    diagnosed(PATHS.clean, changed()).verdict,
  );
  t.equal(diagnosed(PATHS.clean, trial).verdict, PATHS.clean.verdict);
  t.match(diagnosed(null, trial).verdict, /^died in tls/, 'without a path they are all there is');
  t.end();
});

t.test('what was tested is not called untested', (t) => {
  const rows: readonly (readonly [PathReport | null, readonly string[]])[] = [
    [null, ['which packet sizes pass in each direction', 'UDP 3389']],
    [PATHS.clean, []],
    [PATHS.holeBoth, ['UDP 3389']],
    [
      PATHS.mssClamped,
      ['packets above 1280 bytes to the server', 'packets above 1280 bytes from the server'],
    ],
    [PATHS.pmtud, []],
    [PATHS.noKernel, ['packet sizes to the server', 'packet sizes from the server', 'UDP 3389']],
    [PATHS.heavyLoss, ['packets above 1400 bytes to the server', 'packet sizes from the server']],
  ];
  for (const [path, expected] of rows) {
    const untested = diagnosed(path, changed()).notTested;
    t.same(untested.slice(1, -1), expected, 'between the other addresses and the session');
  }
  t.same(diagnosed(PATHS.noKernel).notTested, [
    'packet sizes to the server',
    'packet sizes from the server',
    'UDP',
  ]);
  t.end();
});
