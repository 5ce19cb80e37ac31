import type { Handshake } from '../handshake/handshake.js';
import { candidatesOf } from './candidates.js';
import { type Case, finding, type Rule } from './case.js';
import type { CauseId } from './causes.js';
import { duration, times } from './figures.js';
import type { Certainty, Evidence, Finding } from './finding.js';
import { isUnacknowledged, lostSegments } from './lost-segments.js';
import { REASONS } from './reasons.js';
import { endEvent, evidence, lastEvent, lastWords, lookupError, number, stage } from './seen.js';
import { howItEnded } from './verdict.js';

/** What the way and the place in which a connection ended point at. */
export const endingRules: Rule = ({ handshake }) => {
  if (handshake.outcome.status !== 'failed') return [];
  return candidatesOf(handshake).map(([cause, certainty]) =>
    finding(cause, certainty, {
      says: sentence(handshake, cause),
      evidence: proof(handshake),
      against: objections(handshake, cause, certainty),
    }),
  );
};

/** Whether the ending is the cause: what answered is another protocol. */
function namesItself(handshake: Handshake, cause: CauseId): boolean {
  return handshake.outcome.how === 'not-rdp' && cause === 'not-an-rdp-service';
}

function sentence(handshake: Handshake, cause: CauseId | null): string {
  const what = howItEnded(handshake);
  const reason = cause === null || namesItself(handshake, cause) ? undefined : REASONS[cause];
  // A colon inside is a quotation of the peer or a list of its own: one more would mislead.
  const joint = what.includes(': ') ? '; ' : ': ';
  const line = reason === undefined ? what : `${what}${joint}${reason}`;
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}.`;
}

function objections(handshake: Handshake, cause: CauseId, certainty: Certainty): readonly string[] {
  const against: string[] = [];
  const { rttMs, strayReset } = handshake.tcp;
  if (cause === 'middlebox-dpi-resets-rdp' && certainty === 'likely' && strayReset !== null) {
    against.push('a load balancer that answers for the server may reset with a TTL of its own');
  } else if (
    cause === 'middlebox-dpi-resets-rdp' &&
    certainty === 'likely' &&
    handshake.outcome.how === 'timeout'
  ) {
    against.push('a path that broke at this very moment looks the same');
  } else if (cause === 'middlebox-dpi-resets-rdp' && certainty === 'likely' && rttMs !== null) {
    against.push(
      `it rests on one comparison: the end came sooner than the round trip of ${duration(rttMs)} allows`,
    );
  }
  if (cause === 'mtu-pmtud-blackhole') {
    const partial = number(lastEvent(handshake, { kind: 'silence' }), 'partialBytes') ?? 0;
    if (partial > 0) against.push(`${partial} bytes of the answer did arrive`);
  }
  return against;
}

/** The event that ended it, and before it the words of the resolver where there are any. */
function proof(handshake: Handshake): readonly Evidence[] {
  const { outcome } = handshake;
  const at = outcome.failedAt ?? 'tcp';
  switch (outcome.how) {
    case 'reset':
    case 'closed':
      return [
        evidence(handshake, ended(handshake), { kind: 'tcp-end' }, at),
        ...strayReset(handshake),
      ];
    case 'refused':
    case 'unreachable':
      return [evidence(handshake, outcome.detail, { kind: 'tcp-failed' }, at)];
    case 'timeout': {
      const kind = lastEvent(handshake, { kind: 'silence' }) === null ? 'tcp-failed' : 'silence';
      return [evidence(handshake, outcome.detail, { kind }, at), ...unacknowledged(handshake)];
    }
    case 'not-found': {
      const says = lookupError(handshake)?.says ?? outcome.detail;
      return [evidence(handshake, says, { kind: 'lookup' }, at)];
    }
    case 'alert':
      return [evidence(handshake, outcome.detail, { kind: 'message', message: 'tls-alert' }, at)];
    case 'malformed': {
      const kind =
        lastEvent(handshake, { kind: 'malformed' }) === null ? 'nla-verdict' : 'malformed';
      return [evidence(handshake, outcome.detail, { kind }, at)];
    }
    case 'not-rdp':
      return [evidence(handshake, outcome.detail, { kind: 'foreign', by: 'server' }, at)];
    case 'negotiation-failure':
    case 'error-code':
    case null: {
      const atMs = stage(handshake, at)?.endMs ?? null;
      return [{ says: outcome.detail, handshake: handshake.id, atMs, packets: [] }];
    }
  }
}

function strayReset(handshake: Handshake): readonly Evidence[] {
  const stray = handshake.tcp.strayReset;
  if (stray === null || handshake.outcome.how !== 'reset') return [];
  const says =
    `the reset came with TTL ${stray.hopLimit}, ` +
    `the server's other packets with ${stray.usual.join(', ')}`;
  return [evidence(handshake, says, { kind: 'tcp-end' }, 'tcp')];
}

function unacknowledged(handshake: Handshake): readonly Evidence[] {
  if (!isUnacknowledged(handshake)) return [];
  const says = `what the client sent last was sent again ${times(lostSegments(handshake, 'client') ?? 0)}, and never acknowledged`;
  const captured = lastEvent(handshake, { kind: 'tcp-figures' }) !== null;
  return [evidence(handshake, says, { kind: captured ? 'tcp-figures' : 'kernel' }, 'tcp')];
}

function ended(handshake: Handshake): string {
  const last = lastWords(handshake, endEvent(handshake)?.atMs ?? null);
  const what = handshake.outcome.how === 'reset' ? 'TCP reset' : 'end of the TCP connection';
  return last === null ? what : `${what} after the ${last.name}`;
}

/** Signs of loss: something had to be sent again. */
export const lossRules: Rule = ({ handshake }) => {
  // No answer at all is another matter, and has its own candidates.
  if (stage(handshake, 'tcp')?.status !== 'completed') return [];
  return [...lostData(handshake), ...lostSyns(handshake)];
};

/** One in a connection is nothing unusual. */
const LEAST_LOST = 2;

/** Segments that had to be sent again, where what comes after them got through. */
function lostData(handshake: Handshake): readonly Finding[] {
  if (handshake.outcome.how === 'timeout') return [];
  const lost = (lostSegments(handshake, 'client') ?? 0) + (lostSegments(handshake, 'server') ?? 0);
  if (lost < LEAST_LOST) return [];
  const says = `${lost} segments had to be sent again`;
  return [
    finding('packet-loss-on-path', 'possible', {
      says: `${says} before they were acknowledged.`,
      evidence: [evidence(handshake, says, { kind: 'tcp-figures' }, 'tcp')],
      against: ['one connection is too small a sample: --path measures the loss'],
    }),
  ];
}

function lostSyns(handshake: Handshake): readonly Finding[] {
  const { synRetransmissions } = handshake.tcp;
  if (synRetransmissions === null || synRetransmissions < 1) return [];
  const slow = slowerThanTheTimer(handshake);
  if (slow !== null) return [slow];
  const times = synRetransmissions === 1 ? 'once' : `${synRetransmissions} times`;
  return [
    finding('packet-loss-on-path', 'possible', {
      says: `The SYN had to be sent again ${times} before the server answered.`,
      evidence: [evidence(handshake, `SYN sent again ${times}`, { kind: 'tcp-accepted' }, 'tcp')],
      against: [
        'one connection is too small a sample: the server may also have been slow to accept',
      ],
    }),
  ];
}

/** The first retransmission of a SYN comes after a second, RFC 6298 section 2.1. */
const SYN_TIMER_MS = 1_000;

/** On a path whose round trip takes longer than that, each SYN is sent again, and none was lost. */
function slowerThanTheTimer(handshake: Handshake): Finding | null {
  const tookMs = stage(handshake, 'x224')?.durationMs ?? null;
  if (tookMs === null || tookMs < SYN_TIMER_MS * 0.9) return null;
  return finding('latency-or-slow-path', 'possible', {
    says: `The SYN had to be sent again, and the next round trip took ${duration(tookMs)}: the path is slower than the timer of the SYN.`,
    evidence: [
      evidence(
        handshake,
        `x224 took ${duration(tookMs)}`,
        { kind: 'message', message: 'x224-confirm' },
        'x224',
      ),
    ],
    against: ['a server that is slow to answer the request looks the same in one connection'],
  });
}

/** For a failure that nothing else explains. */
export function lastResort({ handshake }: Case): Finding {
  return finding('general-secure-negotiation-failure', 'possible', {
    says: sentence(handshake, null),
    evidence: proof(handshake),
  });
}
