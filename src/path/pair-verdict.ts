import type { TcpInfo } from '../probe/tcp-info.js';
import type { SocketSample } from './sampler.js';

/**
 * What became of one large segment and the small ones right behind it. The kernel is the witness: its
 * ACK and SACK counters need no answer from the server's program.
 */
export type PairVerdict =
  /** not to be told yet */
  | { readonly kind: 'pending' }
  /** acknowledged; `resent` of its packets had to be sent again */
  | { readonly kind: 'passed'; readonly resent: number }
  /** a router said that it is too large, and this kernel obeys */
  | { readonly kind: 'refused'; readonly pathMtu: number }
  /** the small ones arrived, the large one did not, however often it was sent */
  | { readonly kind: 'vanished'; readonly sent: number }
  /** this kernel gave up the size by itself (net.ipv4.tcp_mtu_probing) */
  | { readonly kind: 'repaired'; readonly sent: number; readonly afterUs: number }
  /** nothing passes any more, whatever its size */
  | { readonly kind: 'silent'; readonly sent: number }
  | { readonly kind: 'unknowable'; readonly why: string };

/** Retransmission timeouts after which a segment whose followers arrived counts as vanished. */
export const PATIENCE = 3;

/** The same on a path that loses packets of any size. */
export const PATIENCE_WITH_LOSS = 4;

/** After the last retransmission, how many round trips an answer may still take. */
const ANSWER_ROUND_TRIPS = 3;
const LEAST_ANSWER_US = 60_000;

/** Timeouts after which a connection on which nothing at all moves is given up. */
const SILENT_AFTER = 5;

const NOT_TOLD = 'the kernel does not tell enough of the connection';

/** Followers that arrive behind a hole show by SACK alone: without it all looks like an end. */
const NO_SACK =
  'the server does not acknowledge selectively, so a hole looks like an end of everything';

/**
 * @param series the sample just before the segments were written, then all since
 * @param written bytes of the large segment and the small ones
 * @param patience timeouts to wait for
 */
export function judgePair(
  series: readonly SocketSample[],
  written: number,
  patience: number,
): PairVerdict {
  const [start] = series;
  const last = series.at(-1);
  if (start === undefined || last === undefined || series.length < 2) return { kind: 'pending' };
  const before = start.info;
  const now = last.info;
  if (
    before.bytesAcknowledged === null ||
    now.bytesAcknowledged === null ||
    before.unacknowledged === null ||
    now.unacknowledged === null ||
    now.backoff === null ||
    now.sacked === null
  ) {
    return { kind: 'unknowable', why: NOT_TOLD };
  }
  if (before.pathMtu !== null && now.pathMtu !== null && now.pathMtu < before.pathMtu) {
    return { kind: 'refused', pathMtu: now.pathMtu };
  }
  const backoff = mostBackoff(series);
  const sent = 1 + backoff;
  if (before.sendMss !== null && now.sendMss !== null && now.sendMss < before.sendMss) {
    return { kind: 'repaired', sent, afterUs: last.at - start.at };
  }
  const acknowledged = now.bytesAcknowledged - before.bytesAcknowledged;
  if (now.unacknowledged === 0 && acknowledged >= written) {
    const again = (now.retransmissions ?? 0) - (before.retransmissions ?? 0);
    const spurious = (now.spuriousRetransmissions ?? 0) - (before.spuriousRetransmissions ?? 0);
    return { kind: 'passed', resent: Math.max(0, again - spurious) };
  }
  const waited = last.at - lastRetransmissionAt(series);
  const answerTime = Math.max(LEAST_ANSWER_US, ANSWER_ROUND_TRIPS * (now.rttUs ?? 0));
  if (waited < answerTime) return { kind: 'pending' };
  if (followersArrived(series)) {
    // What is missing is the large one only where nothing was before it and nothing moved since.
    const isLarge = before.unacknowledged === 0 && acknowledged === 0;
    return isLarge && backoff >= patience ? { kind: 'vanished', sent } : { kind: 'pending' };
  }
  return backoff >= SILENT_AFTER ? silent(now, sent) : { kind: 'pending' };
}

/** What to make of a pair that nothing could be told of until its time was up. */
export function judgeOverdue(series: readonly SocketSample[]): PairVerdict {
  const before = series[0]?.info.bytesAcknowledged ?? null;
  const now = series.at(-1)?.info;
  if (now === undefined || now.bytesAcknowledged === null || before === null) {
    return { kind: 'unknowable', why: NOT_TOLD };
  }
  if (followersArrived(series) || now.bytesAcknowledged > before) {
    return { kind: 'unknowable', why: 'it took too long to tell what became of it' };
  }
  return silent(now, 1 + mostBackoff(series));
}

function silent({ sackPermitted }: TcpInfo, sent: number): PairVerdict {
  return sackPermitted === true ? { kind: 'silent', sent } : { kind: 'unknowable', why: NO_SACK };
}

function followersArrived(series: readonly SocketSample[]): boolean {
  return series.some(({ info }) => (info.sacked ?? 0) > 0);
}

function mostBackoff(series: readonly SocketSample[]): number {
  return Math.max(...series.map(({ info }) => info.backoff ?? 0));
}

function lastRetransmissionAt(series: readonly SocketSample[]): number {
  let at = series[0]?.at ?? 0;
  for (let i = 1; i < series.length; i++) {
    const before = series[i - 1]?.info.retransmissions ?? 0;
    if ((series[i]?.info.retransmissions ?? 0) > before) at = series[i]?.at ?? at;
  }
  return at;
}
