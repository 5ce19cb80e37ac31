/** Connections that a run makes at most; `--exact` and `--count` ask for more. */
export const DEFAULT_CONNECTIONS = 12;

/** The same where both directions have a limit to be found. */
export const BOTH_WAYS_CONNECTIONS = 16;

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
