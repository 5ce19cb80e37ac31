import { type Command, Option } from 'commander';
import { ProbeError } from '../probe-error.js';
import { EXIT_INTERRUPTED } from './exit-status.js';
import type { CliIo } from './io.js';
import { type OutputFlags, type OutputFormat, readDetail, readFormat } from './output-format.js';
import { type RawPageOptions, readPageOptions } from './page-options.js';
import { addSavedOutputOptions } from './probe-flags.js';
import { type Narrowing, type RawNarrowing, readNarrowing } from './replay-narrowing.js';
import type { ReportPage } from './report-page.js';
import { keepHeapSmall } from './small-heap.js';

interface RawReplayOptions extends RawNarrowing, RawPageOptions, OutputFlags {
  readonly keylog?: readonly string[];
  readonly tlsKey?: readonly string[];
  readonly all?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe replay branch.pcapng
      every RDP connection in the file: where it stands, or dies, and why
  rdp-probe replay monday.pcap.gz tuesday/
      several files, or all captures of a folder; pcap and pcapng, gzip or not
  tcpdump -i eth0 -w - port 3389 | rdp-probe replay -
      standard input, until it ends
  rdp-probe replay branch.pcapng --keylog keys.txt
      with the keys (SSLKEYLOGFILE) also what is inside TLS: NTLM, error codes
  rdp-probe replay big.pcapng --filter client=10.0.0.7 --filter stream=3
      only what comes from this client, in this conversation
  rdp-probe replay odd.pcap --port 3390 --all
      RDP is expected on 3390 too; what is not RDP is listed, and why

Exit status:
  0  fine: nothing above 'possible' was found
  1  a handshake died or a problem was found
  2  the command line cannot be followed
  3  a file is no capture or cannot be read, or no RDP connection is in it
  130  interrupted`;

/** Collects the values of an option that may be given more than once. */
function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  );
}

export function defineReplay(command: Command, io: CliIo, done: (status: number) => void): void {
  addSavedOutputOptions(
    command
      .description(
        'Read saved traffic and tell of every RDP connection in it what check tells of a live one: ' +
          'where it died and why.',
      )
      .usage('FILE... [options]')
      .argument('<files...>', 'pcap or pcapng, gzip or not; a folder; - for standard input')
      .optionsGroup('Inside TLS:')
      .addOption(repeatable('--keylog <file>', 'TLS keys in the SSLKEYLOGFILE form; repeatable'))
      .addOption(
        repeatable('--tls-key <file>', 'RSA private key of the server, for RSA key exchange'),
      )
      .optionsGroup('What to look at:')
      .addOption(repeatable('--port <number>', 'RDP is on this port, and only there; repeatable'))
      .addOption(
        repeatable(
          '--filter <key=value>',
          'client, server, host, port or stream; repeatable, all must hold',
        ),
      )
      .option('--all', 'list also the conversations that are not RDP, and why'),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], raw: RawReplayOptions) =>
      done(await runReplay(files, raw, io)),
    );
}

async function runReplay(
  files: readonly string[],
  raw: RawReplayOptions,
  io: CliIo,
): Promise<number> {
  const format = readFormat(raw);
  const narrowing = readNarrowing(raw);
  const order = readPageOptions(raw, null);
  if (order === null) {
    if (raw.force === true) {
      throw new ProbeError('BAD_OPTION', '--force goes with --html FILE, which is missing');
    }
    return await replayTo(null, files, raw, format, narrowing, io);
  }
  const { ReportPage } = await import('./report-page.js');
  const page = await ReportPage.open(order);
  try {
    const status = await replayTo(page, files, raw, format, narrowing, io);
    // What was interrupted has no report.
    if (status === EXIT_INTERRUPTED) await page.abandon();
    else if (format !== 'quiet') await page.tell(io, raw.verbose === true);
    return status;
  } catch (error) {
    await page.abandon();
    throw error;
  }
}

async function replayTo(
  page: ReportPage | null,
  files: readonly string[],
  raw: RawReplayOptions,
  format: OutputFormat,
  narrowing: Narrowing,
  io: CliIo,
): Promise<number> {
  const [{ analyseFiles }, { ReplayedConnections }, { readVersion }] = await Promise.all([
    import('./capture-files.js'),
    import('./replayed-connections.js'),
    import('./version.js'),
  ]);
  keepHeapSmall();
  const detail = readDetail(raw);
  const look = { color: raw.color, detail } as const;
  const print = { format, look, version: await readVersion(), page };
  const connections = new ReplayedConnections(narrowing, print, io);
  const captures = await analyseFiles(
    {
      paths: files,
      ports: narrowing.ports,
      keyLogs: raw.keylog ?? [],
      privateKeys: raw.tlsKey ?? [],
      all: raw.all === true,
      silent: format === 'quiet',
      threads: io.threads,
    },
    connections,
    io,
  );
  if (io.signal.aborted) return EXIT_INTERRUPTED;
  return await connections.finish(captures);
}
