import type { Handshake } from '../handshake/handshake.js';
import type { Side } from '../handshake/trace.js';
import { lastEvent, property } from './seen.js';

function count(value: unknown, name: string): number | null {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'number' ? found : null;
}

/** Sent again, less what the other end shows to have had already, and what held no data. */
function needed(figures: unknown, empty = 0): number | null {
  const again = count(figures, 'retransmissions');
  return again === null ? null : again - empty - (count(figures, 'spuriousRetransmissions') ?? 0);
}

/** SYN and FIN that a capture shows to have been sent again: they are no data. */
function emptyOnes(figures: unknown, side: Side): number {
  const resent = property(figures, 'resent');
  if (!Array.isArray(resent)) return 0;
  return resent.filter((one) => property(one, 'by') === side && property(one, 'bytes') === 0)
    .length;
}

/**
 * Segments that a side had to send again, needless ones not counted: each of them, or its
 * acknowledgment, was lost. A capture tells both sides, the kernel its own.
 *
 * @returns null: not measured
 */
export function lostSegments(handshake: Handshake, side: Side): number | null {
  const figures = lastEvent(handshake, { kind: 'tcp-figures' });
  const captured = needed(figures?.[side], emptyOnes(figures, side));
  if (captured !== null || side === 'server') return captured;
  return needed(lastEvent(handshake, { kind: 'kernel' }));
}

/** One may be a matter of a timer. */
const LEAST_UNANSWERED = 2;

/**
 * Whether what the client sent last before a silence is not even acknowledged: the kernel of a host
 * does that whatever the service behind the port does.
 */
export function isUnacknowledged(handshake: Handshake): boolean {
  if (handshake.outcome.how !== 'timeout') return false;
  return (lostSegments(handshake, 'client') ?? 0) >= LEAST_UNANSWERED;
}

/**
 * Bytes of the server that a capture lacks although its later packets count them; null: no capture.
 */
export function unseenBytes(handshake: Handshake): number | null {
  return count(lastEvent(handshake, { kind: 'tcp-figures' })?.['server'], 'unseenBytes');
}
