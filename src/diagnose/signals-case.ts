import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import type { ScanReport } from '../handshake/scan.js';
import type { StageName } from '../handshake/trace.js';
import type { SignalId } from './catalogue/signals.js';
import { decisiveOf } from './decisive.js';
import type { Evidence } from './finding.js';
import { type Answer, answersTo } from './follow-up-answers.js';
import { type EventQuery, evidence, lastEvent } from './seen.js';

/** Everything of one target that signals are read from. */
export interface SignalCase {
  /** null: there is no handshake */
  readonly decisive: Handshake | null;
  /**
   * Those that show how the server treats a client: the decisive one last, before it the last other
   * one that failed and the last with each other address. What was asked to learn one thing, and may
   * be refused for it, is not among them.
   */
  readonly judged: readonly Handshake[];
  /** all that were given, in order */
  readonly all: readonly Handshake[];
  readonly followUps: readonly Answer[];
  readonly path: PathReport | null;
  readonly scan: ScanReport | null;
  /** our clock, milliseconds since 1970 UTC */
  readonly nowMs: number;
}

/** What shows one signal; empty: it is not there. */
export type Detector = (seen: SignalCase) => readonly Evidence[];

export type Detectors = Readonly<Partial<Record<SignalId, Detector>>>;

export function signalCase(
  handshakes: readonly Handshake[],
  path: PathReport | null,
  scan: ScanReport | null,
  nowMs: number,
): SignalCase {
  const decisive = decisiveOf(handshakes, path);
  const followUps = handshakes.filter(({ purpose }) => purpose === 'follow-up');
  return {
    decisive,
    judged: decisive === null ? [] : [...besides(handshakes, decisive), decisive],
    all: handshakes,
    followUps: decisive === null ? [] : answersTo(decisive, followUps),
    path,
    scan,
    nowMs,
  };
}

/** As the findings choose them: a stream of a million connections keeps no more. */
function besides(handshakes: readonly Handshake[], decisive: Handshake): readonly Handshake[] {
  const peers = handshakes.filter(
    (one) => one !== decisive && one.purpose === decisive.purpose && one.server.address !== null,
  );
  const isHere = ({ server }: Handshake): boolean => server.address === decisive.server.address;
  const failed = peers.findLast((one) => isHere(one) && one.outcome.status === 'failed');
  const elsewhere = new Map(
    peers.filter((one) => !isHere(one)).map((one) => [one.server.address, one]),
  );
  return [...(failed === undefined ? [] : [failed]), ...elsewhere.values()];
}

/** Looks at one handshake; null: it does not show the signal. */
export type Look = (handshake: Handshake, seen: SignalCase) => Evidence | null;

/** Evidence of every judged handshake that shows it. */
export function inEach(look: Look): Detector {
  return (seen) => seen.judged.flatMap((one) => look(one, seen) ?? []);
}

/** An event of a handshake that shows a signal, where a condition holds. */
export function shownWhere(
  condition: (handshake: Handshake) => boolean,
  says: (handshake: Handshake) => string,
  query: EventQuery,
  fallback: StageName,
): Detector {
  return inEach((one) => (condition(one) ? evidence(one, says(one), query, fallback) : null));
}

/** What a measurement or several handshakes say together: there is no event of its own. */
export function remark(says: string, handshake: number | null = null): Evidence {
  return { says, handshake, atMs: null, packets: [] };
}

/** The end of a handshake as evidence. */
export function ended(one: Handshake): Evidence {
  const at = one.outcome.failedAt ?? one.outcome.reached ?? 'tcp';
  const says = one.outcome.detail;
  const kinds = ENDINGS[one.outcome.how ?? 'closed'] ?? [];
  const kind = kinds.find((name) => one.events.some((event) => event['kind'] === name));
  return evidence(one, says, { kind: kind ?? 'none' }, at);
}

/** Kinds of events that end a connection in this way, the one that tells most first. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  timeout: ['silence', 'tcp-failed'],
  reset: ['tcp-end'],
  closed: ['tcp-end', 'endpoint-error'],
  refused: ['tcp-failed'],
  unreachable: ['tcp-failed'],
  'not-found': ['lookup'],
  malformed: ['malformed', 'nla-verdict', 'flood'],
  'not-rdp': ['foreign'],
};

/** Whether the server announced the end with a message, rather than just end the connection. */
export function saidSo(one: Handshake): boolean {
  return lastEvent(one, { kind: 'message', by: 'server', message: 'mcs-disconnect' }) !== null;
}

/** Failed in this stage, and how. */
export function failed(
  { outcome }: Handshake,
  stage: StageName,
  ...hows: readonly NonNullable<Handshake['outcome']['how']>[]
): boolean {
  return (
    outcome.status === 'failed' &&
    outcome.failedAt === stage &&
    (hows.length === 0 || (outcome.how !== null && hows.includes(outcome.how)))
  );
}
