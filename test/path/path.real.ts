import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { PathReport } from '../../src/handshake/path.js';
import { missingProbe } from '../lab/probe-run.js';
import { Workspace } from '../lab/workspace.js';
import { type Judged, judge } from './judge.js';
import { missingForPaths } from './lab/requirements.js';
import { PathServers, programsOfServer } from './lab/servers.js';
import { checkPairings, isOdd, largestFlightPacket, type Pairing, pathPairings } from './plan.js';
import { type PathRun, runInWorld } from './run.js';
import { canRun, jobs, SUITE_LIMIT_MS, seedOf, TEST_LIMIT_MS } from './selection.js';
import { type ResultRow, renderResults } from './table.js';
import { failureOf, type World } from './worlds.js';

/*
 * `rdp-probe path` and `check --path` in worlds whose truth is known, against real servers.
 * What is run is in plan.ts, and how to choose from it in selection.ts.
 *
 *   RDP_PROBE_TABLE=FILE   also writes the results into FILE, as a markdown table
 */

/** What a run may take by default. */
const LIMIT_MS = { clean: 15_000, hole: 60_000, check: 75_000 } as const;

/** A guest that measures one hole, or none; and one that measures two. */
const CONNECTIONS = { usual: 12, twoHoles: 16 } as const;

/** SYNs beside those of the measurement: the second port of side evidence. */
const OTHER_SYNS = 2;

/** Of the forwarder, and of the machine. */
const RTT_LATENESS_MS = 12;

const rows = new Map<Pairing, ResultRow>();
const paths = pathPairings();
const checks = checkPairings();
const programs = Object.assign(
  {},
  ...[...paths, ...checks].map((one) => programsOfServer(one.server)),
);

if (canRun(t, missingProbe() ?? missingForPaths(programs))) {
  const workspace = new Workspace();
  const servers = new PathServers(workspace);
  t.teardown(async () => {
    await workspace.close();
    const table = process.env['RDP_PROBE_TABLE'];
    const inOrder = [...paths, ...checks].flatMap((pairing) => rows.get(pairing) ?? []);
    if (table !== undefined) writeFileSync(table, renderResults(inOrder));
  });
  t.jobs = jobs();
  t.setTimeout(SUITE_LIMIT_MS);
  for (const pairing of paths) {
    t.test(`path: ${pairing.name}`, { buffered: true, timeout: TEST_LIMIT_MS }, async (t) => {
      const { world, server, name } = pairing;
      const run = await runInWorld(servers, world, server, ['path'], seedOf(name));
      const path = reported(t, run);
      if (path === null) return;
      const judged = compareSizes(t, pairing, path);
      compareRest(t, pairing, run, path);
      t.ok(run.milliseconds < limitOf(pairing), `took ${run.milliseconds.toFixed(0)} ms`);
      rows.set(pairing, { ...pairing, command: 'path', run, path, ...judged });
    });
  }
  for (const pairing of checks) {
    t.test(
      `check --path: ${pairing.name}`,
      { buffered: true, timeout: TEST_LIMIT_MS },
      async (t) => {
        const { world, server, name } = pairing;
        const run = await runInWorld(servers, world, server, ['check', '--path'], seedOf(name));
        const path = reported(t, run);
        if (path === null) return;
        compareHandshake(t, world, run);
        const judged = compareSizes(t, pairing, path);
        compareRest(t, pairing, run, path);
        t.ok(run.milliseconds < LIMIT_MS.check, `took ${run.milliseconds.toFixed(0)} ms`);
        rows.set(pairing, { ...pairing, command: 'check', run, path, ...judged });
      },
    );
  }
  if (paths.length + checks.length === 0) t.fail('RDP_PROBE_WORLDS selects nothing');
}

function reported(t: Test, run: PathRun): PathReport | null {
  t.ok(run.exitStatus === 0 || run.exitStatus === 1, `exit status ${run.exitStatus}`);
  if (run.path === null) t.fail('no path in the report', { stderr: run.stderr.slice(-2000) });
  return run.path;
}

function compareSizes(
  t: Test,
  { world, server }: Pairing,
  { mtu, verdict }: PathReport,
): { readonly toServer: Judged; readonly fromServer: Judged } {
  const { truth } = world;
  const toServer = judge(truth.toServer, mtu.toServer, 1500);
  const fromServer = judge(truth.fromServer, mtu.fromServer, largestFlightPacket(server));
  const lenient = world.hard || isOdd(server);
  for (const [name, { judgement, because }, found] of [
    ['to the server', toServer, mtu.toServer],
    ['from the server', fromServer, mtu.fromServer],
  ] as const) {
    const fine = judgement === 'right' || (lenient && judgement === 'inconclusive');
    const { sizes: _, ...rest } = found;
    t.ok(fine, `${name}: ${found.mechanism}`, { judgement, because, found: rest, verdict });
  }
  t.not(verdict, '', 'a verdict');
  return { toServer, fromServer };
}

function compareRest(t: Test, { world, server }: Pairing, run: PathRun, path: PathReport): void {
  const { truth } = world;
  const most = holes(world) === 2 ? CONNECTIONS.twoHoles : CONNECTIONS.usual;
  t.ok(path.connections <= most, `${path.connections} connections`);
  t.ok(path.connections <= path.plannedConnections, `of ${path.plannedConnections} planned`);
  if (truth.loss > 0) return;
  // Where farewells are lost or refused the server waits through no fault of the client's.
  if (world.path.firewall === null) t.same(run.leftOpen, [], 'every connection was closed');
  const syns = run.counted.toServer.tcpSyn.packets;
  t.ok(syns <= path.connections + OTHER_SYNS, `${syns} SYNs: no connection was kept quiet`);
  if (!isPlain(world)) return;
  // A packet that a router refuses has not arrived either: whether that is loss is open.
  const refused = truth.toServer.mechanisms.includes('pmtud');
  if (!isOdd(server) && !refused) t.equal(path.loss.lost ?? 0, 0, 'nothing was lost');
  const { minMs, medianMs } = path.rtt;
  t.ok(
    minMs !== null && minMs >= truth.rttMs && minMs <= truth.rttMs + RTT_LATENESS_MS,
    `RTT ${minMs} to ${medianMs} ms`,
  );
}

function compareHandshake(t: Test, world: World, { report }: PathRun): void {
  const handshake = report?.handshakes.find(({ purpose }) => purpose === 'verdict');
  const expected = failureOf(world);
  const { failedAt = null, how = null } = handshake?.outcome ?? {};
  t.equal(failedAt, expected?.at ?? null, `fails at ${failedAt}`);
  if (expected !== null) t.ok(how !== null && expected.how.some((one) => one === how), `${how}`);
}

function limitOf({ world, server }: Pairing): number {
  if (isOdd(server)) return Number.POSITIVE_INFINITY;
  if (holes(world) > 0) return LIMIT_MS.hole;
  return world.fault === 'clean' && world.truth.loss === 0
    ? LIMIT_MS.clean
    : Number.POSITIVE_INFINITY;
}

/** Directions in which packets vanish. */
function holes({ truth }: World): number {
  return [truth.toServer, truth.fromServer].filter(({ mechanisms }) =>
    mechanisms.some((one) => one === 'black-hole' || one === 'repaired-late'),
  ).length;
}

/** Nothing is lost, slow or refused. */
function isPlain(world: World): boolean {
  const { path, truth } = world;
  const slow = path.forwarder.toServer?.rateKbit !== undefined;
  return truth.loss === 0 && path.firewall === null && !slow && holes(world) === 0;
}
