import type { Handshake } from '../handshake/handshake.js';
import { lastEvent, stage, text } from './seen.js';

/* Who refused a TCP connection, where the code alone does not tell. */

/** The host itself answered the SYN with ICMP port unreachable, as a filter on it does. */
export function hostSaysUnreachable({ outcome, tcp, server }: Handshake): boolean {
  return (
    outcome.failedAt === 'tcp' &&
    tcp.icmp.some(({ type, from }) => type === 'port-unreachable' && from === server.address)
  );
}

/** A system that itself forbids a connection says so within the call that asks for it. */
const SOONER_THAN_A_PATH_MS = 5;

/**
 * Whether EACCES came from the path: Linux reports ICMPv6 administratively prohibited and its like so
 * (RFC 4443 section 3.1), which takes a round trip at least.
 */
export function isProhibitedOnPath(one: Handshake): boolean {
  const code = text(lastEvent(one, { kind: 'tcp-failed' }), 'code');
  const tookMs = stage(one, 'tcp')?.durationMs ?? null;
  const ipv6 = one.server.address?.includes(':') ?? false;
  return ipv6 && code === 'EACCES' && tookMs !== null && tookMs >= SOONER_THAN_A_PATH_MS;
}

/** Whoever looks for a host that is not there gives up after seconds; a filter answers at once. */
const SOONER_THAN_A_SEARCH_MS = 1_000;

/**
 * Whether "host unreachable" came too soon for a host that was looked for, and nothing tells which ICMP
 * it was, if any: systems report that of a filter, and a filter of their own, by this code as well.
 */
export function isUnreachableAtOnce(one: Handshake): boolean {
  const code = text(lastEvent(one, { kind: 'tcp-failed' }), 'code');
  const tookMs = stage(one, 'tcp')?.durationMs ?? null;
  const soon = tookMs !== null && tookMs < SOONER_THAN_A_SEARCH_MS;
  return one.tcp.icmp.length === 0 && code === 'EHOSTUNREACH' && soon;
}
