import type { SinglesResult } from './drip.js';
import { wilsonInterval } from './statistics.js';

/**
 * The 95 % interval of the loss to the server. That a packet was sent again for nothing is said by
 * an acknowledgment, which may be lost itself; then it is counted as lost. How many such there are is
 * estimated by the loss itself, and the lower end allows for them.
 */
export function lossInterval({
  sent,
  lost,
  spurious,
}: Pick<SinglesResult, 'sent' | 'lost' | 'spurious'>): readonly [number, number] {
  const ratio = sent === 0 ? 0 : lost / sent;
  const unsaid = Math.min(lost, Math.ceil(((spurious + 1) * ratio) / Math.max(1 - ratio, 0.1)));
  const [low] = wilsonInterval(ratio > UNSAID_FROM ? lost - unsaid : lost, sent);
  const [, high] = wilsonInterval(lost, sent);
  return [low, high];
}

/** Below this share hardly any such acknowledgment is lost. */
const UNSAID_FROM = 0.05;
