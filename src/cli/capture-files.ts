import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeySource } from '../capture/tls-key-source.js';
import { ProbeError } from '../probe-error.js';
import type { AnalysedFile, AnalyseOrder } from './analysed-file.js';
import type { ConnectionSink } from './connection-sink.js';
import type { CliIo } from './io.js';
import { startProgressBar } from './progress-bar.js';

/** Of a folder, what has the name of a capture. */
const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp)(\.\w+)?(\.gz)?$/i;

/**
 * Reads captures: one after another, or side by side where there are several large ones.
 *
 * @param sink takes their connections
 * @throws ProbeError CANNOT_READ when keys cannot be read, or when the only file cannot be
 */
export async function analyseFiles(
  order: AnalyseOrder,
  sink: ConnectionSink,
  io: CliIo,
): Promise<readonly AnalysedFile[]> {
  const files = await expand(order.paths);
  const { readKeys } = await import('./capture-keys.js');
  const keys = await readKeys(order);
  const inWorkers = order.threads > 1 && files.length > 1 && (await areLarge(files));
  if (!inWorkers) return await analyseInTurn(files, order, keys, sink, io);
  const { analyseInWorkers } = await import('./capture-workers.js');
  const bar = order.silent ? null : startProgressBar(io, `${files.length} files`);
  try {
    return await analyseInWorkers(files, order, sink, io.signal, (done, total) =>
      bar?.update(done, total),
    );
  } finally {
    bar?.stop();
  }
}

async function analyseInTurn(
  files: readonly string[],
  order: AnalyseOrder,
  keys: KeySource,
  sink: ConnectionSink,
  io: CliIo,
): Promise<readonly AnalysedFile[]> {
  const { analyseCapture } = await import('../capture/analyse.js');
  const analysed: AnalysedFile[] = [];
  for (const [index, file] of files.entries()) {
    const bar = order.silent ? null : startProgressBar(io, nameOf(file, index, files.length));
    try {
      const analysis = await analyseCapture(file, {
        ...(order.ports === null ? {} : { ports: order.ports }),
        all: order.all,
        keys,
        onTrace: (trace) => sink.connection(index, trace),
        onProgress: ({ bytesRead, bytesTotal }) => {
          bar?.update(bytesRead, bytesTotal);
          if (io.signal.aborted) throw new Interrupted();
          return sink.room();
        },
      });
      analysed.push({ file, analysis, failure: null });
    } catch (error) {
      if (error instanceof Interrupted) break;
      if (!(error instanceof ProbeError)) throw error;
      if (sink.dropFile(index) && files.length === 1) throw error;
      analysed.push({ file, analysis: null, failure: error.message });
    } finally {
      bar?.stop();
    }
  }
  return analysed;
}

/** To start a worker costs as much as to read this. */
const WORTH_A_WORKER_BYTES = 8 << 20;

async function areLarge(files: readonly string[]): Promise<boolean> {
  if (files.includes('-')) return false;
  let bytes = 0;
  for (const file of files) bytes += await sizeOf(file);
  return bytes >= 2 * WORTH_A_WORKER_BYTES;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    // Whoever opens it says why it cannot be read.
    return 0;
  }
}

class Interrupted extends Error {}

function nameOf(file: string, index: number, count: number): string {
  return count === 1 ? file : `${index + 1} of ${count}: ${file}`;
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
