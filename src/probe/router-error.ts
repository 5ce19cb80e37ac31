import { SocketAddress } from 'node:net';

/** What a router said about a packet that was too large for its next link. */
export interface RouterError {
  /** address of the router */
  readonly from: string;
  /** MTU of that link, bytes of a whole IP packet; 0 from routers older than RFC 1191 */
  readonly mtu: number;
}

/** Where the error messages of one address family are, linux/errqueue.h and cmsg(3). */
interface ErrorKind {
  /** of `struct cmsghdr` */
  readonly level: number;
  readonly type: number;
  /** of `struct sock_extended_err`: who says so, and the ICMP type and code */
  readonly origin: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** of the `struct sockaddr` behind it */
  readonly family: number;
  readonly addressAt: number;
  readonly addressBytes: 4 | 16;
}

const KINDS: readonly ErrorKind[] = [
  // IP_RECVERR, SO_EE_ORIGIN_ICMP: Fragmentation Needed.
  {
    level: 0,
    type: 11,
    origin: 2,
    icmpType: 3,
    icmpCode: 4,
    family: 2,
    addressAt: 4,
    addressBytes: 4,
  },
  // IPV6_RECVERR, SO_EE_ORIGIN_ICMP6: Packet Too Big.
  {
    level: 41,
    type: 25,
    origin: 3,
    icmpType: 2,
    icmpCode: 0,
    family: 10,
    addressAt: 8,
    addressBytes: 16,
  },
];

/** `struct cmsghdr` where a pointer has 8 bytes; each begins at a multiple of 8. */
const CMSG_HEADER_BYTES = 16;
const CMSG_ALIGNMENT = 8;

const EXTENDED_ERROR_BYTES = 16;

/**
 * Finds a router's report in the control messages that came with an entry of a socket's error queue.
 *
 * @param control what recvmsg wrote to `msg_control`, host byte order (little endian); may be cut
 *   anywhere
 * @returns null: it is about something else, or the sender is not told
 */
export function decodeRouterError(control: Uint8Array): RouterError | null {
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  let at = 0;
  while (at + CMSG_HEADER_BYTES <= control.length) {
    const length = view.getBigUint64(at, true);
    if (length < CMSG_HEADER_BYTES || length > control.length - at) return null;
    const end = at + Number(length);
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    const kind = KINDS.find((known) => known.level === level && known.type === type);
    const data = control.subarray(at + CMSG_HEADER_BYTES, end);
    const error = kind === undefined ? null : decodeExtendedError(data, kind);
    if (error !== null) return error;
    at = Math.ceil(end / CMSG_ALIGNMENT) * CMSG_ALIGNMENT;
  }
  return null;
}

/** `struct sock_extended_err`, and the address of the offender behind it. */
function decodeExtendedError(data: Uint8Array, kind: ErrorKind): RouterError | null {
  const addressAt = EXTENDED_ERROR_BYTES + kind.addressAt;
  if (data.length < addressAt + kind.addressBytes) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [origin, icmpType, icmpCode] = data.subarray(4, 7);
  const isReport =
    origin === kind.origin && icmpType === kind.icmpType && icmpCode === kind.icmpCode;
  // AF_UNSPEC: the kernel does not know who it was.
  if (!isReport || view.getUint16(EXTENDED_ERROR_BYTES, true) !== kind.family) return null;
  return {
    from: textOf(data.subarray(addressAt, addressAt + kind.addressBytes)),
    mtu: view.getUint32(8, true),
  };
}

function textOf(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index).toString(16));
  // Writes the longest run of zeros as `::`.
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}
