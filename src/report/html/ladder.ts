import type { Handshake } from '../../handshake/handshake.js';
import type { Clean } from '../clean.js';
import { formatMs, plural } from '../format.js';
import { detailsOf, nameOf } from '../text-events.js';
import { type LadderRow, ladderRows } from './ladder-rows.js';
import { html, type Markup } from './markup.js';
import { details, table } from './parts.js';
import { markAt, percent, picture } from './svg.js';

/** Places across of the lanes, percent; the times stand before the first. */
const CLIENT = 23;
const SERVER = 99;
const MIDDLE = (CLIENT + SERVER) / 2;

const HEAD = 30;
const TIP = { right: 'M0 0L-9-4.5L-9 4.5Z', left: 'M0 0L9-4.5L9 4.5Z' } as const;

/** Events in the table; the JSON report has all. */
const MAX_EVENTS = 150;

/** The exchange between client and server, from top to bottom; below it everything that was seen. */
export function renderLadder(handshake: Clean<Handshake>, id: string): Markup {
  const rows = ladderRows(handshake);
  return html`${rows.length === 0 ? null : drawing(rows, handshake, id)}${renderEvents(handshake)}`;
}

function drawing(rows: readonly LadderRow[], { outcome }: Handshake, id: string): Markup {
  let y = HEAD;
  const drawn = rows.map((row) => {
    const top = y;
    y += heightOf(row);
    return drawRow(row, top);
  });
  const lanes = [CLIENT, SERVER].map(
    (lane) =>
      html`<line class="rail" x1="${percent(lane)}" x2="${percent(lane)}" y1="${HEAD - 8}" y2="${y}"/>`,
  );
  const arrows = rows.filter(({ kind }) => kind === 'arrow').length;
  const says = `${plural(arrows, 'message')} between client and server, in time order. ${outcome.detail}. The table of events says the same in words.`;
  return html`<figure>${picture(
    `${id}-ladder`,
    { title: 'What client and server said to each other', says },
    y + 4,
    [
      html`<text class="dim middle" x="${percent(CLIENT)}" y="14">client</text><text class="dim end" x="100%" y="14">server</text><text class="dim" x="0" y="14">ms</text>`,
      lanes,
      drawn,
    ],
    'ladder',
  )}</figure>
`;
}

function heightOf(row: LadderRow): number {
  switch (row.kind) {
    case 'arrow':
      return row.note === '' ? 32 : 48;
    case 'note':
      return 32;
    case 'pause':
      return 30;
  }
}

function drawRow(row: LadderRow, top: number): Markup {
  const time =
    row.atMs === null
      ? null
      : html`<text class="dim figure" x="0" y="${top + 19}">${formatMs(row.atMs)}</text>`;
  switch (row.kind) {
    case 'arrow':
      return html`${time}${drawArrow(row, top)}
`;
    case 'note':
      return html`${time}<rect class="band" x="${percent(CLIENT)}" width="${percent(SERVER - CLIENT)}" y="${top + 4}" height="23"/><text class="middle ${row.tone ?? ''}" x="${percent(MIDDLE)}" y="${top + 20}">${row.label}</text>
`;
    case 'pause':
      return html`<text class="middle dim figure" x="${percent(MIDDLE)}" y="${top + 19}">⋮ ${row.label} ⋮</text>
`;
  }
}

function drawArrow(row: Extract<LadderRow, { kind: 'arrow' }>, top: number): Markup {
  const y = top + 23;
  const toServer = row.by === 'client';
  const to = toServer ? SERVER : CLIENT;
  const from = row.from === 'network' ? MIDDLE : toServer ? CLIENT : SERVER;
  const tone = row.tone ?? '';
  return html`<text class="middle ${tone}" x="${percent(MIDDLE)}" y="${top + 17}">${row.label}</text><line class="stroke ${tone}${row.dashed ? ' dashed' : ''}" x1="${percent(from)}" x2="${percent(to)}" y1="${y}" y2="${y}"/>${markAt(to, y, toServer ? TIP.right : TIP.left, `fill ${tone}`)}${
    row.from === 'network' ? markAt(MIDDLE, y, 'M-4-4H4V4H-4Z', `fill ${tone}`) : null
  }${row.note === '' ? null : html`<text class="middle dim" x="${percent(MIDDLE)}" y="${top + 39}">${row.note}</text>`}`;
}

function renderEvents({ events }: Clean<Handshake>): Markup {
  const shown = events.slice(0, MAX_EVENTS);
  const left = events.length - shown.length;
  const rows = shown.map((event) => [
    event.atMs === null ? 'unknown' : formatMs(event.atMs),
    typeof event['by'] === 'string' ? event['by'] : '',
    nameOf(event),
    detailsOf(event),
  ]);
  return details(`Everything that was seen: ${plural(events.length, 'event')} as a table`, [
    table(
      'Events in time order, milliseconds from the start',
      [
        { head: 'at', kind: 'number' },
        { head: 'by', kind: 'word' },
        { head: 'what', kind: 'word' },
        { head: 'with', kind: 'long' },
      ],
      rows,
    ),
    left > 0 ? html`<p class="small">and ${left} more: the JSON report has all of them</p>` : null,
  ]);
}
