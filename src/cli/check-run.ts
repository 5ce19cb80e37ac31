import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import type { PathOptions } from '../path/path-options.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import type { CheckPrinter } from './check-printer.js';
import { EXIT_INTERRUPTED, exitStatusOf } from './exit-status.js';
import type { CliIo } from './io.js';
import { familyOf } from './ip-address.js';
import { type OutputFlags, type OutputFormat, readFormat } from './output-format.js';
import type { RawPathOptions } from './path-options.js';
import { type RawProbeOptions, readProbeSettings } from './probe-options.js';
import type { ProbeSaver } from './probe-saver.js';
import { isRdpFile, refuseRdpFile } from './rdp-file.js';
import { type RawSaveOptions, readSaveOptions, type SaveOrder } from './save-options.js';
import { parseTarget } from './target.js';
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
  const settings = readProbeSettings(raw, await randomFor(raw));
  const format = readFormat(raw);
  const targets = await readTargets(command, texts, settings);
  const path = await readPath(command, raw);
  const saver = await openSaver(readSaveOptions(raw), io);
  try {
    const status = await checkAll({ command, targets, settings, path, format, saver }, raw, io);
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
  readonly targets: readonly Target[];
  readonly settings: ProbeSettings;
  /** null: the path is not measured */
  readonly path: PathOptions | null;
  readonly format: OutputFormat;
  /** null: nothing is saved */
  readonly saver: ProbeSaver | null;
}

async function checkAll(
  { command, targets, settings, path, format, saver }: CheckRun,
  raw: RawCheckOptions,
  io: CliIo,
): Promise<number> {
  const { checkTarget } = await import('./check-target.js');
  const handshakes: Handshake[] = [];
  const diagnoses: Diagnosis[] = [];
  let printer: CheckPrinter | null = null;
  for (const target of targets) {
    const order = {
      settings,
      path,
      allAddresses: raw.allAddresses === true,
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

/** Only a random correlation id needs the module. */
async function randomFor({ correlationId }: RawCheckOptions): Promise<(n: number) => Uint8Array> {
  if (correlationId === undefined) return (count) => new Uint8Array(count);
  const { randomBytes } = await import('node:crypto');
  return (count) => Uint8Array.from(randomBytes(count));
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

async function readTargets(
  command: ProbingCommand,
  texts: readonly string[],
  { family, sourceAddress }: ProbeSettings,
): Promise<readonly Target[]> {
  if (texts.length === 0) {
    throw new ProbeError(
      'BAD_TARGET',
      `no target was given: say which host to check, as in rdp-probe ${command} srv01.example`,
    );
  }
  const targets: Target[] = [];
  for (const text of texts) {
    if (isRdpFile(text)) throw await refuseRdpFile(text);
    targets.push(parseTarget(text));
  }
  const wanted = family !== 0 ? family : sourceAddress === null ? 0 : familyOf(sourceAddress);
  const option = family !== 0 ? `-${family}` : `--source ${sourceAddress}`;
  for (const { host } of targets) {
    const own = familyOf(host);
    if (wanted !== 0 && own !== 0 && own !== wanted) {
      throw new ProbeError(
        'BAD_OPTION',
        `${host} is an IPv${own} address and ${option} excludes those`,
      );
    }
  }
  return targets;
}
