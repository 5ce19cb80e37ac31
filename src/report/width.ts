/** Our own colour codes; cleaned text holds no escape character, so that nothing else looks so. */
const ESCAPE = '\u001b';
const COLOUR_CODE = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'gu');
const COLOUR_OR_CHARACTER = new RegExp(`${ESCAPE}\\[[0-9;]*m|.`, 'gsu');

/** East Asian wide and full-width characters and emoji: two columns each. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23f3],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x267f, 0x267f],
  [0x2693, 0x26fd],
  [0x2705, 0x2705],
  [0x270a, 0x270b],
  [0x2728, 0x2728],
  [0x274c, 0x274e],
  [0x2753, 0x2757],
  [0x2795, 0x2797],
  [0x27b0, 0x27bf],
  [0x2b1b, 0x2b1c],
  [0x2b50, 0x2b55],
  [0x2e80, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1f004, 0x1f004],
  [0x1f0cf, 0x1f0cf],
  [0x1f18e, 0x1f19a],
  [0x1f1e6, 0x1f1ff],
  [0x1f200, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Columns that a terminal gives to a text; our own colour codes take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(COLOUR_CODE, '')) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/\p{Mn}|\p{Me}/u.test(character)) return 0;
  return WIDE.some(([first, last]) => first <= code && code <= last) ? 2 : 1;
}

/** A text of at most so many columns; what is cut off is told by an ellipsis. */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - displayWidth(ellipsis));
  let shown = '';
  let used = 0;
  let cut = false;
  for (const token of text.match(COLOUR_OR_CHARACTER) ?? []) {
    if (token.startsWith(ESCAPE)) {
      shown += token;
      continue;
    }
    const columns = characterWidth(token);
    if (cut || used + columns > room) {
      if (!cut) shown += ellipsis;
      cut = true;
      continue;
    }
    shown += token;
    used += columns;
  }
  return shown;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/**
 * Lines of at most so many columns, broken at spaces; a word that is too long is broken anywhere.
 *
 * @param text without colour codes
 */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= limit) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = breakWord(word, limit);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/**
 * A command over several lines, broken where PowerShell goes on reading on the next line (after
 * `|`, `,` and `;`), so that it can still be pasted; only where that is not possible, at a space.
 *
 * @param text without colour codes
 */
export function wrapCommand(text: string, width: number): string[] {
  const pieces = text.split(/(?<=[|,;])/);
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    if (displayWidth(line + piece) <= width) {
      line += piece;
      continue;
    }
    if (line !== '') lines.push(...wrap(line.trim(), width));
    line = piece;
  }
  if (line !== '') lines.push(...wrap(line.trim(), width));
  return lines;
}

function breakWord(word: string, limit: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const character of word) {
    const columns = characterWidth(character);
    if (used + columns > limit && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += columns;
  }
  pieces.push(piece);
  return pieces;
}
