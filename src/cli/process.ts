import { availableParallelism } from 'node:os';
import { EXIT_INTERRUPTED, EXIT_NOT_DONE } from './exit-status.js';
import type { CliIo, Output } from './io.js';
import { livePath, liveProbe, liveScan } from './live-probe.js';
import { main } from './main.js';
import { secretInput } from './secret-input.js';

/** Runs the program in this process and ends it. */
export async function runProcess(): Promise<never> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    // Who asks twice does not want to wait for a polite end.
    if (interruption.signal.aborted) process.exit(EXIT_INTERRUPTED);
    interruption.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);

  const stdout = new ProcessOutput(process.stdout);
  const stderr = new ProcessOutput(process.stderr);
  const io: CliIo = {
    stdout,
    stderr,
    secrets: secretInput(process.stdin, stderr),
    env: process.env,
    platform: process.platform,
    threads: availableParallelism(),
    signal: interruption.signal,
    now: () => Date.now(),
    probe: liveProbe(process.platform),
    measurePath: livePath(process.platform),
    scan: liveScan(process.platform),
  };
  const status = await main(process.argv.slice(2), io);
  await Promise.all([stdout.flush(), stderr.flush()]);
  if (stdout.failure !== null) {
    stderr.write(`rdp-probe: the report could not be written: ${stdout.failure.message}\n`);
    process.exit(EXIT_NOT_DONE);
  }
  // A name lookup cannot be called off; it must not keep the process.
  process.exit(status);
}

/** A stream of the process that does not mind a reader who has seen enough. */
class ProcessOutput implements Output {
  readonly #stream: NodeJS.WriteStream;
  #closed = false;
  /** null: everything was written, or nobody was left to read it */
  failure: NodeJS.ErrnoException | null = null;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      // `rdp-probe ... | head`: that is no fault.
      if (error.code !== 'EPIPE') this.failure ??= error;
    });
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number | null {
    return this.isTTY ? this.#stream.columns : null;
  }

  write(text: string): void {
    if (!this.#closed) this.#stream.write(text);
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) resolve();
      else this.#stream.write('', () => resolve());
    });
  }
}
