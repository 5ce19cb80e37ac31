import type { SizeTrial } from '../handshake/path.js';
import type { TlsOffer } from '../probe/tls-client.js';
import type { FlightVerdict } from './flight-verdict.js';
import type { Bracket } from './size-search.js';

/** What one connection of this direction showed. */
export interface FlightTrial {
  /** the largest packet that our MSS allowed; null: not told */
  readonly allowed: number | null;
  readonly verdict: FlightVerdict;
  readonly offer: TlsOffer;
  /** packets of any size that came from the server */
  readonly packetsReceived: number | null;
  /** bytes of an IP packet that are not payload */
  readonly overhead: number;
  readonly attempt: number;
}

/** Everything that the connections of this direction showed. */
export interface FromServerSeen {
  readonly trials: readonly FlightTrial[];
  /** MSS option of our own SYN, where it was not clamped */
  readonly mss: number | null;
  /** the bracket that the search came to; null: nothing failed */
  readonly bracket: Bracket | null;
  /** share of small packets lost on the way to the server: the other way is not seen from here */
  readonly lossToServer: number | null;
  readonly cutShort: string | null;
  readonly family: 4 | 6;
}

/** An answer that is several times as long as its largest segment was cut to that size. */
export function isManySegments(verdict: FlightVerdict & { kind: 'arrived' }): boolean {
  const { bytes, largest } = verdict;
  return bytes !== null && largest !== null && bytes >= 2 * largest;
}

/** One sentence for the list of attempts. */
export function describe(size: number | null, verdict: FlightVerdict): string {
  const what = size === null ? 'packets of any size' : `packets up to ${size} bytes`;
  switch (verdict.kind) {
    case 'arrived':
      return `${what}: the answer came${verdict.largest === null ? '' : `, its largest packet ${verdict.largest} bytes`}`;
    case 'repaired':
      return `${what}: the answer came after ${(verdict.afterMs / 1000).toFixed(1)} s, in small packets`;
    case 'stalled':
      return `${what}: the answer did not come within ${(verdict.waitedMs / 1000).toFixed(1)} s${verdict.outOfOrder > 0 ? ', but what was behind it did' : ''}`;
    case 'stuck':
      return `${what}: our own message did not arrive`;
    case 'declined':
    case 'ended':
    case 'unknowable':
    case 'no-connection':
      return `${what}: ${verdict.says}`;
  }
}

/** The packet that the whole answer to an offer would make; null: it never came. */
export function longestPacket(trials: readonly FlightTrial[], offer: TlsOffer): number | null {
  for (const { verdict, offer: offered, overhead } of trials) {
    if (verdict.kind === 'arrived' && offered === offer && verdict.bytes !== null) {
      return verdict.bytes + overhead;
    }
  }
  return null;
}

/** The largest packet that a trial put to the test: our MSS allowed it, and the answer was that long. */
export function largestTried(trial: FlightTrial, trials: readonly FlightTrial[]): number | null {
  if (trial.allowed === null) return null;
  return Math.min(trial.allowed, longestPacket(trials, trial.offer) ?? trial.allowed);
}

/** Sizes that passed or did not, as the report lists them. */
export function sizesOf(trials: readonly FlightTrial[]): readonly SizeTrial[] {
  const sizes: SizeTrial[] = [];
  for (const trial of trials) {
    const { verdict, attempt } = trial;
    switch (verdict.kind) {
      case 'arrived':
        if (verdict.largest !== null) {
          sizes.push({ bytes: verdict.largest, result: 'passed', sent: 1, attempt });
        }
        break;
      case 'repaired':
      case 'stalled': {
        const bytes = largestTried(trial, trials);
        if (bytes === null) break;
        sizes.push({ bytes, result: 'vanished', sent: transmissions(verdict), attempt });
        break;
      }
      case 'stuck':
      case 'declined':
      case 'ended':
      case 'unknowable':
      case 'no-connection':
        break;
    }
  }
  return sizes.toSorted((one, other) => one.bytes - other.bytes);
}

/**
 * How often a server has at least sent a segment that was not acknowledged for so long: it is not
 * seen from here. Retransmission timers start at 1 s at the most and double (RFC 6298).
 */
export function transmissions(verdict: FlightVerdict & { kind: 'stalled' | 'repaired' }): number {
  const ms = verdict.kind === 'stalled' ? verdict.waitedMs : verdict.afterMs;
  return 1 + Math.max(0, Math.floor(Math.log2(ms / 1000 + 1)));
}
