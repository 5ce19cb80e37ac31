import { networkInterfaces } from 'node:os';

/**
 * The interface that has an address. A link-local IPv6 address may be on several, so it brings its
 * own as a zone: `fe80::1%eth0`.
 */
export function interfaceWith(localAddress: string): string | null {
  const [address = '', zone] = localAddress.split('%', 2);
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (zone !== undefined && zone !== name) continue;
    if (addresses?.some((known) => known.address === address)) return name;
  }
  return null;
}

/** Any interface of this machine that is up; the loopback interface where there is one. */
export function anyInterface(): string | null {
  const all = Object.entries(networkInterfaces());
  const loopback = all.find(([, addresses]) => addresses?.some(({ internal }) => internal));
  return (loopback ?? all[0])?.[0] ?? null;
}
