import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';

/**
 * How one target stands.
 * - `fine`: its handshakes went through and no finding is above `possible`
 * - `problem`: a handshake died, or something wrong was found
 * - `open`: nothing wrong was found, but the observation ended, or was hidden, before the handshake did
 * - `not-tried`: nothing was ever sent to it, for reasons on our side
 */
export type Standing = 'fine' | 'problem' | 'open' | 'not-tried';

export function standingOf(diagnosis: Diagnosis, all: readonly Handshake[]): Standing {
  const handshakes = handshakesOf(diagnosis, all);
  const tried = handshakes.filter((handshake) => !isNotTried(handshake));
  if (tried.length === 0) return 'not-tried';
  const died = tried.some(({ outcome }) => outcome.status === 'failed');
  const found = diagnosis.findings.some(({ certainty }) => certainty !== 'possible');
  if (died || found) return 'problem';
  return tried.some(({ outcome }) => outcome.status === 'incomplete') ? 'open' : 'fine';
}

/** The handshakes that a diagnosis judges. */
export function handshakesOf(diagnosis: Diagnosis, all: readonly Handshake[]): Handshake[] {
  return all.filter(({ id }) => diagnosis.handshakes.includes(id));
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
