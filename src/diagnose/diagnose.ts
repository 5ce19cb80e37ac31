import type { Handshake } from '../handshake/handshake.js';
import { STAGES } from '../handshake/trace.js';
import { finding, ranked, withoutRepeats } from './case.js';
import { duration, listed } from './figures.js';
import type { Diagnosis, Finding } from './finding.js';
import { findingsOf } from './rules.js';
import { reached, verdict } from './verdict.js';

/** Handshakes with the same address that came before those at hand, and of which only this is kept. */
export interface Earlier {
  readonly ids: readonly number[];
  readonly count: number;
  readonly failed: number;
}

const NONE_EARLIER: Earlier = { ids: [], count: 0, failed: 0 };

/**
 * What the handshakes with one target say together. Pure: the same handshakes give the same answer.
 *
 * @param target as it was asked for
 * @param handshakes in the order in which they were made, at least one
 * @param nowMs our clock, milliseconds since 1970 UTC
 * @param earlier what is left of more handshakes than can be kept. The answer is the same as with
 *   all of them as long as the last one and the last of the others that failed are at hand.
 */
export function diagnose(
  target: string,
  handshakes: readonly Handshake[],
  nowMs: number,
  earlier: Earlier = NONE_EARLIER,
): Diagnosis {
  const decisive = decisiveOf(handshakes);
  const ids = [...earlier.ids, ...handshakes.map(({ id }) => id)];
  if (decisive === null) {
    const verdictLine = `no connection to ${target} was made`;
    return {
      target,
      handshakes: ids,
      path: null,
      verdict: verdictLine,
      notTested: [],
      findings: [],
    };
  }
  const others = otherAddresses(handshakes, decisive);
  const before = sameAddress(handshakes, decisive);
  const findings = withoutRepeats([
    ...findingsOf(decisive, nowMs),
    ...findingsBefore(before, nowMs),
    ...brokenFamily(decisive, others),
    ...others.flatMap((other) => findingsElsewhere(other, nowMs)),
  ]);
  return {
    target,
    handshakes: ids,
    path: null,
    verdict: `${line(decisive, others, findings)}${remark(before, earlier)}`,
    notTested: notTested(decisive, handshakes),
    findings,
  };
}

function progress(handshake: Handshake): number {
  const { status, reached: last } = handshake.outcome;
  return (status === 'ok' ? STAGES.length : 0) + (last === null ? -1 : STAGES.indexOf(last));
}

/** The one that got furthest where several addresses were tried, else the last. */
function decisiveOf(handshakes: readonly Handshake[]): Handshake | null {
  const asked = handshakes.filter(({ purpose }) => purpose === 'verdict');
  const candidates = asked.length > 0 ? asked : handshakes;
  const addresses = new Set(candidates.map(({ server }) => server.address));
  const last = candidates.at(-1) ?? null;
  if (addresses.size <= 1) return last;
  return candidates.reduce<Handshake | null>(
    (best, one) => (best === null || progress(one) >= progress(best) ? one : best),
    null,
  );
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

function remark(before: readonly Handshake[], earlier: Earlier): string {
  const count = earlier.count + before.length;
  const failed =
    earlier.failed + before.filter(({ outcome }) => outcome.status === 'failed').length;
  if (failed === 0) return '';
  return count === 1
    ? '; the connection before it failed'
    : `; of ${count} connections before it ${failed} failed`;
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

/** Silent or unreachable over IPv6, where another address of the same target answers over IPv4. */
function failedOverIpv6(other: Handshake): boolean {
  const { failedAt, how } = other.outcome;
  return isIpv6(other) && failedAt === 'tcp' && (how === 'timeout' || how === 'unreachable');
}

function brokenFamily(decisive: Handshake, others: readonly Handshake[]): readonly Finding[] {
  const tcp = decisive.stages.find(({ stage }) => stage === 'tcp');
  const dead = others.find(failedOverIpv6);
  if (dead === undefined || isIpv6(decisive) || tcp?.status !== 'completed') return [];
  const took = tcp.durationMs === null ? '' : ` in ${duration(tcp.durationMs)}`;
  return [
    // A machine that has no IPv6 at all has no path that could be broken.
    finding('ipv6-path-broken', dead.outcome.how === 'timeout' ? 'likely' : 'possible', {
      says: `${dead.server.address ?? 'The IPv6 address'} failed (${verdict(dead)}), while ${decisive.server.address ?? 'the IPv4 address'} accepted the connection${took}.`,
      evidence: [
        { says: verdict(dead), handshake: dead.id, atMs: null, packets: [] },
        {
          says: 'TCP connection over IPv4',
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
  if (other.outcome.status !== 'failed' || failedOverIpv6(other)) return [];
  const findings = findingsOf(other, nowMs);
  const best = findings[0]?.certainty;
  return findings
    .filter(({ certainty }) => certainty === best)
    .map((one) => ({ ...one, says: `At ${other.server.address}: ${one.says}` }));
}

function line(
  decisive: Handshake,
  others: readonly Handshake[],
  findings: readonly Finding[],
): string {
  const failed = others.filter(({ outcome }) => outcome.status === 'failed');
  const elsewhere = failed.map((other) => `; ${other.server.address}: ${verdict(other)}`).join('');
  return `${mainLine(decisive, findings)}${elsewhere}`;
}

function mainLine(decisive: Handshake, findings: readonly Finding[]): string {
  const best = ranked(findings).find(({ certainty }) => certainty !== 'possible');
  if (best === undefined) return verdict(decisive);
  switch (decisive.outcome.status) {
    case 'ok':
      return `the handshake completes up to ${reached(decisive)}, but: ${reason(best)}`;
    case 'failed':
      return saysItself(decisive)
        ? verdict(decisive)
        : `${verdict(decisive)}; ${best.certainty}: ${reason(best)}`;
    case 'incomplete':
      return verdict(decisive);
  }
}

/** The title of the cause; of the catch-all, which names none, what was seen. */
function reason({ cause, title, says }: Finding): string {
  const unnamed = cause === 'general-secure-negotiation-failure';
  return inSentence(unnamed ? says.replace(/\.$/, '') : title);
}

/** A title within a sentence: its first word small, unless it is a name. */
function inSentence(title: string): string {
  return /^(Remote|Windows|[A-Z]{2})/.test(title)
    ? title
    : `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}

/** Whether the line already names the cause, so that adding it would say it twice. */
function saysItself(handshake: Handshake): boolean {
  switch (handshake.outcome.how) {
    case 'not-found':
    case 'not-rdp':
      return true;
    case 'refused':
    case 'unreachable':
    case 'timeout':
    case 'reset':
    case 'closed':
    case 'alert':
    case 'negotiation-failure':
    case 'error-code':
    case 'malformed':
    case null:
      return false;
  }
}

/** What this diagnosis cannot speak of, in the order in which it would come. */
function notTested(decisive: Handshake, handshakes: readonly Handshake[]): readonly string[] {
  const { outcome, server, credssp } = decisive;
  const items: string[] = [];
  const tried = new Set(handshakes.map((handshake) => handshake.server.address));
  const untried = (decisive.lookup?.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => !tried.has(address));
  if (untried.length > 0) items.push(`the other addresses of the name: ${listed(untried)}`);
  if (outcome.reached === null || outcome.reached === 'resolve') return items;
  items.push(...packetSizes(decisive));
  items.push(server.port === null ? 'UDP' : `UDP ${server.port}`);
  if (outcome.status !== 'ok') return items;
  if (outcome.reached === 'credssp' && credssp.authentication === 'not-attempted') {
    items.push('what follows the NTLM challenge: credentials, authorization, session');
  } else if (outcome.reached === 'mcs') {
    items.push('what follows the MCS Connect Response: logon, licensing, session');
  }
  return items;
}

function packetSizes({ tcp }: Handshake): readonly string[] {
  const { client, server } = tcp.largestSegment;
  if (client === null && server === null) return ['which packet sizes pass in each direction'];
  const above = (bytes: number | null, way: string): string =>
    bytes === null ? `packet sizes ${way}` : `TCP segments above ${bytes} bytes ${way}`;
  return [above(client, 'to the server'), above(server, 'from the server')];
}
