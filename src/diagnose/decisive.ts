import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import { STAGES } from '../handshake/trace.js';

function progress(handshake: Handshake): number {
  const { status, reached: last } = handshake.outcome;
  return (status === 'ok' ? STAGES.length : 0) + (last === null ? -1 : STAGES.indexOf(last));
}

/**
 * The one that got furthest where several addresses were tried, else the last. Where the path was
 * measured, its trials decide nothing: they are made to fail at sizes that do not pass.
 */
export function decisiveOf(
  handshakes: readonly Handshake[],
  path: PathReport | null,
): Handshake | null {
  const asked = handshakes.filter(({ purpose }) => purpose === 'verdict');
  const rest = handshakes.filter(({ purpose }) => path === null || purpose !== 'path');
  const candidates = asked.length > 0 ? asked : rest;
  const addresses = new Set(candidates.map(({ server }) => server.address));
  const last = candidates.at(-1) ?? null;
  if (addresses.size <= 1) return last;
  return candidates.reduce<Handshake | null>(
    (best, one) => (best === null || progress(one) >= progress(best) ? one : best),
    null,
  );
}
