/**
 * Holds a parsed document against a JSON Schema (draft 2020-12): the keywords that our own schemas
 * use, and no others.
 */

/** Where a document breaks its schema, and how: the first breach, or the deepest of several. */
export interface Breach {
  /** dotted, as in `handshakes[3].outcome.how`; empty: the whole document */
  readonly at: string;
  /** goes on from `at`: `is "bad-luck", and must be one of ...` */
  readonly says: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** Longest value that a sentence quotes. */
const MAX_QUOTED = 60;
const MAX_LISTED = 12;

/** @returns null: the document is as the schema says */
export function schemaBreach(document: unknown, schema: unknown): Breach | null {
  return breachOf(document, asSchema(schema), { root: asSchema(schema), at: '' });
}

interface Place {
  readonly root: Schema;
  readonly at: string;
}

function asSchema(value: unknown): Schema {
  if (!isObject(value)) throw new TypeError('a schema is an object');
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

type Check = (value: unknown, keyword: unknown, schema: Schema, place: Place) => Breach | null;

/** By keyword, in the order in which a breach says most. */
const CHECKS: readonly (readonly [keyword: string, check: Check])[] = [
  ['$ref', (value, ref, _, place) => breachOf(value, resolve(String(ref), place.root), place)],
  ['type', typeBreach],
  ['const', (value, only, _, { at }) => (value === only ? null : isNot(at, value, quoted(only)))],
  ['enum', enumBreach],
  ['pattern', patternBreach],
  [
    'minimum',
    (value, least, _, { at }) => limit(value, at, (n) => n >= Number(least), `${least} or more`),
  ],
  [
    'maximum',
    (value, most, _, { at }) => limit(value, at, (n) => n <= Number(most), `${most} or less`),
  ],
  ['required', requiredBreach],
  [
    'minItems',
    (value, least, _, { at }) => lengthBreach(value, at, Number(least), Number.POSITIVE_INFINITY),
  ],
  ['maxItems', (value, most, _, { at }) => lengthBreach(value, at, 0, Number(most))],
  ['propertyNames', propertyNamesBreach],
  ['properties', propertiesBreach],
  ['additionalProperties', additionalBreach],
  ['prefixItems', prefixBreach],
  ['items', itemsBreach],
  [
    'allOf',
    (value, all, _, place) => firstOf(listOf(all), (one) => breachOf(value, asSchema(one), place)),
  ],
  ['anyOf', choiceBreach],
  ['oneOf', choiceBreach],
  ['if', conditionBreach],
];

function breachOf(value: unknown, schema: Schema, place: Place): Breach | null {
  return firstOf(CHECKS, ([keyword, check]) =>
    keyword in schema ? check(value, schema[keyword], schema, place) : null,
  );
}

function firstOf<T>(items: readonly T[], check: (item: T) => Breach | null): Breach | null {
  for (const item of items) {
    const breach = check(item);
    if (breach !== null) return breach;
  }
  return null;
}

/** A JSON pointer within the same document: `#/$defs/name`. */
function resolve(ref: string, root: Schema): Schema {
  const found = ref
    .split('/')
    .slice(1)
    .reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), root);
  if (!isObject(found)) throw new TypeError(`the schema has no ${ref}`);
  return found;
}

function isNot(at: string, value: unknown, wanted: string): Breach {
  return { at, says: `is ${quoted(value)}, and must be ${wanted}` };
}

function quoted(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
}

const TYPES: Readonly<Record<string, readonly [says: string, is: (value: unknown) => boolean]>> = {
  object: ['an object', isObject],
  array: ['a list', Array.isArray],
  string: ['text', (value) => typeof value === 'string'],
  number: ['a number', (value) => typeof value === 'number'],
  integer: ['a whole number', Number.isInteger],
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  null: ['null', (value) => value === null],
};

function typeBreach(value: unknown, type: unknown, _: Schema, { at }: Place): Breach | null {
  const wanted = (Array.isArray(type) ? type : [type]).map((name) => TYPES[String(name)]);
  if (wanted.some((one) => one?.[1](value) === true)) return null;
  return isNot(at, value, wanted.map((one) => one?.[0] ?? 'of no known type').join(' or '));
}

function enumBreach(value: unknown, allowed: unknown, _: Schema, { at }: Place): Breach | null {
  const values = listOf(allowed);
  if (values.includes(value)) return null;
  const shown = values.slice(0, MAX_LISTED).map(quoted).join(', ');
  return isNot(at, value, `one of ${shown}${values.length > MAX_LISTED ? ', ...' : ''}`);
}

function patternBreach(
  value: unknown,
  pattern: unknown,
  schema: Schema,
  { at }: Place,
): Breach | null {
  if (typeof value !== 'string' || new RegExp(String(pattern), 'u').test(value)) return null;
  const { description } = schema;
  const wanted =
    typeof description === 'string' ? description.replace(/\.$/, '') : `like ${pattern}`;
  return { at, says: `is ${quoted(value)}, which is not of its form: ${wanted}` };
}

function limit(
  value: unknown,
  at: string,
  holds: (n: number) => boolean,
  says: string,
): Breach | null {
  return typeof value !== 'number' || holds(value) ? null : isNot(at, value, says);
}

function lengthBreach(value: unknown, at: string, least: number, most: number): Breach | null {
  if (!Array.isArray(value) || (value.length >= least && value.length <= most)) return null;
  const wanted = value.length < least ? `${least} or more` : `${most} or fewer`;
  return { at, says: `has ${value.length} elements, and must have ${wanted}` };
}

function requiredBreach(value: unknown, names: unknown, _: Schema, { at }: Place): Breach | null {
  if (!isObject(value)) return null;
  const missing = listOf(names).find((name) => !Object.hasOwn(value, String(name)));
  return missing === undefined ? null : { at: dotted(at, String(missing)), says: 'is missing' };
}

function dotted(at: string, name: string): string {
  if (!/^\w+$/.test(name)) return `${at}[${quoted(name)}]`;
  return at === '' ? name : `${at}.${name}`;
}

function propertiesBreach(
  value: unknown,
  schemas: unknown,
  _: Schema,
  place: Place,
): Breach | null {
  if (!isObject(value) || !isObject(schemas)) return null;
  return firstOf(Object.entries(schemas), ([name, schema]) =>
    Object.hasOwn(value, name)
      ? breachOf(value[name], asSchema(schema), { ...place, at: dotted(place.at, name) })
      : null,
  );
}

function propertyNamesBreach(
  value: unknown,
  schema: unknown,
  _: Schema,
  place: Place,
): Breach | null {
  if (!isObject(value)) return null;
  return firstOf(Object.keys(value), (name) =>
    breachOf(name, asSchema(schema), { ...place, at: dotted(place.at, name) }),
  );
}

/** true and false as well as a schema; only where the schema itself says so are others refused. */
function additionalBreach(
  value: unknown,
  rest: unknown,
  schema: Schema,
  place: Place,
): Breach | null {
  if (!isObject(value) || rest === true) return null;
  const named = isObject(schema['properties']) ? schema['properties'] : {};
  const others = Object.keys(value).filter((name) => !Object.hasOwn(named, name));
  return firstOf(others, (name) => {
    const at = dotted(place.at, name);
    if (rest === false) return { at, says: 'is not expected here' };
    return breachOf(value[name], asSchema(rest), { ...place, at });
  });
}

function prefixBreach(value: unknown, schemas: unknown, _: Schema, place: Place): Breach | null {
  if (!Array.isArray(value)) return null;
  return firstOf(
    listOf(schemas)
      .slice(0, value.length)
      .map((schema, index) => ({ schema, index })),
    (one) =>
      breachOf(value[one.index], asSchema(one.schema), {
        ...place,
        at: `${place.at}[${one.index}]`,
      }),
  );
}

function itemsBreach(value: unknown, items: unknown, schema: Schema, place: Place): Breach | null {
  if (!Array.isArray(value)) return null;
  const from = listOf(schema['prefixItems']).length;
  if (typeof items === 'boolean') {
    return items || value.length <= from ? null : lengthBreach(value, place.at, 0, from);
  }
  for (let index = from; index < value.length; index++) {
    const at = `${place.at}[${index}]`;
    const breach = breachOf(value[index], asSchema(items), { ...place, at });
    if (breach !== null) return breach;
  }
  return null;
}

/** Of several ways to be right, the one that went wrong deepest is the one that was meant. */
function choiceBreach(value: unknown, choices: unknown, _: Schema, place: Place): Breach | null {
  let deepest: Breach | null = null;
  for (const choice of listOf(choices)) {
    const breach = breachOf(value, asSchema(choice), place);
    if (breach === null) return null;
    if (deepest === null || depth(breach) > depth(deepest)) deepest = breach;
  }
  return deepest;
}

function depth({ at }: Breach): number {
  return at.split(/[.[]/).length;
}

function conditionBreach(
  value: unknown,
  condition: unknown,
  schema: Schema,
  place: Place,
): Breach | null {
  const holds = breachOf(value, asSchema(condition), place) === null;
  const then = holds ? schema['then'] : schema['else'];
  return then === undefined ? null : breachOf(value, asSchema(then), place);
}
