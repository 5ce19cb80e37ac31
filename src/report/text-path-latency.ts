import type { HistogramBin, PathReport, Spread } from '../handshake/path.js';
import type { Clean } from './clean.js';
import { formatMs } from './format.js';
import { type Column, renderTable } from './table.js';
import { renderParagraph } from './text-block.js';
import { type Glyphs, glyphsOf, paintOf, type TextStyle } from './text-style.js';
import { padEnd } from './width.js';

type Figure = Exclude<keyof Spread, 'samples'>;

/** The figures in the order in which they are shown; a narrow terminal gets those that matter most. */
const FIGURES: readonly (readonly [head: string, figure: Figure, narrow: boolean])[] = [
  ['min', 'minMs', false],
  ['median', 'medianMs', true],
  ['p95', 'p95Ms', true],
  ['max', 'maxMs', true],
  ['jitter', 'jitterMs', false],
];

const TABLE_WIDTH = 64;
const LABEL_WIDTH = 13;
const MAX_COLUMNS = 48;
/** Columns of the terminal that one bin takes where there are few. */
const MAX_BIN_WIDTH = 3;

/** Round trips and stages of the series, in figures and as a histogram; nothing where there was none. */
export function renderLatency(path: Clean<PathReport>, style: TextStyle): string[] {
  const { rtt, stages } = path;
  const rows = [
    ...(rtt.samples === 0 ? [] : [{ name: 'round trip', spread: rtt, trips: '' }]),
    ...stages
      .filter(({ samples }) => samples > 0)
      .map(({ stage, roundTrips, ...spread }) => ({
        name: stage,
        spread,
        trips: roundTrips === null ? '' : roundTrips.toFixed(roundTrips < 10 ? 1 : 0),
      })),
  ];
  if (rows.length === 0) return [];
  const paint = paintOf(style);
  const wide = style.width >= TABLE_WIDTH;
  const figures = FIGURES.filter(([, , narrow]) => wide || narrow);
  const heads = ['times', ...(wide ? ['n'] : []), ...figures.map(([head]) => head), 'trips'];
  const columns: readonly Column[] = heads.map((head, index) => ({
    head: paint.dim(head),
    align: index === 0 ? 'left' : 'right',
    width: null,
  }));
  const cells = rows.map(({ name, spread, trips }) => [
    padEnd(name, wide ? LABEL_WIDTH - 2 : 0),
    ...(wide ? [String(spread.samples)] : []),
    ...figures.map(([, figure]) => formatMs(spread[figure])),
    trips,
  ]);
  return [
    ...renderTable(columns, cells),
    ...renderHistogram(rtt.histogram, style),
    ...renderParagraph(legendOf(path), { width: style.width, indent: 0 }, paint.dim),
  ];
}

/** What the figures are, and how far they can be trusted. */
export function legendOf({ rtt, samples, stages }: PathReport): string {
  const shaky = samples.filter((sample) => sample.shaky).length;
  return [
    'milliseconds',
    ...(stages.length === 0 ? [] : ['trips: median by median round trip']),
    ...(rtt.source === 'application'
      ? ['round trips as this process saw them, not the kernel']
      : []),
    ...(shaky === 0 ? [] : [`${shaky} of ${samples.length} shaky: this process was late`]),
  ].join('; ');
}

/** One line: how often round trips were how long. */
function renderHistogram(bins: readonly HistogramBin[], style: TextStyle): string[] {
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined || bins.length < 2) return [];
  const from = formatMs(first.fromMs);
  const to = `${formatMs(last.toMs)} ms`;
  const room = Math.min(MAX_COLUMNS, style.width - LABEL_WIDTH - from.length - to.length - 2);
  if (room < 2) return [];
  const counts = merged(
    bins.map(({ count }) => count),
    room,
  );
  const width = Math.min(MAX_BIN_WIDTH, Math.floor(room / counts.length));
  const highest = Math.max(...counts);
  const glyphs = glyphsOf(style);
  const picture = counts.map((count) => columnOf(count, highest, glyphs).repeat(width)).join('');
  const label = paintOf(style).dim(padEnd('round trips', LABEL_WIDTH));
  return [`${label}${from} ${picture} ${to}`];
}

/** At most so many bins: neighbours put together. */
function merged(counts: readonly number[], most: number): readonly number[] {
  const together = Math.ceil(counts.length / most);
  const length = Math.ceil(counts.length / together);
  return Array.from({ length }, (_, index) =>
    counts.slice(index * together, (index + 1) * together).reduce((sum, count) => sum + count, 0),
  );
}

function columnOf(count: number, highest: number, { columns }: Glyphs): string {
  const steps = columns.length - 1;
  const height = count === 0 ? 0 : Math.max(1, Math.round((count / highest) * steps));
  return columns[height] ?? '';
}
