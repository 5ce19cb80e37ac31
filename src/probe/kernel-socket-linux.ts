import { openDirectDatagram } from './direct-datagram.js';
import type { ForeignFunctions } from './foreign-functions.js';
import type { KernelSockets } from './kernel-figures.js';
import { openPosixSockets, type PosixSystem } from './posix-sockets.js';
import { decodeTcpInfo } from './tcp-info-linux.js';

/** IP_PMTUDISC_PROBE: do not fragment, and disregard the path MTU that was learned. */
const PMTUDISC_PROBE = 3;

/** Numbers of the generic headers; MIPS and SPARC have others and are not served. */
const LINUX: PosixSystem = {
  numbers: {
    AF_INET: 2,
    AF_INET6: 10,
    SOCK_STREAM: 1,
    SOCK_DGRAM: 2,
    // SOCK_NONBLOCK and SOCK_CLOEXEC, socket(2).
    socketFlags: 0o2004000,
    F_DUPFD_CLOEXEC: 1030,
    SIOCGIFMTU: 0x8921,
  },
  // tcp(7): TCP_INFO; 6.18 returns 280 bytes.
  tcpInfo: { option: 11, maxBytes: 512, decode: decodeTcpInfo },
  datagrams: {
    // ip(7): IP_MTU_DISCOVER, IP_RECVERR, IP_MTU.
    4: {
      level: 0,
      protocol: { udp: 17, icmp: 1 },
      settings: [
        { option: 10, value: PMTUDISC_PROBE, what: 'do-not-fragment' },
        { option: 11, value: 1, what: 'to tell of ICMP errors' },
      ],
      pathMtu: 14,
    },
    // ipv6(7): IPV6_MTU_DISCOVER, IPV6_RECVERR, IPV6_MTU.
    6: {
      level: 41,
      protocol: { udp: 17, icmp: 58 },
      settings: [
        { option: 23, value: PMTUDISC_PROBE, what: 'do-not-fragment' },
        { option: 25, value: 1, what: 'to tell of ICMP errors' },
      ],
      pathMtu: 24,
    },
  },
  // socket(7): SO_COOKIE.
  identity: { level: 1, option: 57 },
  icmpDenied:
    'ICMP sockets are for the groups in net.ipv4.ping_group_range, and ours is not among them',
  openDirect: openDirectDatagram,
};

export function openLinuxSockets(functions: ForeignFunctions): KernelSockets {
  return openPosixSockets(functions, LINUX);
}
