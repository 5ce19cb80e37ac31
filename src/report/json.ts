import { escapeJson } from './clean.js';
import type { Report } from './report.js';

/** The whole report as one document that people can read too. */
export function renderJson(report: Report): string {
  return `${escapeJson(JSON.stringify(report, null, 2))}\n`;
}
