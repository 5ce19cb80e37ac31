import { Worker } from 'node:worker_threads';
import type { AnalysedFile, AnalyseOrder } from './analysed-file.js';
import type { FromWorker, ToWorker } from './capture-worker.js';
import type { ConnectionSink } from './connection-sink.js';

/**
 * Reads captures side by side, each in a thread of its own: the decoding takes a processor, the
 * reading hardly anything.
 *
 * @param onProgress bytes read of all files together
 */
export async function analyseInWorkers(
  files: readonly string[],
  order: AnalyseOrder,
  sink: ConnectionSink,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<readonly AnalysedFile[]> {
  const analysed: (AnalysedFile | null)[] = files.map(() => null);
  const progress = new Map<number, { done: number; total: number }>();
  const waiting = [...files.entries()];
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      if (signal.aborted) return;
      const [index, file] = entry;
      const found = await analyseInWorker({ file, order }, index, sink, signal, (done, total) => {
        progress.set(index, { done, total });
        const all = [...progress.values()];
        onProgress(sum(all.map((each) => each.done)), sum(all.map((each) => each.total)));
      });
      if (found !== null && found.failure !== null) sink.dropFile(index);
      analysed[index] = found;
    }
  };
  await Promise.all(Array.from({ length: Math.min(order.threads, files.length) }, next));
  return analysed.filter((each) => each !== null);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** @returns null when it was interrupted */
async function analyseInWorker(
  task: ToWorker,
  index: number,
  sink: ConnectionSink,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<AnalysedFile | null> {
  const worker = new Worker(new URL('./capture-worker.js', import.meta.url), { workerData: task });
  const onAbort = (): void => void worker.terminate();
  signal.addEventListener('abort', onAbort);
  try {
    return await new Promise<AnalysedFile | null>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        switch (message.kind) {
          case 'progress':
            onProgress(message.done, message.total);
            break;
          case 'traces':
            for (const trace of message.traces) sink.connection(index, trace);
            void sink.room().then(() => worker.postMessage('taken'));
            break;
          case 'result':
            resolve(message.result);
            break;
        }
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve(null));
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
