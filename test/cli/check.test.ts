import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { DEFAULT_SETTINGS, type ProbeSettings, stageLimits } from '../../src/probe/settings.js';
import { toHex } from '../../src/wire/hex.js';
import { run } from '../support/cli.js';
import { TRACES } from '../support/handshake.js';

async function settingsOf(...options: string[]): Promise<ProbeSettings> {
  const { probed, stderr } = await run(['check', 'healthy.example', ...options, '--quiet']);
  const [first] = probed;
  if (first === undefined) throw new Error(stderr);
  return first.settings;
}

t.test('exit statuses', async (t) => {
  const rows: readonly (readonly [targets: string, status: number])[] = [
    ['healthy.example', 0],
    ['standardRdp.example', 0],
    ['resetAfterClientHello.example', 1],
    ['expired.example', 1],
    ['hybridRequired.example', 1],
    ['ssh.example', 1],
    ['timeout.example', 1],
    ['refused.example', 1],
    ['notFound.example', 3],
    ['unreachable.example', 3],
    ['healthy.example notFound.example', 3],
    ['notFound.example ssh.example', 1],
    ['healthy.example healthy.example', 0],
    ['refused-and-healthy.example', 1],
  ];
  for (const [targets, status] of rows) {
    const argv = ['check', ...targets.split(' ')];
    for (const format of [[], ['--json'], ['--ndjson'], ['--quiet']]) {
      t.equal((await run([...argv, ...format])).status, status, `${targets} ${format.join('')}`);
    }
  }
});

t.test('text: the report on standard output, nothing else anywhere', async (t) => {
  const { stdout, stderr } = await run(['check', 'ssh.example']);
  t.match(stdout, /^✗ ssh\.example:3389: port 3389 speaks SSH/);
  t.equal(stderr, '');
  t.notOk(stdout.includes('\u001b'), 'no escape codes where nobody looks');
});

t.test('a target that could not be tried is told in one sentence as well', async (t) => {
  const { stdout, stderr } = await run(['check', 'notFound.example']);
  t.match(stderr, /^rdp-probe: notFound\.example:3389: the name .* does not resolve\n$/);
  t.match(stdout, /does not resolve/);
  t.equal((await run(['check', 'notFound.example', '--json'])).stderr, '');
});

t.test('several targets, with a summary at the end', async (t) => {
  const { stdout, probed } = await run(['check', 'healthy.example:3390', 'ssh.example']);
  t.same(
    probed.map(({ target }) => target),
    ['healthy.example:3390', 'ssh.example:3389'],
  );
  t.match(stdout, /\n2 targets, 1 fine\n✓ healthy\.example:3390 {2}.*\n✗ ssh\.example:3389 .*\n$/);
  t.notMatch((await run(['check', 'ssh.example'])).stdout, /1 target/);
});

t.test('--json is one document with every handshake and diagnosis', async (t) => {
  const { stdout } = await run(['check', 'healthy-and-refused.example', 'ssh.example', '--json']);
  const report = JSON.parse(stdout);
  t.equal(report.schema, 'rdp-probe.report/1');
  t.equal(report.command, 'check');
  t.match(report.tool, { name: 'rdp-probe', version: /^\d+\.\d+\.\d+/ });
  t.equal(report.generatedAt, '2026-01-01T00:00:00.000000Z');
  t.same(
    report.handshakes.map(({ id }: { id: number }) => id),
    [0, 1, 2],
  );
  t.same(
    report.diagnoses.map(({ handshakes }: { handshakes: number[] }) => handshakes),
    [[0, 1], [2]],
  );
});

t.test('--ndjson is a line each, in the order in which things become known', async (t) => {
  const { stdout } = await run(['check', 'healthy-and-refused.example', 'ssh.example', '--ndjson']);
  const lines = stdout.trimEnd().split('\n');
  const elements = lines.map((line) => JSON.parse(line));
  t.same(
    elements.map(({ schema, type }) => `${schema} ${type}`),
    ['handshake', 'handshake', 'diagnosis', 'handshake', 'diagnosis'].map(
      (type) => `rdp-probe.report/1 ${type}`,
    ),
  );
  t.same(elements.at(-1)?.handshakes, [2]);
});

t.test('--quiet prints nothing', async (t) => {
  for (const target of ['healthy.example', 'ssh.example', 'notFound.example']) {
    const { stdout, stderr } = await run(['check', target, '--quiet'], { stderr: { columns: 80 } });
    t.equal(stdout + stderr, '', target);
  }
});

t.test('what is asked of the server', async (t) => {
  t.same(await settingsOf(), DEFAULT_SETTINGS);
  t.equal((await settingsOf('-4')).family, 4);
  t.equal((await settingsOf('--ipv6')).family, 6);
  t.equal((await settingsOf('--source', '192.0.2.1')).sourceAddress, '192.0.2.1');
  t.equal((await settingsOf('--cookie', 'admin')).cookie, 'mstshash=admin');
  t.equal((await settingsOf('--load-balance-info', 'tsv://a b')).routingToken, 'tsv://a b');
  t.equal((await settingsOf('--server-name', 'other.example')).serverName, 'other.example');
  t.equal((await settingsOf('--restricted-admin')).requestFlags, 1);
  t.same((await settingsOf('--timeout', '2.5')).stageLimitsMs, stageLimits(2500));
  const limits = ['--timeout', '3', '--stage-timeout', 'tls=30', '--stage-timeout=tcp=0.5'];
  t.same((await settingsOf(...limits)).stageLimitsMs, stageLimits(3000, { tls: 30_000, tcp: 500 }));
  const all = await run(['check', 'healthy.example', '--all-addresses']);
  t.equal(all.probed[0]?.allAddresses, true);
});

t.test('protocols by name and by number', async (t) => {
  const rows: readonly (readonly [list: string, protocols: number | null])[] = [
    ['rdp', 0],
    ['ssl', 1],
    ['ssl,hybrid', 3],
    ['SSL, Hybrid-Ex', 9],
    ['hybrid_ex', 8],
    ['rdp,ssl', 1],
    ['rdstls,aad', 0x14],
    ['none', null],
    ['0x0b', 11],
    ['11', 11],
    ['0xffffffff', 0xffff_ffff],
  ];
  for (const [list, protocols] of rows) {
    t.equal((await settingsOf('--protocols', list)).requestedProtocols, protocols, list);
  }
});

t.test('a correlation id, given or random', async (t) => {
  const hex = '10a0b0c0d0e0f1111213141516171819';
  const given = await settingsOf('--correlation-id', hex);
  t.equal(toHex(given.correlationId ?? new Uint8Array()), hex);
  t.equal(given.requestFlags, 8);
  const guid = await settingsOf('--correlation-id={10a0b0c0-d0e0-f111-1213-141516171819}');
  t.same(guid.correlationId, given.correlationId);
  for (let time = 0; time < 200; time++) {
    const id = (await settingsOf('--correlation-id=random')).correlationId ?? new Uint8Array();
    if (id.length !== 16 || id[0] === 0 || id[0] === 0xf4 || id.includes(0x0d)) t.fail(toHex(id));
  }
  t.ok((await settingsOf('--correlation-id')).correlationId);
});

t.test('what cannot be followed: one sentence, exit 2, and nothing is probed', async (t) => {
  const rows: readonly (readonly [line: string, sentence: RegExp])[] = [
    ['check', /no target was given: .*rdp-probe check srv01\.example/],
    ['check a --tiemout 3', /unknown option '--tiemout': did you mean --timeout\?/],
    ['check a --frobnicate', /unknown option '--frobnicate': 'rdp-probe check --help' shows/],
    ['check a --timeout', /option '--timeout <seconds>' needs a value/],
    ['check a --timeout 0', /--timeout takes seconds, more than 0 and at most 3600, not '0'/],
    ['check a --timeout 1e9', /--timeout takes seconds/],
    ['check a --timeout 3601', /--timeout takes seconds/],
    ['check a --stage-timeout tls', /--stage-timeout takes STAGE=SECONDS/],
    ['check a --stage-timeout nla=3', /one of the stages resolve, tcp, x224, tls/],
    ['check a --stage-timeout tls=x', /--stage-timeout tls= takes seconds/],
    ['check a --protocols tls', /--protocols takes a list of rdp, ssl/],
    ['check a --protocols 0x1ffffffff', /--protocols takes a list/],
    ['check a -4 -6', /-4 and -6 exclude each other/],
    ['check ::1 -4', /::1 is an IPv6 address and -4 excludes those/],
    ['check ::1 --source 192.0.2.1', /::1 is an IPv6 address and --source 192\.0\.2\.1 excl/],
    ['check a --source eth0', /--source takes an address of this machine/],
    ['check a --source ::1 -4', /--source ::1 is an IPv6 address and -4 excludes those/],
    ['check a --cookie x --load-balance-info y', /--cookie and --load-balance-info exclude/],
    ['check a --cookie=', /--cookie needs a text that is not empty/],
    ['check a --cookie 漢', /--cookie takes characters of Latin-1/],
    [`check a --cookie ${'x'.repeat(300)}`, /--cookie is \d+ characters too long/],
    ['check a --correlation-id 1234', /--correlation-id takes 32 hex digits, not '1234'/],
    ['check --correlation-id srv01', /32 hex digits, not 'srv01': for a random one write/],
    [`check a --correlation-id ${'00'.repeat(16)}`, /must not begin with 00 or f4/],
    [`check a --correlation-id 01${'0d'.repeat(15)}`, /nor have a byte 0d in it/],
    ['check a --correlation-id=random --protocols none', /needs a negotiation request/],
    ['check a --restricted-admin --protocols ssl', /--protocols must have hybrid in it/],
    ['check a --server-name a/b', /--server-name takes a host name/],
    ['check a --json --ndjson', /--json and --ndjson exclude each other/],
    ['check a --json --quiet', /--json and --quiet exclude each other/],
    ['check a --quiet --verbose', /--quiet and --verbose exclude each other/],
    ['check a --quiet --explain', /--quiet and --explain exclude each other/],
    ['check a b:0', /port 0 in 'b:0' is out of range/],
    ['check http://a/', /is a URL/],
    ['check none.rdp', /'none\.rdp' cannot be read: there is no such file/],
    ['chek a', /unknown command 'chek': did you mean check\?/],
    ['frobnicate', /unknown command 'frobnicate': 'rdp-probe --help' shows what there is/],
    ['srv01.example:3389', /to check a host, rdp-probe check srv01\.example:3389/],
    ['help frobnicate', /unknown command 'frobnicate'/],
    ['demo extra', /too many arguments for 'demo'/],
    ['simulate healthy-windws', /no server 'healthy-windws' to simulate: did you mean healthy-wi/],
    ['simulate nothing-like-it-at-all', /simulate --list' shows those that can be simulated/],
    ['simulate', /no server was named/],
    ['simulate ssh --port 70000', /--port takes a number from 0 to 65535/],
  ];
  for (const [line, sentence] of rows) {
    const { status, stdout, stderr, probed } = await run(line.split(' '));
    t.equal(status, 2, line);
    t.match(stderr, sentence, line);
    t.match(stderr, /^rdp-probe: [^\n]+\n$/, `${line}: one sentence`);
    t.equal(stdout, '', line);
    t.same(probed, [], line);
  }
});

t.test('what is echoed of the command line does no harm', async (t) => {
  for (const argv of [['\u001b[2J'], ['check', 'a\u001b[2Jb'], ['check', 'a', '--\u009bx']]) {
    const { status, stderr } = await run(argv);
    t.equal(status, 2);
    t.notMatch(stderr.trimEnd(), /\p{Cc}/u);
  }
});

t.test('help and version', async (t) => {
  const top = await run(['--help']);
  t.equal(top.status, 0);
  for (const name of ['check', 'replay', 'demo', 'simulate']) {
    t.match(top.stdout, new RegExp(`^  ${name} `, 'm'));
  }
  for (const argv of [
    ['check', '--help'],
    ['help', 'check'],
    ['check', '-h'],
  ]) {
    const { status, stdout } = await run(argv);
    t.equal(status, 0);
    t.match(stdout, /Examples:\n {2}rdp-probe check srv01\.example\n/);
    t.match(stdout, /Exit status:/);
  }
  t.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  const nothing = await run([]);
  t.equal(nothing.status, 2);
  t.equal(nothing.stdout, '');
  t.match(nothing.stderr, /^Usage: rdp-probe COMMAND/);
});

t.test('colours', async (t) => {
  const terminal = { columns: 80 };
  const LANG = 'C.UTF-8';
  const rows: readonly (readonly [what: string, options: object, argv: string[], on: boolean])[] = [
    ['a terminal', { stdout: terminal }, [], true],
    ['a pipe', {}, [], false],
    ['--no-color', { stdout: terminal }, ['--no-color'], false],
    ['NO_COLOR', { stdout: terminal, env: { LANG, NO_COLOR: '1' } }, [], false],
    ['an empty NO_COLOR', { stdout: terminal, env: { LANG, NO_COLOR: '' } }, [], true],
    ['TERM=dumb', { stdout: terminal, env: { LANG, TERM: 'dumb' } }, [], false],
    ['FORCE_COLOR', { env: { LANG, FORCE_COLOR: '1', NO_COLOR: '1' } }, [], true],
    ['FORCE_COLOR=0', { stdout: terminal, env: { LANG, FORCE_COLOR: '0' } }, [], false],
    ['--no-color against it', { env: { LANG, FORCE_COLOR: '1' } }, ['--no-color'], false],
  ];
  for (const [what, options, argv, on] of rows) {
    const { stdout } = await run(['check', 'ssh.example', ...argv], options);
    t.equal(stdout.includes('\u001b['), on, what);
  }
  const ascii = await run(['check', 'expired.example', '-v'], { env: { LANG: 'C' } });
  t.match(ascii.stdout, /^[\n -~]*$/);
  const wide = await run(['check', 'expired.example'], { stdout: { columns: 300 } });
  t.ok(Math.max(...wide.stdout.split('\n').map((line) => line.length)) < 160);
});

t.test('a spinner on the terminal that standard error is, gone before the report', async (t) => {
  const stages = [['tls', 250]] as const;
  const shown = await run(['check', 'ssh.example'], { stages, stderr: { columns: 80 } });
  t.match(shown.stderr, /⠙ ssh\.example:3389 {2}tls/);
  t.ok(shown.stderr.endsWith('\r\u001b[K'));
  t.equal((await run(['check', 'ssh.example'], { stages })).stderr, '');
  const env = { LANG: 'C', TERM: 'dumb' };
  t.equal(
    (await run(['check', 'ssh.example'], { stages, stderr: { columns: 80 }, env })).stderr,
    '',
  );
});

t.test('Ctrl-C: what is known is printed, the rest is not probed, exit 130', async (t) => {
  const interruption = new AbortController();
  let probes = 0;
  const result = await run(['check', 'a.example', 'b.example', '--json'], {
    signal: interruption.signal,
    probe: async () => {
      probes++;
      await sleep(10);
      interruption.abort();
      return [TRACES.interrupted];
    },
  });
  t.equal(result.status, 130);
  t.equal(probes, 1);
  t.equal(JSON.parse(result.stdout).diagnoses.length, 1);
});

t.test('a bug of ours is not dressed up', async (t) => {
  const probe = async (): Promise<never> => {
    throw new RangeError('a bug');
  };
  await t.rejects(run(['check', 'a.example'], { probe }), RangeError);
});
