/** Connections that a run makes at most; `--exact` and `--count` ask for more. */
export const DEFAULT_CONNECTIONS = 12;

/** The same where both directions have a limit to be found. */
export const BOTH_WAYS_CONNECTIONS = 16;

/** A path that loses much costs seconds for every packet: no connection is begun after so long. */
const DEFAULT_LIMIT_MS = 75_000;
const EXACT_LIMIT_MS = 180_000;

/** What one more handshake that was asked for may take on such a path. */
const HANDSHAKE_LIMIT_MS = 5_000;

export interface PathOptions {
  /** handshakes of the latency series; null: a few, as far as the planned connections allow */
  readonly count: number | null;
  /** between two of them */
  readonly intervalMs: number;
  /** the limit to the byte, with as many connections as that takes */
  readonly exact: boolean;
  readonly udp: boolean;
  readonly sideEvidence: boolean;
}

export const DEFAULT_PATH_OPTIONS: PathOptions = {
  count: null,
  intervalMs: 200,
  exact: false,
  udp: true,
  sideEvidence: true,
};

/** Handshakes of the latency series where nobody says how many. */
export const DEFAULT_COUNT = 5;

/** `--exact`: what a search to the byte may take in both directions. */
const EXACT_CONNECTIONS = 32;

/** The most connections that a run makes, before it is known what it finds. */
export function plannedConnections({ count, exact }: PathOptions): number {
  const least = exact ? EXACT_CONNECTIONS : DEFAULT_CONNECTIONS;
  return count === null ? least : least - DEFAULT_COUNT + Math.max(DEFAULT_COUNT, count);
}

/** How long after its start a run begins further connections, milliseconds. */
export function timeLimit({ count, exact, intervalMs }: PathOptions): number {
  const least = exact ? EXACT_LIMIT_MS : DEFAULT_LIMIT_MS;
  const more = Math.max(0, (count ?? 0) - DEFAULT_COUNT);
  return least + more * (intervalMs + HANDSHAKE_LIMIT_MS);
}
