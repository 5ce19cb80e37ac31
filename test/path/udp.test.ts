import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { measureUdp, type UdpRequest } from '../../src/path/udp.js';
import { MAX_DATAGRAMS } from '../../src/path/udp-plan.js';
import type { UdpMeasured } from '../../src/path/udp-verdict.js';
import { systemClock } from '../../src/probe/clock.js';
import { NO_KERNEL_SOCKETS, openKernelSockets } from '../../src/probe/kernel-socket.js';
import { type RdpeudpPeerOptions, startRdpeudpPeer } from '../../src/simulator/rdpeudp-peer.js';
import { seededRandom } from '../support/wire-vectors.js';

/** Long for loopback: a busy machine must not turn an answer into silence. */
const WAIT_MS = 400;

function bytesFrom(seed: number): (count: number) => Uint8Array {
  const next = seededRandom(seed);
  return (count) => Uint8Array.from({ length: count }, () => next() & 0xff);
}

async function measure(
  target: { readonly address: string; readonly port: number },
  signal = new AbortController().signal,
  kernel = NO_KERNEL_SOCKETS,
): Promise<UdpMeasured> {
  const request: UdpRequest = {
    address: target.address,
    port: target.port,
    family: target.address.includes(':') ? 6 : 4,
    waitMs: WAIT_MS,
    pauseMs: 1,
  };
  return await measureUdp(request, { kernel, clock: systemClock(), random: bytesFrom(1) }, signal);
}

interface Row {
  readonly name: string;
  readonly peer: RdpeudpPeerOptions;
  /** payload lengths that the server was sent */
  readonly received: readonly number[];
  readonly expected: object;
  readonly why: RegExp;
}

const BOTH_1260 = {
  toServer: { passUpTo: 1260, failsFrom: null },
  fromServer: { passUpTo: 1260, failsFrom: null },
};
const NOTHING = {
  toServer: { passUpTo: null, failsFrom: null },
  fromServer: { passUpTo: null, failsFrom: null },
};

const ROWS: readonly Row[] = [
  {
    name: 'one datagram is enough where it is answered',
    peer: {},
    received: [1232],
    expected: {
      report: {
        status: 'answered',
        largestAnswerBytes: 1260,
        version: 2,
        probes: [{ sentBytes: 1260, advertisedMtu: 1232, version: 0x0101, answerBytes: 1260 }],
      },
      sizes: BOTH_1260,
      datagrams: 1,
      notMeasured: {},
    },
    why: /^UDP packets of 1260 bytes reach the server, and answers of 1260 bytes come back; packets may have been fragmented on the way, for the kernel was not asked for its figures$/,
  },
  {
    name: 'a server that knows version 3 and does not check the hash',
    peer: { version: 0x0101 },
    received: [1232],
    expected: { report: { status: 'answered', version: 0x0101 } },
    why: /^UDP packets of 1260/,
  },
  {
    name: 'IPv6',
    peer: { host: '::1' },
    received: [1232],
    expected: {
      report: { status: 'answered', largestAnswerBytes: 1280, probes: [{ sentBytes: 1280 }] },
    },
    why: /^UDP packets of 1280 bytes reach the server, and answers of 1280 bytes come back/,
  },
  {
    name: 'a server that does not answer what it does not know',
    peer: { version: 2, strict: true },
    received: [1232, 1232],
    expected: {
      report: { status: 'answered', version: 2, probes: [{ answerBytes: null }, { version: 2 }] },
      sizes: BOTH_1260,
      datagrams: 2,
    },
    why: /the first one was lost, or the version that it offers is not answered/,
  },
  {
    name: 'a server that knows no version but the first',
    peer: { version: 1, strict: true },
    received: [1232, 1232, 1132, 1232, 1132],
    expected: {
      report: { status: 'answered', version: null, largestAnswerBytes: 1260 },
      sizes: BOTH_1260,
      notMeasured: { 'udp.version': 'the server named none, which means version 1' },
    },
    why: /the first one was lost, or the version that it offers is not answered/,
  },
  {
    name: 'two datagrams lost',
    peer: { loseFirst: 2 },
    received: [1232, 1232, 1132, 1232, 1132],
    expected: { report: { status: 'answered' }, sizes: BOTH_1260, datagrams: 5 },
    why: /the first one was lost/,
  },
  {
    name: 'three lost: what was sent twice has no round trip of its own',
    peer: { loseFirst: 3 },
    received: [1232, 1232, 1132, 1132, 1232, 1132],
    expected: { report: { status: 'answered' }, sizes: BOTH_1260, datagrams: 6 },
    why: /^UDP packets of 1260/,
  },
  {
    name: 'large packets to the server vanish',
    peer: { dropAboveToServer: 1200 },
    received: [1232, 1232, 1132, 1232, 1232, 1132],
    expected: {
      report: { status: 'answered', largestAnswerBytes: 1260 },
      sizes: {
        toServer: { passUpTo: 1160, failsFrom: 1260 },
        fromServer: { passUpTo: 1260, failsFrom: null },
      },
    },
    why: /those of 1260 bytes to the server get no answer/,
  },
  {
    name: 'large packets from the server vanish',
    peer: { dropAboveFromServer: 1200 },
    received: [1232, 1232, 1132, 1232, 1132, 1132],
    expected: {
      report: { status: 'answered', largestAnswerBytes: 1160 },
      sizes: {
        toServer: { passUpTo: 1260, failsFrom: null },
        fromServer: { passUpTo: 1160, failsFrom: 1260 },
      },
    },
    why: /answers of 1260 bytes do not come, or the server wants a request as large/,
  },
  {
    name: 'large packets vanish both ways',
    peer: { dropAboveToServer: 1200, dropAboveFromServer: 1200 },
    received: [1232, 1232, 1132, 1232, 1232, 1132, 1132],
    expected: {
      sizes: {
        toServer: { passUpTo: 1160, failsFrom: 1260 },
        fromServer: { passUpTo: 1160, failsFrom: 1260 },
      },
      datagrams: 7,
    },
    why: /get no answer; answers of 1260 bytes do not come/,
  },
  {
    name: 'large packets vanish both ways, and one more is lost: the cap is just reached',
    peer: { dropAboveToServer: 1200, dropAboveFromServer: 1200, loseFirst: 3 },
    received: [1232, 1232, 1132, 1132, 1232, 1232, 1132, 1132],
    expected: {
      report: { status: 'answered', rttMs: null },
      datagrams: MAX_DATAGRAMS,
      notMeasured: { 'udp.rttMs': 'only a SYN that was sent twice was answered' },
    },
    why: /^UDP packets of 1160/,
  },
  {
    name: 'a server that does not pad',
    peer: { answers: 'short' },
    received: [1232],
    expected: {
      report: { status: 'answered', largestAnswerBytes: 48 },
      sizes: {
        toServer: { passUpTo: 1260, failsFrom: null },
        fromServer: { passUpTo: 48, failsFrom: null },
      },
    },
    why: /its answers are not padded, so larger ones were not tried/,
  },
  {
    name: 'silence',
    peer: { answers: 'none' },
    received: [1232, 1232, 1132, 1132],
    expected: {
      report: {
        status: 'silent',
        rttMs: null,
        largestAnswerBytes: null,
        version: null,
        probes: [{ version: 0x0101 }, { version: 2 }, { version: 1, sentBytes: 1160 }],
      },
      sizes: NOTHING,
      datagrams: 4,
      notMeasured: { 'udp.rttMs': 'no answer came', 'udp.version': 'no answer came' },
    },
    why: /^no answer to 4 datagrams: UDP may be blocked/,
  },
  {
    name: 'an answer from another port is none',
    peer: { fromElsewhere: true },
    received: [1232, 1232, 1132, 1132],
    expected: { report: { status: 'silent' }, sizes: NOTHING },
    why: /^no answer/,
  },
  {
    name: 'an answer to a number that we never sent is none',
    peer: { acknowledgesOther: true },
    received: [1232, 1232, 1132, 1132],
    expected: { report: { status: 'silent' }, sizes: NOTHING },
    why: /^no answer/,
  },
  {
    name: 'garbage is no answer',
    peer: { answers: 'garbage' },
    received: [1232, 1232, 1132, 1132],
    expected: { report: { status: 'silent' }, sizes: NOTHING },
    why: /^no answer/,
  },
];

t.test('against a peer of the specification', async (t) => {
  // All at once, for most of them wait.
  const runs = ROWS.map(async (row) => {
    const peer = await startRdpeudpPeer(row.peer);
    const measured = await measure(peer);
    await peer.close();
    return { ...row, measured, peer };
  });
  for (const { name, measured, peer, expected, received, why } of await Promise.all(runs)) {
    t.match(measured, expected, name);
    t.match(measured.report.why, why, name);
    t.strictSame(peer.received, received, name);
    t.equal(measured.datagrams, received.length, name);
    for (const { rttMs, answerBytes } of measured.report.probes) {
      const sound = answerBytes === null ? rttMs === null : rttMs === null || rttMs > 0;
      t.ok(sound && (rttMs ?? 0) < WAIT_MS, `${name}: ${rttMs} ms`);
    }
  }
});

t.test('an answer that is late still counts', async (t) => {
  const peer = await startRdpeudpPeer({ delayMs: 1.5 * WAIT_MS });
  t.teardown(() => peer.close());
  const { report, sizes, datagrams } = await measure(peer);
  t.match(report, { status: 'answered', probes: [{ answerBytes: 1260 }, {}] });
  t.ok((report.rttMs ?? 0) >= 1.4 * WAIT_MS, `${report.rttMs} ms`);
  t.strictSame(sizes, BOTH_1260);
  t.equal(datagrams, 2);
});

t.test('a closed port', async (t) => {
  for (const [type, address] of [
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const) {
    const closed = createSocket(type);
    closed.bind(0, address);
    await once(closed, 'listening');
    const { port } = closed.address();
    closed.close();
    await once(closed, 'close');
    const measured = await measure({ address, port });
    t.match(measured, {
      report: { status: 'icmp-unreachable', rttMs: null },
      sizes: NOTHING,
      datagrams: 1,
    });
    t.match(measured.report.why, /\(ECONNREFUSED\): nothing listens for UDP/);
  }
});

t.test('interrupted', async (t) => {
  const peer = await startRdpeudpPeer({ answers: 'none' });
  t.teardown(() => peer.close());
  const before = await measure(peer, AbortSignal.abort());
  t.match(before, {
    report: { status: 'not-tested', why: 'interrupted', probes: [] },
    datagrams: 0,
  });
  t.strictSame(peer.received, []);
  const started = performance.now();
  const during = await measure(peer, AbortSignal.timeout(WAIT_MS / 2));
  t.match(during, { report: { status: 'not-tested', why: 'interrupted' }, datagrams: 1 });
  t.ok(performance.now() - started < 3 * WAIT_MS, 'before its end');
});

t.test('an address that no packet can be sent to', async (t) => {
  // A socket of IPv4 takes no address of IPv6.
  const measured = await measureUdp(
    { address: '::1', family: 4, port: 3389, waitMs: WAIT_MS, pauseMs: 1 },
    { kernel: NO_KERNEL_SOCKETS, clock: systemClock(), random: bytesFrom(1) },
    new AbortController().signal,
  );
  t.match(measured, { report: { status: 'not-tested', probes: [] }, datagrams: 0 });
  t.match(measured.report.why, /^the system sends no UDP there/);
});

t.test('with the kernel: nothing is fragmented', async (t) => {
  const kernel = await openKernelSockets(process.platform);
  const refused = kernel.available ? kernel.abilities['udp-dont-fragment'] : kernel.why;
  if (refused !== null) {
    t.match(refused, /\w/);
    return t.comment(`not here: ${refused}`);
  }
  for (const host of ['127.0.0.1', '::1'] as const) {
    const peer = await startRdpeudpPeer({ host });
    t.teardown(() => peer.close());
    const { report } = await measure(peer, undefined, kernel);
    t.match(report, { status: 'answered', version: 2 });
    t.notMatch(report.why, /fragmented/);
    const gone = await startRdpeudpPeer({ host });
    await gone.close();
    t.match(await measure(gone, undefined, kernel), { report: { status: 'icmp-unreachable' } });
  }
});
