import { type Command, Option } from 'commander';
import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { type ProbeSettings, RDP_PORT, type Target } from '../probe/settings.js';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import type { CheckPrinter } from './check-printer.js';
import { EXIT_INTERRUPTED, exitStatusOf } from './exit-status.js';
import type { CliIo } from './io.js';
import { familyOf } from './ip-address.js';
import { type OutputFlags, type OutputFormat, readFormat } from './output-format.js';
import { type RawProbeOptions, readProbeSettings } from './probe-options.js';
import type { ProbeSaver } from './probe-saver.js';
import { isRdpFile, refuseRdpFile } from './rdp-file.js';
import { type RawSaveOptions, readSaveOptions, type SaveOrder } from './save-options.js';
import { parseTarget } from './target.js';
import { wantsUnicode } from './terminal.js';

interface RawCheckOptions extends RawProbeOptions, RawSaveOptions, OutputFlags {
  readonly allAddresses?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe check srv01.example
      where does the connection stand, or die? (port ${RDP_PORT})
  rdp-probe check srv01.example:3390 192.0.2.10 [2001:db8::1]:${RDP_PORT}
      several targets, one after another, with a summary at the end
  rdp-probe check farm.example --all-addresses
      every address of the name, and in what they differ
  rdp-probe check srv01.example --protocols ssl
      what a client without NLA is told; --protocols none: a client before 2006
  rdp-probe check srv01.example --timeout 3 --stage-timeout tls=30
      give up early, but let a slow path finish its TLS handshake
  rdp-probe check broker.example --load-balance-info 'tsv://MS Terminal Services Plugin.1.Farm'
      the way that a connection file takes through a broker
  rdp-probe check srv01.example --json > report.json
      the whole report for a script; --ndjson: one line as soon as it is known
  rdp-probe check srv01.example --save srv01.pcapng
      the same connection as a capture, for Wireshark and for rdp-probe replay
  rdp-probe check srv01.example --quiet && mstsc /v:srv01.example
      nothing is printed, the exit status tells

Exit status:
  0  fine: nothing above 'possible' was found
  1  a handshake died or a problem was found
  2  the command line cannot be followed
  3  a target could not be tried: no such name, no way to its network
  130  interrupted; what was known by then is printed

No user name or password is needed, and none is sent. A file of --save holds the TLS session secrets
of its own connections, in which no credential was used, so that Wireshark shows everything in clear.`;

export function defineCheck(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Make one connection to each target, as mstsc would, up to the point where a password would ' +
        'be needed; tell how long each stage took and where it died.',
    )
    .usage('HOST[:PORT]... [options]')
    .argument('[targets...]', 'name, IPv4 address, [IPv6]:port, or IPv6 address')
    .optionsGroup('Which way:')
    .option('-4, --ipv4', 'IPv4 addresses only')
    .option('-6, --ipv6', 'IPv6 addresses only')
    .option('--all-addresses', 'try each address of the name, and show where they differ')
    .option('--source <address>', 'connect from this address of this machine')
    .option('--timeout <seconds>', 'limit of each stage (default: 10)')
    .addOption(
      new Option(
        '--stage-timeout <stage=seconds>',
        'limit of one stage; may be repeated',
      ).argParser((value: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        value,
      ]),
    )
    .optionsGroup('What to ask for:')
    .option(
      '--protocols <list>',
      'of rdp, ssl, hybrid, hybrid-ex, rdstls, aad; or none; or a number (default: ssl,hybrid,hybrid-ex)',
    )
    .option('--cookie <name>', 'send the cookie mstshash=<name>')
    .option('--load-balance-info <token>', 'send this routing token as it is')
    .option(
      '--correlation-id [hex]',
      '16 bytes to find in the event log of the server; random without a value',
    )
    .option('--server-name <name>', 'server name to send in TLS (default: the name of the target)')
    .option('--restricted-admin', 'ask for restricted admin mode')
    .optionsGroup('Saving:')
    .option('--save <file>', 'write the connections as a pcapng capture, TLS secrets included')
    .option('--force', 'replace the file if it is there')
    .option(
      '--capture-with <program>',
      'auto, tcpdump, dumpcap; or none: packets synthesised from what the probe saw (default: auto)',
    )
    .option('--no-secrets', 'leave the TLS secrets out of the file')
    .optionsGroup('Output:')
    .option('--json', 'the report as one JSON document')
    .option('--ndjson', 'one line of JSON for each handshake and diagnosis, as soon as it is known')
    .option('-q, --quiet', 'print no report: the exit status tells')
    .option('-v, --verbose', 'every event, all causes, all sources')
    .option('--no-color', 'no colours (also: NO_COLOR; FORCE_COLOR for the opposite)')
    .addHelpOption(new Option('-h, --help', 'this text').helpGroup('Output:'))
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], raw: RawCheckOptions) => done(await runCheck(texts, raw, io)));
}

async function runCheck(
  texts: readonly string[],
  raw: RawCheckOptions,
  io: CliIo,
): Promise<number> {
  const settings = readProbeSettings(raw, await randomFor(raw));
  const format = readFormat(raw);
  const targets = await readTargets(texts, settings);
  const saver = await openSaver(readSaveOptions(raw), io);
  try {
    const status = await checkAll({ targets, settings, format, saver }, raw, io);
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
  readonly targets: readonly Target[];
  readonly settings: ProbeSettings;
  readonly format: OutputFormat;
  /** null: nothing is saved */
  readonly saver: ProbeSaver | null;
}

async function checkAll(
  { targets, settings, format, saver }: CheckRun,
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
      allAddresses: raw.allAddresses === true,
      silent: format === 'quiet',
      firstId: handshakes.length,
      ...(saver === null ? {} : { recorder: saver }),
    };
    const checked = await checkTarget(target, order, io);
    await saver?.settle();
    handshakes.push(...checked.handshakes);
    diagnoses.push(checked.diagnosis);
    printer ??= await openPrinter(format, raw, io);
    printer.target(checked);
    if (io.signal.aborted) break;
  }
  await printer?.end({ handshakes, diagnoses });
  return io.signal.aborted ? EXIT_INTERRUPTED : exitStatusOf({ handshakes, diagnoses });
}

async function openPrinter(
  format: OutputFormat,
  raw: RawCheckOptions,
  io: CliIo,
): Promise<CheckPrinter> {
  const { printerFor } = await import('./check-printer.js');
  const look = { color: raw.color, detail: raw.verbose === true ? 'verbose' : 'normal' } as const;
  return await printerFor(format, look, io);
}

/** Only a random correlation id needs the module. */
async function randomFor({ correlationId }: RawCheckOptions): Promise<(n: number) => Uint8Array> {
  if (correlationId === undefined) return (count) => new Uint8Array(count);
  const { randomBytes } = await import('node:crypto');
  return (count) => Uint8Array.from(randomBytes(count));
}

async function readTargets(
  texts: readonly string[],
  { family, sourceAddress }: ProbeSettings,
): Promise<readonly Target[]> {
  if (texts.length === 0) {
    throw new ProbeError(
      'BAD_TARGET',
      'no target was given: say which host to check, as in rdp-probe check srv01.example',
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
