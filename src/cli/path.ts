import type { Command } from 'commander';
import { type RawCheckOptions, runCheck } from './check-run.js';
import type { CliIo } from './io.js';
import {
  addOutputOptions,
  addPathOptions,
  addRequestOptions,
  addSaveOptions,
  addWayOptions,
} from './probe-flags.js';

const EXAMPLES = `
Examples:
  rdp-probe path srv01.example
      which packet sizes pass in each direction, and what becomes of larger ones
  rdp-probe path srv01.example --exact
      the limits to the byte: what to set the MTU of a tunnel to
  rdp-probe path srv01.example --count 50 --interval 2
      latency and loss over a while: median, 95th percentile, jitter
  rdp-probe path srv01.example --json > site-a.json
      the same for a script, or to lay beside the report of another site

Exit status:
  0  fine: nothing above 'possible' was found
  1  a problem was found: a black hole, loss, a handshake that died
  2  the command line cannot be followed
  3  a target could not be tried: no such name, no way to its network
  130  interrupted; what was known by then is printed

Connections are made one at a time, each up to the point where a password would
be needed: at most 12, 16 where both directions lose large packets, more only
with --count or --exact. It needs no rights and nothing at the far end. What a
platform cannot measure is said, with the reason.`;

export function definePath(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Measure the path to each target inside ordinary RDP handshakes: the largest packet that ' +
        'passes in each direction and why, loss, latency, jitter, and whether UDP is answered.',
    )
    .usage('HOST[:PORT]|FILE.rdp... [options]')
    .argument('[targets...]', 'name, IPv4 address, [IPv6]:port, IPv6 address, or .rdp file');
  addPathOptions(command.optionsGroup('What to measure:'));
  addWayOptions(command.optionsGroup('Which way:'));
  addRequestOptions(command);
  addSaveOptions(command);
  addOutputOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], raw: RawCheckOptions) =>
      done(await runCheck('path', texts, raw, io)),
    );
}
