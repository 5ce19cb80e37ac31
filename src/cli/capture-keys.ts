import { readFile, stat } from 'node:fs/promises';
import type { KeySource } from '../capture/tls-key-source.js';
import { KeyLog } from '../capture/tls-keylog.js';
import { readRsaPrivateKey } from '../capture/tls-private-key.js';
import { ProbeError } from '../probe-error.js';

export interface KeyFiles {
  /** files in the SSLKEYLOGFILE form */
  readonly keyLogs: readonly string[];
  /** files with RSA private keys */
  readonly privateKeys: readonly string[];
}

/** A key log holds a line of 200 bytes for each connection; this is a million of them. */
const MAX_KEY_FILE_BYTES = 256 << 20;

/** @throws ProbeError CANNOT_READ for a file that holds no keys */
export async function readKeys({ keyLogs, privateKeys }: KeyFiles): Promise<KeySource> {
  const keyLog = new KeyLog();
  for (const file of keyLogs) {
    const before = keyLog.entries;
    keyLog.add((await readSmallFile(file, 'key log')).toString('latin1'));
    if (keyLog.entries === before) {
      throw new ProbeError(
        'CANNOT_READ',
        `no TLS key is in ${file}: its lines must be those of SSLKEYLOGFILE, such as CLIENT_RANDOM ...`,
      );
    }
  }
  const keys = [];
  for (const file of privateKeys) {
    const key = readRsaPrivateKey(await readSmallFile(file, 'private key'));
    if (key === null) {
      throw new ProbeError('CANNOT_READ', `${file} is no RSA private key in PEM or DER form`);
    }
    keys.push(key);
  }
  return { keyLog, privateKeys: keys };
}

async function readSmallFile(file: string, what: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size <= MAX_KEY_FILE_BYTES) return await readFile(file);
  } catch (error) {
    throw new ProbeError('CANNOT_READ', `the ${what} ${file} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  throw new ProbeError('CANNOT_READ', `the ${what} ${file} is too large to be one`);
}

/** What the system says, in words. */
function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return typeof code === 'string' ? code : 'unknown reason';
  }
}
