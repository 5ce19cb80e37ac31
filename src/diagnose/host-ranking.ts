import type { Handshake } from '../handshake/handshake.js';
import { finding, RANK } from './case.js';
import type { CauseId } from './causes.js';
import { DAY, duration } from './figures.js';
import type { Certainty, Evidence, Finding } from './finding.js';
import type { HostFacts } from './host-facts.js';
import type { HostReading } from './host-reading.js';
import { HOST_SERVICE_RULES } from './host-service-rules.js';
import { HOST_TLS_RULES } from './host-tls-rules.js';
import { diedAt } from './place.js';

/** Facts that were read longer after the handshake say how it is now, not how it was. */
const STALE_MS = DAY;

/** What the facts of a host say of each cause, the rules in their order. */
export function hostReadings(facts: HostFacts, seen: Handshake): readonly HostReading[] {
  return [...HOST_SERVICE_RULES, ...HOST_TLS_RULES].flatMap((rule) => rule(facts, seen));
}

/**
 * Findings in the light of what was read on the host. What is confirmed goes up, what is refuted goes
 * down; a cause that the wire could not tell is added where the connection died at its place.
 *
 * @param decisive the handshake that decides
 * @param findings what the wire gave, best first
 */
export function inLightOfHost(
  decisive: Handshake,
  findings: readonly Finding[],
  facts: HostFacts,
): readonly Finding[] {
  const readings = hostReadings(facts, decisive);
  const stale = staleRemark(decisive, facts);
  const judged = findings.map((one) => {
    const own = readings.filter(({ cause }) => cause === one.cause);
    return { weight: weightOf(own), finding: judge(one, own, decisive, stale) };
  });
  const known = new Set(findings.map(({ cause }) => cause));
  const added = readings
    .filter(({ cause, reading }) => reading === 'confirmed' && !known.has(cause))
    .filter(({ cause }, index, all) => all.findIndex((one) => one.cause === cause) === index)
    .filter(
      ({ cause }) => !readings.some((one) => one.cause === cause && one.reading === 'refuted'),
    )
    .filter(({ cause }) => diedAt(decisive, cause))
    .map(({ cause }) => {
      const own = readings.filter((one) => one.cause === cause);
      return { weight: weightOf(own), finding: fromHost(cause, own, decisive, stale) };
    });
  return [...judged, ...added]
    .map((one, index) => ({ ...one, index }))
    .toSorted(
      (one, other) =>
        RANK[one.finding.certainty] - RANK[other.finding.certainty] ||
        other.weight - one.weight ||
        one.index - other.index,
    )
    .map((one) => one.finding);
}

/** Where readings of one cause contradict each other, none counts. */
function verdictOf(readings: readonly HostReading[]): HostReading['reading'] | 'mixed' | null {
  const kinds = new Set(readings.map(({ reading }) => reading));
  if (kinds.has('confirmed') && kinds.has('refuted')) return 'mixed';
  if (kinds.has('confirmed')) return 'confirmed';
  if (kinds.has('refuted')) return kinds.has('supported') ? 'mixed' : 'refuted';
  return kinds.has('supported') ? 'supported' : null;
}

/** Among findings of one certainty. */
function weightOf(readings: readonly HostReading[]): number {
  switch (verdictOf(readings)) {
    case 'confirmed':
      return 2;
    case 'supported':
      return 1;
    case 'refuted':
      return -1;
    case 'mixed':
    case null:
      return 0;
  }
}

function judge(
  found: Finding,
  readings: readonly HostReading[],
  decisive: Handshake,
  stale: string | null,
): Finding {
  const verdict = verdictOf(readings);
  if (verdict === null) return found;
  const forIt = readings.filter(({ reading }) => reading !== 'refuted');
  const against = readings.filter(({ reading }) => reading === 'refuted');
  return {
    ...found,
    certainty: certaintyOf(found, readings, decisive, stale),
    evidence: [...found.evidence, ...forIt.map(evidenceOf)],
    against: [
      ...found.against,
      ...against.map(({ says }) => `on the host: ${says}`),
      ...(stale === null ? [] : [stale]),
    ],
  };
}

function certaintyOf(
  { certainty, cause }: Finding,
  readings: readonly HostReading[],
  decisive: Handshake,
  stale: string | null,
): Certainty {
  // What the wire proved stays proved of that moment, whatever was changed on the host since.
  if (certainty === 'proved') return certainty;
  switch (verdictOf(readings)) {
    case 'confirmed': {
      const strong = readings.some((one) => one.reading === 'confirmed' && one.strong);
      const died = diedAt(decisive, cause);
      if (strong && died && stale === null) return 'proved';
      return died || strong ? 'likely' : certainty;
    }
    case 'supported':
      return diedAt(decisive, cause) ? 'likely' : certainty;
    case 'refuted':
      return 'possible';
    case 'mixed':
    case null:
      return certainty;
  }
}

function evidenceOf({ says }: HostReading): Evidence {
  return { says: `on the host: ${says}`, handshake: null, atMs: null, packets: [] };
}

function fromHost(
  cause: CauseId,
  readings: readonly HostReading[],
  decisive: Handshake,
  stale: string | null,
): Finding {
  const first = readings.find(({ reading }) => reading === 'confirmed');
  // The way in which the connection died did not name this cause: it is so, and need not be the reason.
  return finding(cause, 'likely', {
    says: `On the host: ${first?.says ?? ''}.`,
    evidence: [
      ...readings.map(evidenceOf),
      { says: decisive.outcome.detail, handshake: decisive.id, atMs: null, packets: [] },
    ],
    against: stale === null ? [] : [stale],
  });
}

function staleRemark({ startedAt }: Handshake, { takenAt }: HostFacts): string | null {
  const distance = Date.parse(takenAt) - Date.parse(startedAt);
  if (!(Math.abs(distance) > STALE_MS)) return null;
  const when = distance > 0 ? 'after' : 'before';
  return `the host was looked at ${duration(distance)} ${when} the connection: it may have been changed between`;
}
