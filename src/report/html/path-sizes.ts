import type { DirectionReport, PathReport, SizeTrial } from '../../handshake/path.js';
import type { Clean } from '../clean.js';
import { plural } from '../format.js';
import { reasonsOf, standing } from '../text-path-sizes.js';
import type { TextStyle } from '../text-style.js';
import { glyphsOf, paintOf } from '../text-style.js';
import { html, type Markup } from './markup.js';
import { definitions, details, type Tone, table, toned } from './parts.js';
import { CROSS, DIAMOND, markAt, percent, picture, ticksOf } from './svg.js';

interface Row {
  readonly way: 'to server' | 'from server';
  readonly direction: DirectionReport;
}

const LEFT = 2;
const RIGHT = 96;
const LANE = 58;
const TOP = 8;

/** Sizes in the table; the JSON report has all. */
const MAX_SIZES = 200;

/** How large packets may be in each direction, as a picture and as tables. */
export function renderSizes(path: Clean<PathReport>, id: string, style: TextStyle): Markup {
  const rows: readonly Row[] = [
    { way: 'to server', direction: path.mtu.toServer },
    { way: 'from server', direction: path.mtu.fromServer },
  ];
  return html`<h4>Packet sizes</h4>
${drawing(rows, id)}${limits(rows, style)}${definitions(
  rows.flatMap(({ way, direction }) => {
    const reasons = reasonsOf(direction);
    return reasons.length === 0 ? [] : [{ label: way, text: reasons.join('; ') }];
  }),
)}${trials(rows)}`;
}

function drawing(rows: readonly Row[], id: string): Markup | null {
  const sizes = rows.flatMap(({ direction }) => direction.sizes.map(({ bytes }) => bytes));
  const low = sizes.reduce((least, bytes) => Math.min(least, bytes), Number.POSITIVE_INFINITY);
  const high = sizes.reduce((most, bytes) => Math.max(most, bytes), 0);
  if (sizes.length === 0 || low === high) return null;
  const place = (bytes: number): number => LEFT + ((bytes - low) / (high - low)) * (RIGHT - LEFT);
  const bottom = TOP + rows.length * LANE;
  const met = new Set(rows.flatMap(({ direction }) => direction.sizes.map(({ result }) => result)));
  const axis = ticksOf(low, high, 6).map(
    (bytes) =>
      html`<line class="rail" x1="${percent(place(bytes))}" x2="${percent(place(bytes))}" y1="${TOP}" y2="${bottom}"/><text class="dim figure middle" x="${percent(place(bytes))}" y="${bottom + 16}">${bytes}</text>`,
  );
  return html`<figure>${picture(
    `${id}-sizes`,
    {
      title: 'Which packet sizes passed in each direction',
      says: rows.map(wordsOf).join('; '),
    },
    bottom + 22,
    [axis, rows.map((row, index) => lane(row, TOP + index * LANE, place))],
  )}<figcaption>Bytes of whole IP packets. ${legend(met)}${rows.some(hasLimit) ? ', upright line: from here on they fail' : ''}.</figcaption></figure>
`;
}

function hasLimit({ direction }: Row): boolean {
  return direction.passUpTo !== null && direction.failsFrom !== null;
}

function wordsOf({ way, direction }: Row): string {
  const { passUpTo, failsFrom, sizes } = direction;
  if (sizes.length === 0) return `${way}: not measured`;
  const passed = passUpTo === null ? 'no size passed' : `up to ${passUpTo} bytes passed`;
  return `${way}: ${passed}${failsFrom === null ? '' : `, ${failsFrom} bytes and more did not`}`;
}

const MEANINGS: Readonly<Record<SizeTrial['result'], string>> = {
  passed: 'filled circle: passed',
  vanished: 'cross: vanished',
  refused: 'diamond: refused by ICMP',
  unclear: 'hollow circle: unclear',
};

function legend(met: ReadonlySet<SizeTrial['result']>): string {
  const known = ['passed', 'vanished', 'refused', 'unclear'] as const;
  const text = known.filter((result) => met.has(result)).map((result) => MEANINGS[result]);
  return text.join(', ').replace(/^./, (first) => first.toUpperCase());
}

function lane({ way, direction }: Row, top: number, place: (bytes: number) => number): Markup {
  const { passUpTo, failsFrom, sizes } = direction;
  const y = top + 38;
  const limit =
    passUpTo === null || failsFrom === null
      ? null
      : html`<rect class="fill good" x="${percent(LEFT)}" width="${percent(place(passUpTo) - LEFT)}" y="${y - 1}" height="2"/><line class="stroke bad" x1="${percent(place(failsFrom))}" x2="${percent(place(failsFrom))}" y1="${y - 9}" y2="${y + 9}"/>`;
  const says =
    sizes.length === 0
      ? 'not measured'
      : failsFrom === null
        ? ''
        : `limit ${passUpTo ?? 'below'} bytes`;
  return html`<text x="${percent(LEFT)}" y="${top + 20}">${way}</text><text class="end dim figure" x="${percent(RIGHT)}" y="${top + 20}">${says}</text><line class="rail" x1="${percent(LEFT)}" x2="${percent(RIGHT)}" y1="${y}" y2="${y}"/>${limit}${shownMarks(
    sizes,
  ).map(({ bytes, result }) => drawMark(place(bytes), y, result))}
`;
}

/** One mark for a size and what became of it, however often it was tried. */
function shownMarks(sizes: readonly SizeTrial[]): readonly SizeTrial[] {
  const seen = new Set<string>();
  return sizes.slice(0, MAX_SIZES).filter(({ bytes, result }) => {
    const key = `${bytes} ${result}`;
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

function drawMark(x: number, y: number, result: SizeTrial['result']): Markup {
  switch (result) {
    case 'passed':
      return html`<circle class="fill good" cx="${percent(x)}" cy="${y}" r="4.5"/>`;
    case 'vanished':
      return markAt(x, y, CROSS, 'stroke bad');
    case 'refused':
      return markAt(x, y, DIAMOND, 'fill warn');
    case 'unclear':
      return html`<circle class="stroke warn hollow" cx="${percent(x)}" cy="${y}" r="4"/>`;
  }
}

function limits(rows: readonly Row[], style: TextStyle): Markup {
  const bound = (bytes: number | null, tried: boolean): string =>
    bytes === null ? (tried ? 'none' : '') : String(bytes);
  const share = ([passed, tried]: readonly [number, number]): string =>
    tried === 0 ? '' : `${passed} of ${tried}`;
  return table(
    'Limits of packet sizes in each direction, bytes of whole IP packets',
    [
      { head: 'packets', kind: 'word' },
      { head: 'limit', kind: 'word' },
      { head: 'pass up to', kind: 'number' },
      { head: 'fail from', kind: 'number' },
      { head: 'tested up to', kind: 'number' },
      { head: 'MSS', kind: 'number' },
      { head: 'small passed', kind: 'number' },
      { head: 'large passed', kind: 'number' },
    ],
    rows.map(({ way, direction }) => {
      const { mechanism, passUpTo, failsFrom, testedUpTo, mss, trials: counts } = direction;
      const { words } = standing(mechanism, glyphsOf(style), paintOf(style));
      return [
        way,
        toned(words, toneOf(direction)),
        bound(passUpTo, testedUpTo !== null),
        bound(failsFrom, testedUpTo !== null),
        bound(testedUpTo, false),
        bound(mss, false),
        share(counts.small),
        share(counts.big),
      ];
    }),
  );
}

function toneOf({ mechanism }: DirectionReport): Tone {
  switch (mechanism) {
    case 'none':
    case 'pmtud':
    case 'mss-clamped':
      return 'good';
    case 'black-hole':
    case 'repaired-late':
      return 'bad';
    case 'inconclusive':
      return 'warn';
    case 'not-measured':
      return 'dim';
  }
}

function trials(rows: readonly Row[]): Markup | null {
  const all = rows.flatMap(({ way, direction }) => direction.sizes.map((size) => ({ way, size })));
  if (all.length === 0) return null;
  const shown = all.slice(0, MAX_SIZES);
  return details(`Every size that was tried: ${plural(all.length, 'trial')} as a table`, [
    table(
      'Packet sizes that were tried, and what became of them',
      [
        { head: 'packets', kind: 'word' },
        { head: 'bytes', kind: 'number' },
        { head: 'result', kind: 'word' },
        { head: 'sent', kind: 'number' },
        { head: 'connection', kind: 'number' },
      ],
      shown.map(({ way, size }) => [way, size.bytes, size.result, size.sent, size.attempt]),
    ),
    all.length > shown.length
      ? html`<p class="small">and ${all.length - shown.length} more: the JSON report has all</p>`
      : null,
  ]);
}
