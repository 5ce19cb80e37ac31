import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import type { PathOptions } from '../path/path-options.js';
import type { Logon } from '../probe/logon.js';
import type { ProxyServer } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import type { Report } from '../report/report.js';
import type { CheckPrinter } from './check-printer.js';
import { EXIT_INTERRUPTED, EXIT_PROBLEM, exitStatusOf } from './exit-status.js';
import type { GatewaySurroundings, RawGatewayOptions } from './gateway-options.js';
import type { CliIo, GatewayOrder } from './io.js';
import { type RawLogonOptions, readLogon } from './logon-options.js';
import { type OutputFlags, type OutputFormat, readDetail, readFormat } from './output-format.js';
import { type PageOrder, type RawPageOptions, readPageOptions } from './page-options.js';
import type { RawPathOptions } from './path-options.js';
import type { RawProbeOptions } from './probe-options.js';
import type { ProbeSaver } from './probe-saver.js';
import { readProxy } from './proxy-options.js';
import { readTargets, type TargetOrder } from './read-targets.js';
import type { ReportPage } from './report-page.js';
import { type RawSaveOptions, readSaveOptions, type SaveOrder } from './save-options.js';
import type { RawScanOptions, ScanOrder } from './scan-options.js';
import { parseTarget } from './target.js';
import { wantsUnicode } from './terminal.js';

/** The commands that probe targets. */
export type ProbingCommand = 'check' | 'path' | 'scan';

export interface RawCheckOptions
  extends RawProbeOptions,
    RawSaveOptions,
    RawPathOptions,
    RawLogonOptions,
    RawScanOptions,
    RawPageOptions,
    RawGatewayOptions,
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
  const proxy = readProxy(raw, io.env);
  if (proxy !== null) checkProxy(raw);
  const targets = behindProxy(await readTargets(command, texts, raw), proxy);
  const format = readFormat(raw);
  const path = command === 'scan' ? null : await readPath(command, raw);
  const scan = command === 'scan' ? await readScan(raw) : null;
  const save = readSaveOptions(raw);
  const pageOrder = readPageOptions(raw, save?.path ?? null);
  const logon = await readLogonTo(targets, path !== null, raw, io);
  if (logon === 'interrupted') return EXIT_INTERRUPTED;
  const around = {
    targets: targets.map(({ target }) => target),
    allAddresses: raw.allAddresses === true,
    measuresPath: path !== null,
    saves: save !== null,
    stdinIsTaken: raw.passwordStdin === true,
  };
  const gateway = await readGatewayOf(raw, targets, around, io);
  if (gateway === 'interrupted') return EXIT_INTERRUPTED;
  const saver = await openSaver(logon === null ? save : withoutSecrets(save), io);
  let page: ReportPage | null = null;
  try {
    page = await openPage(pageOrder);
    const run = { command, targets, path, scan, format, saver, logon, gateway, page };
    const status = await checkAll(run, raw, io);
    const saved = (await saver?.save()) ?? null;
    const silent = !io.stderr.isTTY && raw.verbose !== true && logon === null;
    if (saved !== null && format !== 'quiet' && !silent) {
      const left = logon === null ? '' : '; TLS secrets left out, for a logon is in it';
      io.stderr.write(
        `rdp-probe: ${cleanText(`${saved}${left}`, { ascii: !wantsUnicode(io.env, io.platform) })}\n`,
      );
    }
    if (format !== 'quiet') await page?.tell(io, raw.verbose === true);
    return status;
  } catch (error) {
    await saver?.abandon();
    await page?.abandon();
    throw error;
  }
}

/** Nothing of it is loaded where there is none. */
async function readGatewayOf(
  raw: RawCheckOptions,
  targets: readonly TargetOrder[],
  around: GatewaySurroundings,
  io: CliIo,
): Promise<GatewayOrder | null | 'interrupted'> {
  const names = ['gateway', 'gatewayUser', 'gatewayPasswordStdin', 'gatewayPasswordEnv'] as const;
  if (names.every((name) => raw[name] === undefined)) return null;
  const { readGateway } = await import('./gateway-options.js');
  // A user for the gateway is meant for the one that the file names.
  const [only, ...others] = targets;
  const named = others.length === 0 ? only?.file?.gateway?.host : undefined;
  const gateway = raw.gateway ?? named;
  return await readGateway({ ...raw, ...(gateway === undefined ? {} : { gateway }) }, around, io);
}

/** Where a client always goes through the gateway that the file names, so does a check. */
async function gatewayOf(
  { file }: TargetOrder,
  { command, path, saver }: CheckRun,
  { allAddresses }: RawCheckOptions,
): Promise<GatewayOrder | null> {
  if (file?.gateway?.when !== 'always' || command !== 'check') return null;
  if (path !== null || saver !== null || allAddresses === true) return null;
  const { GATEWAY_PORT } = await import('./gateway-options.js');
  return { at: parseTarget(file.gateway.host, GATEWAY_PORT), credentials: null };
}

function behindProxy(
  targets: readonly TargetOrder[],
  proxy: ProxyServer | null,
): readonly TargetOrder[] {
  if (proxy === null) return targets;
  return targets.map((order) => ({ ...order, settings: { ...order.settings, proxy } }));
}

/** What a proxy makes impossible. */
function checkProxy(raw: RawCheckOptions): void {
  const [other] = [
    ...(raw.allAddresses === true ? ['--all-addresses: the proxy looks the target up'] : []),
    ...(raw.path === true ? ['--path: what is measured would end at the proxy'] : []),
    ...(raw.save === undefined ? [] : ['--save: a capture would show the proxy alone']),
  ];
  if (other !== undefined) throw new ProbeError('BAD_OPTION', `--proxy excludes ${other}`);
}

/** With the secrets of TLS, a file would show the answer to a challenge, which can be attacked. */
function withoutSecrets(order: SaveOrder | null): SaveOrder | null {
  return order === null ? null : { ...order, withSecrets: false };
}

/** Nothing of it is loaded where nothing is saved. */
async function openSaver(order: SaveOrder | null, io: CliIo): Promise<ProbeSaver | null> {
  if (order === null) return null;
  const { ProbeSaver } = await import('./probe-saver.js');
  return await ProbeSaver.open(order, io);
}

/** Nothing of it is loaded where no page is wanted. */
async function openPage(order: PageOrder | null): Promise<ReportPage | null> {
  if (order === null) return null;
  const { ReportPage } = await import('./report-page.js');
  return await ReportPage.open(order);
}

interface CheckRun {
  readonly command: ProbingCommand;
  readonly targets: readonly TargetOrder[];
  /** null: the path is not measured */
  readonly path: PathOptions | null;
  /** null: no further questions are asked */
  readonly scan: ScanOrder | null;
  readonly format: OutputFormat;
  /** null: nothing is saved */
  readonly saver: ProbeSaver | null;
  /** null: nobody logs on */
  readonly logon: Logon | null;
  /** null: the targets are connected to without one */
  readonly gateway: GatewayOrder | null;
  /** null: no page is written */
  readonly page: ReportPage | null;
}

async function checkAll(run: CheckRun, raw: RawCheckOptions, io: CliIo): Promise<number> {
  const { command, targets, path, scan, format, saver, logon, page } = run;
  const { checkTarget } = await import('./check-target.js');
  const handshakes: Handshake[] = [];
  const diagnoses: Diagnosis[] = [];
  let printer: CheckPrinter | null = null;
  const gateways = await Promise.all(
    targets.map(async (one) => run.gateway ?? (await gatewayOf(one, run, raw))),
  );
  for (const [index, { target, settings, file }] of targets.entries()) {
    const gateway = gateways[index] ?? null;
    const order = {
      settings,
      file,
      path,
      scan: scan?.options ?? null,
      allAddresses: raw.allAddresses === true,
      followUp: raw.followUp !== false,
      silent: format === 'quiet',
      firstId: handshakes.length,
      ...(saver === null ? {} : { recorder: saver }),
      ...(logon === null ? {} : { logon }),
      ...(gateway === null ? {} : { gateway }),
    };
    const checked = await checkTarget(target, order, io);
    handshakes.push(...checked.handshakes);
    diagnoses.push(checked.diagnosis);
    printer ??= await openPrinter(command, format, raw, io);
    printer.target(checked);
    if (io.signal.aborted) break;
  }
  await printer?.end({ handshakes, diagnoses });
  if (page !== null) await writePage(page, command, { handshakes, diagnoses }, io);
  if (io.signal.aborted) return EXIT_INTERRUPTED;
  if (scan !== null && diagnoses.some((one) => scan.failsOn(one))) return EXIT_PROBLEM;
  return exitStatusOf({ handshakes, diagnoses });
}

async function writePage(
  page: ReportPage,
  command: ProbingCommand,
  found: Pick<Report, 'handshakes' | 'diagnoses'>,
  io: CliIo,
): Promise<void> {
  const { reportOfRun } = await import('./check-report.js');
  await page.write(await reportOfRun(command, found, io));
}

async function openPrinter(
  command: ProbingCommand,
  format: OutputFormat,
  raw: RawCheckOptions,
  io: CliIo,
): Promise<CheckPrinter> {
  const { printerFor } = await import('./check-printer.js');
  const look = { color: raw.color, detail: readDetail(raw) } as const;
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

async function readScan(raw: RawCheckOptions): Promise<ScanOrder> {
  const { readScanOptions } = await import('./scan-options.js');
  return readScanOptions(raw);
}

async function readLogonTo(
  orders: readonly TargetOrder[],
  measuresPath: boolean,
  raw: RawCheckOptions,
  io: CliIo,
): Promise<Logon | null | 'interrupted'> {
  const [first] = orders;
  if (first === undefined) return null;
  const targets = orders.map(({ target }) => target);
  const allAddresses = raw.allAddresses === true;
  return await readLogon(
    raw,
    { targets, settings: first.settings, allAddresses, measuresPath },
    io,
  );
}
