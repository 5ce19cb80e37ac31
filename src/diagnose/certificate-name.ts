/** An IPv4 or IPv6 address rather than a name. Names have no colon, and end in no number. */
export function isAddress(target: string): boolean {
  return target.includes(':') || /^\d+(\.\d+){3}$/.test(target);
}

/** 16-bit groups of an IPv6 address, or null where it is none. A zone and its `%` are left out. */
function ipv6Groups(address: string): readonly number[] | null {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const hex = (high: string, low: string): string =>
    ((Number(high) << 8) | Number(low)).toString(16);
  const plain =
    dotted === null
      ? bare
      : `${dotted[1]}${hex(dotted[2] ?? '', dotted[3] ?? '')}:${hex(dotted[4] ?? '', dotted[5] ?? '')}`;
  const halves = plain.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const front = head ?? [];
  const back = tail ?? [];
  const missing = 8 - front.length - back.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...front, ...Array<string>(missing).fill('0'), ...back];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null;
  return groups.map((group) => Number.parseInt(group, 16));
}

export function sameAddress(one: string, other: string): boolean {
  if (!one.includes(':')) return one === other;
  const groups = ipv6Groups(one);
  return groups !== null && groups.join() === ipv6Groups(other)?.join();
}

/** Lower case, without the root's dot. */
function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/**
 * Whether a name in a certificate stands for the name that was asked for, RFC 6125 section 6.4. A
 * wildcard stands for exactly one label, alone and leftmost; what has a wildcard elsewhere, as
 * 6.4.3 leaves to the client, matches nothing.
 */
export function nameMatches(presented: string, reference: string): boolean {
  const pattern = normal(presented);
  const name = normal(reference);
  if (!pattern.includes('*')) return pattern === name && name !== '';
  if (!pattern.startsWith('*.') || pattern.includes('*', 1)) return false;
  const dot = name.indexOf('.');
  // `*.example` would stand for a whole top-level domain.
  return dot > 0 && pattern.slice(2).includes('.') && name.slice(dot + 1) === pattern.slice(2);
}

/** What a certificate says of whom it is for. */
export interface PresentedNames {
  readonly dns: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * @param subjectAltNames as the report has them: `DNS:name`, `IP:address`, or another prefix
 * @param subject the distinguished name; its CN counts only where there is no DNS name, RFC 6125
 *   section 6.4.4, which is how the certificates that Windows makes itself are read
 */
export function presentedNames(
  subjectAltNames: readonly string[],
  subject: string | null,
): PresentedNames {
  const dns: string[] = [];
  const addresses: string[] = [];
  for (const entry of subjectAltNames) {
    const [, prefix, value] = /^([^:]*):(.*)$/s.exec(entry) ?? [];
    if (prefix === 'DNS') dns.push(value ?? '');
    else if (prefix === 'IP' || prefix === 'IP Address') addresses.push(value ?? '');
  }
  const commonName = dns.length > 0 ? null : commonNameOf(subject);
  return { dns: commonName === null ? dns : [commonName], addresses };
}

/** The most specific CN of a distinguished name as RFC 4514 writes it, its escapes undone. */
export function commonNameOf(subject: string | null): string | null {
  const found = /(?:^|[,+])\s*CN\s*=((?:\\[\s\S]|[^,+\\])*)/i.exec(subject ?? '');
  const value = found?.[1]?.trim() ?? '';
  return value === '' ? null : value.replace(/\\([^0-9a-f]|(?![0-9a-f]{2})[0-9a-f])/gi, '$1');
}
