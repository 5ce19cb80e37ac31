import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeConnectionRequest } from '../../src/wire/negotiation.js';
import { encodeTsRequest } from '../../src/wire/ts-request.js';

/** What a client that answers the challenge of a server meets. */
export interface LogonAttempt {
  /** each piece of plaintext that came inside TLS, as hex */
  readonly received: readonly string[];
  readonly ended: 'closed' | 'reset' | 'open';
}

/** SSL and HYBRID are offered. */
const CONNECTION_REQUEST = encodeConnectionRequest({ requestedProtocols: 3, flags: 0 });

/** Nothing of these is looked at by a replayed server but that they are TSRequests. */
const NEGOTIATE = encodeTsRequest({ version: 6, negoTokens: [Uint8Array.of(1, 2, 3)] });
const AUTHENTICATE = encodeTsRequest({ version: 6, negoTokens: [Uint8Array.of(4, 5, 6)] });

/**
 * Goes on where our own probe leaves: answers the challenge, with credentials that are none.
 *
 * @param waitMs how long the server may be silent
 */
export async function attemptLogon(port: number, waitMs: number): Promise<LogonAttempt> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  socket.write(CONNECTION_REQUEST);
  await once(socket, 'readable');
  socket.read();
  const tls = connectTls({ socket, rejectUnauthorized: false });
  const received: string[] = [];
  const outcome = new Promise<LogonAttempt['ended']>((resolve) => {
    tls.on('data', (chunk: Buffer) => {
      received.push(chunk.toString('hex'));
      if (received.length === 1) tls.write(AUTHENTICATE);
    });
    tls.on('end', () => resolve('closed'));
    tls.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNRESET' ? 'reset' : 'closed'),
    );
    tls.on('close', () => resolve('closed'));
    tls.setTimeout(waitMs, () => resolve('open'));
  });
  tls.on('secureConnect', () => tls.write(NEGOTIATE));
  const ended = await outcome;
  tls.destroy();
  socket.destroy();
  return { received, ended };
}

async function once(socket: Socket, event: 'connect' | 'readable'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
  });
}
