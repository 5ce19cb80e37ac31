import { cleanText } from '../clean.js';

/*
 * HTML is written with the tag `html` and in no other way. Whatever is put into one of its templates
 * is escaped, unless it is markup that another template made: there is no way around it.
 */

declare const written: unique symbol;

/** HTML of ours, in which every text of others was escaped. Only the tag `html` makes it. */
export interface Markup {
  readonly [written]: true;
  toString(): string;
}

class WrittenMarkup {
  declare readonly [written]: true;
  readonly #html: string;

  constructor(text: string) {
    this.#html = text;
  }

  toString(): string {
    return this.#html;
  }
}

/** What a template takes; null and an empty list leave nothing. */
export type Content = string | number | Markup | null | readonly Content[];

/**
 * Values stand in the text of an element, or in an attribute with quotes around it; never in a name,
 * in a style sheet or in a comment.
 */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const parts = strings.map((text, index) => text + rendered(contents[index] ?? null));
  return new WrittenMarkup(parts.join(''));
}

function rendered(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  return content instanceof WrittenMarkup
    ? content.toString()
    : (content as readonly Content[]).map(rendered).join('');
}

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text that can stand in an element or in a quoted attribute, with nothing in it that is not seen. */
export function escapeHtml(text: string): string {
  return cleanText(text, { ascii: false }).replace(/[&<>"'`]/g, (sign) => SIGNS[sign] ?? '');
}

/** A link where the address is one of the web, else the title alone: reports can be made by hand. */
export function link(title: string, url: string): Markup {
  return /^https:\/\/[^\s]+$/.test(url)
    ? html`<a href="${url}" rel="noreferrer noopener">${title}</a>`
    : html`${title}`;
}
