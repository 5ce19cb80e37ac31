import type { Diagnosis } from '../diagnose/finding.js';
import type { GatewayReport } from '../handshake/gateway.js';
import type { Handshake } from '../handshake/handshake.js';

/**
 * How one target stands.
 * - `fine`: its handshakes went through and no finding is above `possible`
 * - `problem`: a handshake died, or something wrong was found
 * - `open`: nothing wrong was found, but the observation ended, or was hidden, before the handshake did
 * - `not-tried`: nothing was ever sent to it, for reasons on our side, or its path could not be measured
 */
export type Standing = 'fine' | 'problem' | 'open' | 'not-tried';

export function standingOf(diagnosis: Diagnosis, all: readonly Handshake[]): Standing {
  const ways = handshakesOf(diagnosis, all)
    .filter((handshake) => !isTrial(handshake))
    .map(wayOf);
  return standingByWays(diagnosis, new Set(ways));
}

/** How a single handshake went, as far as the standing of its target depends on it. */
export type Way = 'not-tried' | Handshake['outcome']['status'];

export function wayOf(handshake: Handshake): Way {
  return isNotTried(handshake) ? 'not-tried' : handshake.outcome.status;
}

/** @param ways of all handshakes that the diagnosis judges */
export function standingByWays(
  diagnosis: Pick<Diagnosis, 'findings' | 'path' | 'gateway'>,
  ways: ReadonlySet<Way>,
): Standing {
  const isTried = ways.has('ok') || ways.has('incomplete') || ways.has('failed');
  if (!isTried && diagnosis.gateway !== undefined) {
    return gatewayStanding(diagnosis, diagnosis.gateway);
  }
  if (!isTried) return pathStanding(diagnosis);
  if (ways.has('failed') || hasProblem(diagnosis)) return 'problem';
  return ways.has('incomplete') ? 'open' : 'fine';
}

function hasProblem({ findings }: Pick<Diagnosis, 'findings'>): boolean {
  return findings.some(({ certainty }) => certainty !== 'possible');
}

/** Where the gateway was as far as it went: nothing is known of the target then. */
function gatewayStanding(
  diagnosis: Pick<Diagnosis, 'findings'>,
  { outcome }: GatewayReport,
): Standing {
  if (outcome.failedAt === 'resolve') return 'not-tried';
  if (outcome.how === 'unreachable' && outcome.by === 'client') return 'not-tried';
  return outcome.status === 'failed' || hasProblem(diagnosis) ? 'problem' : 'open';
}

/** Where the path alone was measured. */
function pathStanding(diagnosis: Pick<Diagnosis, 'findings' | 'path'>): Standing {
  if (diagnosis.path === null || diagnosis.path.rtt.samples === 0) return 'not-tried';
  return hasProblem(diagnosis) ? 'problem' : 'fine';
}

/**
 * Trials of packet sizes are made to fail where a size does not pass; the questions of a scan, and
 * those after a failure, where a server takes one thing and refuses the other.
 */
export function isTrial({ purpose }: Handshake): boolean {
  return purpose === 'path' || isScanQuestion(purpose);
}

/** Whether a handshake was made to learn one thing of a server, beside the one that decides. */
export function isScanQuestion(purpose: string): boolean {
  return SCAN_PURPOSES.has(purpose);
}

const SCAN_PURPOSES: ReadonlySet<string> = new Set([
  'matrix',
  'rdp-security',
  'direct-tls',
  'tls',
  'profile',
  'follow-up',
]);

/** The handshakes that a diagnosis judges. */
export function handshakesOf(diagnosis: Diagnosis, all: readonly Handshake[]): Handshake[] {
  const judged = new Set(diagnosis.handshakes);
  return all.filter(({ id }) => judged.has(id));
}

/** No way to that network from here: the system refuses before it sends anything. */
const NEVER_SENT: ReadonlySet<unknown> = new Set([
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EINVAL',
  'EAFNOSUPPORT',
]);

/** The name did not resolve, or the system here had no way to send. */
function isNotTried({ outcome, events }: Handshake): boolean {
  if (outcome.failedAt === 'resolve') return true;
  if (outcome.how !== 'unreachable') return false;
  return (
    outcome.by === 'client' ||
    events.some((event) => event['kind'] === 'tcp-failed' && NEVER_SENT.has(event['code']))
  );
}
