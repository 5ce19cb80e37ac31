import { createHash } from 'node:crypto';
import type { Test } from 'tap';

/*
 * What of the fault lab is run, by environment variables:
 *
 *   RDP_PROBE_WORLDS=TEXT    only what has TEXT in its name
 *   RDP_PROBE_PATH_ALL=1     every world with every server, which takes an hour and more
 *   RDP_PROBE_PATH_JOBS=N    how many worlds at a time
 *   RDP_PROBE_SEED=N         what is lost is drawn from it
 *   CI=true                  a lab that cannot be built here is a failure, not a skip
 */

const DEFAULT_JOBS = 4;

/** Whoever runs the file, with tap or without: one world with its server, and all of them. */
export const TEST_LIMIT_MS = 300_000;
export const SUITE_LIMIT_MS = 2 * 3_600_000;

export function selected(name: string): boolean {
  return name.includes(process.env['RDP_PROBE_WORLDS'] ?? '');
}

export function everything(): boolean {
  return process.env['RDP_PROBE_PATH_ALL'] === '1';
}

export function jobs(): number {
  return Number(process.env['RDP_PROBE_PATH_JOBS'] ?? DEFAULT_JOBS);
}

/** The same for the same name, so that a run can be had again. */
export function seedOf(name: string): number {
  const base = Number(process.env['RDP_PROBE_SEED'] ?? 0);
  return (createHash('sha256').update(name).digest().readUInt32BE(0) + base) >>> 0;
}

/** @returns whether the suite can run; otherwise it has said why not */
export function canRun(t: Test, missing: string | null): boolean {
  if (missing === null) return true;
  process.stderr.write(`\n*** THE PATH IS NOT TESTED: ${missing} ***\n\n`);
  if (process.env['CI'] === 'true') t.fail(missing);
  else t.pass('the path', { skip: missing });
  return false;
}
