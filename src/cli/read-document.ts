import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ProbeError } from '../probe-error.js';

/** A report of some ten thousand connections; more than this JSON.parse does not take. */
const MAX_BYTES = 256 * 1024 * 1024;

const STDIN = 0;

/**
 * The text of a JSON document.
 *
 * @param path a file, or `-` for standard input
 * @throws ProbeError CANNOT_READ
 */
export async function readDocument(path: string, signal: AbortSignal): Promise<string> {
  try {
    if (path !== '-' && (await stat(path)).isDirectory())
      throw unreadable(path, 'it is a directory');
    const stream =
      path === '-'
        ? createReadStream('', { fd: STDIN, autoClose: false, signal })
        : createReadStream(path, { signal });
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of stream as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > MAX_BYTES) {
        throw unreadable(path, `it has more than ${MAX_BYTES / 1024 / 1024} MiB`);
      }
      pieces.push(piece);
    }
    return decode(Buffer.concat(pieces));
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    throw unreadable(path, reasonOf(error), error);
  }
}

/** Windows PowerShell 5.1 writes what it is told to write into a file as UTF-16 with a mark. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  // JSON begins with a sign of ASCII: without a mark too, a zero beside it tells UTF-16.
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) {
    return new TextDecoder('utf-16le').decode(bytes);
  }
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) {
    return new TextDecoder('utf-16be').decode(bytes);
  }
  // Takes the mark of UTF-8 away where there is one.
  return new TextDecoder('utf-8').decode(bytes);
}

/** How a document is called in a sentence. */
export function documentName(path: string): string {
  return path === '-' ? 'standard input' : `'${path}'`;
}

function unreadable(path: string, why: string, cause?: unknown): ProbeError {
  return new ProbeError('CANNOT_READ', `${documentName(path)} cannot be read: ${why}`, { cause });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'the system does not allow it';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
