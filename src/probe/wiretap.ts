import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Side } from '../handshake/trace.js';
import { resetAndLetGo } from './reset.js';

/** Takes what passes on a connection, in both directions. */
export interface WireObserver {
  bytes(side: Side, bytes: Uint8Array): void;
  end(side: Side, how: 'fin' | 'reset'): void;
  /** the connection broke for a reason other than the peer's reset */
  failed(error: NodeJS.ErrnoException): void;
}

const NOTHING = new Uint8Array(0);

/** EPIPE: we wrote after the peer's reset had arrived. */
function isReset(error: NodeJS.ErrnoException | null | undefined): boolean {
  return error?.code === 'ECONNRESET' || error?.code === 'EPIPE';
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

  /**
   * libuv says "end" for a reset too when data came in the same moment. A write of nothing puts no
   * packet on the wire, and fails where the connection was reset.
   */
  readonly #onEnd = (): void => {
    if (this.#connection.writable) this.#connection.write(NOTHING, (error) => this.#onAsked(error));
    else this.#onAsked(null);
  };

  #onAsked(error: NodeJS.ErrnoException | null | undefined): void {
    if (this.#peerEnded) return;
    this.#peerEnded = true;
    this.#observer.end('server', isReset(error) ? 'reset' : 'fin');
    if (!this.destroyed) this.push(null);
    this.emit('peer-end');
  }

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    if (this.#peerEnded) return;
    this.#peerEnded = true;
    if (isReset(error)) this.#observer.end('server', 'reset');
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
    // What was written has passed, even if it is still on its way: a message of ours must not be
    // seen later than one that was made after it. Only back-pressure is handed on. An error of the
    // write comes as the connection's own `error` too, which is where it is told.
    const passed = this.#connection.write(chunk, () => {
      if (!passed) done();
    });
    if (passed) done();
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
    // What the peer still sends may never arrive (a black hole); a reset frees it from trying.
    if (!ended && this.#connection instanceof Socket) resetAndLetGo(this.#connection);
    else this.#connection.destroy();
    return ended;
  }
}
