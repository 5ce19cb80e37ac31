/** What a scan asks, and how much. Complete: defaults are resolved in one place. */
export interface ScanOptions {
  /** connections at most, the first handshake among them */
  readonly mostConnections: number;
}

/** Enough for every question; a server that answers all alike needs about half. */
export const DEFAULT_MOST_CONNECTIONS = 25;

export const DEFAULT_SCAN_OPTIONS: ScanOptions = { mostConnections: DEFAULT_MOST_CONNECTIONS };
