import { cleanText } from './clean.js';

/*
 * Text of others in Markdown: it must come out as it is, without a heading, a link, a picture, HTML or
 * a mention of a person that it did not have. Wherever Markdown gives a sign a meaning, a backslash
 * stands before it.
 */

/** Signs with a meaning anywhere in a line. */
const SIGNS = /[\\`*[\]<>|~#&@$^]/g;

/** An underscore begins or ends emphasis only where no letter is on one side of it. */
const UNDERSCORES = /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** What is made a link of by itself. */
const ADDRESSES = /:(?=\/\/)|(?<=\bwww)\.|(?<=\bmailto|\bxmpp):/gi;

/** What begins a list or a rule at the start of a line. */
const BEGINNING = /^(\s*)([-+=])/;
const NUMBER = /^(\s*\d+)([.)])(?=\s|$)/;

/** One line of text, as it is. */
export function escapeMarkdown(text: string): string {
  return cleanText(text, { ascii: false })
    .replace(SIGNS, '\\$&')
    .replace(UNDERSCORES, '\\_')
    .replace(ADDRESSES, '\\$&')
    .replace(BEGINNING, '$1\\$2')
    .replace(NUMBER, '$1\\$2');
}

/** A command between fences that it cannot close. */
export function fenced(command: string): readonly string[] {
  const text = cleanText(command, { ascii: false });
  const longest = [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [fence, text, fence];
}

/** A link where the address is one of the web, else the title alone: reports can be made by hand. */
export function markdownLink(title: string, url: string): string {
  return /^https:\/\/[^\s<>()[\]\\]+$/.test(url)
    ? `[${escapeMarkdown(title)}](<${url}>)`
    : escapeMarkdown(title);
}
