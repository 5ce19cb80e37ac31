import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';

export const REPORT_SCHEMA = 'rdp-probe.report/1';

/** The document that `--json` prints, and that every renderer reads. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly tool: { readonly name: 'rdp-probe'; readonly version: string };
  readonly command: string;
  /** ISO 8601 UTC with microseconds */
  readonly generatedAt: string;
  readonly handshakes: readonly Handshake[];
  readonly diagnoses: readonly Diagnosis[];
}
