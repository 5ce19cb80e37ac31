import { execFileSync } from 'node:child_process';

/** Where distributions keep it; our own environment stays out of it, for its language too. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

const LIMIT_MS = 1000;

/** One socket is a few hundred bytes. */
const MAX_OUTPUT_BYTES = 1 << 16;

/** Runs `ss` of iproute2, and waits for it. @returns what it printed; null: it failed or is absent */
export function runSs(parameters: readonly string[]): string | null {
  try {
    return execFileSync('ss', parameters, {
      env: ENVIRONMENT,
      timeout: LIMIT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
  } catch {
    return null;
  }
}
