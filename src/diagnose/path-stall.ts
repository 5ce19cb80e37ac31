import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import { candidatesOf } from './candidates.js';
import type { Finding } from './finding.js';
import { directionsOf, doubtOf, isHole } from './path-direction.js';
import { wasInterrupted } from './seen.js';

/** Whether a handshake fell silent after TCP. */
export function stalled(handshake: Handshake): boolean {
  const { status, how, failedAt } = handshake.outcome;
  if (status !== 'failed' || how !== 'timeout' || wasInterrupted(handshake)) return false;
  return failedAt !== 'resolve' && failedAt !== 'tcp';
}

const IPV4_TCP_HEADERS = 40;
const IPV6_TCP_HEADERS = 60;
/** TLS record header, RFC 8446 5.1. */
const RECORD_HEADER = 5;

/**
 * Whether a stall is what the holes of the path do: the handshake died at the stage that needed a
 * packet of a size that vanishes. X.224 is too small to need one, and what comes after TLS mostly is.
 */
export function explains(path: PathReport, handshake: Handshake): boolean {
  if (!stalled(handshake) || handshake.outcome.failedAt !== 'tls') return false;
  const { toServer, fromServer } = path.mtu;
  if (isHole(fromServer)) return true;
  const hello = handshake.tls.clientHello;
  if (!isHole(toServer) || hello === null) return false;
  const ipv6 = handshake.server.address?.includes(':') ?? false;
  const packet = hello.bytes + RECORD_HEADER + (ipv6 ? IPV6_TCP_HEADERS : IPV4_TCP_HEADERS);
  return packet > (toServer.passUpTo ?? 0);
}

/**
 * The findings of a handshake whose stall the path explains: where that is proved they need no other
 * candidate, else each has it against it. What a path without a fault says against them is weighed
 * with all other signals.
 */
export function inLightOf(
  path: PathReport,
  handshake: Handshake,
  findings: readonly Finding[],
): readonly Finding[] {
  if (!explains(path, handshake)) return findings;
  const candidates = new Set<string>(candidatesOf(handshake).map(([cause]) => cause));
  const isCandidate = ({ cause }: Finding): boolean => candidates.has(cause);
  const holes = directionsOf(path).filter(isHole);
  if (holes.some((hole) => doubtOf(hole) === null)) {
    return findings.filter((one) => !isCandidate(one));
  }
  const way = holes.map((hole) => hole.way).join(' and ');
  const objection = `large packets ${way} vanish, which explains the stall`;
  return findings.map((one) =>
    isCandidate(one) ? { ...one, against: [...one.against, objection] } : one,
  );
}
