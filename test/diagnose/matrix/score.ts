import type { ProbedConnection } from '../../../src/capture/probe-capture.js';
import type { Certainty, Diagnosis, Finding, Signal } from '../../../src/diagnose/finding.js';
import { serverCertificate } from '../../../src/simulator/certificate.js';
import type { MatrixCase } from './matrix-case.js';

/** A case that went through the engine. */
export interface Scored {
  readonly case: MatrixCase;
  readonly findings: readonly Finding[];
  readonly signals: readonly Signal[];
  readonly diagnosis: Diagnosis;
  /** that were made for it; empty: what it judges was recorded, or made up */
  readonly connections: readonly ProbedConnection[];
}

/** One after another where they compute, all at once where they wait for silence. */
export async function runCases(cases: readonly MatrixCase[]): Promise<readonly Scored[]> {
  // Made beforehand, so that no silence is measured while a key is being computed.
  await serverCertificate('self-signed', Date.now());
  const run = async (one: MatrixCase): Promise<Scored> => {
    let connections: readonly ProbedConnection[] = [];
    const diagnosis = await one.diagnose((made) => {
      connections = made;
    });
    const { findings, signals = [] } = diagnosis;
    return { case: one, findings, signals, diagnosis, connections };
  };
  const waiting = await Promise.all(cases.filter(({ waits }) => waits).map(run));
  const scored = new Map(waiting.map((one) => [one.case, one]));
  for (const one of cases) {
    if (!one.waits) scored.set(one, await run(one));
  }
  return cases.flatMap((one) => scored.get(one) ?? []);
}

export function isRight({ case: { truth } }: Scored, { cause }: Finding): boolean {
  return truth.is === 'fault' && truth.causes.some((right) => right === cause);
}

/** Whether a right cause is among so many first ones. */
export function hits(scored: Scored, first: number): boolean {
  return scored.findings.slice(0, first).some((one) => isRight(scored, one));
}

export function ofTruth(
  scored: readonly Scored[],
  is: MatrixCase['truth']['is'],
): readonly Scored[] {
  return scored.filter(({ case: { truth } }) => truth.is === is);
}

/** Findings above `possible` of what is healthy. */
export function falseAlarms(scored: readonly Scored[]): readonly (readonly [Scored, Finding])[] {
  return ofTruth(scored, 'healthy').flatMap((one) =>
    one.findings
      .filter(({ certainty }) => certainty !== 'possible')
      .map((finding) => [one, finding] as const),
  );
}

export interface Calibration {
  readonly right: number;
  readonly of: number;
}

/**
 * How often a finding of this certainty named a true cause. Second causes that are true as well, as
 * old TLS of a server that is not patched, are in `ALSO_TRUE`.
 */
export function calibration(scored: readonly Scored[], certainty: Certainty): Calibration {
  const findings = scored.flatMap((one) =>
    one.findings
      .filter((finding) => finding.certainty === certainty)
      .map((finding) => isTrue(one, finding)),
  );
  return { right: findings.filter(Boolean).length, of: findings.length };
}

/** What is true of a case beside its fault, by how it was made. */
const ALSO_TRUE: Readonly<Record<string, readonly string[]>> = {
  // Its TLS is 1.0 and nothing newer.
  'unpatched-credssp-2': ['tls-server-only-legacy'],
};

export function isTrue(scored: Scored, finding: Finding): boolean {
  const also = ALSO_TRUE[scored.case.name] ?? [];
  return isRight(scored, finding) || also.includes(finding.cause);
}

/** Findings that say `proved` and are wrong: there must be none. */
export function wrongProofs(scored: readonly Scored[]): readonly (readonly [Scored, Finding])[] {
  return scored.flatMap((one) =>
    one.findings
      .filter((finding) => finding.certainty === 'proved' && !isTrue(one, finding))
      .map((finding) => [one, finding] as const),
  );
}
