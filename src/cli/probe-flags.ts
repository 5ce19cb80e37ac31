import { type Command, Option } from 'commander';

/** How to get to the target: what every command that probes has. */
export function addWayOptions(command: Command): Command {
  return command
    .option('-4, --ipv4', 'IPv4 addresses only')
    .option('-6, --ipv6', 'IPv6 addresses only')
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
    );
}

/** What the X.224 request and the ClientHello ask for. */
export function addRequestOptions(command: Command): Command {
  return command
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
    .option('--restricted-admin', 'ask for restricted admin mode');
}

/** `check --path` and `path`: how the path is measured. */
export function addPathOptions(command: Command): Command {
  return command
    .option('--count <number>', 'handshakes of the latency series (default: up to 5)')
    .option('--interval <seconds>', 'between two of them (default: 0.2)')
    .option('--exact', 'find the limits to the byte, with more connections')
    .option('--no-udp', 'send no UDP datagram')
    .option('--no-side-evidence', 'run neither ping nor tracepath, and try no other port');
}

/** Proxies and gateways on the way. */
export function addGatewayOptions(command: Command): Command {
  return command
    .optionsGroup('Through a proxy or a gateway:')
    .option('--proxy <url>', 'socks5://[USER@]HOST:PORT or http://[USER@]HOST:PORT')
    .option('--proxy-password-env <name>', "the proxy's password is in this environment variable")
    .option('--gateway <host[:port]>', 'a Remote Desktop Gateway that the target is behind')
    .option(
      '--gateway-user <name>',
      'log on to it and try the target behind it; the password is asked for',
    )
    .option('--gateway-password-stdin', 'its password is the first line of standard input')
    .option('--gateway-password-env <name>', 'its password is in this environment variable');
}

/** A logon that stops where the credentials would be delegated. */
export function addLogonOptions(command: Command): Command {
  return command
    .optionsGroup('Log on, without a session:')
    .option(
      '--user <name>',
      'answer the NTLM challenge as NAME, NAME@REALM, DOMAIN\\NAME or .\\NAME; the password is asked for',
    )
    .option('--domain <name>', 'domain of the user')
    .option('--password-stdin', 'the password is the first line of standard input')
    .option('--password-env <name>', 'the password is in this environment variable')
    .option('--empty-password', 'the user has none')
    .addOption(new Option('--password [value]').hideHelp());
}

export function addSaveOptions(command: Command): Command {
  return command
    .optionsGroup('Saving:')
    .option('--save <file>', 'write the connections as a pcapng capture, TLS secrets included')
    .option('--force', 'replace the file of --save or --html if it is there')
    .option(
      '--capture-with <program>',
      'auto, tcpdump, dumpcap; or none: packets synthesised from what the probe saw (default: auto)',
    )
    .option('--no-secrets', 'leave the TLS secrets out of the file');
}

export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'the report as one JSON document')
    .option('--ndjson', 'one line of JSON for each handshake and diagnosis, as soon as it is known')
    .option('--markdown', 'the report as Markdown, to paste into a ticket')
    .option(
      '--html <file>',
      'besides, write the report as one HTML page, to attach to a ticket (see --force)',
    )
    .option('-q, --quiet', 'print no report: the exit status tells')
    .option('--explain', 'every cause in full: what speaks for it and against it, what to do')
    .option('-v, --verbose', 'the same, and every event and source')
    .option('--no-color', 'no colours (also: NO_COLOR; FORCE_COLOR for the opposite)')
    .addHelpOption(new Option('-h, --help', 'this text').helpGroup('Output:'));
}

/** `replay` and `diagnose`: what was saved is at hand, so that all of it can be told. */
export function addSavedOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'the report as one JSON document')
    .option('--ndjson', 'one line of JSON for each handshake and diagnosis')
    .option('--markdown', 'the report as Markdown, to paste into a ticket')
    .option('--html <file>', 'besides, write the report as one HTML page, to attach to a ticket')
    .option('--force', 'replace the file of --html if it is there')
    .option('-q, --quiet', 'print no report: the exit status tells')
    .option('--explain', 'every cause in full: what speaks for it and against it, what to do')
    .option('-v, --verbose', 'the same, and every connection in full, every event and source')
    .option('--no-color', 'no colours (also: NO_COLOR; FORCE_COLOR for the opposite)')
    .addHelpOption(new Option('-h, --help', 'this text').helpGroup('Output:'));
}
