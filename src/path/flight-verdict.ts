import type { Handshake } from '../handshake/handshake.js';
import type { StageName } from '../handshake/trace.js';
import type { TcpInfo } from '../probe/tcp-info.js';
import { packetOf, shapeOf } from './packet-size.js';
import type { SocketSample } from './sampler.js';

/**
 * What became of the server's long answer in one handshake, the TLS server flight or, without TLS,
 * the MCS Connect Response: the only large packets that a server sends before a logon.
 */
export type FlightVerdict =
  /** it came whole */
  | {
      readonly kind: 'arrived';
      /** the largest packet that came; null: none above the kernel's first guess, or not told */
      readonly largest: number | null;
      /** some packet was as large as our MSS allows */
      readonly isFull: boolean;
      /** bytes of the answer; null: not told */
      readonly bytes: number | null;
      readonly tookMs: number | null;
    }
  /** it came late, in segments much smaller than allowed: the server looked for a size that passes */
  | { readonly kind: 'repaired'; readonly largest: number | null; readonly afterMs: number }
  /** all of ours was acknowledged, and nothing more came in order */
  | {
      readonly kind: 'stalled';
      readonly waitedMs: number;
      /** packets that came behind one that did not */
      readonly outOfOrder: number;
    }
  /** our own message was not acknowledged: it is the other direction that does not pass */
  | { readonly kind: 'stuck'; readonly says: string }
  /** the server does not want what was offered */
  | { readonly kind: 'declined'; readonly says: string }
  | { readonly kind: 'ended'; readonly says: string }
  /** no answer, and the kernel does not tell whose packets are missing */
  | { readonly kind: 'unknowable'; readonly says: string }
  | { readonly kind: 'no-connection'; readonly says: string };

/** What `tcp_initialize_rcv_mss` of Linux takes for the peer's segment size before any came. */
const FIRST_GUESS = 536;

/**
 * MTU probing goes down to 1024 bytes or 512 on Linux (net.ipv4.tcp_base_mss and below), and to 536
 * on Windows.
 */
const REPAIRED_MSS = 1024;

/** Linux gets there after five timeouts, 6.6 s; no plain retransmission is taken for it. */
const REPAIRED_AFTER_MS = 1500;

/**
 * @param handshake as the tracker saw it
 * @param series the kernel's figures of the same connection
 */
export function judgeFlight(
  handshake: Handshake,
  series: readonly SocketSample[],
  family: 4 | 6,
): FlightVerdict {
  const { outcome } = handshake;
  if (statusOf(handshake, 'tcp') !== 'completed') {
    return { kind: 'no-connection', says: outcome.detail };
  }
  const stage = flightStage(handshake);
  const status = stage === null ? null : statusOf(handshake, stage);
  if (stage === null || status === null || status === 'not-reached') {
    return { kind: 'ended', says: outcome.detail };
  }
  const last = series.at(-1)?.info ?? null;
  if (status === 'completed') return arrived(handshake, stage, series, family);
  if (outcome.failedAt !== stage) return { kind: 'ended', says: outcome.detail };
  switch (outcome.how) {
    case 'timeout':
      return unanswered(handshake, stage, last);
    case 'alert':
      return { kind: 'declined', says: outcome.detail };
    case 'refused':
    case 'unreachable':
    case 'reset':
    case 'closed':
    case 'negotiation-failure':
    case 'error-code':
    case 'malformed':
    case 'not-rdp':
    case 'not-found':
    case null:
      return { kind: 'ended', says: outcome.detail };
  }
}

function unanswered(handshake: Handshake, stage: StageName, last: TcpInfo | null): FlightVerdict {
  const unacknowledged = last?.unacknowledged ?? null;
  if (unacknowledged === null) return { kind: 'unknowable', says: handshake.outcome.detail };
  if (unacknowledged > 0) return { kind: 'stuck', says: handshake.outcome.detail };
  return {
    kind: 'stalled',
    waitedMs: durationOf(handshake, stage) ?? 0,
    outOfOrder: last?.receivedOutOfOrder ?? 0,
  };
}

function arrived(
  handshake: Handshake,
  stage: StageName,
  series: readonly SocketSample[],
  family: 4 | 6,
): FlightVerdict {
  const tookMs = durationOf(handshake, stage);
  const last = series.at(-1)?.info;
  const advertised = last?.advertisedMss ?? null;
  if (last === undefined || advertised === null) {
    return { kind: 'arrived', largest: null, isFull: false, bytes: null, tookMs };
  }
  const bytes = flightBytes(series, stage);
  const received = Math.max(0, ...series.map(({ info }) => info.receiveMss ?? 0));
  const shape = shapeOf(last, family);
  // Until a larger segment comes the kernel's figure is a guess, which a small MSS may equal.
  const isGuess = received <= Math.min(FIRST_GUESS, advertised);
  const isFull = isGuess
    ? advertised <= FIRST_GUESS && bytes !== null && bytes >= advertised
    : received >= advertised;
  const largest = isGuess && !isFull ? null : packetOf(Math.min(received, advertised), shape);
  const isSmall = received <= REPAIRED_MSS && advertised > REPAIRED_MSS + 100;
  if (isSmall && (tookMs ?? 0) > REPAIRED_AFTER_MS && (bytes ?? 0) > received) {
    return { kind: 'repaired', largest, afterMs: tookMs ?? 0 };
  }
  return { kind: 'arrived', largest, isFull, bytes, tookMs };
}

/** In-order bytes between the confirm and the end of the stage. */
function flightBytes(series: readonly SocketSample[], stage: StageName): number | null {
  const before = series.find(({ moment }) => moment === 'x224')?.info.bytesReceived ?? null;
  const after =
    (series.find(({ moment }) => moment === stage) ?? series.at(-1))?.info.bytesReceived ?? null;
  return before === null || after === null ? null : after - before;
}

/** TLS where there is TLS, else MCS; null: the negotiation did not come that far. */
function flightStage(handshake: Handshake): 'tls' | 'mcs' | null {
  if (statusOf(handshake, 'x224') !== 'completed') return null;
  return statusOf(handshake, 'tls') === 'not-applicable' ? 'mcs' : 'tls';
}

function statusOf(handshake: Handshake, name: StageName): string | null {
  return handshake.stages.find(({ stage }) => stage === name)?.status ?? null;
}

export function durationOf(handshake: Handshake, name: StageName): number | null {
  return handshake.stages.find(({ stage }) => stage === name)?.durationMs ?? null;
}
