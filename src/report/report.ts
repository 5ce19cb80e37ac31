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
  /** the files that were read; only where files were */
  readonly captures?: readonly CaptureSummary[];
  readonly handshakes: readonly Handshake[];
  readonly diagnoses: readonly Diagnosis[];
}

/** What one capture holds beside its RDP connections. */
export interface CaptureSummary {
  /** as the user named it */
  readonly file: string;
  readonly packets: number | null;
  /** RDP or not */
  readonly tcpConversations: number | null;
  /** ISO 8601 UTC with microseconds */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** what kept a part of it from being read, or makes a figure doubtful */
  readonly problems: readonly {
    readonly says: string;
    /** where it was met first, counted from 1; null: it concerns the whole file */
    readonly packet: number | null;
    readonly count: number;
  }[];
  /** with `--all`: the conversations that are not RDP */
  readonly others: readonly {
    readonly stream: number;
    readonly client: { readonly address: string | null; readonly port: number | null };
    readonly server: { readonly address: string | null; readonly port: number | null };
    readonly why: string;
  }[];
  /** why the file could not be read; null: it was */
  readonly failure: string | null;
}
