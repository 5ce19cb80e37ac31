import type { Clock } from '../probe/clock.js';
import type { KernelSockets } from '../probe/kernel-figures.js';
import type { ProbeSettings, Target } from '../probe/settings.js';

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
}
