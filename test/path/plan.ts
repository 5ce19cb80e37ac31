import type { ServerName } from './lab/servers.js';
import { SERVER_NAMES } from './lab/servers.js';
import { everything, selected } from './selection.js';
import { WORLDS, type World } from './worlds.js';

/** One world, one server at its end. */
export interface Pairing {
  readonly name: string;
  readonly world: World;
  readonly server: ServerName;
}

/** Servers that stand for any honest one; the rest are a fault of their own, on a clean path. */
const HONEST: readonly ServerName[] = ['tls-chain', 'tls', 'xrdp', 'freerdp-shadow'];
const ODD = SERVER_NAMES.filter((server) => !HONEST.includes(server));

/** Where a hole is met with loss as well. */
const WITH_LOSS: readonly string[] = [
  'clean',
  'hole at 1400 from the server',
  'hole at 1400 to the server',
  'discovery at 1280 without ICMP',
];

/** Where other servers than the one with the longest flight stand at the end. */
const OTHER_SERVERS: Readonly<Record<string, readonly ServerName[]>> = {
  clean: ['tls', 'xrdp', 'freerdp-shadow'],
  'hole at 1280 from the server': ['xrdp', 'freerdp-shadow'],
  'hole at 1400 both ways': ['tls'],
};

/** `check --path`: the handshake, and the measurement that explains it. */
const CHECKED: readonly string[] = [
  'clean, 50 ms',
  'hole at 1280 from the server, 50 ms',
  'hole at 1280 to the server, 50 ms',
  'hole at 1400 both ways, 50 ms',
  'discovery at 1400 without ICMP, 50 ms',
  'hole at 1400 from the server, IPv6, 50 ms',
];

/** Chosen so that every fault is met, every condition and every server, in some minutes. */
function isChosen({ fault, condition }: World, server: ServerName): boolean {
  const slow = condition === '50 ms';
  if (ODD.includes(server)) return fault === 'clean' && slow;
  if (server !== 'tls-chain') return slow && (OTHER_SERVERS[fault] ?? []).includes(server);
  return (
    slow || (condition === '50 ms, 5 % loss' && WITH_LOSS.includes(fault)) || fault === 'clean'
  );
}

function isPossible({ fault }: World, server: ServerName): boolean {
  return fault === 'clean' || HONEST.includes(server);
}

/** Such a server may keep a measurement from its answer, and must not make it a wrong one. */
export function isOdd(server: ServerName): boolean {
  return ODD.includes(server);
}

/**
 * The largest packet that a server is sure to send when nothing limits it: full ones, or the one
 * that its only certificate fits in.
 */
export function largestFlightPacket(server: ServerName): number {
  return server === 'tls' || server === 'xrdp' || server === 'freerdp-shadow' ? 1327 : 1500;
}

/** What `path` is run against. */
export function pathPairings(): readonly Pairing[] {
  return pairings((world, server) => everything() || isChosen(world, server));
}

/** What `check --path` is run against. */
export function checkPairings(): readonly Pairing[] {
  return pairings(
    ({ name, truth }, server) =>
      server === 'tls-chain' && (everything() ? truth.loss === 0 : CHECKED.includes(name)),
  );
}

function pairings(wanted: (world: World, server: ServerName) => boolean): readonly Pairing[] {
  return WORLDS.flatMap((world) =>
    SERVER_NAMES.filter((server) => isPossible(world, server) && wanted(world, server)).map(
      (server) => ({ name: `${world.name} / ${server}`, world, server }),
    ),
  ).filter(({ name }) => selected(name));
}
