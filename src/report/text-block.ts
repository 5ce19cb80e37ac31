import type { Paint } from './text-style.js';
import { displayWidth, padEnd, wrap } from './width.js';

/** A label and what is to be said of it. */
export interface Entry {
  readonly label: string;
  readonly text: string;
  readonly tone?: keyof Paint;
}

export interface BlockOptions {
  readonly width: number;
  readonly indent: number;
  /** columns of the label, the space after it included */
  readonly labelWidth: number;
  readonly paint: Paint;
}

/** Labels in one column, their texts wrapped in the other. */
export function renderEntries(entries: readonly Entry[], options: BlockOptions): string[] {
  return entries.flatMap((entry) => renderEntry(entry, options));
}

function renderEntry({ label, text, tone }: Entry, options: BlockOptions): string[] {
  const { width, indent, paint } = options;
  const labelWidth = Math.max(options.labelWidth, displayWidth(label) + 1);
  const left = ' '.repeat(indent);
  const lines = wrap(text, width - indent - labelWidth);
  return lines.map((line, index) => {
    const head = index === 0 ? paint.dim(padEnd(label, labelWidth)) : ' '.repeat(labelWidth);
    return `${left}${head}${tone === undefined ? line : paint[tone](line)}`;
  });
}

/** A paragraph with its first line after a mark and the others under its text. */
export function renderParagraph(
  text: string,
  options: { readonly width: number; readonly indent: number; readonly mark?: string },
  tone: (line: string) => string = (line) => line,
): string[] {
  const mark = options.mark === undefined ? '' : `${options.mark} `;
  const left = ' '.repeat(options.indent);
  const hang = ' '.repeat(displayWidth(mark));
  return wrap(text, options.width - options.indent - displayWidth(mark)).map(
    (line, index) => `${left}${index === 0 ? mark : hang}${tone(line)}`,
  );
}
