import { type Command, Option } from 'commander';
import { ProbeError } from '../probe-error.js';
import { cleanText } from '../report/clean.js';
import { EXIT_FINE, EXIT_INTERRUPTED } from './exit-status.js';
import type { CliIo } from './io.js';
import { wantsUnicode } from './terminal.js';

interface RawAnonymiseOptions {
  readonly force?: boolean;
  readonly port?: readonly string[];
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  rdp-probe anonymise branch.pcapng branch-anonymous.pcapng
      a copy to send around: rdp-probe replay tells the same of it, under other names
  rdp-probe anonymise odd.pcap.gz odd-anonymous.pcapng --port 3390
      RDP without a negotiation is expected on 3390 too

What stays: times, ports, sequence numbers, TCP options, the messages of RDP and TLS with their
lengths, flags, versions, cipher suites and error codes; of certificates their dates, algorithms,
key sizes and usages; until when was waited for an answer, and how an attempt of rdp-probe ended.
What becomes another, the same everywhere in the file: addresses, cookies, routing tokens, names in
TLS, certificates and RDP, serial numbers, keys, signatures, session identifiers.
What becomes filler: everything encrypted, other protocols, and whatever is not understood.
What is left out: packets that are neither TCP nor ICMP errors about it, TLS secrets, comments,
link layers, tunnels.

The original cannot be found from the copy: what the names were mixed with is thrown away.

Exit status:
  0  the copy was written
  2  the command line cannot be followed
  3  the capture cannot be read, or the copy not be written
  130  interrupted; no copy is left`;

export function defineAnonymise(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Copy a capture without what would tell whose it is: the shape of every handshake and its ' +
        'times stay.',
    )
    .usage('IN OUT [options]')
    .argument('<in>', 'pcap or pcapng, gzip or not; it is read twice')
    .argument('<out>', 'pcapng')
    .option('--force', 'replace the file if it is there')
    .addOption(
      new Option('--port <number>', 'RDP is on this port too; repeatable').argParser(
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    )
    .option('-q, --quiet', 'say nothing where nothing is wrong')
    .addHelpText('after', EXAMPLES)
    .action(async (input: string, output: string, raw: RawAnonymiseOptions) =>
      done(await runAnonymise(input, output, raw, io)),
    );
}

async function runAnonymise(
  input: string,
  output: string,
  raw: RawAnonymiseOptions,
  io: CliIo,
): Promise<number> {
  const ports = (raw.port ?? []).map(readPort);
  if (input === '-') {
    throw new ProbeError(
      'BAD_OPTION',
      'anonymise reads its file twice and cannot take standard input: save it to a file first',
    );
  }
  const [{ anonymiseCapture }, { startProgressBar }, { readVersion }, { randomBytes }] =
    await Promise.all([
      import('../capture/anonymise.js'),
      import('./progress-bar.js'),
      import('./version.js'),
      import('node:crypto'),
    ]);
  const bar = raw.quiet === true ? null : startProgressBar(io, input);
  try {
    const result = await anonymiseCapture(input, output, {
      overwrite: raw.force === true,
      ports,
      application: `rdp-probe ${await readVersion()}`,
      key: Uint8Array.from(randomBytes(32)),
      signal: io.signal,
      onProgress: ({ bytesRead, bytesTotal }) => bar?.update(bytesRead, bytesTotal),
    });
    bar?.stop();
    const ascii = !wantsUnicode(io.env, io.platform);
    for (const { says } of result.problems) {
      io.stderr.write(`rdp-probe: ${cleanText(`${input}: ${says}`, { ascii })}\n`);
    }
    if (raw.quiet !== true) {
      const { packetsWritten, packetsRead, connectionsKept } = result;
      const handshakes = connectionsKept === 1 ? '1 connection' : `${connectionsKept} connections`;
      io.stdout.write(
        `${packetsWritten} of ${packetsRead} packets, ${handshakes} with messages under other names\n`,
      );
    }
    return EXIT_FINE;
  } catch (error) {
    bar?.stop();
    if (io.signal.aborted && error === io.signal.reason) return EXIT_INTERRUPTED;
    throw error;
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new ProbeError('BAD_OPTION', `--port takes a number from 1 to 65535, not '${text}'`);
  }
  return port;
}
