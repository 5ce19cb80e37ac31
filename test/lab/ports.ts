import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Daemon } from './daemon.js';

/** A TCP port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was assigned');
  return address.port;
}

/**
 * Waits until somebody listens on `port` in the network namespace of `daemon`.
 * The kernel's socket table is read and no connection is made: a server that counts, logs or
 * mistreats its first client must not be touched before the test does.
 */
export async function untilListening(daemon: Daemon, port: number): Promise<void> {
  await daemon.waitUntil(`TCP port ${port} listens`, () => listens(daemon.pid, port));
}

/** /proc/PID/net/tcp, proc(5): local address as HEX:PORT in column 2, state in column 4, 0A is LISTEN. */
function listens(pid: number, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['tcp', 'tcp6']) {
    for (const row of socketTable(pid, table)) {
      const [, local, , state] = row.trim().split(/\s+/);
      if (state === '0A' && local?.endsWith(suffix)) return true;
    }
  }
  return false;
}

function socketTable(pid: number, table: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n');
  } catch {
    // The process has just ended (waitUntil will say so), or this kernel has no IPv6.
    return [];
  }
}
