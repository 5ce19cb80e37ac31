import type { Socket } from 'node:net';
import type { ForeignFunctions } from './foreign-functions.js';
import {
  type DatagramRequest,
  descriptorOf,
  type KernelAbility,
  type KernelFigures,
  type KernelSockets,
  kernelFiguresOf,
  type Opened,
  type OpenedDatagram,
  type OpenedStream,
  type StreamRequest,
} from './kernel-figures.js';
import { anyInterface, interfaceWith } from './local-interfaces.js';
import {
  describeErrno,
  openPosixCalls,
  type PosixCalls,
  type PosixNumbers,
} from './posix-calls.js';
import { type DatagramSystem, openPosixDatagram } from './posix-datagram.js';
import { clamp, IPPROTO_TCP, openPosixStream } from './posix-stream.js';
import type { TcpInfo } from './tcp-info.js';

/** What tells one system with BSD sockets from another. */
export interface PosixSystem extends DatagramSystem {
  readonly numbers: PosixNumbers;
  readonly tcpInfo: {
    /** of getsockopt, at the level of TCP */
    readonly option: number;
    /** more than any version of the system returns */
    readonly maxBytes: number;
    decode(bytes: Uint8Array): TcpInfo;
  };
}

/** An MSS that suits any path: what IPv4 asks of every host, less the headers, RFC 9293 3.7.1. */
const HARMLESS_MSS = 536;

/** Opens the calls of the C library in this process. */
export function openPosixSockets(functions: ForeignFunctions, system: PosixSystem): KernelSockets {
  if (!functions.available) return functions;
  let calls: PosixCalls;
  try {
    calls = openPosixCalls(functions, system.numbers);
  } catch (error) {
    const says = error instanceof Error ? error.message : '';
    return { available: false, why: `the C library cannot be called (${says})` };
  }
  return new PosixSockets(calls, functions, system);
}

class PosixSockets {
  readonly available = true;
  readonly #calls: PosixCalls;
  readonly #functions: ForeignFunctions & { available: true };
  readonly #system: PosixSystem;
  readonly #buffer: Uint8Array;
  #abilities: Readonly<Record<KernelAbility, string | null>> | null = null;

  constructor(
    calls: PosixCalls,
    functions: ForeignFunctions & { available: true },
    system: PosixSystem,
  ) {
    this.#calls = calls;
    this.#functions = functions;
    this.#system = system;
    this.#buffer = new Uint8Array(system.tcpInfo.maxBytes);
  }

  get abilities(): Readonly<Record<KernelAbility, string | null>> {
    this.#abilities ??= {
      'clamp-mss': this.#tryStream((fd) => clamp(this.#calls, fd, HARMLESS_MSS)),
      'figures-after-end': this.#tryStream((fd) => this.#tryUnconnected(fd)),
      'interface-mtu': this.#tryInterface(),
      'udp-dont-fragment': this.#tryDatagram('udp'),
      'icmp-socket': this.#tryDatagram('icmp'),
    };
    return this.#abilities;
  }

  read(socket: Socket): KernelFigures | null {
    const fd = descriptorOf(socket);
    const info = fd === null ? null : this.#infoOf(fd);
    return info === null ? null : kernelFiguresOf(info);
  }

  openStream(request: StreamRequest): Opened<OpenedStream> {
    // A system that clamps small values only may not mean the SYN by it.
    const why = request.mss === null ? null : this.abilities['clamp-mss'];
    if (why !== null) return { kind: 'refused', why };
    return openPosixStream(this.#calls, request, (fd) => this.#infoOf(fd));
  }

  openDatagram(request: DatagramRequest): Opened<OpenedDatagram> {
    return openPosixDatagram(this.#calls, this.#functions, this.#system, request);
  }

  interfaceMtu(localAddress: string): number | null {
    const name = interfaceWith(localAddress);
    const mtu = name === null ? -1 : this.#mtuOf(name);
    return mtu > 0 ? mtu : null;
  }

  #infoOf(fd: number): TcpInfo | null {
    const { option, decode } = this.#system.tcpInfo;
    const length = this.#calls.getStructure(fd, IPPROTO_TCP, option, this.#buffer);
    return length < 0 ? null : decode(this.#buffer.subarray(0, length));
  }

  /** A socket of any family: a machine may have only one. */
  #anySocket(type: number, protocol: number): number {
    const { AF_INET, AF_INET6 } = this.#system.numbers;
    const fd = this.#calls.socket(AF_INET, type, protocol);
    return fd >= 0 ? fd : this.#calls.socket(AF_INET6, type, protocol);
  }

  #mtuOf(name: string): number {
    const fd = this.#anySocket(this.#system.numbers.SOCK_DGRAM, 0);
    if (fd < 0) return fd;
    const mtu = this.#calls.interfaceMtu(fd, name);
    this.#calls.close(fd);
    return mtu;
  }

  #tryStream(attempt: (fd: number) => string | null): string | null {
    const fd = this.#anySocket(this.#system.numbers.SOCK_STREAM, IPPROTO_TCP);
    if (fd < 0) return `no TCP socket: ${describeErrno(fd)}`;
    const why = attempt(fd);
    this.#calls.close(fd);
    return why;
  }

  /** A socket without a connection is in the state that one is in after its end. */
  #tryUnconnected(fd: number): string | null {
    const second = this.#calls.duplicate(fd);
    if (second < 0) return `no second descriptor for a socket: ${describeErrno(second)}`;
    const info = this.#infoOf(second);
    this.#calls.close(second);
    if (info === null) return 'the kernel does not tell the figures of a socket';
    return info.sendMss === null ? 'the kernel forgets the figures with the connection' : null;
  }

  #tryInterface(): string | null {
    const name = anyInterface();
    if (name === null) return 'there is no network interface to ask about';
    const mtu = this.#mtuOf(name);
    return mtu > 0 ? null : `the kernel does not tell the MTU of ${name}: ${describeErrno(mtu)}`;
  }

  #tryDatagram(protocol: DatagramRequest['protocol']): string | null {
    const four = this.openDatagram({ family: 4, protocol });
    const tried = four.kind === 'opened' ? four : this.openDatagram({ family: 6, protocol });
    if (tried.kind === 'opened') this.#calls.close(tried.opened.fd);
    return four.kind === 'refused' && tried.kind === 'refused' ? four.why : null;
  }
}
