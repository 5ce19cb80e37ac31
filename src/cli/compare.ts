import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import type { Diagnosis } from '../diagnose/finding.js';
import { ProbeError } from '../probe-error.js';
import { EXIT_FINE, EXIT_PROBLEM } from './exit-status.js';
import type { CliIo } from './io.js';
import { type OutputFlags, readFormat } from './output-format.js';
import { documentName } from './read-document.js';
import { styleFor } from './terminal.js';

interface RawCompareOptions extends Omit<OutputFlags, 'ndjson'> {
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe compare office.json branch.json
      the same server from two sites: in what they differ, and what that says
  rdp-probe compare before.json after.json
      one site before and after a change
  rdp-probe scan srv01.example --json > before.json
      reports of scan are compared offer by offer: what is taken and refused,
      TLS, who can connect, weak settings
  rdp-probe compare a.json b.json c.json d.json --verbose
      more of them, and every row, not only those that differ
  rdp-probe compare office.json branch.json --json | jq '.conclusions[].id'
      for a script (docs/comparing.md)
  rdp-probe check srv01.example --path --json > office.json
      how to get such a report; with --path packet sizes and loss are compared too

Exit status:
  0  nothing differs that matters
  1  they differ, and it is told what that says
  2  the command line cannot be followed
  3  a file cannot be read, or is no report of this version (it says where)

The reports are of one target. Nothing is sent.`;

/** More columns nobody reads. */
const MAX_REPORTS = 50;

export function defineCompare(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Set saved reports of one target beside each other, from several sites or before and after: ' +
        'what differs, what that says, and what would tell for sure.',
    )
    .usage('A.json B.json [...] [options]')
    .argument('<reports...>', 'saved reports (check, path, scan --json); - for standard input')
    .optionsGroup('Output:')
    .option('--json', 'one JSON document')
    .option('-q, --quiet', 'print nothing: the exit status tells')
    .option('-v, --verbose', 'every row, not only those that differ')
    .option('--no-color', 'no colours (also: NO_COLOR; FORCE_COLOR for the opposite)')
    .addHelpOption(new Option('-h, --help', 'this text').helpGroup('Output:'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], raw: RawCompareOptions) =>
      done(await runCompare(paths, raw, io)),
    );
}

async function runCompare(
  paths: readonly string[],
  raw: RawCompareOptions,
  io: CliIo,
): Promise<number> {
  const format = readFormat(raw);
  if (paths.length < 2 || paths.length > MAX_REPORTS) {
    throw new ProbeError(
      'BAD_OPTION',
      paths.length < 2
        ? 'one report cannot be compared: give two or more, as in rdp-probe compare a.json b.json'
        : `at most ${MAX_REPORTS} reports can be compared at once`,
    );
  }
  const [{ readReports }, { compare }, { diagnoseAgain }] = await Promise.all([
    import('./saved-reports.js'),
    import('../diagnose/compare.js'),
    import('../diagnose/diagnose-again.js'),
  ]);
  const saved = await readReports(paths, io.signal);
  const inputs = saved.map(({ handshakes, diagnoses, generatedAt }, index) => {
    const path = paths[index] ?? '';
    if (diagnoses.length === 0) {
      throw new ProbeError('CANNOT_READ', `${documentName(path)} is about no target`);
    }
    const nowMs = Date.parse(generatedAt);
    // Two versions may have written them: one set of rules judges all.
    const anew = diagnoses.map((one: Diagnosis) =>
      diagnoseAgain(
        one,
        one.handshakes.flatMap((id) => handshakes[id] ?? []),
        nowMs,
      ),
    );
    return { file: path === '-' ? 'standard input' : basename(path), handshakes, diagnoses: anew };
  });
  const comparison = compare(inputs);
  if (format === 'json') {
    const [{ renderCompareJson }, { readVersion }] = await Promise.all([
      import('../report/json-compare.js'),
      import('./version.js'),
    ]);
    io.stdout.write(renderCompareJson(comparison, await readVersion()));
  } else if (format === 'text') {
    const [{ renderComparison }, { cleanStrings }] = await Promise.all([
      import('../report/text-compare.js'),
      import('../report/clean.js'),
    ]);
    const detail = raw.verbose === true ? 'verbose' : 'normal';
    const style = styleFor(io, { color: raw.color, detail });
    const clean = cleanStrings(comparison, { ascii: !style.unicode });
    io.stdout.write(renderComparison(clean, style));
  }
  return comparison.conclusions.length === 0 ? EXIT_FINE : EXIT_PROBLEM;
}
