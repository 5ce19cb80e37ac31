import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import type { PathOptions } from '../path/path-options.js';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import type { CheckPrinter } from './check-printer.js';
import { EXIT_INTERRUPTED, exitStatusOf } from './exit-status.js';
import type { CliIo } from './io.js';
import { type OutputFlags, type OutputFormat, readFormat } from './output-format.js';
import type { RawPathOptions } from './path-options.js';
import type { RawProbeOptions } from './probe-options.js';
import type { ProbeSaver } from './probe-saver.js';
import { readTargets, type TargetOrder } from './read-targets.js';
import { type RawSaveOptions, readSaveOptions, type SaveOrder } from './save-options.js';
import { wantsUnicode } from './terminal.js';

/** The commands that probe targets. */
export type ProbingCommand = 'check' | 'path';

export interface RawCheckOptions
  extends RawProbeOptions,
    RawSaveOptions,
    RawPathOptions,
    OutputFlags {
  readonly allAddresses?: boolean;
  readonly path?: boolean;
  /** false: `--no-follow-up`; absent: the command has no such option */
  readonly followUp?: boolean;
  readonly color: boolean;
}

/**
 * What `check` and `path` do: probe each target, print, and say how it went.
 *
 * @returns the exit status
 */
export async function runCheck(
  command: ProbingCommand,
  texts: readonly string[],
  raw: RawCheckOptions,
  io: CliIo,
): Promise<number> {
  const targets = await readTargets(command, texts, raw);
  const format = readFormat(raw);
  const path = await readPath(command, raw);
  const saver = await openSaver(readSaveOptions(raw), io);
  try {
    const status = await checkAll({ command, targets, path, format, saver }, raw, io);
    const saved = (await saver?.save()) ?? null;
    if (saved !== null && format !== 'quiet' && (io.stderr.isTTY || raw.verbose === true)) {
      io.stderr.write(
        `rdp-probe: ${cleanText(saved, { ascii: !wantsUnicode(io.env, io.platform) })}\n`,
      );
    }
    return status;
  } catch (error) {
    await saver?.abandon();
    throw error;
  }
}

/** Nothing of it is loaded where nothing is saved. */
async function openSaver(order: SaveOrder | null, io: CliIo): Promise<ProbeSaver | null> {
  if (order === null) return null;
  const { ProbeSaver } = await import('./probe-saver.js');
  return await ProbeSaver.open(order, io);
}

interface CheckRun {
  readonly command: ProbingCommand;
  readonly targets: readonly TargetOrder[];
  /** null: the path is not measured */
  readonly path: PathOptions | null;
  readonly format: OutputFormat;
  /** null: nothing is saved */
  readonly saver: ProbeSaver | null;
}

async function checkAll(
  { command, targets, path, format, saver }: CheckRun,
  raw: RawCheckOptions,
  io: CliIo,
): Promise<number> {
  const { checkTarget } = await import('./check-target.js');
  const handshakes: Handshake[] = [];
  const diagnoses: Diagnosis[] = [];
  let printer: CheckPrinter | null = null;
  for (const { target, settings, file } of targets) {
    const order = {
      settings,
      file,
      path,
      allAddresses: raw.allAddresses === true,
      followUp: raw.followUp !== false,
      silent: format === 'quiet',
      firstId: handshakes.length,
      ...(saver === null ? {} : { recorder: saver }),
    };
    const checked = await checkTarget(target, order, io);
    handshakes.push(...checked.handshakes);
    diagnoses.push(checked.diagnosis);
    printer ??= await openPrinter(command, format, raw, io);
    printer.target(checked);
    if (io.signal.aborted) break;
  }
  await printer?.end({ handshakes, diagnoses });
  return io.signal.aborted ? EXIT_INTERRUPTED : exitStatusOf({ handshakes, diagnoses });
}

async function openPrinter(
  command: ProbingCommand,
  format: OutputFormat,
  raw: RawCheckOptions,
  io: CliIo,
): Promise<CheckPrinter> {
  const { printerFor } = await import('./check-printer.js');
  const look = { color: raw.color, detail: raw.verbose === true ? 'verbose' : 'normal' } as const;
  return await printerFor(command, format, look, io);
}

/** `path` always measures it, `check` where it is asked to; what belongs to it alone needs it. */
async function readPath(
  command: ProbingCommand,
  raw: RawCheckOptions,
): Promise<PathOptions | null> {
  if (command === 'check' && raw.path !== true) {
    const [stray] = [
      ...(raw.count === undefined ? [] : ['--count']),
      ...(raw.interval === undefined ? [] : ['--interval']),
      ...(raw.exact === true ? ['--exact'] : []),
      ...(raw.udp ? [] : ['--no-udp']),
      ...(raw.sideEvidence ? [] : ['--no-side-evidence']),
    ];
    if (stray === undefined) return null;
    throw new ProbeError('BAD_OPTION', `${stray} belongs to --path, which was not given`);
  }
  if (raw.allAddresses === true) {
    throw new ProbeError(
      'BAD_OPTION',
      '--path measures the address that answers: give the others one by one, not --all-addresses',
    );
  }
  const { readPathOptions } = await import('./path-options.js');
  return readPathOptions(raw);
}
