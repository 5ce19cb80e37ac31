import type { Handshake } from '../handshake/handshake.js';
import type { MstscSign } from './catalogue/cause.js';
import { SOURCES } from './catalogue/sources.js';
import { CAUSES, type CauseId } from './causes.js';
import type { CertificateJudgement } from './certificate.js';
import type { Advice, Certainty, Evidence, Finding } from './finding.js';

/** One handshake with what was judged of it beforehand: what every rule looks at. */
export interface Case {
  readonly handshake: Handshake;
  /** of the server's own certificate; null: none was seen */
  readonly certificate: CertificateJudgement | null;
}

/** Looks at one handshake; an empty list: it has nothing to say of it. */
export type Rule = (seen: Case) => readonly Finding[];

/** What a rule has to add to the catalogue's text. */
export interface Particulars {
  /** one sentence with the figures of this case */
  readonly says: string;
  readonly evidence: readonly Evidence[];
  readonly against?: readonly string[];
  /** where this case asks for another check than the catalogue's */
  readonly nextCheck?: string;
  /** in the place of the catalogue's, where this case gives figures to it */
  readonly advice?: readonly Advice[];
}

export function finding(cause: CauseId, certainty: Certainty, particulars: Particulars): Finding {
  const text = CAUSES[cause];
  return {
    cause,
    title: text.title,
    certainty,
    says: particulars.says,
    evidence: particulars.evidence,
    against: particulars.against ?? [],
    advice: particulars.advice ?? text.advice,
    nextCheck: particulars.nextCheck ?? text.nextCheck,
    mstsc: shownCodes(text.mstsc),
    sources: text.sources.map((key) => {
      const { title, url } = SOURCES[key];
      return { title, url };
    }),
  };
}

/** What people report without a document is told by `explain`, not in a finding; a dialog has no code. */
function shownCodes(signs: readonly MstscSign[]): Finding['mstsc'] {
  return signs.flatMap(({ code, extended, basis }) =>
    code === null || basis === 'reported' ? [] : [{ code, extended, basis }],
  );
}

/** The most certain first. */
export const RANK: Readonly<Record<Certainty, number>> = { proved: 0, likely: 1, possible: 2 };

/** Best first; of two that are equally certain, the one that was found first. */
export function ranked(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => RANK[one.certainty] - RANK[other.certainty]);
}

/** One finding a cause: the most certain, which also keeps its place. */
export function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return ranked(findings).filter(({ cause }) => {
    if (seen.has(cause)) return false;
    seen.add(cause);
    return true;
  });
}
