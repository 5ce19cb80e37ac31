import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';

export interface TlsOpenerOptions {
  /** the server behind it, on 127.0.0.1 */
  readonly serverPort: number;
  /** client address whose TLS it opens; of others it passes every byte on */
  readonly opens: string;
  /** PEM, of the certificate that it shows to that client */
  readonly certificate: string;
  readonly key: string;
}

export interface TlsOpener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What stands on the way of one site and looks into its TLS: it lets the X.224 negotiation pass, then
 * ends TLS towards the client with a certificate of its own, and opens another one to the server.
 */
export async function startTlsOpener(options: TlsOpenerOptions): Promise<TlsOpener> {
  const open = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(options.serverPort, '127.0.0.1');
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
    }
    if (client.remoteAddress === options.opens) {
      client.once('data', (request) => {
        client.pause();
        server.write(request);
        server.once('data', (confirm) => between(client, server, confirm, options));
      });
    } else {
      client.pipe(server).pipe(client);
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port was assigned');
  return {
    port: address.port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

function between(
  client: Socket,
  server: Socket,
  confirm: Buffer,
  { certificate, key }: TlsOpenerOptions,
): void {
  const towards = connectTls({ socket: server, rejectUnauthorized: false }, () => {
    const back = new TLSSocket(client, { isServer: true, cert: certificate, key });
    back.on('error', () => client.destroy());
    back.pipe(towards).pipe(back);
  });
  towards.on('error', () => client.destroy());
  client.write(confirm);
}
