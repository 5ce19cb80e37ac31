import type { Diagnosis, Evidence } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import type { CaptureSummary, Report } from './report.js';
import { scanInReport } from './scan-ids.js';

/** Several reports as the parts of one: the handshakes of the later ones get new `id`s. */
export type ReportContent = Pick<Report, 'handshakes' | 'diagnoses'> & {
  readonly captures: readonly CaptureSummary[];
};

export function mergeReports(reports: readonly ReportContent[]): ReportContent {
  let firstId = 0;
  const handshakes: Handshake[] = [];
  const diagnoses: Diagnosis[] = [];
  const captures: CaptureSummary[] = [];
  for (const report of reports) {
    for (const one of report.handshakes) handshakes.push({ ...one, id: one.id + firstId });
    for (const one of report.diagnoses) diagnoses.push(renumbered(one, firstId));
    captures.push(...report.captures);
    firstId += report.handshakes.length;
  }
  return { handshakes, diagnoses, captures };
}

function renumbered(diagnosis: Diagnosis, by: number): Diagnosis {
  if (by === 0) return diagnosis;
  const { path, scan, signals } = diagnosis;
  const moved = (id: number | null): number | null => (id === null ? null : id + by);
  const shown = (evidence: readonly Evidence[]): readonly Evidence[] =>
    evidence.map((each) => ({ ...each, handshake: moved(each.handshake) }));
  return {
    ...diagnosis,
    handshakes: diagnosis.handshakes.map((id) => id + by),
    path:
      path === null
        ? null
        : {
            ...path,
            attempts: path.attempts.map((one) => ({ ...one, handshake: moved(one.handshake) })),
          },
    scan: scan === null ? null : scanInReport(scan, by),
    findings: diagnosis.findings.map((one) => ({
      ...one,
      evidence: shown(one.evidence),
    })),
    ...(signals === undefined
      ? {}
      : { signals: signals.map((one) => ({ ...one, evidence: shown(one.evidence) })) }),
  };
}
