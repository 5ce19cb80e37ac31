import type { Duplex } from 'node:stream';
import t from 'tap';
import { liveProbe } from '../../src/cli/live-probe.js';
import { ntHash } from '../../src/probe/nt-hash.js';
import { SOUND_GATEWAY, startGateway } from '../../src/simulator/gateway.js';
import { startSimulator } from '../../src/simulator/listen.js';
import { memoryLink } from '../../src/simulator/memory-link.js';
import { play } from '../../src/simulator/play.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { type Run, run } from '../support/cli.js';
import { TRACES } from '../support/handshake.js';
import { pathReport } from '../support/path-fixtures.js';
import { assertMatchesSchema } from '../support/schema.js';

/** No word of a report. */
const PASSWORD = 'Zx9-Qm4-vB7';
const NT_HASH = Buffer.from(await ntHash(PASSWORD)).toString('hex');
const USER = { name: 'User', ntHash: NT_HASH };

const SECRETS = [
  PASSWORD,
  Buffer.from(PASSWORD, 'utf16le').toString('hex'),
  Buffer.from(PASSWORD, 'utf16le').toString('base64').slice(0, 16),
  USER.ntHash,
  'TlRMTVNTUAADAAAA',
];

/** A path that was measured without a gateway. */
const MEASURED = {
  report: pathReport(),
  handshakes: [{ trace: TRACES.healthy, purpose: 'verdict', reason: null }],
} as const;

const inner = (): Duplex => {
  const [scenario] = SCENARIOS;
  if (scenario === undefined) throw new Error('no scenario');
  const { client, server } = memoryLink();
  void play(scenario, { stream: server, reset: () => server.reset() });
  return client;
};

t.test('what cannot be asked for', async (t) => {
  const check = ['check', 'srv01.example'];
  const env = { LANG: 'C.UTF-8', PW: 'x', EMPTY: '' };
  const rows: readonly (readonly [options: readonly string[], says: RegExp])[] = [
    [['--gateway-user', 'x'], /--gateway-user goes with --gateway HOST/],
    [['--gateway', 'gw', '--gateway-password-env', 'PW'], /goes with --gateway-user NAME/],
    [['--gateway', 'gw', '--all-addresses'], /--all-addresses cannot be had/],
    [['--gateway', 'gw', '--path'], /--path exclude each other/],
    [['--gateway', 'gw', '--save', 'x.pcapng'], /--save does not cover/],
    [['--gateway', 'gw', '--gateway-user', 'x', '--gateway-password-env', 'NONE'], /not set/],
    [['--gateway', 'gw', '--gateway-user', 'x', '--gateway-password-env', 'EMPTY'], /is empty/],
    [
      ['--gateway', 'gw', '--gateway-user', 'x'],
      /--gateway-password-stdin or --gateway-password-env/,
    ],
    [
      ['srv02', '--gateway', 'gw', '--gateway-user', 'x', '--gateway-password-env', 'PW'],
      /one target/,
    ],
    [['--gateway', 'https://gw'], /is a URL/],
    [['--gateway', 'gw:'], /no port after the colon: leave the colon out for 443/],
    [['--proxy', 'px:1080'], /takes socks5:\/\/HOST:PORT/],
    [['--proxy', 'socks4://px:1080'], /takes socks5:\/\/HOST:PORT/],
    [['--proxy', 'socks5://px'], /needs the port/],
    [['--proxy', 'http://jane:geheim@px:8080'], /can be read by every user/],
    [['--proxy', 'http://jane@px:8080'], /--proxy-password-env NAME/],
    [['--proxy', 'http://jane@px:8080', '--proxy-password-env', 'NONE'], /not set/],
    [['--proxy', 'http://px:8080', '--proxy-password-env', 'PW'], /needs the user/],
    [['--proxy', 'http://%zz@px:8080', '--proxy-password-env', 'PW'], /%25/],
    [['--proxy', 'http://px:8080', '--path'], /--proxy excludes --path/],
    [['--proxy', 'http://px:8080', '--all-addresses'], /--proxy excludes --all-addresses/],
    [['--proxy-password-env', 'PW'], /goes with --proxy URL/],
  ];
  for (const [options, says] of rows) {
    const { status, stderr } = await run([...check, ...options], { env });
    t.equal(status, 2, options.join(' '));
    t.match(stderr, says);
    t.notMatch(stderr, /geheim/);
  }
});

t.test('what is handed to the probe', async (t) => {
  const { probed } = await run(
    [
      'check',
      'healthy.example',
      '--proxy',
      'socks5://jane%40x@[2001:db8::1]:1080',
      '--proxy-password-env',
      'PW',
    ],
    { env: { LANG: 'C.UTF-8', PW: 'p w' } },
  );
  t.same(probed[0]?.settings.proxy, {
    kind: 'socks5',
    at: { host: '2001:db8::1', port: 1080 },
    login: { user: 'jane@x', password: 'p w' },
  });
});

t.test('check --gateway, against a simulated one', async (t) => {
  const gateway = await startGateway({ ...SOUND_GATEWAY, user: USER, inner }, () => Date.now());
  t.teardown(() => gateway.close());
  const at = `127.0.0.1:${gateway.port}`;
  const asked = async (...options: readonly string[]): Promise<Run> => {
    const result = await run(['check', 'srv01.corp.example', '--gateway', at, ...options], {
      probe: liveProbe('linux'),
      env: { LANG: 'C.UTF-8', PW: PASSWORD, WRONG: 'Wr0ng-one' },
    });
    const all = result.stdout + result.stderr;
    for (const secret of [...SECRETS, 'Wr0ng']) {
      t.notOk(all.toLowerCase().includes(secret.toLowerCase()), `no ${secret} in what was written`);
    }
    return result;
  };
  const user = ['--gateway-user', 'Domain\\User', '--gateway-password-env', 'PW'];

  const without = await asked();
  t.equal(without.status, 0);
  t.match(
    without.stdout,
    /^… srv01\.corp\.example:3389: the gateway 127\.0\.0\.1:\d+ answers and asks/,
  );
  t.match(
    without.stdout,
    /\ngateway\nserver +127.*\nsteps .*http.*\ncame to .*\nHTTP +401 Unauthorized/,
  );
  t.match(without.stdout, /log-ons +Negotiate, NTLM/);

  const through = await asked(...user);
  t.equal(through.status, 0);
  t.match(
    through.stderr,
    /one logon as Domain\\User at the gateway 127\.0\.0\.1: a wrong password counts/,
  );
  t.match(through.stdout, /\(through the gateway 127\.0\.0\.1:\d+\)/);
  t.match(through.stdout, /\nby way of +the RD Gateway 127/);

  const wrong = await asked('--gateway-user', 'User', '--gateway-password-env', 'WRONG');
  t.equal(wrong.status, 1);
  t.match(wrong.stdout, /died\s+in its step authentication/);

  for (const options of [[], user]) {
    const { stdout } = await asked(...options, '--json');
    const report: unknown = JSON.parse(stdout);
    assertMatchesSchema(t, report);
    t.match(report, { diagnoses: [{ gateway: { name: at, target: 'srv01.corp.example:3389' } }] });
    const lines = (await asked(...options, '--ndjson')).stdout.trimEnd().split('\n');
    for (const line of lines) assertMatchesSchema(t, JSON.parse(line));
  }
});

t.test('a gateway that an .rdp file names', async (t) => {
  const gateway = await startGateway({ ...SOUND_GATEWAY, user: USER, inner }, () => Date.now());
  t.teardown(() => gateway.close());
  const at = `127.0.0.1:${gateway.port}`;
  const fileOf = (usage: number, host = at): string =>
    `full address:s:srv01.corp.example\ngatewayhostname:s:${host}\ngatewayusagemethod:i:${usage}\n`;
  const folder = t.testdir({ 'always.rdp': fileOf(1), 'bad.rdp': fileOf(1, 'https://gw') });
  const env = { LANG: 'C.UTF-8', PW: PASSWORD };
  const check = async (file: string, ...options: readonly string[]): Promise<Run> =>
    await run(['check', `${folder}/${file}`, ...options], { probe: liveProbe('linux'), env });

  const without = await check('always.rdp');
  t.equal(without.status, 0);
  t.match(without.stdout, /^… srv01\.corp\.example:3389: the gateway 127\.0\.0\.1:\d+ answers and/);
  t.notMatch(without.stdout, /the way through the RD Gateway/);

  const user = ['--gateway-user', 'Domain\\User', '--gateway-password-env', 'PW'];
  const through = await check('always.rdp', ...user);
  t.match(through.stdout, /\(through the gateway 127\.0\.0\.1:\d+\)/);

  const bad = await check('bad.rdp');
  t.equal(bad.status, 2);
  t.match(bad.stderr, /is a URL/);

  // What would show the gateway alone tries the target directly, and says what was left out.
  const argv = ['path', `${folder}/always.rdp`, '--no-udp'];
  const { stdout } = await run(argv, { env, measurePath: async () => MEASURED });
  t.match(
    stdout.replace(/\s+/g, ' '),
    /the way through the RD Gateway 127.* \(check --gateway 127/,
  );
});

t.test('refused by a policy of the gateway', async (t) => {
  const refuses = { step: 'channel', code: 0x800759da } as const;
  const gateway = await startGateway({ ...SOUND_GATEWAY, schemes: [], refuses }, () => Date.now());
  t.teardown(() => gateway.close());
  const argv = ['check', 'srv01.corp.example', '--gateway', `127.0.0.1:${gateway.port}`];
  const { status, stdout } = await run(argv, { probe: liveProbe('linux') });
  t.equal(status, 1);
  t.match(stdout, /stopped +in channel: [^(]*E_PROXY_RAP_ACCESSDENIED \(0x800759DA\)/);
  t.match(stdout, /\nwhy\nproved +RD Gateway: the resource policy/);
});

t.test('hostile text of a gateway stays text', async (t) => {
  const order = {
    ...SOUND_GATEWAY,
    schemes: [],
    consent: '\u001b[31mred\u0007\nnext line \u202e reversed',
    inner,
  };
  const gateway = await startGateway(order, () => Date.now());
  t.teardown(() => gateway.close());
  const argv = ['check', 'srv01.corp.example', '--gateway', `127.0.0.1:${gateway.port}`];
  for (const options of [[], ['--json'], ['--verbose']]) {
    const { stdout } = await run([...argv, ...options], { probe: liveProbe('linux') });
    t.match(stdout, /red/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    t.notMatch(stdout, /[\u001b\u0007\u202e]/);
  }
});

t.test('check --proxy: a proxy that is not there', async (t) => {
  const simulator = await startSimulator(SCENARIOS[0] as never);
  await simulator.close();
  const argv = ['check', 'srv01.invalid', '--proxy', `socks5://127.0.0.1:${simulator.port}`];
  const { status, stdout } = await run(argv, { probe: liveProbe('linux') });
  t.equal(status, 1);
  t.match(stdout, /refused/);
});
