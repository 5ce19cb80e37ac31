import type { LossReport } from '../handshake/path.js';
import type { SinglesResult } from './drip.js';
import type { SocketSample } from './sampler.js';
import { wilsonInterval } from './statistics.js';

/** Below this share hardly any such acknowledgment is lost. */
const UNSAID_FROM = 0.05;

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

/**
 * @param singles null: they could not be counted
 * @param synRetransmissions of all connections of the run; null: the kernel does not tell
 * @param first the kernel's figures of the first handshake
 */
export function lossReport(
  singles: SinglesResult | null,
  synRetransmissions: LossReport['synRetransmissions'],
  first: readonly SocketSample[],
): LossReport {
  return {
    sent: singles?.sent ?? null,
    lost: singles?.lost ?? null,
    ratio: singles === null || singles.sent === 0 ? null : singles.lost / singles.sent,
    interval95: singles === null ? null : lossInterval(singles),
    direction: 'to-server',
    spurious: singles?.spurious ?? null,
    synRetransmissions,
    fromServerOutOfOrder: first.at(-1)?.info.receivedOutOfOrder ?? null,
  };
}
