import type { DirectionReport, Mechanism, SizeTrial } from '../handshake/path.js';
import type { SinglesResult } from './drip.js';
import { packetForMss } from './packet-size.js';
import { fisherOneSided } from './statistics.js';

/** Above this share of lost small packets no size is blamed: the big ones would be lost anyway. */
export const HEAVY_LOSS = 0.15;

/** What the test of size against chance must come to before a hole is named. */
export const SIGNIFICANCE = 0.001;

/** Independent connections in which larger packets vanished, before a hole is named. */
export const CONFIRMATIONS = 2;

/** RFC 791: no packet has more bytes, whatever the interface carries. Loopback has 65536. */
const MOST_IP_BYTES = 65_535;

/** Everything that the connections of this direction showed. */
export interface ToServerSeen {
  readonly trials: readonly SizeTrial[];
  readonly singles: SinglesResult | null;
  /** as the first connection had it */
  readonly largestPacket: number | null;
  readonly pathMtuAtConnect: number | null;
  readonly mss: number | null;
  readonly learnedMtu: number | null;
  /** size and time after which this kernel gave up a size by itself */
  readonly repaired: { readonly size: number; readonly afterUs: number } | null;
  /** connections in which a size vanished */
  readonly confirmations: number;
  /** connections on which nothing passed any more, small packets included */
  readonly silenced: number;
  /** why it ended before the search was done; null: it was done */
  readonly cutShort: string | null;
  readonly family: 4 | 6;
}

interface Judged {
  readonly mechanism: Mechanism;
  readonly why: string;
}

/** What was known before this direction was tried. */
export interface KnownBefore {
  readonly interfaceMtu: number | null;
  /** MSS of the server before its first large packets; null: not told */
  readonly mssBefore: number | null;
}

/** What the trials of this direction come to. Pure. */
export function toServerReport(seen: ToServerSeen, known: KnownBefore): DirectionReport {
  const { interfaceMtu } = known;
  const passUpTo = largest(seen.trials, 'passed');
  const failing = seen.trials.filter(
    ({ bytes, result }) =>
      (result === 'vanished' || result === 'refused') && bytes > (passUpTo ?? 0),
  );
  const failsFrom =
    seen.learnedMtu !== null && passUpTo === seen.learnedMtu ? seen.learnedMtu + 1 : least(failing);
  const trials = countTrials(seen, passUpTo);
  const p = trials.big[1] === 0 ? null : fisherOneSided(trials.small, trials.big);
  const { mechanism, why } = judge(seen, { ...known, passUpTo, failsFrom, p });
  return {
    passUpTo,
    failsFrom: mechanism === 'none' || mechanism === 'mss-clamped' ? null : failsFrom,
    testedUpTo: tested(seen.trials),
    mechanism,
    why,
    mss: seen.mss,
    learnedMtu:
      seen.learnedMtu ?? cachedMtu(seen, interfaceMtu) ?? learnedByServer(seen, known.mssBefore),
    reportedBy: null,
    trials,
    p,
    sizes: seen.trials.toSorted((one, other) => one.bytes - other.bytes),
    repairedAfterMs: seen.repaired === null ? null : Math.round(seen.repaired.afterUs / 1000),
  };
}

function judge(
  seen: ToServerSeen,
  found: {
    readonly passUpTo: number | null;
    readonly failsFrom: number | null;
    readonly p: number | null;
  } & KnownBefore,
): Judged {
  const { passUpTo, failsFrom, p } = found;
  const cached = cachedMtu(seen, found.interfaceMtu);
  if (seen.learnedMtu !== null && !isContradicted(seen.learnedMtu, seen, passUpTo)) {
    return {
      mechanism: 'pmtud',
      why: `a router on the way reported a path MTU of ${seen.learnedMtu}, and this system obeyed`,
    };
  }
  if (seen.silenced > 0 && failsFrom === null) {
    return {
      mechanism: 'inconclusive',
      why: `nothing passed any more in ${seen.silenced} of the connections, small packets included: no matter of size, but of something that stops the connection`,
    };
  }
  if (seen.trials.length === 0) {
    return { mechanism: 'not-measured', why: seen.cutShort ?? 'no size was tried' };
  }
  if (passUpTo === null) {
    return {
      mechanism: 'inconclusive',
      why: `not even ${seen.trials[0]?.bytes ?? 0} bytes passed, so it is no matter of size${seen.cutShort === null ? '' : `: ${seen.cutShort}`}`,
    };
  }
  if (failsFrom !== null) return judgeHole(seen, passUpTo, failsFrom, p);
  if (seen.cutShort !== null) {
    return {
      mechanism: 'inconclusive',
      why: `every size up to ${passUpTo} passed, but the search was cut short: ${seen.cutShort}`,
    };
  }
  if (cached !== null) {
    return {
      mechanism: 'pmtud',
      why: `this system had learned a path MTU of ${cached} before, and sends nothing larger for some minutes`,
    };
  }
  const mss = seen.mss;
  const bound = mss === null ? null : packetForMss(mss, seen.family);
  const learned = learnedByServer(seen, found.mssBefore);
  if (learned !== null) {
    return {
      mechanism: 'pmtud',
      why: `the server offered an MSS of ${found.mssBefore} at first and ${mss} after its first large packets: it has learned a path MTU of ${learned}`,
    };
  }
  const own = found.interfaceMtu ?? seen.pathMtuAtConnect;
  if (bound !== null && own !== null && bound < Math.min(own, MOST_IP_BYTES)) {
    return {
      mechanism: 'mss-clamped',
      why: `the server's SYN/ACK arrived with an MSS of ${mss}, though this side could send packets of ${own} bytes: the server or a box on the way set it`,
    };
  }
  return { mechanism: 'none', why: `every size up to ${passUpTo} passed` };
}

function judgeHole(
  seen: ToServerSeen,
  passUpTo: number,
  failsFrom: number,
  p: number | null,
): Judged {
  const vanished = `packets from ${failsFrom} bytes on vanish without a word, those up to ${passUpTo} pass`;
  const loss = lossOf(seen);
  if (loss !== null && loss > HEAVY_LOSS) {
    return {
      mechanism: 'inconclusive',
      why: `${percent(loss)} of the small packets are lost as well: too many to blame the size`,
    };
  }
  if (seen.confirmations < CONFIRMATIONS) {
    return {
      mechanism: 'inconclusive',
      why: `${vanished}, but only one connection showed it${seen.cutShort === null ? '' : ` (${seen.cutShort})`}`,
    };
  }
  if (p === null || p >= SIGNIFICANCE) {
    return {
      mechanism: 'inconclusive',
      why: `${vanished}, but that may be chance (p = ${p === null ? 'unknown' : p.toPrecision(2)})`,
    };
  }
  if (seen.repaired !== null) {
    return {
      mechanism: 'repaired-late',
      why: `${vanished}; this system's own MTU probing worked around it after ${(seen.repaired.afterUs / 1e6).toFixed(1)} s`,
    };
  }
  return { mechanism: 'black-hole', why: vanished };
}

/** Sizes vanish that the router promised to carry: there is a smaller limit behind it. */
function isContradicted(
  learnedMtu: number,
  { trials }: ToServerSeen,
  passUpTo: number | null,
): boolean {
  return trials.some(
    ({ bytes, result }) => result === 'vanished' && bytes > (passUpTo ?? 0) && bytes <= learnedMtu,
  );
}

/** Path MTU below the interface's own, known before anything large was sent. */
function cachedMtu(seen: ToServerSeen, interfaceMtu: number | null): number | null {
  const { pathMtuAtConnect } = seen;
  if (pathMtuAtConnect === null || interfaceMtu === null) return null;
  return pathMtuAtConnect < Math.min(interfaceMtu, MOST_IP_BYTES) ? pathMtuAtConnect : null;
}

/** A server that sends smaller segments from the second connection on has learned the path MTU. */
function learnedByServer({ mss, family }: ToServerSeen, before: number | null): number | null {
  return mss !== null && before !== null && mss < before ? packetForMss(mss, family) : null;
}

export function lossOf(seen: ToServerSeen): number | null {
  const { singles } = seen;
  return singles === null || singles.sent === 0 ? null : singles.lost / singles.sent;
}

/** Small: the single bytes and every size up to `passUpTo`; big: every size above it. */
function countTrials(seen: ToServerSeen, passUpTo: number | null): DirectionReport['trials'] {
  let smallPassed = (seen.singles?.sent ?? 0) - (seen.singles?.lost ?? 0);
  let smallTried = seen.singles?.sent ?? 0;
  let bigTried = 0;
  for (const { bytes, result, sent } of seen.trials) {
    if (passUpTo !== null && bytes <= passUpTo) {
      if (result === 'passed') smallPassed++;
      smallTried += sent;
    } else if (result === 'vanished') {
      bigTried += sent;
    }
  }
  return { small: [smallPassed, smallTried], big: [0, bigTried] };
}

function largest(trials: readonly SizeTrial[], result: SizeTrial['result']): number | null {
  const sizes = trials.filter((trial) => trial.result === result).map(({ bytes }) => bytes);
  return sizes.length === 0 ? null : Math.max(...sizes);
}

function least(trials: readonly SizeTrial[]): number | null {
  return trials.length === 0 ? null : Math.min(...trials.map(({ bytes }) => bytes));
}

function tested(trials: readonly SizeTrial[]): number | null {
  const tried = trials.filter(({ result }) => result !== 'unclear').map(({ bytes }) => bytes);
  return tried.length === 0 ? null : Math.max(...tried);
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`;
}
