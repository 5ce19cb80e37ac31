import type { Handshake } from '../handshake/handshake.js';
import type { LossReport, PathReport } from '../handshake/path.js';
import { finding } from './case.js';
import { duration, percent, times } from './figures.js';
import type { Evidence, Finding } from './finding.js';
import { holeFindings } from './path-hole.js';

/**
 * What the measurement of a path proves or suggests. A healthy path gives nothing above `possible`.
 *
 * @param decisive the handshake that a hole may explain; null: there was none
 */
export function pathFindings(path: PathReport, decisive: Handshake | null): readonly Finding[] {
  return [
    ...holeFindings(path, decisive),
    ...lossFindings(path),
    ...delayFindings(path),
    ...serverFindings(path),
    ...terminatedFindings(path),
    ...udpFindings(path),
  ];
}

function shown(says: string): Evidence {
  return { says, handshake: null, atMs: null, packets: [] };
}

/** Loss is a problem above this share, if even the lower end of its interval is above the next. */
export const LOSS_SHARE = 0.02;
const LOSS_LEAST = 0.005;
/** One SYN sent again proves nothing. */
const LEAST_SYNS = 2;

function lossFindings({ loss }: PathReport): readonly Finding[] {
  const { sent, lost, ratio, interval95, synRetransmissions } = loss;
  const share = ratio ?? 0;
  const syns = synRetransmissions?.connections ?? 0;
  if (share <= LOSS_SHARE && syns < LEAST_SYNS) return [];
  if (sent === null || lost === null || interval95 === null || share <= LOSS_SHARE) {
    return [synLoss(loss, syns)];
  }
  const [low, high] = interval95;
  const certain = low > LOSS_LEAST;
  return [
    finding('packet-loss-on-path', certain ? 'likely' : 'possible', {
      says: `${lost} of ${sent} packets to the server were lost: ${percent(share)} (95 % interval ${percent(low)} to ${percent(high)}).`,
      evidence: lossEvidence(loss),
      against: certain ? [] : ['so few packets leave room for chance'],
    }),
  ];
}

function synLoss(loss: LossReport, syns: number): Finding {
  const of = loss.synRetransmissions?.of ?? syns;
  return finding('packet-loss-on-path', 'possible', {
    says: `The SYN had to be sent again for ${syns} of ${of} connections.`,
    evidence: lossEvidence(loss),
    against: ['a server whose queue of new connections is full drops SYNs too'],
  });
}

function lossEvidence(loss: LossReport): readonly Evidence[] {
  const { spurious, synRetransmissions: syns, fromServerOutOfOrder: late } = loss;
  return [
    ...(loss.sent === null ? [] : [shown(`${loss.lost ?? 0} of ${loss.sent} data packets lost`)]),
    ...(spurious === null || spurious === 0
      ? []
      : [shown(`${spurious} more were sent again needlessly and are not counted`)]),
    ...(syns === null || syns.connections === 0
      ? []
      : [shown(`SYN sent again for ${syns.connections} of ${syns.of} connections`)]),
    ...(late === null || late === 0
      ? []
      : [shown(`a packet from the server came ahead of an earlier one ${times(late)}`)]),
  ];
}

/** Round trips from which a desktop is felt to lag, and from which it is hard to use. */
export const NOTABLE_RTT_MS = 150;
const SLOW_RTT_MS = 400;
/** Jitter counts where it is large beside the round trip as well as for a person. */
export const JITTER_SHARE = 0.3;
export const NOTABLE_JITTER_MS = 30;
/** Fewer round trips say little of what is usual. */
export const LEAST_SAMPLES = 3;

function delayFindings({ rtt }: PathReport): readonly Finding[] {
  const { samples, medianMs, maxMs, jitterMs, source } = rtt;
  if (medianMs === null || samples < LEAST_SAMPLES) return [];
  const jittery =
    jitterMs !== null && jitterMs >= NOTABLE_JITTER_MS && jitterMs >= medianMs * JITTER_SHARE;
  if (medianMs < NOTABLE_RTT_MS && !jittery) return [];
  const jitter = jitterMs === null ? '' : `, jitter ${duration(jitterMs)}`;
  const longest = maxMs === null ? '' : `, longest ${duration(maxMs)}`;
  const figures = `median ${duration(medianMs)}${longest}${jitter}`;
  return [
    finding('latency-or-slow-path', medianMs >= SLOW_RTT_MS ? 'likely' : 'possible', {
      says: `The round trip is ${jittery ? 'uneven' : 'long'}: ${figures}, of ${samples}.`,
      evidence: [shown(`${samples} round trips: ${figures}`)],
      against:
        source === 'kernel'
          ? []
          : ['times of this process, not of the kernel: its load is in them'],
    }),
  ];
}

/** Round trips that a stage takes by its messages; TLS 1.2 has two. */
const ROUND_TRIPS: Readonly<Record<string, number>> = { x224: 1, tls: 2, credssp: 1, mcs: 1 };
const LONG_THOUGHT_MS = 1_000;

/** A stage that takes far more than its round trips: a server that thinks, or a narrow line. */
function serverFindings({ rtt, stages }: PathReport): readonly Finding[] {
  const { medianMs: rttMs } = rtt;
  if (rttMs === null) return [];
  const slow = stages.flatMap(({ stage, medianMs, samples }) => {
    const trips = ROUND_TRIPS[stage];
    if (trips === undefined || medianMs === null) return [];
    const excessMs = medianMs - trips * rttMs;
    return excessMs < LONG_THOUGHT_MS ? [] : [{ stage, medianMs, samples, excessMs }];
  });
  const worst = slow.toSorted((one, other) => other.excessMs - one.excessMs)[0];
  if (worst === undefined) return [];
  const { stage, medianMs, samples, excessMs } = worst;
  return [
    finding('host-busy-or-out-of-memory', 'possible', {
      says: `${stage} takes ${duration(medianMs)}, ${duration(excessMs)} more than its round trips of ${duration(rttMs)}: the server is slow, or the line is narrow.`,
      evidence: slow.map((one) =>
        shown(`${one.stage}: median ${duration(one.medianMs)} of ${one.samples}`),
      ),
      against: samples < LEAST_SAMPLES ? ['it rests on few handshakes'] : [],
    }),
  ];
}

function terminatedFindings({ terminatedBy }: PathReport): readonly Finding[] {
  if (terminatedBy === null) return [];
  return [
    finding('tcp-answered-on-path', 'possible', {
      says: `${sentence(terminatedBy)} What was measured of sizes and loss holds for the way up to it.`,
      evidence: [shown(terminatedBy)],
    }),
  ];
}

function sentence(text: string): string {
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}`;
}

function udpFindings({ udp }: PathReport): readonly Finding[] {
  const says = udpTrouble(udp);
  if (says === null) return [];
  const sizes = udp.probes.map(({ sentBytes, advertisedMtu, answerBytes }) =>
    shown(
      `SYN of ${sentBytes} bytes, MTU ${advertisedMtu} advertised: ${answerBytes === null ? 'no answer' : `answer of ${answerBytes} bytes`}`,
    ),
  );
  return [
    finding('udp-transport-blocked-or-fragmented', 'possible', {
      says,
      evidence: sizes,
      against: ['RDP works without UDP: it is never why a first connection fails'],
    }),
  ];
}

/** Only sizes that make a difference are worth a finding: most servers and firewalls have no UDP. */
function udpTrouble({
  status,
  version,
  probes,
  largestAnswerBytes,
}: PathReport['udp']): string | null {
  if (status !== 'answered') return null;
  const asked = probes.filter((probe) => version === null || probe.version === version);
  const unanswered = asked.filter(({ answerBytes }) => answerBytes === null);
  if (unanswered.length === 0 || unanswered.length === asked.length) return null;
  const least = Math.min(...unanswered.map(({ sentBytes }) => sentBytes));
  return `UDP answers with up to ${largestAnswerBytes ?? 'few'} bytes, but ${unanswered.length} of ${asked.length} datagrams had no answer, from ${least} bytes on.`;
}
