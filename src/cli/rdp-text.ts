import type { RdpFileReport } from '../handshake/rdp-file.js';

/** A line `name:type:value` of an `.rdp` file. */
export interface RdpProperty {
  /** in small letters: clients do not mind the case */
  readonly name: string;
  readonly type: 's' | 'i' | 'b';
  readonly value: string;
}

export interface RdpText {
  readonly encoding: RdpFileReport['encoding'];
  /** by name, in the order of the file; of several lines with one name the last counts, as in FreeRDP */
  readonly properties: ReadonlyMap<string, RdpProperty>;
  readonly problems: readonly string[];
}

/** Names are short phrases; whatever is longer is none. */
const MAX_NAME_LENGTH = 100;

/** Reads the text of an `.rdp` file, whatever its bytes are. */
export function readRdpText(bytes: Uint8Array): RdpText {
  const { encoding, start } = encodingOf(bytes);
  const read = readLines(decode(bytes.subarray(start), encoding));
  if (read.properties.size > 0 || start === 0)
    return { encoding: asRead(encoding, bytes), ...read };
  // Programs that add settings to a file sometimes forget that its mark says UTF-16.
  const other = readLines(decode(bytes.subarray(start), 'utf-8'));
  if (other.properties.size === 0) return { encoding, ...read };
  return {
    encoding: 'utf-8',
    properties: other.properties,
    problems: ['its byte order mark says UTF-16, and its text is not', ...other.problems],
  };
}

type Encoding = RdpFileReport['encoding'];

/** By the byte order mark; without one by the zero bytes that UTF-16 has in every line of these. */
function encodingOf(bytes: Uint8Array): { readonly encoding: Encoding; readonly start: number } {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', start: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', start: 2 };
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', start: 3 };
  if (first !== 0 && second === 0) return { encoding: 'utf-16le', start: 0 };
  if (first === 0 && second !== 0) return { encoding: 'utf-16be', start: 0 };
  return { encoding: 'utf-8', start: 0 };
}

function decode(bytes: Uint8Array, encoding: Encoding): string {
  switch (encoding) {
    case 'utf-16le':
    case 'utf-16be':
      return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
    case 'utf-8':
      return isUtf8(bytes)
        ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        : Buffer.from(bytes).toString('latin1');
    case 'latin-1':
      return Buffer.from(bytes).toString('latin1');
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Files of old tools are in the code page of their Windows, of which Latin-1 is the likeliest. */
function asRead(encoding: Encoding, bytes: Uint8Array): Encoding {
  return encoding === 'utf-8' && !isUtf8(bytes) ? 'latin-1' : encoding;
}

const LINE = /^([^:]+):([a-z]):(.*)$/is;

function readLines(text: string): Omit<RdpText, 'encoding'> {
  const properties = new Map<string, RdpProperty>();
  const repeated = new Set<string>();
  let others = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() === '') continue;
    const property = readLine(line);
    if (property === null) {
      others++;
      continue;
    }
    if (properties.has(property.name)) repeated.add(property.name);
    properties.set(property.name, property);
  }
  return {
    properties,
    problems: [
      ...[...repeated].map((name) => `'${name}' is there more than once: the last one counts`),
      ...(others === 0
        ? []
        : [`${others} ${others === 1 ? 'line is' : 'lines are'} no 'name:type:value'`]),
    ],
  };
}

function readLine(line: string): RdpProperty | null {
  const [, rawName = '', rawType = '', value = ''] = LINE.exec(line) ?? [];
  const name = rawName.trim().toLowerCase();
  const type = rawType.toLowerCase();
  if (name === '' || name.length > MAX_NAME_LENGTH) return null;
  if (type !== 's' && type !== 'i' && type !== 'b') return null;
  return { name, type, value };
}
