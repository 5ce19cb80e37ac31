import t, { type Test } from 'tap';
import { CAUSES } from '../../src/diagnose/catalogue/catalogue.js';
import { CODE_TABLES } from '../../src/diagnose/catalogue/code-tables.js';
import { WINDOWS_EVENTS } from '../../src/diagnose/catalogue/windows-events.js';
import type { CauseId } from '../../src/diagnose/causes.js';
import { explain } from '../../src/diagnose/explain.js';
import { readQuery } from '../../src/diagnose/explain-query.js';
import type { Explanation } from '../../src/diagnose/explanation.js';
import { hostScript } from '../../src/diagnose/host-script.js';
import * as library from '../../src/index.js';
import { seededRandom } from '../../src/simulator/seeded-random.js';

function explained(t: Test, asked: string): Explanation {
  const result = explain(asked.split(' '));
  if (result.known) return result.explanation;
  t.fail(`'${asked}' is not known`);
  throw new TypeError(asked);
}

t.test('how a code may be written', (t) => {
  const cases: readonly (readonly [asked: string, family: string, code: number])[] = [
    ['0x904', 'disconnect', 0x904],
    ['2308', 'disconnect', 0x904],
    ['904', 'disconnect', 0x904],
    ['0X904', 'disconnect', 0x904],
    ['904h', 'disconnect', 0x904],
    ['&H904', 'disconnect', 0x904],
    ['1b07', 'disconnect', 0x1b07],
    ['0xb09', 'reported-disconnect', 0xb09],
    ['0x204', 'disconnect', 0x204],
    ['516', 'disconnect', 0x204],
    ['error 0x204', 'disconnect', 0x204],
    ['0xC000006D', 'ntstatus', 0xc000006d],
    ['c000006d', 'ntstatus', 0xc000006d],
    ['-1073741715', 'ntstatus', 0xc000006d],
    ['3221225581', 'ntstatus', 0xc000006d],
    ['STATUS_LOGON_FAILURE', 'ntstatus', 0xc000006d],
    ['alert 40', 'alert', 40],
    ['alert 0x28', 'alert', 40],
    ['TLS alert 40', 'alert', 40],
    ['handshake_failure', 'alert', 40],
    ['40', 'alert', 40],
    ['event 36870', 'event', 36870],
    ['Event ID 36870', 'event', 36870],
    ['36870', 'event', 36870],
    ['failure 3', 'negotiation', 3],
    ['negotiation failure 5', 'negotiation', 5],
    ['SSL_CERT_NOT_ON_SERVER', 'negotiation', 3],
    ['HYBRID_REQUIRED_BY_SERVER', 'negotiation', 5],
    ['errinfo 0x10c9', 'errinfo', 0x10c9],
    ['ERRINFO_SERVER_DENIED_CONNECTION', 'errinfo', 7],
    ['extended 0x7', 'extended', 7],
    ['E_PROXY_RAP_ACCESSDENIED', 'gateway', 0x800759da],
    ['e_proxy_rap_accessdenied', 'gateway', 0x800759da],
    ['0x800759DD', 'gateway', 0x800759dd],
    ['0x59DD', 'gateway', 0x800759dd],
    ['23005', 'gateway', 0x800759dd],
    ['0x800759E6', 'gateway', 0x59e6],
    ['0x300001B', 'gateway-disconnect', 0x300001b],
    ['0x80090331', 'security-status', 0x80090331],
    ['0x8009030D', 'security-status', 0x8009030d],
    ['logon -7', 'logon-error', -7],
    ['credssp 2', 'credssp-version', 2],
  ];
  for (const [asked, family, code] of cases) {
    const [first] = explained(t, asked).readings;
    t.match(first, { family, code }, asked);
    t.equal(first?.standing, family.includes('reported') ? 'reported' : first?.standing);
  }
  t.end();
});

t.test('every code of the catalogue is found, by number, by name and by what to ask', (t) => {
  for (const { key, codes } of CODE_TABLES) {
    for (const { code, name } of codes) {
      const shown = code < 0 ? String(code) : `0x${code.toString(16)}`;
      const reading = explained(t, shown).readings.find(
        (each) => each.family === key && each.code === code,
      );
      if (reading === undefined) {
        t.fail(`${key} ${shown} is no reading of itself`);
        continue;
      }
      const asked = reading.ask.replace('rdp-probe explain ', '');
      const again = explained(t, asked).readings;
      t.ok(
        again.some((each) => each.family === key && each.code === code),
        `${key}: ${asked}`,
      );
      if (name === null) continue;
      t.ok(
        explained(t, name).readings.some((each) => each.family === key && each.code === code),
        name,
      );
    }
  }
  for (const { code } of WINDOWS_EVENTS)
    t.ok(
      explained(t, `event ${code}`).readings.some(
        (each) => each.family === 'event' && each.code === code,
      ),
      `event ${code}`,
    );
  t.end();
});

t.test('0x904 with 0x7: each is documented, the pair is not', (t) => {
  for (const asked of [
    '0x904 0x7',
    '2308 7',
    '904 7',
    '0x904/0x7',
    '0x904, 0x7',
    'Error code: 0x904 Extended error code: 0x7',
  ]) {
    const { readings, pair, claims } = explained(t, asked);
    t.same(
      readings.map(({ family, name }) => [family, name]),
      [
        ['disconnect', 'disconnectReasonAtClientWinsockFDCLOSE'],
        ['extended', 'exDiscReasonServerDeniedConnection'],
      ],
      asked,
    );
    t.equal(pair?.documented, false);
    t.match(pair?.says, /no official text .* describes the two together/);
    t.match(pair?.says, /Set Error Info/);
    const stages = new Set(readings[0]?.causes.map(({ stage }) => stage));
    for (const stage of ['tcp', 'x224', 'tls', 'credssp', 'mcs', 'session'])
      t.ok(stages.has(stage as never), `${asked}: a cause at ${stage}`);
    t.ok(
      readings[0]?.causes.every(({ basis }) => basis !== 'documented'),
      'it names no cause',
    );
    t.ok(
      claims.some(({ verdict }) => verdict === 'unfounded'),
      'what is folklore is told',
    );
  }
  const documented = explained(t, '0x3 0x7').pair;
  t.match(documented, { documented: true, causes: [{ cause: 'rdp-connection-limit-or-drain' }] });
  t.equal(explained(t, '0x904 0').pair?.documented, false, 'nothing more');
  t.end();
});

t.test('which causes stand behind a code', (t) => {
  const cases: readonly (readonly [asked: string, first: string, others: readonly string[]])[] = [
    ['0x204', 'rdp-disabled', ['termservice-not-running', 'host-firewall-rdp-rule']],
    ['0x108', 'host-firewall-rdp-rule', ['network-acl-or-nsg-block', 'host-down-or-asleep']],
    ['0x1b07', 'self-signed-cert-not-renewed', ['ca-listener-cert-expired']],
    ['0xb09', 'nla-required-by-server', []],
    ['0xC000006D', 'nla-bad-credentials', ['entra-joined-target-auth', 'ntlm-blocked']],
    ['alert 40', 'tls-cipher-mismatch', ['tls-no-common-group', 'fips-mode-mismatch']],
    ['event 36870', 'private-key-acl-machinekeys', ['private-key-missing-or-corrupt']],
    ['E_PROXY_RAP_ACCESSDENIED', 'gateway-rap-denied', []],
    ['failure 3', 'server-has-no-usable-certificate', ['private-key-acl-machinekeys']],
    ['failure 5', 'nla-required-by-server', []],
    ['event 36874', 'tls-cipher-mismatch', []],
    ['0x59DD', 'gateway-cannot-reach-target', []],
    ['0xC0000234', 'account-locked-out', []],
    ['errinfo 7', 'rdp-connection-limit-or-drain', ['broker-service-down']],
  ];
  for (const [asked, first, others] of cases) {
    const [reading] = explained(t, asked).readings;
    const causes = reading?.causes.map(({ cause }) => cause) ?? [];
    t.equal(causes[0], first, asked);
    for (const other of others) t.ok(causes.includes(other as never), `${asked}: ${other}`);
    for (const { title, page, cause } of reading?.causes ?? []) {
      t.equal(title, CAUSES[cause].title);
      t.equal(page, `docs/causes/${cause}.md`);
    }
  }
  t.equal(explained(t, '0xb09').readings[0]?.standing, 'reported', 'no official text has 0xB09');
  t.match(
    explained(t, 'event 36870').claims.map(({ verdict }) => verdict),
    ['wrong', 'wrong'],
    'MachineKeys is not to be renamed',
  );
  t.end();
});

t.test('a number with several meanings: all of them, the likeliest first', (t) => {
  const families = (asked: string): readonly string[] =>
    explained(t, asked).readings.map(({ family }) => family);
  t.same(families('3').slice(0, 3), ['negotiation', 'extended', 'errinfo']);
  t.ok(families('3').includes('disconnect'));
  t.same(families('0x7').slice(0, 2), ['extended', 'errinfo'], 'in hex: of mstsc');
  t.same(families('0x108').slice(0, 1), ['disconnect'], 'before the extended and ERRINFO codes');
  t.ok(families('0x108').includes('errinfo'));
  t.same(families('40')[0], 'alert');
  t.same(
    families('0x28').filter((family) => family === 'event'),
    [],
    'events are decimal',
  );
  t.end();
});

t.test('words', (t) => {
  const cases: readonly (readonly [asked: string, first: string])[] = [
    ['machinekeys', 'private-key-acl-machinekeys'],
    ['MachineKeys', 'private-key-acl-machinekeys'],
    ['wifi', 'wifi-or-access-link-unstable'],
    ['wmi', 'wmi-repository-corrupt'],
    ['mtu', 'mtu-pmtud-blackhole'],
    ['fips', 'fips-mode-mismatch'],
    ['smartcard', 'smartcard-logon-fails'],
    ['expired certificate', 'self-signed-cert-not-renewed'],
    ['locked out', 'account-locked-out'],
    ['xrdp', 'xrdp-private-key-unreadable'],
    ['rdp-disabled', 'rdp-disabled'],
  ];
  for (const [asked, first] of cases) {
    const { causes, readings } = explained(t, asked);
    t.same(readings, [], `${asked}: no code`);
    t.ok(
      causes.slice(0, 2).some(({ cause }) => cause === first),
      `${asked}: ${causes.map(({ cause }) => cause).join(', ')}`,
    );
  }
  t.ok(explained(t, 'licence').codes.length > 2, 'codes that speak of it');
  t.match(explained(t, 'machinekeys').claims[0], { verdict: 'wrong' });
  for (const id of Object.keys(CAUSES))
    t.same(
      explained(t, id).causes.map(({ cause }) => cause),
      [id],
      `${id} names itself`,
    );
  t.end();
});

t.test('what nobody knows', (t) => {
  t.match(explain(['0x12345678']), { known: false, what: '0x12345678', near: [{}, {}, {}] });
  t.match(explain(['0x905']), { known: false, near: [{ shown: '0x904' }, {}, {}] });
  t.match(explain(['alert', '41']), { known: false, what: '41' });
  t.match(explain(['0x905', '0x7']), { known: false, what: '0x905' });
  t.match(explain(['qqqq', 'zzzz']), { known: false, near: [] });
  t.match(explain([]), { known: false });
  t.match(explain(['']), { known: false });
  t.match(explain(['constructor']), { known: false });
  t.match(explain(['__proto__']), { known: false });
  t.end();
});

t.test('which command tells the causes apart', (t) => {
  const cases: readonly (readonly [asked: string, commands: readonly RegExp[]])[] = [
    ['0x904 0x7', [/ check HOST$/, / path HOST$/]],
    ['0x204', [/ check HOST$/, / check HOST --gateway GATEWAY$/, / host-checks rdp-disabled /]],
    ['E_PROXY_RAP_ACCESSDENIED', [/ check HOST --gateway GATEWAY$/]],
    ['0x300001B', [/ check HOST --gateway GATEWAY$/]],
    ['0xC000006D', [/ check HOST$/, / check HOST --user NAME$/, / host-checks ntlm-blocked$/]],
    ['alert 40', [/ check HOST$/, / scan HOST --ciphers$/, / host-checks fips-mode-mismatch$/]],
    ['0xb09', [/ check HOST$/]],
    ['machinekeys', [/ check HOST$/, / host-checks private-key-acl-machinekeys /]],
    ['wifi', [/ path HOST$/]],
    ['0x3', []],
  ];
  for (const [asked, commands] of cases) {
    const { apart } = explained(t, asked);
    t.equal(apart.length, commands.length, asked);
    t.match(
      apart.map(({ command }) => command),
      commands,
      asked,
    );
  }
  t.end();
});

t.test('every command it names can be followed', async (t) => {
  const asked = [
    ...CODE_TABLES.flatMap(({ codes }) => codes.map(({ code }) => `0x${code.toString(16)}`)),
    ...Object.keys(CAUSES),
  ];
  const checks = new Set<string>();
  for (const word of asked) {
    const result = explain([word]);
    if (!result.known) continue;
    for (const { command } of result.explanation.apart) {
      const [, name, ...ids] = command.split(' ');
      if (name === 'host-checks') for (const id of ids) checks.add(id);
    }
  }
  t.ok(checks.size > 20);
  for (const id of checks) t.ok(hostScript([id as CauseId]).blocks.length > 0, id);
  t.end();
});

t.test('the page to read first', (t) => {
  t.equal(explained(t, '0x904').read, 'docs/causes/README.md', 'it names none');
  t.equal(explained(t, '0x904 0x7').read, 'docs/causes/README.md');
  t.equal(explained(t, '0x1b07').read, 'docs/causes/self-signed-cert-not-renewed.md');
  t.equal(explained(t, '0x3').read, null);
  t.end();
});

t.test('it is part of the public API', (t) => {
  const result = library.explain(['0x904', '0x7']);
  t.ok(result.known);
  t.equal(result.known && result.explanation.apart[0]?.command, 'rdp-probe check HOST');
  t.end();
});

t.test('whatever is asked, there is an answer', (t) => {
  const draw = seededRandom(20_260_101);
  const below = (limit: number): number => draw() % limit;
  const alphabet = [
    '0x',
    '-',
    '9',
    'f',
    'alert',
    ' ',
    '/',
    '(',
    '*',
    '\\',
    'cert',
    '\u0000',
    '€',
    '[',
    '0',
  ];
  for (let round = 0; round < 300; round++) {
    const length = 1 + below(12);
    const asked = Array.from({ length }, () => alphabet[below(alphabet.length)] ?? '').join('');
    const result = explain([asked]);
    t.type(result.known, 'boolean');
  }
  t.same(readQuery(['99999999999']).numbers, [], 'more than 32 bits are no code');
  t.ok(readQuery(Array.from({ length: 500 }, () => '7')).numbers.length <= 12, 'no flood');
  t.end();
});
