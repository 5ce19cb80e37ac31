import type { Handshake } from '../../src/handshake/handshake.js';
import type { Report } from '../../src/report/report.js';
import { runProbe } from '../lab/probe-run.js';
import type { Place } from '../lab/server.js';

/** Far more than any stage limit adds up to against a server that is there. */
const CHECK_LIMIT_MS = 60_000;

export interface Check {
  readonly exitStatus: number | null;
  readonly milliseconds: number;
  readonly report: Report;
  /** the one handshake whose outcome is the answer */
  readonly handshake: Handshake;
}

/** Runs `rdp-probe check HOST:PORT --json` as a process of its own, where `place` can be reached. */
export async function check(
  place: Place,
  host: string,
  port: number,
  options: readonly string[],
): Promise<Check> {
  const { exitStatus, milliseconds, report, stderr } = await runProbe(
    place,
    ['check', `${host}:${port}`, ...options],
    CHECK_LIMIT_MS,
  );
  const handshake = report?.handshakes.find(({ purpose }) => purpose === 'verdict');
  if (report === null || handshake === undefined) {
    throw new Error(`check ${host}:${port} ended with ${exitStatus} and no report\n${stderr}`);
  }
  return { exitStatus, milliseconds, report, handshake };
}
