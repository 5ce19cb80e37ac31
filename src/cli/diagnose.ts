import type { Command } from 'commander';
import type { Diagnosis } from '../diagnose/finding.js';
import type { HostFacts } from '../diagnose/host-facts.js';
import type { Handshake } from '../handshake/handshake.js';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import type { ReportContent } from '../report/merge-reports.js';
import type { Report } from '../report/report.js';
import { exitStatusOf } from './exit-status.js';
import type { CliIo } from './io.js';
import { type OutputFlags, type OutputFormat, readDetail, readFormat } from './output-format.js';
import { type PageOrder, type RawPageOptions, readPageOptions } from './page-options.js';
import { addSavedOutputOptions } from './probe-flags.js';
import { documentName } from './read-document.js';
import { type LookOptions, wantsUnicode } from './terminal.js';

interface RawDiagnoseOptions extends OutputFlags, RawPageOptions {
  readonly hostFacts?: string;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe diagnose monday.json
      the report that check --json wrote, diagnosed anew and told as text
  rdp-probe diagnose monday.json --host-facts facts.json
      with what the script of rdp-probe host-checks read on the host
  ssh branch rdp-probe check srv01.example --json | rdp-probe diagnose -
      standard input; also --ndjson is read
  rdp-probe diagnose site-a.json site-b.json --json > both.json
      several reports as one
  rdp-probe diagnose monday.json --html monday.html
      the same as a page to attach to a ticket

Exit status:
  0  fine: nothing above 'possible' was found
  1  a handshake died or a problem was found
  2  the command line cannot be followed, or the host facts are another machine's
  3  a file cannot be read, or is no report of this version (it says where)

Nothing is sent: what was recorded is judged by the rules of this version.`;

export function defineDiagnose(command: Command, io: CliIo, done: (status: number) => void): void {
  addSavedOutputOptions(
    command
      .description(
        'Diagnose saved reports (check, path, scan or replay with --json) anew, if wanted with what ' +
          'was read on the host since.',
      )
      .usage('REPORT.json... [options]')
      .argument('<reports...>', 'saved reports; - for standard input')
      .optionsGroup('What else is known:')
      .option(
        '--host-facts <file>',
        'what the script of rdp-probe host-checks printed on the host',
      ),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], raw: RawDiagnoseOptions) =>
      done(await runDiagnose(paths, raw, io)),
    );
}

async function runDiagnose(
  paths: readonly string[],
  raw: RawDiagnoseOptions,
  io: CliIo,
): Promise<number> {
  const format = readFormat(raw);
  const order = readPageOptions(raw, null);
  if (order === null && raw.force === true) {
    throw new ProbeError('BAD_OPTION', '--force goes with --html FILE, which is missing');
  }
  const { hostFacts: factsPath = null } = raw;
  const { readReports, readHostFactsFile } = await import('./saved-reports.js');
  const saved = await readReports(paths, io.signal);
  const facts = factsPath === null ? null : await readHostFactsFile(factsPath, io.signal);
  const anew = await diagnoseAll(saved, facts);
  if (factsPath !== null && facts !== null) await checkHost(factsPath, facts, anew, format, io);
  const look = { color: raw.color, detail: readDetail(raw) } as const;
  await print(anew, format, look, io);
  if (order !== null) await writePage(anew, order, format !== 'quiet', raw.verbose === true, io);
  return exitStatusOf(anew);
}

/** @throws ProbeError CANNOT_WRITE */
async function writePage(
  anew: ReportContent,
  order: PageOrder,
  tells: boolean,
  aloud: boolean,
  io: CliIo,
): Promise<void> {
  const { ReportPage } = await import('./report-page.js');
  const page = await ReportPage.open(order);
  try {
    await page.write(await reportOf(anew, io));
  } catch (error) {
    await page.abandon();
    throw error;
  }
  if (tells) await page.tell(io, aloud);
}

async function reportOf({ captures, ...found }: ReportContent, io: CliIo): Promise<Report> {
  const { reportOfRun } = await import('./check-report.js');
  const report = await reportOfRun('diagnose', found, io);
  return captures.length === 0 ? report : { ...report, captures };
}

async function diagnoseAll(
  saved: readonly Report[],
  facts: HostFacts | null,
): Promise<ReportContent> {
  const [{ diagnoseAgain }, { mergeReports }] = await Promise.all([
    import('../diagnose/diagnose-again.js'),
    import('../report/merge-reports.js'),
  ]);
  return mergeReports(
    saved.map((report) => {
      const nowMs = Date.parse(report.generatedAt);
      const diagnoses = report.diagnoses.map((one) =>
        diagnoseAgain(one, judgedBy(one, report.handshakes), nowMs, facts),
      );
      return { handshakes: report.handshakes, diagnoses, captures: report.captures ?? [] };
    }),
  );
}

/** `id`s are positions: the reading of a report made sure of it. */
function judgedBy(diagnosis: Diagnosis, all: readonly Handshake[]): readonly Handshake[] {
  return diagnosis.handshakes.flatMap((id) => all[id] ?? []);
}

/**
 * Facts that belong to none of the targets are refused; where nothing tells, that is said.
 *
 * @throws ProbeError BAD_OPTION
 */
async function checkHost(
  path: string,
  facts: HostFacts,
  { diagnoses, handshakes }: ReportContent,
  format: OutputFormat,
  io: CliIo,
): Promise<void> {
  const { hostMatch } = await import('../diagnose/host-match.js');
  const matches = diagnoses.map((one) => hostMatch(facts, judgedBy(one, handshakes)));
  const [first] = matches;
  if (first !== undefined && matches.every(({ kind }) => kind === 'other')) {
    throw new ProbeError(
      'BAD_OPTION',
      `the host facts of ${documentName(path)} are another machine's: ${first.says}`,
    );
  }
  const unknown = matches.find(({ kind }) => kind === 'unknown');
  if (unknown === undefined || format === 'quiet') return;
  const ascii = !wantsUnicode(io.env, io.platform);
  io.stderr.write(`rdp-probe: host facts: ${cleanText(unknown.says, { ascii })}\n`);
}

async function print(
  anew: ReportContent,
  format: OutputFormat,
  look: LookOptions,
  io: CliIo,
): Promise<void> {
  if (anew.captures.length > 0) {
    const { printCaptures } = await import('./capture-printer.js');
    const counts = anew.captures.map(
      ({ file }) =>
        anew.handshakes.filter(({ source }) => source.kind === 'capture' && source.file === file)
          .length,
    );
    printCaptures(await reportOf(anew, io), counts, format, look, io);
    return;
  }
  const { printerFor } = await import('./check-printer.js');
  const printer = await printerFor('diagnose', format, look, io);
  for (const diagnosis of anew.diagnoses) {
    printer.target({ diagnosis, handshakes: judgedBy(diagnosis, anew.handshakes) });
  }
  await printer.end(anew);
}
