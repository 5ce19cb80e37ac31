/*
 * IPv4, RFC 791, and IPv6, RFC 8200. One decoder object is used for all packets, because a large
 * capture has millions.
 */

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_ICMPV6 = 58;

const PROTOCOL_IPV4 = 4;
const PROTOCOL_IPV6 = 41;
const PROTOCOL_GRE = 47;
const PROTOCOL_AH = 51;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const HIP = 139;
const SHIM6 = 140;

/** More than any sender chains; RFC 8200 section 4.1 knows seven. */
const MAX_EXTENSION_HEADERS = 16;

/** Tunnels within tunnels. */
const MAX_NESTING = 4;

export type IpOutcome =
  | 'whole'
  /** a part of a datagram; `fragmentOffset` and `moreFragments` tell which */
  | 'fragment'
  /** no IP header, or one that cannot be */
  | 'not-ip';

/** What the last decoded packet's IP headers say. Offsets are into the packet's bytes. */
export class IpHeader {
  version: 4 | 6 = 4;
  source = 0;
  destination = 0;
  addressBytes: 4 | 16 = 4;
  protocol = 0;
  timeToLive = 0;
  /** 0 in IPv6 without a fragment header */
  identification = 0;
  fragmentOffset = 0;
  moreFragments = false;
  headerStart = 0;
  payloadStart = 0;
  /** captured end of the payload */
  payloadEnd = 0;
  /** length on the wire, padding of the link layer left out; may go beyond what was captured */
  payloadLength = 0;

  /**
   * @param end of the captured bytes
   * @param wireEnd where the packet ended on the wire, on the same scale
   */
  decode(view: DataView, start: number, end: number, wireEnd: number, depth = 0): IpOutcome {
    if (end - start < 20 || depth > MAX_NESTING) return 'not-ip';
    const version = view.getUint8(start) >> 4;
    let outcome: IpOutcome;
    if (version === 4) outcome = this.#decodeIpv4(view, start, end, wireEnd);
    else if (version === 6) outcome = this.#decodeIpv6(view, start, end, wireEnd);
    else return 'not-ip';
    if (outcome !== 'whole' || this.protocol === PROTOCOL_TCP) return outcome;
    const inner = this.#innerPacket(view);
    if (inner < 0) return outcome;
    return this.decode(
      view,
      inner,
      this.payloadEnd,
      this.payloadStart + this.payloadLength,
      depth + 1,
    );
  }

  /**
   * The header that an ICMP error quotes. What follows it was cut off there, so its length says
   * nothing of the bytes at hand.
   */
  decodeQuoted(view: DataView, start: number, end: number): boolean {
    const available = end - start;
    if (available < 20) return false;
    const version = view.getUint8(start) >> 4;
    if (version === 4) return this.#decodeIpv4(view, start, end, end) !== 'not-ip';
    return version === 6 && this.#decodeIpv6(view, start, end, end) !== 'not-ip';
  }

  #decodeIpv4(view: DataView, start: number, end: number, wireEnd: number): IpOutcome {
    const headerLength = (view.getUint8(start) & 0x0f) * 4;
    if (headerLength < 20 || headerLength > end - start) return 'not-ip';
    let total = view.getUint16(start + 2);
    // Segmentation by the network card: the header is captured before its length is filled in.
    if (total === 0) total = wireEnd - start;
    if (total < headerLength) return 'not-ip';
    const fragment = view.getUint16(start + 6);
    this.version = 4;
    this.headerStart = start;
    this.source = start + 12;
    this.destination = start + 16;
    this.addressBytes = 4;
    this.protocol = view.getUint8(start + 9);
    this.timeToLive = view.getUint8(start + 8);
    this.identification = view.getUint16(start + 4);
    this.fragmentOffset = (fragment & 0x1fff) * 8;
    this.moreFragments = (fragment & 0x2000) !== 0;
    this.payloadStart = start + headerLength;
    this.payloadLength = total - headerLength;
    this.payloadEnd = Math.min(end, start + total);
    return this.fragmentOffset > 0 || this.moreFragments ? 'fragment' : 'whole';
  }

  #decodeIpv6(view: DataView, start: number, end: number, wireEnd: number): IpOutcome {
    if (end - start < 40) return 'not-ip';
    const declared = view.getUint16(start + 4);
    const bodyLength = declared === 0 ? wireEnd - start - 40 : declared;
    const bodyEnd = start + 40 + bodyLength;
    this.version = 6;
    this.headerStart = start;
    this.source = start + 8;
    this.destination = start + 24;
    this.addressBytes = 16;
    this.timeToLive = view.getUint8(start + 7);
    this.identification = 0;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    let next = view.getUint8(start + 6);
    let at = start + 40;
    let isFragment = false;
    for (let headers = 0; isExtension(next); headers++) {
      const length = extensionLength(view, next, at, end);
      if (headers === MAX_EXTENSION_HEADERS || length === 0 || length > bodyEnd - at) {
        return 'not-ip';
      }
      if (next === FRAGMENT) {
        const field = view.getUint16(at + 2);
        this.fragmentOffset = field & 0xfff8;
        this.moreFragments = (field & 1) === 1;
        this.identification = view.getUint32(at + 4);
        isFragment = this.fragmentOffset > 0 || this.moreFragments;
      }
      next = view.getUint8(at);
      at += length;
      // What follows a fragment header belongs to the first fragment only.
      if (isFragment) break;
    }
    this.protocol = next;
    this.payloadStart = at;
    this.payloadLength = Math.max(0, bodyEnd - at);
    this.payloadEnd = Math.max(at, Math.min(end, bodyEnd));
    return isFragment ? 'fragment' : 'whole';
  }

  /** Where a packet inside this one starts; negative: there is none that is read. */
  #innerPacket(view: DataView): number {
    const { protocol, payloadStart, payloadEnd } = this;
    if (protocol === PROTOCOL_IPV4 || protocol === PROTOCOL_IPV6) return payloadStart;
    if (protocol !== PROTOCOL_GRE || payloadEnd - payloadStart < 4) return -1;
    return innerOfGre(view, payloadStart);
  }
}

/** RFC 2784 and 2890: version 0, and the optional fields that its flags announce. */
function innerOfGre(view: DataView, start: number): number {
  const flags = view.getUint16(start);
  const type = view.getUint16(start + 2);
  if ((flags & 0x4007) !== 0 || (type !== 0x0800 && type !== 0x86dd)) return -1;
  const optional = [0x8000, 0x2000, 0x1000].filter((flag) => (flags & flag) !== 0).length;
  return start + 4 + 4 * optional;
}

function isExtension(next: number): boolean {
  switch (next) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case DESTINATION_OPTIONS:
    case PROTOCOL_AH:
    case MOBILITY:
    case HIP:
    case SHIM6:
      return true;
    default:
      return false;
  }
}

/** 0: it does not lie whole in what was captured. */
function extensionLength(view: DataView, type: number, at: number, end: number): number {
  if (end - at < 8) return 0;
  if (type === FRAGMENT) return 8;
  const field = view.getUint8(at + 1);
  const length = type === PROTOCOL_AH ? (field + 2) * 4 : (field + 1) * 8;
  return length > end - at ? 0 : length;
}

/** An address as people write it, IPv6 as RFC 5952 has it. */
export function renderAddress(bytes: Uint8Array, start: number, length: 4 | 16): string {
  if (length === 4) {
    return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`;
  }
  const groups: number[] = [];
  for (let at = start; at < start + 16; at += 2) {
    groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  }
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${Array.from(bytes.subarray(start + 12, start + 16)).join('.')}`;
  }
  const { from, count } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (count < 2) return hex.join(':');
  return `${hex.slice(0, from).join(':')}::${hex.slice(from + count).join(':')}`;
}

function longestZeros(groups: readonly number[]): { from: number; count: number } {
  let best = { from: 0, count: 0 };
  for (let from = 0; from < groups.length; from++) {
    let count = 0;
    while (groups[from + count] === 0) count++;
    if (count > best.count) best = { from, count };
  }
  return best;
}
