/**
 * `node --import tsx test/path/lab/run-world.ts WORLD SERVER -- COMMAND...`
 *
 * Builds a world with a server at its end and runs a command where the client stands. `{host}`,
 * `{port}` and `{address}` (host as it stands before a port) are filled in. Prints the truth and
 * what the forwarder counted on standard error; ends with the command's exit status. The same
 * RDP_PROBE_SEED loses the same packets, as far as the same are sent.
 * Without arguments: the names of all worlds and servers.
 */
import { spawn } from 'node:child_process';
import { Workspace } from '../../lab/workspace.js';
import { findWorld, WORLDS } from '../worlds.js';
import { PathServers, SERVER_NAMES, type ServerName } from './servers.js';
import { Topology } from './topology.js';

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

function usage(): never {
  say('run-world.ts WORLD SERVER -- COMMAND...');
  say(`worlds:\n${WORLDS.map(({ name }) => `  ${name}`).join('\n')}`);
  say(`servers:\n${SERVER_NAMES.map((name) => `  ${name}`).join('\n')}`);
  process.exit(2);
}

const [worldName = '', serverName = '', separator, ...command] = process.argv.slice(2);
const world = findWorld(worldName);
const known = SERVER_NAMES.find((name: ServerName) => name === serverName);
if (world === undefined || known === undefined || separator !== '--') usage();

const workspace = new Workspace();
let status = 1;
try {
  const seed = Number(process.env['RDP_PROBE_SEED'] ?? Date.now() % 1_000_000);
  const topology = await Topology.build(workspace, world.path, seed);
  const servers = new PathServers(workspace);
  const server = await servers.start(known, topology.serverPlace(world.family));
  const { address } = server.place;
  const filled = command.map((word) =>
    word
      .replaceAll('{host}', world.family === 6 ? `[${address}]` : address)
      .replaceAll('{address}', address)
      .replaceAll('{port}', String(server.port)),
  );
  const [program = '', ...rest] = topology.client.enter(['env', ...filled]);
  const startedAt = performance.now();
  const child = spawn(program, rest, { stdio: 'inherit' });
  status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
  const counted = await topology.forwarder.statistics();
  say(`\nended with ${status} after ${seconds} s`);
  say(`seed ${seed}`);
  say(`truth ${JSON.stringify(world.truth, null, 1)}`);
  say(`forwarder ${JSON.stringify(counted)}`);
  const output = server.output();
  if (output !== '') say(`server:\n${output}`);
} finally {
  await workspace.close();
}
process.exit(status);
