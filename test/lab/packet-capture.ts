import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from './daemon.js';
import type { Programs } from './requirements.js';
import type { Place } from './server.js';
import type { Workspace } from './workspace.js';

export const CAPTURE_PROGRAMS: Programs = { tcpdump: 'tcpdump', tshark: 'tshark' };

/** The kernel hands packets over at once (`--immediate-mode`); this is for tcpdump to write them. */
const DRAIN_MS = 100;

export interface PacketCapture {
  readonly file: string;
  /** Ends the capture; from then on the file is whole. */
  stop(): Promise<void>;
}

/** Records TCP `port` where the clients of `place` are, on loopback unless told otherwise. */
export async function startCapture(
  workspace: Workspace,
  name: string,
  place: Place,
  port: number,
  networkInterface = 'lo',
): Promise<PacketCapture> {
  const file = workspace.path(`${name}.pcap`);
  const tcpdump = Daemon.start(workspace, {
    name: `${name}-tcpdump`,
    command: [
      'tcpdump',
      ...['-i', networkInterface, '-Z', 'root', '--immediate-mode', '-U', '-s', '0', '-n'],
      ...['--time-stamp-precision=nano', '-w', file, `tcp port ${port}`],
    ],
    namespace: place.namespace,
    stopSignal: 'SIGINT',
  });
  await tcpdump.waitUntil('the capture runs', () => tcpdump.output().includes('listening on'));
  return {
    file,
    stop: async () => {
      await sleep(DRAIN_MS);
      await tcpdump.stop();
    },
  };
}
