import { Duplex } from 'node:stream';
import type { Side } from '../handshake/trace.js';

/** Takes what passes on a connection, in both directions. */
export interface WireObserver {
  bytes(side: Side, bytes: Uint8Array): void;
  end(side: Side, how: 'fin' | 'reset'): void;
  /** the connection broke for a reason other than the peer's reset */
  failed(error: NodeJS.ErrnoException): void;
}

/**
 * Stands between a connection and whatever speaks on it (our own code, then `node:tls`) and shows
 * every byte of both directions to an observer, in the order in which they pass.
 *
 * Ending the wiretap half-closes the connection; destroying it does not touch the connection, which
 * goes on being read so that the peer can end it in its own time.
 */
export class Wiretap extends Duplex {
  readonly #connection: Duplex;
  readonly #observer: WireObserver;
  #peerEnded = false;
  #halfClosed = false;

  constructor(connection: Duplex, observer: WireObserver) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#connection = connection;
    this.#observer = observer;
    connection.on('data', this.#onData);
    connection.on('end', this.#onEnd);
    connection.on('error', this.#onError);
    connection.on('close', this.#onClose);
  }

  /** Whether the peer has ended its direction, in whatever way. */
  get peerEnded(): boolean {
    return this.#peerEnded;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#observer.bytes('server', chunk);
    if (this.destroyed || this.readableEnded) return;
    if (!this.push(chunk)) this.#connection.pause();
  };

  readonly #onEnd = (): void => {
    if (this.#peerEnded) return;
    this.#peerEnded = true;
    this.#observer.end('server', 'fin');
    if (!this.destroyed) this.push(null);
    this.emit('peer-end');
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    if (this.#peerEnded) return;
    this.#peerEnded = true;
    // EPIPE: we wrote after the peer's reset had arrived.
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      this.#observer.end('server', 'reset');
    else this.#observer.failed(error);
    if (!this.destroyed) this.push(null);
    this.emit('peer-end');
  };

  readonly #onClose = (): void => {
    if (this.#peerEnded) return;
    this.#peerEnded = true;
    if (!this.destroyed) this.push(null);
    this.emit('peer-end');
  };

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#connection.destroyed || this.#connection.writableEnded) {
      done();
      return;
    }
    this.#observer.bytes('client', chunk);
    // An error of the write comes as the connection's own `error` too, which is where it is told.
    this.#connection.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.halfClose();
    done();
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.resume();
    done(null);
  }

  /** Ends our direction: FIN. Idempotent. */
  halfClose(): void {
    if (this.#halfClosed) return;
    this.#halfClosed = true;
    if (this.#connection.destroyed || this.#connection.errored) return;
    this.#observer.end('client', 'fin');
    this.#connection.end();
  }

  /**
   * Half-closes, reads until the peer ends its direction too, and lets go of the connection.
   *
   * @param limitMs how long to wait for the peer
   * @returns whether the peer ended within the limit
   */
  async leave(limitMs: number): Promise<boolean> {
    this.halfClose();
    this.#connection.resume();
    if (!this.#peerEnded) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, limitMs);
        const self = this;
        function done(): void {
          clearTimeout(timer);
          self.removeListener('peer-end', done);
          resolve();
        }
        this.once('peer-end', done);
      });
    }
    const ended = this.#peerEnded;
    this.#connection.off('data', this.#onData);
    this.#connection.off('end', this.#onEnd);
    this.#connection.on('error', () => {});
    this.#connection.destroy();
    return ended;
  }
}
