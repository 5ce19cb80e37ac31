import type { Command } from 'commander';
import { RDP_PORT } from '../probe/settings.js';
import { type RawCheckOptions, runCheck } from './check-run.js';
import type { CliIo } from './io.js';
import {
  addGatewayOptions,
  addLogonOptions,
  addOutputOptions,
  addPathOptions,
  addRequestOptions,
  addSaveOptions,
  addWayOptions,
} from './probe-flags.js';

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
  rdp-probe check office.rdp
      the host, port, routing token and security of a connection file; options overrule it
  rdp-probe check srv01.example --path
      and measure the path: which packet sizes pass, loss, latency, UDP
  rdp-probe check srv01.example --json > report.json
      the whole report for a script; --ndjson: one line as soon as it is known
  rdp-probe check srv01.example --save srv01.pcapng
      the same connection as a capture, for Wireshark and for rdp-probe replay
  rdp-probe check srv01.example --user 'CORP\\jane'
      does the server take this user and password? asks for the password, once
  pass show corp/jane | rdp-probe check srv01.example --user jane@corp.example --password-stdin
      the same in a script; or --password-env NAME
  rdp-probe check srv01.corp.example --gateway gw.example
      is the gateway there, with which certificate and log-ons? no password is sent
  rdp-probe check srv01.corp.example --gateway gw.example --gateway-user 'CORP\\jane'
      through the gateway to the target: which policy refuses, or what the target says
  rdp-probe check srv01.example --proxy socks5://127.0.0.1:1080
      by way of a proxy, which looks the name up
  rdp-probe check srv01.example --quiet && mstsc /v:srv01.example
      nothing is printed, the exit status tells

Exit status:
  0  fine: nothing above 'possible' was found
  1  a handshake died or a problem was found
  2  the command line cannot be followed
  3  a target could not be tried: no such name, no way to its network
  130  interrupted; what was known by then is printed

No user name or password is needed, and none is sent. With --user the server's
challenge is answered with NTLMv2, once: a wrong password counts towards locking
the account. The server's proof of its key is checked, and there it ends: the
password itself is never sent, no session begins, and so the server does not say
whether the user may use Remote Desktop. Kerberos is not used.

A file of --save holds the TLS session secrets of its own connections, so that
Wireshark shows everything in clear; with --user it holds none.`;

export function defineCheck(command: Command, io: CliIo, done: (status: number) => void): void {
  command
    .description(
      'Make one connection to each target, as mstsc would, up to the point where a password would ' +
        'be needed; tell how long each stage took and where it died. After a failure, ask at most ' +
        'four short questions more that separate its causes.',
    )
    .usage('HOST[:PORT]|FILE.rdp... [options]')
    .argument('[targets...]', 'name, IPv4 address, [IPv6]:port, IPv6 address, or .rdp file');
  addWayOptions(command.optionsGroup('Which way:')).option(
    '--all-addresses',
    'try each address of the name, and show where they differ',
  );
  addRequestOptions(command).option(
    '--no-follow-up',
    'after a failure, do not ask the few questions that separate its causes (at most 4 connections)',
  );
  addLogonOptions(command);
  addGatewayOptions(command);
  addPathOptions(
    command
      .optionsGroup('The path:')
      .option('--path', 'measure packet sizes, loss, latency and UDP as well (see rdp-probe path)'),
  );
  addSaveOptions(command);
  addOutputOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], raw: RawCheckOptions) =>
      done(await runCheck('check', texts, raw, io)),
    );
}
