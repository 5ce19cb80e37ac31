import { Duplex } from 'node:stream';
import { seededRandom } from './seeded-random.js';

/** How bytes are cut on their way: as they were written, one at a time, or into random pieces. */
export type Cut = 'whole' | 'bytes' | { readonly seed: number };

export interface MemoryLinkOptions {
  readonly toServer?: Cut;
  readonly toClient?: Cut;
}

/** A connection without a network: what one end writes, the other one reads. */
export interface MemoryLink {
  readonly client: MemoryEnd;
  readonly server: MemoryEnd;
}

export function memoryLink(options: MemoryLinkOptions = {}): MemoryLink {
  const client = new MemoryEnd(cutter(options.toServer ?? 'whole'));
  const server = new MemoryEnd(cutter(options.toClient ?? 'whole'));
  client.connectTo(server);
  server.connectTo(client);
  return { client, server };
}

/** Longest piece of a random cut: short messages are cut too. */
const LONGEST_PIECE = 64;

function cutter(cut: Cut): (bytes: Buffer) => Buffer[] {
  if (cut === 'whole') return (bytes) => [bytes];
  if (cut === 'bytes') return (bytes) => pieces(bytes, () => 1);
  const random = seededRandom(cut.seed);
  return (bytes) => pieces(bytes, () => 1 + (random() % LONGEST_PIECE));
}

function pieces(bytes: Buffer, nextLength: () => number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + nextLength(), bytes.length);
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}

/**
 * One end of a link. It behaves as a TCP socket does: each piece, an end and a reset arrive in a turn
 * of the event loop of their own, in the order in which they were sent; a peer that does not read
 * holds the writer back; what is written to an end that was destroyed comes back as a reset.
 */
export class MemoryEnd extends Duplex {
  readonly #cut: (bytes: Buffer) => Buffer[];
  #peer: MemoryEnd | null = null;
  /** whether what arrives now is taken; sockets begin to read when they connect */
  #reading = true;
  #onRead: (() => void) | null = null;
  /** whether the peer's end has arrived */
  #ended = false;

  constructor(cut: (bytes: Buffer) => Buffer[]) {
    super({ allowHalfOpen: true });
    this.#cut = cut;
  }

  /** Used once, by memoryLink. */
  connectTo(peer: MemoryEnd): void {
    this.#peer = peer;
  }

  /** Breaks the connection off: the peer sees ECONNRESET. Bytes still on their way are lost. */
  reset(): void {
    if (this.destroyed) return;
    const peer = this.#peer;
    this.#peer = null;
    this.destroy();
    if (peer !== null) setImmediate(() => peer.#whenReading(() => peer.#breakOff()));
  }

  override _read(): void {
    this.#reading = true;
    const next = this.#onRead;
    this.#onRead = null;
    next?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    // Nothing to send is no packet, so that it meets no peer either.
    if (chunk.length === 0) {
      done();
      return;
    }
    const rest = this.#cut(chunk);
    const next = (): void => {
      const peer = this.#peer;
      const piece = rest.shift();
      if (piece === undefined || peer === null || this.destroyed) {
        done();
      } else if (peer.destroyed) {
        done();
        this.#breakOff();
      } else {
        peer.#take(piece);
        peer.#whenReading(() => setImmediate(next));
      }
    };
    setImmediate(next);
  }

  override _final(done: (error?: Error | null) => void): void {
    const peer = this.#peer;
    setImmediate(() => {
      if (peer !== null) peer.#takeEnd();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const peer = this.#peer;
    const next = this.#onRead;
    this.#onRead = null;
    // A writer that waits for this end to read has to learn that it never will.
    next?.();
    if (peer !== null && !this.writableFinished) setImmediate(() => peer.#takeEnd());
    done(error);
  }

  #take(piece: Buffer): void {
    this.#reading = this.push(piece);
  }

  #takeEnd(): void {
    if (this.#ended || this.destroyed) return;
    this.#ended = true;
    this.#whenReading(() => this.push(null));
  }

  #whenReading(act: () => void): void {
    if (this.#reading || this.destroyed) {
      act();
      return;
    }
    const earlier = this.#onRead;
    this.#onRead = () => {
      earlier?.();
      act();
    };
  }

  #breakOff(): void {
    this.destroy(
      Object.assign(new Error('read ECONNRESET'), {
        code: 'ECONNRESET',
        errno: -104,
        syscall: 'read',
      }),
    );
  }
}
