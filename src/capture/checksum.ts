/**
 * Adds up 16-bit words in network byte order, RFC 1071; an odd last byte counts as the high half of
 * a word.
 *
 * @param sum of what came before, which must have had an even number of bytes
 * @returns a sum that is not folded yet; it stays exact for any packet
 */
export function addWords(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  let at = start;
  for (; at + 1 < end; at += 2) total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (at < end) total += (bytes[at] ?? 0) << 8;
  return total;
}

/** The Internet checksum of a sum: folded to 16 bits, and its complement. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/**
 * The pseudo header of TCP, UDP and ICMPv6: RFC 9293 section 3.1 and RFC 8200 section 8.1. Both
 * add up to the same, as only the widths of their fields differ.
 *
 * @param addresses where both addresses stand, one after the other
 * @param length of the header and payload that it stands for
 */
export function addPseudoHeader(
  addresses: Uint8Array,
  start: number,
  addressBytes: 4 | 16,
  protocol: number,
  length: number,
): number {
  const sum = addWords(addresses, start, start + 2 * addressBytes);
  return sum + protocol + (length & 0xffff) + (length >>> 16);
}
