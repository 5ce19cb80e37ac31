import type { ReportComparison } from '../diagnose/compare.js';
import { escapeJson } from './clean.js';

export const COMPARE_SCHEMA = 'rdp-probe.compare/1';

/** The document of `compare --json`, described in docs/comparing.md. */
export function renderCompareJson(
  { kind, reports, aspects, conclusions, notes }: ReportComparison,
  version: string,
): string {
  const document = {
    schema: COMPARE_SCHEMA,
    tool: { name: 'rdp-probe', version },
    kind,
    reports,
    aspects,
    conclusions,
    notes,
  };
  return `${escapeJson(JSON.stringify(document, null, 2))}\n`;
}
