import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { serverCertificate } from './certificate.js';
import type { Line } from './line.js';
import type { StartTlsStep } from './scenario.js';

/**
 * OpenSSL's name for every suite it has, weak ones and old versions included: what a server of the
 * past offers. Security level 0 also lets SHA-1 signatures and short keys through.
 */
const ALL_CIPHERS = 'ALL:@SECLEVEL=0';

/**
 * Becomes the server of a TLS connection.
 *
 * @param nowMs milliseconds since 1970 UTC: certificates are made for this day
 * @param left aborted when the client has ended its direction, or is gone
 * @returns the stream inside TLS, or null when the handshake did not complete
 */
export async function startTls(
  line: Line,
  step: StartTlsStep,
  nowMs: number,
  left: AbortSignal,
): Promise<TLSSocket | null> {
  const { key, chain } = await serverCertificate(step.certificate, nowMs);
  if (left.aborted) return null;
  const secureContext = createSecureContext({
    key,
    cert: chain,
    minVersion: step.minVersion,
    maxVersion: step.maxVersion,
    ciphers: step.ciphers ?? ALL_CIPHERS,
    // Windows sends no session tickets for RDP. In TLS 1.3 OpenSSL sends two all the same, but then
    // their length is always the same.
    secureOptions:
      constants.SSL_OP_NO_TICKET |
      (step.ciphers === null ? 0 : constants.SSL_OP_CIPHER_SERVER_PREFERENCE),
    ...(step.groups === null ? {} : { ecdhCurve: step.groups }),
  });
  // Any Duplex will do, although the types ask for a Socket.
  const socket = new TLSSocket(line as Duplex as Socket, { isServer: true, secureContext });
  // What goes wrong later is seen as the end of this stream.
  socket.on('error', () => {});
  return new Promise((resolve) => {
    const finish = (result: TLSSocket | null): void => {
      left.removeEventListener('abort', failSoon);
      socket.off('secure', succeed);
      socket.off('error', fail);
      socket.off('close', fail);
      resolve(result);
    };
    // The library calls the handshake done before its own last message is out.
    const succeed = (): void => void line.flushed().then(() => finish(socket));
    const fail = (): void => finish(null);
    // What the client sent before it left may still complete the handshake.
    const failSoon = (): void => void setImmediate(fail);
    left.addEventListener('abort', failSoon);
    socket.on('secure', succeed);
    socket.on('error', fail);
    socket.on('close', fail);
  });
}

/** Negotiates an established connection anew (before TLS 1.3), as the server, with this certificate. */
export async function changeCertificate(
  socket: TLSSocket,
  { key, cert }: { readonly key: string; readonly cert: string },
): Promise<void> {
  // The types of Node 20 do not know it yet.
  Reflect.apply(Reflect.get(socket, 'setKeyCert'), socket, [createSecureContext({ key, cert })]);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.renegotiate({}, () => resolve());
  });
}
