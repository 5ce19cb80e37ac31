/** How text is to look; decided once, by the command line. */
/**
 * How much is told. `brief`: no more than the demo needs; `explained`: as `normal`, and every cause in
 * full; `verbose`: every event and source besides.
 */
export type Detail = 'brief' | 'normal' | 'explained' | 'verbose';

export interface TextStyle {
  /** columns; no line is wider */
  readonly width: number;
  readonly color: boolean;
  /** false: ASCII only */
  readonly unicode: boolean;
  readonly detail: Detail;
}

/** Colours by what they mean. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

const PLAIN: Paint = {
  bold: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  warn: (text) => text,
};

const COLOURED: Paint = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  warn: sgr(33, 39),
};

/** Select Graphic Rendition, ECMA-48 8.3.117. */
function sgr(on: number, off: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`);
}

export function paintOf(style: TextStyle): Paint {
  return style.color ? COLOURED : PLAIN;
}

export interface Glyphs {
  readonly good: string;
  readonly bad: string;
  readonly warn: string;
  readonly pending: string;
  readonly none: string;
  readonly item: string;
  readonly ellipsis: string;
  /** bar of the waterfall: full cells, and what begins and ends in the middle of one */
  readonly bar: {
    readonly full: string;
    readonly eighths: readonly string[];
    readonly open: string;
  };
  /** one packet size, or the sizes of one cell, on an axis of sizes */
  readonly size: {
    readonly passed: string;
    readonly vanished: string;
    readonly refused: string;
    readonly unclear: string;
    /** some of the cell passed, some did not */
    readonly mixed: string;
    readonly untried: string;
  };
  /** column of a histogram: none, then from low to high */
  readonly columns: readonly string[];
}

const UNICODE: Glyphs = {
  good: '✓',
  bad: '✗',
  warn: '!',
  pending: '…',
  none: '·',
  item: '•',
  ellipsis: '…',
  bar: { full: '█', eighths: ['▏', '▎', '▍', '▌', '▋', '▊', '▉'], open: '░' },
  size: { passed: '●', vanished: '○', refused: '◇', unclear: '?', mixed: '◐', untried: '·' },
  columns: ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

const ASCII: Glyphs = {
  good: '+',
  bad: 'x',
  warn: '!',
  pending: '?',
  none: '.',
  item: '-',
  ellipsis: '...',
  bar: { full: '#', eighths: ['|'], open: '~' },
  size: { passed: '#', vanished: 'x', refused: 'r', unclear: '?', mixed: '%', untried: '.' },
  columns: ['.', '_', '-', '=', '#'],
};

export function glyphsOf(style: TextStyle): Glyphs {
  return style.unicode ? UNICODE : ASCII;
}
