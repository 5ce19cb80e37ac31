import type { StrayReset } from './handshake.js';
import type { HopLimits } from './trace.js';

/** Routes that change, and load shared between two of them, move a hop limit by one or two. */
const ROUTES_DIFFER_BY = 2;

/** A reset whose hop limit is so unlike all others of its sender that another machine made it. */
export function strayReset({ opening, others, reset }: HopLimits): StrayReset | null {
  const usual = [...new Set(opening === null ? others : [opening, ...others])];
  if (reset === null || usual.length === 0) return null;
  const isFar = usual.every((hopLimit) => Math.abs(hopLimit - reset) > ROUTES_DIFFER_BY);
  return isFar ? { hopLimit: reset, usual } : null;
}
