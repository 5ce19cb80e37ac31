import { type Command, Option } from 'commander';
import type { CauseId } from '../diagnose/causes.js';
import { ProbeError } from '../probe-error.js';
import { EXIT_FINE } from './exit-status.js';
import type { CliIo } from './io.js';
import { documentName } from './read-document.js';

interface RawHostChecksOptions {
  readonly from?: string;
  readonly all?: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe host-checks --from report.json > host-checks.ps1
      the checks for the causes that a report found
  rdp-probe host-checks rdp-disabled private-key-acl-machinekeys
      those for two causes (docs/causes lists them)
  rdp-probe host-checks --all > host-checks.ps1
      every check
  powershell -NoProfile -ExecutionPolicy Bypass -File host-checks.ps1 > facts.json
      then on the RDP host, elevated; or paste it there
  Invoke-Command -ComputerName SRV01 -FilePath host-checks.ps1 > facts.json
      or through WinRM, where no session can be had
  rdp-probe diagnose report.json --host-facts facts.json
      and what it found moves the ranking

Exit status:
  0  the script was printed
  2  the command line cannot be followed: no such cause, or nothing to check
  3  the report cannot be read

The script is made of constants: nothing of a report gets into it but which causes
it is for. It reads, and prints one JSON document; it changes nothing.`;

export function defineHostChecks(
  command: Command,
  io: CliIo,
  done: (status: number) => void,
): void {
  command
    .description(
      'Print a PowerShell script that reads on the RDP host what confirms or refutes causes. It ' +
        'changes nothing there.',
    )
    .usage('CAUSE...|--from REPORT.json|--all')
    .argument('[causes...]', 'ids of causes, as in docs/causes')
    .optionsGroup('Which checks:')
    .option(
      '--from <report>',
      'those for the causes that a saved report found; - for standard input',
    )
    .option('--all', 'every check')
    .addHelpOption(new Option('-h, --help', 'this text').helpGroup('Which checks:'))
    .addHelpText('after', EXAMPLES)
    .action(async (causes: string[], raw: RawHostChecksOptions) =>
      done(await runHostChecks(causes, raw, io)),
    );
}

async function runHostChecks(
  texts: readonly string[],
  raw: RawHostChecksOptions,
  io: CliIo,
): Promise<number> {
  const causes = await causesFor(texts, raw, io);
  const { hostScript } = await import('../diagnose/host-script.js');
  const { text, blocks } = hostScript(causes);
  if (blocks.length === 0) {
    throw new ProbeError(
      'BAD_OPTION',
      `no script can confirm ${texts.join(', ') || 'the causes of the report'} on the host: rdp-probe explain ${causes?.[0] ?? ''} tells what can`,
    );
  }
  io.stdout.write(text);
  return EXIT_FINE;
}

/** null: every cause. @throws ProbeError BAD_OPTION, CANNOT_READ */
async function causesFor(
  texts: readonly string[],
  { from, all }: RawHostChecksOptions,
  io: CliIo,
): Promise<readonly CauseId[] | null> {
  const ways = [texts.length > 0, from !== undefined, all === true].filter((given) => given).length;
  if (ways === 0) {
    throw new ProbeError(
      'BAD_OPTION',
      'say which causes to check, or --from report.json, or --all for every check',
    );
  }
  if (ways > 1) {
    throw new ProbeError('BAD_OPTION', 'causes, --from and --all exclude each other: choose one');
  }
  if (all === true) return null;
  return from === undefined ? await named(texts) : await found(from, io);
}

async function named(texts: readonly string[]): Promise<readonly CauseId[]> {
  const [{ CAUSE_IDS }, { nearest }] = await Promise.all([
    import('../diagnose/causes.js'),
    import('./nearest.js'),
  ]);
  for (const text of texts) {
    if (CAUSE_IDS.includes(text)) continue;
    const near = nearest(text.toLowerCase(), CAUSE_IDS);
    const meant = near.length === 0 ? 'docs/causes lists them' : `did you mean ${near.join(', ')}?`;
    throw new ProbeError('BAD_OPTION', `there is no cause '${text}': ${meant}`);
  }
  return [...new Set(texts as readonly CauseId[])];
}

/** The findings are made anew: those in the file may be another version's, or anybody's. */
async function found(path: string, io: CliIo): Promise<readonly CauseId[]> {
  const [{ readReports }, { diagnoseAgain }] = await Promise.all([
    import('./saved-reports.js'),
    import('../diagnose/diagnose-again.js'),
  ]);
  const [report] = await readReports([path], io.signal);
  if (report === undefined) return [];
  const nowMs = Date.parse(report.generatedAt);
  const ids = report.diagnoses.flatMap((diagnosis) => {
    const handshakes = diagnosis.handshakes.flatMap((id) => report.handshakes[id] ?? []);
    return diagnoseAgain(diagnosis, handshakes, nowMs).findings.map(({ cause }) => cause);
  });
  if (ids.length === 0) {
    throw new ProbeError(
      'BAD_OPTION',
      `nothing wrong was found in ${documentName(path)}, so there is nothing to check: --all gives every check`,
    );
  }
  return [...new Set(ids)] as readonly CauseId[];
}
