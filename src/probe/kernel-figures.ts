import type { Socket } from 'node:net';
import type { KernelFact } from '../handshake/trace.js';
import type { RouterError } from './router-error.js';
import { peerMss, type TcpInfo, wireMss } from './tcp-info.js';

/** The kernel's figures of one TCP socket; what the platform does not tell is null. */
export type KernelFigures = Omit<KernelFact, 'kind' | 'at' | 'moment'>;

/** What can be had of a kernel beyond the figures of an ordinary socket. */
export type KernelAbility =
  /** sockets whose SYN advertises an MSS of our choice */
  | 'clamp-mss'
  /** figures after the connection is over */
  | 'figures-after-end'
  | 'interface-mtu'
  /** UDP with the do-not-fragment bit, above the path MTU that the kernel has learned */
  | 'udp-dont-fragment'
  /** ICMP echo without privileges */
  | 'icmp-socket';

export interface StreamRequest {
  readonly family: 4 | 6;
  /** MSS that the SYN advertises; null: the kernel's own */
  readonly mss: number | null;
}

/** A TCP socket that is not connected yet. Connect it to an IP literal, or its options are lost. */
export interface OpenedStream {
  readonly socket: Socket;
  /** null: the kernel would not tell. Works after the end of the connection too, until `release` */
  info(): TcpInfo | null;
  /** Lets go of what `info` needs. Idempotent; must be called, or the connection is never closed. */
  release(): void;
}

export interface DatagramRequest {
  readonly family: 4 | 6;
  readonly protocol: 'udp' | 'icmp';
}

/**
 * A datagram socket for `dgram`: `createSocket(...).bind({ fd })` takes it over and closes it.
 * `listening` comes within that call. macOS puts the IPv4 header before an ICMP message that came.
 */
export interface OpenedDatagram {
  readonly fd: number;
  /** path MTU that the kernel has learned towards the connected address; null: it does not tell */
  pathMtu(): number | null;
  /** Takes the socket over in place of `dgram`, and closes it where that is refused. Never throws. */
  direct(to: { readonly address: string; readonly port: number }): Opened<DirectDatagram>;
}

/** A connected datagram socket that Node knows nothing of, so that its errors can be read here. */
export interface DirectDatagram {
  /** @returns null: it was sent; else why not */
  send(payload: Uint8Array): string | null;
  /** what a router said about a packet of this socket; null: nothing is waiting */
  routerError(): RouterError | null;
  /** Idempotent. */
  close(): void;
}

export type Opened<T> =
  | { readonly kind: 'opened'; readonly opened: T }
  | { readonly kind: 'refused'; readonly why: string };

/** Reads the kernel's figures of sockets, or says why it cannot. */
export type KernelSockets =
  | {
      readonly available: true;
      /** null: it can; else why it cannot. Found out at run time, never by the platform's name alone */
      readonly abilities: Readonly<Record<KernelAbility, string | null>>;
      /** null once the socket is closed */
      read(socket: Socket): KernelFigures | null;
      /** `read` knows only sockets of `openStream`: those that Node makes are out of reach here */
      readonly ownStreamsOnly?: true;
      /**
       * A reading takes milliseconds and holds up everything, so it spoils the times of whatever
       * goes on; ask only where nothing does.
       */
      readonly slow?: true;
      /** Opens a socket whose figures can be read to its end. Never throws. */
      openStream(request: StreamRequest): Opened<OpenedStream>;
      /** Opens a datagram socket that never fragments and is told of ICMP errors. Never throws. */
      openDatagram(request: DatagramRequest): Opened<OpenedDatagram>;
      /** MTU of the interface that has this address; null: not to be found out */
      interfaceMtu(localAddress: string): number | null;
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

/** TCP_MSS_DEFAULT of net/tcp.h: what Linux takes for the peer's segment size at first. */
const RECEIVED_MSS_GUESS = 536;

/**
 * What a handshake's report needs of the kernel's figures. Segment sizes become those of the wire:
 * the kernel leaves the timestamps option out of its own, so that is added back.
 */
export function kernelFiguresOf(info: TcpInfo): KernelFigures {
  const { receiveMss } = info;
  return {
    rttUs: info.rttUs,
    minRttUs: info.minRttUs,
    retransmissions: info.retransmissions,
    spuriousRetransmissions: info.spuriousRetransmissions,
    // Starts as a guess and only grows, with the payload of what really came.
    largestReceived: receiveMss !== null && receiveMss > RECEIVED_MSS_GUESS ? receiveMss : null,
    clientMss: wireMss(info.advertisedMss, info),
    serverMss: peerMss(info),
    pathMtu: info.pathMtu,
    receivedOutOfOrder: info.receivedOutOfOrder,
    unacknowledged: info.unacknowledged,
    backoff: info.backoff,
    timestamps: info.timestamps,
  };
}
