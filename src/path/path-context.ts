import type { HandshakeTrace } from '../handshake/trace.js';
import type { Clock } from '../probe/clock.js';
import type { KernelSockets } from '../probe/kernel-figures.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import type { SocketSample } from './sampler.js';

/** What every part of a measurement is given. */
export interface PathContext {
  /** as asked for; TLS wants its name */
  readonly target: Target;
  /** the address that is measured: an IP literal */
  readonly address: string;
  readonly family: 4 | 6;
  readonly settings: ProbeSettings;
  readonly kernel: KernelSockets;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** gives that many random bytes */
  random(count: number): Uint8Array;
  /** takes what the kernel said, for those who keep it */
  onSeries(evidence: SeriesEvidence): void;
}

/** What the kernel said during one trial: all that its verdict rests on. */
export type SeriesEvidence =
  | {
      readonly kind: 'pair';
      /** bytes of the large packet */
      readonly size: number;
      /** bytes of payload, the small packets included */
      readonly written: number;
      readonly patience: number;
      readonly series: readonly SocketSample[];
    }
  | {
      readonly kind: 'flight';
      readonly clampedMss: number | null;
      readonly trace: HandshakeTrace;
      readonly series: readonly SocketSample[];
    };
