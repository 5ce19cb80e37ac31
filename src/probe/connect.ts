import { Socket } from 'node:net';
import type { TcpFailedFact } from '../handshake/trace.js';

export type Connected =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | {
      readonly kind: 'failed';
      readonly how: TcpFailedFact['how'];
      readonly by: TcpFailedFact['by'];
      readonly code: string | null;
    }
  | { readonly kind: 'aborted' };

export interface ConnectRequest {
  /** an IP literal: names are resolved before, so that each address is judged by itself */
  readonly address: string;
  readonly port: number;
  readonly sourceAddress: string | null;
  readonly limitMs: number;
  /**
   * a stream's that the kernel opened for us, not connected yet, of the address's family; destroyed
   * with a failure. Absent: one is made
   */
  readonly socket?: Socket;
  /** takes our own end as soon as the attempt is under way: a failed socket does not tell it */
  readonly onAttempt?: (local: { readonly address: string; readonly port: number }) => void;
}

/** Makes one TCP connection. Rejects for nothing that the network or the system does. */
export async function connect(request: ConnectRequest, signal: AbortSignal): Promise<Connected> {
  return await new Promise<Connected>((resolve) => {
    // We half-close and read to the server's own end.
    const socket = request.socket ?? new Socket({ allowHalfOpen: true });
    try {
      socket.setNoDelay(true);
      socket.connect({
        host: request.address,
        port: request.port,
        // Node tries other addresses on a new socket, without the options of ours.
        autoSelectFamily: false,
        ...(request.sourceAddress === null ? {} : { localAddress: request.sourceAddress }),
      });
    } catch (error) {
      socket.destroy();
      resolve(failureOf(error));
      return;
    }
    const settle = (result: Connected): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect);
      socket.off('error', onError);
      if (result.kind !== 'connected') {
        socket.on('error', () => {});
        socket.destroy();
      }
      resolve(result);
    };
    const onConnect = (): void => settle({ kind: 'connected', socket });
    const onError = (error: Error): void => settle(failureOf(error));
    const onAbort = (): void => settle({ kind: 'aborted' });
    const timer = setTimeout(
      () => settle({ kind: 'failed', how: 'timeout', by: null, code: null }),
      request.limitMs,
    );
    socket.on('connect', onConnect);
    socket.on('error', onError);
    const { onAttempt } = request;
    // The event comes just before the system call, in the same turn.
    if (onAttempt !== undefined) {
      socket.once('connectionAttempt', () => queueMicrotask(() => tellLocalEnd(socket, onAttempt)));
    }
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

function tellLocalEnd(socket: Socket, tell: NonNullable<ConnectRequest['onAttempt']>): void {
  const { localAddress, localPort } = socket;
  if (localAddress !== undefined && localPort !== undefined && localPort > 0) {
    tell({ address: localAddress, port: localPort });
  }
}

/** What an error of connect(2) says, and who said it as far as that can be known. */
function failureOf(error: unknown): Connected & { kind: 'failed' } {
  const found: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const code = typeof found === 'string' ? found : 'UNKNOWN';
  switch (code) {
    case 'ECONNREFUSED':
      // A reset, or an ICMP port unreachable that the kernel reports alike.
      return { kind: 'failed', how: 'refused', by: 'server', code };
    case 'ECONNRESET':
      return { kind: 'failed', how: 'refused', by: 'server', code };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return { kind: 'failed', how: 'unreachable', by: 'network', code };
    case 'EACCES':
    case 'EPERM':
      // Linux reports an ICMP "administratively prohibited", and a local firewall, in this way.
      return { kind: 'failed', how: 'unreachable', by: 'network', code };
    case 'ETIMEDOUT':
      return { kind: 'failed', how: 'timeout', by: null, code };
    default:
      return { kind: 'failed', how: 'local', by: 'client', code };
  }
}
