import type { Daemon } from './daemon.js';
import type { NetNamespace } from './net-namespace.js';
import { freePort, untilListening } from './ports.js';

/** Where a server listens, and where its clients must stand to reach it. */
export interface Place {
  readonly address: string;
  readonly namespace: NetNamespace | null;
}

export const LOOPBACK: Place = { address: '127.0.0.1', namespace: null };

/** In a namespace of its own a server can have the port that RDP is known by. */
const RDP_PORT = 3389;

export interface RunningServer {
  readonly place: Place;
  readonly port: number;
  output(): string;
  stop(): Promise<void>;
}

export async function choosePort(place: Place): Promise<number> {
  return place.namespace === null ? freePort() : RDP_PORT;
}

export async function whenReady(
  daemon: Daemon,
  place: Place,
  port: number,
): Promise<RunningServer> {
  await untilListening(daemon, port);
  return { place, port, output: () => daemon.output(), stop: () => daemon.stop() };
}
