import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import type { ScanReport } from '../handshake/scan.js';
import { finding, withoutRepeats } from './case.js';
import { decisiveOf } from './decisive.js';
import { diagnosisLine, type Earlier } from './diagnosis-line.js';
import { duration } from './figures.js';
import type { Diagnosis, Finding } from './finding.js';
import { withFollowUps } from './follow-up-rules.js';
import type { HostFacts } from './host-facts.js';
import { inLightOfHost } from './host-ranking.js';
import { notTested, untestedOn } from './not-tested.js';
import { pathFindings } from './path-rules.js';
import { explains, inLightOf } from './path-stall.js';
import { findingsOf } from './rules.js';
import { isConnected } from './seen.js';
import { signalsOf } from './signals.js';
import { verdict } from './verdict.js';
import { weighed } from './weighing.js';

const NONE_EARLIER: Earlier = { ids: [], count: 0, failed: 0 };

/** What else may be known of a target. */
export interface KnownBesides {
  /**
   * What is left of more handshakes than can be kept. The answer is the same as with all of them as
   * long as the last one and the last of the others that failed are at hand.
   */
  readonly earlier?: Earlier;
  /** what was read on the machine that answered; null: nothing was */
  readonly host?: HostFacts | null;
  /** what the questions of a scan found; null: none were asked */
  readonly scan?: ScanReport | null;
}

/**
 * What the handshakes with one target say together. Pure: the same handshakes give the same answer.
 *
 * @param target as it was asked for
 * @param handshakes in the order in which they were made, at least one
 * @param nowMs our clock, milliseconds since 1970 UTC
 * @param path what the measurement of the path to it found; null: it did not run
 */
export function diagnose(
  target: string,
  handshakes: readonly Handshake[],
  nowMs: number,
  path: PathReport | null = null,
  { earlier = NONE_EARLIER, host = null, scan = null }: KnownBesides = {},
): Diagnosis {
  const decisive = decisiveOf(handshakes, path);
  const ofPath = path === null ? [] : pathFindings(path, decisive);
  const ids = [...earlier.ids, ...handshakes.map(({ id }) => id)];
  const signals = signalsOf(handshakes, { path, scan }, nowMs);
  if (decisive === null) {
    return {
      target,
      handshakes: ids,
      path,
      scan,
      verdict: path === null ? `no connection to ${target} was made` : path.verdict,
      notTested: path === null ? [] : untestedOn(path, null),
      findings: weighed(withoutRepeats(ofPath), signals, null),
      signals,
    };
  }
  const others = otherAddresses(handshakes, decisive);
  const before = sameAddress(handshakes, decisive);
  const further = handshakes.filter((one) => path !== null && one.purpose === 'path');
  const followUps = handshakes.filter(({ purpose }) => purpose === 'follow-up');
  const own = withFollowUps(decisive, followUps, findingsOf(decisive, nowMs));
  const explained = path !== null && explains(path, decisive);
  const brought = withoutRepeats([
    ...(explained ? ofPath : []),
    ...(path === null ? own : inLightOf(path, decisive, own)),
    ...findingsBefore(before, nowMs),
    ...brokenFamily(decisive, others),
    ...others
      .filter((other) => !failedOverFamily(other, decisive))
      .flatMap((other) => findingsElsewhere(other, nowMs)),
    ...ofPath,
  ]);
  const ofWire = weighed(brought, signals, decisive, followUps);
  const findings = host === null ? ofWire : inLightOfHost(decisive, ofWire, host);
  return {
    target,
    handshakes: ids,
    path,
    scan,
    verdict: diagnosisLine({
      decisive,
      others,
      before,
      earlier,
      further,
      followUps,
      findings,
      path,
      ofPath,
    }),
    notTested: notTested(decisive, handshakes, path),
    findings,
    signals,
  };
}

/** The other handshakes with the address of the decisive one. */
function sameAddress(handshakes: readonly Handshake[], decisive: Handshake): readonly Handshake[] {
  return handshakes.filter(
    (other) =>
      other !== decisive &&
      other.purpose === decisive.purpose &&
      other.server.address === decisive.server.address,
  );
}

/** What the last of the earlier connections that failed adds: each attempt of a client counts. */
function findingsBefore(before: readonly Handshake[], nowMs: number): readonly Finding[] {
  const last = before.findLast(({ outcome }) => outcome.status === 'failed');
  if (last === undefined) return [];
  const findings = findingsOf(last, nowMs);
  const best = findings[0]?.certainty;
  return findings
    .filter(({ certainty }) => certainty === best)
    .map((one) => ({ ...one, says: `In a connection before: ${one.says}` }));
}

/** The last handshake with each other address of the target. */
function otherAddresses(
  handshakes: readonly Handshake[],
  decisive: Handshake,
): readonly Handshake[] {
  const last = new Map<string, Handshake>();
  for (const handshake of handshakes) {
    const { address } = handshake.server;
    if (handshake.purpose !== decisive.purpose || address === null) continue;
    if (address !== decisive.server.address) last.set(address, handshake);
  }
  return [...last.values()];
}

function isIpv6(handshake: Handshake): boolean {
  return handshake.server.address?.includes(':') ?? false;
}

/** Silent or unreachable over one family, where the address that decides is of the other. */
function failedOverFamily(other: Handshake, decisive: Handshake): boolean {
  const { failedAt, how } = other.outcome;
  const dead = failedAt === 'tcp' && (how === 'timeout' || how === 'unreachable');
  return dead && isIpv6(other) !== isIpv6(decisive) && isConnected(decisive);
}

function brokenFamily(decisive: Handshake, others: readonly Handshake[]): readonly Finding[] {
  const tcp = decisive.stages.find(({ stage }) => stage === 'tcp');
  const dead = others.find((other) => failedOverFamily(other, decisive));
  if (dead === undefined || tcp === undefined) return [];
  const [family, other] = isIpv6(dead) ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
  const took = tcp.durationMs === null ? '' : ` in ${duration(tcp.durationMs)}`;
  return [
    // A machine that has no IPv6 at all has no path that could be broken.
    finding('ipv6-path-broken', dead.outcome.how === 'timeout' ? 'likely' : 'possible', {
      says: `${dead.server.address ?? `The ${family} address`} failed (${verdict(dead)}), while ${decisive.server.address ?? `the ${other} address`} accepted the connection${took}.`,
      evidence: [
        { says: verdict(dead), handshake: dead.id, atMs: null, packets: [] },
        {
          says: `TCP connection over ${other}`,
          handshake: decisive.id,
          atMs: tcp.endMs,
          packets: [],
        },
      ],
      against: ['the two addresses may belong to different machines'],
    }),
  ];
}

/** What the other addresses add: their best findings, told with the address. */
function findingsElsewhere(other: Handshake, nowMs: number): readonly Finding[] {
  if (other.outcome.status !== 'failed') return [];
  const findings = findingsOf(other, nowMs);
  const best = findings[0]?.certainty;
  return findings
    .filter(({ certainty }) => certainty === best)
    .map((one) => ({ ...one, says: `At ${other.server.address}: ${one.says}` }));
}
