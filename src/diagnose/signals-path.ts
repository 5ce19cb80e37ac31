import type { PathReport } from '../handshake/path.js';
import { duration, percent } from './figures.js';
import { directionsOf, isHole, passesInFull } from './path-direction.js';
import {
  JITTER_SHARE,
  LEAST_SAMPLES,
  LOSS_SHARE,
  NOTABLE_JITTER_MS,
  NOTABLE_RTT_MS,
} from './path-rules.js';
import { type Detector, type Detectors, remark } from './signals-case.js';

/** A sentence on what the measurement shows; null: nothing of the kind, or not measured. */
function measured(look: (path: PathReport) => string | null): Detector {
  return ({ path }) => {
    const says = path === null ? null : look(path);
    return says === null ? [] : [remark(says)];
  };
}

function small({ udp }: PathReport): string | null {
  const asked = udp.probes.filter(({ version }) => udp.version === null || version === udp.version);
  const silent = asked.filter(({ answerBytes }) => answerBytes === null);
  const answered = asked.filter(({ answerBytes }) => answerBytes !== null);
  const most = Math.max(...answered.map(({ sentBytes }) => sentBytes));
  const least = Math.min(...silent.map(({ sentBytes }) => sentBytes));
  return silent.length > 0 && answered.length > 0 && most < least
    ? `${most} bytes were answered, ${least} were not`
    : null;
}

/** One direction is half of it: what is left is the other. */
function fullSizes(path: PathReport): string | null {
  const directions = directionsOf(path);
  if (!directions.every((one) => passesInFull(one, path.interfaceMtu))) return null;
  return directions
    .map(({ passUpTo, way, mechanism }) =>
      mechanism === 'pmtud' || passUpTo === null
        ? `path-MTU discovery works ${way}`
        : `packets of ${passUpTo} bytes passed ${way}`,
    )
    .join(', and ');
}

/** Below this the loss that is still possible stalls no handshake. */
const HARMLESS_LOSS = 0.02;

function isHarmless(ratio: number | null, atMost: number): boolean {
  return (ratio ?? 0) <= LOSS_SHARE && atMost < HARMLESS_LOSS;
}

/** What the measurement of the path shows; without one, none of it. */
export const PATH_SIGNALS: Detectors = {
  'net.rtt-high': measured(({ rtt: { medianMs, samples } }) =>
    medianMs !== null && medianMs >= NOTABLE_RTT_MS && samples >= LEAST_SAMPLES
      ? `median of ${samples} round trips ${duration(medianMs)}`
      : null,
  ),
  'net.jitter-high': measured(({ rtt: { medianMs, jitterMs, samples } }) =>
    medianMs !== null &&
    jitterMs !== null &&
    samples >= LEAST_SAMPLES &&
    jitterMs >= NOTABLE_JITTER_MS &&
    jitterMs >= medianMs * JITTER_SHARE
      ? `jitter ${duration(jitterMs)}, of a median of ${duration(medianMs)}`
      : null,
  ),
  'net.loss-high': measured(({ loss: { ratio, sent, lost } }) =>
    ratio !== null && ratio > LOSS_SHARE
      ? `${lost ?? 0} of ${sent ?? 0} packets to the server were lost: ${percent(ratio)}`
      : null,
  ),
  'net.size-threshold': measured((path) => {
    const hole = directionsOf(path).find(isHole);
    return hole === undefined
      ? null
      : `${hole.way}: ${hole.why ?? `packets above ${hole.passUpTo ?? 'some size'} bytes vanish`}`;
  }),
  'net.full-size-passes': measured(fullSizes),
  'net.padded-hello-passes': measured(({ mtu: { toServer }, interfaceMtu }) =>
    toServer.mechanism === 'none' && passesInFull(toServer, interfaceMtu)
      ? `a padded ClientHello in packets of ${toServer.passUpTo} bytes was acknowledged`
      : null,
  ),
  'net.loss-low': measured(({ loss: { sent, lost, ratio, interval95 } }) =>
    sent !== null && lost !== null && interval95 !== null && isHarmless(ratio, interval95[1])
      ? `${lost} of ${sent} packets to the server were lost, at most ${percent(interval95[1])} by the 95 % interval`
      : null,
  ),
  'path.syn-answered-nearer': measured(({ terminatedBy }) => terminatedBy),
  'udp.reply': measured(({ udp }) =>
    udp.status === 'answered' ? `an answer of ${udp.largestAnswerBytes ?? 'some'} bytes` : null,
  ),
  'udp.no-reply': measured(({ udp }) =>
    udp.status === 'silent' ? `no answer to ${udp.probes.length} datagrams` : null,
  ),
  'udp.reply-small-only': measured((path) => (path.udp.status === 'answered' ? small(path) : null)),
};
