import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** X.224 connection request for PROTOCOL_SSL and PROTOCOL_HYBRID, [MS-RDPBCGR] 2.2.1.1. */
const REQUEST = Buffer.from('030000130ee000000000000100080003000000', 'hex');
const CONFIRM_BYTES = 19;

export interface Relay {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A port on which TLS begins at once: the negotiation that an RDP server wants before it is done here,
 * for clients that know nothing of RDP.
 */
export async function startX224Relay(address: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: address, port, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
      socket.on('close', () => sockets.delete(socket));
    }
    upstream.write(REQUEST);
    let confirm = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      confirm = Buffer.concat([confirm, chunk]);
      if (confirm.length < CONFIRM_BYTES) return;
      upstream.off('data', onData);
      client.write(confirm.subarray(CONFIRM_BYTES));
      client.pipe(upstream);
      upstream.pipe(client);
    };
    upstream.on('data', onData);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  return {
    port: typeof at === 'object' && at !== null ? at.port : 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
