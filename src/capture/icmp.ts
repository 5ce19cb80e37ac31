import { type IpHeader, PROTOCOL_ICMP, PROTOCOL_TCP, renderAddress } from './ip.js';
import type { Packet } from './packet.js';

/** An ICMP error about a TCP packet. */
export interface IcmpReport {
  readonly type: string;
  readonly from: string;
  readonly mtu: number | null;
  readonly at: number;
  readonly packet: number;
}

/** RFC 792 and 1812: codes of type 3, destination unreachable. */
const UNREACHABLE: Readonly<Record<number, string>> = {
  0: 'network-unreachable',
  1: 'host-unreachable',
  2: 'protocol-unreachable',
  3: 'port-unreachable',
  4: 'fragmentation-needed',
  5: 'source-route-failed',
  6: 'network-unknown',
  7: 'host-unknown',
  9: 'network-prohibited',
  10: 'host-prohibited',
  13: 'administratively-prohibited',
};

/** RFC 4443 section 3.1: codes of ICMPv6 type 1. */
const UNREACHABLE_V6: Readonly<Record<number, string>> = {
  0: 'no-route',
  1: 'administratively-prohibited',
  2: 'beyond-scope',
  3: 'host-unreachable',
  4: 'port-unreachable',
  5: 'source-policy-failed',
  6: 'route-rejected',
};

/** Where in a packet an ICMP error quotes the start of the packet that it is about. */
export interface IcmpError {
  readonly report: IcmpReport;
  /** of the quoted IP header's addresses and of the TCP ports, in the packet's bytes */
  readonly source: number;
  readonly destination: number;
  readonly addressBytes: 4 | 16;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** ICMP: type, code, checksum and four bytes that depend on the type. */
const HEADER_BYTES = 8;

/**
 * Reads an ICMP or ICMPv6 error. Both quote the start of the packet that they are about: RFC 792 its
 * header and eight bytes, which hold the ports.
 *
 * @param ip the packet's own header
 * @param quoted a decoder for the quoted header; it is overwritten
 * @returns null: it is no error, or not about TCP
 */
export function decodeIcmpError(ip: IpHeader, quoted: IpHeader, packet: Packet): IcmpError | null {
  const { view } = packet;
  const start = ip.payloadStart;
  if (ip.payloadEnd - start < HEADER_BYTES) return null;
  const kind =
    ip.protocol === PROTOCOL_ICMP
      ? readKind(view.getUint8(start), view.getUint8(start + 1))
      : readKindV6(view.getUint8(start), view.getUint8(start + 1));
  if (kind === null) return null;
  const inner = start + HEADER_BYTES;
  const outcome = quoted.decodeQuoted(view, inner, ip.payloadEnd);
  if (!outcome || quoted.protocol !== PROTOCOL_TCP || quoted.fragmentOffset > 0) return null;
  if (ip.payloadEnd - quoted.payloadStart < 4) return null;
  return {
    report: {
      type: kind,
      from: renderAddress(packet.bytes, ip.source, ip.addressBytes),
      mtu: mtuOf(kind, view, start),
      at: packet.at,
      packet: packet.number,
    },
    source: quoted.source,
    destination: quoted.destination,
    addressBytes: quoted.addressBytes,
    sourcePort: view.getUint16(quoted.payloadStart),
    destinationPort: view.getUint16(quoted.payloadStart + 2),
  };
}

function readKind(type: number, code: number): string | null {
  if (type === 3) return UNREACHABLE[code] ?? `unreachable-code-${code}`;
  if (type === 11) return code === 0 ? 'time-exceeded' : 'reassembly-time-exceeded';
  return type === 12 ? 'parameter-problem' : null;
}

function readKindV6(type: number, code: number): string | null {
  if (type === 1) return UNREACHABLE_V6[code] ?? `unreachable-code-${code}`;
  if (type === 2) return 'packet-too-big';
  if (type === 3) return code === 0 ? 'time-exceeded' : 'reassembly-time-exceeded';
  return type === 4 ? 'parameter-problem' : null;
}

/** RFC 1191 section 4 and RFC 4443 section 3.2; routers before RFC 1191 leave it 0. */
function mtuOf(kind: string, view: DataView, start: number): number | null {
  if (kind === 'packet-too-big') return view.getUint32(start + 4);
  if (kind !== 'fragmentation-needed') return null;
  const mtu = view.getUint16(start + 6);
  return mtu === 0 ? null : mtu;
}
