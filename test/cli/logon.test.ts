import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import t from 'tap';
import type { SecretInput } from '../../src/cli/io.js';
import { liveProbe } from '../../src/cli/live-probe.js';
import { readUser } from '../../src/cli/logon-options.js';
import { MAX_SECRET_LENGTH, secretInput } from '../../src/cli/secret-input.js';
import type { Report } from '../../src/report/report.js';
import { startSimulator } from '../../src/simulator/listen.js';
import { CONFIRM_HYBRID_EX } from '../../src/simulator/recorded-bytes.js';
import type { LogonStep } from '../../src/simulator/scenario.js';
import {
  EXPECT_REQUEST,
  logon,
  send,
  startTls,
  unlisted,
} from '../../src/simulator/scenario-parts.js';
import { findScenario } from '../../src/simulator/scenarios.js';
import { fromHex } from '../../src/wire/hex.js';
import { ntowfV2 } from '../../src/wire/ntlm-v2.js';
import { buildInto } from '../support/built.js';
import { type Run, run } from '../support/cli.js';
import { assertMatchesSchema } from '../support/schema.js';
import { needs } from '../support/tools.js';

const PASSWORD = 'Passw0rd!';
/** What winpr-hash makes of it. */
const NT_HASH = fromHex('fc525c9683e8fe067095ba2ddc971889');
const RESPONSE_KEY = ntowfV2(NT_HASH, 'jane', 'CORP');
const WRONG = 'Sommer-2026';

const probe = liveProbe('linux');
const env = { LANG: 'C.UTF-8', PW: PASSWORD, WRONG, EMPTY: '', LONG: 'x'.repeat(2000) };
const JANE = ['--user', 'CORP\\jane', '--password-env', 'PW'];

async function server(fields: Partial<LogonStep> = {}): Promise<{
  readonly target: string;
  readonly connections: () => number;
  close(): Promise<void>;
}> {
  const steps = [EXPECT_REQUEST, send(CONFIRM_HYBRID_EX), startTls(), logon(fields)];
  const simulator = await startSimulator(unlisted('logon', 'a logon', ...steps), {});
  const target = `${simulator.address}:${simulator.port}`;
  return { target, connections: () => simulator.connections, close: () => simulator.close() };
}

const FORMATS = ['--json', '--ndjson'];

/** Every shape in which what is secret could have got into a text or a file. */
const SECRETS: readonly (readonly [name: string, bytes: Buffer])[] = [PASSWORD, WRONG].flatMap(
  (password) => [
    [`${password} in UTF-8`, Buffer.from(password)] as const,
    [`${password} in UTF-16`, Buffer.from(password, 'utf16le')] as const,
    [`${password} in base64`, Buffer.from(Buffer.from(password).toString('base64'))] as const,
  ],
);
const KEYS = [NT_HASH, RESPONSE_KEY].flatMap((key): readonly (readonly [string, Buffer])[] => [
  ['a key', Buffer.from(key)],
  ['a key in hex', Buffer.from(Buffer.from(key).toString('hex'))],
  ['a key in base64', Buffer.from(Buffer.from(key).toString('base64'))],
]);

function leaks(written: Buffer): readonly string[] {
  const lower = Buffer.from(written.toString('latin1').toLowerCase(), 'latin1');
  return [...SECRETS, ...KEYS]
    .filter(([, bytes]) => written.includes(bytes) || lower.includes(bytes))
    .map(([name]) => name);
}

function allOf({ stdout, stderr }: Run): Buffer {
  return Buffer.from(stdout + stderr);
}

t.test('a logon, as text and as JSON', async (t) => {
  const { target, connections, close } = await server();
  const text = await run(['check', target, ...JANE], { probe, env });
  t.equal(text.status, 0, text.stdout);
  t.match(text.stdout, /log-on +accepted with NTLMv2: .*nothing was delegated/s);
  t.match(text.stdout, /Kerberos +an address was asked for/);
  t.match(
    text.stderr,
    /^rdp-probe: one logon as CORP\\jane at 127\.0\.0\.1: a wrong password counts towards locking/,
  );
  t.equal(connections(), 1);
  const json = await run(['check', target, ...JANE, '--json'], { probe, env });
  const report = JSON.parse(json.stdout) as Report;
  assertMatchesSchema(t, report, 'a logon');
  const [handshake] = report.handshakes;
  t.match(handshake?.credssp, {
    authentication: 'accepted',
    earlyUserAuthorization: null,
    logon: { outcome: 'accepted', keyBinding: 'hash', kerberos: { wouldBeTried: false } },
  });
  t.match(handshake?.notMeasured, { 'credssp.earlyUserAuthorization': /never does/ });
  t.match(report.diagnoses[0]?.notTested.at(-1), /may use Remote Desktop/);
  t.same(leaks(allOf(text)), []);
  t.same(leaks(allOf(json)), []);
  await close();
});

t.test('a wrong password is tried once', async (t) => {
  const { target, connections, close } = await server();
  const wrong = ['--user', 'jane', '--domain', 'CORP', '--password-env', 'WRONG'];
  const { status, stdout, stderr } = await run(['check', target, ...wrong, '-v'], { probe, env });
  t.equal(status, 1);
  t.match(stdout, /log-on +not accepted with NTLMv2: .*STATUS_LOGON_FAILURE/s);
  t.equal(connections(), 1);
  t.same(leaks(Buffer.from(stdout + stderr)), []);
  await close();
});

t.test('whatever it writes has nothing secret in it', async (t) => {
  const faults: readonly Partial<LogonStep>[] = [
    {},
    { status: 0xc0000234 },
    { fault: 'other-key' },
    { fault: 'bad-seal', version: 2 },
    { fault: 'other-version' },
    { refusal: 'ending', status: 0xc0000022 },
    { flags: 0xe2890235 & ~0x00080000 },
    { clock: false, version: 4 },
  ];
  for (const [index, fields] of faults.entries()) {
    const { target, close } = await server(fields);
    for (const format of [FORMATS[index % FORMATS.length] ?? '--json', '--verbose']) {
      const file = join(t.testdir(), `saved${index}${format}.pcapng`);
      const saving = ['--save', file, '--capture-with', 'none'];
      const written = await run(['check', target, ...JANE, format, ...saving], { probe, env });
      t.same(leaks(allOf(written)), [], `${index} ${format}`);
      const saved = readFileSync(file);
      t.same(leaks(saved), [], 'the capture');
      t.notMatch(saved.toString('latin1'), /CLIENT_RANDOM|TRAFFIC_SECRET/, 'without TLS secrets');
      t.match(written.stderr, /saved to .*TLS secrets left out, for a logon is in it/);
    }
    await close();
  }
  t.same(leaks(Buffer.from(PASSWORD, 'utf16le')), [`${PASSWORD} in UTF-16`], 'it would be found');
});

t.test('where the password comes from', async (t) => {
  const { target, close } = await server();
  const check = ['check', target, '--user', 'jane@corp.example'];
  const asked: string[] = [];
  const secrets = (answer: string | null): SecretInput => ({
    canAsk: true,
    ask: async (prompt) => {
      asked.push(prompt);
      return answer;
    },
    line: async () => answer,
  });
  const account = { user: 'jane@corp.example', ntHash: Buffer.from(NT_HASH).toString('hex') };
  const upn = await server({ account });
  const argv = ['check', upn.target, '--user', 'jane@corp.example'];
  t.equal((await run(argv, { probe, secrets: secrets(PASSWORD) })).status, 0, 'asked for');
  t.same(asked, ['Password of jane@corp.example (not shown): ']);
  const piped = await run([...argv, '--password-stdin'], { probe, secrets: secrets(PASSWORD) });
  t.equal(piped.status, 0, 'from a pipe');
  const broken = await run(argv, { probe, secrets: secrets(null) });
  t.match(broken, { status: 130, stdout: '', stderr: '' }, 'interrupted while it was asked for');
  const empty = await server({
    account: { user: 'jane', ntHash: '31d6cfe0d16ae931b73c59d7e0c089c0' },
  });
  const none = ['check', empty.target, '--user', 'jane', '--empty-password'];
  t.equal((await run(none, { probe })).status, 0, 'none, as said');
  const rows: readonly (readonly [options: readonly string[], says: RegExp])[] = [
    [[], /no terminal to ask for the password: use --password-stdin or --password-env/],
    [['--password-env', 'EMPTY'], /the password is empty: .*--empty-password/],
    [['--password-stdin'], /the password is empty/],
    [['--password-env', 'LONG'], /more than 1024 characters/],
    [['--password-env', PASSWORD], /variable that --password-env names is not set/],
    [['--password-env', 'PW', '--password-stdin'], /exclude each other/],
    [['--password-env', 'PW', '--empty-password'], /exclude each other/],
    [['--password', PASSWORD], /a password on the command line can be read by every user/],
    [[`--password=${PASSWORD}`], /a password on the command line/],
    [['--password'], /a password on the command line/],
  ];
  for (const [options, says] of rows) {
    const bad = await run([...check, ...options], { probe, env });
    t.equal(bad.status, 2, options[0] ?? 'no source');
    t.match(bad.stderr, says);
    t.equal(bad.stdout, '');
    t.same(leaks(allOf(bad)), []);
  }
  t.match((await run(['check', target, '--password', 'x'], { probe })).stderr, /command line/);
  await Promise.all([close(), upn.close(), empty.close()]);
});

t.test('what a logon does not go with', async (t) => {
  const rows: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [['a.example', 'b.example', ...JANE], /--user goes with one target: .*locking the account/],
    [['a.example', ...JANE, '--all-addresses'], /--user and --all-addresses exclude each other/],
    [['a.example', ...JANE, '--path'], /--user and --path exclude each other/],
    [['a.example', ...JANE, '--protocols', 'ssl'], /--protocols must have hybrid in it/],
    [['a.example', '--domain', 'CORP'], /--domain goes with --user/],
    [['a.example', '--password-stdin'], /--password-stdin goes with --user/],
    [['a.example', '--empty-password'], /--empty-password goes with --user/],
    [['a.example', '--password-env', 'PW'], /--password-env goes with --user/],
  ];
  for (const [argv, says] of rows) {
    const { status, stderr, probed } = await run(['check', ...argv], { env });
    t.equal(status, 2);
    t.match(stderr, says);
    t.same(probed, []);
  }
  const path = await run(['path', 'a.example', ...JANE], { env });
  t.match(path, { status: 2, stderr: /unknown option '--user'/ });
  const help = await run(['check', '--help']);
  t.match(help.stdout, /--password-stdin/);
  t.notMatch(help.stdout, /--password \[/);
});

t.test('the ways to write a user', (t) => {
  t.same(readUser('jane', undefined), { user: 'jane', domain: '' });
  t.same(readUser('jane', 'CORP'), { user: 'jane', domain: 'CORP' });
  t.same(readUser('CORP\\jane', undefined), { user: 'jane', domain: 'CORP' });
  t.same(readUser('.\\jane', undefined), { user: 'jane', domain: null });
  t.same(readUser('jane@corp.example', undefined), { user: 'jane@corp.example', domain: '' });
  const bad = ['', '\\jane', 'CORP\\', 'A\\B\\c', 'ja\u0007ne', 'x'.repeat(300)];
  for (const text of bad) t.throws(() => readUser(text, undefined), { code: 'BAD_OPTION' });
  t.throws(() => readUser('CORP\\jane', 'CORP'), { code: 'BAD_OPTION' });
  t.throws(() => readUser('jane@corp', 'CORP'), { code: 'BAD_OPTION' });
  t.throws(() => readUser('jane', ''), { code: 'BAD_OPTION' });
  t.end();
});

t.test('a server without NLA gets no credentials, and that is told', async (t) => {
  const scenario = findScenario('healthy-tls-only');
  if (scenario === null) throw new TypeError('the scenario is gone');
  const simulator = await startSimulator(scenario, {});
  const target = `${simulator.address}:${simulator.port}`;
  const { stdout } = await run(['check', target, ...JANE, '--json'], { probe, env });
  const [handshake] = (JSON.parse(stdout) as Report).handshakes;
  t.equal(handshake?.credssp.logon, null);
  t.match(handshake?.notMeasured, { 'credssp.logon': /did not come to an NTLM challenge/ });
  await simulator.close();
});

/** A terminal that a test types at. */
class Keyboard extends PassThrough {
  readonly isTTY = true;
  readonly modes: boolean[] = [];

  setRawMode(raw: boolean): this {
    this.modes.push(raw);
    return this;
  }
}

t.test('typing, and lines of a pipe', async (t) => {
  const written: string[] = [];
  const stderr = {
    isTTY: true,
    columns: 80,
    write: (text: string) => void written.push(text),
    flush: async () => {},
  };
  const type = async (...keys: readonly string[]): Promise<string | null> => {
    const keyboard = new Keyboard();
    const answer = secretInput(keyboard as unknown as ReadStream, stderr).ask(
      'Password: ',
      new AbortController().signal,
    );
    for (const key of keys) keyboard.write(key);
    const typed = await answer;
    t.same(keyboard.modes, [true, false], 'the terminal is as before');
    return typed;
  };
  t.equal(await type('se', 'cret\r'), 'secret');
  t.equal(await type('abc\u007f\u007fx\n'), 'ax', 'erased');
  t.equal(await type('abc\u0015new\r'), 'new', 'all of it');
  t.equal(await type('p\u00e4ss\u{1F511}\b\r'), 'p\u00e4ss', 'letters are erased whole');
  t.equal(await type('abc\u0003'), null, 'Ctrl-C');
  t.equal(await type('\r'), '');
  t.equal((await type('x'.repeat(5000), '\r'))?.length, MAX_SECRET_LENGTH, 'no more than fits');
  t.same([...new Set(written)], ['Password: ', '\n'], 'nothing of it is shown');
  const line = async (...pieces: readonly string[]): Promise<string | null> => {
    const pipe = new PassThrough();
    const input = secretInput(
      Object.assign(pipe, { isTTY: false }) as unknown as ReadStream,
      stderr,
    );
    t.equal(input.canAsk, false);
    for (const piece of pieces) pipe.write(piece);
    pipe.end();
    return await input.line(new AbortController().signal);
  };
  t.equal(await line('secret\nmore\n'), 'secret');
  t.equal(await line('sec', 'ret\r\n'), 'secret');
  t.equal(await line('secret'), 'secret', 'without an end of line');
  t.equal(await line(' with blanks '), ' with blanks ', 'as it is');
  t.equal(await line(), '');
  t.ok(((await line('x'.repeat(5000)))?.length ?? 0) > MAX_SECRET_LENGTH, 'too long is seen');
  const stopped = AbortSignal.abort();
  const silent = Object.assign(new PassThrough(), { isTTY: false }) as unknown as ReadStream;
  t.equal(await secretInput(silent, stderr).line(stopped), null);
});

/** `script` of util-linux gives a program a terminal; that of other systems takes other options. */
const atTerminal =
  process.platform === 'linux' ? needs('script') : { skip: 'script of util-linux' };

t.test('as a process', async (t) => {
  const program = await buildInto(t.testdir());
  const { target, connections, close } = await server();
  const argv = [program, 'check', target, '--user', 'CORP\\jane', '--json'];
  const environment = { LANG: 'C.UTF-8', PATH: process.env['PATH'] };

  await t.test('in a pipe', async (t) => {
    const child = spawn(process.execPath, [...argv, '--password-stdin'], { env: environment });
    let seen = '';
    const see = (chunk: Buffer): void => {
      seen += chunk;
    };
    child.stdout.on('data', see);
    child.stderr.on('data', see);
    child.stdin.end(`${PASSWORD}\n`);
    t.equal(await new Promise((resolve) => child.on('close', resolve)), 0, seen);
    t.match(seen, /"authentication": "accepted"/);
    t.same(leaks(Buffer.from(seen)), []);
    t.equal(connections(), 1);
  });

  await t.test('at a terminal', atTerminal, async (t) => {
    const command = [process.execPath, ...argv].map((word) => `'${word}'`).join(' ');
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { env: environment });
    let seen = '';
    terminal.stdout.on('data', (chunk: Buffer) => {
      const first = !seen.includes('not shown');
      seen += chunk;
      if (first && seen.includes('not shown')) terminal.stdin.write(`${PASSWORD}\r`);
    });
    t.equal(await new Promise((resolve) => terminal.on('close', resolve)), 0, seen);
    t.match(seen, /Password of jane \(not shown\):/);
    t.match(seen, /"authentication": "accepted"/);
    t.same(leaks(Buffer.from(seen)), [], 'no echo');
    t.equal(connections(), 2);
  });
  await close();
});
