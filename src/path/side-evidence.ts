import type { SideEvidence } from '../handshake/path.js';
import type { KernelSockets } from '../probe/kernel-figures.js';
import { gatherIcmpSocket } from './icmp-socket.js';
import { gatherOtherAddresses, gatherSecondPort } from './other-doors.js';
import { gatherPing } from './ping.js';
import type { Gathered } from './size-answers.js';
import { gatherTracepath } from './tracepath.js';

/** What to gather, and what for. What is empty or false is not run and not told of. */
export interface SideEvidenceRequest {
  /** an IP literal */
  readonly address: string;
  readonly family: 4 | 6;
  /** the port in question, for `otherAddresses` */
  readonly port: number;
  /** whole IP packets for the program `ping` */
  readonly pingSizes: readonly number[];
  /** whole IP packets for an ICMP socket of our own */
  readonly icmpSizes: readonly number[];
  /** worth its time only where a router is to be named */
  readonly tracepath: boolean;
  /** the first two are tried */
  readonly secondPorts: readonly number[];
  /** further addresses of the name; the first two are tried */
  readonly otherAddresses: readonly string[];
  readonly kernel: KernelSockets;
  /** gives that many random bytes */
  readonly random: (count: number) => Uint8Array;
  /** `process.platform` */
  readonly platform: string;
  /** `process.env`, for the programs */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface GatheredEvidence {
  readonly evidence: readonly SideEvidence[];
  /** what was asked for and could not be had -> why */
  readonly notGathered: Readonly<Record<string, string>>;
}

/** Other ports that a Windows or Unix host often has open, or refuses aloud. */
export const DEFAULT_SECOND_PORTS: readonly number[] = [445, 22];

type Found = readonly [what: SideEvidence['what'], gathered: Gathered];

/**
 * What other tools and other ways say of the path. None of it proves anything by itself. Each is
 * bounded in time and number. Never rejects.
 *
 * Too large a packet makes the kernel learn the path MTU of the target, for TCP too: then routers
 * are not asked any more. So the ones that name a router come first, and one at a time; and all
 * of it better after the measurement that it is to support.
 */
export async function gatherSideEvidence(
  request: SideEvidenceRequest,
  signal: AbortSignal,
): Promise<GatheredEvidence> {
  const found = await Promise.all([
    gatherOtherDoors(request, signal),
    gatherPackets(request, signal),
  ]);
  const evidence: SideEvidence[] = [];
  const notGathered: Record<string, string> = {};
  for (const [what, gathered] of found.flat()) {
    if (gathered.kind === 'evidence') evidence.push(...gathered.evidence);
    else notGathered[what] = gathered.why;
  }
  return { evidence, notGathered };
}

async function gatherOtherDoors(
  { address, port, secondPorts, otherAddresses }: SideEvidenceRequest,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  if (secondPorts.length > 0) {
    found.push(['second-port', await gatherSecondPort(address, secondPorts, signal)]);
  }
  if (otherAddresses.length > 0) {
    found.push(['other-address', await gatherOtherAddresses(otherAddresses, port, signal)]);
  }
  return found;
}

async function gatherPackets(
  request: SideEvidenceRequest,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const { tracepath, pingSizes, icmpSizes } = request;
  const found: Found[] = [];
  if (tracepath) found.push(['tracepath', await gatherTracepath(request, signal)]);
  if (pingSizes.length > 0) {
    found.push(['ping', await gatherPing({ ...request, sizes: pingSizes }, signal)]);
  }
  if (icmpSizes.length > 0) {
    found.push(['icmp-socket', await gatherIcmpSocket({ ...request, sizes: icmpSizes }, signal)]);
  }
  return found;
}
