import { type Command, Option } from 'commander';
import { DEFAULT_MOST_CONNECTIONS, DEFAULT_MOST_WITH_CIPHERS } from '../scan/scan-options.js';
import { type RawCheckOptions, runCheck } from './check-run.js';
import { EXIT_FINE } from './exit-status.js';
import type { CliIo } from './io.js';
import { addOutputOptions, addSaveOptions, addWayOptions } from './probe-flags.js';
import { styleFor } from './terminal.js';

const EXAMPLES = `
Examples:
  rdp-probe scan srv01.example
      which protocols, encryption and settings the server takes or refuses
  rdp-probe scan srv01.example --fail-on nla-not-required --fail-on self-signed
      for a pipeline: exit status 1 where one of these is found
  rdp-probe scan srv01.example --ciphers
      every TLS cipher suite, version by version
  rdp-probe scan srv01.example --as win11-24h2
      what this one client would experience, asked as it would ask
  rdp-probe scan broker.example --load-balance-info 'tsv://MS Terminal Services Plugin.1.Farm'
      the same through a broker: every question carries the token
  rdp-probe scan srv01.example --json | jq '.diagnoses[].scan.weaknesses[].id'
      the weak settings by their ids, which stay the same between versions

Exit status:
  0  fine: nothing above 'possible' was found, and nothing of --fail-on
  1  the first handshake died, a problem was found, or something of --fail-on
  2  the command line cannot be followed
  3  a target could not be tried: no such name, no way to its network
  130  interrupted; what was known by then is printed

Questions are asked one connection at a time, each ended politely, none with a
password; what is known already is not asked again. A server that starts to
refuse is left alone. In the log of the server they may show as requests of the
user 'rdp-probe'.`;

export function defineScan(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Ask each target what it takes and what it refuses: security protocols, encryption, TLS ' +
        'without negotiation; and name settings that are weaker than they need to be.',
    )
    .usage('HOST[:PORT]|FILE.rdp... [options]')
    .argument('[targets...]', 'name, IPv4 address, [IPv6]:port, IPv6 address, or .rdp file');
  command
    .optionsGroup('What to ask:')
    .option('--ciphers', 'every cipher suite and group of TLS, a connection for each that is taken')
    .option('--as <client>', 'ask as this client alone: see --list-profiles')
    .option('--list-profiles', 'the clients that are known, and what that rests on')
    .option(
      '--max-connections <number>',
      `connections to a target at most (default: ${DEFAULT_MOST_CONNECTIONS}, with --ciphers ${DEFAULT_MOST_WITH_CIPHERS})`,
    )
    .option('--cookie <name>', 'send the cookie mstshash=<name>')
    .option('--load-balance-info <token>', 'send this routing token as it is')
    .option('--server-name <name>', 'server name to send in TLS (default: the name of the target)');
  addWayOptions(command.optionsGroup('Which way:'));
  addSaveOptions(command);
  addOutputOptions(command)
    .addOption(
      new Option(
        '--fail-on <id>',
        'exit status 1 where this weak setting or cause is found; may be repeated',
      )
        .argParser((value: string, before: readonly string[] | undefined) => [
          ...(before ?? []),
          value,
        ])
        .helpGroup('Output:'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], raw: RawScan) =>
      done(
        raw.listProfiles === true
          ? await printProfiles(raw, io)
          : await runCheck('scan', texts, { ...raw, udp: true, sideEvidence: true }, io),
      ),
    );
}

interface RawScan extends Omit<RawCheckOptions, 'udp' | 'sideEvidence'> {
  readonly listProfiles?: boolean;
}

/** @returns the exit status */
async function printProfiles(raw: RawScan, io: CliIo): Promise<number> {
  const [{ CLIENT_PROFILES }, { listProfiles }, { renderProfileList }, { cleanStrings }] =
    await Promise.all([
      import('../scan/profiles/clients.js'),
      import('../scan/survey-clients.js'),
      import('../report/text-scan-clients.js'),
      import('../report/clean.js'),
    ]);
  const style = styleFor(io, { color: raw.color, detail: 'normal' });
  const listings = listProfiles(CLIENT_PROFILES);
  const lines = renderProfileList(cleanStrings(listings, { ascii: !style.unicode }), style);
  io.stdout.write(`${lines.join('\n')}\n`);
  return EXIT_FINE;
}
