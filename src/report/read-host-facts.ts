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
  let document: unknown;
  try {
    document = unwrapped(parse(text));
  } catch (error) {
    return { ok: false, why: jsonProblem(text, error) };
  }
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

/** No word of JSON needs a line end: where they are in the way, a console put them in. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    try {
      return JSON.parse(text.replace(/[\r\n]+/g, ''));
    } catch {
      throw error;
    }
  }
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
