import type { Handshake } from '../handshake/handshake.js';
import { formatList } from './format.js';
import type { Entry } from './text-block.js';

/** Fields with the same reason, of which so many are named. */
const MAX_FIELDS = 24;

/** Fields that are null, by the reason why. */
export function notMeasuredOf(
  handshakes: readonly Pick<Handshake, 'notMeasured'>[],
): readonly Entry[] {
  const fieldsByReason = new Map<string, Set<string>>();
  for (const { notMeasured } of handshakes) {
    for (const [field, reason] of Object.entries(notMeasured)) {
      const fields = fieldsByReason.get(reason) ?? new Set<string>();
      fieldsByReason.set(reason, fields.add(field));
    }
  }
  return [...fieldsByReason].map(([reason, fields]) => ({
    label: reason,
    text: formatList([...fields], MAX_FIELDS),
  }));
}
