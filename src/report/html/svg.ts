import { type Content, html, type Markup } from './markup.js';

/*
 * Pictures are as wide as the page: places across are percent, places down are pixels. So text keeps
 * its size on a telephone and on paper, and nothing has to be drawn twice.
 */

/** A place across, in percent of the picture. */
export function percent(share: number): string {
  return `${Number(Math.max(0, Math.min(100, share)).toFixed(2))}%`;
}

/**
 * A picture with what it shows in words.
 *
 * @param id stands once in the page
 * @param height pixels
 */
export function picture(
  id: string,
  words: { readonly title: string; readonly says: string },
  height: number,
  content: Content,
  className = '',
): Markup {
  return html`<svg class="${className}" role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d" height="${height}" width="100%"><title id="${id}-t">${words.title}</title><desc id="${id}-d">${words.says}</desc>
${content}</svg>
`;
}

/** A mark at a place across: the path is drawn around 0,0 in pixels. */
export function markAt(share: number, y: number, path: string, className: string): Markup {
  return html`<svg x="${percent(share)}" y="${y}" width="1" height="1"><path class="${className}" d="${path}"/></svg>`;
}

export const CROSS = 'M-4-4L4 4M4-4L-4 4';
export const DIAMOND = 'M0-5L5 0L0 5L-5 0Z';

/** Round values for an axis from 0 or from a smallest one: about as many steps as asked for. */
export function ticksOf(low: number, high: number, steps: number): readonly number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? span;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** A round time on an axis. */
export function tickLabel(ms: number): string {
  if (ms === 0) return '0';
  return ms < 10_000 ? `${ms} ms` : `${Number((ms / 1000).toPrecision(6))} s`;
}
