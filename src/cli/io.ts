import type { Credentials } from '../handshake/credentials.js';
import type { GatewayTrace } from '../handshake/gateway.js';
import type { HandshakeTrace, StageName } from '../handshake/trace.js';
import type { MeasuredPath } from '../path/measure-path.js';
import type { PathOptions } from '../path/path-options.js';
import type { Logon } from '../probe/logon.js';
import type { ProbeRecorder } from '../probe/probe-target.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import type { ScanOptions } from '../scan/scan-options.js';
import type { ScannedTarget } from '../scan/scan-run.js';

/** Where text goes; a terminal or not. */
export interface Output {
  readonly isTTY: boolean;
  /** null: not known */
  readonly columns: number | null;
  write(text: string): void;
  /** Resolves when what was written is out of this process, or nobody reads it any more. */
  flush(): Promise<void>;
}

/** Where passwords come from. What it gives goes nowhere but into a hash. */
export interface SecretInput {
  /** standard input is a terminal */
  readonly canAsk: boolean;
  /** Asks there, without an echo; null: it was interrupted, or the input ended. */
  ask(prompt: string, signal: AbortSignal): Promise<string | null>;
  /** The first line of standard input; null: it was interrupted. */
  line(signal: AbortSignal): Promise<string | null>;
}

/** Everything of the world that a command touches; tests bring their own. */
export interface CliIo {
  /** the report */
  readonly stdout: Output;
  /** all else */
  readonly stderr: Output;
  readonly secrets: SecretInput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `process.platform` */
  readonly platform: string;
  /** worker threads that may run side by side; 1: none */
  readonly threads: number;
  /** aborted by Ctrl-C */
  readonly signal: AbortSignal;
  /** milliseconds since 1970 UTC */
  now(): number;
  readonly probe: Probe;
  readonly measurePath: PathMeasurer;
  readonly scan: Scanner;
}

export interface ProbeRequest {
  readonly allAddresses: boolean;
  readonly signal: AbortSignal;
  readonly onStage: (stage: StageName) => void;
  /** how long to wait before it, milliseconds; absent: not at all */
  readonly afterMs?: number;
  /** absent: nothing is kept */
  readonly recorder?: ProbeRecorder;
  /** absent: nobody logs on */
  readonly logon?: Logon;
  /** absent: the target is connected to without one */
  readonly gateway?: GatewayOrder & { found(trace: GatewayTrace): void };
}

/** A Remote Desktop Gateway that the target is behind. */
export interface GatewayOrder {
  readonly at: Target;
  /** with what to log on to it; null: it is asked as far as it answers to nobody */
  readonly credentials: Credentials | null;
}

/** Probes one target; a trace for each address that was tried. */
export type Probe = (
  target: Target,
  settings: ProbeSettings,
  request: ProbeRequest,
) => Promise<readonly HandshakeTrace[]>;

export interface PathRequest {
  readonly options: PathOptions;
  /** for programs that are run */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  onProgress(progress: {
    readonly says: string;
    readonly made: number;
    readonly most: number;
  }): void;
  /** absent: nothing is kept */
  readonly recorder?: ProbeRecorder;
}

/** Measures the path to one target. */
export type PathMeasurer = (
  target: Target,
  settings: ProbeSettings,
  request: PathRequest,
) => Promise<MeasuredPath>;

export interface ScanRequest {
  readonly options: ScanOptions;
  readonly signal: AbortSignal;
  onQuestion(told: { readonly says: string; readonly made: number; readonly most: number }): void;
  /** absent: nothing is kept */
  readonly recorder?: ProbeRecorder;
}

/** Asks one target what its answers leave open. */
export type Scanner = (
  target: Target,
  settings: ProbeSettings,
  request: ScanRequest,
) => Promise<ScannedTarget>;
