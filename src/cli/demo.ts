import type { Command } from 'commander';
import { DEFAULT_SETTINGS } from '../probe/settings.js';
import type { CheckedTarget } from './check-target.js';
import { EXIT_FINE, EXIT_INTERRUPTED, EXIT_PROBLEM } from './exit-status.js';
import type { CliIo } from './io.js';
import { styleFor } from './terminal.js';

/** A simulated server, and what a check must say of it. */
interface Exhibit {
  readonly scenario: string;
  readonly says: string;
  isTold(checked: CheckedTarget): boolean;
}

const EXHIBITS: readonly Exhibit[] = [
  {
    scenario: 'healthy-windows',
    says: 'a sound Windows server with NLA',
    isTold: ({ handshakes: [handshake], diagnosis }) =>
      handshake?.outcome.status === 'ok' &&
      handshake.outcome.reached === 'credssp' &&
      diagnosis.findings.every(({ certainty }) => certainty === 'possible'),
  },
  {
    scenario: 'expired-certificate',
    says: 'the same, but its certificate expired and was not renewed',
    isTold: ({ handshakes: [handshake], diagnosis: { findings } }) =>
      handshake?.outcome.status === 'ok' &&
      findings.some(({ cause, certainty }) =>
        cause === 'self-signed-cert-not-renewed' ? certainty === 'proved' : false,
      ),
  },
  {
    scenario: 'key-unreadable',
    says: 'the same, but it cannot read the private key of its certificate',
    isTold: ({ handshakes: [handshake], diagnosis }) =>
      handshake?.outcome.failedAt === 'tls' &&
      handshake.outcome.how === 'reset' &&
      handshake.outcome.by === 'server' &&
      diagnosis.findings.length > 0,
  },
];

export function defineDemo(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Start three simulated servers on this machine, one sound and two broken, check each as ' +
        "'rdp-probe check' would, and show what is told of them. Needs no network and no rights.",
    )
    .option('--no-color', 'no colours')
    .addHelpText('after', '\nExit status: 0 when all three were told correctly, else 1.')
    .action(async (raw: { readonly color: boolean }) => done(await runDemo(raw.color, io)));
}

async function runDemo(color: boolean, io: CliIo): Promise<number> {
  const [{ findScenario }, { startReadySimulator }, { checkTarget }, { renderTargetText }, styles] =
    await Promise.all([
      import('../simulator/scenarios.js'),
      import('./ready-simulator.js'),
      import('./check-target.js'),
      import('../report/text.js'),
      import('../report/text-style.js'),
    ]);
  const style = styleFor(io, { color, detail: 'brief' });
  const paint = styles.paintOf(style);
  const { good, bad } = styles.glyphsOf(style);
  let told = 0;
  for (const [index, exhibit] of EXHIBITS.entries()) {
    const scenario = findScenario(exhibit.scenario);
    if (scenario === null) throw new TypeError(`no scenario ${exhibit.scenario}`);
    const simulator = await startReadySimulator(scenario, io.now(), {
      host: '127.0.0.1',
      signal: io.signal,
    });
    try {
      io.stdout.write(paint.bold(`${index + 1} of ${EXHIBITS.length}: ${exhibit.says}\n`));
      io.stdout.write(paint.dim(`rdp-probe check 127.0.0.1:${simulator.port}\n\n`));
      const checked = await checkTarget(
        { host: '127.0.0.1', port: simulator.port },
        { settings: DEFAULT_SETTINGS, allAddresses: false, silent: false, firstId: 0 },
        io,
      );
      if (io.signal.aborted) return EXIT_INTERRUPTED;
      io.stdout.write(renderTargetText(checked.diagnosis, checked.handshakes, style));
      const right = exhibit.isTold(checked);
      if (right) told++;
      const judged = right
        ? paint.good(`${good} told correctly`)
        : paint.bad(`${bad} told wrongly`);
      io.stdout.write(`\n${judged}\n\n`);
    } finally {
      await simulator.close();
    }
  }
  io.stdout.write(
    `${told} of ${EXHIBITS.length} told correctly. Now yours: rdp-probe check HOST\n`,
  );
  return told === EXHIBITS.length ? EXIT_FINE : EXIT_PROBLEM;
}
