import type { Handshake, ReportEvent } from '../handshake/handshake.js';
import type { Clean } from './clean.js';
import { formatMs } from './format.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';
import { padEnd, truncate, wrap } from './width.js';

const TIME_WIDTH = 8;
const SIDE_WIDTH = 7;
const NAME_WIDTH = 20;
const GAP = '  ';

/** The JSON report has all of what one event carries. */
const DETAIL_LINES = 3;

/** Fields that have a column of their own. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set(['atMs', 'kind', 'by', 'type', 'startAt']);

/** Everything that was seen, in time order. */
export function renderEvents(handshake: Clean<Handshake>, style: TextStyle): string[] {
  const paint = paintOf(style);
  const { ellipsis } = glyphsOf(style);
  const left = TIME_WIDTH + SIDE_WIDTH + NAME_WIDTH + 3 * GAP.length;
  const row = (at: string, by: string, what: string): string =>
    [at.padStart(TIME_WIDTH), padEnd(by, SIDE_WIDTH), padEnd(what, NAME_WIDTH), ''].join(GAP);
  const events = handshake.events.flatMap((event) => {
    const at = event.atMs === null ? 'unknown' : formatMs(event.atMs);
    const by = typeof event['by'] === 'string' ? event['by'] : '';
    const head = row(at, by, truncate(nameOf(event), NAME_WIDTH, ellipsis));
    const details = wrap(detailsOf(event), style.width - left).slice(0, DETAIL_LINES);
    return details.map((line, index) => (index === 0 ? head : ' '.repeat(left)) + paint.dim(line));
  });
  return [paint.dim(row('at ms', 'by', 'what')), ...events];
}

/** What an event is called. */
export function nameOf(event: ReportEvent): string {
  const { message } = event;
  if (isRecord(message) && typeof message['type'] === 'string') return message['type'];
  return typeof event['kind'] === 'string' ? event['kind'] : 'event';
}

/** The fields of an event that say something, as `field value`, outermost first. */
export function detailsOf(event: ReportEvent): string {
  const { message, ...outer } = event;
  const inner = isRecord(message) ? message : {};
  return [...Object.entries(outer), ...Object.entries(inner)]
    .filter(([key]) => !SHOWN_ELSEWHERE.has(key))
    .flatMap(([key, value]) => {
      const shown = renderValue(value);
      return shown === '' ? [] : [`${key} ${shown}`];
    })
    .join(', ');
}

function renderValue(value: unknown): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) {
    return value
      .map(renderValue)
      .filter((shown) => shown !== '')
      .slice(0, 6)
      .join(' ');
  }
  if (!isRecord(value)) return String(value);
  const { name, names, value: number } = value;
  if (typeof name === 'string') return name;
  if (Array.isArray(names) && names.length > 0) return names.join(' ');
  if (typeof number === 'number') return String(number);
  const known = [
    'kind',
    'address',
    'commonName',
    'selectedProtocol',
    'failureCode',
    'code',
    'says',
  ];
  return known
    .map((key) => renderValue(value[key]))
    .filter((shown) => shown !== '')
    .join(' ');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
