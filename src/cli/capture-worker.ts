import { parentPort, workerData } from 'node:worker_threads';
import { analyseCapture } from '../capture/analyse.js';
import { ProbeError } from '../probe-error.js';
import type { AnalysedFile, AnalyseOrder } from './capture-files.js';
import { readKeys } from './capture-keys.js';

/** One file for one worker. */
export interface ToWorker {
  readonly file: string;
  readonly order: AnalyseOrder;
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'result'; readonly result: AnalysedFile };

async function analyse({ file, order }: ToWorker): Promise<AnalysedFile> {
  try {
    const analysis = await analyseCapture(file, {
      ...(order.ports === null ? {} : { ports: order.ports }),
      all: order.all,
      keys: await readKeys(order),
      onProgress: ({ bytesRead, bytesTotal }) => {
        tell({ kind: 'progress', done: bytesRead, total: bytesTotal ?? 0 });
      },
    });
    return { file, analysis, failure: null };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { file, analysis: null, failure: error.message };
  }
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

// The analysis is plain data: it is copied to the thread that asked.
if (parentPort !== null) tell({ kind: 'result', result: await analyse(workerData as ToWorker) });
