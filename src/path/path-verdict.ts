import type { DirectionReport, LossReport, PathReport } from '../handshake/path.js';
import { percent } from './to-server-verdict.js';

/** Above this, with the interval's lower end above a quarter of it, loss is worth a word. */
const NOTABLE_LOSS = 0.02;

interface PathFindings {
  readonly mtu: PathReport['mtu'];
  readonly loss: LossReport;
  readonly rtt: PathReport['rtt'];
  readonly family: 4 | 6;
  readonly terminatedBy: string | null;
  /** what kept the measurement from being made; null: it was made */
  readonly failure: string | null;
}

/** The one line, and what to set. Pure. */
export function pathVerdict(found: PathFindings): {
  readonly verdict: string;
  readonly advice: string | null;
} {
  if (found.failure !== null) {
    return { verdict: `the path could not be measured: ${found.failure}`, advice: null };
  }
  const holes = [
    ...holeOf(found.mtu.fromServer, 'from the server'),
    ...holeOf(found.mtu.toServer, 'to the server'),
  ];
  const said = [
    ...holes,
    ...lossSaid(found.loss),
    ...clamps(found.mtu),
    ...doubts(found.mtu, holes.length > 0),
    ...(found.terminatedBy === null ? [] : [found.terminatedBy]),
  ];
  return {
    verdict: said.length === 0 ? soundPath(found) : said.join('; '),
    advice: adviceFor(found.mtu, found.family),
  };
}

function holeOf(direction: DirectionReport, way: string): readonly string[] {
  const { mechanism, passUpTo, trials, p } = direction;
  if (mechanism !== 'black-hole' && mechanism !== 'repaired-late') return [];
  const counts = `${trials.small[0]} of ${trials.small[1]} small and ${trials.big[0]} of ${trials.big[1]} large packets arrived`;
  const chance = p === null ? '' : `, p = ${p.toExponential(0)}`;
  const late =
    mechanism === 'repaired-late' && direction.repairedAfterMs !== null
      ? `, and only MTU probing gets a connection through, after ${(direction.repairedAfterMs / 1000).toFixed(1)} s`
      : '';
  return [`everything above ${passUpTo} bytes ${way} vanishes${late} (${counts}${chance})`];
}

function lossSaid({ ratio, interval95, sent, lost }: LossReport): readonly string[] {
  if (ratio === null || interval95 === null) return [];
  if (ratio < NOTABLE_LOSS || interval95[0] < NOTABLE_LOSS / 4) return [];
  return [
    `${percent(ratio)} of the packets to the server are lost (${lost} of ${sent}; 95 %: ${percent(interval95[0])} to ${percent(interval95[1])})`,
  ];
}

function clamps({ toServer, fromServer }: PathReport['mtu']): readonly string[] {
  const learned = [toServer, fromServer].find(({ mechanism }) => mechanism === 'pmtud');
  if (learned !== undefined) {
    return [`path-MTU discovery works: ${learned.learnedMtu ?? learned.passUpTo} bytes`];
  }
  const clamped = [toServer, fromServer].find(({ mechanism }) => mechanism === 'mss-clamped');
  return clamped === undefined
    ? []
    : [`the MSS is limited on the way or by the server: packets up to ${clamped.passUpTo} bytes`];
}

function doubts({ toServer, fromServer }: PathReport['mtu'], isProved: boolean): readonly string[] {
  const unclear = (direction: DirectionReport, way: string): readonly string[] =>
    direction.mechanism === 'inconclusive' && !isProved
      ? [`packet sizes ${way} are inconclusive: ${direction.why}`]
      : [];
  return [...unclear(fromServer, 'from the server'), ...unclear(toServer, 'to the server')];
}

function soundPath({ mtu, rtt, loss }: PathFindings): string {
  const sizes = [
    ...(mtu.toServer.passUpTo === null ? [] : [`${mtu.toServer.passUpTo} bytes to the server`]),
    ...(mtu.fromServer.passUpTo === null ? [] : [`${mtu.fromServer.passUpTo} bytes from it`]),
  ];
  const passed = sizes.length === 0 ? '' : `packets of ${sizes.join(' and ')} pass`;
  const quick = rtt.medianMs === null ? '' : `RTT ${rtt.medianMs} ms`;
  const lossless = loss.ratio === 0 ? `none of ${loss.sent} packets lost` : '';
  const parts = [passed, quick, lossless].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing could be measured of the path' : parts.join(', ');
}

/** The setting to try: the smaller of the two limits serves both directions. */
function adviceFor({ toServer, fromServer }: PathReport['mtu'], family: 4 | 6): string | null {
  const limits = [toServer, fromServer].flatMap(({ mechanism, passUpTo }) =>
    (mechanism === 'black-hole' || mechanism === 'repaired-late') && passUpTo !== null
      ? [passUpTo]
      : [],
  );
  if (limits.length === 0) return null;
  const mtu = Math.min(...limits);
  const headers = family === 4 ? 40 : 60;
  return `set the MTU of the tunnel or interface to ${mtu}, or clamp the MSS to ${mtu - headers} where the tunnel begins; or let ICMP "fragmentation needed" through`;
}
