import type { Duplex } from 'node:stream';
import { concat } from '../wire/writer.js';

/** What ended a wait for more bytes. */
export type Waited =
  | 'data'
  /** the peer ended its direction */
  | 'end'
  | 'reset'
  /** the stream broke for another reason: see `failure` */
  | 'error'
  | 'timeout'
  | 'aborted'
  /** the peer sent more than is held, and nobody took it */
  | 'flood';

/** More than any head, packet or page that is read; the peer has to wait at twice of it. */
const MAX_HELD_BYTES = 262_144;

/**
 * Reads a stream for code that asks, as the opening of a proxy or a gateway does: what has come is
 * held until it is taken, and what was not taken can be given back.
 *
 * INVARIANT: memory is bounded; nothing here rejects, whatever the peer does.
 */
export class StreamReader {
  readonly #stream: Duplex;
  #held: Uint8Array = new Uint8Array();
  #ended: 'end' | 'reset' | 'error' | null = null;
  #failure: NodeJS.ErrnoException | null = null;
  #wake: () => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
    stream.on('close', this.#onEnd);
    stream.resume();
  }

  /** What has come and was not taken. */
  get held(): Uint8Array {
    return this.#held;
  }

  get ended(): 'end' | 'reset' | 'error' | null {
    return this.#ended;
  }

  get failure(): NodeJS.ErrnoException | null {
    return this.#failure;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#held = this.#held.length === 0 ? chunk : concat(this.#held, chunk);
    if (this.#held.length >= MAX_HELD_BYTES) this.#stream.pause();
    this.#wake();
  };

  readonly #onEnd = (): void => {
    this.#ended ??= 'end';
    this.#wake();
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#failure ??= error;
    this.#ended ??= error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'error';
    this.#wake();
  };

  /** Takes the first bytes of what is held. */
  take(count: number): Uint8Array {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    if (this.#held.length < MAX_HELD_BYTES) this.#stream.resume();
    return taken;
  }

  /** Waits until more is held than before, or for what keeps that from happening. */
  async more(limitMs: number, signal: AbortSignal): Promise<Waited> {
    const before = this.#held.length;
    if (before >= MAX_HELD_BYTES) return 'flood';
    const look = (): Waited | null => {
      if (signal.aborted) return 'aborted';
      if (this.#held.length > before) return 'data';
      return this.#ended;
    };
    const now = look();
    if (now !== null) return now;
    if (limitMs <= 0) return 'timeout';
    return await new Promise<Waited>((resolve) => {
      const done = (how: Waited): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', this.#wakeUp);
        this.#wake = () => {};
        resolve(how);
      };
      const timer = Number.isFinite(limitMs)
        ? setTimeout(() => done('timeout'), limitMs)
        : undefined;
      this.#wake = () => {
        const found = look();
        if (found !== null) done(found);
      };
      signal.addEventListener('abort', this.#wakeUp);
    });
  }

  readonly #wakeUp = (): void => this.#wake();

  /** Lets go of the stream; what is held goes back to it. */
  release(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('error', this.#onError);
    this.#stream.off('close', this.#onEnd);
    this.#stream.pause();
    if (this.#held.length > 0 && this.#ended === null)
      this.#stream.unshift(Buffer.from(this.#held));
    this.#held = new Uint8Array();
  }
}
