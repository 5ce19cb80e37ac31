import type { Handshake } from '../handshake/handshake.js';
import type { Side } from '../handshake/trace.js';
import { lastEvent } from './seen.js';

function count(value: unknown, name: string): number | null {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'number' ? found : null;
}

/** Sent again, less what the other end shows to have had already. */
function needed(figures: unknown): number | null {
  const again = count(figures, 'retransmissions');
  return again === null ? null : again - (count(figures, 'spuriousRetransmissions') ?? 0);
}

/**
 * Segments that a side had to send again, needless ones not counted: each of them, or its
 * acknowledgment, was lost. A capture tells both sides, the kernel its own.
 *
 * @returns null: not measured
 */
export function lostSegments(handshake: Handshake, side: Side): number | null {
  const captured = needed(lastEvent(handshake, { kind: 'tcp-figures' })?.[side]);
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

/** Whether what the client sent last before a silence was acknowledged: nothing had to be sent again. */
export function isAcknowledged(handshake: Handshake): boolean {
  return handshake.outcome.how === 'timeout' && lostSegments(handshake, 'client') === 0;
}
