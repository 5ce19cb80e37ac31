import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { isRdpFile, readRdpFile } from '../../src/cli/rdp-file.js';
import { type RdpFileReading, readRdpSettings } from '../../src/cli/rdp-settings.js';
import { readRdpText } from '../../src/cli/rdp-text.js';
import type { RdpFileReport } from '../../src/handshake/rdp-file.js';
import { ProbeError } from '../../src/probe-error.js';
import { seededRandom } from '../../src/simulator/seeded-random.js';
import { run } from '../support/cli.js';
import { assertMatchesSchema } from '../support/schema.js';

const utf8 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));
const utf16le = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf16le'));
const utf16be = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text, 'utf16le').swap16());

function read(bytes: Uint8Array): RdpFileReading {
  return readRdpSettings('office.rdp', readRdpText(bytes), { followsDirectTls: false });
}

/** As mstsc of Windows 11 saves one: UTF-16LE with its mark, CR LF, everything that it knows. */
const MSTSC = `\ufeff${[
  'screen mode id:i:2',
  'use multimon:i:0',
  'desktopwidth:i:1920',
  'desktopheight:i:1080',
  'session bpp:i:32',
  'winposstr:s:0,3,0,0,800,600',
  'compression:i:1',
  'full address:s:srv01.healthy.example:3390',
  'authentication level:i:2',
  'prompt for credentials:i:0',
  'negotiate security layer:i:1',
  'remoteapplicationmode:i:0',
  'alternate shell:s:',
  'gatewayhostname:s:',
  'gatewayusagemethod:i:4',
  'gatewaycredentialssource:i:4',
  'gatewayprofileusagemethod:i:0',
  'use redirection server name:i:0',
  'username:s:CORP\\alice',
  'enablecredsspsupport:i:1',
  'enablerdsaadauth:i:0',
  'password 51:b:01000000D08C9DDF0115D1118C7A00C04FC297EB',
].join('\r\n')}\r\n`;

/** As a broker's feed has them: signed, with a gateway and a collection. */
const FEED = [
  'redirectclipboard:i:1',
  'alternate full address:s:broker.healthy.example',
  'full address:s:BROKER.HEALTHY.EXAMPLE',
  'signscope:s:Full Address,Alternate Full Address,Server Port,GatewayHostname,LoadBalanceInfo',
  'signature:s:AQABAAEAAABlCwAAMIILYQYJKoZIhvcNAQcCoIILUjCCC04CAQExDzANBglghkgB',
  'server port:i:3389',
  'gatewayhostname:s:rdgw.example',
  'gatewayusagemethod:i:2',
  'gatewayprofileusagemethod:i:1',
  'gatewaycredentialssource:i:0',
  'use redirection server name:i:1',
  'workspace id:s:broker.healthy.example',
  'loadbalanceinfo:s:tsv://MS Terminal Services Plugin.1.Sales',
].join('\r\n');

t.test('a file as mstsc saves it', (t) => {
  const { target, asks, gateway, report } = read(utf16le(MSTSC));
  t.same(target, { host: 'srv01.healthy.example', port: 3390 });
  t.equal(asks.requestedProtocols, 0x0b);
  t.equal(asks.routingToken, null);
  t.equal(gateway, null);
  t.equal(report.encoding, 'utf-16le');
  t.same(
    report.used.map(({ name }) => name),
    ['full address', 'enablecredsspsupport'],
  );
  t.same(
    report.told.map(({ name, value }) => [name, value]),
    [
      ['authentication level', '2'],
      ['username', 'CORP\\alice'],
    ],
  );
  t.same(report.problems, ["'password 51' holds a secret and was not read"]);
  t.ok(report.ignored.includes('winposstr'));
  t.notMatch(JSON.stringify(report), /D08C9DDF|800,600/, 'no value of what is not read');
  t.end();
});

t.test('a file of a broker: signed, through a gateway, to a collection', (t) => {
  const { target, asks, gateway, report } = read(utf8(FEED));
  t.same(target, { host: 'broker.healthy.example', port: 3389 }, 'the alternate address wins');
  t.equal(asks.routingToken, 'tsv://MS Terminal Services Plugin.1.Sales');
  t.same(gateway, { host: 'rdgw.example', when: 'if-direct-fails' });
  const told = Object.fromEntries(report.told.map(({ name, says }) => [name, says]));
  t.match(told['gatewayhostname'], /where it gets no direct connection/);
  t.match(told['signature'], /signed \(5 settings\); the signature was not verified/);
  t.match(told['full address'], /'alternate full address' is taken before it/);
  t.match(told['use redirection server name'], /redirected to another host/);
  t.match(
    report.used.find(({ name }) => name === 'loadbalanceinfo')?.says,
    /asks a broker for the collection Sales/,
  );
  t.notMatch(JSON.stringify(report), /AQABAAEAAAB/);
  t.end();
});

t.test('whatever the encoding and the ends of lines, the same is read', (t) => {
  const text = 'Full Address:S:bücher.example\r\nENABLECREDSSPSUPPORT:I:0\r\n';
  const rows: readonly (readonly [string, Uint8Array, RdpFileReport['encoding']])[] = [
    ['UTF-16LE with its mark', utf16le(`\ufeff${text}`), 'utf-16le'],
    ['UTF-16BE with its mark', utf16be(`\ufeff${text}`), 'utf-16be'],
    ['UTF-16LE without', utf16le(text), 'utf-16le'],
    ['UTF-16BE without', utf16be(text), 'utf-16be'],
    ['UTF-8 with its mark', utf8(`\ufeff${text}`), 'utf-8'],
    ['UTF-8', utf8(text), 'utf-8'],
    ['Latin-1', Uint8Array.from(Buffer.from(text, 'latin1')), 'latin-1'],
    ['LF', utf8(text.replaceAll('\r\n', '\n')), 'utf-8'],
    ['CR', utf8(text.replaceAll('\r\n', '\r')), 'utf-8'],
    ['empty lines', utf8(text.replaceAll('\r\n', '\r\n\r\n \r\n')), 'utf-8'],
    ['indented, as programs print it', utf8(text.replaceAll(/^/gm, '      ')), 'utf-8'],
    ['a mark of UTF-16 before UTF-8', Buffer.concat([Buffer.of(0xff, 0xfe), utf8(text)]), 'utf-8'],
    [
      'half a character at the end',
      Buffer.concat([utf16le(`\ufeff${text}`), Buffer.of(1)]),
      'utf-16le',
    ],
  ];
  for (const [what, bytes, encoding] of rows) {
    const { target, asks, report } = read(bytes);
    t.same(target, { host: 'xn--bcher-kva.example', port: 3389 }, what);
    t.equal(asks.requestedProtocols, 1, what);
    t.equal(report.encoding, encoding, what);
  }
  const wrong = Buffer.concat([Buffer.of(0xff, 0xfe), utf8(text)]);
  t.match(read(wrong).report.problems[0], /mark says UTF-16, and its text is not/);
  t.end();
});

t.test('addresses and ports', (t) => {
  const rows: readonly (readonly [lines: string, host: string, port: number])[] = [
    ['full address:s:a.example', 'a.example', 3389],
    ['full address:s: a.example ', 'a.example', 3389],
    ['full address:s:a.example\nserver port:i:3390', 'a.example', 3390],
    ['full address:s:a.example\nserver port:i:0xd3e', 'a.example', 3390],
    ['full address:s:a.example:3391\nserver port:i:3390', 'a.example', 3391],
    ['full address:s:192.0.2.1\nserver port:i:3390', '192.0.2.1', 3390],
    ['full address:s:2001:db8::1', '2001:db8::1', 3389],
    ['full address:s:2001:db8::1\nserver port:i:3390', '2001:db8::1', 3390],
    ['full address:s:[2001:db8::1]\nserver port:i:3390', '2001:db8::1', 3390],
    ['full address:s:[2001:db8::1]:3391\nserver port:i:3390', '2001:db8::1', 3391],
    ['full address:s:a.example\nfull address:s:b.example', 'b.example', 3389],
    ['full address:s:a.example\nalternate full address:s:', 'a.example', 3389],
    ['alternate full address:s:b.example', 'b.example', 3389],
    ['full address:s:a.example\nserver port:i:70000', 'a.example', 3389],
    ['full address:s:a.example\nserver port:i:x', 'a.example', 3389],
    ['full address:s:a.example\nserver port:s:3390', 'a.example', 3389],
  ];
  for (const [lines, host, port] of rows) t.same(read(utf8(lines)).target, { host, port }, lines);
  const problems = (lines: string): readonly string[] => read(utf8(lines)).report.problems;
  t.match(problems('full address:s:a\nfull address:s:b'), [/more than once: the last one counts/]);
  t.match(problems('full address:s:a\nserver port:i:0'), [/out of range/]);
  t.match(problems('full address:s:a\nserver port:i:-1'), [/no number/]);
  t.match(problems('full address:s:a\nserver port:s:1'), [/the type 's'/]);
  t.match(problems('full address:s:a\nhello\nx:y:z'), [/2 lines are no 'name:type:value'/]);
  t.end();
});

t.test('what is offered', (t) => {
  const rows: readonly (readonly [lines: string, protocols: number | null])[] = [
    ['', null],
    ['enablecredsspsupport:i:1', 0x0b],
    ['enablecredsspsupport:i:0', 0x01],
    ['enablerdsaadauth:i:1', 0x1b],
    ['enablecredsspsupport:i:0\nenablerdsaadauth:i:1', 0x11],
    ['enablerdsaadauth:i:0\ntargetisaadjoined:i:1', null],
  ];
  for (const [lines, protocols] of rows) {
    const { asks } = read(utf8(`full address:s:a\n${lines}`));
    t.equal(asks.requestedProtocols, protocols, lines);
  }
  t.end();
});

t.test('gateways', (t) => {
  const rows: readonly (readonly [method: string, when: string])[] = [
    ['', 'never'],
    ['gatewayusagemethod:i:0', 'never'],
    ['gatewayusagemethod:i:1', 'always'],
    ['gatewayusagemethod:i:2', 'if-direct-fails'],
    ['gatewayusagemethod:i:3', 'if-direct-fails'],
    ['gatewayusagemethod:i:4', 'never'],
    ['gatewayusagemethod:i:99', 'if-direct-fails'],
  ];
  for (const [method, when] of rows) {
    const lines = `full address:s:a\ngatewayhostname:s:gw.example:443\n${method}`;
    t.same(read(utf8(lines)).gateway, { host: 'gw.example:443', when }, method);
  }
  const none = read(utf8('full address:s:a\ngatewayusagemethod:i:1'));
  t.match(none.report.problems, [/asks for an RD Gateway, and none is named/]);
  t.end();
});

t.test('what else a client would do is told', (t) => {
  const lines = [
    'full address:s:a',
    'negotiate security layer:i:0',
    'authentication level:i:1',
    'targetisaadjoined:i:1',
    'domain:s:CORP',
    'resourceprovider:s:arm',
    'kdcproxyname:s:kdc.example',
    'pcb:s:4ea5a0c6',
    'signature:s:AQAB',
    'gatewayaccesstoken:s:eyJhbGciOi',
    'loadbalanceinfo:s:tsv:/Farm ',
  ];
  const { report } = read(utf8(lines.join('\n')));
  t.same(
    report.told.map(({ name }) => name),
    [
      'negotiate security layer',
      'authentication level',
      'targetisaadjoined',
      'domain',
      'resourceprovider',
      'kdcproxyname',
      'pcb',
      'signature',
    ],
  );
  t.match(report.problems, [
    /'loadbalanceinfo' has to begin with 'tsv:\/\/'.*sent as it is/,
    /'loadbalanceinfo' ends in a space/,
    /'gatewayaccesstoken' holds a secret/,
  ]);
  t.notMatch(JSON.stringify(report), /eyJhbGciOi|4ea5a0c6/);
  t.end();
});

t.test('files that are none, and hostile ones', async (t) => {
  const folder = t.testdir({
    'empty.rdp': '',
    'letter.rdp': 'Dear all,\n',
    'nul.rdp': `full address:s:a\0b.example\n`,
    'escape.rdp': `full address:s:\u001b[2J\n`,
    'long-line.rdp': `full address:s:${'a'.repeat(1 << 20)}\n`,
    'long-host.rdp': `full address:s:${'a'.repeat(5000)}\n`,
    'url.rdp': 'full address:s:https://srv01.example/\n',
    'folder.rdp': {},
  });
  await writeFile(
    join(folder, 'binary.rdp'),
    Uint8Array.from({ length: 4096 }, (_, i) => (i * 89) & 255),
  );
  await promisify(execFile)('mkfifo', [join(folder, 'pipe.rdp')]);
  const rows: readonly (readonly [file: string, sentence: RegExp])[] = [
    ['empty.rdp', /is no \.rdp file: it has no 'full address' line$/],
    ['letter.rdp', /is no \.rdp file: it has no 'full address' line$/],
    ['binary.rdp', /is no \.rdp file/],
    ['nul.rdp', /the 'full address' line of '.*' names no host: .* is no host name/],
    ['escape.rdp', /names no host/],
    ['long-line.rdp', /is no \.rdp file: it has more than 256 KiB$/],
    ['long-host.rdp', /is no host name/],
    ['url.rdp', /names no host: .* is a URL: give the host name alone: srv01\.example:3389$/],
    ['folder.rdp', /cannot be read: it is a directory$/],
    ['pipe.rdp', /cannot be read: it is no ordinary file$/],
    ['none.rdp', /cannot be read: there is no such file/],
  ];
  for (const [file, sentence] of rows) {
    const path = join(folder, file);
    await t.rejects(
      readRdpFile(path, { followsDirectTls: true }),
      { code: 'BAD_TARGET', message: sentence },
      file,
    );
    const { status, stderr, stdout } = await run(['check', path]);
    t.equal(status, 2, file);
    t.match(stderr, /^rdp-probe: [^\n]+\n$/, `${file}: one sentence`);
    t.notMatch(stderr.trimEnd(), /\p{Cc}/u, file);
    t.equal(stdout, '', file);
  }
  t.ok(isRdpFile('./Office.RDP'));
  t.notOk(isRdpFile('srv01.example'));
});

t.test('whatever the bytes are, a reading or one sentence comes of them', (t) => {
  const random = seededRandom(20);
  const seeds = [utf16le(MSTSC), utf8(FEED), utf16be(`\ufeff${FEED}`)];
  for (let round = 0; round < 400; round++) {
    const seed = seeds[round % seeds.length] ?? new Uint8Array();
    const bytes = Uint8Array.from(seed.subarray(0, random() % (seed.length + 1)));
    for (let hit = 0; hit < 1 + round / 20; hit++) {
      if (bytes.length > 0) bytes[random() % bytes.length] = random() & 255;
    }
    try {
      const { report } = read(bytes);
      t.ok(report.ignored.length <= 200);
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
    }
  }
  const many = Array.from({ length: 300 }, (_, index) => `name${index}:s:x`).join('\n');
  const { report } = read(utf8(`full address:s:a\n${many}`));
  t.equal(report.ignored.length, 200);
  t.match(report.problems, [/100 more settings are not listed/]);
  t.end();
});

function office(t: Test): string {
  const folder = t.testdir({ 'office.rdp': FEED.replaceAll('broker.healthy', 'healthy') });
  return join(folder, 'office.rdp');
}

t.test('check and path take a file as a target, and options overrule it', async (t) => {
  const file = office(t);
  const { status, stdout, probed } = await run(['check', file, '--json']);
  t.equal(status, 0);
  t.equal(probed[0]?.target, 'healthy.example:3389');
  t.equal(probed[0]?.settings.routingToken, 'tsv://MS Terminal Services Plugin.1.Sales');
  t.equal(probed[0]?.settings.requestedProtocols, 0x0b);
  const report = JSON.parse(stdout);
  assertMatchesSchema(t, report);
  const [diagnosis] = report.diagnoses;
  t.equal(diagnosis.rdpFile.file, file);
  t.match(diagnosis.notTested.at(-1), /the way through the RD Gateway rdgw\.example/);
  t.notOk(
    'rdpFile' in
      JSON.parse((await run(['check', 'healthy.example', '--json'])).stdout).diagnoses[0],
  );

  const rows: readonly (readonly [
    options: string[],
    token: string | null,
    cookie: string | null,
  ])[] = [
    [['--cookie', 'alice'], null, 'mstshash=alice'],
    [['--load-balance-info', 'tsv://other'], 'tsv://other', null],
  ];
  for (const [options, token, cookie] of rows) {
    const other = await run(['check', file, '--json', ...options]);
    t.equal(other.probed[0]?.settings.routingToken, token);
    t.equal(other.probed[0]?.settings.cookie, cookie);
    const [told] = JSON.parse(other.stdout).diagnoses;
    t.match(told.rdpFile.problems.at(-1), /'loadbalanceinfo' of the file was not sent/);
  }
  const several = await run(['check', 'ssh.example', file, '--protocols', 'ssl', '--json']);
  t.same(
    several.probed.map(({ target, settings }) => [target, settings.routingToken === null]),
    [
      ['ssh.example:3389', true],
      ['healthy.example:3389', false],
    ],
  );
});

t.test('TLS at once, where the file asks for it and the command can', async (t) => {
  const file = join(
    t.testdir({
      'direct.rdp': [
        'full address:s:healthy.example',
        'negotiate security layer:i:0',
        'loadbalanceinfo:s:tsv://a',
      ].join('\n'),
    }),
    'direct.rdp',
  );
  const { probed, stdout } = await run(['check', file, '--json']);
  t.equal(probed[0]?.settings.opening, 'tls');
  const [{ rdpFile }] = JSON.parse(stdout).diagnoses;
  t.match(rdpFile.used, [{}, { name: 'negotiate security layer' }]);
  t.match(rdpFile.told, [
    { name: 'loadbalanceinfo', says: /^not sent: TLS at once has no request/ },
  ]);
  t.equal(probed[0]?.settings.routingToken, null);
  const path = await run(['path', file, '--json'], {
    measurePath: async (_, settings) => {
      t.equal(settings.opening, 'x224');
      throw new ProbeError('BAD_TARGET', 'seen');
    },
  });
  t.match(path.stderr, /seen/);
});

t.test('text: what was followed, what was not, what was ignored', async (t) => {
  const file = office(t);
  const { stdout } = await run(['check', file]);
  t.match(stdout, /^✓ healthy\.example:3389/, 'the verdict comes first');
  t.match(stdout, /\nfile\nread +[\s\S]*office\.rdp\s+\(utf-8\)\nfollowed +alternate full address/);
  t.match(stdout, /\nnot followed +full address/);
  t.match(stdout, /\nignored +redirectclipboard, workspace id: of no bearing/);
  t.match(stdout, /the way through the RD Gateway/);
  t.notMatch((await run(['check', 'healthy.example'])).stdout, /\nfile\n/);
});

t.test('what contradicts a file is told in one sentence', async (t) => {
  const folder = t.testdir({
    'tls.rdp': 'full address:s:healthy.example\nenablecredsspsupport:i:0\n',
    'six.rdp': 'full address:s:2001:db8::1\n',
    'token.rdp': `full address:s:healthy.example\nloadbalanceinfo:s:${'x'.repeat(300)}\n`,
    'control.rdp': 'full address:s:healthy.example\nloadbalanceinfo:s:a\tb\n',
  });
  const rows: readonly (readonly [file: string, options: string[], sentence: RegExp])[] = [
    ['tls.rdp', ['--restricted-admin'], /which '.*tls\.rdp' switches off: give --protocols/],
    ['six.rdp', ['-4'], /2001:db8::1 is an IPv6 address and -4 excludes those/],
    ['token.rdp', [], /'loadbalanceinfo' of '.*token\.rdp' is \d+ characters too long/],
    ['control.rdp', [], /'loadbalanceinfo' of '.*control\.rdp' takes characters of Latin-1/],
  ];
  for (const [file, options, sentence] of rows) {
    const { status, stderr, probed } = await run(['check', join(folder, file), ...options]);
    t.equal(status, 2, file);
    t.match(stderr, sentence);
    t.match(stderr, /^rdp-probe: [^\n]+\n$/, `${file}: one sentence`);
    t.same(probed, []);
  }
  const fine = await run([
    'check',
    join(folder, 'tls.rdp'),
    '--restricted-admin',
    '--protocols',
    '3',
  ]);
  t.equal(fine.probed[0]?.settings.requestedProtocols, 3);
  t.equal(
    (await run(['check', join(folder, 'tls.rdp')])).probed[0]?.settings.requestedProtocols,
    1,
  );
});

t.test('a token on the command line that was meant otherwise', async (t) => {
  const rows: readonly (readonly [token: string, sentence: RegExp])[] = [
    ['loadbalanceinfo:s:tsv://a', /is a line of an \.rdp file: the token alone is 'tsv:\/\/a'/],
    ['tsv://a\\r\\n', /ends in a line end, which is added by itself/],
    ['Cookie: mstshash=alice', /is the cookie of a user name, not a routing token: --cookie/],
    ['msts=3640205228.15629.0000', /has to begin with 'Cookie: '/],
    ['Cookie: msts=10.0.0.1:3389', /has not the form 'Cookie: msts=ADDRESS\.PORT\.0000'/],
    ['tsv:/a', /has to begin with 'tsv:\/\/', in small letters/],
    ['TSV://a', /has to begin with 'tsv:\/\/', in small letters/],
  ];
  for (const [token, sentence] of rows) {
    const { status, stderr } = await run([
      'check',
      'healthy.example',
      '--load-balance-info',
      token,
    ]);
    t.equal(status, 2, token);
    t.match(stderr, sentence, token);
  }
});
