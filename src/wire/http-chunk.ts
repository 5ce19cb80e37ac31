import { DecodeError } from './decode-error.js';
import { concat } from './writer.js';

/** The most digits of a size, and the most bytes of a line with its extensions. */
const MAX_SIZE_DIGITS = 7;
const MAX_LINE_BYTES = 256;
const LF = 0x0a;

/** One chunk of a chunked body, RFC 9112 section 7.1: its data are `start` to `end` of the bytes. */
export type Chunk =
  | {
      readonly kind: 'chunk';
      readonly start: number;
      readonly end: number;
      readonly length: number;
    }
  /** the last one: what follows are trailers and an empty line */
  | { readonly kind: 'last'; readonly length: number }
  | { readonly kind: 'need-more' };

/**
 * The chunk that starts here; `length` is what it takes of the bytes, its line ends included.
 *
 * @throws DecodeError for what cannot be a chunk
 */
export function frameHttpChunk(bytes: Uint8Array): Chunk {
  const lineEnd = bytes.subarray(0, MAX_LINE_BYTES).indexOf(LF);
  if (lineEnd < 0) {
    if (bytes.length >= MAX_LINE_BYTES) throw new DecodeError('chunk-size', 0, 'has no end');
    return { kind: 'need-more' };
  }
  const line = Buffer.from(bytes.subarray(0, lineEnd)).toString('latin1');
  const size = /^([0-9a-f]{1,16})[ \t]*(?:;[^\r]*)?\r?$/i.exec(line)?.[1];
  if (size === undefined) throw new DecodeError('chunk-size', 0, 'is no hexadecimal number');
  if (size.replace(/^0+/, '').length > MAX_SIZE_DIGITS) {
    throw new DecodeError('chunk-size', 0, `is 0x${size}, more than is read`);
  }
  const count = Number.parseInt(size, 16);
  const start = lineEnd + 1;
  if (count === 0) return { kind: 'last', length: start };
  const end = start + count;
  if (bytes.length < end + 2) return { kind: 'need-more' };
  if (bytes[end] !== 0x0d || bytes[end + 1] !== LF) {
    throw new DecodeError('chunk-data', end, 'is longer than its size says');
  }
  return { kind: 'chunk', start, end, length: end + 2 };
}

/** @throws RangeError for no data: that would be the last chunk */
export function encodeHttpChunk(data: Uint8Array): Uint8Array {
  if (data.length === 0) throw new RangeError('a chunk needs data');
  return concat(ascii(`${data.length.toString(16)}\r\n`), data, ascii('\r\n'));
}

function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
