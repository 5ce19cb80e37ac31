import type { Command } from 'commander';
import { ProbeError } from '../probe-error.js';
import type { Scenario } from '../simulator/scenario.js';
import { EXIT_FINE } from './exit-status.js';
import type { CliIo } from './io.js';
import { nearest } from './nearest.js';

interface RawSimulateOptions {
  readonly port?: string;
  readonly host?: string;
  readonly list?: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe simulate --list
      the servers that can be simulated
  rdp-probe simulate nla-required --port 3390
      keep one running; check it with: rdp-probe check 127.0.0.1:3390

Ctrl-C ends it, with exit status 0.`;

export function defineSimulate(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Keep a simulated RDP server running on this machine, for tests of your own: a sound one, or ' +
        'one with the fault that its name says.',
    )
    .usage('NAME [options]')
    .argument('[name]', 'which server; --list shows all')
    .option('--port <number>', 'port to listen on (default: a free one)')
    .option('--host <address>', 'address of this machine to listen on', '127.0.0.1')
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
    signal: io.signal,
  });
  const host = simulator.address.includes(':') ? `[${simulator.address}]` : simulator.address;
  io.stdout.write(`listening on ${host}:${simulator.port}\n`);
  await aborted(io.signal);
  await simulator.close();
  return EXIT_FINE;
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
