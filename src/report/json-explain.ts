import type { Explanation } from '../diagnose/explanation.js';
import { escapeJson } from './clean.js';

/** The document of `explain --json`, described in docs/explain.md. */
export function renderExplainJson(
  { query, readings, pair, causes, apart, read, claims, codes }: Explanation,
  version: string,
): string {
  const document = {
    schema: 'rdp-probe.explain/1',
    tool: { name: 'rdp-probe', version },
    query,
    readings,
    pair,
    causes,
    apart,
    read,
    claims,
    codes,
  };
  return `${escapeJson(JSON.stringify(document, null, 2))}\n`;
}
