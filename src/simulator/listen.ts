import { createServer, type Server, type Socket } from 'node:net';
import { ProbeError } from '../probe-error.js';
import { type Played, type PlayOptions, play } from './play.js';
import type { Scenario } from './scenario.js';

export interface SimulatorOptions extends PlayOptions {
  readonly host?: string;
  /** 0: any free one */
  readonly port?: number;
  /** lets a host be given that others can reach */
  readonly allowRemote?: boolean;
  /** told how each connection went */
  readonly onPlayed?: (played: Played) => void;
}

export interface Simulator {
  readonly address: string;
  readonly port: number;
  /** connections accepted so far */
  readonly connections: number;
  /** Breaks off what is under way and frees the port. */
  close(): Promise<void>;
}

/**
 * A server that plays the scenario on every connection.
 *
 * @throws ProbeError BAD_OPTION for a host that is not this machine's own loopback, unless allowed;
 *   CANNOT_LISTEN when the port cannot be had
 */
export async function startSimulator(
  scenario: Scenario,
  options: SimulatorOptions = {},
): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, allowRemote = false, signal, onPlayed } = options;
  signal?.throwIfAborted();
  if (!allowRemote && !isLoopback(host)) {
    throw new ProbeError(
      'BAD_OPTION',
      `the simulator listens on this machine only: ${host} is not a loopback address`,
    );
  }
  const stop = new AbortController();
  const ended = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  let connections = 0;
  const playing = new Set<Promise<void>>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections++;
    socket.on('error', () => {});
    const one = playOn(socket, scenario, { ...options, signal: ended }).then((played) => {
      onPlayed?.(played);
      playing.delete(one);
    });
    playing.add(one);
  });
  await listen(server, host, port);
  const close = async (): Promise<void> => {
    stop.abort();
    ended.removeEventListener('abort', onAbort);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.all(playing);
  };
  const onAbort = (): void => void close();
  ended.addEventListener('abort', onAbort, { once: true });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new TypeError('not a TCP server');
  return {
    address: at.address,
    port: at.port,
    get connections() {
      return connections;
    },
    close,
  };
}

async function playOn(socket: Socket, scenario: Scenario, options: PlayOptions): Promise<Played> {
  // A client in the same process learns of its connection in this turn of the event loop: whatever
  // the scenario does comes after that, as it does over a network.
  await new Promise<void>((resolve) => setImmediate(resolve));
  return play(scenario, { stream: socket, reset: () => reset(socket) }, options);
}

/**
 * RST and nothing else. Node by itself would end the connection first, with a FIN before the RST.
 * While an end is under way libuv refuses to reset, and Node never closes such a socket: the process
 * would not end any more.
 */
function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded && !socket.writableFinished) {
    socket.once('finish', () => reset(socket));
    return;
  }
  Object.assign(socket, { destroySoon: () => socket.destroy() });
  socket.resetAndDestroy();
}

/** 127.0.0.0/8, ::1 and the name that stands for them. */
export function isLoopback(host: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(host) || host === '::1' || host === 'localhost';
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(
        new ProbeError(
          'CANNOT_LISTEN',
          `cannot listen on ${host} port ${port}: ${reasonOf(error)}`,
          {
            cause: error,
          },
        ),
      );
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      server.on('error', () => {});
      resolve();
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program uses it';
    case 'EACCES':
      return 'the system does not allow it';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address';
    default:
      return error.message;
  }
}
