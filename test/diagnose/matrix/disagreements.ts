import { CAUSES } from '../../../src/diagnose/causes.js';
import { weightsFor } from '../../../src/diagnose/weighing.js';
import type { Scored } from './score.js';

/** Causes that a decisive signal names and no finding has: `case: signal -> cause`. */
export function disagreements({ case: one, findings, signals }: Scored): readonly string[] {
  const found = new Set<string>(findings.map(({ cause }) => cause));
  return Object.keys(CAUSES)
    .filter((cause) => !found.has(cause))
    .flatMap((cause) =>
      weightsFor(cause, signals)
        .filter(({ weight }) => weight === 'decisive')
        .map(({ signal }) => `${one.name}: ${signal} -> ${cause}`),
    );
}
