import type { Mechanism } from '../../src/handshake/path.js';
import type { LaneSettings } from './lab/forwarder.js';
import {
  CLEAN_PATH,
  type Family,
  FIRST_ROUTER,
  type Firewall,
  type PathSettings,
} from './lab/topology.js';

/*
 * Every world of the fault lab, and its truth: what a right measurement says of it.
 * A world is a fault in a condition; names are `FAULT`, `FAULT, 50 ms`, `FAULT, 5 % loss` and
 * `FAULT, 50 ms, 5 % loss`. Sizes are bytes of whole IP packets.
 */

/** What is true of one direction. */
export interface DirectionTruth {
  /** any of these is right */
  readonly mechanisms: readonly Mechanism[];
  /** the largest packet that arrives, 1500 where nothing limits it; null: no packet gets far enough to tell */
  readonly limit: number | null;
  /** the MSS option that the sender of this direction gets to see */
  readonly mss: number | null;
  /** the router whose ICMP the client sees */
  readonly reportedBy: string | null;
}

/** How a handshake ends. */
export interface FailureTruth {
  readonly at: 'tcp' | 'x224' | 'tls';
  readonly how: readonly ('timeout' | 'reset' | 'refused' | 'unreachable' | 'closed')[];
}

export interface Truth {
  readonly toServer: DirectionTruth;
  readonly fromServer: DirectionTruth;
  /** what happens to a handshake whatever its sizes; holes come on top, see `failureOf` */
  readonly failure: FailureTruth | null;
  /** share of packets lost at random, each way, 0 to 1 */
  readonly loss: number;
  readonly rttMs: number;
}

export interface World {
  readonly name: string;
  readonly fault: string;
  readonly condition: string;
  readonly family: Family;
  readonly path: PathSettings;
  readonly truth: Truth;
  /** "inconclusive" is an honest answer here, if not the best one */
  readonly hard: boolean;
  /** the server recovers by itself, late: a handshake through this hole succeeds */
  readonly repairs: boolean;
}

interface Fault {
  readonly name: string;
  readonly family: Family;
  readonly path: Partial<Omit<PathSettings, 'forwarder'>>;
  readonly toServer: LaneSettings;
  readonly fromServer: LaneSettings;
  readonly truth: Pick<Truth, 'toServer' | 'fromServer' | 'failure'>;
  readonly repairs: boolean;
}

interface Condition {
  readonly name: string;
  readonly rttMs: number;
  readonly lossPercent: number;
}

const CONDITIONS: readonly Condition[] = [
  { name: 'plain', rttMs: 0, lossPercent: 0 },
  { name: '50 ms', rttMs: 50, lossPercent: 0 },
  { name: '5 % loss', rttMs: 0, lossPercent: 5 },
  { name: '50 ms, 5 % loss', rttMs: 50, lossPercent: 5 },
];

/** Loss from here on may leave a measurement without an answer. */
const HEAVY_LOSS_PERCENT = 5;

const WHOLE = 1500;
/** IP and TCP headers without options. */
const HEADERS: Readonly<Record<Family, number>> = { 4: 40, 6: 60 };

const open = (family: Family): DirectionTruth => ({
  mechanisms: ['none'],
  limit: WHOLE,
  mss: WHOLE - HEADERS[family],
  reportedBy: null,
});

const holeAt = (bytes: number, family: Family): DirectionTruth => ({
  ...open(family),
  mechanisms: ['black-hole'],
  limit: bytes,
});

const UNTOUCHED = {
  family: 4,
  path: {},
  toServer: {},
  fromServer: {},
  truth: { toServer: open(4), fromServer: open(4), failure: null },
  repairs: false,
} as const satisfies Omit<Fault, 'name'>;

type Direction = 'toServer' | 'fromServer';

/** Packets above `limits` vanish on their way, without a word. */
function hole(
  name: string,
  limits: Readonly<Partial<Record<Direction, number>>>,
  family: Family = 4,
): Fault {
  const lane = (limit: number | undefined): LaneSettings =>
    limit === undefined ? {} : { maxPacketBytes: limit };
  const direction = (limit: number | undefined): DirectionTruth =>
    limit === undefined ? open(family) : holeAt(limit, family);
  return {
    ...UNTOUCHED,
    name,
    family,
    toServer: lane(limits.toServer),
    fromServer: lane(limits.fromServer),
    truth: {
      toServer: direction(limits.toServer),
      fromServer: direction(limits.fromServer),
      failure: null,
    },
  };
}

/** The link between the routers is smaller than all others, and they say so. */
function discovery(name: string, mtu: number, family: Family = 4): Fault {
  const told: DirectionTruth = { ...open(family), mechanisms: ['pmtud'], limit: mtu };
  return {
    ...UNTOUCHED,
    name,
    family,
    path: { middleMtu: mtu },
    truth: {
      toServer: { ...told, reportedBy: FIRST_ROUTER[family] },
      fromServer: told,
      failure: null,
    },
  };
}

/** The same, and nobody says so. */
function silentDiscovery(name: string, mtu: number): Fault {
  return {
    ...UNTOUCHED,
    name,
    path: { middleMtu: mtu, icmp: 'dropped' },
    truth: { toServer: holeAt(mtu, 4), fromServer: holeAt(mtu, 4), failure: null },
  };
}

function clamped(name: string, mss: number): Fault {
  const truth: DirectionTruth = {
    mechanisms: ['mss-clamped'],
    limit: mss + HEADERS[4],
    mss,
    reportedBy: null,
  };
  return {
    ...UNTOUCHED,
    name,
    path: { clampMss: mss },
    truth: { toServer: truth, fromServer: truth, failure: null },
  };
}

function loss(percent: number): Fault {
  const lane = { lossPercent: percent };
  return { ...UNTOUCHED, name: `loss ${percent} %`, toServer: lane, fromServer: lane };
}

/** Nothing passes for long enough to tell sizes apart, and to guess one would be wrong. */
function firewalled(name: string, firewall: Firewall, failure: FailureTruth): Fault {
  const nothing: DirectionTruth = {
    mechanisms: ['inconclusive', 'not-measured'],
    limit: null,
    mss: null,
    reportedBy: null,
  };
  return {
    ...UNTOUCHED,
    name,
    path: { firewall },
    truth: { toServer: nothing, fromServer: nothing, failure },
  };
}

const SLOW_LINK = { rateKbit: 64 };

/** An MTU probe of the server's kernel starts low, at tcp_base_mss, and never finds the limit itself. */
function repaired(name: string, limit: number): Fault {
  const fault = hole(name, { fromServer: limit });
  return {
    ...fault,
    path: { serverMtuProbing: 1 },
    truth: {
      ...fault.truth,
      fromServer: { ...holeAt(limit, 4), mechanisms: ['repaired-late'] },
    },
    repairs: true,
  };
}

/** More than a request and the packets that bring it, less than the ClientHello on top of it. */
const FIREWALL_BYTES = 500;

const FAULTS: readonly Fault[] = [
  { ...UNTOUCHED, name: 'clean' },
  {
    ...UNTOUCHED,
    name: 'clean, IPv6',
    family: 6,
    truth: { toServer: open(6), fromServer: open(6), failure: null },
  },
  hole('hole at 1280 from the server', { fromServer: 1280 }),
  hole('hole at 1400 from the server', { fromServer: 1400 }),
  hole('hole at 1280 to the server', { toServer: 1280 }),
  hole('hole at 1400 to the server', { toServer: 1400 }),
  hole('hole at 1280 both ways', { toServer: 1280, fromServer: 1280 }),
  hole('hole at 1400 both ways', { toServer: 1400, fromServer: 1400 }),
  hole('hole at 1337 from the server', { fromServer: 1337 }),
  hole('hole at 1403 to the server', { toServer: 1403 }),
  hole('hole at 1492 from and 1300 to the server', { toServer: 1300, fromServer: 1492 }),
  discovery('discovery at 1280', 1280),
  discovery('discovery at 1400', 1400),
  silentDiscovery('discovery at 1280 without ICMP', 1280),
  silentDiscovery('discovery at 1400 without ICMP', 1400),
  clamped('MSS clamped to 1240', 1240),
  repaired('MTU probing behind a hole at 1280', 1280),
  repaired('MTU probing behind a hole at 1400', 1400),
  loss(1),
  loss(5),
  loss(10),
  loss(20),
  { ...UNTOUCHED, name: '64 kbit/s', toServer: SLOW_LINK, fromServer: SLOW_LINK },
  firewalled(
    'firewall drops after 500 bytes',
    { does: 'drop-after', bytes: FIREWALL_BYTES },
    { at: 'tls', how: ['timeout'] },
  ),
  firewalled(
    'firewall resets after 500 bytes',
    { does: 'reset-after', bytes: FIREWALL_BYTES },
    { at: 'tls', how: ['reset'] },
  ),
  firewalled('firewall drops the SYN', { does: 'drop-syn' }, { at: 'tcp', how: ['timeout'] }),
  firewalled(
    'firewall rejects by ICMP',
    { does: 'reject-icmp' },
    { at: 'tcp', how: ['unreachable'] },
  ),
  firewalled('firewall rejects by RST', { does: 'reject-rst' }, { at: 'tcp', how: ['refused'] }),
  discovery('discovery at 1280, IPv6', 1280, 6),
  hole('hole at 1400 from the server, IPv6', { fromServer: 1400 }, 6),
  hole('hole at 1400 both ways, IPv6', { toServer: 1400, fromServer: 1400 }, 6),
];

export const WORLDS: readonly World[] = FAULTS.flatMap((fault) =>
  CONDITIONS.filter((condition) => !losesAlready(fault, condition)).map((condition) =>
    worldOf(fault, condition),
  ),
);

/** How a handshake ends here with a server that sends full packets; null: well. */
export function failureOf({ truth, repairs }: World): FailureTruth | null {
  if (truth.failure !== null || repairs) return truth.failure;
  const swallowed = truth.fromServer.mechanisms.includes('black-hole');
  return swallowed ? { at: 'tls', how: ['timeout'] } : null;
}

export function findWorld(name: string): World | undefined {
  return WORLDS.find((world) => world.name === name);
}

/** Loss on top of loss would be another loss. */
function losesAlready(fault: Fault, condition: Condition): boolean {
  return fault.toServer.lossPercent !== undefined && condition.lossPercent > 0;
}

function worldOf(fault: Fault, condition: Condition): World {
  const percent = fault.toServer.lossPercent ?? condition.lossPercent;
  const lane = { delayMs: condition.rttMs / 2, lossPercent: percent };
  return {
    name: condition.name === 'plain' ? fault.name : `${fault.name}, ${condition.name}`,
    fault: fault.name,
    condition: condition.name,
    family: fault.family,
    path: {
      ...CLEAN_PATH,
      ...fault.path,
      forwarder: {
        toServer: { ...lane, ...fault.toServer },
        fromServer: { ...lane, ...fault.fromServer },
      },
    },
    truth: { ...fault.truth, loss: percent / 100, rttMs: condition.rttMs },
    hard: percent >= HEAVY_LOSS_PERCENT,
    repairs: fault.repairs,
  };
}
