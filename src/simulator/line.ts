import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const NOTHING = new Uint8Array(0);

/** A connection as the simulator sees it: any stream, and a way to break it off. */
export interface Connection {
  readonly stream: Duplex;
  /** sends RST, or what stands for it */
  readonly reset: () => void;
}

/**
 * What goes out on a connection, paced and cut as the scenario says.
 *
 * INVARIANT: bytes go out in the order of the calls; nothing here rejects, whatever the peer does.
 */
export class Outlet {
  readonly #connection: Connection;
  readonly #gone: AbortSignal;
  readonly #left: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  #pieceBytes = Number.POSITIVE_INFINITY;
  #pauseMs = 0;
  #breakIn: { left: number; readonly how: 'close' | 'reset' | 'stall' } | null = null;
  #breakOnAnswer: { sent: boolean; readonly how: 'close' | 'reset' | 'stall' } | null = null;
  #broken = false;

  /**
   * @param gone aborted when nothing more can reach the peer
   * @param left aborted when the peer has ended its direction, or is gone: nobody waits for what
   *   would only come later
   */
  constructor(connection: Connection, gone: AbortSignal, left: AbortSignal) {
    this.#connection = connection;
    this.#gone = gone;
    this.#left = left;
  }

  split(every: number): void {
    this.#pieceBytes = Math.max(1, Math.floor(every));
  }

  trickle(everyMs: number): void {
    this.#pieceBytes = 1;
    this.#pauseMs = everyMs;
  }

  breakAfter(count: number, how: 'close' | 'reset' | 'stall'): void {
    this.#breakIn = { left: count, how };
  }

  breakOnAnswer(how: 'close' | 'reset' | 'stall'): void {
    this.#breakOnAnswer = { sent: false, how };
  }

  /** Bytes of the client have come. */
  heard(): void {
    if (this.#breakOnAnswer?.sent === true && !this.#broken) this.#break(this.#breakOnAnswer.how);
  }

  /** Resolves when the bytes were handed to the connection, or cannot be any more. */
  send(bytes: Uint8Array): Promise<void> {
    return this.#enqueue(() => this.#sendPieces(bytes));
  }

  /** Ends our direction, behind everything that was sent. */
  end(): Promise<void> {
    return this.#enqueue(async () => this.#end());
  }

  #enqueue(act: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(act);
    return this.#last;
  }

  async #sendPieces(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length && !this.#broken && !this.#gone.aborted) {
      const left = this.#breakIn?.left ?? Number.POSITIVE_INFINITY;
      const piece = bytes.subarray(at, at + Math.min(this.#pieceBytes, left));
      at += piece.length;
      if (piece.length > 0) await this.#write(piece);
      if (this.#breakOnAnswer !== null && piece.length > 0) this.#breakOnAnswer.sent = true;
      if (this.#breakIn !== null) {
        this.#breakIn.left -= piece.length;
        if (this.#breakIn.left <= 0) this.#break(this.#breakIn.how);
      }
      if (this.#pauseMs > 0 && !this.#broken) {
        await sleep(this.#pauseMs, undefined, { signal: this.#left }).catch(() => {});
        if (this.#left.aborted) return;
      }
    }
  }

  #break(how: 'close' | 'reset' | 'stall'): void {
    this.#broken = true;
    switch (how) {
      case 'close':
        this.#end();
        break;
      case 'reset':
        this.#connection.reset();
        break;
      case 'stall':
        break;
    }
  }

  #end(): void {
    const { stream } = this.#connection;
    if (!stream.destroyed && !stream.writableEnded) stream.end();
  }

  #write(piece: Uint8Array): Promise<void> {
    const { stream } = this.#connection;
    return new Promise((resolve) => {
      if (stream.destroyed || stream.writableEnded) resolve();
      // An error of the write is told by the connection's own `error` and `close`.
      else stream.write(piece, () => resolve());
    });
  }
}

/**
 * The connection with its outlet as one stream, for the TLS library to stand on.
 *
 * Neither ending nor destroying it touches the connection.
 */
export class Line extends Duplex {
  readonly #stream: Duplex;
  readonly #outlet: Outlet;
  #writes = 0;

  constructor(stream: Duplex, outlet: Outlet) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    this.#outlet = outlet;
    stream.on('data', (chunk: Buffer) => {
      outlet.heard();
      if (!this.destroyed && !this.push(chunk)) stream.pause();
    });
    const end = (): void => {
      if (!this.destroyed && !this.readableEnded) this.push(null);
    };
    stream.once('end', end);
    stream.once('close', end);
  }

  override _read(): void {
    this.#stream.resume();
  }

  /** Resolves when everything that the TLS library had to say has gone out. */
  async flushed(): Promise<void> {
    let seen: number;
    do {
      seen = this.#writes;
      await this.#outlet.send(NOTHING);
      // The library writes what it held back in one of the turns after a write has ended.
      for (let turn = 0; turn < 3; turn++) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    } while (seen !== this.#writes);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#writes++;
    void this.#outlet.send(chunk).then(() => done());
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    // What still comes is read and dropped, so that the peer's end is seen.
    this.#stream.resume();
    done(null);
  }
}
