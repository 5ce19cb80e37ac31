import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import type { ProbeRecorder } from '../probe/probe-target.js';
import { type ProbeSettings, renderTarget, type Target } from '../probe/settings.js';
import type { CliIo } from './io.js';
import { startSpinner } from './spinner.js';

export interface CheckOrder {
  readonly settings: ProbeSettings;
  readonly allAddresses: boolean;
  /** no spinner */
  readonly silent: boolean;
  /** `id` of the first handshake that this check adds to the report */
  readonly firstId: number;
  /** absent: nothing is kept */
  readonly recorder?: ProbeRecorder;
}

export interface CheckedTarget {
  readonly handshakes: readonly Handshake[];
  readonly diagnosis: Diagnosis;
}

/** Probes one target and says what it comes to. */
export async function checkTarget(
  target: Target,
  order: CheckOrder,
  io: CliIo,
): Promise<CheckedTarget> {
  const { settings, allAddresses, firstId, recorder } = order;
  const name = renderTarget(target);
  const spinner = order.silent ? null : startSpinner(io, name);
  try {
    const traces = await io.probe(target, settings, {
      allAddresses,
      signal: io.signal,
      onStage: (stage) => spinner?.stage(stage),
      ...(recorder === undefined ? {} : { recorder }),
    });
    // Loaded only now: reading modules while a server answers would spoil the times.
    const [{ toHandshake }, { diagnose }] = await Promise.all([
      import('../handshake/summary.js'),
      import('../diagnose/diagnose.js'),
    ]);
    const handshakes = traces.map((trace, index) =>
      toHandshake(trace, { id: firstId + index, purpose: 'verdict', reason: null }),
    );
    return { handshakes, diagnosis: diagnose(name, handshakes, io.now()) };
  } finally {
    spinner?.stop();
  }
}
