import type { ClientProfile } from './profiles/client-profile.js';

/** What a scan asks, and how much. Complete: defaults are resolved in one place. */
export interface ScanOptions {
  /** connections at most, the first handshake among them */
  readonly mostConnections: number;
  /** asks for every cipher suite and every group */
  readonly ciphers: boolean;
  /** asks as this client alone; null: computes how all would fare */
  readonly client: ClientProfile | null;
}

/** Enough for every question; a server that answers all alike needs about half. */
export const DEFAULT_MOST_CONNECTIONS = 25;

/** With every suite there is a connection for each that the server takes, in each version. */
export const DEFAULT_MOST_WITH_CIPHERS = 400;

export const DEFAULT_SCAN_OPTIONS: ScanOptions = {
  mostConnections: DEFAULT_MOST_CONNECTIONS,
  ciphers: false,
  client: null,
};
