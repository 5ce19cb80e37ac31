import type { Socket } from 'node:net';
import type { KernelFact } from '../handshake/trace.js';

/** The kernel's figures of one TCP socket; what the platform does not tell is null. */
export type KernelFigures = Omit<KernelFact, 'kind' | 'at' | 'moment'>;

/** Reads the kernel's figures of sockets, or says why it cannot. */
export type KernelSockets =
  | {
      readonly available: true;
      /** null once the socket is closed */
      read(socket: Socket): KernelFigures | null;
    }
  | { readonly available: false; readonly why: string };

/**
 * The file descriptor of a connected socket. Node has no public name for it.
 *
 * @returns null once the socket is closed, and on Windows, where there is none
 */
export function descriptorOf(socket: Socket): number | null {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return null;
  const fd: unknown = Reflect.get(handle, 'fd');
  return typeof fd === 'number' && fd >= 0 ? fd : null;
}
