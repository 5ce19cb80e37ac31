import { parentPort, workerData } from 'node:worker_threads';
import { analyseCapture } from '../capture/analyse.js';
import type { HandshakeTrace } from '../handshake/trace.js';
import { ProbeError } from '../probe-error.js';
import type { AnalysedFile, AnalyseOrder } from './analysed-file.js';
import { readKeys } from './capture-keys.js';

/** One file for one worker. */
export interface ToWorker {
  readonly file: string;
  readonly order: AnalyseOrder;
}

/** Traces are plain data: they are copied to the thread that asked. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  /** answered with any message once there is room for more */
  | { readonly kind: 'traces'; readonly traces: readonly HandshakeTrace[] }
  | { readonly kind: 'result'; readonly result: AnalysedFile };

/** Lots of traces that may be under way: enough that neither side waits for the other. */
const MAX_UNDER_WAY = 4;

/** Hands traces to the other thread, no faster than that takes them. */
class TraceSender {
  #waiting: HandshakeTrace[] = [];
  #underWay = 0;
  #onTaken: () => void = () => {};

  constructor() {
    parentPort?.on('message', () => {
      this.#underWay--;
      this.#onTaken();
    });
  }

  add(trace: HandshakeTrace): void {
    this.#waiting.push(trace);
  }

  async send(): Promise<void> {
    if (this.#waiting.length === 0) return;
    tell({ kind: 'traces', traces: this.#waiting });
    this.#waiting = [];
    this.#underWay++;
    while (this.#underWay >= MAX_UNDER_WAY) {
      await new Promise<void>((resolve) => {
        this.#onTaken = resolve;
      });
    }
  }

  /** Nothing more will be sent: this thread may end. */
  close(): void {
    parentPort?.close();
  }
}

async function analyse({ file, order }: ToWorker, sender: TraceSender): Promise<AnalysedFile> {
  try {
    const analysis = await analyseCapture(file, {
      ...(order.ports === null ? {} : { ports: order.ports }),
      all: order.all,
      keys: await readKeys(order),
      onTrace: (trace) => sender.add(trace),
      onProgress: ({ bytesRead, bytesTotal }) => {
        tell({ kind: 'progress', done: bytesRead, total: bytesTotal ?? 0 });
        return sender.send();
      },
    });
    await sender.send();
    return { file, analysis, failure: null };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { file, analysis: null, failure: error.message };
  }
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

if (parentPort !== null) {
  const sender = new TraceSender();
  tell({ kind: 'result', result: await analyse(workerData as ToWorker, sender) });
  sender.close();
}
