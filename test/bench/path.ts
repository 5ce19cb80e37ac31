/**
 * `npm run bench:path -- [FILE]`: how often `rdp-probe path` is right, in worlds whose truth is
 * known. Prints tables in markdown, and writes them into FILE.
 *
 *   RDP_PROBE_RUNS=200       runs in each world where nothing but loss is wrong; a tenth in others
 *   RDP_PROBE_WORLDS=TEXT    only worlds with TEXT in their name
 *   RDP_PROBE_PATH_JOBS=4    how many at a time
 *   RDP_PROBE_SEED=0         what is lost is drawn from it
 *
 * Needs what `npm run test:path` needs. Takes an hour or two.
 */
import { writeFileSync } from 'node:fs';
import { missingProbe } from '../lab/probe-run.js';
import { Workspace } from '../lab/workspace.js';
import { judge } from '../path/judge.js';
import { missingForPaths } from '../path/lab/requirements.js';
import { PathServers, programsOfServer, type ServerName } from '../path/lab/servers.js';
import { largestFlightPacket } from '../path/plan.js';
import { OpenWorld } from '../path/run.js';
import { jobs, seedOf, selected } from '../path/selection.js';
import { WORLDS, type World } from '../path/worlds.js';
import { describeMachine, print } from './figures.js';
import { type BenchRun, renderBench } from './path-table.js';

/** A flight of several full packets, as of a server with a certificate of an authority. */
const SERVER: ServerName = 'tls-chain';

const RUNS = Number(process.env['RDP_PROBE_RUNS'] ?? 200);
const RUNS_WITH_A_HOLE = Math.max(1, Math.round(RUNS / 10));

/** Worlds where a limit that is not there must not be found. */
const LIMITLESS: readonly string[] = ['clean', 'loss 1 %', 'loss 5 %', 'loss 10 %', 'loss 20 %'];

const LIMITED: readonly string[] = [
  'hole at 1280 from the server',
  'hole at 1400 from the server',
  'hole at 1337 from the server',
  'hole at 1280 to the server',
  'hole at 1400 to the server',
  'hole at 1403 to the server',
  'hole at 1400 both ways',
  'discovery at 1280',
  'discovery at 1400',
  'discovery at 1280 without ICMP',
  'MSS clamped to 1240',
  'MTU probing behind a hole at 1400',
  'discovery at 1280, IPv6',
  'hole at 1400 from the server, IPv6',
];

/** Where a hole is met with loss on top. */
const WITH_LOSS: readonly string[] = [
  'hole at 1400 from the server',
  'hole at 1400 to the server',
  'hole at 1400 both ways',
];

interface Order {
  readonly world: World;
  readonly runs: number;
}

function orders(): readonly Order[] {
  return WORLDS.filter(({ name }) => selected(name)).flatMap((world): readonly Order[] => {
    const { fault, condition } = world;
    if (condition === '50 ms' && LIMITLESS.includes(fault)) return [{ world, runs: RUNS }];
    const chosen = condition === '50 ms' ? LIMITED : condition.endsWith('loss') ? WITH_LOSS : [];
    const slow = condition.startsWith('50 ms');
    return slow && chosen.includes(fault) ? [{ world, runs: RUNS_WITH_A_HOLE }] : [];
  });
}

/** One world, open in several copies, whose runs are shared out among them. */
async function benchWorld(servers: PathServers, { world, runs }: Order): Promise<BenchRun[]> {
  const done: BenchRun[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    const open = await OpenWorld.open(servers, world, SERVER);
    try {
      while (next < runs) {
        const number = next;
        next += 1;
        done.push(await benchRun(open, world, number));
        process.stderr.write(`\r${world.name}: ${done.length} of ${runs}   `);
      }
    } finally {
      await open.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs(), runs) }, worker));
  process.stderr.write('\n');
  return done;
}

async function benchRun(open: OpenWorld, world: World, number: number): Promise<BenchRun> {
  const seed = seedOf(`${world.name} ${number}`);
  const { path, milliseconds, counted, stderr } = await open.measure(['path'], seed);
  if (path === null) {
    process.stderr.write(`\n${world.name}, seed ${seed}: no report\n${stderr.slice(-500)}\n`);
    return { world, milliseconds, counted, found: null };
  }
  const toServer = judge(world.truth.toServer, path.mtu.toServer, 1500);
  const fromServer = judge(
    world.truth.fromServer,
    path.mtu.fromServer,
    largestFlightPacket(SERVER),
  );
  const because = [...toServer.because, ...fromServer.because];
  if (because.length > 0) {
    process.stderr.write(`\n${world.name}, seed ${seed}: ${because.join('; ')}\n${path.verdict}\n`);
  }
  return { world, milliseconds, counted, found: { path, toServer, fromServer } };
}

async function run(): Promise<void> {
  const missing = missingProbe() ?? missingForPaths(programsOfServer(SERVER));
  if (missing !== null) {
    print(`The bench cannot run here: ${missing}`);
    process.exitCode = 1;
    return;
  }
  describeMachine();
  const [file] = process.argv.slice(2);
  const workspace = new Workspace();
  const done: BenchRun[] = [];
  try {
    const servers = new PathServers(workspace);
    for (const order of orders()) {
      done.push(...(await benchWorld(servers, order)));
      // What there is so far is kept, whatever becomes of the rest.
      if (file !== undefined) writeFileSync(file, renderBench(done));
    }
  } finally {
    await workspace.close();
  }
  print(renderBench(done));
}

await run();
