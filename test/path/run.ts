import { setTimeout as sleep } from 'node:timers/promises';
import type { PathReport } from '../../src/handshake/path.js';
import { type ProbeRun, runProbe } from '../lab/probe-run.js';
import type { RunningServer } from '../lab/server.js';
import { Workspace } from '../lab/workspace.js';
import type { ForwarderStatistics } from './lab/forwarder.js';
import type { PathServers, ServerName } from './lab/servers.js';
import { Topology } from './lab/topology.js';
import type { World } from './worlds.js';

/** Nothing may take longer, whatever the world. */
const RUN_LIMIT_MS = 180_000;

/** After its end: for what the kernel still has to say to the peer. */
const FAREWELL_MS = 5000;
const POLL_MS = 100;

/** How the tool is asked. */
export type PathCommand =
  | readonly ['path', ...string[]]
  | readonly ['check', '--path', ...string[]];

export interface PathRun extends ProbeRun {
  /** what the tool found; null: it reported none */
  readonly path: PathReport | null;
  /** what really happened to its packets */
  readonly counted: ForwarderStatistics;
  /** connections that the server still held for whole some seconds after the tool had ended */
  readonly leftOpen: readonly string[];
}

/** A world with a server at its end, for one run or for many. */
export class OpenWorld {
  readonly #workspace: Workspace;
  readonly #topology: Topology;
  readonly #world: World;
  readonly #server: RunningServer;

  private constructor(
    workspace: Workspace,
    topology: Topology,
    world: World,
    server: RunningServer,
  ) {
    this.#workspace = workspace;
    this.#topology = topology;
    this.#world = world;
    this.#server = server;
  }

  static async open(servers: PathServers, world: World, server: ServerName): Promise<OpenWorld> {
    const workspace = new Workspace();
    try {
      const topology = await Topology.build(workspace, world.path, 0);
      const running = await servers.start(server, topology.serverPlace(world.family));
      return new OpenWorld(workspace, topology, world, running);
    } catch (error) {
      await workspace.close();
      throw error;
    }
  }

  /**
   * Lets the tool measure it as users would. Nothing is left of earlier runs but what the server
   * remembers.
   */
  async measure([command, ...options]: PathCommand, seed: number): Promise<PathRun> {
    const { forwarder, client } = this.#topology;
    this.#topology.forgetPathMtu();
    await forwarder.change({ seed });
    await forwarder.startCounting();
    const { address } = this.#server.place;
    const host = this.#world.family === 6 ? `[${address}]` : address;
    const run = await runProbe(
      { namespace: client },
      [command, `${host}:${this.#server.port}`, ...options],
      RUN_LIMIT_MS,
    );
    const counted = await forwarder.statistics();
    const leftOpen = await untilClosed(this.#topology, this.#server.port);
    return { ...run, path: pathOf(run), counted, leftOpen };
  }

  async close(): Promise<void> {
    await this.#server.stop();
    await this.#workspace.close();
  }
}

/** Opens a world for one run. */
export async function runInWorld(
  servers: PathServers,
  world: World,
  server: ServerName,
  command: PathCommand,
  seed: number,
): Promise<PathRun> {
  const open = await OpenWorld.open(servers, world, server);
  try {
    return await open.measure(command, seed);
  } finally {
    await open.close();
  }
}

/** The measurement belongs to what was asked for, hence to the one diagnosis. */
function pathOf({ report }: ProbeRun): PathReport | null {
  const [diagnosis] = report?.diagnoses ?? [];
  if (diagnosis === undefined) return null;
  return (diagnosis as { readonly path: PathReport | null }).path;
}

/**
 * The client's end is gone with its process in any case. Whether the server was told, by a FIN that
 * was not stuck behind data that cannot pass or by a reset, is seen there.
 */
async function untilClosed({ server }: Topology, port: number): Promise<readonly string[]> {
  const deadline = performance.now() + FAREWELL_MS;
  for (;;) {
    const open = server
      .run('ss', '-Htan', 'state', 'established', `sport = :${port}`)
      .split('\n')
      .filter((line) => line !== '');
    if (open.length === 0 || performance.now() > deadline) return open;
    await sleep(POLL_MS);
  }
}
