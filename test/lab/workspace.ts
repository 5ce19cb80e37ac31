import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Daemon } from './daemon.js';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** How long a server may take to leave on SIGTERM when the test process itself is going. */
const FAREWELL_MS = 300;

/**
 * One fresh directory, and a list of everything that must be undone: processes, namespaces, files.
 * INVARIANT: whatever is started through a workspace is gone after `close()`, and also when the
 * test process ends in any way that still runs code (failure, exception, SIGINT, SIGTERM).
 */
export class Workspace {
  readonly directory: string;
  readonly #daemons: Daemon[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #onExit = (): void => this.#abandon();
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    process.exit(128 + (SIGNALS[signal as keyof typeof SIGNALS] ?? 0));
  };

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'rdp-probe-lab-'));
    process.once('exit', this.#onExit);
    for (const signal of Object.keys(SIGNALS)) process.on(signal, this.#onSignal);
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Runs `undo` at the end, in reverse order, after every process has been stopped. */
  onClose(undo: () => void): void {
    this.#undo.push(undo);
  }

  adopt(daemon: Daemon): void {
    this.#daemons.push(daemon);
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons.splice(0).reverse()) await daemon.stop();
    this.#cleanUp();
    process.off('exit', this.#onExit);
    for (const signal of Object.keys(SIGNALS)) process.off(signal, this.#onSignal);
  }

  /** The synchronous `close`, for a process that is ending: nothing can be awaited any more. */
  #abandon(): void {
    const running = this.#daemons.splice(0).filter((daemon) => !daemon.exited);
    for (const daemon of running) daemon.signal('SIGTERM');
    if (running.length > 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FAREWELL_MS);
    }
    for (const daemon of running) daemon.signal('SIGKILL');
    this.#cleanUp();
  }

  #cleanUp(): void {
    const failures: unknown[] = [];
    for (const undo of this.#undo.splice(0).reverse()) {
      try {
        undo();
      } catch (error) {
        failures.push(error);
      }
    }
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
    if (failures.length > 0) throw new AggregateError(failures, 'the lab was not cleaned up');
  }
}
