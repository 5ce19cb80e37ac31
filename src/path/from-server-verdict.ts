import type { DirectionReport, Mechanism } from '../handshake/path.js';
import {
  type FlightTrial,
  type FromServerSeen,
  isManySegments,
  sizesOf,
  transmissions,
} from './flight-trial.js';
import { packetForMss } from './packet-size.js';
import { fisherOneSided } from './statistics.js';
import { CONFIRMATIONS, HEAVY_LOSS, percent, SIGNIFICANCE } from './to-server-verdict.js';

interface Judged {
  readonly mechanism: Mechanism;
  readonly why: string;
}

/** What the trials of this direction come to. Pure. */
export function fromServerReport(seen: FromServerSeen, toServer: DirectionReport): DirectionReport {
  const sizes = sizesOf(seen.trials);
  const passed = sizes.filter(({ result }) => result === 'passed').map(({ bytes }) => bytes);
  const passUpTo = passed.length === 0 ? null : Math.max(...passed);
  const bracket = seen.bracket;
  const failing = sizes.filter(
    ({ bytes, result }) => result === 'vanished' && bytes > (passUpTo ?? 0),
  );
  const failsFrom =
    bracket === null || failing.length === 0
      ? null
      : Math.min(bracket.failed, ...failing.map(({ bytes }) => bytes));
  const trials = countTrials(seen, passUpTo);
  const p = trials.big[1] === 0 ? null : fisherOneSided(trials.small, trials.big);
  const judged = judge(seen, { passUpTo, failsFrom, p, confirmations: failing.length, toServer });
  const repaired = seen.trials.find(({ verdict }) => verdict.kind === 'repaired')?.verdict;
  return {
    passUpTo,
    failsFrom,
    testedUpTo: sizes.length === 0 ? null : Math.max(...sizes.map(({ bytes }) => bytes)),
    mechanism: judged.mechanism,
    why: judged.why,
    mss: seen.mss,
    learnedMtu: judged.mechanism === 'pmtud' ? passUpTo : null,
    reportedBy: null,
    trials,
    p,
    sizes,
    repairedAfterMs: repaired?.kind === 'repaired' ? repaired.afterMs : null,
  };
}

function judge(
  seen: FromServerSeen,
  found: {
    readonly passUpTo: number | null;
    readonly failsFrom: number | null;
    readonly p: number | null;
    readonly confirmations: number;
    readonly toServer: DirectionReport;
  },
): Judged {
  const { passUpTo, failsFrom } = found;
  if (seen.mss === null) {
    return {
      mechanism: 'not-measured',
      why: seen.cutShort ?? 'the kernel does not tell how large packets may be',
    };
  }
  if (failsFrom !== null) return judgeHole(seen, { ...found, failsFrom });
  if (seen.trials.some(({ verdict }) => verdict.kind === 'stalled')) {
    return judgeStall(seen, found);
  }
  if (passUpTo === null) {
    const arrived = seen.trials.find(({ verdict }) => verdict.kind === 'arrived');
    const why = arrived === undefined ? 'no answer of the server came' : smallAnswer(arrived);
    return { mechanism: 'inconclusive', why: seen.cutShort ?? why };
  }
  const full = seen.mss === null ? null : packetForMss(seen.mss, seen.family);
  const { toServer } = found;
  if (full !== null && passUpTo < full && passUpTo === toServer.learnedMtu) {
    return {
      mechanism: 'pmtud',
      why: `the path MTU is known to be ${passUpTo} by now, and no larger packet is sent`,
    };
  }
  const limited = limitedBelow(seen, full);
  if (limited !== null) return judgeLimited(limited, full ?? 0, toServer);
  if (full !== null && passUpTo < full) {
    return {
      mechanism: 'none',
      why: `every packet up to ${passUpTo} bytes passed; the server's longest answer made none that was larger`,
    };
  }
  return {
    mechanism: 'none',
    why: `packets of ${passUpTo} bytes passed, the largest that our MSS allows`,
  };
}

/** An answer that did not come, where the search has found no limit. */
function judgeStall(
  { cutShort }: FromServerSeen,
  { passUpTo, confirmations }: { readonly passUpTo: number | null; readonly confirmations: number },
): Judged {
  if (cutShort !== null) return { mechanism: 'inconclusive', why: cutShort };
  if (passUpTo === null || confirmations > 0) {
    return {
      mechanism: 'inconclusive',
      why: 'answers stalled, but a size that had stalled came through too: loss, or a busy server',
    };
  }
  return {
    mechanism: 'none',
    why: 'an answer stalled once, and packets as large came through later: loss, or a busy server',
  };
}

function smallAnswer({ verdict }: FlightTrial): string {
  const bytes = verdict.kind === 'arrived' ? verdict.bytes : null;
  return bytes === null
    ? "the kernel does not tell how large the server's packets were"
    : `the server's answer had ${bytes} bytes and no packet that proves anything`;
}

/** The size that the server keeps to although our MSS allows more; null: it is not to be seen. */
function limitedBelow(seen: FromServerSeen, full: number | null): number | null {
  if (full === null) return null;
  const arrived = seen.trials.flatMap(({ verdict, allowed }) =>
    verdict.kind === 'arrived' && verdict.largest !== null && allowed === full ? [verdict] : [],
  );
  if (arrived.some(({ isFull }) => isFull)) return null;
  const many = arrived.find(isManySegments)?.largest;
  if (many !== undefined) return many;
  // Answers of different lengths with the same largest segment.
  const [one, other] = arrived;
  if (one === undefined || other === undefined || one.bytes === other.bytes) return null;
  return one.largest === other.largest ? one.largest : null;
}

function judgeLimited(size: number, full: number, toServer: DirectionReport): Judged {
  const keeps = `the server sends packets of ${size} bytes at most, though our MSS allows ${full}`;
  if (toServer.mechanism === 'pmtud' || toServer.learnedMtu === size) {
    return { mechanism: 'pmtud', why: `${keeps}: it has learned the path MTU` };
  }
  if (toServer.mechanism === 'mss-clamped') {
    return { mechanism: 'mss-clamped', why: `${keeps}: something between made our MSS smaller` };
  }
  return {
    mechanism: 'pmtud',
    why: `${keeps}: it has learned the path MTU, or something between made our MSS smaller on the way`,
  };
}

function judgeHole(
  seen: FromServerSeen,
  found: {
    readonly passUpTo: number | null;
    readonly failsFrom: number;
    readonly p: number | null;
    readonly confirmations: number;
  },
): Judged {
  const { passUpTo, failsFrom, p, confirmations } = found;
  if (passUpTo === null) {
    return {
      mechanism: 'inconclusive',
      why: `the server's answer does not come${seen.cutShort === null ? '' : `: ${seen.cutShort}`}`,
    };
  }
  const vanished = `packets from ${failsFrom} bytes on vanish without a word, those up to ${passUpTo} pass`;
  if (seen.lossToServer !== null && seen.lossToServer > HEAVY_LOSS) {
    return {
      mechanism: 'inconclusive',
      why: `${percent(seen.lossToServer)} of the small packets are lost as well: too many to blame the size`,
    };
  }
  if (confirmations < CONFIRMATIONS) {
    const cut = seen.cutShort === null ? '' : ` (${seen.cutShort})`;
    return {
      mechanism: 'inconclusive',
      why: `${vanished}, but only one connection showed it${cut}`,
    };
  }
  if (p === null || p >= SIGNIFICANCE) {
    return { mechanism: 'inconclusive', why: `${vanished}, but that may be chance` };
  }
  const repaired = seen.trials.find(({ verdict }) => verdict.kind === 'repaired')?.verdict;
  if (repaired?.kind === 'repaired') {
    return {
      mechanism: 'repaired-late',
      why: `${vanished}; the server worked around it after ${(repaired.afterMs / 1000).toFixed(1)} s`,
    };
  }
  return { mechanism: 'black-hole', why: vanished };
}

/**
 * Small: every packet that came; of those that did not the other direction's share of loss speaks.
 * Big: what a server has at least sent of those that did not come.
 */
function countTrials(seen: FromServerSeen, passUpTo: number | null): DirectionReport['trials'] {
  let passed = 0;
  let big = 0;
  for (const { verdict, allowed, packetsReceived } of seen.trials) {
    passed += packetsReceived ?? 0;
    if (verdict.kind !== 'stalled' && verdict.kind !== 'repaired') continue;
    if (allowed !== null && allowed > (passUpTo ?? 0)) big += transmissions(verdict);
  }
  const loss = Math.min(0.9, seen.lossToServer ?? 0);
  const tried = Math.round(passed / (1 - loss));
  return { small: [passed, tried], big: [0, big] };
}
