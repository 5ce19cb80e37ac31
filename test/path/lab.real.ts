import t, { type Test } from 'tap';
import { Workspace } from '../lab/workspace.js';
import type { LaneStatistics } from './lab/forwarder.js';
import { missingForPaths } from './lab/requirements.js';
import { SizeEcho, type SizeTrialResult } from './lab/size-echo.js';
import { Topology } from './lab/topology.js';
import {
  canRun,
  everything,
  jobs,
  SUITE_LIMIT_MS,
  seedOf,
  selected,
  TEST_LIMIT_MS,
} from './selection.js';
import { type DirectionTruth, WORLDS, type World } from './worlds.js';

/*
 * The fault lab does what its worlds say: sizes, path MTUs that are learned, losses, delays and
 * rates, measured by UDP datagrams and without the tool that will be tested there.
 */

const WHOLE = 1500;

/** Packets of this size pass everywhere, and their answers too. */
const SMALL = 100;

/** A round trip may be later than the path by this: timers of the forwarder, a busy machine. */
const LATENESS_MS = 6;

/** So many in a row are not lost by chance: 5 % each way, and all of them, once in 10^12. */
const REPEATED = 12;

const LOSS_SAMPLES = 500;

/** Standard deviations of a binomial share that no honest random loss exceeds. */
const SIGMAS = 4.5;

const GAP_MS = 10;

/** All faults once, and all conditions with three of them; everything else is more of the same. */
const CHOSEN = WORLDS.filter(
  ({ condition, fault }) =>
    everything() ||
    condition === 'plain' ||
    ['clean', 'hole at 1400 both ways', 'discovery at 1280'].includes(fault),
);

const missing = missingForPaths({});
if (canRun(t, missing)) {
  t.jobs = jobs();
  t.setTimeout(SUITE_LIMIT_MS);
  const worlds = CHOSEN.filter(({ name }) => selected(name));
  if (worlds.length === 0) t.pass('RDP_PROBE_WORLDS names none of these', { skip: true });
  for (const world of worlds) {
    t.test(world.name, { buffered: true, timeout: TEST_LIMIT_MS }, async (t) => {
      const workspace = new Workspace();
      t.teardown(() => workspace.close());
      const topology = await Topology.build(workspace, world.path, seedOf(world.name));
      const echo = await SizeEcho.start(workspace, topology, world.family);
      await sizes(t, world, topology, echo);
      if (world.truth.loss > 0) await losses(t, world, topology, echo);
      if (world.fault === '64 kbit/s') await rate(t, echo);
    });
  }
}

/** What is asked in one direction, and its answers. */
interface Asked {
  readonly limit: number;
  readonly passing: SizeTrialResult;
  /** one byte more; null: nothing is larger */
  readonly larger: SizeTrialResult | null;
}

/** Everything is asked in one go; what the kernels have learned by then is looked at afterwards. */
async function sizes(t: Test, world: World, topology: Topology, echo: SizeEcho): Promise<void> {
  const { truth, path, family } = world;
  const kbit = path.forwarder.toServer?.rateKbit ?? Number.POSITIVE_INFINITY;
  const gapMs = GAP_MS + (2 * SMALL * 8) / kbit;
  const up = limitOf(truth.toServer);
  const down = limitOf(truth.fromServer);
  const results = await echo.ask([
    { toServer: SMALL, fromServer: SMALL, count: 2 * REPEATED, gapMs },
    { toServer: up, fromServer: SMALL, count: REPEATED, gapMs },
    { toServer: SMALL, fromServer: down, count: REPEATED, gapMs },
    { toServer: Math.min(up + 1, WHOLE), fromServer: SMALL, count: REPEATED, gapMs },
    { toServer: SMALL, fromServer: Math.min(down + 1, WHOLE), count: REPEATED, gapMs },
  ]);
  const [small, passingUp, passingDown, largerUp, largerDown] = results;
  if (!small || !passingUp || !passingDown || !largerUp || !largerDown) {
    t.fail('no result');
    return;
  }
  if (truth.loss === 0) t.equal(small.answers, 2 * REPEATED, 'all small packets pass');
  else t.ok(small.answers > 0, 'small packets pass both ways');
  roundTrip(t, results, truth.rttMs, (2 * SMALL * 8) / kbit);
  const { client, server } = topology;
  const learned = {
    toServer: learnedMtu(client, topology.serverPlace(family).address),
    fromServer: learnedMtu(server, topology.clientAddress(family)),
  };
  const asked = (limit: number, passing: SizeTrialResult, more: SizeTrialResult): Asked => ({
    limit,
    passing,
    larger: limit === WHOLE ? null : more,
  });
  const toServer = asked(up, passingUp, largerUp);
  const fromServer = asked(down, passingDown, largerDown);
  direction(t, 'to the server', truth.toServer, toServer, learned.toServer);
  direction(t, 'from the server', truth.fromServer, fromServer, learned.fromServer);
}

/** A firewall or a clamp is there for TCP alone. */
function limitOf({ limit, mechanisms }: DirectionTruth): number {
  return limit === null || mechanisms.includes('mss-clamped') ? WHOLE : limit;
}

/** The quickest of all: the rest tells how busy the machine is. */
function roundTrip(
  t: Test,
  results: readonly SizeTrialResult[],
  pathMs: number,
  lineMs: number,
): void {
  const least = Math.min(...results.flatMap(({ rttMs }) => rttMs));
  const most = pathMs + lineMs + LATENESS_MS;
  t.ok(least >= pathMs && least <= most, `RTT ${least.toFixed(1)} ms`);
}

function direction(
  t: Test,
  name: string,
  { mechanisms }: DirectionTruth,
  { limit, passing, larger }: Asked,
  learned: number | null,
): void {
  t.ok(passing.answers > 0, `${limit} passes ${name}`);
  // By discovery the first is refused, which tells the sender; it sends the rest in fragments.
  const told = mechanisms.includes('pmtud');
  if (larger !== null && !told) t.equal(larger.answers, 0, `${limit + 1} vanishes ${name}`);
  t.equal(learned, told ? limit : null, told ? `learned ${name}` : 'nothing is learned');
}

/** @returns what the kernel of a namespace has learned of a path; null: nothing */
function learnedMtu(namespace: Topology['client'], address: string): number | null {
  const route = namespace.run('ip', 'route', 'get', address);
  const [, mtu] = / mtu (\d+)/.exec(route) ?? [];
  return mtu === undefined ? null : Number(mtu);
}

async function losses(
  t: Test,
  { truth }: World,
  topology: Topology,
  echo: SizeEcho,
): Promise<void> {
  await topology.forwarder.startCounting();
  const [trial] = await echo.ask([
    { toServer: SMALL, fromServer: SMALL, count: LOSS_SAMPLES, gapMs: 1 },
  ]);
  const { toServer, fromServer } = await topology.forwarder.statistics();
  t.equal(toServer.udp.packets, LOSS_SAMPLES, 'the forwarder saw every question');
  t.equal(fromServer.udp.packets, LOSS_SAMPLES - toServer.udp.lost, 'and an answer to each left');
  t.equal(trial?.answers, fromServer.udp.packets - fromServer.udp.lost, 'of which the rest came');
  lossOf(t, 'to the server', toServer, truth.loss);
  lossOf(t, 'from the server', fromServer, truth.loss);
}

function lossOf(t: Test, name: string, { udp }: LaneStatistics, expected: number): void {
  const share = udp.lost / udp.packets;
  const tolerance = SIGMAS * Math.sqrt((expected * (1 - expected)) / udp.packets);
  t.ok(Math.abs(share - expected) <= tolerance, `${name} ${udp.lost} of ${udp.packets} were lost`);
}

/** The last of several that leave together has waited for all before it. */
async function rate(t: Test, echo: SizeEcho): Promise<void> {
  const [trial] = await echo.ask([{ toServer: 1000, fromServer: SMALL, count: 5, gapMs: 0 }]);
  const expected = (4 * 1000 * 8) / 64;
  const last = Math.max(...(trial?.rttMs ?? []));
  t.ok(last > expected && last < 1.5 * expected, `5 kB take ${last} ms`);
}
