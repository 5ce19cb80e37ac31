import type { ScanReport } from '../handshake/scan.js';
import type { ClientScan, CredSspState } from '../handshake/scan-clients.js';

/** A scan with what a report of an earlier version does not have. */
export type WholeScan = ScanReport & {
  readonly clients?: ClientScan | null;
  readonly credssp?: CredSspState | null;
};
