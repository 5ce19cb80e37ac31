import type { TcpInfo } from '../probe/tcp-info.js';

/** Headers without options, RFC 791, RFC 8200, RFC 9293. */
const IP_HEADER: Readonly<Record<4 | 6, number>> = { 4: 20, 6: 40 };
const TCP_HEADER = 20;
const UDP_HEADER = 8;

/** The most that an Ethernet without jumbo frames carries. */
export const ORDINARY_PACKET = 1500;

/** RFC 7323: the timestamps option with its padding. */
const TIMESTAMPS = 12;

/** How segment sizes and packet sizes of one connection belong together. */
export interface PacketShape {
  readonly family: 4 | 6;
  /** whether every segment carries the timestamps option */
  readonly timestamps: boolean;
}

/** Bytes of the IP packet that carries a segment with so much payload. */
export function packetOf(payload: number, { family, timestamps }: PacketShape): number {
  return payload + IP_HEADER[family] + TCP_HEADER + (timestamps ? TIMESTAMPS : 0);
}

/** Payload of the segment that makes an IP packet of so many bytes. */
export function payloadOf(packet: number, shape: PacketShape): number {
  return packet - packetOf(0, shape);
}

/** MSS that lets no packet be larger than this; options come out of the MSS, RFC 6691. */
export function mssFor(packet: number, family: 4 | 6): number {
  return packet - IP_HEADER[family] - TCP_HEADER;
}

/** The largest packet that an MSS option allows. */
export function packetForMss(mss: number, family: 4 | 6): number {
  return mss + IP_HEADER[family] + TCP_HEADER;
}

export function shapeOf(info: TcpInfo, family: 4 | 6): PacketShape {
  return { family, timestamps: info.timestamps === true };
}

/** Payload of the UDP datagram that makes an IP packet of so many bytes. */
export function udpPayloadOf(packet: number, family: 4 | 6): number {
  return packet - IP_HEADER[family] - UDP_HEADER;
}
