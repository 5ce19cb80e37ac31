import type { DirectionReport, Mechanism, PathReport, SizeTrial } from '../handshake/path.js';
import type { Clean } from './clean.js';
import { formatProbability } from './format.js';
import { type Column, renderTable } from './table.js';
import { type Entry, renderEntries, renderParagraph } from './text-block.js';
import { type Glyphs, glyphsOf, type Paint, paintOf, type TextStyle } from './text-style.js';
import { padEnd } from './width.js';

const WAYS = ['to server', 'from server'] as const;
/** `from server` and the space after it. */
const LABEL_WIDTH = 13;
/** Narrower terminals get a block for each direction in the place of the table. */
const TABLE_WIDTH = 72;
const MAX_AXIS_WIDTH = 64;
const MIN_AXIS_WIDTH = 8;

type Way = (typeof WAYS)[number];

interface Row {
  readonly way: Way;
  readonly direction: DirectionReport;
}

/** How large packets may be in each direction: a table, and a picture of what was tried. */
export function renderSizes(path: Clean<PathReport>, style: TextStyle): string[] {
  const rows: readonly Row[] = [
    { way: 'to server', direction: path.mtu.toServer },
    { way: 'from server', direction: path.mtu.fromServer },
  ];
  if (rows.every(({ direction }) => direction.mechanism === 'not-measured')) {
    return renderNothing(rows, style);
  }
  const axis = axisOf(rows, style);
  const wide = style.width >= TABLE_WIDTH;
  return [
    ...(wide ? renderRows(rows, style) : rows.flatMap((row) => renderBlock(row, style))),
    ...(axis === null ? [] : ['', ...rows.flatMap((row) => renderPicture(row, axis, style))]),
    ...(axis === null ? [] : renderLegend(rows, axis, style)),
    ...(style.detail === 'brief' ? [] : renderReasons(rows, style)),
  ];
}

/** A table of nothing would hide that there is none. */
function renderNothing(rows: readonly Row[], style: TextStyle): string[] {
  const whys = new Set(rows.flatMap(({ direction }) => direction.why ?? []));
  const why = whys.size === 0 ? '' : `: ${[...whys].join('; ')}`;
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint: paintOf(style) };
  return renderEntries([{ label: 'packet sizes', text: `not measured${why}`, tone: 'dim' }], block);
}

const HEADS = ['packets', 'limit', 'pass', 'fail', 'tested', 'MSS', 'small', 'large'] as const;

function renderRows(rows: readonly Row[], style: TextStyle): string[] {
  const paint = paintOf(style);
  const columns: readonly Column[] = HEADS.map((head, index) => ({
    head: paint.dim(head),
    align: index < 2 ? 'left' : 'right',
    width: null,
  }));
  const cells = rows.map(({ way, direction }) => {
    const { passUpTo, failsFrom, testedUpTo, mss, trials } = direction;
    const tried = testedUpTo !== null;
    return [
      way,
      named(direction, style),
      bound('to', passUpTo, tried),
      bound('from', failsFrom, tried),
      bound('to', testedUpTo, false),
      mss === null ? '' : String(mss),
      share(trials.small),
      share(trials.big),
    ];
  });
  return renderTable(columns, cells);
}

function bound(which: 'to' | 'from', bytes: number | null, tried: boolean): string {
  if (bytes === null) return tried ? 'none' : '';
  return `${which} ${bytes}`;
}

function share([passed, tried]: readonly [number, number]): string {
  return tried === 0 ? '' : `${passed}/${tried}`;
}

function renderBlock({ way, direction }: Row, style: TextStyle): string[] {
  const { passUpTo, failsFrom, testedUpTo, mss, trials } = direction;
  const tried = testedUpTo !== null;
  const figures = [
    ['pass', bound('to', passUpTo, tried)],
    ['fail', bound('from', failsFrom, tried)],
    ['tested', bound('to', testedUpTo, false)],
    ['MSS', mss === null ? '' : String(mss)],
    ['small', share(trials.small)],
    ['large', share(trials.big)],
  ].flatMap(([label, figure]) => (figure === '' ? [] : [`${label} ${figure}`]));
  return [
    `${padEnd(way, LABEL_WIDTH)}${named(direction, style)}`,
    ...(figures.length === 0
      ? []
      : renderParagraph(figures.join(', '), { width: style.width, indent: 2 })),
  ];
}

/** What limits a direction, with a mark that says whether that is well. */
function named({ mechanism }: DirectionReport, style: TextStyle): string {
  const { mark, tone, words } = standing(mechanism, glyphsOf(style), paintOf(style));
  return tone(`${mark} ${words}`);
}

interface Standing {
  readonly mark: string;
  readonly words: string;
  readonly tone: Paint['good'];
}

/** What limits a direction, in words. */
export function standing(mechanism: Mechanism, glyphs: Glyphs, paint: Paint): Standing {
  switch (mechanism) {
    case 'none':
      return { mark: glyphs.good, words: 'none met', tone: paint.good };
    case 'pmtud':
      return { mark: glyphs.good, words: 'MTU discovered', tone: paint.good };
    case 'mss-clamped':
      return { mark: glyphs.good, words: 'MSS clamped', tone: paint.good };
    case 'black-hole':
      return { mark: glyphs.bad, words: 'black hole', tone: paint.bad };
    case 'repaired-late':
      return { mark: glyphs.bad, words: 'repaired late', tone: paint.bad };
    case 'inconclusive':
      return { mark: glyphs.pending, words: 'inconclusive', tone: paint.warn };
    case 'not-measured':
      return { mark: glyphs.none, words: 'not measured', tone: paint.dim };
  }
}

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly width: number;
}

/** From the smallest to the largest size tried in either direction; null: too few for a picture. */
function axisOf(rows: readonly Row[], style: TextStyle): Axis | null {
  const sizes = rows.flatMap(({ direction }) => direction.sizes.map(({ bytes }) => bytes));
  const low = Math.min(...sizes);
  const high = Math.max(...sizes);
  const room = style.width - LABEL_WIDTH - `${low} ${high} `.length;
  const width = Math.min(MAX_AXIS_WIDTH, room);
  return sizes.length === 0 || low === high || width < MIN_AXIS_WIDTH ? null : { low, high, width };
}

type CellKind = keyof Glyphs['size'];

/** One line of marks: each cell tells of the sizes that were tried within it, and of no others. */
function cellsOf({ sizes }: DirectionReport, { low, high, width }: Axis): CellKind[] {
  const cells = Array.from({ length: width }, (): CellKind => 'untried');
  for (const { bytes, result } of sizes) {
    const place = Math.round(((bytes - low) / (high - low)) * (width - 1));
    cells[place] = joined(cells[place] ?? 'untried', result);
  }
  return cells;
}

function joined(cell: CellKind, result: SizeTrial['result']): CellKind {
  return cell === 'untried' || cell === result ? result : 'mixed';
}

function renderPicture({ way, direction }: Row, axis: Axis, style: TextStyle): string[] {
  if (direction.sizes.length === 0) return [];
  const paint = paintOf(style);
  const glyphs = glyphsOf(style);
  const tones: Readonly<Record<CellKind, (text: string) => string>> = {
    passed: paint.good,
    vanished: paint.bad,
    refused: paint.warn,
    unclear: paint.warn,
    mixed: paint.bad,
    untried: paint.dim,
  };
  const marks = cellsOf(direction, axis).map((kind) => tones[kind](glyphs.size[kind]));
  return [`${padEnd(way, LABEL_WIDTH)}${axis.low} ${marks.join('')} ${axis.high}`];
}

const MEANINGS: readonly (readonly [CellKind, string])[] = [
  ['passed', 'passed'],
  ['mixed', 'the limit is here'],
  ['vanished', 'vanished'],
  ['refused', 'refused by ICMP'],
  ['unclear', 'unclear'],
  ['untried', 'not tried'],
];

/** What the marks mean, of those that occur. */
function renderLegend(rows: readonly Row[], axis: Axis, style: TextStyle): string[] {
  const { size } = glyphsOf(style);
  const met = new Set(rows.flatMap(({ direction }) => cellsOf(direction, axis)));
  const marks = MEANINGS.filter(([kind]) => met.has(kind)).map(
    ([kind, meaning]) => `${size[kind]} ${meaning}`,
  );
  // A mark stays on one line with its meaning.
  const text = [...marks, 'bytes of IP packets'].map((item) => item.replaceAll(' ', '\u00a0'));
  return renderParagraph(text.join(', '), { width: style.width, indent: 0 }, (line) =>
    paintOf(style).dim(line.replaceAll('\u00a0', ' ')),
  );
}

function renderReasons(rows: readonly Row[], style: TextStyle): string[] {
  const entries: Entry[] = rows.flatMap(({ way, direction }) => {
    // Where everything passed the table says it.
    const plain = direction.mechanism === 'none' && style.detail !== 'verbose';
    const reasons = plain ? [] : reasonsOf(direction);
    return reasons.length === 0 ? [] : [{ label: way, text: reasons.join('; ') }];
  });
  if (entries.length === 0) return [];
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint: paintOf(style) };
  return ['', ...renderEntries(entries, block)];
}

/** What the limit of a direction rests on. */
export function reasonsOf({ why, p, learnedMtu, reportedBy }: DirectionReport): readonly string[] {
  const learned = learnedMtu === null ? [] : [`learned MTU ${learnedMtu}`];
  const by = reportedBy === null ? [] : [`reported by ${reportedBy}`];
  const chance = p === null ? [] : [`p = ${formatProbability(p)} by Fisher's test`];
  return [...(why === null ? [] : [why]), ...learned, ...by, ...chance];
}
