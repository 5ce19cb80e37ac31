import type { ForeignFunctions } from './foreign-functions.js';
import type { KernelSockets } from './kernel-figures.js';
import { openPosixSockets, type PosixSystem } from './posix-sockets.js';
import { decodeTcpConnectionInfo } from './tcp-info-darwin.js';

/**
 * Numbers of the published headers of macOS; none of this was run there. What the system does not
 * confirm at run time is refused: an MSS above 512 is, and no ICMP error tells a path MTU.
 */
const DARWIN: PosixSystem = {
  numbers: {
    AF_INET: 2,
    AF_INET6: 30,
    SOCK_STREAM: 1,
    SOCK_DGRAM: 2,
    socketFlags: 0,
    F_DUPFD_CLOEXEC: 67,
    // _IOWR('i', 51, struct ifreq), sys/sockio.h.
    SIOCGIFMTU: 0xc0206933,
  },
  // TCP_CONNECTION_INFO of netinet/tcp.h, 112 bytes.
  tcpInfo: { option: 0x106, maxBytes: 256, decode: decodeTcpConnectionInfo },
  datagrams: {
    // IP_DONTFRAG of netinet/in.h.
    4: {
      level: 0,
      protocol: { udp: 17, icmp: 1 },
      settings: [{ option: 28, value: 1, what: 'do-not-fragment' }],
      pathMtu: null,
    },
    // IPV6_DONTFRAG of netinet6/in6.h.
    6: {
      level: 41,
      protocol: { udp: 17, icmp: 58 },
      settings: [{ option: 62, value: 1, what: 'do-not-fragment' }],
      pathMtu: null,
    },
  },
  identity: null,
  icmpDenied: 'the system does not let this user open ICMP sockets',
  openDirect: null,
};

export function openDarwinSockets(functions: ForeignFunctions): KernelSockets {
  return openPosixSockets(functions, DARWIN);
}
