import type { DirectionReport, PathReport } from '../handshake/path.js';

/** What one direction is called in a sentence. */
export type Way = 'to the server' | 'from the server';

export interface Direction extends DirectionReport {
  readonly way: Way;
}

export function directionsOf({ mtu }: PathReport): readonly [Direction, Direction] {
  return [
    { ...mtu.toServer, way: 'to the server' },
    { ...mtu.fromServer, way: 'from the server' },
  ];
}

/** Large packets vanish there; that the sender works around it in the end does not undo the hole. */
export function isHole({ mechanism }: DirectionReport): boolean {
  switch (mechanism) {
    case 'black-hole':
    case 'repaired-late':
      return true;
    case 'none':
    case 'pmtud':
    case 'mss-clamped':
    case 'inconclusive':
    case 'not-measured':
      return false;
  }
}

/** Chance below which a difference between large and small packets is no accident. */
const SIGNIFICANT = 0.001;
/** Connections that must have met the hole, each on its own. */
const CONFIRMATIONS = 2;

/** What keeps a hole from being proved; null: nothing does. */
export function doubtOf(direction: DirectionReport): string | null {
  const { p, sizes, failsFrom } = direction;
  if (failsFrom === null) return 'no size is known from which packets vanish';
  const above = sizes.filter(({ bytes }) => bytes >= failsFrom);
  if (above.some(({ result }) => result === 'passed')) {
    return 'a larger packet did pass';
  }
  if (p === null) return 'small and large packets cannot be compared';
  if (p >= SIGNIFICANT) return 'so few packets may also have been lost by chance';
  const vanished = above.filter(({ result }) => result === 'vanished');
  const connections = new Set(vanished.map(({ attempt }) => attempt)).size;
  return connections < CONFIRMATIONS ? 'only one connection shows it' : null;
}

/** IP and TCP without options, IPv4: the least that comes before the payload. */
const LEAST_HEADERS = 40;
const ETHERNET_MTU = 1500;

/** Whether the largest packets that this connection can have did pass, or were cut to size in time. */
export function passesInFull(direction: DirectionReport, interfaceMtu: number | null): boolean {
  switch (direction.mechanism) {
    case 'pmtud':
      return true;
    case 'none':
    case 'mss-clamped': {
      const { passUpTo, mss } = direction;
      const full = mss === null ? (interfaceMtu ?? ETHERNET_MTU) : mss + LEAST_HEADERS;
      return passUpTo !== null && passUpTo >= full;
    }
    case 'black-hole':
    case 'repaired-late':
    case 'inconclusive':
    case 'not-measured':
      return false;
  }
}

/** What this direction leaves open, for the list of what was not tested. */
export function untestedSizes(direction: Direction, interfaceMtu: number | null): string | null {
  const { passUpTo, failsFrom, way, mechanism } = direction;
  if (failsFrom !== null) return null;
  if (passUpTo === null) return `packet sizes ${way}`;
  // The path itself names its limit.
  if (mechanism === 'pmtud') return null;
  return passUpTo < (interfaceMtu ?? ETHERNET_MTU)
    ? `packets above ${passUpTo} bytes ${way}`
    : null;
}
