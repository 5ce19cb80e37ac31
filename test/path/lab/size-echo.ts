import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Daemon } from '../../lab/daemon.js';
import type { Workspace } from '../../lab/workspace.js';
import type { Family, Topology } from './topology.js';

const PROGRAM = fileURLToPath(new URL('./size-echo.mjs', import.meta.url));
const PORT = 4242;

/** Questions of one size each way; see size-echo.mjs. Sizes are bytes of whole IP packets. */
export interface SizeTrialRequest {
  readonly toServer: number;
  readonly fromServer: number;
  readonly count: number;
  readonly gapMs: number;
}

export interface SizeTrialResult {
  readonly answers: number;
  /** how often the kernel would not send */
  readonly refused: number;
  readonly rttMs: readonly number[];
}

/** What UDP datagrams of given sizes meet on a path: a second opinion on what a world does. */
export class SizeEcho {
  readonly #topology: Topology;
  readonly #address: string;

  private constructor(topology: Topology, address: string) {
    this.#topology = topology;
    this.#address = address;
  }

  static async start(workspace: Workspace, topology: Topology, family: Family): Promise<SizeEcho> {
    const { address, namespace } = topology.serverPlace(family);
    const daemon = Daemon.start(workspace, {
      name: 'size-echo',
      command: [process.execPath, PROGRAM, 'serve', address, String(PORT)],
      namespace,
    });
    await daemon.waitUntil('it listens', () => daemon.output().includes('ready'));
    return new SizeEcho(topology, address);
  }

  async ask(trials: readonly SizeTrialRequest[]): Promise<readonly SizeTrialResult[]> {
    const [program, ...rest] = this.#topology.client.enter([
      process.execPath,
      PROGRAM,
      ...['ask', this.#address, String(PORT), JSON.stringify(trials)],
    ]);
    const { stdout } = await promisify(execFile)(program, rest);
    return JSON.parse(stdout) as SizeTrialResult[];
  }
}
