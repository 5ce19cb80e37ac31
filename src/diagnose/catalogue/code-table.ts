import type { CauseId } from './catalogue.js';
import type { SourceKey } from './sources.js';

export interface CodeEntry {
  readonly code: number;
  readonly name: string | null;
  /** what it means, in a sentence or two */
  readonly meaning: string;
  /** that can stand behind it, likeliest first */
  readonly causes: readonly CauseId[];
}

/** A family of codes that are read in one place. */
export interface CodeTable<Entry extends CodeEntry = CodeEntry> {
  readonly key: string;
  /** what a code of it is called */
  readonly title: string;
  /** where one meets it */
  readonly appears: string;
  /** `documented`: by its maker or a specification; `reported`: collected by others */
  readonly standing: 'documented' | 'reported';
  readonly note: string | null;
  readonly sources: readonly SourceKey[];
  readonly codes: readonly Entry[];
}
