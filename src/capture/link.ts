/*
 * From the link layer to the IP header. LINKTYPE numbers are those of the tcpdump.org registry;
 * pcap files may also carry the platform's own DLT number where that differs.
 */

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** 802.1Q, 802.1ad, and the numbers that were used for stacked tags before it. */
const VLAN_ETHERTYPES: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300]);

const MPLS_ETHERTYPES: ReadonlySet<number> = new Set([0x8847, 0x8848]);
const ETHERTYPE_PPPOE_SESSION = 0x8864;
const ETHERTYPE_TEB = 0x6558;

/** 802.3 length field instead of a type. */
const MAX_8023_LENGTH = 0x05dc;

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;

/** Tags and labels before the IP header: real networks stack two or three. */
const MAX_TAGS = 8;

/** There is no IP header: ARP, spanning tree, a frame that ends too early, ... */
export const NO_IP = -1;

/** The link type is one that is not read. */
export const UNSUPPORTED_LINK = -2;

const UNSUPPORTED_NAMES: Readonly<Record<number, string>> = {
  105: 'IEEE 802.11 (wireless)',
  119: 'IEEE 802.11 with a Prism header (wireless)',
  127: 'IEEE 802.11 with a radiotap header (wireless)',
  163: 'IEEE 802.11 with an AVS header (wireless)',
  192: 'PPI (wireless)',
  187: 'Bluetooth HCI',
  201: 'Bluetooth HCI with a direction',
  189: 'USB (Linux)',
  220: 'USB (Linux, memory-mapped)',
  249: 'USB (Windows)',
  195: 'IEEE 802.15.4',
  197: 'ERF',
  227: 'CAN bus (SocketCAN)',
  247: 'InfiniBand',
  253: 'Linux Netlink',
};

/** What to say of packets whose link type is not read. */
export function describeUnsupported(linkType: number): string {
  const name = UNSUPPORTED_NAMES[linkType];
  return `packets of link type ${linkType}${name === undefined ? '' : `, ${name},`} are not read`;
}

/**
 * Where the IP header of a packet starts.
 *
 * @returns an offset below `end`, NO_IP or UNSUPPORTED_LINK
 */
export function findIp(linkType: number, view: DataView, start: number, end: number): number {
  switch (linkType) {
    case 1:
      return end - start < 14 ? NO_IP : byEtherType(view, start + 12, end);
    case 0:
    case 108:
      return end - start < 5 ? NO_IP : byAddressFamily(view, start, start + 4);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return end > start ? start : NO_IP;
    case 9:
    case 50:
      return byPpp(view, start, end);
    case 204:
      return byPpp(view, start + 1, end);
    case 51:
      return end - start < 7 ? NO_IP : byPpp(view, start + 6, end);
    case 113:
      return end - start < 17 ? NO_IP : byEtherType(view, start + 14, end);
    case 276:
      // LINKTYPE_LINUX_SLL2 has the protocol first; a tag, where there is one, follows the header.
      return end - start < 21 ? NO_IP : afterType(view, view.getUint16(start), start + 20, end);
    case 239:
      return byNflog(view, start, end);
    default:
      return UNSUPPORTED_LINK;
  }
}

/** @param at of an EtherType field */
function byEtherType(view: DataView, at: number, end: number): number {
  const type = view.getUint16(at);
  const next = at + 2;
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return next < end ? next : NO_IP;
  return afterType(view, type, next, end);
}

/** Steps over tags and labels. */
export function afterType(view: DataView, etherType: number, start: number, end: number): number {
  let type = etherType;
  let at = start;
  for (let tags = 0; tags < MAX_TAGS; tags++) {
    if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return at < end ? at : NO_IP;
    if (VLAN_ETHERTYPES.has(type)) {
      if (end - at < 4) return NO_IP;
      type = view.getUint16(at + 2);
      at += 4;
    } else if (MPLS_ETHERTYPES.has(type)) {
      return byMpls(view, at, end);
    } else if (type === ETHERTYPE_PPPOE_SESSION) {
      return byPpp(view, at + 6, end);
    } else if (type === ETHERTYPE_TEB) {
      if (end - at < 14) return NO_IP;
      type = view.getUint16(at + 12);
      at += 14;
    } else if (type <= MAX_8023_LENGTH) {
      // IEEE 802.2 LLC with a SNAP header, RFC 1042.
      const isSnap =
        end - at >= 8 && view.getUint32(at) === 0xaaaa0300 && view.getUint16(at + 4) < 256;
      if (!isSnap) return NO_IP;
      type = view.getUint16(at + 6);
      at += 8;
    } else {
      return NO_IP;
    }
  }
  return NO_IP;
}

/** RFC 3032: labels up to the one with the bottom bit; nothing names what follows them. */
function byMpls(view: DataView, start: number, end: number): number {
  let at = start;
  for (let labels = 0; labels < MAX_TAGS; labels++) {
    if (end - at < 5) return NO_IP;
    const bottom = (view.getUint8(at + 2) & 1) === 1;
    at += 4;
    if (!bottom) continue;
    const nibble = view.getUint8(at) >> 4;
    if (nibble === 4 || nibble === 6) return at;
    // RFC 4385: a pseudowire's control word, then the frame of another Ethernet.
    const ethernet = nibble === 0 ? at + 4 : at;
    if (end - ethernet < 15) return NO_IP;
    const type = view.getUint16(ethernet + 12);
    return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 || VLAN_ETHERTYPES.has(type)
      ? afterType(view, type, ethernet + 14, end)
      : NO_IP;
  }
  return NO_IP;
}

/** The address family is the capturing system's number, in its byte order. */
function byAddressFamily(view: DataView, at: number, ip: number): number {
  const little = view.getUint32(at, true);
  const family = little < 0x10000 ? little : view.getUint32(at, false);
  // AF_INET6 is 10 on Linux, 23 on Windows, 24, 28 and 30 on the BSDs and macOS.
  return family === 2 || [10, 23, 24, 28, 30].includes(family) ? ip : NO_IP;
}

/** RFC 1661 and 1662: address, control and the first byte of the protocol may be left out. */
function byPpp(view: DataView, start: number, end: number): number {
  let at = start;
  if (end - at >= 2 && view.getUint16(at) === 0xff03) at += 2;
  if (end - at < 3) return NO_IP;
  const first = view.getUint8(at);
  const isShort = (first & 1) === 1;
  const protocol = isShort ? first : view.getUint16(at);
  at += isShort ? 1 : 2;
  return (protocol === PPP_IPV4 || protocol === PPP_IPV6) && at < end ? at : NO_IP;
}

const NFULA_PAYLOAD = 9;

/** LINKTYPE_NFLOG: a header, then type-length-value items in the capturing system's byte order. */
function byNflog(view: DataView, start: number, end: number): number {
  if (end - start < 4) return NO_IP;
  const family = view.getUint8(start);
  if (family !== 2 && family !== 10) return NO_IP;
  let at = start + 4;
  while (end - at >= 4) {
    const length = view.getUint16(at, true);
    const type = view.getUint16(at + 2, true);
    if (length < 4 || length > end - at) return NO_IP;
    if (type === NFULA_PAYLOAD) return length > 4 ? at + 4 : NO_IP;
    at += length + (-length & 3);
  }
  return NO_IP;
}
