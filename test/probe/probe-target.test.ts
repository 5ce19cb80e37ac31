import { Socket } from 'node:net';
import t, { type Test } from 'tap';
import type { TcpReport } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import { systemClock } from '../../src/probe/clock.js';
import { type KernelSockets, kernelFiguresOf } from '../../src/probe/kernel-figures.js';
import { openSsSockets } from '../../src/probe/kernel-socket-ss.js';
import { probeTarget } from '../../src/probe/probe-target.js';
import { DEFAULT_SETTINGS, type Target } from '../../src/probe/settings.js';
import { NOTHING_KNOWN, type TcpInfo } from '../../src/probe/tcp-info.js';
import { startSimulator } from '../../src/simulator/listen.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';

/*
 * How a probe uses kernels that can do less than Linux with foreign functions. The figures of these
 * are made up; what is looked at is when they are asked for, and what is said of the rest.
 */

type AvailableSockets = KernelSockets & { available: true };

const UNABLE = 'not in this test';

function kernelOf(parts: Partial<AvailableSockets>): AvailableSockets {
  return {
    available: true,
    abilities: {
      'clamp-mss': UNABLE,
      'figures-after-end': UNABLE,
      'interface-mtu': UNABLE,
      'udp-dont-fragment': UNABLE,
      'icmp-socket': UNABLE,
    },
    read: () => null,
    openStream: () => ({ kind: 'refused', why: UNABLE }),
    openDatagram: () => ({ kind: 'refused', why: UNABLE }),
    interfaceMtu: () => null,
    ...parts,
  };
}

async function probe(
  t: Test,
  kernel: KernelSockets,
  more: Partial<Target> = {},
): Promise<HandshakeTrace> {
  const [scenario] = SCENARIOS;
  if (scenario === undefined) throw new Error('no scenario');
  const simulator = await startSimulator(scenario, { host: '127.0.0.1' });
  t.teardown(() => simulator.close());
  const [trace] = await probeTarget(
    { host: simulator.address, port: simulator.port, ...more },
    DEFAULT_SETTINGS,
    { clock: systemClock(), kernel, signal: new AbortController().signal },
    { allAddresses: false },
  );
  if (trace === undefined) throw new Error('nothing was tried');
  return trace;
}

function tcpOf(trace: HandshakeTrace): TcpReport {
  return toHandshake(trace, { id: 0, purpose: 'verdict', reason: null }).tcp;
}

function momentsOf(trace: HandshakeTrace): readonly string[] {
  return trace.facts.flatMap((fact) => (fact.kind === 'kernel' ? [fact.moment] : []));
}

const INFO: TcpInfo = {
  ...NOTHING_KNOWN,
  rttUs: 9000,
  minRttUs: 7000,
  retransmissions: 3,
  advertisedMss: 1460,
  timestamps: false,
};

t.test('an address that was looked up before goes by its name', async (t) => {
  const of = async (more: Partial<Target>): Promise<readonly unknown[]> => {
    const { server, facts } = await probe(t, kernelOf({}), more);
    const hello = facts.flatMap((fact) =>
      fact.kind === 'message' && fact.message.type === 'tls-client-hello' ? [fact.message] : [],
    );
    return [server.name, hello[0]?.serverName];
  };
  t.same(await of({}), [null, null]);
  t.same(await of({ name: 'srv01.example' }), ['srv01.example', 'srv01.example']);
});

t.test('a kernel that is slow to answer is asked at the end only', async (t) => {
  const trace = await probe(t, kernelOf({ slow: true, read: () => kernelFiguresOf(INFO) }));
  t.strictSame(momentsOf(trace), ['end']);
  const tcp = tcpOf(trace);
  t.equal(tcp.rttMs, 7, 'the least of all samples; the smoothed one has waiting in it by then');
  t.equal(tcp.synRetransmissions, null, 'not to be told from the others at the end');
  t.strictSame(tcp.retransmissions, { client: 3, server: null });
  t.equal(trace.notMeasured['tcp.synRetransmissions'], 'the kernel was asked at the end only');
  t.equal(trace.notMeasured['tcp.rttMs'], undefined);
});

t.test('figures that a system does not have are named with the reason', async (t) => {
  const trace = await probe(t, kernelOf({ read: () => kernelFiguresOf(NOTHING_KNOWN) }));
  t.equal(momentsOf(trace)[0], 'connect');
  const tcp = tcpOf(trace);
  const nulls: Readonly<Record<string, number | null>> = {
    'tcp.rttMs': tcp.rttMs,
    'tcp.mss.client': tcp.mss.client,
    'tcp.mss.server': tcp.mss.server,
    'tcp.retransmissions.client': tcp.retransmissions.client,
    'tcp.synRetransmissions': tcp.synRetransmissions,
    'tcp.spuriousRetransmissions': tcp.spuriousRetransmissions,
    'tcp.outOfOrder': tcp.outOfOrder,
    'tcp.largestSegment.server': tcp.largestSegment.server,
    'tcp.pathMtu': tcp.pathMtu,
  };
  for (const [field, value] of Object.entries(nulls)) {
    t.equal(value, null, field);
    t.match(trace.notMeasured[field], /the kernel of this system does not tell it/, field);
  }
});

t.test('a SYN that was sent again makes the first sample mean nothing', async (t) => {
  const trace = await probe(t, kernelOf({ read: () => kernelFiguresOf(INFO) }));
  t.match(tcpOf(trace), { rttMs: null, synRetransmissions: 3 });
  t.match(trace.notMeasured['tcp.rttMs'], /SYN was sent again/);
});

t.test('where only streams of our own can be read, one is opened, and released', async (t) => {
  const released: Socket[] = [];
  const opened: Socket[] = [];
  const kernel = kernelOf({
    ownStreamsOnly: true,
    read: (socket) => (opened.includes(socket) ? kernelFiguresOf(INFO) : null),
    openStream: ({ mss }) => {
      t.equal(mss, null);
      const socket = new Socket({ allowHalfOpen: true });
      opened.push(socket);
      const release = (): void => void released.push(socket);
      return { kind: 'opened', opened: { socket, info: () => INFO, release } };
    },
  });
  const trace = await probe(t, kernel);
  t.ok(momentsOf(trace).includes('connect'));
  t.equal(opened.length, 1);
  t.strictSame(released, opened);
});

t.test('where it refuses, the system connects as it would', async (t) => {
  const trace = await probe(t, kernelOf({ ownStreamsOnly: true }));
  t.ok(trace.facts.some(({ kind }) => kind === 'tcp-accepted'));
  t.strictSame(momentsOf(trace), []);
  t.match(trace.notMeasured['tcp.pathMtu'], /did not tell/);
});

t.test('a probe with the figures of ss', async (t) => {
  const kernel = openSsSockets('koffi was left out');
  if (!kernel.available) {
    t.comment(`NOT RUN: ${kernel.why}`);
    return;
  }
  const trace = await probe(t, kernel);
  t.strictSame(momentsOf(trace), ['end']);
  const tcp = tcpOf(trace);
  t.ok((tcp.rttMs ?? 0) > 0);
  t.ok((tcp.mss.client ?? 0) >= 16_384, 'of the loopback interface');
});
