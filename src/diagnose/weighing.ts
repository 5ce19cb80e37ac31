import type { Handshake } from '../handshake/handshake.js';
import { RANK } from './case.js';
import type { SignalWeight } from './catalogue/cause.js';
import { type Cause, causeOf } from './causes.js';
import { listed } from './figures.js';
import type { Certainty, Evidence, Finding, Signal, WeighedSignal } from './finding.js';
import { diedAt } from './place.js';

/*
 * How certain a cause is, and in which order causes come. A rule brings a cause forward and says how
 * much this very case leaves open; the signals of the catalogue say how much may be made of it.
 */

/** The most that a signal of this weight can carry: a decisive one proves, an ambiguous one never does. */
const CARRIES: Readonly<Record<SignalWeight, Certainty>> = {
  decisive: 'proved',
  supporting: 'likely',
  hint: 'possible',
  ambiguous: 'possible',
};

/** What each signal adds to the order. What many causes share says nothing of any of them. */
const SCORE: Readonly<Record<WeighedSignal['weight'], number>> = {
  decisive: 4,
  supporting: 2,
  hint: 1,
  weakens: -1,
  'rules-out': 0,
};

/**
 * The findings by the weight of what was seen, best first. Of each:
 *
 * - it is as certain as its rule says, and no more than its weightiest signal carries;
 * - a signal that rules it out makes it `possible` and puts it last, with the reason; one that weakens
 *   it takes a step off;
 * - among equals, what shows at the place where the connection died comes first, then what has more for
 *   it, then what its rule put first.
 *
 * @param findings as the rules brought them
 * @param signals of the same target
 * @param decisive the handshake that decides; null: there is none
 * @param followUps what was asked after it
 */
export function weighed(
  findings: readonly Finding[],
  signals: readonly Signal[],
  decisive: Handshake | null,
  followUps: readonly Handshake[] = [],
): readonly Finding[] {
  const further: Questions = new Map(followUps.map(({ id }, index) => [id, index + 1]));
  return findings
    .map((one, index) => ({
      ...weigh(one, signals, further),
      here: decisive !== null && diedAt(decisive, one.cause),
      index,
    }))
    .toSorted(
      (one, other) =>
        Number(one.ruledOut) - Number(other.ruledOut) ||
        RANK[one.finding.certainty] - RANK[other.finding.certainty] ||
        Number(other.here) - Number(one.here) ||
        other.score - one.score ||
        one.index - other.index,
    )
    .map(({ finding }) => finding);
}

/** The place of a question after the failure, from 1, by the id of its handshake. */
type Questions = ReadonlyMap<number, number>;

interface Weighed {
  readonly finding: Finding;
  readonly score: number;
  readonly ruledOut: boolean;
}

function weigh(found: Finding, signals: readonly Signal[], further: Questions): Weighed {
  const cause = causeOf(found.cause);
  if (cause === null) return { finding: found, score: 0, ruledOut: false };
  const weights = weightsFor(found.cause, signals);
  const ruledOut = weights.some(({ weight }) => weight === 'rules-out');
  const weakened = weights.some(({ weight }) => weight === 'weakens');
  const certainty = atMost(found.certainty, carried(cause, signals));
  const finding: Finding = {
    ...found,
    certainty: ruledOut ? 'possible' : weakened ? stepDown(certainty) : certainty,
    evidence: [...found.evidence, ...answersFor(found, cause, signals, further)],
    against: [...found.against, ...objections(found, cause, signals, further)],
    ...(weights.length === 0 ? {} : { weights }),
  };
  return { finding, ruledOut, score: weights.reduce((sum, { weight }) => sum + SCORE[weight], 0) };
}

/** Signals that can say something of a cause: on the way through a gateway its own alone. */
function concerning(cause: Cause, signals: readonly Signal[]): readonly Signal[] {
  return cause.phase === 'gateway' ? signals.filter(({ id }) => id.startsWith('gw.')) : signals;
}

/**
 * What the signals are worth for a cause, and against it; what many causes share is worth nothing by
 * itself, and is left out. Causes on the way through a gateway are told by the gateway's own signals
 * alone: a certificate of the server says nothing of the gateway's.
 *
 * @param id of the catalogue; one of another version's weighs nothing
 */
export function weightsFor(id: string, signals: readonly Signal[]): readonly WeighedSignal[] {
  const cause = causeOf(id);
  if (cause === null) return [];
  return concerning(cause, signals).flatMap(({ id: signal }): readonly WeighedSignal[] => {
    const weight = cause.signalWeights[signal];
    const counter = cause.counterSignals?.[signal];
    return [
      ...(weight === undefined || weight === 'ambiguous' ? [] : [{ signal, weight }]),
      ...(counter === undefined ? [] : [{ signal, weight: counter }]),
    ];
  });
}

function atMost(one: Certainty, other: Certainty): Certainty {
  return RANK[one] >= RANK[other] ? one : other;
}

function stepDown(certainty: Certainty): Certainty {
  return certainty === 'proved' ? 'likely' : 'possible';
}

function carried(cause: Cause, signals: readonly Signal[]): Certainty {
  return concerning(cause, signals)
    .map(({ id }) => CARRIES[cause.signalWeights[id] ?? 'ambiguous'])
    .reduce<Certainty>((best, one) => (RANK[one] < RANK[best] ? one : best), 'possible');
}

/** The answers to further questions that speak for it: the rules have seen one handshake alone. */
function answersFor(
  found: Finding,
  cause: Cause,
  signals: readonly Signal[],
  further: Questions,
): readonly Evidence[] {
  const known = new Set(found.evidence.map(({ says }) => says));
  const answers = concerning(cause, signals)
    .filter(({ id }) => cause.signalWeights[id] !== undefined)
    .flatMap(({ evidence }) => evidence)
    .filter(({ says, handshake }) => further.has(handshake ?? -1) && !known.has(says));
  const once = new Map(answers.map((one) => [one.says, one]));
  return [...once.values()].toSorted((one, other) => (one.handshake ?? 0) - (other.handshake ?? 0));
}

/** What speaks against it: the figures of a measurement, or what the signal means and what showed it. */
function objections(
  found: Finding,
  cause: Cause,
  signals: readonly Signal[],
  further: Questions,
): readonly string[] {
  return concerning(cause, signals)
    .filter(({ id }) => cause.counterSignals?.[id] !== undefined)
    .map(({ says, evidence }) => {
      const [first] = evidence;
      if (first?.handshake === null) return first.says;
      const numbers = evidence.flatMap(({ handshake }) => further.get(handshake ?? -1) ?? []);
      return numbers.length === 0
        ? says
        : `${says} (question${numbers.length === 1 ? '' : 's'} ${listed(numbers.map(String))})`;
    })
    .filter((says) => !found.against.includes(says));
}
