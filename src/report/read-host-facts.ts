import { HOST_FACTS_SCHEMA, type HostFacts } from '../diagnose/host-facts.js';
import { HOST_FACTS_JSON_SCHEMA } from './host-facts-schema.js';
import { schemaBreach } from './json-schema.js';
import { jsonProblem } from './read-report.js';

/** Host facts, or one sentence without a subject on why a text holds none. */
export type ReadHostFacts =
  | { readonly ok: true; readonly facts: HostFacts }
  | { readonly ok: false; readonly why: string };

/** Reads what the script of `host-checks` printed, also where a console broke its long lines. */
export function readHostFacts(text: string): ReadHostFacts {
  if (text.trim() === '') return { ok: false, why: 'is empty' };
  const whole = withoutBreaksInStrings(text);
  let parsed: unknown;
  try {
    parsed = JSON.parse(whole);
  } catch (error) {
    return { ok: false, why: jsonProblem(whole, error) };
  }
  const document = unwrapped(parsed);
  if (!isObject(document) || typeof document['schema'] !== 'string') {
    return { ok: false, why: 'is not what the script of rdp-probe host-checks prints' };
  }
  const { schema } = document;
  if (schema !== HOST_FACTS_SCHEMA) {
    const why = /^rdp-probe\.host-facts\//.test(schema)
      ? `holds host facts of another version (${schema.slice(0, 60)}; this program reads ${HOST_FACTS_SCHEMA}): run the script of this version`
      : `holds no host facts: its schema is ${JSON.stringify(schema.slice(0, 60))}`;
    return { ok: false, why };
  }
  const breach = schemaBreach(document, HOST_FACTS_JSON_SCHEMA);
  if (breach !== null) {
    const { at, says } = breach;
    return { ok: false, why: `is not as the script printed it: ${at || 'it'} ${says}` };
  }
  return { ok: true, facts: document as unknown as HostFacts };
}

/** Inside a string JSON has no line end of its own: one that is there was put in by a console. */
function withoutBreaksInStrings(text: string): string {
  let inString = false;
  let escaped = false;
  let kept = '';
  let from = 0;
  for (let index = 0; index < text.length; index++) {
    const sign = text[index];
    if (escaped) escaped = false;
    else if (sign === '"') inString = !inString;
    else if (inString && sign === '\\') escaped = true;
    if (!inString || (sign !== '\n' && sign !== '\r')) continue;
    kept += text.slice(from, index);
    from = index + 1;
  }
  return kept + text.slice(from);
}

/** Windows PowerShell writes some lists as an object of their `value` and `Count`. */
function unwrapped(value: unknown, depth = 0): unknown {
  // Nothing of the script is as deep; what is left is refused by the schema.
  if (depth > 20) return value;
  if (Array.isArray(value)) return value.map((one) => unwrapped(one, depth + 1));
  if (!isObject(value)) return value;
  const { value: inner, Count: count } = value;
  if (Array.isArray(inner) && typeof count === 'number' && Object.keys(value).length === 2) {
    return unwrapped(inner, depth + 1);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, unwrapped(field, depth + 1)]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
