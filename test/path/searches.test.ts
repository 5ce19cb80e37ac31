import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import type { DirectionReport } from '../../src/handshake/path.js';
import { measureFromServer } from '../../src/path/from-server.js';
import { Ledger } from '../../src/path/ledger.js';
import type { PathContext } from '../../src/path/path-context.js';
import { sampledHandshake } from '../../src/path/sampled-handshake.js';
import { measureToServer } from '../../src/path/to-server.js';
import { DEFAULT_SETTINGS, stageLimits } from '../../src/probe/settings.js';
import { prepareTls } from '../../src/probe/tls-client.js';
import { play } from '../../src/simulator/play.js';
import type { Scenario } from '../../src/simulator/scenario.js';
import { findScenario } from '../../src/simulator/scenarios.js';
import { type MadeKernel, type MadePath, madeKernel } from '../support/made-kernel.js';
import { CLEAN_DIRECTION } from '../support/path-fixtures.js';
import { seededRandom } from '../support/wire-vectors.js';

/*
 * The searches in both directions against servers on loopback, with a kernel that tells of holes and
 * routers that are not there.
 */

/** Timeouts of seconds in tens of milliseconds. */
const SPEED = 20;

function scenario(name: string): Scenario {
  const found = findScenario(name);
  if (found === null) throw new Error(`no scenario ${name}`);
  return found;
}

const HEALTHY = scenario('healthy-tls-only');
const SILENT: Scenario = { ...HEALTHY, steps: [...HEALTHY.steps.slice(0, 2), { do: 'stall' }] };

interface Server {
  readonly port: number;
  /** whether all clients that were answered stayed until they had the answer; waits for their ends */
  isHeardOut(): Promise<boolean>;
}

/** @param choose what a connection meets, by its number from 0 */
async function serve(t: Test, choose: (index: number) => Scenario): Promise<Server> {
  const heardOut: Promise<boolean>[] = [];
  const stop = new AbortController();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    socket.on('error', () => {});
    const stream = { stream: socket, reset: () => socket.resetAndDestroy() };
    const scenario = choose(heardOut.length);
    const { length } = scenario.steps;
    heardOut.push(
      play(scenario, stream, { signal: stop.signal }).then(
        ({ step }) => scenario === SILENT || step === length,
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    stop.abort();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    isHeardOut: async () => !(await Promise.all(heardOut)).includes(false),
  };
}

function contextOf(made: MadeKernel, port: number, signal: AbortSignal): PathContext {
  const next = seededRandom(port);
  return {
    target: { host: '127.0.0.1', port },
    address: '127.0.0.1',
    family: 4,
    settings: { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(10_000 * SPEED) },
    kernel: made.kernel,
    clock: { startedAt: 0, now: () => made.now() },
    signal,
    random: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    onSeries: () => {},
  };
}

interface Found {
  readonly report: DirectionReport;
  readonly connections: number;
  readonly says: readonly string[];
}

async function toServer(
  t: Test,
  path: MadePath,
  { exact = false, most = 12, server = HEALTHY } = {},
): Promise<Found> {
  const { port } = await serve(t, () => server);
  const made = madeKernel(path, SPEED);
  const { signal } = new AbortController();
  const context = contextOf(made, port, signal);
  const ledger = new Ledger(context.clock, signal, { most, limitMs: 600_000 });
  const { report } = await measureToServer(context, ledger, {
    exact,
    interfaceMtu: 1500,
    mssBefore: path.serverMss ?? 1460,
  });
  t.equal(ledger.made, made.opened, 'every connection is counted');
  t.ok(ledger.made <= most);
  return { report, connections: ledger.made, says: ledger.attempts.map(({ says }) => says) };
}

t.test('to the server: holes', async (t) => {
  for (const limit of [1280, 1333]) {
    const { report, connections } = await toServer(t, { toServer: limit });
    t.match(report, { mechanism: 'black-hole', mss: 1460, learnedMtu: null }, `${limit}`);
    const { passUpTo, failsFrom, p } = report;
    t.ok(passUpTo !== null && failsFrom !== null && passUpTo <= limit && failsFrom > limit);
    t.ok((failsFrom ?? 0) - (passUpTo ?? 0) <= 8, `${limit}: ${passUpTo} to ${failsFrom}`);
    t.ok((p ?? 1) < 0.001);
    t.ok(connections <= 4, `${connections} connections`);
  }
  const exactly = await toServer(t, { toServer: 1427 }, { exact: true });
  t.match(exactly.report, { mechanism: 'black-hole', passUpTo: 1427, failsFrom: 1428 });
});

t.test('to the server: what is no hole', async (t) => {
  const clean = await toServer(t, {});
  t.match(clean.report, { mechanism: 'none', passUpTo: 1500, failsFrom: null });
  t.equal(clean.connections, 1);

  const lost = await toServer(t, { toServer: 1400, holes: 1 });
  t.match(lost.report, { mechanism: 'none', passUpTo: 1500, failsFrom: null }, 'lost once');

  const clamped = await toServer(t, { serverMss: 1240 });
  t.match(clamped.report, { mechanism: 'mss-clamped', passUpTo: 1280, mss: 1240 });
  t.equal(clamped.connections, 1);

  const router = await toServer(t, { router: 1400 });
  t.match(router.report, { mechanism: 'pmtud', passUpTo: 1400, failsFrom: 1401, learnedMtu: 1400 });
  t.equal(router.connections, 1);

  const window = await toServer(t, { told: { sendMss: 1024, sendWindow: 2048 } });
  t.match(window.report, { mechanism: 'none', mss: null, passUpTo: 1076 }, 'a small window');
});

t.test('to the server: a hole behind a router that names more', async (t) => {
  const { report } = await toServer(t, { router: 1400, toServer: 1280 });
  t.match(report, { mechanism: 'black-hole', passUpTo: 1280, failsFrom: 1281 });
});

t.test('to the server: this kernel gives up the size by itself', async (t) => {
  const { report } = await toServer(t, { toServer: 1400, repairsAfter: 2 });
  t.match(report, { mechanism: 'repaired-late', passUpTo: 1400 });
  t.ok((report.repairedAfterMs ?? 0) >= 600, `${report.repairedAfterMs} ms`);
});

t.test('to the server: nothing passes any more', async (t) => {
  const { report, connections } = await toServer(t, { silentAfter: 900 });
  t.match(report, { mechanism: 'inconclusive', failsFrom: null });
  t.match(report.why, /^nothing passed any more in 2 of the connections, small packets included/);
  t.equal(connections, 2);
  const early = await toServer(t, { silentAfter: 60 });
  t.match(early.report, { mechanism: 'inconclusive', passUpTo: null, failsFrom: null });
});

t.test('to the server: without SACK a hole is not told from an end', async (t) => {
  const { report, connections, says } = await toServer(t, { toServer: 1400, sackPermitted: false });
  t.match(report, { mechanism: 'inconclusive', passUpTo: 1400, failsFrom: null });
  t.match(report.why, /does not acknowledge selectively/);
  t.match(says[0], /1440 could not be judged: the server does not acknowledge selectively/);
  t.equal(connections, 2);
});

t.test('to the server: cut short', async (t) => {
  const one = await toServer(t, { toServer: 1400 }, { most: 1 });
  t.match(one.report, { mechanism: 'inconclusive', passUpTo: 1400, failsFrom: 1440 });
  t.match(one.report.why, /only one connection showed it \(the planned connections were used up\)/);
  const none = await toServer(t, {}, { most: 0 });
  t.match(none.report, { mechanism: 'not-measured', why: 'the planned connections were used up' });
  const untold = await toServer(t, { told: { sendMss: null } });
  t.match(untold.report, { mechanism: 'not-measured', passUpTo: null });
  t.match(untold.report.why, /does not tell how large a segment may be/);
});

t.test('to the server: without TLS', async (t) => {
  const { report } = await toServer(t, { toServer: 1400 }, { server: scenario('rdp-security') });
  t.match(report, { mechanism: 'black-hole', passUpTo: 1400, failsFrom: 1401 });
});

interface Way {
  readonly path?: MadePath;
  /** the largest packet that comes from the server */
  readonly limit?: number;
  /** instead: which connections are answered */
  readonly isAnswered?: (index: number) => boolean;
  readonly exact?: boolean;
  readonly most?: number;
}

/** A stall is over sooner than anywhere else, so that the tests are. */
const STALL_MS = 250;
const MAX_STALL_MS = 4000;

async function fromServer(t: Test, way: Way, stallMs = STALL_MS): Promise<Found> {
  const { path = {}, limit = 1500, exact = false, most = 12 } = way;
  const made = madeKernel(path);
  const isAnswered = way.isAnswered ?? (() => made.clientMss + 40 <= limit);
  const server = await serve(t, (index) => (isAnswered(index) ? HEALTHY : SILENT));
  const { signal } = new AbortController();
  const context: PathContext = {
    ...contextOf(made, server.port, signal),
    settings: { ...DEFAULT_SETTINGS, stageLimitsMs: stageLimits(5000, { tls: stallMs }) },
  };
  const ledger = new Ledger(context.clock, signal, { most, limitMs: 600_000 });
  const attempt = await ledger.begin('handshake');
  const first = await sampledHandshake(context, null);
  const report = await measureFromServer(
    context,
    ledger,
    { ...first, attempt: attempt.index },
    { exact, lossToServer: 0, toServer: CLEAN_DIRECTION },
  );
  // On a machine that has too much to do an answer takes as long as a stall: once more, slower.
  if (stallMs < MAX_STALL_MS && !(await server.isHeardOut())) {
    return await fromServer(t, way, stallMs * 4);
  }
  t.equal(ledger.made, made.opened, 'every connection is counted');
  t.ok(ledger.made <= most);
  return { report, connections: ledger.made, says: ledger.attempts.map(({ says }) => says) };
}

t.test('from the server', async (t) => {
  prepareTls();
  const clean = await fromServer(t, {});
  t.match(clean.report, { mechanism: 'none', passUpTo: 1500, failsFrom: null, mss: 1460 });
  t.equal(clean.connections, 1, 'the first handshake shows it all');

  const hole = await fromServer(t, { limit: 1400 });
  t.match(hole.report, { mechanism: 'black-hole', passUpTo: 1400, failsFrom: 1401 });
  t.ok((hole.report.p ?? 1) < 0.001);
  t.ok(hole.connections <= 11, `${hole.connections} connections`);

  const odd = await fromServer(t, { limit: 1333 });
  t.equal(odd.report.mechanism, 'black-hole');
  const { passUpTo, failsFrom } = odd.report;
  t.ok(passUpTo !== null && failsFrom !== null && passUpTo <= 1333 && failsFrom > 1333);
  t.ok((failsFrom ?? 0) - (passUpTo ?? 0) <= 8);
  t.ok(odd.connections <= 11, `${odd.connections} connections`);
});

t.test('from the server: a short answer hides a hole, a longer one shows it', async (t) => {
  const short = await fromServer(t, { path: { answers: [1100] } });
  t.match(short.report, { mechanism: 'none', passUpTo: 1152, failsFrom: null });
  t.match(short.report.why, /longest answer made none that was larger/);
  t.ok(short.connections <= 3);
  // The first answer fits; the long one is cut by our MSS, and stalls above 1280.
  const hidden = await fromServer(t, {
    path: { answers: [1100, 3800] },
    isAnswered: (index) => index === 0 || index === 2 || index === 3,
  });
  t.match(hidden.report, { mechanism: 'black-hole', passUpTo: 1280, failsFrom: 1281 });
});

t.test('from the server: what is no hole', async (t) => {
  const once = await fromServer(t, { isAnswered: (index) => index > 0 });
  t.match(once.report, { mechanism: 'none', failsFrom: null, passUpTo: 1500 }, 'stalled once');

  const never = await fromServer(t, { isAnswered: () => false });
  t.match(never.report, { mechanism: 'inconclusive', passUpTo: null });
  t.match(never.report.why, /no matter of size/);
  t.equal(never.connections, 3);

  const stuck = await fromServer(t, { limit: 1280, path: { told: { unacknowledged: 1 } } });
  t.match(stuck.report, { mechanism: 'inconclusive', failsFrom: null }, 'the other direction');
  t.equal(stuck.connections, 1);

  const noClamp = await fromServer(t, { limit: 1280, path: { noClamp: 'no clamp here' } });
  t.match(noClamp.report, { mechanism: 'inconclusive', why: 'no clamp here', failsFrom: null });
  t.equal(noClamp.connections, 1);

  const lost = await fromServer(t, { limit: 1280, path: { told: { advertisedMss: 1448 } } });
  t.not(lost.report.mechanism, 'black-hole', 'the clamp was lost on the way');

  const few = await fromServer(t, { limit: 1280, most: 3 });
  t.match(few.report, { mechanism: 'inconclusive', passUpTo: 1280, failsFrom: 1500 });
  t.match(few.report.why, /only one connection showed it \(the planned connections were used up\)/);
});
