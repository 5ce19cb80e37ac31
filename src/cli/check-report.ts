import { renderInstant } from '../handshake/summary.js';
import { buildReport } from '../report/build-report.js';
import type { Report } from '../report/report.js';
import type { CliIo } from './io.js';
import { readVersion } from './version.js';

/** The report of a run that probed. */
export async function reportOfRun(
  command: string,
  found: Pick<Report, 'handshakes' | 'diagnoses'>,
  io: CliIo,
): Promise<Report> {
  const version = await readVersion();
  const generatedAt = renderInstant(Math.round(io.now() * 1000));
  return buildReport({ ...found, version, command, generatedAt });
}
