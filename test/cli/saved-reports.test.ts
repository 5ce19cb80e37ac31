import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { liveProbe } from '../../src/cli/live-probe.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { ntHash } from '../../src/probe/nt-hash.js';
import { buildReport } from '../../src/report/build-report.js';
import { renderJson } from '../../src/report/json.js';
import type { Report } from '../../src/report/report.js';
import { displayWidth } from '../../src/report/width.js';
import { SOUND_GATEWAY, startGateway } from '../../src/simulator/gateway.js';
import { memoryLink } from '../../src/simulator/memory-link.js';
import { play } from '../../src/simulator/play.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { type Run, run } from '../support/cli.js';
import { changed, died } from '../support/diagnose-fixtures.js';
import { HOSTILE, STARTED_AT_MS } from '../support/handshake.js';
import { HOST, host, OWN_CERTIFICATE } from '../support/host-facts.js';
import { ownFolder } from '../support/own-folder.js';
import { PATHS } from '../support/path-fixtures.js';
import { SCRIPTED, scanOf } from '../support/scan-servers.js';
import { assertMatchesSchema } from '../support/schema.js';
import { smallCapture } from '../support/small-capture.js';

/* The commands that read saved reports: diagnose, compare, host-checks. */

const folder = ownFolder();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What `check --json` prints of a target of the simulated network. */
async function checked(name: string, ...options: string[]): Promise<string> {
  const { stdout } = await run(['check', `${name}.example`, '--json', ...options]);
  return stdout;
}

function reportOf(...handshakes: readonly Handshake[]): string {
  return renderJson(
    buildReport({
      version: '0.1.0',
      command: 'check',
      generatedAt: '2026-01-01T00:00:00.000000Z',
      handshakes,
      diagnoses: [diagnose('srv01.corp.example:3389', handshakes, STARTED_AT_MS)],
    }),
  );
}

/** Control and format characters. */
const HARMFUL = /\p{Cc}|\p{Cf}/u;

const RESET = file('reset.json', await checked('resetAfterClientHello'));
const HEALTHY = file('healthy.json', await checked('healthy'));
const FACTS = file('facts.json', JSON.stringify(HOST));

async function refused(
  t: Test,
  args: readonly string[],
  status: number,
  says: RegExp,
): Promise<void> {
  const result = await run(args);
  t.equal(result.status, status, args.join(' '));
  t.equal(result.stdout, '');
  t.match(result.stderr, says);
  t.equal(result.stderr.split('\n').length, 2, `one sentence: ${result.stderr}`);
}

t.test('diagnose: as check told it, in every form', async (t) => {
  for (const [name, path] of [
    ['resetAfterClientHello', RESET],
    ['healthy', HEALTHY],
  ] as const) {
    const live = await run(['check', `${name}.example`]);
    const again = await run(['diagnose', path]);
    t.equal(again.stdout, live.stdout, name);
    t.equal(again.status, live.status);
    const document = JSON.parse((await run(['diagnose', path, '--json'])).stdout) as Report;
    assertMatchesSchema(t, document);
    t.equal(document.command, 'diagnose');
    t.same(document.diagnoses, (JSON.parse(await checked(name)) as Report).diagnoses);
    const quiet = await run(['diagnose', path, '--quiet']);
    t.match(quiet, { stdout: '', stderr: '', status: live.status });
  }
  const lines = (await run(['diagnose', RESET, '--ndjson'])).stdout;
  t.same(
    (await run(['diagnose', file('lines.json', lines)])).stdout,
    (await run(['diagnose', RESET])).stdout,
  );
});

t.test('diagnose: several reports, captures, and what PowerShell wrote', async (t) => {
  const both = JSON.parse((await run(['diagnose', RESET, HEALTHY, '--json'])).stdout) as Report;
  assertMatchesSchema(t, both);
  t.equal(both.diagnoses.length, 2);
  t.match((await run(['diagnose', RESET, HEALTHY])).stdout, /^2 targets, 1 fine$/m);
  const text = await checked('healthy');
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  t.equal((await run(['diagnose', file('utf16.json', utf16)])).status, 0);
  t.equal((await run(['diagnose', file('mark.json', `\ufeff${text}`)])).status, 0);
  const capture = smallCapture().path;
  const replayed = await run(['replay', capture]);
  const saved = file('replay.json', (await run(['replay', capture, '--json'])).stdout);
  const again = await run(['diagnose', saved]);
  t.equal(again.stdout, replayed.stdout);
  t.equal(again.status, replayed.status);
});

t.test('diagnose: what went through a gateway, and what did not', async (t) => {
  const ntHashOf = Buffer.from(await ntHash('Zx9-Qm4-vB7')).toString('hex');
  const inner = () => {
    const [scenario] = SCENARIOS;
    if (scenario === undefined) throw new Error('no scenario');
    const { client, server } = memoryLink();
    void play(scenario, { stream: server, reset: () => server.reset() });
    return client;
  };
  const user = { name: 'User', ntHash: ntHashOf };
  const refuses = { step: 'channel', code: 0x800759da } as const;
  for (const behaves of [
    { ...SOUND_GATEWAY, user, inner },
    { ...SOUND_GATEWAY, user, refuses },
  ]) {
    const gateway = await startGateway(behaves, () => Date.now());
    t.teardown(() => gateway.close());
    const way = ['--gateway', `127.0.0.1:${gateway.port}`];
    const logon = ['--gateway-user', 'Domain\\User', '--gateway-password-env', 'PW'];
    const { stdout } = await run(['check', 'srv01.corp.example', ...way, ...logon, '--json'], {
      probe: liveProbe('linux'),
      env: { LANG: 'C.UTF-8', PW: 'Zx9-Qm4-vB7' },
    });
    const live = JSON.parse(stdout) as Report;
    t.ok(live.diagnoses[0]?.gateway, 'it was tried');
    const again = await run(['diagnose', file('gateway.json', stdout), '--json']);
    t.same((JSON.parse(again.stdout) as Report).diagnoses, live.diagnoses);
  }
});

t.test('diagnose: what was read on the host moves the ranking', async (t) => {
  const noAccess = [
    { ...OWN_CERTIFICATE, key: { error: null, file: 'C:\\k\\f686_1', access: [] } },
  ];
  const facts = file('no-access.json', JSON.stringify(host({ certificates: noAccess })));
  const saved = file('srv01.json', reportOf(died('tls', 'reset')));
  const { stdout, status } = await run(['diagnose', saved, '--host-facts', facts]);
  t.equal(status, 1);
  t.match(
    stdout.split('\n\n')[0]?.replace(/\s+/g, ' '),
    /proved: the server cannot read the private key/,
  );
  t.match(stdout, /on the host: NETWORK SERVICE may not read the key file f686_1/);
  t.match(
    stdout,
    /^host facts\nread on +SRV01, 2026-01-01 01:00 UTC: 10\.0\.0\.2 is an address of it$/m,
  );
  for (const line of stdout.split('\n')) t.ok(displayWidth(line) <= 80, line);
  const document = JSON.parse(
    (await run(['diagnose', saved, '--host-facts', facts, '--json'])).stdout,
  ) as Report;
  assertMatchesSchema(t, document);
  t.match(document.diagnoses[0]?.findings[0], {
    cause: 'private-key-acl-machinekeys',
    certainty: 'proved',
  });
  t.match(document.diagnoses[0]?.host, { computer: 'SRV01', match: 'same' });
});

t.test('diagnose: host facts in every encoding that a redirection of Windows makes', async (t) => {
  const says = 'Zugriff verweigert für Schlüssel';
  const text = JSON.stringify(host({ problems: [{ block: 'certificates', says }] }));
  const utf16le = (content: string): Buffer => Buffer.from(content, 'utf16le');
  const cases: readonly (readonly [name: string, content: Uint8Array])[] = [
    ['UTF-16LE with a mark: > of Windows PowerShell 5.1', utf16le(`\ufeff${text}\r\n`)],
    ['UTF-16BE with a mark: -Encoding BigEndianUnicode', utf16le(`\ufeff${text}`).swap16()],
    ['UTF-16LE without one', utf16le(text)],
    ['UTF-16BE without one', utf16le(text).swap16()],
    ['UTF-8 with a mark: -Encoding UTF8', Buffer.from(`\ufeff${text}`)],
    ['UTF-8', Buffer.from(text)],
    [
      'ASCII: what the script prints itself',
      Buffer.from(text.replaceAll('ü', '\\u00fc'), 'latin1'),
    ],
  ];
  for (const [name, content] of cases) {
    const facts = file('encoded.json', content);
    const { stdout, stderr } = await run(['diagnose', RESET, '--host-facts', facts]);
    t.match(stdout, /certificates: Zugriff verweigert für Schlüssel/, name);
    t.notMatch(stderr, /cannot|is no/, name);
  }
  const cut = file('cut-facts.json', utf16le(`\ufeff${text.slice(0, 400)}`));
  await refused(t, ['diagnose', RESET, '--host-facts', cut], 3, /was cut off: its JSON ends/);
  await refused(
    t,
    ['diagnose', RESET, '--host-facts', file('nothing.json', utf16le('\ufeff'))],
    3,
    /is empty/,
  );
});

t.test('diagnose: as a page, and as Markdown', async (t) => {
  const page = join(folder, 'page.html');
  const told = await run(['diagnose', RESET, '--host-facts', FACTS, '--html', page, '--markdown']);
  t.equal(told.status, 1);
  t.match(told.stdout, /^### What was read on the host$/m);
  t.match(told.stdout, /SRV01, 2026-01-01 01:00 UTC: /);
  const written = readFileSync(page, 'utf8');
  t.match(written, /What was read on the host/);
  t.match(written, /on the host: NETWORK SERVICE may read the key file/);
  const again = await run(['diagnose', RESET, '--html', page]);
  t.equal(again.status, 3, 'what is there is not replaced');
  t.equal((await run(['diagnose', RESET, '--html', page, '--force'])).status, 1);
});

t.test('diagnose: facts of another machine, or of who knows which', async (t) => {
  const computer = { ...HOST.computer, name: `FILES07${HOSTILE}`, dnsName: null, addresses: [] };
  const stranger = file('stranger.json', JSON.stringify(host({ computer, certificates: [] })));
  await refused(
    t,
    ['diagnose', HEALTHY, '--host-facts', stranger],
    2,
    /^rdp-probe: the host facts of '.*stranger\.json' are another machine's: they were read on FILES07A\\x1b/,
  );
  const refusedTcp = file('refused.json', await checked('refused'));
  const unknown = await run(['diagnose', refusedTcp, '--host-facts', stranger]);
  t.match(unknown.stderr, /^rdp-probe: host facts: nothing in the report tells whether FILES07/);
  t.match(unknown.stdout, /host facts/);
  t.notMatch(unknown.stdout.replaceAll('\n', ''), HARMFUL);
});

t.test('what cannot be read is said in one sentence', async (t) => {
  mkdirSync(join(folder, 'dir'), { recursive: true });
  const report = await checked('healthy');
  const cases: readonly (readonly [args: readonly string[], status: number, says: RegExp])[] = [
    [
      ['diagnose', join(folder, 'nowhere.json')],
      3,
      /nowhere\.json' cannot be read: there is no such file/,
    ],
    [['diagnose', join(folder, 'dir')], 3, /cannot be read: it is a directory/],
    [
      ['diagnose', file('cut.json', report.slice(0, 2000))],
      3,
      /was cut off: its JSON ends in line/,
    ],
    [
      ['diagnose', file('hand.json', report.replace('"reached"', '"reachd"'))],
      3,
      /outcome\.reached is missing/,
    ],
    [
      ['diagnose', file('v2.json', report.replace('report/1', 'report/2'))],
      3,
      /is a report of another version/,
    ],
    [['diagnose', FACTS], 3, /is a file of host facts \(for --host-facts\)/],
    [['diagnose', HEALTHY, '--host-facts', RESET], 3, /holds no host facts/],
    [['diagnose', HEALTHY, '--json', '--quiet'], 2, /exclude each other/],
    [['diagnose', '-', '-'], 2, /standard input \(-\) can be read only once/],
    [['diagnose'], 2, /missing required argument 'reports'/],
    [['compare', HEALTHY], 2, /one report cannot be compared/],
    [['compare', HEALTHY, join(folder, 'nowhere.json')], 3, /there is no such file/],
    [['compare', ...Array<string>(51).fill(HEALTHY)], 2, /at most 50 reports/],
    [['host-checks'], 2, /say which causes to check, or --from/],
    [['host-checks', 'rdp-disabled', '--all'], 2, /exclude each other: choose one/],
    [
      ['host-checks', 'rdp-disable'],
      2,
      /there is no cause 'rdp-disable': did you mean rdp-disabled/,
    ],
    [['host-checks', '--from', HEALTHY], 2, /nothing wrong was found in '.*healthy\.json'/],
    [
      ['host-checks', 'middlebox-dpi-resets-rdp'],
      2,
      /no script can confirm middlebox-dpi-resets-rdp on the host/,
    ],
    [['host-checks', '--from', FACTS], 3, /is a file of host facts/],
  ];
  for (const [args, status, says] of cases) await refused(t, args, status, says);
});

t.test(
  'host-checks: the script for what a report found, and nothing of the peer in it',
  async (t) => {
    const { stdout, status, stderr } = await run(['host-checks', '--from', RESET]);
    t.equal(status, 0);
    t.equal(stderr, '');
    t.match(stdout, /^# certificates: /m);
    t.match(stdout, /confirms or refutes: private-key-acl-machinekeys/);
    const hostile = changed({
      leaf: { subject: `CN=${HOSTILE}`, issuer: 'CN=$(Remove-Item C:\\)' },
      ntlm: { netbiosComputerName: "'; Remove-Item C:\\; '", dnsComputerName: HOSTILE },
      name: '$(calc).example',
    });
    const bad = died('tls', 'reset', { leaf: { subject: '$(calc)' }, name: '$(calc).example' });
    for (const seen of [hostile, bad]) {
      const made = await run(['host-checks', '--from', file('hostile.json', reportOf(seen))]);
      if (made.status !== 0) continue;
      t.notMatch(made.stdout, /calc|Remove-Item/);
      t.match(made.stdout, /^[\n -~]*$/);
    }
    const causes =
      (JSON.parse(await checked('resetAfterClientHello')) as Report).diagnoses[0]?.findings.map(
        ({ cause }) => cause,
      ) ?? [];
    t.equal(
      (await run(['host-checks', ...causes])).stdout,
      stdout,
      'made of the ids of causes alone',
    );
    t.ok((await run(['host-checks', '--all'])).stdout.length > stdout.length);
  },
);

function moved(seen: Handshake, address: string, hours = 0): Handshake {
  const startedAt = new Date(STARTED_AT_MS + hours * 3_600_000).toISOString().replace('Z', '000Z');
  return { ...seen, client: { ...seen.client, address }, startedAt };
}

const INTERCEPTED = changed({
  leaf: {
    sha256: 'ab'.repeat(32),
    sha1: 'cd'.repeat(20),
    spkiSha256: 'ef'.repeat(32),
    serialNumber: '77',
    issuer: 'CN=Corp TLS Inspection',
    selfSigned: false,
  },
});

t.test('compare: text of 80 columns, JSON, exit status', async (t) => {
  const a = file('office.json', reportOf(moved(changed(), '10.0.0.1')));
  const b = file('branch.json', reportOf(moved(INTERCEPTED, '10.7.0.1')));
  const { stdout, status, stderr } = await run(['compare', a, b]);
  t.equal(status, 1);
  t.equal(stderr, '');
  t.match(stdout, /^! 2 reports of srv01\.corp\.example:3389 from several places: they differ/);
  t.match(stdout, /^A {2}office\.json, 2026-01-01 00:00 UTC, from 10\.0\.0\.1: nothing wrong/m);
  t.match(stdout, /^\* thumbprint +9b1c7e02 +cdcdcdcd$/m);
  t.match(stdout, /^\* issuer +srv01\.corp\.example +Corp TLS Inspection$/m);
  t.match(stdout, /^likely {3}The same computer, by its own word/m);
  t.match(stdout.replace(/\s+/g, ' '), /The same in all: target, address, .*suite/);
  const verbose = (await run(['compare', a, b, '--verbose'])).stdout;
  t.match(verbose, /^ {2}protocol +HYBRID_EX +HYBRID_EX$/m);
  const four = (await run(['compare', a, b, a, b])).stdout;
  t.match(four, /^ +A +B +C$/m);
  t.match(four, /^ +D$/m, 'more columns than fit go into a block of their own');
  const ascii = (await run(['compare', a, b], { env: {} })).stdout;
  t.match(ascii, /^[\n -~]*$/);
  for (const text of [stdout, verbose, four, ascii]) {
    for (const line of text.split('\n')) t.ok(displayWidth(line) <= 80, line);
  }
  const same = await run(['compare', a, a]);
  t.equal(same.status, 0);
  t.match(same.stdout, /nothing in them differs that matters/);
  t.match(await run(['compare', a, b, '--quiet']), { stdout: '', status: 1 });
  const document = JSON.parse((await run(['compare', a, b, '--json'])).stdout) as Record<
    string,
    unknown
  >;
  t.same(Object.keys(document), [
    'schema',
    'tool',
    'kind',
    'reports',
    'aspects',
    'conclusions',
    'notes',
  ]);
  t.match(document, {
    schema: 'rdp-probe.compare/1',
    tool: { name: 'rdp-probe' },
    kind: 'sites',
    reports: [{ label: 'A', file: 'office.json', client: '10.0.0.1' }, { label: 'B' }],
    conclusions: [{ id: 'interception', certainty: 'likely', separate: /Cert:/ }],
  });
});

t.test('compare: scans, a table for each part in which they differ', async (t) => {
  const { windows, windowsTls } = SCRIPTED;
  if (windows === undefined || windowsTls === undefined) throw new Error('no such server');
  const scanned = (name: string, server: typeof windows, address: string): string => {
    const seen = moved(changed(), address);
    const diagnosis = diagnose('srv01:3389', [seen], STARTED_AT_MS);
    const report = buildReport({
      version: '0.1.0',
      command: 'scan',
      generatedAt: '2026-01-01T00:00:00.000000Z',
      handshakes: [seen],
      diagnoses: [{ ...diagnosis, scan: scanOf(server) }],
    });
    return file(name, renderJson(report));
  };
  const a = scanned('a-scan.json', windows, '10.0.0.1');
  const b = scanned('b-scan.json', windowsTls, '10.7.0.1');
  const { stdout, status } = await run(['compare', a, b]);
  t.equal(status, 1);
  t.match(stdout, /^\* layer +nla-only +tls-or-nla$/m);
  t.match(stdout, /^\* 0x01 TLS +failure 5 HYBRID_REQUIRED_… {2}TLS$/m);
  t.match(stdout, /^The same in all: 7 rows \(--verbose\)\.$/m);
  t.match(stdout, /^\* nla-not-required +not found +found$/m);
  t.match(stdout.replace(/\s+/g, ' '), /possible B has weak settings that A has not \(nla-not-req/);
  const verbose = (await run(['compare', a, b, '--verbose'])).stdout;
  t.match(verbose, /^ {2}0x02 NLA +NLA +NLA$/m);
  const same = await run(['compare', a, scanned('c-scan.json', windows, '10.7.0.1')]);
  t.equal(same.status, 0);
  t.match(same.stdout, /^No difference between the scans in: negotiation, weak settings\.$/m);
  const beside = await run(['compare', a, HEALTHY]);
  t.notMatch(beside.stdout, /^\* (layer|NLA|nla-not-required)/m, 'a check tells nothing of it');
  for (const text of [stdout, verbose, same.stdout, beside.stdout]) {
    for (const line of text.split('\n')) t.ok(displayWidth(line) <= 80, line);
  }
  const { aspects } = JSON.parse((await run(['compare', a, b, '--json'])).stdout) as {
    aspects: readonly Record<string, unknown>[];
  };
  t.strictSame(
    aspects.find(({ aspect }) => aspect === 'layer'),
    {
      part: 'negotiation',
      aspect: 'layer',
      values: ['nla-only', 'tls-or-nla'],
      differs: true,
    },
  );
});

t.test('compare: paths, and text of a hostile peer', async (t) => {
  const withPath = (path: (typeof PATHS)['clean'], address: string): string =>
    renderJson(
      buildReport({
        version: '0.1.0',
        command: 'path',
        generatedAt: '2026-01-01T00:00:00.000000Z',
        handshakes: [moved(changed(), address)],
        diagnoses: [diagnose('srv01:3389', [moved(changed(), address)], STARTED_AT_MS, path)],
      }),
    );
  const a = file('a-path.json', withPath(PATHS.clean, '10.0.0.1'));
  const b = file('b-path.json', withPath(PATHS.holeFromServer, '10.7.0.1'));
  const { stdout } = await run(['compare', a, b]);
  t.match(stdout, /^\* MTU back +1500 +\d+ black-hole$/m);
  t.match(
    stdout.replace(/\s+/g, ' '),
    /likely Large packets from the server vanish on the way of B and not on that of A/,
  );
  const evil = changed({
    leaf: { sha256: 'ef'.repeat(32), subject: `CN=${HOSTILE}` },
    ntlm: { dnsComputerName: HOSTILE },
  });
  const told: Run = await run(['compare', a, file('evil.json', reportOf(moved(evil, '10.9.0.1')))]);
  t.equal(told.status, 1);
  t.notMatch(told.stdout.replaceAll('\n', ''), HARMFUL);
  for (const line of told.stdout.split('\n')) t.ok(displayWidth(line) <= 80, line);
});

t.test('help of each, within 80 columns', async (t) => {
  for (const command of ['diagnose', 'compare', 'host-checks']) {
    const { stdout, status } = await run([command, '--help']);
    t.equal(status, 0);
    t.match(stdout, new RegExp(`Examples:\n {2}rdp-probe ${command} `));
    t.match(stdout, /Exit status:/);
    for (const line of stdout.split('\n')) t.ok(line.length <= 82, line);
  }
  t.match((await run(['--help'])).stdout, /diagnose .*\n.*compare /);
});
