import type { Cause } from './catalogue/cause.js';
import { CODE_TABLES } from './catalogue/code-tables.js';
import { CAUSES, type CauseId } from './causes.js';
import { ALL_CAUSES, candidate } from './explain-candidates.js';
import { readingFrom } from './explain-codes.js';
import type { Candidate, Explanation } from './explanation.js';

/** More than that is no answer. */
const MAX_CAUSES = 10;
const MAX_CODES = 8;
const SHORTEST_WORD = 2;

/** Other words for what the catalogue writes; what people type in the first place. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  cert: ['certificate'],
  certificates: ['certificate'],
  certs: ['certificate'],
  cipher: ['cipher', 'suite'],
  ciphers: ['cipher', 'suite'],
  license: ['licence', 'licensing', 'license'],
  licence: ['licence', 'licensing', 'license'],
  wireless: ['wi-fi'],
  wlan: ['wi-fi'],
  wifi: ['wi-fi', 'wifi'],
  clock: ['clock', 'skew'],
  time: ['clock', 'skew'],
  firewalls: ['firewall'],
  mss: ['mss', 'mtu'],
  fragmentation: ['mtu', 'fragment'],
  smartcard: ['smart card', 'smartcard'],
  pin: ['pin', 'smart card'],
  azuread: ['entra', 'azuread'],
  entra: ['entra'],
  termservice: ['termservice'],
  termserv: ['termservice'],
  winmgmt: ['wmi', 'winmgmt'],
  vulnerable: ['oracle'],
  'cve-2018-0886': ['oracle'],
};

/** What a word is worth where it stands. */
const IN_ID = 8;
const IN_TITLE = 5;
const IN_CATEGORY = 3;
const IN_SUMMARY = 2;
const IN_REST = 2;
/** What is worth less than this part of the best is left out. */
const WORTH_TELLING = 1 / 8;

/** Causes that the words name, best first; those with every word, else those with any. */
export function causesFor(words: readonly string[]): readonly Candidate[] {
  const exact = ALL_CAUSES.find((id) => words.length === 1 && id === words[0]);
  if (exact !== undefined) return [candidate(exact, null)];
  const wanted = words.filter((word) => word.length >= SHORTEST_WORD);
  const scored = ALL_CAUSES.map((id) => ({ id, scores: wanted.map((word) => scoreOf(id, word)) }));
  const withAll = scored.filter(({ scores }) => scores.length > 0 && scores.every((n) => n > 0));
  const withAny = scored.filter(({ scores }) => scores.some((n) => n >= IN_TITLE));
  return (withAll.length > 0 ? withAll : withAny)
    .map(({ id, scores }) => ({ id, score: scores.reduce((sum, n) => sum + n, 0) }))
    .toSorted((one, other) => other.score - one.score)
    .filter(({ score }, _, [best]) => score >= (best?.score ?? 0) * WORTH_TELLING)
    .slice(0, MAX_CAUSES)
    .map(({ id }) => candidate(id, null));
}

function scoreOf(id: CauseId, word: string): number {
  const cause: Cause = CAUSES[id];
  const forms = formsOf(word);
  const has = (text: string): boolean => {
    const lower = text.toLowerCase();
    return forms.some((form) => holdsWord(lower, form));
  };
  return (
    (has(id) ? IN_ID : 0) +
    (has(cause.title) ? IN_TITLE : 0) +
    (has(cause.category) ? IN_CATEGORY : 0) +
    (has(cause.summary) ? IN_SUMMARY : 0) +
    (has(restOf(cause)) ? IN_REST : 0)
  );
}

function formsOf(word: string): readonly string[] {
  return Object.hasOwn(SYNONYMS, word) ? (SYNONYMS[word] ?? []) : [word];
}

/** Short words stand alone: `pin` is not in `pinned`, `nat` not in `national`. */
function holdsWord(text: string, word: string): boolean {
  if (word.length > 4) return text.includes(word);
  const at = text.indexOf(word);
  if (at === -1) return false;
  return new RegExp(`(?<![a-z0-9])${escapeRegExp(word)}(?![a-z0-9])`).test(text);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function restOf({ wireSignature, advice, more, caution, hostChecks }: Cause): string {
  return [
    wireSignature,
    ...advice.flatMap((one) => [one.do, one.command ?? '', one.caution ?? '']),
    ...more,
    caution ?? '',
    ...hostChecks.flatMap(({ command, shows }) => [command ?? '', shows ?? '']),
  ].join('\n');
}

/** Codes whose name or meaning holds every word. */
export function codesFor(words: readonly string[]): Explanation['codes'] {
  const wanted = words.filter((word) => word.length > SHORTEST_WORD);
  if (wanted.length === 0) return [];
  return CODE_TABLES.flatMap((table) =>
    table.codes
      .filter(({ name, meaning }) => {
        const text = `${name ?? ''} ${meaning}`.toLowerCase();
        return wanted.every((word) => formsOf(word).some((form) => holdsWord(text, form)));
      })
      .map((entry) => {
        const { shown, name, title, ask } = readingFrom(table, entry);
        return { shown, name, title, ask };
      }),
  ).slice(0, MAX_CODES);
}

/** What a mistyped word may stand for: names of codes, ids of causes and their parts. */
export function knownWords(): readonly string[] {
  const names = CODE_TABLES.flatMap(({ codes }) => codes.map(({ name }) => name ?? ''));
  const parts = ALL_CAUSES.flatMap((id) => [id, ...id.split('-')]);
  return [...new Set([...parts, ...names.map((name) => name.toLowerCase())])].filter(
    (word) => word.length > SHORTEST_WORD + 1,
  );
}
