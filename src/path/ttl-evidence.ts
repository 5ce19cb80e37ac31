import { strayReset } from '../handshake/hop-limits.js';
import type { SideEvidence } from '../handshake/path.js';
import type { HopLimits } from '../handshake/trace.js';

/** What systems and routers let their packets start with; Windows 128, Linux and macOS 64. */
const FIRST_HOP_LIMITS: readonly number[] = [32, 64, 128, 255];

/**
 * How far a server's packets had come, where a capture ran along. What a packet started with is not
 * known: the number of routers is a reading, and said as one.
 *
 * @param connections of one target
 * @returns null where nothing was captured
 */
export function ttlEvidence(connections: readonly HopLimits[]): SideEvidence | null {
  const usual = distinct(
    connections.flatMap(({ opening, others }) => [
      ...(opening === null ? [] : [opening]),
      ...others,
    ]),
  );
  if (usual.length === 0) return null;
  const strays = distinct(connections.flatMap((one) => strayReset(one)?.hopLimit ?? []));
  return {
    what: 'ttl',
    says: [arrival(usual), ...strays.map(stray)].join('; '),
    passUpTo: null,
    failsFrom: null,
    reportedBy: null,
    reportedMtu: null,
  };
}

function arrival(usual: readonly number[]): string {
  const [one, ...more] = usual;
  if (one === undefined || more.length > 0) {
    return (
      `the server's packets came with TTLs ${usual.slice(0, 4).join(', ')}: the way changes, or ` +
      'not one machine sent them all'
    );
  }
  const first = FIRST_HOP_LIMITS.find((limit) => limit >= one) ?? one;
  const routers = first - one;
  const far = routers === 0 ? 'no router' : routers === 1 ? '1 router' : `${routers} routers`;
  return `the server's packets came with TTL ${one}: ${far} on the way, if they started with ${first}`;
}

function stray(hopLimit: number): string {
  return `a reset came with TTL ${hopLimit}, so another machine may have sent it`;
}

function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)].toSorted((a, b) => a - b);
}
