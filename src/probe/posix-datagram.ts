import type { ForeignFunctions } from './foreign-functions.js';
import type { DatagramRequest, DirectDatagram, Opened, OpenedDatagram } from './kernel-figures.js';
import { describeErrno, errnoOf, type PosixCalls } from './posix-calls.js';

/** Options of one address family's datagram sockets. */
export interface DatagramOptions {
  readonly level: number;
  readonly protocol: Readonly<Record<DatagramRequest['protocol'], number>>;
  /** set on each socket; `what` they are for stands in the reason of a refusal */
  readonly settings: readonly {
    readonly option: number;
    readonly value: number;
    readonly what: string;
  }[];
  /** option that tells the path MTU of a connected socket; null: the system has none */
  readonly pathMtu: number | null;
}

export interface DatagramSystem {
  readonly datagrams: Readonly<Record<DatagramRequest['family'], DatagramOptions>>;
  /** option that tells a number which no other socket has; null: the system has none */
  readonly identity: { readonly level: number; readonly option: number } | null;
  /** what EACCES on an ICMP socket means */
  readonly icmpDenied: string;
  /** connects a socket whose error queue is read here; null: the system has no such queue */
  readonly openDirect:
    | ((
        functions: ForeignFunctions & { available: true },
        socket: { readonly fd: number; readonly family: DatagramRequest['family'] },
        to: { readonly address: string; readonly port: number },
      ) => Opened<DirectDatagram>)
    | null;
}

/** A datagram socket that never fragments, for Node to take over. */
export function openPosixDatagram(
  calls: PosixCalls,
  functions: ForeignFunctions & { available: true },
  system: DatagramSystem,
  { family, protocol }: DatagramRequest,
): Opened<OpenedDatagram> {
  const { AF_INET, AF_INET6, SOCK_DGRAM } = calls.numbers;
  const options = system.datagrams[family];
  const domain = family === 4 ? AF_INET : AF_INET6;
  const fd = calls.socket(domain, SOCK_DGRAM, options.protocol[protocol]);
  if (fd < 0) {
    const denied = protocol === 'icmp' && fd === errnoOf('EACCES');
    const why = denied
      ? system.icmpDenied
      : `no ${protocol.toUpperCase()} socket for IPv${family}: ${describeErrno(fd)}`;
    return { kind: 'refused', why };
  }
  for (const { option, value, what } of options.settings) {
    const result = calls.setOption(fd, options.level, option, value);
    if (result >= 0) continue;
    calls.close(fd);
    return { kind: 'refused', why: `the kernel refused ${what}: ${describeErrno(result)}` };
  }
  const identity = identityOf(calls, system, fd);
  const pathMtu = (): number | null => {
    // Once Node has closed the descriptor, its number belongs to whatever is opened next.
    if (options.pathMtu === null || identity === null) return null;
    if (identityOf(calls, system, fd) !== identity) return null;
    const result = calls.getOption(fd, options.level, options.pathMtu);
    return result > 0 ? result : null;
  };
  const direct: OpenedDatagram['direct'] = (to) => {
    if (system.openDirect !== null) return system.openDirect(functions, { fd, family }, to);
    calls.close(fd);
    return { kind: 'refused', why: 'this system does not tell who sent an ICMP error' };
  };
  return { kind: 'opened', opened: { fd, pathMtu, direct } };
}

function identityOf(calls: PosixCalls, { identity }: DatagramSystem, fd: number): string | null {
  if (identity === null) return null;
  const number = new Uint8Array(8);
  const length = calls.getStructure(fd, identity.level, identity.option, number);
  return length < 0 ? null : number.join('.');
}
