import { type ProbeIo, probeAddress, probeTarget } from '../probe/probe-target.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import type { Question } from './ask.js';
import { Asker, type AskerOptions, type ScanHandshake } from './asker.js';
import type { ScanOptions } from './scan-options.js';
import { runScan, type ScannedTarget } from './scan-run.js';

export interface ScanIo extends ProbeIo {
  onQuestion?: AskerOptions['onQuestion'];
}

/**
 * Scans a server: everything that its answers leave open, one connection at a time, after an ordinary
 * handshake. What cannot be learned is said with the reason; nothing that the server does makes this
 * reject.
 *
 * @param settings of the ordinary handshake; every question differs from it in something
 */
export async function scanTarget(
  target: Target,
  settings: ProbeSettings,
  io: ScanIo,
  options: ScanOptions,
): Promise<ScannedTarget> {
  const beganAt = io.clock.now();
  const made = await probeTarget(target, settings, io, { allAddresses: false });
  const before = made.map((trace): ScanHandshake => ({ trace, purpose: 'verdict', reason: null }));
  const address = made.at(-1)?.server.address ?? target.host;
  const asker = new Asker(
    (question, slowestMs) =>
      probeAddress(target, address, settingsOf(question, settings, slowestMs), io, null),
    {
      most: options.mostConnections,
      isInterrupted: () => io.signal.aborted,
      ...(io.onQuestion === undefined ? {} : { onQuestion: io.onQuestion }),
    },
    before,
  );
  return await runScan(asker, {
    options,
    host: target.host,
    hasOwnLine: settings.cookie !== null || settings.routingToken !== null,
    elapsedMs: () => Math.round(io.clock.now() - beganAt) / 1000,
  });
}

/** How long a question waits, at least and at most: the server has shown how fast it answers. */
const LIMIT_MS = { least: 3000, most: 10_000 } as const;
const PATIENCE = 20;

function settingsOf(
  { settings }: Question,
  usual: ProbeSettings,
  slowestMs: number,
): ProbeSettings {
  const merged = { ...usual, ...settings };
  if (settings.stageLimitsMs !== undefined) return merged;
  const limit = Math.max(LIMIT_MS.least, Math.min(LIMIT_MS.most, PATIENCE * slowestMs));
  const stageLimitsMs = Object.fromEntries(
    Object.entries(merged.stageLimitsMs).map(([stage, ms]) => [stage, Math.min(ms, limit)]),
  ) as ProbeSettings['stageLimitsMs'];
  return { ...merged, stageLimitsMs };
}
