import type { Handshake } from '../handshake/handshake.js';
import type { ScanReport } from '../handshake/scan.js';
import type { HandshakeTrace } from '../handshake/trace.js';

/** What a scan came to whose connections a capture holds. */
export interface ReplayedScan {
  readonly scan: ScanReport | null;
  /** what is not told although there was a scan, a clause each */
  readonly notTested: readonly string[];
}

const NO_SCAN: ReplayedScan = { scan: null, notTested: [] };

const OTHER_PLAN: ReplayedScan = {
  scan: null,
  notTested: [
    'what the answers of the scan come to: its connections are not all here, or not those that this version makes',
  ],
};

/**
 * @param handshakes of one target, in the order in which they were made
 * @param traces that they were made of, in the same order
 */
export async function replayedScan(
  handshakes: readonly Handshake[],
  traces: readonly HandshakeTrace[],
): Promise<ReplayedScan> {
  const record = traces.find(({ label }) => label?.scan !== undefined)?.label?.scan;
  if (record === undefined) return NO_SCAN;
  const [{ recordedScan }, { scanWithIds }] = await Promise.all([
    import('../scan/recorded-scan.js'),
    import('../report/scan-ids.js'),
  ]);
  const made = traces.flatMap((trace) =>
    trace.label === undefined ? [] : [{ trace, ...trace.label }],
  );
  const scan = made.length === traces.length ? await recordedScan(made, record) : null;
  if (scan === null) return OTHER_PLAN;
  return { scan: scanWithIds(scan, (own) => handshakes[own]?.id ?? own), notTested: [] };
}
