/*
 * A strict reader of the HTML that we write: a small part of the language, and whatever is outside
 * of it is an error. So a text that broke out of its place would be found.
 */

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly depth: number;
  /** names of the elements around it, outermost first */
  readonly inside: readonly string[];
  /** text of it and of what is in it, references resolved */
  text: string;
}

const VOID = new Set(['meta']);
/** Of SVG: they can be closed at once. */
const EMPTY = new Set(['line', 'rect', 'circle', 'path']);

const ELEMENTS = new Set([
  ...['html', 'head', 'meta', 'title', 'style', 'body', 'div', 'header', 'nav', 'main', 'footer'],
  ...['article', 'section', 'h1', 'h2', 'h3', 'h4', 'p', 'a', 'span', 'strong', 'code', 'pre'],
  ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'caption', 'thead', 'tbody', 'tr', 'th', 'td'],
  ...['details', 'summary', 'figure', 'figcaption'],
  ...['svg', 'desc', 'text', 'line', 'rect', 'circle', 'path'],
]);

const ATTRIBUTES = new Set([
  ...['lang', 'charset', 'http-equiv', 'content', 'name', 'class', 'id', 'href', 'rel', 'role'],
  ...['tabindex', 'scope', 'aria-label', 'aria-labelledby', 'aria-describedby'],
  ...['x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'rx', 'd', 'dx', 'width', 'height'],
]);

const TAG = /<(\/?)([a-z0-9]+)((?:\s+[a-z0-9-]+="[^"<>]*")*)\s*(\/?)>/y;
const ATTRIBUTE = /\s+([a-z0-9-]+)="([^"<>]*)"/g;
const REFERENCE = /&(amp|lt|gt|quot|#39|#96);/g;
const SIGNS: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#96': '`',
};

/** @throws Error that says what is wrong, and where */
export function readHtml(source: string): readonly Element[] {
  const begin = '<!doctype html>\n';
  if (!source.startsWith(begin)) throw new Error('no doctype');
  const elements: Element[] = [];
  const open: Element[] = [];
  let at = begin.length;
  while (at < source.length) {
    const next = source.indexOf('<', at);
    const text = resolved(source.slice(at, next === -1 ? source.length : next));
    for (const element of open) element.text += text;
    if (next === -1) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(source);
    if (tag === null) throw new Error(`no tag of ours: ${source.slice(next, next + 80)}`);
    const [whole, closing = '', name = '', list = '', selfClosing = ''] = tag;
    at = next + whole.length;
    if (!ELEMENTS.has(name)) throw new Error(`no element of ours: ${name}`);
    if (closing === '/') {
      const last = open.pop();
      if (last?.name !== name) throw new Error(`</${name}> closes ${last?.name}: ${whole}`);
      continue;
    }
    const element = {
      name,
      attributes: attributesOf(list),
      depth: open.length,
      inside: open.map((one) => one.name),
      text: '',
    };
    elements.push(element);
    if (selfClosing === '/') {
      if (!EMPTY.has(name)) throw new Error(`<${name}/> cannot be closed at once`);
      continue;
    }
    if (VOID.has(name)) continue;
    if (name === 'style') {
      const end = source.indexOf('</style>', at);
      element.text = source.slice(at, end);
      at = end + '</style>'.length;
      continue;
    }
    open.push(element);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.map(({ name }) => name).join(' ')}`);
  return elements;
}

function attributesOf(list: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', value = ''] of list.matchAll(ATTRIBUTE)) {
    if (!ATTRIBUTES.has(name)) throw new Error(`no attribute of ours: ${name}`);
    if (attributes.has(name)) throw new Error(`twice: ${name}`);
    attributes.set(name, resolved(value));
  }
  return attributes;
}

function resolved(text: string): string {
  const rest = text.replace(REFERENCE, '');
  if (/[&>]/.test(rest)) throw new Error(`a sign that was not escaped: ${text.slice(0, 80)}`);
  return text.replace(REFERENCE, (_, name: string) => SIGNS[name] ?? '');
}

/** What makes a page hard to use, or lets it reach out; empty: nothing. */
export function htmlProblems(source: string): readonly string[] {
  const elements = readHtml(source);
  const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? []);
  const known = new Set(ids);
  return [
    ...(known.size === ids.length ? [] : ['an id stands twice']),
    ...elements.flatMap((element) => elementProblems(element, elements, known)),
    ...headingProblems(elements),
  ];
}

function elementProblems(
  { name, attributes, inside }: Element,
  elements: readonly Element[],
  ids: ReadonlySet<string>,
): readonly string[] {
  const problems: string[] = [];
  const references = ['aria-labelledby', 'aria-describedby'].flatMap((attribute) =>
    (attributes.get(attribute) ?? '').split(' ').filter(Boolean),
  );
  for (const id of references) if (!ids.has(id)) problems.push(`no id ${id}`);
  const href = attributes.get('href');
  if (
    href !== undefined &&
    !(href.startsWith('#') ? ids.has(href.slice(1)) : /^https:\/\//.test(href))
  ) {
    problems.push(`a link to ${href}`);
  }
  if (href !== undefined && name !== 'a') problems.push(`${name} with href`);
  if (name === 'svg' && attributes.has('role')) {
    const words = references.map((id) => elements.find((one) => one.attributes.get('id') === id));
    if (words.length !== 2 || words.some((one) => one === undefined || one.text === '')) {
      problems.push('a picture without words');
    }
  }
  if (name === 'svg' && !attributes.has('role') && !inside.includes('svg')) {
    problems.push('a picture without a role');
  }
  if (name === 'th' && !attributes.has('scope')) problems.push('th without scope');
  if (name === 'table' && !inside.includes('div')) problems.push('a table that cannot scroll');
  if (name === 'style' && !inside.includes('head')) problems.push('style in the body');
  return problems;
}

function headingProblems(elements: readonly Element[]): readonly string[] {
  let before = 0;
  return elements.flatMap(({ name, text }) => {
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level === undefined) return [];
    const problem = Number(level) > before + 1 ? [`h${level} after h${before}: ${text}`] : [];
    before = Number(level);
    return problem;
  });
}
