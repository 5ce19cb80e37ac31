import { Reader } from './reader.js';
import { concat, Writer } from './writer.js';

const ECHO_REQUEST = { 4: 8, 6: 128 } as const;
const ECHO_REPLY = { 4: 0, 6: 129 } as const;

/** Type, code, checksum, identifier and sequence number. */
export const ICMP_ECHO_HEADER_LENGTH = 8;

/** Echo or Echo Reply, RFC 792 and RFC 4443 section 4. */
export interface IcmpEcho {
  readonly identifier: number;
  readonly sequenceNumber: number;
  readonly data: Uint8Array;
}

/**
 * An Echo Request. The checksum is set for IPv4; that of ICMPv6 covers addresses too, and is the
 * kernel's to set.
 */
export function encodeIcmpEchoRequest(family: 4 | 6, echo: IcmpEcho): Uint8Array {
  const { identifier, sequenceNumber, data } = echo;
  const message = concat(
    new Writer().u8(ECHO_REQUEST[family]).u8(0).u16be(0).finish(),
    new Writer().u16be(identifier).u16be(sequenceNumber).bytes(data).finish(),
  );
  if (family === 4) new DataView(message.buffer).setUint16(2, internetChecksum(message));
  return message;
}

/**
 * An Echo Reply, as a datagram socket of ICMP delivers it. macOS puts the IPv4 header before it.
 *
 * The checksum is the kernel's to check.
 */
export function decodeIcmpEchoReply(family: 4 | 6, bytes: Uint8Array): IcmpEcho {
  const reader = new Reader(bytes);
  const first = reader.peek() ?? 0;
  if (family === 4 && first >> 4 === 4) reader.skip((first & 0x0f) * 4, 'IPv4 header');
  const type = reader.u8('ICMP.type');
  if (type !== ECHO_REPLY[family]) {
    throw reader.refuse('ICMP.type', `is ${type}, not that of an Echo Reply`, 1);
  }
  reader.skip(3, 'ICMP.code and checksum');
  return {
    identifier: reader.u16be('ICMP.identifier'),
    sequenceNumber: reader.u16be('ICMP.sequenceNumber'),
    data: reader.rest(),
  };
}

/** RFC 1071: the complement of the sum of 16-bit words, with its carries added back. */
function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [at, octet] of bytes.entries()) sum += at % 2 === 0 ? octet << 8 : octet;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
