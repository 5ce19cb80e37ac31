import { isIP } from 'node:net';

/**
 * The server name to send in TLS for a target, as mstsc sends it: the name that was asked for; none
 * for an address, which RFC 6066 section 3 does not allow there.
 */
export function serverNameFor(host: string): string | null {
  return isIP(host.replace(/%.*$/, '')) === 0 ? host.replace(/\.$/, '') : null;
}
