import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import { candidatesOf } from './candidates.js';
import type { CauseId } from './causes.js';
import { percent } from './figures.js';
import type { Finding } from './finding.js';
import { directionsOf, doubtOf, isHole, passesInFull } from './path-direction.js';
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
 * The findings of a handshake once its path is known: what the path explains needs no other
 * candidate, and what it rules out has that against it and comes last.
 */
export function inLightOf(
  path: PathReport,
  handshake: Handshake,
  findings: readonly Finding[],
): readonly Finding[] {
  if (!stalled(handshake)) return findings;
  const candidates = new Set<string>(candidatesOf(handshake).map(([cause]) => cause));
  const isCandidate = ({ cause }: Finding): boolean => candidates.has(cause);
  if (explains(path, handshake)) {
    const holes = directionsOf(path).filter(isHole);
    if (holes.some((hole) => doubtOf(hole) === null)) {
      return findings.filter((one) => !isCandidate(one));
    }
    const way = holes.map((hole) => hole.way).join(' and ');
    return findings.map((one) =>
      isCandidate(one)
        ? objected(one, `large packets ${way} vanish, which explains the stall`)
        : one,
    );
  }
  const kept: Finding[] = [];
  const ruledOut: Finding[] = [];
  for (const one of findings) {
    const objection = isCandidate(one) ? objectionTo(one, path) : null;
    if (objection === null) kept.push(one);
    else if (objection.rulesOut) {
      ruledOut.push({ ...objected(one, objection.says), certainty: 'possible' });
    } else kept.push(objected(one, objection.says));
  }
  return [...kept, ...ruledOut];
}

function objected(finding: Finding, says: string): Finding {
  return { ...finding, against: [...finding.against, says] };
}

interface Objection {
  readonly says: string;
  readonly rulesOut: boolean;
}

const OF_SIZE: ReadonlySet<string> = new Set<CauseId>([
  'mtu-pmtud-blackhole',
  'mtu-vpn-no-mss-clamp',
]);

/** What a path without this fault says against it; null: nothing. */
function objectionTo({ cause }: Finding, path: PathReport): Objection | null {
  if (OF_SIZE.has(cause)) return sizesPassed(path);
  if (cause === ('large-clienthello-intolerant-path' satisfies CauseId)) return helloPassed(path);
  if (cause === ('packet-loss-on-path' satisfies CauseId)) return noLoss(path);
  return null;
}

function sizesPassed(path: PathReport): Objection | null {
  const passed = directionsOf(path).filter((one) => passesInFull(one, path.interfaceMtu));
  if (passed.length === 0) return null;
  const list = passed.map(({ passUpTo, way, mechanism }) =>
    mechanism === 'pmtud' || passUpTo === null
      ? `path-MTU discovery works ${way}`
      : `packets of ${passUpTo} bytes passed ${way}`,
  );
  return { says: list.join(', and '), rulesOut: passed.length === 2 };
}

function helloPassed({ mtu, interfaceMtu }: PathReport): Objection | null {
  const { passUpTo, mechanism } = mtu.toServer;
  if (mechanism !== 'none' || passUpTo === null || !passesInFull(mtu.toServer, interfaceMtu)) {
    return null;
  }
  return {
    says: `a padded ClientHello in packets of ${passUpTo} bytes was acknowledged`,
    rulesOut: false,
  };
}

/** Below this the loss that is still possible stalls no handshake. */
const HARMLESS_LOSS = 0.02;

function noLoss({ loss }: PathReport): Objection | null {
  const { sent, lost, interval95 } = loss;
  if (sent === null || lost === null || interval95 === null) return null;
  if (interval95[1] >= HARMLESS_LOSS) return null;
  return {
    says: `${lost} of ${sent} packets to the server were lost, at most ${percent(interval95[1])} by the 95 % interval`,
    rulesOut: true,
  };
}
