import { Writer } from '../wire/writer.js';
import { addPseudoHeader, addWords, foldChecksum } from './checksum.js';
import type { IcmpError } from './icmp.js';
import { type IpHeader, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from './ip.js';
import type { Packet } from './packet.js';
import type { Pseudonyms } from './pseudonyms.js';
import { LINKTYPE_ETHERNET } from './segment.js';
import type { TcpHeader } from './tcp.js';

const ETHERNET_HEADER_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const IPV6_FRAGMENT = 44;
const MAX_IPV4_BYTES = 65_535;

/** Options that hold no more than how TCP works; the others may hold keys and tokens. */
const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_TIMESTAMPS = 8;
const KEPT_OPTIONS: ReadonlySet<number> = new Set([2, 3, 4, 5]);

export interface AnonymousPacket {
  readonly bytes: Uint8Array;
  readonly originalLength: number;
}

interface Ends {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/**
 * Writes packets anew, as Ethernet frames whatever they came in: the innermost IP header without
 * its options, and what it carries. Link layers, tags, tunnels and padding are left out.
 */
export class AnonymousPackets {
  readonly #pseudonyms: Pseudonyms;

  constructor(pseudonyms: Pseudonyms) {
    this.#pseudonyms = pseudonyms;
  }

  /**
   * @param payload what stands for the captured bytes of the segment's payload
   * @returns null: there are no addresses left
   */
  tcp(packet: Packet, ip: IpHeader, tcp: TcpHeader, payload: Uint8Array): AnonymousPacket | null {
    const ends = this.#ends(packet.bytes, ip);
    if (ends === null) return null;
    const header = packet.bytes.slice(ip.payloadStart, tcp.payloadStart);
    const view = new DataView(header.buffer);
    this.#scrubOptions(header, packet.bytes, ip);
    view.setUint16(16, 0);
    const isWhole = !isFragment(ip) && payload.length === tcp.length;
    // The checksum of what was not captured cannot be known.
    if (isWhole) view.setUint16(16, checksumOf(header, payload, ends, PROTOCOL_TCP));
    return this.#frame(packet, ip, ends, [header, payload]);
  }

  /** A fragment behind the first: a stretch of payload alone. */
  fragment(packet: Packet, ip: IpHeader, payload: Uint8Array): AnonymousPacket | null {
    const ends = this.#ends(packet.bytes, ip);
    return ends === null ? null : this.#frame(packet, ip, ends, [payload]);
  }

  /**
   * An ICMP error: its kind and MTU, and as much of the packet that it quotes as names the
   * connection.
   */
  icmp(packet: Packet, ip: IpHeader, error: IcmpError, quoted: IpHeader): AnonymousPacket | null {
    const ends = this.#ends(packet.bytes, ip);
    const inner = this.#ends(packet.bytes, quoted);
    if (ends === null || inner === null) return null;
    const quotedHeader =
      quoted.version === 4
        ? encodeIpv4(quoted, inner, packet.view.getUint16(quoted.headerStart + 2))
        : encodeIpv6(quoted, inner, packet.view.getUint16(quoted.headerStart + 4));
    const quote = new Writer().u16be(error.sourcePort).u16be(error.destinationPort);
    const hasSequence = ip.payloadEnd - quoted.payloadStart >= 8;
    quote.u32be(hasSequence ? packet.view.getUint32(quoted.payloadStart + 4) : 0);
    const message = new Writer()
      .bytes(packet.bytes.subarray(ip.payloadStart, ip.payloadStart + 2))
      .u16be(0)
      .bytes(packet.bytes.subarray(ip.payloadStart + 4, ip.payloadStart + 8))
      .bytes(quotedHeader)
      .bytes(quote.finish())
      .finish();
    const checksum =
      ip.protocol === PROTOCOL_ICMP
        ? foldChecksum(addWords(message, 0, message.length))
        : checksumOf(message, new Uint8Array(0), ends, PROTOCOL_ICMPV6);
    new DataView(message.buffer).setUint16(2, checksum);
    return this.#frame(packet, { ...headerOf(ip), payloadLength: message.length }, ends, [message]);
  }

  #ends(bytes: Uint8Array, ip: IpHeader): Ends | null {
    const at = (start: number): Uint8Array | null =>
      this.#pseudonyms.address(bytes.slice(start, start + ip.addressBytes));
    const source = at(ip.source);
    const destination = at(ip.destination);
    return source === null || destination === null ? null : { source, destination };
  }

  #frame(packet: Packet, ip: IpFields, ends: Ends, parts: readonly Uint8Array[]): AnonymousPacket {
    const header =
      ip.version === 4
        ? encodeIpv4(ip, ends, 20 + ip.payloadLength)
        : encodeIpv6(ip, ends, ip.payloadLength + (isFragment(ip) ? 8 : 0));
    const frame = new Writer();
    frame.bytes(this.#mac(packet, 0, ends.destination)).bytes(this.#mac(packet, 6, ends.source));
    frame.u16be(ip.version === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6).bytes(header);
    for (const part of parts) frame.bytes(part);
    const originalLength = ETHERNET_HEADER_BYTES + header.length + ip.payloadLength;
    const bytes = frame.finish().subarray(0, originalLength);
    return { bytes, originalLength };
  }

  /** That of the frame, or one for the address where there was no Ethernet. */
  #mac(packet: Packet, at: number, address: Uint8Array): Uint8Array {
    const isEthernet = packet.linkType === LINKTYPE_ETHERNET;
    const start = packet.start + at;
    return this.#pseudonyms.mac(isEthernet ? packet.bytes.subarray(start, start + 6) : address);
  }

  #scrubOptions(header: Uint8Array, bytes: Uint8Array, ip: IpHeader): void {
    const view = new DataView(header.buffer);
    let at = 20;
    while (at < header.length) {
      const kind = header[at] ?? 0;
      if (kind === OPTION_NOP) {
        at++;
        continue;
      }
      const length = header[at + 1] ?? 0;
      if (kind === OPTION_END || length < 2 || length > header.length - at) {
        header.fill(OPTION_END, at);
        return;
      }
      if (kind === OPTION_TIMESTAMPS && length === 10) {
        this.#shiftClock(view, at + 2, bytes.subarray(ip.source, ip.source + ip.addressBytes));
        const echo = bytes.subarray(ip.destination, ip.destination + ip.addressBytes);
        if (view.getUint32(at + 6) !== 0) this.#shiftClock(view, at + 6, echo);
      } else if (!KEPT_OPTIONS.has(kind)) {
        header.fill(OPTION_NOP, at, at + length);
      }
      at += length;
    }
  }

  /** A timestamp tells how long a host has been up: each host's clock is moved by its own amount. */
  #shiftClock(view: DataView, at: number, address: Uint8Array): void {
    view.setUint32(at, (view.getUint32(at) + this.#pseudonyms.clockShift(address)) >>> 0);
  }
}

type IpFields = Pick<
  IpHeader,
  | 'version'
  | 'protocol'
  | 'timeToLive'
  | 'identification'
  | 'fragmentOffset'
  | 'moreFragments'
  | 'payloadLength'
>;

function headerOf(ip: IpHeader): IpFields {
  const { version, protocol, timeToLive, identification, fragmentOffset, moreFragments } = ip;
  const { payloadLength } = ip;
  return {
    version,
    protocol,
    timeToLive,
    identification,
    fragmentOffset,
    moreFragments,
    payloadLength,
  };
}

function isFragment(ip: IpFields): boolean {
  return ip.fragmentOffset > 0 || ip.moreFragments;
}

function checksumOf(header: Uint8Array, payload: Uint8Array, ends: Ends, protocol: number): number {
  const addresses = new Writer().bytes(ends.source).bytes(ends.destination).finish();
  const width = ends.source.length === 4 ? 4 : 16;
  const length = header.length + payload.length;
  let sum = addPseudoHeader(addresses, 0, width, protocol, length);
  sum = addWords(payload, 0, payload.length, addWords(header, 0, header.length, sum));
  return foldChecksum(sum);
}

/** RFC 791 section 3.1, without options. */
function encodeIpv4(ip: IpFields, { source, destination }: Ends, total: number): Uint8Array {
  const fragment = (ip.moreFragments ? 0x2000 : 0) | (ip.fragmentOffset >> 3);
  // 0: a segment that the network card was still to cut.
  const length = total > MAX_IPV4_BYTES ? 0 : total;
  const header = new Writer()
    .u8(0x45)
    .u8(0)
    .u16be(length)
    .u16be(ip.identification & 0xffff)
    .u16be(fragment)
    .u8(ip.timeToLive)
    .u8(ip.protocol)
    .u16be(0)
    .bytes(source)
    .bytes(destination)
    .finish();
  new DataView(header.buffer).setUint16(10, foldChecksum(addWords(header, 0, header.length)));
  return header;
}

/** RFC 8200 section 3, of the extension headers the fragment header alone. */
function encodeIpv6(ip: IpFields, { source, destination }: Ends, length: number): Uint8Array {
  const fragmented = isFragment(ip);
  const writer = new Writer().u32be(0x6000_0000).u16be(length > MAX_IPV4_BYTES ? 0 : length);
  writer.u8(fragmented ? IPV6_FRAGMENT : ip.protocol).u8(ip.timeToLive);
  writer.bytes(source).bytes(destination);
  if (fragmented) {
    writer
      .u8(ip.protocol)
      .u8(0)
      .u16be(ip.fragmentOffset | (ip.moreFragments ? 1 : 0));
    writer.u32be(ip.identification >>> 0);
  }
  return writer.finish();
}
