import type { Standing } from '../standing.js';
import type { Entry } from '../text-block.js';
import { type Content, html, type Markup } from './markup.js';

/** What a piece of text means, as a class of the style sheet. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim';

/** A part of a target's page, with a heading for those who jump from heading to heading. */
export function section(id: string, title: string, content: Content): Markup {
  return html`<section aria-labelledby="${id}"><h3 id="${id}">${title}</h3>
${content}
</section>
`;
}

/** Labels and texts; a label without a text before it says more of the one above. */
export function definitions(entries: readonly Entry[]): Markup | null {
  if (entries.length === 0) return null;
  return html`<dl>${entries.map(
    ({ label, text, tone }) =>
      html`${label === '' ? null : html`<dt>${label}</dt>`}<dd class="${tone ?? ''}">${text}</dd>`,
  )}</dl>
`;
}

export interface TableColumn {
  readonly head: string;
  /** `number`: to the right; `word`: on one line; `long`: sentences; `code`: names and hex */
  readonly kind?: 'number' | 'word' | 'long' | 'code';
}

/**
 * A table that scrolls in itself where the page is too narrow, also by keyboard.
 *
 * @param caption what it shows, for those who do not see what stands above
 */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Content[])[],
  look: { readonly showCaption?: boolean } = {},
): Markup {
  const captionClass = look.showCaption === true ? '' : 'hidden';
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption><span class="${captionClass}">${caption}</span></caption>
<thead><tr>${columns.map(({ head, kind }) => html`<th scope="col" class="${kind === 'number' ? kind : ''}">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map((cell, index) => renderCell(cell, index, columns[index]))}</tr>
`,
  )}</tbody></table></div>
`;
}

function renderCell(cell: Content, index: number, column: TableColumn | undefined): Markup {
  const kind = column?.kind ?? '';
  return index === 0
    ? html`<th scope="row" class="${kind}">${cell}</th>`
    : html`<td class="${kind}">${cell}</td>`;
}

/** Something that is there for those who ask. */
export function details(summary: string, content: Content): Markup {
  return html`<details><summary>${summary}</summary>
${content}</details>
`;
}

/** Text with a tone; the words carry the meaning, the colour repeats it. */
export function toned(text: string, tone: Tone | null): Markup {
  return tone === null ? html`${text}` : html`<span class="${tone}">${text}</span>`;
}

export function toneOfStanding(standing: Standing): Tone {
  switch (standing) {
    case 'fine':
      return 'good';
    case 'problem':
      return 'bad';
    case 'open':
    case 'not-tried':
      return 'warn';
  }
}

export function unorderedList(items: readonly Content[]): Markup | null {
  return items.length === 0
    ? null
    : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>
`;
}
