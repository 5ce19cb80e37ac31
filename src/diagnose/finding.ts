import type { GatewayReport } from '../handshake/gateway.js';
import type { PathReport } from '../handshake/path.js';
import type { RdpFileReport } from '../handshake/rdp-file.js';
import type { ScanReport } from '../handshake/scan.js';
import type { Advice, CounterWeight, SignalWeight } from './catalogue/cause.js';
import type { SignalId } from './catalogue/signals.js';

export type { Advice };

export type Certainty = 'proved' | 'likely' | 'possible';

export interface Evidence {
  readonly says: string;
  /** `id` of the handshake that shows it */
  readonly handshake: number | null;
  readonly atMs: number | null;
  readonly packets: readonly number[];
}

/** Something that can be seen of a connection, and was: named as in the catalogue's vocabulary. */
export interface Signal {
  readonly id: SignalId;
  /** what the name means */
  readonly says: string;
  /** at least one */
  readonly evidence: readonly Evidence[];
}

/** What a signal that was seen says for or against a cause, by the catalogue. */
export interface WeighedSignal {
  readonly signal: SignalId;
  readonly weight: Exclude<SignalWeight, 'ambiguous'> | CounterWeight;
}

/** One documented cause, judged by what was seen in this very case. */
export interface Finding {
  /** id of an entry of the cause catalogue */
  readonly cause: string;
  readonly title: string;
  readonly certainty: Certainty;
  readonly says: string;
  readonly evidence: readonly Evidence[];
  readonly against: readonly string[];
  readonly advice: readonly Advice[];
  readonly nextCheck: string | null;
  readonly mstsc: readonly {
    readonly code: string;
    readonly extended: string | null;
    readonly basis: 'documented' | 'inferred';
  }[];
  readonly sources: readonly { readonly title: string; readonly url: string }[];
  /** signals that speak for or against the cause by the catalogue; only where there are some */
  readonly weights?: readonly WeighedSignal[];
}

/** The machine whose facts moved the findings. */
export interface HostSummary {
  readonly computer: string;
  /** ISO 8601 UTC, by its own clock */
  readonly takenAt: string;
  /** what shows that it is the machine that answered; `unknown`: nothing does */
  readonly match: 'same' | 'unknown';
  /** one sentence: why it is taken for that machine, or that nothing tells */
  readonly says: string;
  /** what could not be read there, a clause each */
  readonly problems: readonly string[];
}

/** What is to be said of one target. */
export interface Diagnosis {
  readonly target: string;
  /** ids of the handshakes with it */
  readonly handshakes: readonly number[];
  /** what the measurement of the path found; null: it did not run */
  readonly path: PathReport | null;
  /** the way through a gateway; only where one was asked for */
  readonly gateway?: GatewayReport;
  /** what the questions of a scan found; null: none were asked */
  readonly scan: ScanReport | null;
  /** one line */
  readonly verdict: string;
  readonly notTested: readonly string[];
  /** best first; empty: nothing wrong was found */
  readonly findings: readonly Finding[];
  /** what was seen, in the order of the vocabulary; absent in reports of earlier versions */
  readonly signals?: readonly Signal[];
  /** only where the target was given as an `.rdp` file */
  readonly rdpFile?: RdpFileReport;
  /** only where facts that were read on the host were given */
  readonly host?: HostSummary;
}
