/*
 * Every string of a report may have been chosen by a hostile peer. Before one reaches a terminal it
 * goes through here; the renderers of text accept only what did (`Clean<T>`).
 */

declare const cleaned: unique symbol;

/** A value of whose strings none can do harm to a terminal. Only `cleanStrings` makes one. */
export type Clean<T> = T & { readonly [cleaned]: true };

export interface CleanOptions {
  /** the terminal cannot show more than ASCII */
  readonly ascii: boolean;
}

/** Longest string that is shown, in code points: no name, subject or sentence of ours is longer. */
export const MAX_SHOWN_LENGTH = 600;

/** Longest list of which every element is cleaned; a renderer shows far fewer. */
const MAX_SHOWN_ELEMENTS = 1000;

/**
 * What must not reach a terminal as it is: controls (ANSI escapes begin with one), format characters
 * (bidi overrides, zero-width), line and paragraph separators, lone surrogates, private use,
 * unassigned, variation selectors, and letters that are drawn as nothing.
 */
const HARMFUL =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{2800}\u{3164}\u{ffa0}]|\u{34f}|[\u{fe00}-\u{fe0f}]|[\u{e0100}-\u{e01ef}]/gu;

/** More marks than any script puts on one letter: they would pile up over the lines around it. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;

/** Signs of our own sentences that ASCII has a likeness of. */
const LIKENESSES: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '→': '->',
  '×': 'x',
  '·': '-',
};

/** One string, harmless: what was taken out is shown as its escape, `\x1b` or `\u202e`. */
export function cleanText(text: string, options: CleanOptions): string {
  const points = [...text.slice(0, 2 * MAX_SHOWN_LENGTH + 2)];
  const short = points.length <= MAX_SHOWN_LENGTH;
  const shown = short ? points.join('') : `${points.slice(0, MAX_SHOWN_LENGTH).join('')}…`;
  const harmless = shown
    .replace(/\p{Zs}/gu, ' ')
    .replace(PILED_MARKS, '$1')
    .replace(HARMFUL, escapeOf);
  if (!options.ascii) return harmless;
  return harmless.replace(/[^ -~]/gu, (sign) => LIKENESSES[sign] ?? escapeOf(sign));
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/**
 * A copy of a value in which every string, keys of objects included, is harmless. The one way to
 * the text renderers.
 */
export function cleanStrings<T>(value: T, options: CleanOptions): Clean<T> {
  return cleanValue(value, options) as Clean<T>;
}

function cleanValue(value: unknown, options: CleanOptions): unknown {
  if (typeof value === 'string') return cleanText(value, options);
  if (Array.isArray(value)) {
    return value.slice(0, MAX_SHOWN_ELEMENTS).map((element) => cleanValue(element, options));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      cleanText(key, options),
      cleanValue(field, options),
    ]),
  );
}

/** JSON keeps every string exact, so its dangerous characters are written as `\uXXXX`. */
export function escapeJson(json: string): string {
  return json.replace(HARMFUL, (character) => {
    // Line ends and indentation are the document's own: inside strings JSON has escaped them.
    if (character === '\n') return character;
    return character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  });
}
