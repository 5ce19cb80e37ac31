import { type Frame, NEED_MORE } from '../wire/framing.js';

/** One whole message and when its first and last byte were seen. */
export interface Framed {
  readonly bytes: Uint8Array;
  /** bytes it took, framing of its layer included */
  readonly size: number;
  readonly startAt: number | null;
  readonly at: number | null;
  readonly packets: readonly number[];
}

interface Chunk {
  readonly end: number;
  readonly at: number | null;
  readonly packet: number | undefined;
}

/** Most messages of a handshake are smaller. */
const INITIAL_BYTES = 512;

const NO_BYTES = new Uint8Array(0);

/**
 * Cuts one direction of a byte stream into messages, however the bytes arrive.
 *
 * INVARIANT: the messages do not depend on how the bytes were cut; memory is bounded by the largest
 * message that `frame` accepts plus one chunk.
 */
export class MessageStream {
  #buffer = NO_BYTES;
  #taken = 0;
  #start = 0;
  #end = 0;
  /** where the chunks of the buffered bytes end, so that a message knows its times */
  #chunks: Chunk[] = [];

  push(bytes: Uint8Array, at: number | null, packet?: number): void {
    if (bytes.length === 0) return;
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#chunks.push({ end: this.#end, at, packet });
  }

  /** Bytes of all the messages that were taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Bytes that belong to a message which is not complete yet. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** A view of the bytes that were not taken yet. */
  peek(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** When the first byte that was not taken yet was seen. */
  get firstAt(): number | null {
    return this.#chunks[0]?.at ?? null;
  }

  get firstPackets(): readonly number[] {
    const packet = this.#chunks[0]?.packet;
    return packet === undefined ? [] : [packet];
  }

  /**
   * The next whole message, or null while it is incomplete.
   *
   * @throws DecodeError from `frame`
   */
  next(frame: (bytes: Uint8Array) => Frame): Framed | null {
    const found = this.pending === 0 ? NEED_MORE : frame(this.peek());
    if (found.kind === 'need-more' || found.length > this.pending) return null;
    return this.take(found.length);
  }

  /** Takes exactly `length` bytes, which must be pending. */
  take(length: number): Framed {
    const bytes = this.#buffer.slice(this.#start, this.#start + length);
    const startAt = this.firstAt;
    this.#start += length;
    this.#taken += length;
    const packets: number[] = [];
    let at = startAt;
    let used = 0;
    for (const chunk of this.#chunks) {
      at = chunk.at;
      if (chunk.packet !== undefined && packets.at(-1) !== chunk.packet) packets.push(chunk.packet);
      if (chunk.end > this.#start) break;
      used++;
      if (chunk.end === this.#start) break;
    }
    this.#chunks.splice(0, used);
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
    }
    // A list that grew by one at a time has room for more, and thousands of them are kept.
    return { bytes, size: length, startAt, at, packets: packets.slice() };
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
    this.#chunks = [];
  }

  #makeRoom(extra: number): void {
    const pending = this.pending;
    const size = Math.max(pending + extra, this.#buffer.length);
    const next =
      size > this.#buffer.length
        ? new Uint8Array(Math.max(size, 2 * pending, INITIAL_BYTES))
        : this.#buffer;
    next.set(this.#buffer.subarray(this.#start, this.#end), 0);
    const moved = this.#start;
    this.#chunks = this.#chunks.map((chunk) => ({ ...chunk, end: chunk.end - moved }));
    this.#buffer = next;
    this.#start = 0;
    this.#end = pending;
  }
}
