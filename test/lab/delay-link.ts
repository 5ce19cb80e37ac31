import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Daemon } from './daemon.js';
import { NetNamespace } from './net-namespace.js';
import type { Place } from './server.js';
import type { Workspace } from './workspace.js';

const FORWARDER = fileURLToPath(new URL('./delay-forwarder.mjs', import.meta.url));

/** TEST-NET-1, RFC 5737: the link is all there is in either namespace. */
const CLIENT_ADDRESS = '192.0.2.1';
const SERVER_ADDRESS = '192.0.2.2';

export interface DelayLink {
  readonly client: Place & { readonly namespace: NetNamespace };
  readonly server: Place & { readonly namespace: NetNamespace };
  stop(): Promise<void>;
}

/** Why a delay link cannot be made here, beyond missing programs; or null if it can. */
export function missingForDelayLink(): string | null {
  if (!existsSync('/dev/net/tun')) return 'needs /dev/net/tun';
  try {
    createRequire(import.meta.url).resolve('koffi');
    return null;
  } catch {
    return 'needs the optional npm package koffi';
  }
}

/**
 * Two namespaces with a path of `rttMs` between them, half of it each way, and nothing lost.
 * Many kernels have no netem; this one is made of two TUN devices and a process that passes
 * packets on when they are due. That process runs by itself, so a busy test does not delay it.
 */
export async function startDelayLink(workspace: Workspace, rttMs: number): Promise<DelayLink> {
  const client = NetNamespace.create(workspace, 'client');
  const server = NetNamespace.create(workspace, 'server');
  const forwarder = Daemon.start(workspace, {
    name: `delay-${client.name}`,
    command: [
      process.execPath,
      FORWARDER,
      ...[`${rttMs / 2}`, client.name, CLIENT_ADDRESS, server.name, SERVER_ADDRESS],
    ],
  });
  await forwarder.waitUntil('the link is up', () => forwarder.output().includes('ready'));
  warmUp(client, SERVER_ADDRESS);
  return {
    client: { address: CLIENT_ADDRESS, namespace: client },
    server: { address: SERVER_ADDRESS, namespace: server },
    stop: () => forwarder.stop(),
  };
}

/**
 * Has a few packets go there and back (a SYN, and the RST of a port that is closed): what the
 * forwarder does for the first time takes it some milliseconds, and no test shall measure those.
 */
function warmUp(client: NetNamespace, address: string): void {
  const once = `: 2>/dev/null </dev/tcp/${address}/9`;
  client.run('bash', '-c', `for round in 1 2 3 4 5; do (${once}) 2>/dev/null; done; true`);
}
