import { escapeMarkdown } from './markdown-text.js';
import type { Entry } from './text-block.js';

/** Lines of Markdown; those of others went through `escapeMarkdown`. */
export type Lines = readonly string[];

/** A part with a heading; nothing where there is nothing in it. */
export function section(level: 2 | 3 | 4, title: string, lines: Lines): Lines {
  return lines.length === 0 ? [] : [`${'#'.repeat(level)} ${title}`, '', ...lines, ''];
}

/** A list of labels and texts; a text without a label says more of the one above. */
export function entryList(entries: readonly Entry[]): Lines {
  return entries.map(({ label, text }) =>
    label === '' ? `  - ${escapeMarkdown(text)}` : `- **${label}**: ${escapeMarkdown(text)}`,
  );
}

export function bullets(texts: Lines): Lines {
  return texts.map((text) => `- ${escapeMarkdown(text)}`);
}

/** A table, of which every cell is escaped here; columns of figures to the right. */
export function markdownTable(
  heads: readonly (string | { readonly right: string })[],
  rows: readonly (readonly (string | number | null)[])[],
): Lines {
  if (rows.length === 0) return [];
  const names = heads.map((head) => (typeof head === 'string' ? head : head.right));
  const rules = heads.map((head) => (typeof head === 'string' ? '---' : '---:'));
  return [
    tableRow(names),
    tableRow(rules),
    ...rows.map((row) =>
      tableRow(
        row.map((cell) => (typeof cell === 'number' ? String(cell) : escapeMarkdown(cell ?? ''))),
      ),
    ),
    '',
  ];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
