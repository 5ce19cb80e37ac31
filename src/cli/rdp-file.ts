import { open, stat } from 'node:fs/promises';
import { ProbeError } from '../probe-error.js';
import { type RdpFileReading, readRdpSettings } from './rdp-settings.js';
import { readRdpText } from './rdp-text.js';

/** Signed files with a chain of certificates have about 20 kB; no `.rdp` file has more than this. */
const MAX_FILE_BYTES = 256 * 1024;

/** Whether a target names a file rather than a host: no top-level domain is called so. */
export function isRdpFile(text: string): boolean {
  return /\.rdp$/i.test(text) && !text.includes('://');
}

/**
 * Reads an `.rdp` file that was given as a target.
 *
 * @throws ProbeError BAD_TARGET with a sentence that says what is wrong with it
 */
export async function readRdpFile(
  path: string,
  follows: { readonly followsDirectTls: boolean },
): Promise<RdpFileReading> {
  return readRdpSettings(path, readRdpText(await readBytes(path)), follows);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    // To open a pipe would wait for somebody who writes into it.
    const kind = await stat(path);
    if (!kind.isFile() && !kind.isDirectory()) throw unreadable(path, 'it is no ordinary file');
    const file = await open(path, 'r');
    try {
      const room = Buffer.alloc(MAX_FILE_BYTES + 1);
      const { bytesRead } = await file.read(room, 0, room.length, 0);
      if (bytesRead > MAX_FILE_BYTES) {
        throw new ProbeError(
          'BAD_TARGET',
          `'${path}' is no .rdp file: it has more than ${MAX_FILE_BYTES / 1024} KiB`,
        );
      }
      return room.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    throw unreadable(path, reasonOf(error), error);
  }
}

function unreadable(path: string, why: string, cause?: unknown): ProbeError {
  return new ProbeError('BAD_TARGET', `'${path}' cannot be read: ${why}`, { cause });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file (to check a host, give its name: srv01.example)';
    case 'EACCES':
    case 'EPERM':
      return 'the system does not allow it';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
