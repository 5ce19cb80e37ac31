import type { Signal } from '../diagnose/finding.js';
import type { Clean } from './clean.js';
import { formatMs } from './format.js';
import { type Entry, renderEntries } from './text-block.js';
import { paintOf, type TextStyle } from './text-style.js';

/** Columns of most names, the space after them included; longer ones take what they need. */
const LABEL_WIDTH = 27;

/** Each signal with what showed it, one entry a piece of evidence. */
export function renderSignals(signals: readonly Clean<Signal>[], style: TextStyle): string[] {
  const entries = signals.flatMap(({ id, evidence }) =>
    evidence.map(({ says, atMs }, index): Entry => {
      const at = atMs === null ? '' : ` (at ${formatMs(atMs)} ms)`;
      return { label: index === 0 ? id : '', text: `${says}${at}` };
    }),
  );
  return renderEntries(entries, {
    width: style.width,
    indent: 0,
    labelWidth: LABEL_WIDTH,
    paint: paintOf(style),
  });
}
