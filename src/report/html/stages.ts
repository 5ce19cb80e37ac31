import type { Handshake, Stage } from '../../handshake/handshake.js';
import { formatDuration, formatMs } from '../format.js';
import { html, type Markup } from './markup.js';
import { details, type Tone, table, toned } from './parts.js';
import { percent, picture, tickLabel, ticksOf } from './svg.js';

const ROW = 30;
const TOP = 22;
/** Where the bars begin, percent: the names of the stages stand before it. */
const LEFT = 29;
const RIGHT = 99;

/** A stage of the connection, or a step on the way to it. */
interface Timed {
  readonly name: string;
  readonly status: Stage['status'];
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly durationMs: number | null;
}

/** When each stage ran, as a picture and as a table. */
export function renderStages({ stages, outcome }: Handshake, id: string): Markup {
  const chart = renderWaterfall(
    stages.map(({ stage, ...rest }) => ({ name: stage, ...rest })),
    { title: 'When each stage of the connection ran', says: outcome.detail },
    `${id}-stages`,
  );
  const figures = renderFigures(stages);
  return chart === null
    ? figures
    : html`${chart}${details('Times of the stages as a table', figures)}`;
}

/** A bar for each stage, in order; null: none of them began. */
export function renderWaterfall(
  rows: readonly Timed[],
  words: { readonly title: string; readonly says: string },
  id: string,
): Markup | null {
  const totalMs = Math.max(0, ...rows.map(({ startMs, endMs }) => endMs ?? startMs ?? 0));
  if (totalMs <= 0 || rows.every(({ startMs }) => startMs === null)) return null;
  return html`<figure>${picture(
    id,
    { title: words.title, says: `${rows.map(wordsOf).join('; ')}. ${words.says}` },
    TOP + rows.length * ROW + 2,
    [axis(totalMs, rows.length), rows.map((stage, row) => bar(stage, row, totalMs))],
    'waterfall',
  )}</figure>
`;
}

function placeOf(ms: number, totalMs: number): number {
  return LEFT + (ms / totalMs) * (RIGHT - LEFT);
}

function axis(totalMs: number, rows: number): Markup {
  const bottom = TOP + rows * ROW;
  return html`${ticksOf(0, totalMs, 4).map((ms) => {
    const x = percent(placeOf(ms, totalMs));
    const end =
      ms > totalMs * 0.92 ? 'dim figure end' : ms === 0 ? 'dim figure' : 'dim figure middle';
    return html`<line class="rail" x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${bottom}"/><text class="${end}" x="${x}" y="${TOP - 9}">${tickLabel(ms)}</text>`;
  })}`;
}

function bar(stage: Timed, row: number, totalMs: number): Markup {
  const y = TOP + row * ROW;
  const middle = y + ROW / 2 + 4;
  const tone = toneOf(stage);
  const begun = stage.startMs !== null;
  const name = html`<text class="${tone === 'bad' ? 'bad' : begun ? '' : 'dim'}" x="0" y="${middle}">${stage.name}</text>`;
  if (stage.startMs === null) {
    return html`${name}<text class="${tone === 'bad' ? 'bad' : 'dim'}" x="${percent(LEFT)}" dx="4" y="${middle}">${stage.status.replace('-', ' ')}</text>`;
  }
  const from = placeOf(stage.startMs, totalMs);
  const to = stage.endMs === null ? RIGHT : placeOf(stage.endMs, totalMs);
  // The shortest stage can still be seen.
  const width = Math.max(0.6, to - from);
  const shape = stage.endMs === null ? 'stroke dashed hollow' : 'fill';
  const label = [
    ...(stage.durationMs === null ? [] : [formatDuration(stage.durationMs)]),
    ...(stage.status === 'completed' ? [] : [stage.status]),
  ].join(', ');
  return html`${name}<rect class="${shape} ${tone}" x="${percent(from)}" y="${y + 6}" width="${percent(width)}" height="${ROW - 12}" rx="2"/>${renderLabel(label, from, from + width, middle)}`;
}

/** Beside the bar, on the side where there is room. */
function renderLabel(label: string, from: number, to: number, y: number): Markup {
  if (to < 68) return html`<text class="figure" x="${percent(to)}" dx="6" y="${y}">${label}</text>`;
  if (from > LEFT + 26) {
    return html`<text class="figure end" x="${percent(from)}" dx="-6" y="${y}">${label}</text>`;
  }
  // A bar across the whole picture has its label on it.
  return html`<text class="figure end inside" x="${percent(to)}" dx="-8" y="${y}">${label}</text>`;
}

function toneOf({ status }: Pick<Stage, 'status'>): Tone {
  switch (status) {
    case 'completed':
      return 'good';
    case 'failed':
      return 'bad';
    case 'unfinished':
    case 'hidden':
      return 'warn';
    case 'not-applicable':
    case 'not-attempted':
    case 'not-reached':
      return 'dim';
  }
}

function wordsOf({ name, status, startMs, durationMs }: Timed): string {
  const times =
    startMs === null
      ? ''
      : `, from ${formatMs(startMs)} ms${durationMs === null ? '' : ` for ${formatMs(durationMs)} ms`}`;
  return `${name} ${status.replace('-', ' ')}${times}`;
}

function renderFigures(stages: readonly Stage[]): Markup {
  return table(
    'Stages of the connection, times in milliseconds; server: what it took to think, round trips taken off',
    [
      { head: 'stage', kind: 'word' },
      { head: 'result', kind: 'word' },
      { head: 'start', kind: 'number' },
      { head: 'took', kind: 'number' },
      { head: 'trips', kind: 'number' },
      { head: 'server', kind: 'number' },
    ],
    stages.map((stage) => [
      stage.stage,
      toned(stage.status.replace('-', ' '), toneOf(stage)),
      formatMs(stage.startMs),
      formatMs(stage.durationMs),
      stage.roundTrips,
      formatMs(stage.serverMs),
    ]),
    { showCaption: true },
  );
}
