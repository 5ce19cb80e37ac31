/** The bytes of an address as people write it: 4 or 16 of them; a zone after `%` is left out. */
export function parseAddress(text: string): Uint8Array | null {
  const [address = ''] = text.split('%');
  if (!address.includes(':')) return parseIpv4(address);
  const halves = address.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || head === null || tail === null) return null;
  const after = tail ?? [];
  const missing = 8 - head.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...after];
  const bytes = new Uint8Array(16);
  for (const [index, group] of groups.entries()) {
    bytes[2 * index] = group >> 8;
    bytes[2 * index + 1] = group & 0xff;
  }
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const numbers = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return numbers.every((number) => number < 256) ? Uint8Array.from(numbers) : null;
}

/** Groups of an IPv6 address on one side of its `::`; the last may be an IPv4 address. */
function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const last = index === parts.length - 1 ? parseIpv4(part) : null;
    if (last === null) return null;
    const [a = 0, b = 0, c = 0, d = 0] = last;
    groups.push((a << 8) | b, (c << 8) | d);
  }
  return groups;
}

/** RFC 4291 section 2.5.5.2: what a socket of both families calls an IPv4 address. */
function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  );
}
