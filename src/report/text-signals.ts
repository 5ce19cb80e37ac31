import type { Signal } from '../diagnose/finding.js';
import type { Clean } from './clean.js';
import { formatMs } from './format.js';
import { type Entry, renderEntries } from './text-block.js';
import { paintOf, type TextStyle } from './text-style.js';

/** No name takes more columns of a narrow terminal; the space after it is included. */
const MAX_LABEL_WIDTH = 31;

/** Each signal with what showed it, one entry a piece of evidence. */
export function renderSignals(signals: readonly Clean<Signal>[], style: TextStyle): string[] {
  const entries = signals.flatMap(({ id, evidence }) =>
    evidence.map(({ says, atMs }, index): Entry => {
      const at = atMs === null ? '' : ` (at ${formatMs(atMs)} ms)`;
      return { label: index === 0 ? id : '', text: `${says}${at}` };
    }),
  );
  const longest = Math.max(0, ...signals.map(({ id }) => id.length + 1));
  return renderEntries(entries, {
    width: style.width,
    indent: 0,
    labelWidth: Math.min(longest, MAX_LABEL_WIDTH),
    paint: paintOf(style),
  });
}
