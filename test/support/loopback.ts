import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Test } from 'tap';
import { connect } from '../../src/probe/connect.js';
import type { OpenedStream } from '../../src/probe/kernel-figures.js';

/** A server that accepts and does nothing; closed with the test. */
export interface LoopbackServer {
  readonly port: number;
  /** the accepted side of the next connection */
  accepted(): Promise<Socket>;
}

export async function loopbackServer(t: Test, address: string): Promise<LoopbackServer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  server.listen(0, address);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const found = server.address();
  const port = typeof found === 'object' && found !== null ? found.port : 0;
  let taken = 0;
  return {
    port,
    async accepted() {
      while (sockets.length <= taken) await once(server, 'connection');
      const socket = sockets[taken++];
      if (socket === undefined) throw new Error('no connection');
      return socket;
    },
  };
}

/** Connects a stream and fails the test where it does not. */
export async function connectStream(
  stream: OpenedStream,
  address: string,
  port: number,
): Promise<void> {
  const connected = await connect(
    { address, port, sourceAddress: null, limitMs: 2000, socket: stream.socket },
    new AbortController().signal,
  );
  if (connected.kind !== 'connected') throw new Error(`not connected: ${connected.kind}`);
}

/** Whether this machine has `::1`; a container may not. */
export function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  );
}
