import { Command, CommanderError } from 'commander';
import { ProbeError, type ProbeErrorCode } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import { EXIT_FINE, EXIT_NOT_DONE, EXIT_USAGE } from './exit-status.js';
import type { CliIo } from './io.js';
import { wantsUnicode } from './terminal.js';
import { describeUsageError } from './usage-error.js';

/** Adds a command's options and its action, which calls `done` with the exit status. */
type Define = (command: Command, io: CliIo, done: (status: number) => void) => void;

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Only the command that runs is loaded. */
  load(): Promise<Define>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'check',
    summary: 'check where the RDP connection to a host stands, or dies',
    load: async () => (await import('./check.js')).defineCheck,
  },
  {
    name: 'path',
    summary: 'measure the path to a host: packet sizes, loss, latency, UDP',
    load: async () => (await import('./path.js')).definePath,
  },
  {
    name: 'scan',
    summary: 'ask a host what it takes and refuses: NLA, TLS, encryption, weak settings',
    load: async () => (await import('./scan.js')).defineScan,
  },
  {
    name: 'replay',
    summary: 'tell the same of every RDP connection in saved captures',
    load: async () => (await import('./replay.js')).defineReplay,
  },
  {
    name: 'diagnose',
    summary: 'diagnose saved reports anew, with what was read on the host',
    load: async () => (await import('./diagnose.js')).defineDiagnose,
  },
  {
    name: 'compare',
    summary: 'tell in what reports from several sites or times differ, and what that says',
    load: async () => (await import('./compare.js')).defineCompare,
  },
  {
    name: 'host-checks',
    summary: 'print a script that reads on the RDP host what confirms a cause',
    load: async () => (await import('./host-checks.js')).defineHostChecks,
  },
  {
    name: 'explain',
    summary: 'tell what an error code or a word means, and what can stand behind it',
    load: async () => (await import('./explain.js')).defineExplain,
  },
  {
    name: 'anonymise',
    summary: 'copy a capture without what would tell whose it is',
    load: async () => (await import('./anonymise.js')).defineAnonymise,
  },
  {
    name: 'demo',
    summary: 'check three simulated servers, to see what this program tells',
    load: async () => (await import('./demo.js')).defineDemo,
  },
  {
    name: 'simulate',
    summary: 'keep a simulated server running, for tests of your own',
    load: async () => (await import('./simulate.js')).defineSimulate,
  },
];

const EXAMPLES = `
Examples:
  rdp-probe check srv01.example
  rdp-probe check --help
  rdp-probe path srv01.example
  rdp-probe scan srv01.example
  rdp-probe replay capture.pcapng
  rdp-probe compare site-a.json site-b.json
  rdp-probe explain 0x904 0x7
  rdp-probe demo`;

/**
 * The whole program: command line in, exit status out.
 *
 * @param argv what stands after the name of the program
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const args = withoutHelpCommand(argv);
  const wanted = COMMANDS.find(({ name }) => name === args[0]);
  let status = EXIT_FINE;
  const program = await buildProgram(wanted, io, (result) => {
    status = result;
  });
  if (args.length === 0) {
    io.stderr.write(program.helpInformation() + EXAMPLES.replace(/$/, '\n'));
    return EXIT_USAGE;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version were asked for, and printed.
      if (error.exitCode === 0) return EXIT_FINE;
      complain(describeUsageError(error, args, wanted?.name ?? null), io);
      return EXIT_USAGE;
    }
    if (!(error instanceof ProbeError)) throw error;
    complain(error.message, io);
    return statusOf(error.code);
  }
}

/** `help check` is another way to write `check --help`. */
function withoutHelpCommand(argv: readonly string[]): readonly string[] {
  if (argv[0] !== 'help') return argv;
  const [, topic] = argv;
  if (topic === undefined) return ['--help'];
  // What is no command is complained of, not passed over in favour of the general help.
  return COMMANDS.some(({ name }) => name === topic) ? [topic, '--help'] : [topic];
}

async function buildProgram(
  wanted: CommandEntry | undefined,
  io: CliIo,
  done: (status: number) => void,
): Promise<Command> {
  const program = new Command('rdp-probe')
    .description(
      'Tells, from the client side and without logging on, where an RDP connection dies.',
    )
    .usage('COMMAND [options]')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Errors are told in one sentence of ours.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? 80, 100),
      getErrHelpWidth: () => Math.min(io.stderr.columns ?? 80, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', EXAMPLES);
  if (wanted === undefined) {
    const { readVersion } = await import('./version.js');
    program.version(await readVersion(), '-V, --version', 'print the version');
  }
  for (const { name, summary } of COMMANDS) {
    const command = program.command(name).summary(summary).description(summary);
    if (name !== wanted?.name) continue;
    const define = await wanted.load();
    define(command, io, done);
  }
  return program;
}

function complain(sentence: string, io: CliIo): void {
  const ascii = !wantsUnicode(io.env, io.platform);
  io.stderr.write(`rdp-probe: ${cleanText(sentence, { ascii })}\n`);
}

function statusOf(code: ProbeErrorCode): number {
  switch (code) {
    case 'BAD_TARGET':
    case 'BAD_OPTION':
    case 'UNKNOWN_SCENARIO':
      return EXIT_USAGE;
    case 'CANNOT_LISTEN':
    case 'CANNOT_CAPTURE':
    case 'CANNOT_WRITE':
    case 'CANNOT_READ':
      return EXIT_NOT_DONE;
  }
}
