import type { Diagnosis } from '../diagnose/finding.js';
import { withSignals } from '../diagnose/signals.js';
import type { Handshake } from '../handshake/handshake.js';
import type { HandshakeTrace } from '../handshake/trace.js';

/** Why a scan that a capture holds is not told. */
const OTHER_PLAN =
  'what the answers of the scan come to: its connections are not all here, or not those that this version makes';

/**
 * A diagnosis with what the scan came to whose connections it judges, where it was one.
 *
 * @param handshakes of the diagnosis, in their order
 * @param traces they were made of, in the same order
 */
export async function withRecordedScan(
  diagnosis: Diagnosis,
  handshakes: readonly Handshake[],
  traces: readonly HandshakeTrace[],
  nowMs: number,
): Promise<Diagnosis> {
  const record = traces.find(({ label }) => label?.scan !== undefined)?.label?.scan;
  if (record === undefined) return diagnosis;
  const [{ recordedScan }, { scanWithIds }] = await Promise.all([
    import('../scan/recorded-scan.js'),
    import('../report/scan-ids.js'),
  ]);
  const made = traces.flatMap((trace) =>
    trace.label === undefined ? [] : [{ trace, ...trace.label }],
  );
  const scan = made.length === traces.length ? await recordedScan(made, record) : null;
  if (scan === null) return { ...diagnosis, notTested: [...diagnosis.notTested, OTHER_PLAN] };
  const told = scanWithIds(scan, (own) => handshakes[own]?.id ?? own);
  return withSignals({ ...diagnosis, scan: told }, handshakes, nowMs);
}
