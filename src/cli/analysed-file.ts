import type { CaptureAnalysis } from '../capture/analyse.js';

export interface AnalyseOrder {
  /** files, folders, or `-` */
  readonly paths: readonly string[];
  /** where RDP is expected; null: 3389 */
  readonly ports: readonly number[] | null;
  /** files in the SSLKEYLOGFILE form */
  readonly keyLogs: readonly string[];
  /** files with RSA private keys */
  readonly privateKeys: readonly string[];
  readonly all: boolean;
  /** no progress bar */
  readonly silent: boolean;
  /** files read at a time, at most */
  readonly threads: number;
}

/** What one file gave beside its connections, or why it gave nothing. */
export interface AnalysedFile {
  readonly file: string;
  readonly analysis: Omit<CaptureAnalysis, 'traces'> | null;
  /** one sentence; null: the file was read */
  readonly failure: string | null;
}
