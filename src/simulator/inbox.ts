import type { Duplex } from 'node:stream';
import { concat } from '../wire/writer.js';

/** More than any message of a client before it is logged on: what comes beyond it waits. */
const MOST_BYTES = 1 << 20;

/** What a look at the bytes at hand says: so many belong to the message, it is not whole, or it is none. */
export type Look = number | 'need-more' | 'other';

/** The bytes that a client sent on one stream and that no step has taken yet. */
export class Inbox {
  readonly #stream: Duplex;
  readonly #left = new AbortController();
  #bytes: Uint8Array = new Uint8Array(0);
  #discards = false;
  #wake: (() => void) | null = null;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onEnd);
    stream.on('close', this.#onEnd);
    if (stream.destroyed || stream.readableEnded) this.#left.abort();
  }

  /** Aborted when nothing more can come. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#discards) return;
    this.#bytes = concat(this.#bytes, chunk);
    if (this.#bytes.length > MOST_BYTES) this.#stream.pause();
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#left.abort();
    this.#wake?.();
  };

  /**
   * Waits for a message and takes it.
   *
   * @param look finds the message at the start of the bytes
   * @param takes false: the message stays
   * @returns the message; `left`: it cannot come any more; `other`: something else came
   */
  async next(
    look: (bytes: Uint8Array) => Look,
    takes: boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array | 'left' | 'other'> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        const found = this.#bytes.length === 0 ? 'need-more' : look(this.#bytes);
        if (found === 'other') return found;
        if (typeof found === 'number' && found <= this.#bytes.length) {
          const message = this.#bytes.subarray(0, found);
          if (takes) this.#bytes = this.#bytes.slice(found);
          this.#stream.resume();
          return message;
        }
        if (this.#left.signal.aborted || signal.aborted) return 'left';
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Drops what is here and what comes. */
  discard(): void {
    this.#discards = true;
    this.#bytes = new Uint8Array(0);
    this.#stream.resume();
  }

  /** Stops reading and puts back what no step has taken, for the next reader of the stream. */
  handOver(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.pause();
    if (this.#bytes.length > 0) this.#stream.unshift(Buffer.from(this.#bytes));
    this.#bytes = new Uint8Array(0);
  }
}
