import { readFile } from 'node:fs/promises';
import type { HostFacts } from '../diagnose/host-facts.js';
import { ProbeError } from '../probe-error.js';
import type { Report } from '../report/report.js';
import { documentName, readDocument } from './read-document.js';

/**
 * Reads saved reports, strictly.
 *
 * @throws ProbeError CANNOT_READ with what is wrong and where
 */
export async function readReports(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly Report[]> {
  if (paths.filter((path) => path === '-').length > 1) {
    throw new ProbeError('BAD_OPTION', 'standard input (-) can be read only once');
  }
  const [{ readReport }, schema] = await Promise.all([
    import('../report/read-report.js'),
    reportSchema(),
  ]);
  const reports: Report[] = [];
  for (const path of paths) {
    const read = readReport(await readDocument(path, signal), schema);
    if (!read.ok) throw new ProbeError('CANNOT_READ', `${documentName(path)} ${read.why}`);
    reports.push(read.report);
  }
  return reports;
}

/** @throws ProbeError CANNOT_READ */
export async function readHostFactsFile(path: string, signal: AbortSignal): Promise<HostFacts> {
  const { readHostFacts } = await import('../report/read-host-facts.js');
  const read = readHostFacts(await readDocument(path, signal));
  if (!read.ok) throw new ProbeError('CANNOT_READ', `${documentName(path)} ${read.why}`);
  return read.facts;
}

/** The published schema; the file lies two folders up from here, built or not. */
async function reportSchema(): Promise<unknown> {
  const file = new URL('../../docs/report.schema.json', import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')) as unknown;
}
