import type { WireRecording } from '../../src/handshake/recording.js';
import type { HandshakeTrace } from '../../src/handshake/trace.js';
import { systemClock } from '../../src/probe/clock.js';
import { openKernelSockets } from '../../src/probe/kernel-socket.js';
import { probeTarget } from '../../src/probe/probe-target.js';
import { DEFAULT_SETTINGS, type ProbeSettings, type Target } from '../../src/probe/settings.js';
import { startSimulator } from '../../src/simulator/listen.js';
import type { Scenario } from '../../src/simulator/scenario.js';

/** One address that was tried, with what passed on the wire. */
export interface RecordedRun {
  readonly trace: HandshakeTrace;
  readonly recording: WireRecording;
}

/** Probes a target as the program does, and keeps what passed. */
export async function recordTarget(
  target: Target,
  settings: ProbeSettings = DEFAULT_SETTINGS,
): Promise<readonly RecordedRun[]> {
  const runs: RecordedRun[] = [];
  const io = {
    clock: systemClock(),
    kernel: await openKernelSockets(process.platform),
    signal: new AbortController().signal,
    recorder: {
      ready: async () => {},
      recorded: (trace: HandshakeTrace, recording: WireRecording) => {
        runs.push({ trace, recording });
      },
    },
  };
  await probeTarget(target, settings, io, { allAddresses: false });
  return runs;
}

/** Probes a simulated server over the loopback interface. */
export async function recordScenario(
  scenario: Scenario,
  settings: ProbeSettings = DEFAULT_SETTINGS,
  host = '127.0.0.1',
): Promise<RecordedRun> {
  const simulator = await startSimulator(scenario, { host });
  try {
    const [run] = await recordTarget({ host: simulator.address, port: simulator.port }, settings);
    if (run === undefined) throw new Error('nothing was recorded');
    return run;
  } finally {
    await simulator.close();
  }
}
