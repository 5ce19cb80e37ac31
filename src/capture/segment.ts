import { Writer } from '../wire/writer.js';
import { addPseudoHeader, addWords, foldChecksum } from './checksum.js';
import { PROTOCOL_TCP } from './ip.js';

/** LINKTYPE_ETHERNET: every program that reads captures reads it. */
export const LINKTYPE_ETHERNET = 1;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** IPv4 flag "don't fragment", as every system sends TCP. */
const DONT_FRAGMENT = 0x4000;

/** What most systems start with; the true one is not known. */
const TIME_TO_LIVE = 64;

const TCP_HEADER_BYTES = 20;
const OPTION_MSS = 2;

/** One end of a connection as it stands in packets. */
export interface SegmentEnd {
  /** 4 or 16 bytes, of the same family at both ends */
  readonly address: Uint8Array;
  readonly port: number;
  /** 6 bytes */
  readonly mac: Uint8Array;
}

export interface Segment {
  readonly from: SegmentEnd;
  readonly to: SegmentEnd;
  /** IPv4 identification; IPv6 has none */
  readonly identification: number;
  /** unsigned */
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  /** the MSS option; null: left out */
  readonly mss: number | null;
  readonly payload: Uint8Array;
}

/** An Ethernet frame with one TCP segment, its checksums right. RFC 9293 section 3.1. */
export function encodeSegment(segment: Segment): Uint8Array {
  const { from, to, payload } = segment;
  const isIpv4 = from.address.length === 4;
  const tcp = encodeTcp(segment);
  const length = tcp.length + payload.length;
  const frame = new Writer().bytes(to.mac).bytes(from.mac);
  frame.u16be(isIpv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
  frame.bytes(isIpv4 ? encodeIpv4(segment, length) : encodeIpv6(segment, length));
  return frame.bytes(tcp).bytes(payload).finish();
}

function encodeTcp(segment: Segment): Uint8Array {
  const { from, to, payload, mss } = segment;
  const headerBytes = TCP_HEADER_BYTES + (mss === null ? 0 : 4);
  const writer = new Writer().u16be(from.port).u16be(to.port);
  writer.u32be(segment.sequence).u32be(segment.acknowledgment);
  writer
    .u8((headerBytes / 4) << 4)
    .u8(segment.flags)
    .u16be(segment.window);
  // Checksum and urgent pointer.
  writer.u16be(0).u16be(0);
  if (mss !== null) writer.u8(OPTION_MSS).u8(4).u16be(mss);
  const header = writer.finish();
  const length = header.length + payload.length;
  const addresses = new Writer().bytes(from.address).bytes(to.address).finish();
  const width = from.address.length === 4 ? 4 : 16;
  let sum = addPseudoHeader(addresses, 0, width, PROTOCOL_TCP, length);
  sum = addWords(payload, 0, payload.length, addWords(header, 0, header.length, sum));
  new DataView(header.buffer).setUint16(16, foldChecksum(sum));
  return header;
}

/** RFC 791 section 3.1. */
function encodeIpv4({ from, to, identification }: Segment, length: number): Uint8Array {
  const writer = new Writer()
    .u8(0x45)
    .u8(0)
    .u16be(20 + length);
  writer.u16be(identification & 0xffff).u16be(DONT_FRAGMENT);
  writer.u8(TIME_TO_LIVE).u8(PROTOCOL_TCP).u16be(0).bytes(from.address).bytes(to.address);
  const header = writer.finish();
  const checksum = foldChecksum(addWords(header, 0, header.length));
  new DataView(header.buffer).setUint16(10, checksum);
  return header;
}

/** RFC 8200 section 3. */
function encodeIpv6({ from, to }: Segment, length: number): Uint8Array {
  const writer = new Writer().u32be(0x6000_0000).u16be(length);
  return writer.u8(PROTOCOL_TCP).u8(TIME_TO_LIVE).bytes(from.address).bytes(to.address).finish();
}
