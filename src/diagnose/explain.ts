import type { CauseId } from './catalogue/catalogue.js';
import { CLAIMS, type Claim } from './catalogue/claims.js';
import { CODE_TABLES } from './catalogue/code-tables.js';
import { WINDOWS_EVENTS } from './catalogue/windows-events.js';
import { apartOf } from './explain-apart.js';
import { likeliest } from './explain-candidates.js';
import { hexOf, mstscReadings, pairCauses, readingsByName, readingsOf } from './explain-codes.js';
import { type ExplainQuery, type NumberToken, readQuery } from './explain-query.js';
import { causesFor, codesFor } from './explain-words.js';
import type { Candidate, ClaimText, Explanation, PairReading, Reading } from './explanation.js';

/** A code that is near one that nobody knows. */
export interface NearCode {
  readonly shown: string;
  readonly name: string | null;
}

/** An answer; or the codes that are nearest to one of which nothing is known. */
export type Explained =
  | { readonly known: true; readonly explanation: Explanation }
  | {
      readonly known: false;
      /** as it is to be named in the complaint */
      readonly what: string;
      readonly near: readonly NearCode[];
    };

/** Of the claims that a code or word meets, this many are told. */
const MAX_CLAIMS = 5;
const NEAR_CODES = 3;
/** mstsc code of which most of the claims speak: the socket was closed. */
const SOCKET_CLOSED_CODE = 0x904;

/**
 * What codes or words of RDP mean, and which causes can stand behind them. Never throws: what nobody
 * knows is `known: false`.
 *
 * @param args as they stand on the command line, e.g. `['0x904', '0x7']`, `['alert', '40']`
 */
export function explain(args: readonly string[]): Explained {
  const query = readQuery(args);
  const asked = args.join(' ');
  return query.numbers.length > 0 ? explainNumbers(asked, query) : explainWords(asked, query);
}

function explainNumbers(asked: string, query: ExplainQuery): Explained {
  const { families } = query;
  const numbers = query.numbers.map((number) => asMeant(number, families));
  const [first, second] = numbers;
  if (first !== undefined && second !== undefined && numbers.length === 2 && mayBePair(query)) {
    const pair = mstscReadings(first, second);
    if (pair !== null) return { known: true, explanation: explainPair(asked, pair) };
  }
  const unknown = numbers.find((each) => readingsOf(each, families).length === 0);
  if (unknown !== undefined) return complaint(unknown, families);
  const readings = numbers.flatMap((each) => readingsOf(each, families));
  return {
    known: true,
    explanation: {
      ...NOTHING,
      query: asked,
      readings,
      claims: claimsOnCodes(readings),
      ...nextOf(readings[0]?.causes ?? []),
    },
  };
}

/** What to do next, by the causes that are told first. */
function nextOf(causes: readonly Candidate[]): Pick<Explanation, 'apart' | 'read'> {
  const [first] = likeliest(causes);
  return {
    apart: apartOf(causes),
    read: first?.page ?? (causes.length === 0 ? null : 'docs/causes/README.md'),
  };
}

/** Hex is often written without its 0x: `904` is no code in decimal, and a well-known one in hex. */
function asMeant(number: NumberToken, families: readonly string[] | null): NumberToken {
  if (number.written === 'hex' || number.value < 0) return number;
  if (readingsOf(number, families).length > 0) return number;
  const hex = { value: Number.parseInt(String(number.value), 16), written: 'hex' } as const;
  return readingsOf(hex, families).length > 0 ? hex : number;
}

const PAIR_FAMILIES = new Set([
  'disconnect',
  'reported-disconnect',
  'gateway-disconnect',
  'extended',
  'errinfo',
]);

/** Bare, or with the words that mstsc puts before them: `Error code: 0x904, Extended error code: 0x7`. */
function mayBePair({ families }: ExplainQuery): boolean {
  return families === null || families.every((family) => PAIR_FAMILIES.has(family));
}

const NOTHING: Omit<Explanation, 'query'> = {
  readings: [],
  pair: null,
  causes: [],
  apart: [],
  read: null,
  claims: [],
  codes: [],
};

function explainPair(asked: string, readings: readonly [Reading, Reading]): Explanation {
  const [{ code, shown }, extended] = readings;
  const causes = pairCauses(code, extended.code);
  const documented = causes.some(({ basis }) => basis === 'documented');
  const pair: PairReading = {
    documented,
    says: pairSentence(documented, `${shown} with extended ${extended.shown}`, code, extended.code),
    causes,
  };
  const told = documented ? causes : readings[0].causes;
  return {
    ...NOTHING,
    query: asked,
    readings,
    pair,
    claims: claimsOnCodes(readings),
    ...nextOf(told),
  };
}

/** Numbers of the extended code that are those of Set Error Info: from 1 to 12, and 256 to 266. */
function isServersOwn(extended: number): boolean {
  return (extended >= 1 && extended <= 12) || (extended >= 0x100 && extended <= 0x10a);
}

function pairSentence(documented: boolean, shown: string, code: number, extended: number): string {
  if (extended === 0) return `${shown}: the extended code adds nothing to the first one.`;
  if (documented)
    return `${shown}: both are documented, and together they stand for the cause below.`;
  const apart = `${shown}: each number is documented, or reported, by itself; no official text that was read describes the two together.`;
  if (code !== SOCKET_CLOSED_CODE || !isServersOwn(extended)) return apart;
  return `${apart} A server sends this extended code in a Set Error Info PDU, for which the channels have to stand: shown before the logon it cannot have come that way, and which part of the client sets it is written nowhere.`;
}

function explainWords(asked: string, { words }: ExplainQuery): Explained {
  const named = words.flatMap(readingsByName);
  if (named.length > 0) {
    return {
      known: true,
      explanation: {
        ...NOTHING,
        query: asked,
        readings: named,
        claims: claimsOnCodes(named),
        ...nextOf(named[0]?.causes ?? []),
      },
    };
  }
  const causes = causesFor(words);
  const codes = codesFor(words);
  if (causes.length === 0 && codes.length === 0) return { known: false, what: asked, near: [] };
  const ids = causes.slice(0, 2).map(({ cause }) => cause);
  return {
    known: true,
    explanation: {
      ...NOTHING,
      query: asked,
      causes,
      codes,
      claims: claimsOn(ids),
      ...nextOf(causes),
    },
  };
}

/** What is said of these codes; else what is said, and is not so, of the likeliest causes. */
function claimsOnCodes(readings: readonly Reading[]): readonly ClaimText[] {
  const about = (family: string): readonly Claim[] =>
    CLAIMS.filter(({ codes }) =>
      readings.some((reading) => reading.family === family && codes.includes(reading.code)),
    );
  const direct = [...about('extended'), ...about('disconnect')];
  if (direct.length > 0) return told(direct);
  const [reading] = readings;
  return claimsOn((reading?.causes ?? []).slice(0, 2).map(({ cause }) => cause));
}

/** Claims on causes; what is right needs no telling. */
function claimsOn(ids: readonly CauseId[]): readonly ClaimText[] {
  return told(
    CLAIMS.filter(
      ({ causes, codes, verdict }) =>
        // What is about a code is not about its causes.
        codes.length === 0 &&
        (verdict === 'wrong' || verdict === 'unfounded') &&
        // A claim that points everywhere says nothing of this one.
        causes.slice(0, 3).some((cause) => ids.includes(cause)),
    ),
  );
}

const VERDICT_ORDER: readonly Claim['verdict'][] = ['wrong', 'unfounded', 'partly', 'holds'];

function told(claims: readonly Claim[]): readonly ClaimText[] {
  return claims
    .toSorted(
      (one, other) => VERDICT_ORDER.indexOf(one.verdict) - VERDICT_ORDER.indexOf(other.verdict),
    )
    .slice(0, MAX_CLAIMS)
    .map(({ claim, verdict, judgement }) => ({ claim, verdict, judgement }));
}

function complaint(unknown: NumberToken, families: readonly string[] | null): Explained {
  const shown = unknown.written === 'hex' ? hexOf(unknown.value) : String(unknown.value);
  // Events are always written in decimal: what is written in hex is none.
  const mayBeEvent = families === null ? unknown.written === 'decimal' : families.includes('event');
  const events = mayBeEvent ? WINDOWS_EVENTS : [];
  const tables = CODE_TABLES.filter(({ key }) => families === null || families.includes(key));
  const known = [
    ...tables.flatMap(({ key, codes }) =>
      codes.map(({ code, name }) => ({ code, name, decimal: key === 'alert' })),
    ),
    ...events.map(({ code, provider }) => ({ code, name: provider, decimal: true })),
  ];
  const near = known
    .toSorted(
      (one, other) => Math.abs(one.code - unknown.value) - Math.abs(other.code - unknown.value),
    )
    .filter(({ code }, index, all) => all.findIndex((each) => each.code === code) === index)
    .slice(0, NEAR_CODES)
    .map(({ code, name, decimal }) => ({
      shown: decimal || unknown.written === 'decimal' ? String(code) : hexOf(code),
      name,
    }));
  return { known: false, what: shown, near };
}
