import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { PathReport } from '../../src/handshake/path.js';
import { type MeasuredPath, measurePath } from '../../src/path/measure-path.js';
import {
  BOTH_WAYS_CONNECTIONS,
  DEFAULT_CONNECTIONS,
  DEFAULT_PATH_OPTIONS,
  type PathOptions,
} from '../../src/path/path-options.js';
import { systemClock } from '../../src/probe/clock.js';
import type { KernelSockets } from '../../src/probe/kernel-figures.js';
import { NO_KERNEL_SOCKETS, openKernelSockets } from '../../src/probe/kernel-socket.js';
import { DEFAULT_SETTINGS, stageLimits } from '../../src/probe/settings.js';
import { startSimulator } from '../../src/simulator/listen.js';
import { play } from '../../src/simulator/play.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { findScenario } from '../../src/simulator/scenarios.js';
import { fromHex } from '../../src/wire/hex.js';
import { seededRandom } from '../support/wire-vectors.js';

/*
 * Whole runs against servers on loopback. It loses nothing and carries everything, so what is looked
 * at is how a run ends, what it takes, and that nothing is said that was not seen. With koffi these
 * use the figures of the kernel, without it they say so.
 */

const QUICK: PathOptions = {
  ...DEFAULT_PATH_OPTIONS,
  intervalMs: 0,
  udp: false,
  sideEvidence: false,
};

interface Measure {
  readonly port: number;
  readonly host?: string;
  readonly kernel?: KernelSockets;
  readonly options?: Partial<PathOptions>;
  readonly signal?: AbortSignal;
  readonly limitMs?: number;
  onProgress?(told: { readonly says: string; readonly made: number; readonly most: number }): void;
}

async function measure({ port, ...given }: Measure): Promise<MeasuredPath> {
  const next = seededRandom(port);
  return await measurePath(
    { host: given.host ?? '127.0.0.1', port },
    { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(given.limitMs ?? 10_000) },
    {
      clock: systemClock(),
      kernel: given.kernel ?? (await openKernelSockets(process.platform)),
      signal: given.signal ?? new AbortController().signal,
      random: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
      platform: process.platform,
      environment: {},
      ...(given.onProgress === undefined ? {} : { onProgress: given.onProgress }),
    },
    { ...QUICK, ...given.options },
  );
}

function named(name: string): Scenario {
  const scenario = findScenario(name);
  if (scenario === null) throw new Error(`no scenario ${name}`);
  return scenario;
}

/** @returns the port of a simulated server, which is closed with the test */
async function simulate(
  t: Test,
  name: string,
): Promise<{ readonly connections: number; readonly port: number }> {
  const simulator = await startSimulator(named(name));
  t.teardown(() => simulator.close());
  return simulator;
}

/** A server of our own making that is told the number of each connection, from 0. */
async function serve(
  t: Test,
  meet: (socket: Socket, index: number) => void,
): Promise<{ readonly port: number; readonly accepted: readonly Socket[]; close(): void }> {
  const accepted: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    accepted.push(socket);
    meet(socket, accepted.length - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.close();
  };
  t.teardown(() => {
    close();
    for (const socket of accepted) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, accepted, close };
}

/** X.224 Connection Confirm with an RDP_NEG_RSP that selects TLS. */
const CONFIRM = fromHex('030000130ed000001234000200080001000000');

const HEALTHY = named('healthy-tls-only');

function playHealthy(socket: Socket): void {
  void play(HEALTHY, { stream: socket, reset: () => socket.resetAndDestroy() }, {});
}

/** Every null of a report that a reader may look for has its reason. */
function checkReasons(
  t: Test,
  { notMeasured, loss, rtt, interfaceMtu, udp, mtu }: PathReport,
): void {
  const nulls = Object.entries({
    interfaceMtu,
    rtt: rtt.medianMs,
    'udp.rttMs': udp.rttMs,
    ...Object.fromEntries(Object.entries(loss).map(([field, value]) => [`loss.${field}`, value])),
  }).flatMap(([field, value]) => (value === null ? [field] : []));
  for (const field of nulls) t.match(notMeasured[field], /\w/, `the reason of ${field}`);
  for (const direction of [mtu.toServer, mtu.fromServer]) {
    t.match(direction.why, /\w/);
    if (direction.mechanism === 'none') t.not(direction.passUpTo, null, 'none is never a guess');
  }
}

/** What must hold of any run. */
function checkRun(t: Test, { report, handshakes }: MeasuredPath, server: number | null): void {
  checkReasons(t, report);
  if (server !== null) t.equal(report.connections, server, 'every connection is counted');
  t.equal(report.attempts.length, report.connections, 'and listed');
  t.ok(report.connections <= report.plannedConnections, `${report.connections} connections`);
  const starts = report.attempts.map(({ atMs }) => atMs);
  t.strictSame(
    starts,
    starts.toSorted((one, other) => one - other),
    'in the order of time',
  );
  for (const { says, handshake } of report.attempts) {
    t.match(says, /\w/);
    if (handshake !== null) t.ok(handshakes[handshake], 'it points at its handshake');
  }
  for (const { mechanism } of [report.mtu.toServer, report.mtu.fromServer]) {
    t.not(mechanism, 'black-hole');
    t.not(mechanism, 'repaired-late');
    t.not(mechanism, 'pmtud');
  }
}

t.test('a sound server', async (t) => {
  const server = await simulate(t, 'healthy-tls-only');
  const kernel = await openKernelSockets(process.platform);
  const told: string[] = [];
  const began = Date.now();
  const measured = await measure({
    port: server.port,
    kernel,
    onProgress: ({ says, made, most }) => told.push(`${made}/${most} ${says}`),
  });
  const { report, handshakes } = measured;
  t.ok(Date.now() - began < 15_000);
  checkRun(t, measured, server.connections);
  t.ok(report.connections <= DEFAULT_CONNECTIONS);
  t.equal(report.plannedConnections, DEFAULT_CONNECTIONS);
  t.equal(report.samples.length, 5);
  t.equal(handshakes[0]?.purpose, 'verdict');
  t.strictSame([...new Set(handshakes.slice(1).map(({ purpose }) => purpose))], ['path']);
  for (const { stagesMs } of report.samples) {
    t.strictSame(
      Object.keys(stagesMs),
      ['resolve', 'tcp', 'x224', 'tls', 'mcs'].filter((stage) => stage in stagesMs),
    );
    t.ok((stagesMs['tls'] ?? 0) > 0 && (stagesMs['tls'] ?? 0) < 5000);
  }
  t.equal(report.terminatedBy, null);
  t.match(told[0], /^0\/12 an ordinary handshake$/);
  t.ok(told.every((line) => /^\d+\/12 \S/.test(line)));
  t.ok((report.rtt.medianMs ?? 1e9) < 1000);
  if (!kernel.available || kernel.slow === true) {
    t.equal(report.mtu.toServer.mechanism, 'not-measured');
    t.equal(report.loss.sent, null);
    return;
  }
  t.equal(report.rtt.source, 'kernel');
  // A kernel that was kept waiting may send one again for nothing; that is no loss.
  const { loss } = report;
  t.match(loss, { lost: 0, ratio: 0, direction: 'to-server' });
  t.equal(loss.sent, 120 + (loss.spurious ?? 0));
  t.match(report.mtu.toServer, { mechanism: 'none', passUpTo: 9216, failsFrom: null, p: null });
  t.match(report.mtu.fromServer, { mechanism: 'none', failsFrom: null, p: null });
  t.ok((report.mtu.fromServer.passUpTo ?? 0) > 576);
});

t.test('without the kernel: nothing is guessed', async (t) => {
  for (const name of ['healthy-tls-only', 'rdp-security']) {
    const server = await simulate(t, name);
    const measured = await measure({ port: server.port, kernel: NO_KERNEL_SOCKETS });
    const { report } = measured;
    checkRun(t, measured, server.connections);
    t.equal(report.rtt.source, 'application');
    t.equal(report.rtt.samples, 5);
    for (const direction of [report.mtu.toServer, report.mtu.fromServer]) {
      t.match(direction, {
        mechanism: 'not-measured',
        why: 'the kernel was not asked for its figures',
        passUpTo: null,
        failsFrom: null,
        testedUpTo: null,
        mss: null,
        sizes: [],
        trials: { small: [0, 0], big: [0, 0] },
      });
    }
    t.equal(report.loss.ratio, null);
    t.equal(report.interfaceMtu, null);
    t.match(report.verdict, /^RTT [\d.]+ ms$/);
    t.equal(report.advice, null);
  }
});

t.test('without the kernel a handshake that stalls says nothing of sizes', async (t) => {
  const server = await serve(t, (socket) => {
    // A confirm for TLS, and then nothing.
    socket.once('data', () => socket.write(CONFIRM));
    socket.on('end', () => socket.end());
  });
  const measured = await measure({ port: server.port, kernel: NO_KERNEL_SOCKETS, limitMs: 200 });
  checkRun(t, measured, null);
  t.equal(measured.report.mtu.fromServer.mechanism, 'not-measured');
  t.equal(measured.report.mtu.toServer.mechanism, 'not-measured');
});

t.test('a server that ends every second connection', async (t) => {
  const server = await serve(t, (socket, index) => {
    if (index % 2 === 1) socket.end();
    else playHealthy(socket);
  });
  const measured = await measure({ port: server.port });
  checkRun(t, measured, server.accepted.length);
  t.ok(measured.report.connections <= BOTH_WAYS_CONNECTIONS);
  t.match(measured.report.attempts.map(({ says }) => says).join('\n'), /ended|closed/);
});

t.test('a server that refuses after three connections', async (t) => {
  const server = await serve(t, (socket, index) => {
    playHealthy(socket);
    if (index === 2) server.close();
  });
  const measured = await measure({ port: server.port });
  const { report } = measured;
  checkRun(t, measured, null);
  t.equal(server.accepted.length, 3);
  t.ok(report.connections > 3, 'it was asked again');
  t.ok(report.connections <= 8, `${report.connections}: but not for long`);
  t.match(report.attempts.at(-1)?.says, /refused/);
});

t.test('a server that resets in the middle of the ClientHello', async (t) => {
  const server = await serve(t, (socket) => {
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      if (received === 0) socket.write(CONFIRM);
      received += chunk.length;
      if (received > 250) socket.resetAndDestroy();
    });
  });
  const measured = await measure({ port: server.port });
  const { report } = measured;
  checkRun(t, measured, server.accepted.length);
  for (const { mechanism, failsFrom } of [report.mtu.toServer, report.mtu.fromServer]) {
    t.match(mechanism, /^(inconclusive|not-measured)$/);
    t.equal(failsFrom, null, 'a reset is no size');
  }
  t.ok(report.connections <= 8, `${report.connections} connections`);
});

t.test('a server that answers with something else', async (t) => {
  const next = seededRandom(5);
  const garbage = Uint8Array.from({ length: 700 }, () => next() & 0xff);
  for (const answer of [
    garbage,
    Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
    fromHex('0300000702f08000'),
  ]) {
    const server = await serve(t, (socket) => {
      socket.once('data', () => socket.write(answer));
      socket.on('end', () => socket.end());
    });
    const measured = await measure({ port: server.port, limitMs: 500 });
    checkRun(t, measured, server.accepted.length);
    t.match(measured.report.mtu.toServer.mechanism, /^(inconclusive|not-measured)$/);
    t.match(measured.report.mtu.fromServer.mechanism, /^(inconclusive|not-measured)$/);
    t.ok(measured.report.connections <= 8, `${measured.report.connections} connections`);
  }
});

t.test('a closed port', async (t) => {
  const { port, close } = await serve(t, () => {});
  close();
  const measured = await measure({ port });
  const { report } = measured;
  checkRun(t, measured, 1);
  t.match(report.verdict, /^the path could not be measured: .*refused/);
  t.match(report.mtu, {
    toServer: { mechanism: 'not-measured', why: 'there was no connection' },
    fromServer: { mechanism: 'not-measured', why: 'there was no connection' },
  });
  t.strictSame(report.rtt.samples, 0);
  t.equal(report.rtt.source, null);
  t.equal(measured.handshakes.length, 1);
});

t.test('a name that cannot be resolved', async (t) => {
  // An address of the wrong family fails as an unknown name does, without a look at any network.
  const measured = await measurePath(
    { host: '::1', port: 3389 },
    { ...DEFAULT_SETTINGS, family: 4 },
    {
      clock: systemClock(),
      kernel: NO_KERNEL_SOCKETS,
      signal: new AbortController().signal,
      random: (count) => new Uint8Array(count),
      platform: process.platform,
      environment: {},
    },
    { ...QUICK, udp: true, sideEvidence: true },
  );
  const { report } = measured;
  t.match(
    report.verdict,
    /^the path could not be measured: .*::1 does not resolve \(WRONG_FAMILY\)$/,
  );
  t.match(report.udp, { status: 'not-tested', why: 'there is no address to send to', probes: [] });
  t.strictSame(report.sideEvidence, []);
  checkReasons(t, report);
});

t.test('interrupted in the middle', async (t) => {
  const moments: readonly (readonly [name: string, meet: (socket: Socket) => void])[] = [
    ['while a server is silent', (socket) => socket.resume()],
    ['while a server is being measured', playHealthy],
  ];
  for (const [name, meet] of moments) {
    const server = await serve(t, meet);
    const stop = new AbortController();
    let abortedAt = 0;
    const timer = setTimeout(() => {
      abortedAt = Date.now();
      stop.abort();
    }, 400);
    const measured = await measure({
      port: server.port,
      signal: stop.signal,
      options: { udp: true, sideEvidence: true, count: 50 },
    });
    clearTimeout(timer);
    const took = Date.now() - abortedAt;
    t.ok(abortedAt > 0 && took < 1000, `${name}: ${took} ms`);
    t.match(measured.report.verdict, /^the path could not be measured: it was interrupted$/, name);
    t.match(measured.report.udp, { status: 'not-tested', why: 'it was interrupted' });
    const open = server.accepted.filter(
      ({ destroyed, readableEnded }) => !destroyed && !readableEnded,
    );
    await sleep(50);
    t.ok(
      open.every(({ destroyed, readableEnded }) => destroyed || readableEnded),
      'no connection is left open',
    );
  }
});

t.test('interrupted before it began', async (t) => {
  const server = await serve(t, playHealthy);
  const measured = await measure({ port: server.port, signal: AbortSignal.abort() });
  t.match(measured.report.verdict, /it was interrupted$/);
  t.equal(measured.report.connections, 1);
});

t.test('as many handshakes as were asked for, so far apart', async (t) => {
  const server = await simulate(t, 'healthy-tls-only');
  const measured = await measure({
    port: server.port,
    kernel: NO_KERNEL_SOCKETS,
    options: { count: 9, intervalMs: 120 },
  });
  const { report } = measured;
  checkRun(t, measured, server.connections);
  t.equal(report.samples.length, 9);
  t.equal(report.plannedConnections, DEFAULT_CONNECTIONS + 4);
  t.equal(report.rtt.samples, 9);
  t.equal(
    report.rtt.histogram.reduce((sum, { count }) => sum + count, 0),
    9,
  );
  for (const [index, { atMs }] of report.samples.entries()) {
    const before = report.samples[index - 1]?.atMs ?? -1000;
    t.ok(atMs - before >= 120, `${before} ms, then ${atMs} ms`);
  }
  const one = await measure({
    port: server.port,
    kernel: NO_KERNEL_SOCKETS,
    options: { count: 1 },
  });
  t.equal(one.report.samples.length, 1);
  t.equal(one.report.connections, 1);
});

t.test('--exact plans more, and takes no more where there is nothing to find', async (t) => {
  const server = await simulate(t, 'healthy-tls-only');
  const measured = await measure({ port: server.port, options: { exact: true, count: 2 } });
  checkRun(t, measured, server.connections);
  t.equal(measured.report.plannedConnections, 32);
  t.ok(measured.report.connections <= DEFAULT_CONNECTIONS);
});

t.test('a server without TLS is asked again without it', async (t) => {
  const server = await simulate(t, 'rdp-security');
  const measured = await measure({ port: server.port });
  checkRun(t, measured, server.connections);
  t.ok(measured.report.stages.some(({ stage }) => stage === 'mcs'));
});
