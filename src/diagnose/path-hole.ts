import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import { finding } from './case.js';
import { CLAMP_MSS, FIND_SIZE, LET_ICMP_PASS, smallerMtu } from './catalogue/path-advice.js';
import { duration, probability, times } from './figures.js';
import type { Advice, Evidence, Finding } from './finding.js';
import { type Direction, directionsOf, doubtOf, isHole } from './path-direction.js';
import { explains } from './path-stall.js';
import { stage } from './seen.js';
import { howItEnded } from './verdict.js';

/** What holes for large packets mean, and whether they are what a stalled handshake died of. */
export function holeFindings(path: PathReport, decisive: Handshake | null): readonly Finding[] {
  const holes = directionsOf(path).filter(isHole);
  if (holes.length === 0) return [];
  return [
    blackHole(path, holes, decisive),
    ...withoutClamp(path, holes),
    ...intolerant(path, holes),
  ];
}

function blackHole(
  path: PathReport,
  holes: readonly Direction[],
  decisive: Handshake | null,
): Finding {
  const proved = holes.some((hole) => doubtOf(hole) === null);
  const stalled = decisive !== null && explains(path, decisive) ? [stall(decisive)] : [];
  return finding('mtu-pmtud-blackhole', proved ? 'proved' : 'likely', {
    says: holes.map(sentence).join(' '),
    evidence: [
      ...stalled,
      ...holes.flatMap((hole) => shown(path, hole)),
      ...aside(path, holes, false).map((says) => ({
        says,
        handshake: null,
        atMs: null,
        packets: [],
      })),
    ],
    against: [
      ...holes.flatMap((hole) => {
        const doubt = doubtOf(hole);
        return doubt === null ? [] : [`${hole.way}: ${doubt}`];
      }),
      ...aside(path, holes, true),
    ],
    advice: advice(path, holes),
    nextCheck:
      'Repeat it from the other side of each tunnel and firewall on the way: where large packets pass, the hole is behind you.',
  });
}

function stall(handshake: Handshake): Evidence {
  const { failedAt } = handshake.outcome;
  const atMs = failedAt === null ? null : (stage(handshake, failedAt)?.endMs ?? null);
  return {
    says: `died in ${failedAt}: ${howItEnded(handshake)}`,
    handshake: handshake.id,
    atMs,
    packets: [],
  };
}

function sentence(hole: Direction): string {
  return `${what(hole)} ${hole.way} vanish${counted(hole)}${repaired(hole)}.`;
}

function what({ passUpTo, failsFrom }: Direction): string {
  if (passUpTo === null) return `Packets of ${failsFrom ?? 'many'} bytes and more`;
  const gap =
    failsFrom !== null && failsFrom > passUpTo + 1 ? ` (from ${failsFrom} at the latest)` : '';
  return `Packets above ${passUpTo} bytes${gap}`;
}

function counted({ trials, p }: Direction): string {
  const [smallPassed, small] = trials.small;
  const [bigPassed, big] = trials.big;
  if (big === 0) return '';
  const chance = p === null ? '' : ` (p = ${probability(p)})`;
  return `: ${smallPassed} of ${small} smaller ones and ${bigPassed} of ${big} larger ones arrived${chance}`;
}

function repaired({ repairedAfterMs, mechanism }: Direction): string {
  if (mechanism !== 'repaired-late') return '';
  const after = repairedAfterMs === null ? 'late' : `after ${duration(repairedAfterMs)}`;
  return `; the sender gets around it ${after} with smaller segments`;
}

/** Sizes that vanished, each with the connection that showed it, and the reasons given. */
function shown({ attempts }: PathReport, hole: Direction): readonly Evidence[] {
  const { failsFrom, why, way } = hole;
  const vanished = hole.sizes.find(
    ({ bytes, result }) => bytes === failsFrom && result === 'vanished',
  );
  const smallest: readonly Evidence[] =
    vanished === undefined
      ? []
      : [
          {
            says: `${vanished.bytes} bytes ${way}: sent ${times(vanished.sent)}, never arrived`,
            handshake: attempts[vanished.attempt]?.handshake ?? null,
            atMs: null,
            packets: [],
          },
        ];
  return why === null
    ? smallest
    : [{ says: `${way}: ${why}`, handshake: null, atMs: null, packets: [] }, ...smallest];
}

/**
 * What other tools say of sizes, which proves nothing by itself.
 *
 * @param against those that passed a size above the limit; else those that met one
 */
function aside(
  { sideEvidence }: PathReport,
  holes: readonly Direction[],
  against: boolean,
): readonly string[] {
  const limit = Math.min(...holes.map(({ passUpTo }) => passUpTo ?? 0));
  const chosen = sideEvidence.filter(({ passUpTo, failsFrom, reportedMtu }) => {
    const met = failsFrom !== null || reportedMtu !== null;
    return against ? !met && passUpTo !== null && passUpTo > limit : met;
  });
  return chosen.map(({ what: tool, says }) => `aside, ${tool}: ${says}`);
}

/** The measured figures in the place of the general rules. */
function advice({ advice: measured }: PathReport, holes: readonly Direction[]): readonly Advice[] {
  const limits = holes.flatMap(({ passUpTo }) => passUpTo ?? []);
  return [
    measured === null
      ? CLAMP_MSS
      : { do: measured, command: null, where: 'network', caution: null },
    LET_ICMP_PASS,
    ...(limits.length === 0 ? [FIND_SIZE] : [smallerMtu(Math.min(...limits))]),
  ];
}

const ETHERNET_MTU = 1500;
/** Above the least MTU of IPv6 and below Ethernet's are the sizes that tunnels leave. */
const LEAST_TUNNEL_MTU = 1280;
const LEAST_HEADERS = 40;

function withoutClamp(path: PathReport, holes: readonly Direction[]): readonly Finding[] {
  const like = holes.find(
    ({ passUpTo, mss }) =>
      passUpTo !== null &&
      mss !== null &&
      LEAST_TUNNEL_MTU <= passUpTo &&
      passUpTo < ETHERNET_MTU &&
      passUpTo < mss + LEAST_HEADERS,
  );
  if (like === undefined || like.passUpTo === null) return [];
  const room = ETHERNET_MTU - like.passUpTo;
  return [
    finding('mtu-vpn-no-mss-clamp', 'possible', {
      says: `A limit of ${like.passUpTo} bytes ${like.way} leaves ${room} bytes of Ethernet's ${ETHERNET_MTU} for the headers of a tunnel, while the MSS of ${like.mss} allows larger packets.`,
      evidence: shown(path, like),
      against: ['whether there is a tunnel cannot be seen from here'],
    }),
  ];
}

/** A device that dislikes long ClientHellos looks like a hole to the server alone. */
function intolerant(path: PathReport, holes: readonly Direction[]): readonly Finding[] {
  const [hole, ...others] = holes;
  if (hole === undefined || hole.way !== 'to the server' || others.length > 0) return [];
  return [
    finding('large-clienthello-intolerant-path', 'possible', {
      says: `Only packets to the server vanish, and those that did were parts of a ClientHello: one with a post-quantum key share needs packets above ${hole.passUpTo ?? 'these'} bytes.`,
      evidence: shown(path, hole),
      against: ['that one size is the limit again and again points at the packets, not at TLS'],
    }),
  ];
}
