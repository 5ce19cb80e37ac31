import type { PathReport, PathSample } from '../../handshake/path.js';
import type { Clean } from '../clean.js';
import { formatDuration, formatMs, plural } from '../format.js';
import { legendOf } from '../text-path-latency.js';
import { html, type Markup } from './markup.js';
import { details, table } from './parts.js';
import { CROSS, markAt, percent, picture, tickLabel, ticksOf } from './svg.js';

const LEFT = 16;
const RIGHT = 97;
const HEIGHT = 150;
const TOP = 14;

/** Samples in the picture and in its table; the JSON report has all. */
const MAX_SAMPLES = 300;

/** Round trips and stages of the latency series; null: there was none. */
export function renderLatency(path: Clean<PathReport>, id: string): Markup | null {
  if (path.rtt.samples === 0 && path.stages.every(({ samples }) => samples === 0)) return null;
  return html`<h4>Latency</h4>
${drawing(path, id)}${figures(path)}${samplesTable(path.samples)}`;
}

function drawing({ rtt, samples }: PathReport, id: string): Markup | null {
  const shown = samples.slice(0, MAX_SAMPLES);
  const highest = shown.reduce((most, { rttMs }) => Math.max(most, rttMs ?? 0), 0);
  if (shown.length < 2 || highest <= 0) return null;
  const firstAt = shown[0]?.atMs ?? 0;
  const lastAt = shown.at(-1)?.atMs ?? 0;
  const span = lastAt - firstAt;
  const across = (sample: PathSample, index: number): number =>
    LEFT +
    (span > 0 ? (sample.atMs - firstAt) / span : index / (shown.length - 1)) * (RIGHT - LEFT);
  const top = highest * 1.1;
  const down = (ms: number): number => Number((TOP + (1 - ms / top) * HEIGHT).toFixed(1));
  const axis = ticksOf(0, top, 4).map(
    (ms) =>
      html`<line class="rail" x1="${percent(LEFT)}" x2="${percent(RIGHT)}" y1="${down(ms)}" y2="${down(ms)}"/><text class="dim figure end" x="${percent(LEFT)}" dx="-8" y="${down(ms) + 4}">${tickLabel(ms)}</text>`,
  );
  const times = html`<text class="dim figure" x="${percent(LEFT)}" y="${TOP + HEIGHT + 18}">first</text><text class="dim figure end" x="${percent(RIGHT)}" y="${TOP + HEIGHT + 18}">${span < 1000 ? formatDuration(span) : `${Number((span / 1000).toPrecision(2))} s`} later</text>`;
  const median =
    rtt.medianMs === null
      ? null
      : html`<line class="stroke dashed dim" x1="${percent(LEFT)}" x2="${percent(RIGHT)}" y1="${down(rtt.medianMs)}" y2="${down(rtt.medianMs)}"/>`;
  const known = shown.map((sample, index) => ({ sample, x: across(sample, index) }));
  const marks = known.map(({ sample, x }, index) => {
    if (sample.rttMs === null) return markAt(x, TOP + HEIGHT - 8, CROSS, 'stroke bad');
    const y = down(sample.rttMs);
    const before = known[index - 1];
    const joint =
      before === undefined || before.sample.rttMs === null
        ? null
        : html`<line class="stroke" x1="${percent(before.x)}" x2="${percent(x)}" y1="${down(before.sample.rttMs)}" y2="${y}"/>`;
    return html`${joint}<circle class="${sample.shaky ? 'stroke warn hollow' : 'fill'}" cx="${percent(x)}" cy="${y}" r="${shown.length > 60 ? 2 : 3.5}"/>`;
  });
  const lost = shown.filter(({ rttMs }) => rttMs === null).length;
  const shaky = shown.filter((one) => one.shaky).length;
  const legend = [
    'Round trip of each handshake, over the time of the measurement',
    ...(rtt.medianMs === null ? [] : [`dashed: the median, ${formatMs(rtt.medianMs)} ms`]),
    ...(lost === 0 ? [] : ['cross: no round trip was had']),
    ...(shaky === 0 ? [] : ['hollow: this process was late, not to be trusted']),
  ].join('; ');
  const says = `${plural(shown.length, 'sample')}, from ${formatMs(rtt.minMs)} to ${formatMs(rtt.maxMs)} ms, median ${formatMs(rtt.medianMs)} ms`;
  return html`<figure>${picture(
    `${id}-latency`,
    { title: 'Round trip times over the measurement', says },
    TOP + HEIGHT + 24,
    [axis, times, median, marks],
    'waterfall',
  )}<figcaption>${legend}.</figcaption></figure>
`;
}

function figures(path: Clean<PathReport>): Markup {
  const rows = [
    ...(path.rtt.samples === 0 ? [] : [{ name: 'round trip', trips: '', ...path.rtt }]),
    ...path.stages
      .filter(({ samples }) => samples > 0)
      .map(({ stage, roundTrips, ...spread }) => ({
        name: stage,
        ...spread,
        trips: roundTrips === null ? '' : roundTrips.toFixed(roundTrips < 10 ? 1 : 0),
      })),
  ];
  return html`${table(
    'Latency in milliseconds, of round trips and of the stages of the handshake',
    [
      { head: 'times', kind: 'word' },
      { head: 'n', kind: 'number' },
      { head: 'min', kind: 'number' },
      { head: 'median', kind: 'number' },
      { head: 'p95', kind: 'number' },
      { head: 'max', kind: 'number' },
      { head: 'jitter', kind: 'number' },
      { head: 'trips', kind: 'number' },
    ],
    rows.map(({ name, samples, minMs, medianMs, p95Ms, maxMs, jitterMs, trips }) => [
      name,
      samples,
      ...[minMs, medianMs, p95Ms, maxMs, jitterMs].map(formatMs),
      trips,
    ]),
  )}<p class="small">${legendOf(path)}</p>
`;
}

function samplesTable(samples: readonly PathSample[]): Markup | null {
  if (samples.length === 0) return null;
  const shown = samples.slice(0, MAX_SAMPLES);
  return details(`Every sample: ${plural(samples.length, 'handshake')} as a table`, [
    table(
      'Samples of the latency series, milliseconds',
      [
        { head: 'at', kind: 'number' },
        { head: 'round trip', kind: 'number' },
        { head: 'SYN again', kind: 'number' },
        { head: 'note', kind: 'word' },
      ],
      shown.map(({ atMs, rttMs, synRetransmissions, shaky }) => [
        formatMs(atMs),
        rttMs === null ? 'none' : formatMs(rttMs),
        synRetransmissions,
        shaky ? 'shaky' : '',
      ]),
    ),
    samples.length > shown.length
      ? html`<p class="small">and ${samples.length - shown.length} more: the JSON report has all</p>`
      : null,
  ]);
}
