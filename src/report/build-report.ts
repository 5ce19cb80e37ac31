import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { type CaptureSummary, REPORT_SCHEMA, type Report } from './report.js';

export interface ReportParts {
  /** version of this tool */
  readonly version: string;
  readonly command: string;
  /** ISO 8601 UTC with microseconds */
  readonly generatedAt: string;
  readonly captures?: readonly CaptureSummary[];
  readonly handshakes: readonly Handshake[];
  readonly diagnoses: readonly Diagnosis[];
}

export function buildReport(parts: ReportParts): Report {
  return {
    schema: REPORT_SCHEMA,
    tool: { name: 'rdp-probe', version: parts.version },
    command: parts.command,
    generatedAt: parts.generatedAt,
    ...(parts.captures === undefined ? {} : { captures: parts.captures }),
    handshakes: parts.handshakes,
    diagnoses: parts.diagnoses,
  };
}
