import type { LossReport, PathReport, UdpReport } from '../handshake/path.js';
import type { Clean } from './clean.js';
import { formatMs, formatPercent, plural } from './format.js';
import { type Entry, renderEntries, renderParagraph } from './text-block.js';
import { renderLatency } from './text-path-latency.js';
import { renderSizes } from './text-path-sizes.js';
import { renderTrials } from './text-path-trials.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;

/**
 * What was found of the path: what it comes to, packet sizes, times, loss, UDP, and what is not known.
 *
 * @param said what the report says above it: not said again
 */
export function renderPath(path: Clean<PathReport>, said: string, style: TextStyle): string[] {
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint: paintOf(style) };
  const brief = style.detail === 'brief';
  const head = headOf(path, said, style);
  const latency = renderLatency(path, style);
  const parts: readonly (readonly string[])[] = [
    head,
    renderSizes(path, style),
    brief ? [] : latency,
    brief ? [] : renderEntries([...lossOf(path.loss), ...udpOf(path.udp, style)], block),
    brief ? [] : renderEntries([...asideOf(path), ...limitsOf(path), ...effortOf(path)], block),
    style.detail === 'verbose' ? renderTrials(path, style) : [],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** Loss, UDP, what else there is to say, and what it took, as labels and texts. */
export function pathEntries(path: Clean<PathReport>, style: TextStyle): readonly Entry[] {
  return [
    ...lossOf(path.loss),
    ...udpOf(path.udp, style),
    ...asideOf(path),
    ...limitsOf(path),
    ...effortOf(path),
  ];
}

function headOf({ verdict, advice }: PathReport, said: string, style: TextStyle): string[] {
  const paint = paintOf(style);
  const { warn } = glyphsOf(style);
  const { width } = style;
  const verdictLines = said.toLowerCase().includes(verdict.toLowerCase())
    ? []
    : renderParagraph(verdict, { width, indent: 0 }, paint.bold);
  const adviceLines =
    advice === null ? [] : renderParagraph(advice, { width, indent: 0, mark: warn }, paint.warn);
  return [...verdictLines, ...adviceLines];
}

function lossOf(loss: LossReport): Entry[] {
  const { sent, lost, ratio, interval95, spurious, synRetransmissions: syns } = loss;
  const late = loss.fromServerOutOfOrder;
  const main =
    sent === null || lost === null
      ? []
      : [
          `${lost} of ${plural(sent, 'packet')} to the server`,
          ...(ratio === null ? [] : [formatPercent(ratio)]),
          ...(interval95 === null
            ? []
            : [`95 % interval ${formatPercent(interval95[0])} to ${formatPercent(interval95[1])}`]),
        ];
  const more = [
    ...(syns === null ? [] : [`SYNs sent again: ${syns.connections} of ${syns.of}`]),
    ...(spurious === null || spurious === 0 ? [] : [`${spurious} sent again needlessly`]),
    ...(late === null || late === 0 ? [] : [`${late} from the server out of order`]),
  ];
  const text = [main.join(', '), ...more].filter((part) => part !== '').join('; ');
  return text === '' ? [] : [{ label: 'loss', text }];
}

function udpOf(udp: UdpReport, style: TextStyle): Entry[] {
  const { good, pending, bad } = glyphsOf(style);
  const why = udp.why === null ? '' : `: ${udp.why}`;
  switch (udp.status) {
    case 'answered': {
      const figures = [
        ...(udp.rttMs === null ? [] : [`in ${formatMs(udp.rttMs)} ms`]),
        ...(udp.largestAnswerBytes === null ? [] : [`up to ${udp.largestAnswerBytes} bytes`]),
        ...(udp.version === null ? [] : [`version 0x${udp.version.toString(16)}`]),
      ];
      return [{ label: 'UDP', text: `${good} answered ${figures.join(', ')}${why}`, tone: 'good' }];
    }
    case 'silent':
      return [{ label: 'UDP', text: `${pending} silent${why}`, tone: 'warn' }];
    case 'icmp-unreachable':
      return [{ label: 'UDP', text: `${bad} refused by ICMP${why}`, tone: 'warn' }];
    case 'not-tested':
      return [{ label: 'UDP', text: `not tested${why}`, tone: 'dim' }];
  }
}

/** What other tools and other signs say: it proves nothing by itself, and the label says so. */
function asideOf({ sideEvidence, terminatedBy }: PathReport): Entry[] {
  const box: readonly Entry[] =
    terminatedBy === null ? [] : [{ label: 'in between', text: terminatedBy, tone: 'warn' }];
  const texts = sideEvidence.map(({ what, says, reportedBy, reportedMtu }) => {
    const mtu = reportedMtu === null ? '' : ` (MTU ${reportedMtu})`;
    const router = reportedBy === null || says.includes(reportedBy) ? '' : `, from ${reportedBy}`;
    return `${what}: ${says}${router}${says.includes(String(reportedMtu)) ? '' : mtu}`;
  });
  return [
    ...box,
    ...texts.map((text, index) => ({
      label: index === 0 ? 'aside' : '',
      text: index === 0 ? `(no proof) ${text}` : text,
      tone: 'dim' as const,
    })),
  ];
}

/** Fields that are null, by the reason why. */
function limitsOf({ notMeasured }: PathReport): Entry[] {
  const fieldsByReason = new Map<string, string[]>();
  for (const [field, why] of Object.entries(notMeasured)) {
    fieldsByReason.set(why, [...(fieldsByReason.get(why) ?? []), field]);
  }
  return [...fieldsByReason].map(([why, fields], index) => ({
    label: index === 0 ? 'not measured' : '',
    text: `${fields.join(', ')}: ${why}`,
    tone: 'dim' as const,
  }));
}

/** Below this a process is on time. */
const NOTABLE_DELAY_MS = 5;

function effortOf(path: PathReport): Entry[] {
  const { connections, plannedConnections, eventLoopDelayMs, udp, interfaceMtu } = path;
  const text = [
    `${plural(connections, 'connection')} of at most ${plannedConnections}`,
    ...(udp.probes.length === 0 ? [] : [plural(udp.probes.length, 'datagram')]),
    ...(interfaceMtu === null ? [] : [`interface MTU ${interfaceMtu}`]),
    ...(eventLoopDelayMs === null || eventLoopDelayMs < NOTABLE_DELAY_MS
      ? []
      : [`this process was late by up to ${formatMs(eventLoopDelayMs)} ms`]),
  ].join(', ');
  return [{ label: 'made', text, tone: 'dim' }];
}
