import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptureAnalysis } from '../capture/analyse.js';
import type { KeySource } from '../capture/tls-key-source.js';
import { ProbeError } from '../probe-error.js';
import type { CliIo } from './io.js';
import { startProgressBar } from './progress-bar.js';

export interface AnalyseOrder {
  /** files, folders, or `-` */
  readonly paths: readonly string[];
  /** where RDP is expected; null: 3389 */
  readonly ports: readonly number[] | null;
  /** files in the SSLKEYLOGFILE form */
  readonly keyLogs: readonly string[];
  /** files with RSA private keys */
  readonly privateKeys: readonly string[];
  readonly all: boolean;
  /** no progress bar */
  readonly silent: boolean;
}

/** What one file gave, or why it gave nothing. */
export interface AnalysedFile {
  readonly file: string;
  readonly analysis: CaptureAnalysis | null;
  /** one sentence; null: the file was read */
  readonly failure: string | null;
}

/** A key log holds a line of 200 bytes for each connection; this is a million of them. */
const MAX_KEY_FILE_BYTES = 256 << 20;

/** Of a folder, what has the name of a capture. */
const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp)(\.\w+)?(\.gz)?$/i;

/**
 * Reads captures one after another.
 *
 * @throws ProbeError CANNOT_READ when keys cannot be read, or when the only file cannot be
 */
export async function analyseFiles(
  order: AnalyseOrder,
  io: CliIo,
): Promise<readonly AnalysedFile[]> {
  const { analyseCapture } = await import('../capture/analyse.js');
  const keys = await readKeys(order);
  const files = await expand(order.paths);
  const analysed: AnalysedFile[] = [];
  for (const [index, file] of files.entries()) {
    const bar = order.silent ? null : startProgressBar(io, nameOf(file, index, files.length));
    try {
      const analysis = await analyseCapture(file, {
        ...(order.ports === null ? {} : { ports: order.ports }),
        all: order.all,
        keys,
        onProgress: ({ bytesRead, bytesTotal }) => {
          bar?.update(bytesRead, bytesTotal);
          if (io.signal.aborted) throw new Interrupted();
        },
      });
      analysed.push({ file, analysis, failure: null });
    } catch (error) {
      if (error instanceof Interrupted) break;
      if (!(error instanceof ProbeError) || files.length === 1) throw error;
      analysed.push({ file, analysis: null, failure: error.message });
    } finally {
      bar?.stop();
    }
  }
  return analysed;
}

class Interrupted extends Error {}

function nameOf(file: string, index: number, count: number): string {
  return count === 1 ? file : `${index + 1} of ${count}: ${file}`;
}

async function readKeys({ keyLogs, privateKeys }: AnalyseOrder): Promise<KeySource> {
  const [{ KeyLog }, { readRsaPrivateKey }] = await Promise.all([
    import('../capture/tls-keylog.js'),
    import('../capture/tls-private-key.js'),
  ]);
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

/** Folders become the captures in them, in order of their names. */
async function expand(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (path === '-' || !(await isFolder(path))) {
      files.push(path);
      continue;
    }
    const names = (await readdir(path)).filter((name) => CAPTURE_NAME.test(name)).sort();
    if (names.length === 0) {
      throw new ProbeError('CANNOT_READ', `no capture is in the folder ${path}: nothing to read`);
    }
    files.push(...names.map((name) => join(path, name)));
  }
  if (files.filter((file) => file === '-').length > 1) {
    throw new ProbeError('BAD_OPTION', 'standard input (-) can be read only once');
  }
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Whoever opens it says why it cannot be read.
    return false;
  }
}

/** What the system says, in words. */
export function reasonOf(error: unknown): string {
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
