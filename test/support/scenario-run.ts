import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Handshake } from '../../src/handshake/handshake.js';
import type { WireEvent, WireRecording } from '../../src/handshake/recording.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type { Fact, HandshakeTrace } from '../../src/handshake/trace.js';
import { systemClock } from '../../src/probe/clock.js';
import type { Logon } from '../../src/probe/logon.js';
import { probeConnection } from '../../src/probe/probe-connection.js';
import type { ProbeSettings } from '../../src/probe/settings.js';
import { startSimulator } from '../../src/simulator/listen.js';
import { type Cut, memoryLink } from '../../src/simulator/memory-link.js';
import { type Played, play } from '../../src/simulator/play.js';
import type { Scenario } from '../../src/simulator/scenario.js';

/** The name that the probe asks for: that of the computer that the simulator plays. */
export const SERVER_NAME = 'srv01.corp.example';

/** The probe waits this long for a server that does not end its side. */
const LEAVE_LIMIT_MS = 5000;

/** Where a connection that has no addresses would be. */
const CLIENT = { address: '192.0.2.1', port: 50_000 };
const SERVER = { address: '192.0.2.2', port: 3389, name: SERVER_NAME };

/** What came of one run. */
export interface Run {
  readonly trace: HandshakeTrace;
  readonly recording: WireRecording;
  readonly handshake: Handshake;
  readonly facts: readonly Fact[];
  readonly played: Played;
}

/** Probes a scenario in memory, with the bytes of both directions cut in this way. */
export async function runInMemory(
  scenario: Scenario,
  settings: ProbeSettings,
  cut: Cut,
  logon?: Logon,
): Promise<Run> {
  const { client, server } = memoryLink({ toServer: cut, toClient: cut });
  const played = play(scenario, { stream: server, reset: () => server.reset() });
  return { ...(await probe(client, settings, logon)), played: await played };
}

/** Probes a scenario over a TCP connection of the loopback interface. */
export async function runOverLoopback(
  scenario: Scenario,
  settings: ProbeSettings,
  logon?: Logon,
): Promise<Run> {
  let onPlayed: (played: Played) => void = () => {};
  const played = new Promise<Played>((resolve) => {
    onPlayed = resolve;
  });
  const simulator = await startSimulator(scenario, { onPlayed: (result) => onPlayed(result) });
  try {
    const socket = connect({
      host: simulator.address,
      port: simulator.port,
      noDelay: true,
      allowHalfOpen: true,
    });
    await new Promise<void>((connected, failed) => {
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        connected();
      });
    });
    return { ...(await probe(socket, settings, logon)), played: await played };
  } finally {
    await simulator.close();
  }
}

async function probe(
  connection: Duplex,
  settings: ProbeSettings,
  logon?: Logon,
): Promise<Omit<Run, 'played'>> {
  const clock = systemClock();
  const facts: Fact[] = [{ kind: 'tcp-connect', at: 0 }];
  const wire: WireEvent[] = [];
  const keyLog: string[] = [];
  await probeConnection(connection, settings, {
    serverName: SERVER_NAME,
    clock,
    emit: (fact) => facts.push(fact),
    record: (event) => wire.push(event),
    keyLog: (line) => keyLog.push(line),
    leaveLimitMs: LEAVE_LIMIT_MS,
    ...(logon === undefined ? {} : { logon }),
  });
  const trace: HandshakeTrace = {
    source: { kind: 'live', profile: 'test' },
    client: CLIENT,
    server: SERVER,
    startedAt: clock.startedAt,
    facts,
    notMeasured: {},
  };
  const recording = { client: CLIENT, wire, keyLog };
  const handshake = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
  return { trace, recording, handshake, facts };
}
