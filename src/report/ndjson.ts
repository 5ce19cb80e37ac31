import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { escapeJson } from './clean.js';
import { REPORT_SCHEMA } from './report.js';

/** One handshake as one line. */
export function renderHandshakeLine(handshake: Handshake): string {
  return renderLine('handshake', handshake);
}

/** One diagnosis as one line; its `handshakes` are `id`s of lines before it. */
export function renderDiagnosisLine(diagnosis: Diagnosis): string {
  return renderLine('diagnosis', diagnosis);
}

function renderLine(type: string, element: object): string {
  return `${escapeJson(JSON.stringify({ schema: REPORT_SCHEMA, type, ...element }))}\n`;
}
