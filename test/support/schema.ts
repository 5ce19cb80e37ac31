import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Test } from 'tap';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const SCHEMA: unknown = JSON.parse(
  readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
);

/**
 * The published schema lets readers meet fields that they do not know. Here each object that lists
 * its properties has no others, so that a field cannot be added without being documented.
 */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inside = Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [key, closed(part)]),
  );
  const listsAll = 'required' in schema && 'properties' in schema && !('allOf' in schema);
  return listsAll && !('additionalProperties' in schema)
    ? { ...inside, additionalProperties: false }
    : inside;
}

const compiled = new Map<string, ValidateFunction>();

/** @param part name of an entry of $defs; null: the whole schema */
function validator(part: string | null, strict: boolean): ValidateFunction {
  const key = `${part} ${strict}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
  const schema = strict ? closed(SCHEMA as Json) : (SCHEMA as Json);
  ajv.addSchema(schema as object, 'report');
  const validate = ajv.getSchema(part === null ? 'report' : `report#/$defs/${part}`);
  if (validate === undefined) throw new Error(`the schema has no ${part}`);
  compiled.set(key, validate);
  return validate;
}

function problems(value: unknown, part: string | null, strict: boolean): readonly string[] {
  const validate = validator(part, strict);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || '(root)'} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}

/** What is wrong with a report, or with a line of --ndjson; empty: nothing. */
export function schemaProblems(value: unknown): readonly string[] {
  const open = problems(value, null, false);
  if (open.length > 0) return open;
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    return problems(value, 'report', true);
  }
  const { schema: _, type, ...element } = value as { schema: unknown; type: unknown };
  return problems(element, String(type), true);
}

/** Asserts that a parsed report or line is as docs/report.schema.json says, with no other field. */
export function assertMatchesSchema(t: Test, value: unknown, message = 'as documented'): void {
  t.same(schemaProblems(value), [], message);
}
