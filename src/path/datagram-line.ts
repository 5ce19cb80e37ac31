import { createSocket, type Socket } from 'node:dgram';
import type { KernelSockets } from '../probe/kernel-figures.js';

/** A datagram socket that is connected: it takes datagrams from that address alone. */
export interface DatagramLine {
  readonly socket: Socket;
  /** null: packets have the do-not-fragment bit; else why not */
  readonly fragmentable: string | null;
  /** path MTU that the kernel has learned; null: it does not tell */
  pathMtu(): number | null;
}

export type LineOpened =
  | { readonly kind: 'opened'; readonly line: DatagramLine }
  | { readonly kind: 'failed'; readonly code: string };

export interface LineRequest {
  readonly family: 4 | 6;
  /** an IP literal */
  readonly address: string;
  readonly port: number;
}

/** Opens a UDP socket; without the kernel's help, an ordinary one. Never rejects. */
export async function openUdpLine(
  request: LineRequest,
  kernel: KernelSockets,
): Promise<LineOpened> {
  const opened = kernel.available
    ? kernel.openDatagram({ family: request.family, protocol: 'udp' })
    : ({ kind: 'refused', why: kernel.why } as const);
  const socket = createSocket(request.family === 4 ? 'udp4' : 'udp6');
  return opened.kind === 'opened'
    ? connectLine(socket, request, opened.opened.fd, null, () => opened.opened.pathMtu())
    : connectLine(socket, request, null, opened.why, () => null);
}

/** Opens an unprivileged ICMP echo socket, which `dgram` reads and writes like one of UDP. */
export async function openIcmpLine(
  request: Omit<LineRequest, 'port'>,
  kernel: KernelSockets & { available: true },
): Promise<LineOpened | { readonly kind: 'refused'; readonly why: string }> {
  const opened = kernel.openDatagram({ family: request.family, protocol: 'icmp' });
  if (opened.kind === 'refused') return opened;
  const socket = createSocket(request.family === 4 ? 'udp4' : 'udp6');
  // ICMP has no ports; Node insists on one.
  const anyPort = { ...request, port: 1 };
  return connectLine(socket, anyPort, opened.opened.fd, null, () => opened.opened.pathMtu());
}

async function connectLine(
  socket: Socket,
  { address, port }: LineRequest,
  fd: number | null,
  fragmentable: string | null,
  pathMtu: () => number | null,
): Promise<LineOpened> {
  return await new Promise<LineOpened>((resolve) => {
    const fail = (error: Error): void => {
      socket.on('error', () => {});
      closeSocket(socket);
      resolve({ kind: 'failed', code: codeOf(error) });
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve({ kind: 'opened', line: { socket, fragmentable, pathMtu } });
    });
    // Without a callback, a failure is an 'error' event.
    const connect = (): void => socket.connect(port, address);
    if (fd === null) connect();
    else socket.bind({ fd }, connect);
  });
}

/** Closing twice is an error in Node. */
export function closeSocket(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // closed before
  }
}

/** The system's name of an error, e.g. `ECONNREFUSED`. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
