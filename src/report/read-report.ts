import type { Breach } from './json-schema.js';
import { schemaBreach } from './json-schema.js';
import { REPORT_SCHEMA, type Report } from './report.js';

/** A saved report, or one sentence without a subject on why it is none: `was cut off at its end`. */
export type ReadReport =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly why: string };

/**
 * Reads what `--json` or `--ndjson` printed. Strict: whoever changed it by hand learns where it is
 * no report any more.
 *
 * @param schema docs/report.schema.json, parsed
 */
export function readReport(text: string, schema: unknown): ReadReport {
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  const { document } = parsed;
  const other = notOurs(document);
  if (other !== null) return { ok: false, why: other };
  if (isTooDeep(document, MAX_DEPTH)) return { ok: false, why: 'is nested deeper than any report' };
  const breach = schemaBreach(document, schema) ?? senseBreach(document as Report);
  if (breach !== null) {
    return { ok: false, why: `is no whole report, or was changed by hand: ${sentence(breach)}` };
  }
  return { ok: true, report: document as Report };
}

/** The deepest that we write is about fifteen; whatever reads a report goes down as deep as it is. */
const MAX_DEPTH = 40;

function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return Object.values(value).some((one) => isTooDeep(one, left - 1));
}

function sentence({ at, says }: Breach): string {
  return `${at === '' ? 'it' : at} ${says}`;
}

type Parsed =
  | { readonly ok: true; readonly document: unknown }
  | { readonly ok: false; readonly why: string };

function parse(text: string): Parsed {
  if (text.trim() === '') return { ok: false, why: 'is empty' };
  try {
    return { ok: true, document: JSON.parse(text) as unknown };
  } catch (error) {
    const lines = parseLines(text);
    if (lines !== null) return lines;
    return { ok: false, why: jsonProblem(text, error) };
  }
}

/** Why a text is no JSON, with the place where it stops being so. */
export function jsonProblem(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  if (!/^\s*[[{]/.test(text)) return 'is no JSON: it does not begin with {';
  if (text.slice(position).trim() === '') {
    return `was cut off: its JSON ends in line ${line} before it is complete`;
  }
  return `is no JSON: line ${line}, column ${column} cannot be read`;
}

/** What `--ndjson` prints: a handshake or a diagnosis in each line. */
function parseLines(text: string): Parsed | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const elements: Record<string, unknown>[] = [];
  for (const [index, line] of lines.entries()) {
    const element = parseLine(line);
    if (element === null) {
      // Of something that does not even begin like it, another sentence says more.
      if (index === 0) return null;
      return { ok: false, why: `was cut off or changed: its line ${index + 1} is no JSON` };
    }
    elements.push(element);
  }
  const [first] = elements;
  if (first?.['schema'] !== REPORT_SCHEMA) return { ok: true, document: first };
  const ofType = (wanted: string): unknown[] =>
    elements
      .filter(({ type }) => type === wanted)
      .map(({ schema: _, type: __, ...element }) => element);
  const handshakes = ofType('handshake');
  const diagnoses = ofType('diagnosis');
  if (handshakes.length + diagnoses.length !== elements.length) {
    return { ok: false, why: 'has a line that is neither a handshake nor a diagnosis' };
  }
  const last = handshakes.at(-1);
  return {
    ok: true,
    document: {
      schema: REPORT_SCHEMA,
      // Lines do not say which version wrote them, nor when the last was written.
      tool: { name: 'rdp-probe', version: 'unknown' },
      command: 'unknown',
      generatedAt: isObject(last) ? last['startedAt'] : '1970-01-01T00:00:00.000000Z',
      handshakes,
      diagnoses,
    },
  };
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return isObject(parsed) && 'type' in parsed ? parsed : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Another document than a report of this version. */
function notOurs(document: unknown): string | null {
  if (!isObject(document)) return 'is no report of rdp-probe: it is no JSON object';
  const { schema } = document;
  if (schema === REPORT_SCHEMA) {
    if (!('type' in document)) return null;
    return 'is one line of --ndjson: give the file with all of its lines';
  }
  if (typeof schema !== 'string' || !schema.startsWith('rdp-probe.')) {
    return 'is no report of rdp-probe: it has no "schema" of ours';
  }
  const [kind = ''] = schema.split('/');
  if (kind !== 'rdp-probe.report') {
    return `is ${kindOf(kind)}, and no report of check, path, scan or replay`;
  }
  return `is a report of another version (${schema.slice(0, 60)}; this program reads ${REPORT_SCHEMA}): diagnose it with the version that wrote it, or make it anew`;
}

function kindOf(kind: string): string {
  switch (kind) {
    case 'rdp-probe.host-facts':
      return 'a file of host facts (for --host-facts)';
    case 'rdp-probe.compare':
      return 'a comparison of reports';
    case 'rdp-probe.explain':
      return 'an answer of explain';
    default:
      return 'another document of rdp-probe';
  }
}

/** What a schema cannot say. */
function senseBreach(report: Report): Breach | null {
  return numberingBreach(report) ?? timeBreach(report);
}

/** A year: no stage takes longer. */
const MAX_MS = 366 * 86_400_000;

/** Stages begin after the handshake does, and end after they begin. */
function timeBreach({ handshakes }: Report): Breach | null {
  for (const [index, { stages }] of handshakes.entries()) {
    for (const [position, { startMs, endMs }] of stages.entries()) {
      const at = `handshakes[${index}].stages[${position}]`;
      if (startMs !== null && !(startMs >= 0 && startMs <= MAX_MS)) {
        return { at: `${at}.startMs`, says: `is ${startMs}, and no stage begins then` };
      }
      if (endMs !== null && !(endMs >= (startMs ?? 0) && endMs <= MAX_MS)) {
        return { at: `${at}.endMs`, says: `is ${endMs}, and the stage began at ${startMs ?? 0}` };
      }
    }
  }
  return null;
}

/** `id`s are positions, and what a diagnosis judges is there. */
function numberingBreach({ handshakes, diagnoses }: Report): Breach | null {
  for (const [index, { id }] of handshakes.entries()) {
    if (id !== index) {
      return {
        at: `handshakes[${index}].id`,
        says: `is ${id}, and must be its position, ${index}: one was taken out or moved`,
      };
    }
  }
  for (const [index, { handshakes: ids }] of diagnoses.entries()) {
    const stray = ids.findIndex((id) => id >= handshakes.length);
    if (stray < 0) continue;
    return {
      at: `diagnoses[${index}].handshakes[${stray}]`,
      says: `is ${ids[stray]}, and there is no such handshake`,
    };
  }
  return null;
}
