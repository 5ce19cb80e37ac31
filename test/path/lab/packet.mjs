/*
 * As much of an IP packet as the forwarder counts by: IPv4 (RFC 791) or IPv6 (RFC 8200, without
 * extension headers), then TCP (RFC 9293) or UDP.
 */

const TCP = 6;
const UDP = 17;
const IPV6_HEADER_BYTES = 40;

const SYN = 0x02;

/**
 * @param {Buffer} packet
 * @returns {{ kind: 'tcpData' | 'tcpSyn' | 'udp' | 'other' }} tcpData: it carries payload
 */
export function readPacket(packet) {
  const version = packet.length > 0 ? packet.readUInt8(0) >> 4 : 0;
  const six = version === 6;
  if ((!six && version !== 4) || packet.length < (six ? IPV6_HEADER_BYTES : 20)) {
    return { kind: 'other' };
  }
  const headerBytes = six ? IPV6_HEADER_BYTES : (packet.readUInt8(0) & 0x0f) * 4;
  const protocol = packet.readUInt8(six ? 6 : 9);
  if (protocol === UDP) return { kind: 'udp' };
  if (protocol !== TCP || packet.length < headerBytes + 20) return { kind: 'other' };
  const dataAt = headerBytes + (packet.readUInt8(headerBytes + 12) >> 4) * 4;
  if ((packet.readUInt8(headerBytes + 13) & SYN) !== 0) return { kind: 'tcpSyn' };
  return { kind: packet.length > dataAt ? 'tcpData' : 'other' };
}
