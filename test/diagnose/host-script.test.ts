import t from 'tap';
import { CAUSE_IDS, CAUSES, type CauseId } from '../../src/diagnose/causes.js';
import { HOST_BLOCKS, HOST_PROLOGUE } from '../../src/diagnose/host-blocks.js';
import { HOST_FACTS_SCHEMA } from '../../src/diagnose/host-facts.js';
import { hostScript } from '../../src/diagnose/host-script.js';
import { HOST } from '../support/host-facts.js';

const WHOLE = hostScript(null).text;

/** Nothing else is called. Each of them only reads, in every way of calling it. */
const COMMANDS = new Set([
  'Get-ItemProperty',
  'Get-Item',
  'Get-ChildItem',
  'Get-Acl',
  'Get-Service',
  'Get-Process',
  'Get-CimInstance',
  'Get-NetTCPConnection',
  'Get-NetFirewallRule',
  'Get-NetFirewallPortFilter',
  'Get-NetFirewallAddressFilter',
  'Get-NetFirewallProfile',
  'Get-NetConnectionProfile',
  'Get-Command',
  'Get-TlsCipherSuite',
  'Get-WinEvent',
  'Get-HotFix',
  'Test-Path',
  'Test-ComputerSecureChannel',
  'ForEach-Object',
  'Where-Object',
  'Select-Object',
  'Sort-Object',
  'Group-Object',
  'ConvertTo-Json',
]);

const METHODS = new Set([
  'ToString',
  'ToUniversalTime',
  'ToLowerInvariant',
  'Substring',
  'Min',
  'AddDays',
  'IsInRole',
  'GetCurrent',
  'GetIPGlobalProperties',
  'GetAllNetworkInterfaces',
  'GetIPProperties',
  'GetRSAPrivateKey',
  'GetAccessRules',
  'EndsWith',
  'Replace',
]);

/** One piece of a script: text in quotes, a remark, or code. */
interface Token {
  readonly kind: 'code' | 'single' | 'double' | 'remark';
  readonly text: string;
}

/** Quotes and remarks of PowerShell, as far as the script uses them; throws where one does not end. */
function tokens(script: string): readonly Token[] {
  const found: Token[] = [];
  let rest = script;
  while (rest !== '') {
    const match =
      /^(?<single>'(?:[^']|'')*')|^(?<double>"(?:[^"`]|`[\s\S])*")|^(?<remark>#[^\n]*)|^(?<code>[^'"#]+)/.exec(
        rest,
      );
    const [kind, text] =
      Object.entries(match?.groups ?? {}).find(([, one]) => one !== undefined) ?? [];
    if (kind === undefined || text === undefined)
      throw new Error(`open quote: ${rest.slice(0, 60)}`);
    found.push({ kind: kind as Token['kind'], text });
    rest = rest.slice(text.length);
  }
  return found;
}

/** It holds for the script alone, and gives up nothing but errors on what is not there. */
const HARMLESS = /^Set-StrictMode -Off$/m;

function codeOf(script: string): string {
  return tokens(script.replace(HARMLESS, ''))
    .map(({ kind, text }) => (kind === 'code' ? text : kind === 'remark' ? '' : "''"))
    .join('');
}

/** What is open at the end, or the bracket that closes nothing. */
function unbalanced(code: string): string {
  const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
  let open = '';
  for (const sign of code) {
    if ('([{'.includes(sign)) open += sign;
    const opener = pairs[sign];
    if (opener === undefined) continue;
    if (!open.endsWith(opener)) return `${open} then ${sign}`;
    open = open.slice(0, -1);
  }
  return open;
}

t.test('quotes and brackets are balanced, in every block and in every script', (t) => {
  t.equal(unbalanced(codeOf(WHOLE)), '');
  for (const { id, lines } of HOST_BLOCKS) t.equal(unbalanced(codeOf(lines.join('\n'))), '', id);
  t.equal(unbalanced(codeOf(HOST_PROLOGUE.join('\n'))), '');
  for (const cause of CAUSE_IDS) {
    t.equal(unbalanced(codeOf(hostScript([cause as CauseId]).text)), '', cause);
  }
  t.throws(() => codeOf("'open"), /open quote/, 'the check itself sees an open quote');
  t.equal(unbalanced('({)'), '({ then )', 'and a wrong bracket');
  t.end();
});

/** What writes, starts, stops, removes, fetches or runs text, as a command, an alias or a program. */
const WRITING =
  /\b(?:Set|New|Remove|Restart|Stop|Start|Add|Clear|Enable|Disable|Register|Unregister|Rename|Move|Copy|Out|Export|Import|Invoke|Install|Uninstall|Update|Reset|Repair|Suspend|Resume|Write|Push|Send|Grant|Revoke|Mount|Format|Initialize|Save|Tee)-[A-Z]|\b(?:icacls|takeown|reg|sc|net|netsh|schtasks|bcdedit|certutil|cmd|powershell|wmic|curl|iex|iwr|irm|saps|spsv|rm|del|erase|rd|ri|mi|ren|ni|sp|si|ac|tee)(?:\.exe)?\s/i;

t.test('no block writes anything', (t) => {
  const code = codeOf(WHOLE);
  t.notMatch(code, WRITING);
  t.match('  Set-ItemProperty', WRITING, 'the check itself finds one');
  t.match('icacls x /grant y', WRITING);
  t.match('reg add HKLM', WRITING);
  t.notMatch(
    code,
    /[^-=]>|>>|\s-Repair\b|&\s*\$|(?:^|[;{(|])\s*\.\s|\[scriptblock\]/im,
    'no redirection, nothing is run from text',
  );
  const commands = new Set(
    [...code.matchAll(/(?<![\w$.'-])([A-Za-z]+-[A-Za-z]+)(?![\w-])/g)].map(
      ([, name]) => name ?? '',
    ),
  );
  t.same(
    [...commands].filter((name) => !COMMANDS.has(name)),
    [],
    'only commands that are known to read',
  );
  const methods = new Set(
    [...code.matchAll(/(?:\.|::)([A-Za-z]+)\(/g)].map(([, name]) => name ?? ''),
  );
  t.same(
    [...methods].filter((name) => !METHODS.has(name)),
    [],
    'only methods that are known to read',
  );
  t.same(
    [...code.matchAll(/\S+\.exe.*$/gm)].map(([text]) => text),
    ['winmgmt.exe /verifyrepository'],
  );
  const assigned = [...code.matchAll(/(\$[\w.]+)\s*\+?=(?!=)/g)].map(([, name]) => name ?? '');
  t.same(
    assigned.filter((name) => name.includes('.') && !name.startsWith('$facts.')),
    [],
    'no property of anything but the document is set',
  );
  t.end();
});

t.test('remarks only read too', (t) => {
  const remarks = CAUSE_IDS.map((cause) => hostScript([cause as CauseId]).text)
    .flatMap((text) => tokens(text).filter(({ kind }) => kind === 'remark'))
    .map(({ text }) => text)
    .filter((text) => text.startsWith('#   on the '));
  t.ok(remarks.length > 20, `${remarks.length} remarks`);
  for (const text of remarks)
    t.notMatch(
      text,
      /\b(?:Set|Remove|Restart|Stop|Start|Rename)-[A-Z]|\/grant|reg add|\/delete/,
      text,
    );
  t.end();
});

t.test('it survives pasting: ASCII, no tabs, no empty line but the last', (t) => {
  for (const text of [WHOLE, ...CAUSE_IDS.map((cause) => hostScript([cause as CauseId]).text)]) {
    if (!/^[\n -~]*$/.test(text)) t.fail(`not ASCII: ${/[^\n -~]/.exec(text)?.[0]}`);
    if (!/[^\n]\n\n$/.test(text) || text.slice(0, -1).includes('\n\n')) t.fail('an empty line');
  }
  t.pass('all of them');
  t.end();
});

t.test('each block names its causes, and puts its own part into the document', (t) => {
  const ids = HOST_BLOCKS.map(({ id }) => id);
  const parts = Object.keys(HOST).filter(
    (key) => !['schema', 'takenAt', 'computer', 'problems'].includes(key),
  );
  t.same([...ids].sort(), parts.sort(), 'blocks are the parts of the document');
  for (const { id, causes, lines } of HOST_BLOCKS) {
    t.match(lines.join('\n'), new RegExp(`^\\$facts\\.${id} = `, 'm'), id);
    t.ok(causes.every((cause) => CAUSES[cause] !== undefined));
    const remarks = WHOLE.replaceAll(/\n# {5}/g, ' ');
    t.ok(remarks.includes(`confirms or refutes: ${causes.join(', ')}`), `${id} says which causes`);
  }
  t.ok(WHOLE.includes(`schema = '${HOST_FACTS_SCHEMA}'`));
  t.match(WHOLE, /^\$json = ConvertTo-Json -InputObject \$facts -Depth 8$/m);
  t.match(WHOLE, /\n\[regex\]::Replace\(\$json, .*\n}\n\n$/, 'in ASCII, whatever the code page');
  t.end();
});

t.test(
  'nothing of the language of the machine, and nothing is taken for absent that failed',
  (t) => {
    const code = codeOf(WHOLE);
    t.match(code, /Get-NetTCPConnection -State Listen \|/, 'no sockets at all: the block fails');
    t.notMatch(
      WHOLE,
      /-DisplayName|-DisplayGroup|\.DisplayName\b/,
      'names of rules are translated',
    );
    t.notMatch(code, /\.(?:StatusDescription|LevelDisplayName|TaskDisplayName)\b/);
    t.equal(WHOLE.match(/Short \$last\.Message/g)?.length, 1, 'texts of events are only passed on');
    t.match(WHOLE, /if \(\$ask\.log -eq 'System'\) \{ \$text = Short \$last\.Message \}/);
    t.match(code, /Is64BitOperatingSystem -and -not .*Is64BitProcess\) \{ throw/);
    t.match(
      WHOLE,
      /if \(-not \$elevated\) \{ \$problems \+= /,
      'it says so where it may not read all',
    );
    for (const line of WHOLE.split('\n')) {
      if (line.startsWith('#')) t.ok(line.length <= 112, `a remark to read: ${line}`);
    }
    t.end();
  },
);

t.test('only the blocks of the causes that were asked for', (t) => {
  const { text, blocks, without } = hostScript(['rdp-disabled', 'middlebox-dpi-resets-rdp']);
  t.same(blocks, ['remoteDesktop', 'port']);
  t.same(without, ['middlebox-dpi-resets-rdp']);
  t.match(text, /^# middlebox-dpi-resets-rdp \(.*\): not read by this script\. By hand:$/m);
  t.notMatch(text, /Get-WinEvent -FilterHashtable/);
  t.match(text, /events = \$null/, 'what was not read is null, not missing');
  t.end();
});
