import type { Frame } from './framing.js';
import { NEED_MORE } from './framing.js';
import { Reader } from './reader.js';

/**
 * The most bytes that the head of an HTTP message may have. IIS takes 16 KiB for its own; a Negotiate
 * token with a large Kerberos ticket is up to 48 000 bytes of text.
 */
export const MAX_HTTP_HEAD_BYTES = 65_536;

/** More fields than any server sends; a peer that sends more is not read any further. */
const MAX_FIELDS = 200;

/** One header field, RFC 9110 section 5; the name is in lower case. */
export interface HttpField {
  readonly name: string;
  readonly value: string;
}

/** The head of a response, RFC 9112 section 4. Text is Latin-1, as it came. */
export interface HttpResponseHead {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly HttpField[];
}

/** The head of a request, RFC 9112 section 3. */
export interface HttpRequestHead {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: readonly HttpField[];
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Length of the head that starts here, its empty line included.
 *
 * @throws DecodeError where no end can come any more
 */
export function frameHttpHead(bytes: Uint8Array): Frame {
  const end = headEnd(bytes.subarray(0, MAX_HTTP_HEAD_BYTES));
  if (end !== null) return { kind: 'frame', length: end };
  if (bytes.length >= MAX_HTTP_HEAD_BYTES) {
    throw new Reader(bytes).refuse('HTTP head', `has more than ${MAX_HTTP_HEAD_BYTES} bytes`);
  }
  return NEED_MORE;
}

/** RFC 9112 section 2.2: a recipient may take a single LF for the end of a line. */
function headEnd(bytes: Uint8Array): number | null {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return null;
}

/** Whether the bytes can still become the head of an HTTP response. */
export function looksLikeHttp(bytes: Uint8Array): boolean {
  const begin = 'HTTP/';
  return latin1(bytes.subarray(0, begin.length)) === begin.slice(0, bytes.length);
}

const STATUS_LINE = /^HTTP\/(\d\.\d) (\d{3})(?: (.*))?$/;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) (\S{1,8192}) HTTP\/(\d\.\d)$/;

/** @param bytes exactly one head, as frameHttpHead delimits it */
export function decodeHttpResponseHead(bytes: Uint8Array): HttpResponseHead {
  const { first, fields, reader } = readHead(bytes);
  const match = STATUS_LINE.exec(first);
  if (match === null) throw reader.refuse('HTTP status-line', 'is none');
  const [, version = '', status = '', reason = ''] = match;
  return { version, status: Number(status), reason, fields };
}

/** @param bytes exactly one head, as frameHttpHead delimits it */
export function decodeHttpRequestHead(bytes: Uint8Array): HttpRequestHead {
  const { first, fields, reader } = readHead(bytes);
  const match = REQUEST_LINE.exec(first);
  if (match === null) throw reader.refuse('HTTP request-line', 'is none');
  const [, method = '', target = '', version = ''] = match;
  return { method, target, version, fields };
}

interface Head {
  readonly first: string;
  readonly fields: readonly HttpField[];
  readonly reader: Reader;
}

function readHead(bytes: Uint8Array): Head {
  const reader = new Reader(bytes);
  const end = headEnd(bytes);
  if (end !== bytes.length) throw reader.refuse('HTTP head', 'does not end with an empty line');
  const [first = '', ...lines] = latin1(bytes).split(/\r?\n/).slice(0, -2);
  if (lines.length > MAX_FIELDS) throw reader.refuse('HTTP head', `has ${lines.length} lines`);
  const fields: HttpField[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    // RFC 9112 section 5.2: a line that begins with white space goes on with the one before.
    if (/^[ \t]/.test(line) && last !== undefined) {
      fields[fields.length - 1] = { name: last.name, value: `${last.value} ${line.trim()}` };
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) throw reader.refuse('HTTP field-line', 'has no name');
    const name = line.slice(0, colon).trim().toLowerCase();
    fields.push({ name, value: line.slice(colon + 1).trim() });
  }
  return { first, fields, reader };
}

/** Values of the fields of that name, in order; the name is given in lower case. */
export function httpFields(
  head: { readonly fields: readonly HttpField[] },
  name: string,
): readonly string[] {
  return head.fields.filter((field) => field.name === name).map(({ value }) => value);
}

/** Elements of a field that is a list, RFC 9110 section 5.6.1, in lower case. */
export function httpTokens(
  head: { readonly fields: readonly HttpField[] },
  name: string,
): readonly string[] {
  return httpFields(head, name)
    .flatMap((value) => value.split(','))
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

/** How the body of a response is delimited, RFC 9112 section 6.3, apart from the request's method. */
export type HttpBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

export function httpBodyOf(head: HttpResponseHead): HttpBody {
  if (head.status < 200 || head.status === 204 || head.status === 304) return { kind: 'none' };
  if (httpTokens(head, 'transfer-encoding').at(-1) === 'chunked') return { kind: 'chunked' };
  const [length] = httpFields(head, 'content-length');
  if (length === undefined) return { kind: 'until-close' };
  if (!/^\d{1,15}$/.test(length)) return { kind: 'until-close' };
  return Number(length) === 0 ? { kind: 'none' } : { kind: 'length', length: Number(length) };
}

/**
 * @param fields in the order in which they go out, with their names as written
 * @throws RangeError for text that would end a line: the caller's fault
 */
export function encodeHttpRequest(
  method: string,
  target: string,
  fields: readonly (readonly [name: string, value: string])[],
): Uint8Array {
  return encodeHead(`${method} ${target} HTTP/1.1`, fields);
}

export function encodeHttpResponse(
  status: number,
  reason: string,
  fields: readonly (readonly [name: string, value: string])[],
): Uint8Array {
  return encodeHead(`HTTP/1.1 ${status} ${reason}`, fields);
}

function encodeHead(
  first: string,
  fields: readonly (readonly [name: string, value: string])[],
): Uint8Array {
  const lines = [first, ...fields.map(([name, value]) => `${name}: ${value}`)];
  // RFC 9110 section 5.5: none of these may stand in a value.
  if (lines.some((line) => /[\r\n\0]/.test(line)))
    throw new RangeError('a line of HTTP has an end');
  return new Uint8Array(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
