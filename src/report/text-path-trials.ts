import type { DirectionReport, PathReport, PathSample, SizeTrial } from '../handshake/path.js';
import { STAGES } from '../handshake/trace.js';
import type { Clean } from './clean.js';
import { formatMs } from './format.js';
import { type Column, renderTable } from './table.js';
import { type Entry, renderEntries } from './text-block.js';
import { paintOf, type TextStyle } from './text-style.js';

/** More lines than anyone reads; the JSON report has all. */
const SHOWN_SAMPLES = 100;
const LABEL_WIDTH = 23;

/** With `--verbose`: every connection, every size, every sample. */
export function renderTrials(path: Clean<PathReport>, style: TextStyle): string[] {
  const paint = paintOf(style);
  const block = {
    width: style.width,
    indent: 0,
    labelWidth: LABEL_WIDTH,
    paint,
  };
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['connections', renderEntries(attemptsOf(path), block)],
    [
      'sizes, and the connection that tried each',
      renderEntries(
        [
          ...sizesOf('to server', path.mtu.toServer),
          ...sizesOf('from server', path.mtu.fromServer),
        ],
        block,
      ),
    ],
    ['datagrams', renderEntries(datagramsOf(path), block)],
    ['samples', renderSamples(path.samples, style)],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines], index) => [
      ...(index === 0 ? [] : ['']),
      paint.bold(title),
      ...lines,
    ]);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function attemptsOf({ attempts }: PathReport): Entry[] {
  return attempts.map(({ atMs, tookMs, purpose, says, clampedMss, handshake }, index) => {
    const mss = clampedMss === null ? '' : `MSS ${clampedMss}: `;
    const id = handshake === null ? '' : ` (handshake ${handshake})`;
    return {
      label: `${String(index).padStart(2)} ${seconds(atMs).padStart(7)} ${purpose}`,
      text: `${mss}${says}${id}, ${seconds(tookMs)}`,
    };
  });
}

const RESULTS: readonly SizeTrial['result'][] = ['passed', 'vanished', 'refused', 'unclear'];

function sizesOf(way: string, { sizes }: DirectionReport): Entry[] {
  return RESULTS.flatMap((result) => {
    const trials = sizes.filter((trial) => trial.result === result);
    const list = trials.map(
      ({ bytes, sent, attempt }) => `${bytes} (${sent > 1 ? `${sent} times, ` : ''}${attempt})`,
    );
    return list.length === 0 ? [] : [{ label: `${way} ${result}`, text: list.join(', ') }];
  });
}

function datagramsOf({ udp }: PathReport): Entry[] {
  return udp.probes.map(({ sentBytes, advertisedMtu, version, answerBytes, rttMs }) => ({
    label: `${sentBytes} bytes`,
    text: [
      `MTU ${advertisedMtu}, version 0x${version.toString(16)}`,
      answerBytes === null ? 'no answer' : `answer of ${answerBytes} bytes`,
      ...(rttMs === null ? [] : [`${formatMs(rttMs)} ms`]),
    ].join(', '),
  }));
}

function renderSamples(samples: readonly PathSample[], style: TextStyle): string[] {
  if (samples.length === 0) return [];
  const paint = paintOf(style);
  const stages = STAGES.filter((stage) =>
    samples.some(({ stagesMs }) => stagesMs[stage] !== undefined),
  );
  const columns: readonly Column[] = ['at', 'round trip', ...stages, 'note'].map((head, index) => ({
    head: paint.dim(head),
    align: index === stages.length + 2 ? 'left' : 'right',
    width: null,
  }));
  const shown = samples.slice(0, SHOWN_SAMPLES);
  const rows = shown.map(({ atMs, rttMs, stagesMs, synRetransmissions, shaky }) => [
    seconds(atMs),
    formatMs(rttMs),
    ...stages.map((stage) => formatMs(stagesMs[stage] ?? null)),
    [
      ...((synRetransmissions ?? 0) > 0 ? [`SYN x${synRetransmissions}`] : []),
      ...(shaky ? ['shaky'] : []),
    ].join(' '),
  ]);
  const rest = samples.length - shown.length;
  return [...renderTable(columns, rows), ...(rest > 0 ? [`and ${rest} more`] : [])];
}
