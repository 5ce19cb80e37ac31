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
} from './kernel-figures.js';
import { anyInterface, interfaceWith } from './local-interfaces.js';
import {
  describeErrno,
  errnoOf,
  openPosixCalls,
  type PosixCalls,
  type PosixNumbers,
} from './posix-calls.js';
import { clamp, IPPROTO_TCP, openPosixStream } from './posix-stream.js';
import type { TcpInfo } from './tcp-info.js';
import { decodeTcpInfo } from './tcp-info-linux.js';

/** socket(2), fcntl(2), netdevice(7): the generic numbers; MIPS and SPARC differ and are not served. */
const NUMBERS: PosixNumbers = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  // SOCK_NONBLOCK and SOCK_CLOEXEC.
  socketFlags: 0o2004000,
  F_DUPFD_CLOEXEC: 1030,
  SIOCGIFMTU: 0x8921,
};

/** tcp(7): option of getsockopt for `struct tcp_info`. */
const TCP_INFO = 11;

/** More than any kernel returns today (280 bytes in 6.18); the structure only ever grows. */
const TCP_INFO_BYTES = 512;

/** socket(7): a number that no other socket has until the machine restarts. */
const SOL_SOCKET = 1;
const SO_COOKIE = 57;

/** ip(7) and ipv6(7): options of datagram sockets. */
const DATAGRAM_OPTIONS = {
  4: { level: 0, protocol: { udp: 17, icmp: 1 }, mtuDiscover: 10, receiveErrors: 11, mtu: 14 },
  6: { level: 41, protocol: { udp: 17, icmp: 58 }, mtuDiscover: 23, receiveErrors: 25, mtu: 24 },
} as const;

/** IP_PMTUDISC_PROBE, IPV6_PMTUDISC_PROBE: do not fragment, and disregard the path MTU learned. */
const PMTUDISC_PROBE = 3;

/** An MSS that every kernel takes: the smallest that IPv4 asks of a host, less the headers. */
const HARMLESS_MSS = 536;

/** Opens the calls of the C library in this process. */
export function openLinuxSockets(functions: ForeignFunctions): KernelSockets {
  if (!functions.available) return functions;
  let calls: PosixCalls;
  try {
    calls = openPosixCalls(functions, NUMBERS);
  } catch (error) {
    const says = error instanceof Error ? error.message : '';
    return { available: false, why: `the C library cannot be called (${says})` };
  }
  return new LinuxSockets(calls);
}

class LinuxSockets {
  readonly available = true;
  readonly #calls: PosixCalls;
  readonly #buffer = new Uint8Array(TCP_INFO_BYTES);
  #abilities: Readonly<Record<KernelAbility, string | null>> | null = null;

  constructor(calls: PosixCalls) {
    this.#calls = calls;
  }

  get abilities(): Readonly<Record<KernelAbility, string | null>> {
    this.#abilities ??= {
      'clamp-mss': this.#tryStream((fd) => clamp(this.#calls, fd, HARMLESS_MSS)),
      'figures-after-end': this.#tryStream((fd) => this.#trySecond(fd)),
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

  openStream(request: Parameters<typeof openPosixStream>[1]): ReturnType<typeof openPosixStream> {
    return openPosixStream(this.#calls, request, (fd) => this.#infoOf(fd));
  }

  openDatagram({ family, protocol }: DatagramRequest): Opened<OpenedDatagram> {
    const { AF_INET, AF_INET6, SOCK_DGRAM } = NUMBERS;
    const options = DATAGRAM_OPTIONS[family];
    const domain = family === 4 ? AF_INET : AF_INET6;
    const fd = this.#calls.socket(domain, SOCK_DGRAM, options.protocol[protocol]);
    if (fd < 0) return { kind: 'refused', why: whyNoDatagrams(family, protocol, fd) };
    const { level, mtuDiscover, receiveErrors, mtu } = options;
    for (const [option, value, name] of [
      [mtuDiscover, PMTUDISC_PROBE, 'do-not-fragment'],
      [receiveErrors, 1, 'to tell of ICMP errors'],
    ] as const) {
      const result = this.#calls.setOption(fd, level, option, value);
      if (result >= 0) continue;
      this.#calls.close(fd);
      return { kind: 'refused', why: `the kernel refused ${name}: ${describeErrno(result)}` };
    }
    const cookie = this.#cookieOf(fd);
    const pathMtu = (): number | null => {
      // Once Node has closed the descriptor, its number belongs to whatever is opened next.
      if (this.#cookieOf(fd) !== cookie) return null;
      const result = this.#calls.getOption(fd, level, mtu);
      return result > 0 ? result : null;
    };
    return { kind: 'opened', opened: { fd, pathMtu } };
  }

  interfaceMtu(localAddress: string): number | null {
    const name = interfaceWith(localAddress);
    const mtu = name === null ? -1 : this.#mtuOf(name);
    return mtu > 0 ? mtu : null;
  }

  #infoOf(fd: number): TcpInfo | null {
    const length = this.#calls.getStructure(fd, IPPROTO_TCP, TCP_INFO, this.#buffer);
    return length < 0 ? null : decodeTcpInfo(this.#buffer.subarray(0, length));
  }

  #cookieOf(fd: number): string {
    const cookie = new Uint8Array(8);
    const length = this.#calls.getStructure(fd, SOL_SOCKET, SO_COOKIE, cookie);
    return length < 0 ? '' : cookie.join('.');
  }

  #mtuOf(name: string): number {
    const { AF_INET, AF_INET6, SOCK_DGRAM } = NUMBERS;
    // Any socket will do; a machine may have only one family.
    let fd = this.#calls.socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0) fd = this.#calls.socket(AF_INET6, SOCK_DGRAM, 0);
    if (fd < 0) return fd;
    const mtu = this.#calls.interfaceMtu(fd, name);
    this.#calls.close(fd);
    return mtu;
  }

  #tryStream(attempt: (fd: number) => string | null): string | null {
    const { AF_INET, AF_INET6, SOCK_STREAM } = NUMBERS;
    let fd = this.#calls.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (fd < 0) fd = this.#calls.socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    if (fd < 0) return `no TCP socket: ${describeErrno(fd)}`;
    const why = attempt(fd);
    this.#calls.close(fd);
    return why;
  }

  #trySecond(fd: number): string | null {
    const second = this.#calls.duplicate(fd);
    if (second < 0) return `no second descriptor for a socket: ${describeErrno(second)}`;
    const info = this.#infoOf(second);
    this.#calls.close(second);
    return info === null ? 'the kernel does not tell the figures of a socket' : null;
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

function whyNoDatagrams(family: 4 | 6, protocol: 'udp' | 'icmp', result: number): string {
  if (protocol === 'icmp' && result === errnoOf('EACCES')) {
    return 'ICMP sockets are for the groups in net.ipv4.ping_group_range, and ours is not among them';
  }
  return `no ${protocol.toUpperCase()} socket for IPv${family}: ${describeErrno(result)}`;
}
