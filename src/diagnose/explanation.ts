import type { StageName } from '../handshake/trace.js';
import type { CauseId } from './catalogue/catalogue.js';
import type { ClaimVerdict } from './catalogue/claims.js';

/** The stages of a handshake, what comes after them, and the way through an RD Gateway. */
export type CauseStage = StageName | 'session' | 'gateway';

export interface SourceText {
  readonly title: string;
  readonly url: string;
}

export type Basis = 'documented' | 'inferred' | 'reported';

/** A cause that can stand behind a code or a word. */
export interface Candidate {
  readonly cause: CauseId;
  readonly title: string;
  /** where it shows first */
  readonly stage: CauseStage;
  /**
   * `documented`: the code means it; `inferred`: one way to get the code; `reported`: people say so;
   * null: it was found by words
   */
  readonly basis: Basis | null;
  /** whether a probe from outside can see it */
  readonly remotelyObservable: 'yes' | 'partly' | 'no';
  /** the one check that separates it from its neighbours */
  readonly nextCheck: string | null;
  /** the command that confirms it; null: there is nothing to type */
  readonly command: {
    readonly where: 'server' | 'client';
    readonly run: string;
    readonly shows: string | null;
  } | null;
  /** its page, in the folder of the program */
  readonly page: string;
}

/** One thing that a number or name can mean. */
export interface Reading {
  /** the family of codes it belongs to */
  readonly family: string;
  readonly title: string;
  readonly code: number;
  /** as one meets it: an alert in decimal, an error code of mstsc in hex */
  readonly shown: string;
  readonly name: string | null;
  readonly meaning: string;
  /** whether its maker or a specification says so, or others collected it */
  readonly standing: 'documented' | 'reported';
  /** where one meets such a code */
  readonly appears: string;
  readonly note: string | null;
  /** likeliest first */
  readonly causes: readonly Candidate[];
  readonly sources: readonly SourceText[];
  /** what to write so that only this is meant */
  readonly ask: string;
}

/** Error code and extended error code of mstsc together. */
export interface PairReading {
  /** whether any text that was read describes both numbers together */
  readonly documented: boolean;
  readonly says: string;
  /** whose documented or inferred codes are this very pair */
  readonly causes: readonly Candidate[];
}

/** What is said on the web, and what of it holds. */
export interface ClaimText {
  readonly claim: string;
  readonly verdict: ClaimVerdict;
  readonly judgement: string;
}

/** A command of this program that tells causes apart. */
export interface Apart {
  /** HOST, GATEWAY and NAME stand for what the reader has */
  readonly command: string;
  /** half a sentence: what it does */
  readonly tells: string;
}

export interface Explanation {
  readonly query: string;
  /** what the codes can mean, most likely first; empty: words were asked for */
  readonly readings: readonly Reading[];
  /** null: not two codes of mstsc */
  readonly pair: PairReading | null;
  /** causes that the words name, best first; empty: codes were asked for */
  readonly causes: readonly Candidate[];
  /** what tells the causes apart, the broadest first */
  readonly apart: readonly Apart[];
  /** the page to read first; null: the causes are too many to name one */
  readonly read: string | null;
  readonly claims: readonly ClaimText[];
  /** codes that speak of the words */
  readonly codes: readonly {
    readonly shown: string;
    readonly name: string | null;
    readonly title: string;
    readonly ask: string;
  }[];
}
