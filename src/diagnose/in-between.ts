import type { Handshake } from '../handshake/handshake.js';
import { isUnacknowledged } from './lost-segments.js';
import { endEvent, lastEvent, lastWords, number } from './seen.js';

/* What shows that something on the way ended a connection, and not the server. */

/** Below this share of the round trip an answer cannot be the server's, jitter allowed for. */
const TOO_SOON_SHARE = 0.6;
/** Shorter round trips leave no room to tell. */
const LEAST_RTT_MS = 2;

/**
 * The least round trip that connections with an address show, milliseconds: the very first packet may
 * have waited for a neighbour's address. null: none was measured
 */
export function leastRttMs(
  handshakes: readonly Handshake[],
  address: string | null,
): number | null {
  const known = handshakes
    .filter(({ server }) => server.address === address)
    .flatMap((one) => {
      const least = number(lastEvent(one, { kind: 'kernel' }), 'minRttUs') ?? 0;
      return [one.tcp.rttMs ?? [], least > 0 ? least / 1000 : []].flat();
    });
  return known.length === 0 ? null : Math.min(...known);
}

/**
 * Whether the end came sooner after the client's message than the server could answer.
 *
 * @param rttMs the least round trip known; else that of this connection
 */
export function endedTooSoon(
  handshake: Handshake,
  rttMs: number | null = leastRttMs([handshake], handshake.server.address),
): boolean {
  if (rttMs === null || rttMs < LEAST_RTT_MS || handshake.tcp.vantage !== 'client') return false;
  const end = endEvent(handshake);
  if (end === null || end['by'] !== 'server') return false;
  const last = lastWords(handshake, end.atMs);
  return last?.by === 'client' && last.agoMs !== null && last.agoMs < rttMs * TOO_SOON_SHARE;
}

/** Whether the reset that ended it came from elsewhere, or the end came too soon. */
export function endedInBetween(handshake: Handshake): boolean {
  const strayed = handshake.tcp.strayReset !== null && handshake.outcome.how === 'reset';
  return strayed || endedTooSoon(handshake);
}

/** Bytes of a ClientHello that fits a packet of 576 bytes, which every path of today carries. */
const SMALL_HELLO = 500;

/** Small packets passed both ways, and from a small ClientHello on nothing is acknowledged. */
export function stoppedAfterSmall(handshake: Handshake): boolean {
  const hello = handshake.tls.clientHello;
  return (
    handshake.outcome.failedAt === 'tls' &&
    isUnacknowledged(handshake) &&
    hello !== null &&
    hello.bytes <= SMALL_HELLO
  );
}
