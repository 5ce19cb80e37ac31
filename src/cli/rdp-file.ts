import { open } from 'node:fs/promises';
import { ProbeError } from '../probe-error.js';

/** No `.rdp` file is longer; a target that is one by name only is not read whole. */
const MAX_FILE_BYTES = 64 * 1024;

/** Whether a target names a file rather than a host: no top-level domain is called so. */
export function isRdpFile(text: string): boolean {
  return /\.rdp$/i.test(text) && !text.includes('://');
}

/**
 * Why an `.rdp` file cannot be a target yet, and what to give instead.
 *
 * @returns the error to throw, always
 */
export async function refuseRdpFile(path: string): Promise<ProbeError> {
  const read = await readStart(path);
  if (read.kind === 'failed') {
    return new ProbeError('BAD_TARGET', `'${path}' cannot be read: ${read.why}`, {
      cause: read.cause,
    });
  }
  const address = fullAddress(read.text);
  if (address === null) {
    return new ProbeError('BAD_TARGET', `'${path}' is no .rdp file: it has no 'full address' line`);
  }
  const shown = address === '' ? 'srv01.example' : address;
  return new ProbeError(
    'BAD_TARGET',
    `.rdp files are not supported as targets yet: give the host of its 'full address' line: ${shown}`,
  );
}

/** The value of `full address:s:HOST[:PORT]`; null where there is no such line. */
function fullAddress(text: string): string | null {
  return /^full address:s:(.*)$/im.exec(text)?.[1]?.trim() ?? null;
}

type Read =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string; readonly cause: unknown };

async function readStart(path: string): Promise<Read> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(MAX_FILE_BYTES),
        0,
        MAX_FILE_BYTES,
      );
      return { kind: 'read', text: decodeText(buffer.subarray(0, bytesRead)) };
    } finally {
      await file.close();
    }
  } catch (cause) {
    return { kind: 'failed', why: reasonOf(cause), cause };
  }
}

/** mstsc saves UTF-16 with a byte order mark; others write UTF-8. */
function decodeText(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe
    ? bytes.subarray(2).toString('utf16le')
    : bytes.toString('utf8');
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
