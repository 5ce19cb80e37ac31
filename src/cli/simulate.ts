import type { Command } from 'commander';
import { ProbeError } from '../probe-error.js';
import type { ReplaySpeed } from '../simulator/replay.js';
import type { Scenario } from '../simulator/scenario.js';
import { EXIT_FINE } from './exit-status.js';
import type { CliIo } from './io.js';
import { nearest } from './nearest.js';
import { wantsUnicode } from './terminal.js';

interface RawSimulateOptions {
  readonly from?: string;
  readonly stream?: string;
  readonly speed?: string;
  readonly keylog?: string;
  readonly port?: string;
  readonly host?: string;
  readonly list?: boolean;
}

interface RunningServer {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const EXAMPLES = `
Examples:
  rdp-probe simulate --list
      the servers that can be simulated
  rdp-probe simulate nla-required --port 3390
      keep one running; check it with: rdp-probe check 127.0.0.1:3390
  rdp-probe simulate --from branch.pcapng --stream 3
      do what the server of a captured connection did, for a client under test

Ctrl-C ends it, with exit status 0.`;

export function defineSimulate(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Keep a simulated RDP server running on this machine, for tests of your own: a sound one, or ' +
        'one with the fault that its name says, or the server of a captured connection.',
    )
    .usage('NAME|--from FILE [options]')
    .argument('[name]', 'which server; --list shows all')
    .option('--port <number>', 'port to listen on (default: a free one)')
    .option('--host <address>', 'loopback address to listen on', '127.0.0.1')
    .option('--from <file>', 'replay the server of a connection in this capture')
    .option(
      '--stream <number>',
      "with --from: which connection, as Wireshark's tcp.stream (default: the first that is RDP)",
    )
    .option('--speed <speed>', 'with --from: pauses as recorded, or none: recorded, full', 'full')
    .option('--keylog <file>', 'with --from: TLS keys, as SSLKEYLOGFILE has them')
    .option('--list', 'list the servers that can be simulated')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, raw: RawSimulateOptions) =>
      done(await runSimulate(name, raw, io)),
    );
}

async function runSimulate(
  name: string | undefined,
  raw: RawSimulateOptions,
  io: CliIo,
): Promise<number> {
  const port = readPort(raw.port);
  const { SCENARIOS, findScenario } = await import('../simulator/scenarios.js');
  if (raw.list === true) {
    await printList(SCENARIOS, io);
    return EXIT_FINE;
  }
  if (raw.from !== undefined) return await runReplay(raw.from, name, raw, io);
  const alone = (['stream', 'keylog'] as const).find((option) => raw[option] !== undefined);
  if (alone !== undefined) throw new ProbeError('BAD_OPTION', `--${alone} needs --from FILE`);
  if (name === undefined) {
    throw new ProbeError(
      'UNKNOWN_SCENARIO',
      "no server was named: 'rdp-probe simulate --list' shows those that can be simulated",
    );
  }
  const scenario = findScenario(name);
  if (scenario === null) throw unknownScenario(name, SCENARIOS);
  const { startReadySimulator } = await import('./ready-simulator.js');
  const simulator = await startReadySimulator(scenario, io.now(), {
    port,
    ...(raw.host === undefined ? {} : { host: raw.host }),
  });
  return await keepRunning(simulator, io);
}

async function keepRunning(server: RunningServer, io: CliIo): Promise<number> {
  const host = server.address.includes(':') ? `[${server.address}]` : server.address;
  io.stdout.write(`listening on ${host}:${server.port}\n`);
  await aborted(io.signal);
  await server.close();
  return EXIT_FINE;
}

async function runReplay(
  file: string,
  name: string | undefined,
  raw: RawSimulateOptions,
  io: CliIo,
): Promise<number> {
  if (name !== undefined) {
    throw new ProbeError('BAD_OPTION', `either '${name}' or --from: one server at a time`);
  }
  const port = readPort(raw.port);
  const stream = readStream(raw.stream);
  const speed = readSpeed(raw.speed);
  const { replayServer } = await import('../replay-server.js');
  const server = await replayServer({
    file,
    port,
    speed,
    ...(stream === null ? {} : { stream }),
    ...(raw.host === undefined ? {} : { host: raw.host }),
    ...(raw.keylog === undefined ? {} : { keyLog: raw.keylog }),
  });
  const { cleanText } = await import('../report/clean.js');
  const ascii = !wantsUnicode(io.env, io.platform);
  const others = server.rdpStreams.filter((each) => each !== server.stream);
  const lines = [
    `stream ${server.stream}${others.length === 0 ? '' : `; others that are RDP: ${inShort(others)}`}`,
    ...server.replayed.map((what) => `replayed   ${what}`),
    ...server.recreated.map((what) => `re-created ${what}`),
  ];
  for (const line of lines) io.stderr.write(`${cleanText(line, { ascii })}\n`);
  return await keepRunning(server, io);
}

/** Enough to choose from. */
const MOST_STREAMS_SHOWN = 20;

function inShort(streams: readonly number[]): string {
  const shown = streams.slice(0, MOST_STREAMS_SHOWN).join(', ');
  return streams.length > MOST_STREAMS_SHOWN ? `${shown}, ...` : shown;
}

function readStream(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ProbeError('BAD_OPTION', `--stream takes the number of a connection, not '${text}'`);
}

function readSpeed(text: string | undefined): ReplaySpeed {
  if (text === undefined || text === 'full') return 'full';
  if (text === 'recorded') return text;
  throw new ProbeError('BAD_OPTION', `--speed takes recorded or full, not '${text}'`);
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new ProbeError('BAD_OPTION', `--port takes a number from 0 to 65535, not '${text}'`);
}

function unknownScenario(name: string, scenarios: readonly Scenario[]): ProbeError {
  const near = nearest(
    name,
    scenarios.map((scenario) => scenario.name),
  );
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : "'rdp-probe simulate --list' shows those that can be simulated";
  return new ProbeError('UNKNOWN_SCENARIO', `there is no server '${name}' to simulate: ${hint}`);
}

async function printList(scenarios: readonly Scenario[], io: CliIo): Promise<void> {
  const { padEnd } = await import('../report/width.js');
  const listed = scenarios.filter((scenario) => scenario.listed);
  const width = Math.max(...listed.map(({ name }) => name.length)) + 2;
  for (const { name, title } of listed) io.stdout.write(`${padEnd(name, width)}${title}\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
