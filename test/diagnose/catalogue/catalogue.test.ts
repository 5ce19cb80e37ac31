import t from 'tap';
import { CAUSES, type CauseId } from '../../../src/diagnose/catalogue/catalogue.js';
import type { Cause } from '../../../src/diagnose/catalogue/cause.js';
import { CLAIMS } from '../../../src/diagnose/catalogue/claims.js';
import { CODE_TABLES } from '../../../src/diagnose/catalogue/code-tables.js';
import { DECISION_TABLE } from '../../../src/diagnose/catalogue/decision-table.js';
import { NODE_ERRORS } from '../../../src/diagnose/catalogue/node-errors.js';
import { SIGNALS } from '../../../src/diagnose/catalogue/signals.js';
import { SOURCES } from '../../../src/diagnose/catalogue/sources.js';
import { WINDOWS_EVENTS } from '../../../src/diagnose/catalogue/windows-events.js';

const ENTRIES = Object.entries(CAUSES);

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

/** What changes a machine has no place among the checks. */
const CHANGES =
  /reg (add|delete|import|export)|\b(Set|Restart|Remove|Start|Stop|Enable|Disable|New(?!-Object)|Clear|Reset)-|sc\.exe config|takeown|\/grant|certutil -pulse|\/export|file=\w|gpupdate|w32tm \/resync|[^-]> *[A-Za-z]:/;

t.test('causes', (t) => {
  t.equal(ENTRIES.length, 103, 'every cause stands in one file only');
  for (const [id, cause] of ENTRIES) {
    t.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/, `${id}: an id of small letters`);
    t.notMatch(cause.title, /\.$/, `${id}: a title without a full stop`);
    t.match(cause.summary, /\.$/, `${id}: why it happens, in sentences`);
    t.ok(cause.wireSignature.length > 10, `${id}: what is seen of it`);
    t.ok(cause.confidence.note.length > 5, `${id}: how well founded`);
    t.ok(Object.keys(cause.signalWeights).length > 0, `${id}: has signals`);
    t.ok(cause.advice.length > 0, `${id}: has advice`);
    t.ok(cause.sources.length > 0, `${id}: has sources`);
    t.equal(new Set(cause.sources).size, cause.sources.length, `${id}: names each source once`);
    t.notOk(cause.alsoSeenAt.includes(cause.failurePoint), `${id}: a point stands once`);
    for (const { command, shows } of cause.hostChecks) {
      t.ok(command !== null || shows !== null, `${id}: a check has something to do`);
      if (command !== null) t.notMatch(command, CHANGES, `${id}: a check only reads`);
    }
    for (const { code, extended, says, basis } of cause.mstsc) {
      t.ok(code !== null || extended !== null || says !== null, `${id}: mstsc shows something`);
      for (const each of [code, extended])
        if (each !== null && !/^0x[0-9A-F]+$/.test(each)) t.fail(`${id}: ${each}`);
      if (code === '0x904' && extended === '0x7')
        t.not(basis, 'documented', `${id}: no document has the pair 0x904, 0x7`);
    }
    for (const text of strings(cause)) {
      if (text !== text.trim() || /\bseeds?\b|[\u2013\u2014]| {2}/.test(text))
        t.fail(`${id}: blanks or signs that do not belong there: "${text}"`);
    }
  }
  t.end();
});

t.test('signals', (t) => {
  const used = new Set<string>();
  for (const [id, cause] of ENTRIES) {
    const { signalWeights, counterSignals = {} }: Cause = cause;
    for (const signal of [...Object.keys(signalWeights), ...Object.keys(counterSignals)]) {
      t.ok(Object.hasOwn(SIGNALS, signal), `${id}: ${signal}`);
      used.add(signal);
    }
    for (const signal of Object.keys(counterSignals))
      t.notOk(Object.hasOwn(signalWeights, signal), `${id}: ${signal} is either for or against`);
  }
  t.same(
    Object.keys(SIGNALS).filter((signal) => !used.has(signal)),
    [],
    'every signal is of use to a cause',
  );
  t.end();
});

t.test('sources', (t) => {
  const used = new Set<string>([
    ...ENTRIES.flatMap(([, { sources }]) => sources),
    ...CODE_TABLES.flatMap(({ sources }) => sources),
    ...WINDOWS_EVENTS.flatMap(({ source }) => source ?? []),
  ]);
  const urls = new Map<string, string>();
  for (const [key, { title, url }] of Object.entries(SOURCES)) {
    t.ok(title.length > 5, `${key}: a title`);
    t.match(new URL(url).protocol, 'https:', `${key}: a URL`);
    t.notOk(urls.has(url), `${key}: stands once (${urls.get(url)})`);
    urls.set(url, key);
    t.ok(used.has(key), `${key}: is cited`);
  }
  for (const key of used) t.ok(Object.hasOwn(SOURCES, key), `${key}: is known`);
  t.end();
});

t.test('codes', (t) => {
  const keys = new Set<string>();
  for (const { key, codes, sources } of CODE_TABLES) {
    t.notOk(keys.has(key), `${key}: one table`);
    keys.add(key);
    t.ok(sources.length > 0, `${key}: has sources`);
    const seen = new Set<number>();
    for (const { code, meaning, causes } of codes) {
      if (!Number.isInteger(code) || seen.has(code)) t.fail(`${key} ${code}: a number, once`);
      seen.add(code);
      if (!/[.)]$/.test(meaning)) t.fail(`${key} ${code}: a sentence`);
      for (const cause of causes)
        if (!Object.hasOwn(CAUSES, cause)) t.fail(`${key} ${code}: ${cause}`);
    }
    t.ok(seen.size > 0, `${key}: has codes`);
  }
  for (const { code, meaning, causes } of WINDOWS_EVENTS) {
    t.match(meaning, /\.$/, `event ${code}`);
    for (const cause of causes) t.ok(Object.hasOwn(CAUSES, cause), `event ${code}: ${cause}`);
  }
  // A code that the catalogue names has to stand in a table.
  const known = new Set(CODE_TABLES.flatMap(({ codes }) => codes.map(({ code }) => code)));
  for (const [id, { mstsc }] of ENTRIES)
    for (const { code, extended } of mstsc)
      for (const each of [code, extended])
        if (each !== null && !known.has(Number(each))) t.fail(`${id}: ${each} has no explanation`);
  for (const { code, signal } of NODE_ERRORS) t.ok(signal.length > 0, code);
  t.end();
});

t.test('the decision table', (t) => {
  const named = new Set<CauseId>();
  for (const { at, sees, causes } of DECISION_TABLE) {
    t.ok(causes.length > 0, `${at}: ${sees}`);
    for (const cause of causes) {
      t.ok(Object.hasOwn(CAUSES, cause), `${at}: ${cause}`);
      named.add(cause);
    }
  }
  // These have no picture of their own, or are reached through a code only.
  t.same(ENTRIES.flatMap(([id]) => (named.has(id as CauseId) ? [] : [id])).sort(), [
    'account-disabled-expired-restricted',
    'account-locked-out',
    'cert-template-enrolment-failed',
    'credssp-oracle-forced-server-unpatched-client',
    'ntlmv1-channel-bindings',
    'password-expired-must-change',
    'smartcard-logon-fails',
    'tcp-answered-on-path',
    'update-2022-01-oob',
    'update-ws2025-freeze',
  ]);
  t.end();
});

t.test('claims', (t) => {
  t.equal(new Set(CLAIMS.map(({ id }) => id)).size, 36, 'all of them, each once');
  for (const { id, causes, judgement } of CLAIMS) {
    t.match(judgement, /\.$/, `${id}: is judged`);
    t.ok(causes.length > 0, `${id}: points at a cause`);
    for (const cause of causes) t.ok(Object.hasOwn(CAUSES, cause), `${id}: ${cause}`);
  }
  t.end();
});

/** MachineKeys is not renamed or emptied; what is to be typed exists. */
const HARMFUL =
  /\b(rename|move|ren|del|rd|rmdir)\b.*MachineKeys|winmgmt \/salvage\b(?!repository)|restart-service termserv\b/i;

t.test('no advice does harm', (t) => {
  for (const [id, { advice, more, caution }] of ENTRIES) {
    const said = [...advice.flatMap((one) => [one.do, one.command ?? '']), ...more];
    for (const text of said) if (HARMFUL.test(text)) t.fail(`${id}: ${text}`);
    for (const one of advice) {
      if (!/AllowEncryptionOracle .*\/d 2/.test(one.command ?? '')) continue;
      t.equal(one.where, 'client', `${id}: "Vulnerable" belongs on the client`);
      t.match(one.caution ?? '', /temporary/, `${id}: and not for long`);
    }
    if (id.startsWith('private-key-'))
      t.match(strings([advice, caution]).join(' '), /never rename/i, `${id}: warns of it`);
  }
  t.end();
});
