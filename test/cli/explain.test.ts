import t, { type Test } from 'tap';
import { CAUSES } from '../../src/diagnose/catalogue/catalogue.js';
import { displayWidth } from '../../src/report/width.js';
import { run } from '../support/cli.js';

async function told(t: Test, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(['explain', ...args]);
  t.equal(status, 0, args.join(' '));
  t.equal(stderr, '');
  return stdout;
}

t.test('what it tells of the codes that people have', async (t) => {
  const cases: readonly (readonly [args: readonly string[], says: readonly RegExp[]])[] = [
    [
      ['0x904', '0x7'],
      [
        /^mstsc error code 0x904 \(2308\) disconnectReasonAtClientWinsockFDCLOSE$/m,
        /^ {2}means +The socket was closed/m,
        /^mstsc extended error code 0x7 exDiscReasonServerDeniedConnection$/m,
        /^The two together$/m,
        /The code names none of these/,
        /^ {4}x224 /m,
        /^ {4}credssp /m,
        /^Folklore: /m,
        /nothing official says so/,
        /^ {2}apart +at which stage the connection dies:\n {4}> rdp-probe check HOST$/m,
        /^ {2}read +docs\/causes\/README\.md$/m,
      ],
    ],
    [
      ['0x204'],
      [/The TCP connect call failed/, /Remote Desktop is turned off/, /fDenyTSConnections/],
    ],
    [['0x1b07'], [/SSL_ERR_CERT_EXPIRED/, /expired and was not renewed/]],
    [
      ['0xb09'],
      [
        /^mstsc error code 0xB09 \(2825\), not in the table of Microsoft$/m,
        /^ {2}said /m,
        /requires NLA/,
      ],
    ],
    [['0xC000006D'], [/STATUS_LOGON_FAILURE/, /User name, password or domain is wrong/, /4625/]],
    [
      ['alert', '40'],
      [/^TLS alert 40 handshake_failure$/m, /no cipher suite in common/, /36874/],
    ],
    [
      ['event', '36870'],
      [
        /^Windows event 36870 Schannel$/m,
        /permissions in MachineKeys/,
        /rename the MachineKeys folder to MachineKeys_old": wrong\./,
        /docs\/causes\/private-key-acl-machinekeys\.md/,
      ],
    ],
    [
      ['E_PROXY_RAP_ACCESSDENIED'],
      [
        /0x800759DA/,
        /resource policy \(RAP\) refuses/,
        /on the gateway \(300 = RAP met/,
        /> rdp-probe check HOST --gateway/,
      ],
    ],
    [
      ['failure', '3'],
      [/SSL_CERT_NOT_ON_SERVER/, /Further ones, by the stage/],
    ],
    [['machinekeys'], [/Causes that 'machinekeys' names/, /wrong\. No document/]],
    [['3'], [/The number has other meanings/, /rdp-probe explain errinfo 0x3/]],
  ];
  for (const [args, says] of cases) {
    const text = await told(t, ...args);
    for (const each of says) t.match(text, each, args.join(' '));
  }
});

t.test('colours and width are those of the terminal', async (t) => {
  const coloured = await run(['explain', '0x204'], { stdout: { columns: 80 } });
  t.match(coloured.stdout, '\u001b[1m', 'a terminal gets colours');
  const plain = await run(['explain', '0x204', '--no-color'], { stdout: { columns: 80 } });
  t.notMatch(plain.stdout, '\u001b');
  const narrow = await run(['explain', '0x904', '0x7'], { stdout: { columns: 40 } });
  for (const line of narrow.stdout.split('\n')) if (displayWidth(line) > 40) t.fail(line);
  const ascii = await run(['explain', '0x904', '0x7'], { env: {} });
  t.match(
    ascii.stdout,
    /^[ -~\n]*$/,
    'ASCII where nothing else can be shown; no escape when piped',
  );
});

t.test('--verbose shows every cause', async (t) => {
  const text = await told(t, '0x904', '--verbose');
  for (const { title } of [CAUSES['termservice-hung'], CAUSES['auth-roundtrip-timeout']])
    t.ok(text.replaceAll(/\s+/g, ' ').includes(title), title);
  t.match(text, /https:\/\/learn\.microsoft\.com/);
  t.notMatch(text, /--verbose/);
});

t.test('--json', async (t) => {
  const document = JSON.parse(await told(t, '0x904', '0x7', '--json')) as Record<string, unknown>;
  t.same(Object.keys(document), [
    'schema',
    'tool',
    'query',
    'readings',
    'pair',
    'causes',
    'apart',
    'read',
    'claims',
    'codes',
  ]);
  t.match(document, {
    schema: 'rdp-probe.explain/1',
    tool: { name: 'rdp-probe', version: /^\d/ },
    query: '0x904 0x7',
    readings: [
      {
        family: 'disconnect',
        code: 0x904,
        shown: '0x904',
        standing: 'documented',
        causes: [{ cause: String, stage: String, basis: 'inferred', page: /^docs\/causes\// }],
        sources: [{ url: /^https:/ }],
        ask: 'rdp-probe explain mstsc 0x904',
      },
      { family: 'extended', code: 7 },
    ],
    pair: { documented: false },
    claims: [{ verdict: 'unfounded' }],
  });
  const words = JSON.parse(await told(t, 'machinekeys', '--json')) as { causes: unknown[] };
  t.match(words.causes[0], { cause: 'private-key-acl-machinekeys', basis: null, command: {} });
});

t.test('what nobody knows, and a wrong command line: one sentence, exit 2', async (t) => {
  const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['0x9999'], /nothing is known of 0x9999: the nearest known codes are 0x(?!.*Schannel)/],
    [['0x905'], /^rdp-probe: nothing is known of 0x905: the nearest known codes are 0x904 \(disc/],
    [
      ['alert', '41'],
      /nothing is known of 41: the nearest known codes are 40 \(handshake_failure\)/,
    ],
    [['machnekeys'], /nothing is known of 'machnekeys': did you mean machinekeys\?/],
    [['qqqq', '\u001b[31mzzzz'], /nothing is known of 'qqqq \\x1b\[31mzzzz'/],
    [[], /missing required argument 'words'/],
    [['0x904', '--frobnicate'], /unknown option '--frobnicate'/],
  ];
  for (const [args, says] of cases) {
    const { status, stdout, stderr } = await run(['explain', ...args]);
    t.equal(status, 2, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, says);
    t.equal(stderr.split('\n').length, 2, 'one sentence');
  }
  const { stdout, status } = await run(['explain', '--help']);
  t.equal(status, 0);
  t.match(stdout, /rdp-probe explain 0x904 0x7/);
  for (const line of stdout.split('\n')) t.ok(line.length <= 80, line);
  t.match(
    (await run(['explain', '-1073741715'])).stdout,
    /STATUS_LOGON_FAILURE/,
    'as Windows shows it',
  );
});
