import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ProbeError } from '../probe-error.js';

/** Bytes of one read: large enough that the system call costs nothing beside the decoding. */
const CHUNK_BYTES = 1 << 20;

/** RFC 1952 section 2.3.1: ID1 and ID2. */
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** How far the reading has come, in bytes of the file as it lies on the disk. */
export interface Progress {
  readonly bytesRead: number;
  /** null: standard input, which has no size */
  readonly bytesTotal: number | null;
}

/** A capture's bytes in order. A chunk is only valid until the next one is asked for. */
export interface CaptureSource {
  /** as the user named it */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly progress: () => Progress;
}

/**
 * Opens a file, or standard input for `-`; decompresses it where it starts with gzip's magic.
 *
 * Whatever a gzip file expands to is handed on in chunks of bounded size and never collected, so
 * that a file which claims terabytes costs time and no memory.
 *
 * @throws ProbeError CANNOT_READ, here or while the chunks are read
 */
export async function openCapture(path: string): Promise<CaptureSource> {
  const state = { bytesRead: 0, bytesTotal: null as number | null };
  const name = path === '-' ? 'standard input' : path;
  const raw = path === '-' ? readStandardInput() : await readFile(path, state);
  return {
    name,
    chunks: translated(unzipped(counted(raw, state)), name),
    progress: () => ({ ...state }),
  };
}

/** A capture that is already in memory. */
export function captureFromBytes(bytes: Uint8Array, name = 'memory'): CaptureSource {
  const state = { bytesRead: 0, bytesTotal: bytes.length };
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  return {
    name,
    chunks: translated(unzipped(counted(whole(), state)), name),
    progress: () => ({ ...state }),
  };
}

async function readFile(
  path: string,
  state: { bytesTotal: number | null },
): Promise<AsyncIterable<Uint8Array>> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw cannotRead(path, error);
  }
  try {
    const status = await file.stat();
    if (status.isDirectory()) {
      throw new ProbeError('CANNOT_READ', `${path} is a folder, not a capture file`);
    }
    if (status.isFile()) state.bytesTotal = status.size;
  } catch (error) {
    await file.close();
    throw error;
  }
  return readBlocks(file);
}

/** Two buffers in turn: one is read into while the other is being decoded. */
async function* readBlocks(file: FileHandle): AsyncGenerator<Uint8Array> {
  let current = new Uint8Array(CHUNK_BYTES);
  let next = new Uint8Array(CHUNK_BYTES);
  let reading = file.read(current, 0, CHUNK_BYTES, null);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = file.read(next, 0, CHUNK_BYTES, null);
      // It may fail while nobody waits for it; whoever comes to wait is told.
      reading.catch(() => {});
      yield current.subarray(0, bytesRead);
      [current, next] = [next, current];
    }
  } finally {
    await reading.catch(() => {});
    await file.close();
  }
}

function readStandardInput(): AsyncIterable<Uint8Array> {
  return createReadStream('', { fd: 0, autoClose: false, highWaterMark: CHUNK_BYTES });
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  state: { bytesRead: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    state.bytesRead += chunk.length;
    yield chunk;
  }
}

async function* unzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = chunks[Symbol.asyncIterator]();
  try {
    // A pipe may deliver single bytes: the magic is read before anything is decided.
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < GZIP_MAGIC.length) {
      const { value, done } = await input.next();
      if (done === true) break;
      head = head.length === 0 ? value : Buffer.concat([head, value]);
    }
    const rest = { [Symbol.asyncIterator]: () => input };
    if (head.length > 0 && GZIP_MAGIC.every((byte, index) => head[index] === byte)) {
      yield* gunzip(head, rest);
    } else {
      if (head.length > 0) yield head;
      yield* rest;
    }
  } finally {
    await input.return?.();
  }
}

async function* gunzip(
  head: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  // zlib reads its input later than we hand it over, and the chunks are overwritten by then.
  async function* copies(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.from(head);
    for await (const chunk of rest) yield Uint8Array.from(chunk);
  }
  const input = Readable.from(copies(), { objectMode: false, highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

/** Gives errors of the system and of zlib our own form. */
async function* translated(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw error instanceof ProbeError ? error : cannotRead(name, error);
  }
}

/** zlib's code for input that ends too early. */
export function isCutShort(error: unknown): boolean {
  return (
    error instanceof ProbeError &&
    error.cause instanceof Error &&
    Reflect.get(error.cause, 'code') === 'Z_BUF_ERROR'
  );
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EMFILE: 'too many files are open',
  Z_BUF_ERROR: 'its gzip data ends too early',
  Z_DATA_ERROR: 'its gzip data is damaged',
};

function cannotRead(name: string, error: unknown): ProbeError {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const known = typeof code === 'string' ? SYSTEM_ERRORS[code] : undefined;
  const says = known ?? (error instanceof Error ? error.message : String(error));
  return new ProbeError('CANNOT_READ', `${name} cannot be read: ${says}`, { cause: error });
}
