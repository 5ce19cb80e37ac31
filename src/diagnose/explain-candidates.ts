import type { Cause } from './catalogue/cause.js';
import { DECISION_TABLE } from './catalogue/decision-table.js';
import { CAUSES, type CauseId } from './causes.js';
import type { Basis, Candidate, CauseStage } from './explanation.js';
import { STAGE_OF } from './place.js';

/** In the order in which a connection gets there. */
export const STAGE_ORDER: readonly CauseStage[] = [
  'resolve',
  'tcp',
  'x224',
  'tls',
  'credssp',
  'mcs',
  'session',
  'gateway',
];

export function stageOf({ phase, failurePoint }: Cause): CauseStage {
  return phase === 'gateway' ? 'gateway' : (STAGE_OF[failurePoint] ?? 'session');
}

export function pageOf(cause: CauseId): string {
  return `docs/causes/${cause}.md`;
}

export function candidate(id: CauseId, basis: Basis | null): Candidate {
  const cause: Cause = CAUSES[id];
  const check = cause.hostChecks.find(({ command }) => command !== null);
  return {
    cause: id,
    title: cause.title,
    stage: stageOf(cause),
    basis,
    remotelyObservable: cause.remotelyObservable,
    nextCheck: cause.nextCheck,
    command:
      check === undefined || check.command === null
        ? null
        : { where: check.where, run: check.command, shows: check.shows },
    page: pageOf(id),
  };
}

/** The likeliest causes are told with the check that tells them from the others. */
const TOLD_IN_FULL = 3;
/** So many causes of a code that is documented for none of them: it names none. */
const MANY = 12;

/** Those that a code or word names; none, where many causes have the code and it is documented for none. */
export function likeliest(causes: readonly Candidate[]): readonly Candidate[] {
  const named = causes.filter(({ basis }) => basis === null || basis === 'documented');
  if (named.length > 0) return named.slice(0, TOLD_IN_FULL);
  return causes.length > MANY ? [] : causes.slice(0, TOLD_IN_FULL);
}

export const ALL_CAUSES = Object.keys(CAUSES) as readonly CauseId[];

const BASIS_ORDER: readonly (Basis | null)[] = ['documented', 'inferred', 'reported', null];

/** Place in the decision table: its rows go along the connection and name the best candidate first. */
const LIKELIHOOD = new Map<CauseId, number>();
for (const { causes } of DECISION_TABLE)
  for (const [place, cause] of causes.entries())
    LIKELIHOOD.set(cause, Math.min(place, LIKELIHOOD.get(cause) ?? place));

/** By what the code is founded on, then by how often the decision table puts them first. */
export function byLikelihood(one: Candidate, other: Candidate): number {
  const place = ({ cause }: Candidate): number => LIKELIHOOD.get(cause) ?? DECISION_TABLE.length;
  return (
    BASIS_ORDER.indexOf(one.basis) - BASIS_ORDER.indexOf(other.basis) || place(one) - place(other)
  );
}
