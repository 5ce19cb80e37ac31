import type { Handshake, Stage } from '../handshake/handshake.js';
import type { Clean } from './clean.js';
import { formatDuration, formatMs } from './format.js';
import { type Column, renderTable } from './table.js';
import { type Glyphs, glyphsOf, type Paint, paintOf, type TextStyle } from './text-style.js';
import { displayWidth, padEnd } from './width.js';

/** A narrower waterfall says nothing. */
const MIN_BAR_WIDTH = 8;
const MAX_BAR_WIDTH = 40;

const HEADS = ['stage', 'result', 'start', 'took', 'trips', 'server'] as const;
const COLUMNS: readonly Column[] = HEADS.map((head, index) => ({
  head,
  align: index < 2 ? 'left' : 'right',
  width: null,
}));

/** The six stages, one line each, with a picture of when they ran. */
export function renderStages(handshake: Clean<Handshake>, style: TextStyle): string[] {
  const paint = paintOf(style);
  const glyphs = glyphsOf(style);
  const { stages } = handshake;
  const totalMs = Math.max(0, ...stages.map(({ startMs, endMs }) => endMs ?? startMs ?? 0));

  const cells = stages.map((stage) => cellsOf(stage, glyphs));
  const widths = HEADS.map((head, column) =>
    Math.max(displayWidth(head), ...cells.map((row) => displayWidth(row[column] ?? ''))),
  );
  const used = widths.reduce((sum, width) => sum + width + 2, 0);
  const barWidth = Math.min(MAX_BAR_WIDTH, style.width - used);
  const withBar = barWidth >= MIN_BAR_WIDTH && totalMs > 0;

  const columns = COLUMNS.map((column, index) => ({
    ...column,
    head: paint.dim(column.head),
    width: widths[index] ?? null,
  }));
  const rows = stages.map((stage, index) => {
    const colour = colourOf(stage, paint);
    const row = cells[index] ?? [];
    const [name = '', result = '', ...figures] = row;
    const begun = stage.startMs !== null;
    const painted = [
      stage.status === 'failed' ? paint.bold(colour(name)) : begun ? name : paint.dim(name),
      stage.status === 'failed' ? paint.bold(colour(result)) : colour(result),
      ...figures,
    ];
    return withBar ? [...painted, colour(barOf(stage, totalMs, barWidth, glyphs))] : painted;
  });
  if (!withBar) return renderTable(columns, rows);
  const axis = paint.dim(axisOf(totalMs, barWidth));
  return renderTable([...columns, { head: axis, align: 'left', width: barWidth }], rows);
}

/** What the columns mean, for those who read the table for the first time. */
export function renderStagesLegend(handshake: Clean<Handshake>): string | null {
  const measured = handshake.stages.some(({ serverMs }) => serverMs !== null);
  return measured
    ? 'milliseconds; server: what it took to think, round trips taken off'
    : 'milliseconds';
}

function cellsOf(stage: Stage, glyphs: Glyphs): string[] {
  return [
    stage.stage,
    `${markOf(stage, glyphs)} ${stage.status.replace('-', ' ')}`,
    formatMs(stage.startMs),
    formatMs(stage.durationMs),
    stage.roundTrips === null ? '' : String(stage.roundTrips),
    formatMs(stage.serverMs),
  ];
}

function markOf({ status }: Stage, glyphs: Glyphs): string {
  switch (status) {
    case 'completed':
      return glyphs.good;
    case 'failed':
      return glyphs.bad;
    case 'unfinished':
    case 'hidden':
      return glyphs.pending;
    case 'not-applicable':
    case 'not-attempted':
    case 'not-reached':
      return glyphs.none;
  }
}

function colourOf({ status }: Stage, paint: Paint): (text: string) => string {
  switch (status) {
    case 'completed':
      return paint.good;
    case 'failed':
      return paint.bad;
    case 'unfinished':
    case 'hidden':
      return paint.warn;
    case 'not-applicable':
    case 'not-attempted':
    case 'not-reached':
      return paint.dim;
  }
}

function axisOf(totalMs: number, width: number): string {
  const total = formatDuration(totalMs);
  return total.length + 2 > width ? total.padStart(width) : `0${total.padStart(width - 1)}`;
}

/** The time of one stage as a bar under the axis; the shortest one can still be seen. */
function barOf(stage: Stage, totalMs: number, width: number, glyphs: Glyphs): string {
  const { startMs, endMs } = stage;
  if (startMs === null) return '';
  const { full, eighths, open } = glyphs.bar;
  const steps = eighths.length + 1;
  const start = Math.min(width - 1, Math.floor((startMs / totalMs) * width));
  const left = ' '.repeat(start);
  if (endMs === null) return left + open.repeat(width - start);
  const units = Math.round(((endMs - startMs) / totalMs) * width * steps);
  const room = (width - start) * steps;
  const bar = Math.max(1, Math.min(room, units));
  const partial = bar % steps === 0 ? '' : (eighths[(bar % steps) - 1] ?? '');
  return padEnd(left + full.repeat(Math.floor(bar / steps)) + partial, width);
}
