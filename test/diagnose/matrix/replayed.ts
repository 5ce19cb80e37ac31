import { analyseCapture } from '../../../src/capture/analyse.js';
import { encodeCaptureFile } from '../../../src/capture/capture-file.js';
import { type ProbedConnection, probeCapture } from '../../../src/capture/probe-capture.js';
import { captureFromBytes } from '../../../src/capture/source.js';
import { labelled } from '../../../src/cli/capture-report.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { Diagnosis } from '../../../src/diagnose/finding.js';
import { toHandshake } from '../../../src/handshake/summary.js';
import type { Kind } from './matrix-case.js';
import type { Scored } from './score.js';

/** Kinds whose captures say less than the probe saw, each of their cases, and why that is meant. */
export const SAYS_LESS: Partial<Readonly<Record<Kind, string>>> = {
  logon:
    'the TLS secrets of a logon are never saved: with them the file would show the answer to a challenge, which can be attacked',
};

/** Kinds without a connection of a probe: there is nothing that a capture could be saved of. */
export const NOT_PROBED: Partial<Readonly<Record<Kind, string>>> = {
  capture: 'it is a replay already',
  path: 'the report of a measurement is judged, which packets alone do not give',
};

/** What was said of a case, made of the capture that `check --save` writes of its connections. */
export async function diagnoseReplayed({
  case: { kind },
  diagnosis,
  connections,
}: Scored): Promise<Diagnosis> {
  const options = { version: 'test', withSecrets: SAYS_LESS[kind] === undefined };
  const capture = probeCapture(connections.map(withPort), options);
  const { traces } = await analyseCapture(captureFromBytes(encodeCaptureFile(capture)));
  const handshakes = traces.map((trace, id) => toHandshake(trace, labelled(trace, id)));
  return diagnose(diagnosis.target, handshakes, Date.now());
}

/** In memory they have no ports: each gets one. */
function withPort(connection: ProbedConnection, index: number): ProbedConnection {
  const { recording } = connection;
  const client = { ...recording.client, port: 50_000 + index };
  return { ...connection, recording: { ...recording, client } };
}

/** What must be the same: all but times, and numbers of packets. */
export function told({ verdict, findings, signals = [], notTested }: Diagnosis): unknown {
  return {
    verdict: timeless(verdict),
    findings: findings.map(({ cause, certainty, says, against, evidence, nextCheck, weights }) => ({
      cause,
      certainty,
      says: timeless(says),
      against: against.map(timeless),
      evidence: evidence.map(({ says, handshake }) => [timeless(says), handshake]),
      nextCheck,
      weights,
    })),
    signals: signals.map(({ id, evidence }) => [
      id,
      evidence.map(({ says, handshake }) => [timeless(says), handshake]),
    ]),
    notTested,
  };
}

function timeless(text: string): string {
  return text.replace(/\d+(\.\d+)? (ms|s)\b/g, 'a while');
}
