import type { Cause } from './catalogue/cause.js';
import type { CodeEntry, CodeTable } from './catalogue/code-table.js';
import { CODE_TABLES } from './catalogue/code-tables.js';
import { TLS_ALERTS } from './catalogue/codes-tls.js';
import { SOURCES, type SourceKey } from './catalogue/sources.js';
import { WINDOWS_EVENTS } from './catalogue/windows-events.js';
import { CAUSES, type CauseId } from './causes.js';
import { ALL_CAUSES, byLikelihood, candidate } from './explain-candidates.js';
import type { NumberToken } from './explain-query.js';
import type { Basis, Candidate, Reading, SourceText } from './explanation.js';

/** What `ask` needs before the number, so that only this family is meant. */
const ASK_WORDS: Readonly<Record<string, string>> = {
  alert: 'alert',
  event: 'event',
  negotiation: 'failure',
  errinfo: 'errinfo',
  extended: 'extended',
  ntstatus: 'ntstatus',
  gateway: 'gateway',
  'gateway-disconnect': 'mstsc',
  disconnect: 'mstsc',
  'reported-disconnect': 'mstsc',
  'logon-error': 'logon',
  'early-authorization': 'logon',
  'credssp-version': 'credssp',
  protocol: 'protocol',
  'response-flag': 'flag',
  'security-status': 'status',
};

/** Families whose codes are met in decimal. */
const IN_DECIMAL = new Set([
  'alert',
  'event',
  'negotiation',
  'logon-error',
  'early-authorization',
  'credssp-version',
]);

const MSTSC_FAMILIES = new Set(['disconnect', 'reported-disconnect', 'gateway-disconnect']);

/** Which family a bare number is likeliest of: by its size, and by how it was written. */
const SMALL_DECIMAL = ['alert', 'negotiation', 'extended', 'errinfo', 'disconnect', 'event'];
const LARGE_DECIMAL = ['disconnect', 'reported-disconnect', 'event', 'gateway', 'ntstatus'];
const SMALL_HEX = ['extended', 'errinfo', 'disconnect', 'reported-disconnect', 'negotiation'];
const LARGE_HEX = ['disconnect', 'reported-disconnect', 'gateway', 'gateway-disconnect'];
const SMALL_BELOW = 0x100;

export function hexOf(code: number): string {
  return code < 0 ? String(code) : `0x${code.toString(16).toUpperCase()}`;
}

function sourceTexts(keys: readonly SourceKey[]): readonly SourceText[] {
  return keys.map((key) => {
    const { title, url } = SOURCES[key];
    return { title, url };
  });
}

/** Everything that a number can mean, most likely first. */
export function readingsOf(
  number: NumberToken,
  families: readonly string[] | null,
): readonly Reading[] {
  const found = CODE_TABLES.flatMap((table) => {
    if (families !== null && !families.includes(table.key)) return [];
    const entry = table.codes.find(({ code }) => meant(table, code, number.value));
    return entry === undefined ? [] : [readingFrom(table, entry)];
  });
  const events = families === null && number.written === 'hex' ? [] : eventsOf(number, families);
  const statuses = families === null ? schannelStatuses(number.value) : [];
  const order = orderFor(number);
  return [...found, ...events, ...statuses].toSorted(
    (one, other) => rank(order, one.family) - rank(order, other.family),
  );
}

/** Error code and extended error code, as mstsc shows them. */
export function mstscReadings(
  code: NumberToken,
  extended: NumberToken,
): readonly [Reading, Reading] | null {
  const first = readingsOf(code, [...MSTSC_FAMILIES])[0];
  const second = readingsOf(extended, ['extended', 'errinfo'])[0];
  return first === undefined || second === undefined ? null : [first, second];
}

/** Causes whose codes are this very pair, but for what is only reported of it. */
export function pairCauses(code: number, extended: number): readonly Candidate[] {
  return ALL_CAUSES.flatMap((id) => {
    const sign = (CAUSES[id] as Cause).mstsc.find(
      (each) =>
        each.basis !== 'reported' &&
        each.code !== null &&
        each.extended !== null &&
        Number(each.code) === code &&
        Number(each.extended) === extended,
    );
    return sign === undefined ? [] : [candidate(id, sign.basis)];
  }).toSorted(byLikelihood);
}

/** A gateway code is often given by its low word alone, or with the other half in front. */
function meant({ key }: CodeTable, code: number, value: number): boolean {
  if (code === value) return true;
  return key === 'gateway' && value > 0x5000 && lowWord(code) === lowWord(value) && isWord(value);
}

function lowWord(value: number): number {
  return value & 0xffff;
}

function isWord(value: number): boolean {
  return value <= 0xffff || value >>> 16 === 0x8007;
}

function orderFor({ value, written }: NumberToken): readonly string[] {
  if (value >= SMALL_BELOW) return written === 'hex' ? LARGE_HEX : LARGE_DECIMAL;
  return written === 'hex' ? SMALL_HEX : SMALL_DECIMAL;
}

function rank(order: readonly string[], family: string): number {
  const place = order.indexOf(family);
  return place === -1 ? order.length : place;
}

export function readingFrom(table: CodeTable, entry: CodeEntry): Reading {
  const { key, title, standing, appears, note, sources } = table;
  const schannel = TLS_ALERTS.codes.find((alert) => alert === entry)?.schannel ?? null;
  return {
    family: key,
    title,
    code: entry.code,
    shown: shownAs(key, entry.code),
    name: entry.name,
    meaning:
      schannel === null
        ? entry.meaning
        : `${entry.meaning} Schannel reports it as ${schannel.name} (${hexOf(schannel.code)}).`,
    standing,
    appears,
    note,
    causes: causesOf(key, standing, entry),
    sources: sourceTexts(sources),
    ask: askFor(key, entry.code),
  };
}

function askFor(family: string, code: number): string {
  const word = ASK_WORDS[family] ?? '';
  return `rdp-probe explain ${word === '' ? '' : `${word} `}${shownAs(family, code)}`;
}

/** As one meets it: alerts and events in decimal, most others in hex. */
function shownAs(family: string, code: number): string {
  return IN_DECIMAL.has(family) && code < SMALL_BELOW ? String(code) : hexOf(code);
}

/** Those that the table names, in its order, then those that the catalogue says can give the code. */
function causesOf(
  family: string,
  standing: CodeTable['standing'],
  { code, causes }: CodeEntry,
): readonly Candidate[] {
  const signs = new Map([...signalled(family, code), ...signsOf(family, code)]);
  const named = causes.map((id) =>
    candidate(id, signsOf(family, code).get(id) ?? basisOf(family, standing)),
  );
  const others = [...signs]
    .filter(([id]) => !causes.includes(id))
    .map(([id, basis]) => candidate(id, basis))
    .toSorted(byLikelihood);
  return [...named, ...others];
}

/** The meaning of an alert is documented; that a cause of the catalogue stands behind it is not. */
function basisOf(family: string, standing: CodeTable['standing']): Basis {
  return standing === 'reported' ? 'reported' : family === 'alert' ? 'inferred' : 'documented';
}

/** How the signal of a code begins, where a code is a signal by itself. */
const SIGNALS_OF: Readonly<Record<string, (code: number) => string>> = {
  negotiation: (code) => `x224.neg-failure-${code}`,
  alert: (code) => `tls.alert-${code}`,
  ntstatus: (code) => `credssp.errorcode-${hexOf(code)}`,
  errinfo: (code) => `mcs.errinfo-${hexOf(code)}`,
  gateway: (code) => `gw.proxy-${hexOf(code)}`,
};

/** Causes of which the code is a signal: they can stand behind it, and it names none of them. */
function signalled(family: string, code: number): ReadonlyMap<CauseId, Basis> {
  const signal = SIGNALS_OF[family]?.(code);
  const ids = ALL_CAUSES.filter(
    (id) => signal !== undefined && Object.hasOwn((CAUSES[id] as Cause).signalWeights, signal),
  );
  return new Map(ids.map((id) => [id, 'inferred']));
}

/** What the catalogue says of a code of mstsc; of two signs with the same code the better founded. */
function signsOf(family: string, code: number): ReadonlyMap<CauseId, Basis> {
  const field = MSTSC_FAMILIES.has(family) ? 'code' : family === 'extended' ? 'extended' : null;
  const signs = new Map<CauseId, Basis>();
  if (field === null) return signs;
  for (const id of ALL_CAUSES)
    for (const sign of (CAUSES[id] as Cause).mstsc) {
      if (sign[field] === null || Number(sign[field]) !== code) continue;
      // A pair that is only reported says nothing of either number.
      if (sign.code !== null && sign.extended !== null && sign.basis === 'reported') continue;
      if (!signs.has(id)) signs.set(id, sign.basis);
    }
  return signs;
}

function eventsOf({ value }: NumberToken, families: readonly string[] | null): readonly Reading[] {
  if (families !== null && !families.includes('event')) return [];
  return WINDOWS_EVENTS.filter(({ code }) => code === value).map((event) => {
    const { code, provider, log, source } = event;
    const standing = source !== null && isMicrosofts(source) ? 'documented' : 'reported';
    return {
      family: 'event',
      title: 'Windows event',
      code,
      shown: String(code),
      name: provider,
      meaning: event.meaning,
      standing,
      appears: `the log ${log}${provider === null ? '' : `, provider ${provider}`}`,
      note: source === null ? 'General knowledge: no document was found for it.' : null,
      causes: event.causes.map((id) => candidate(id, standing)),
      sources: sourceTexts(source === null ? [] : [source]),
      ask: `rdp-probe explain event ${code}`,
    };
  });
}

function isMicrosofts(source: SourceKey): boolean {
  return SOURCES[source].url.includes('.microsoft.com/');
}

/** What Schannel turns alerts into: one status can stand for several of them. */
function schannelStatuses(value: number): readonly Reading[] {
  const alerts = TLS_ALERTS.codes.filter(({ schannel }) => schannel?.code === value);
  const [first] = alerts;
  if (first === undefined) return [];
  const names = alerts.map(({ code, name }) => `${name} (${code})`);
  const causes = [...new Set(alerts.flatMap((alert) => alert.causes))];
  return [
    {
      family: 'security-status',
      title: 'Schannel status',
      code: value,
      shown: hexOf(value),
      name: first.schannel?.name ?? null,
      meaning: `The peer sent a TLS alert: ${names.join(', ')}.`,
      standing: 'documented',
      appears: 'Schannel events, and the texts of Windows for TLS',
      note: null,
      causes: causes.map((id) => candidate(id, 'inferred')),
      sources: sourceTexts(['schannelAlerts']),
      ask: `rdp-probe explain ${hexOf(value)}`,
    },
  ];
}

/** A code by its name, as a specification or Windows writes it; underscores are often left out. */
export function readingsByName(word: string): readonly Reading[] {
  const wanted = bare(word);
  return CODE_TABLES.flatMap((table) =>
    table.codes
      .filter(({ name }) => name !== null && bare(name) === wanted)
      .map((entry) => readingFrom(table, entry)),
  );
}

function bare(name: string): string {
  return name.toUpperCase().replaceAll('_', '');
}
