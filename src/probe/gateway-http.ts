import type { Duplex } from 'node:stream';
import { DecodeError } from '../wire/decode-error.js';
import { frameHttpChunk } from '../wire/http-chunk.js';
import {
  decodeHttpResponseHead,
  frameHttpHead,
  type HttpResponseHead,
  httpBodyOf,
  httpTokens,
} from '../wire/http-head.js';
import { StreamReader, type Waited } from './stream-reader.js';

/** The head of a response, or what came in its place. */
export type Answered =
  | { readonly kind: 'head'; readonly head: HttpResponseHead }
  | { readonly kind: 'over'; readonly how: Exclude<Waited, 'data'> };

/** More interim responses than any server sends. */
const MAX_INTERIM = 5;

/** One connection to a gateway, inside TLS, on which requests are asked one after another. */
export class GatewayHttp {
  readonly reader: StreamReader;
  readonly #tls: Duplex;
  readonly #connection: Duplex;
  #isClosing = false;

  /**
   * @param tls inside TLS
   * @param connection below it, to be let go of at the end
   */
  constructor(tls: Duplex, connection: Duplex) {
    this.#tls = tls;
    this.#connection = connection;
    this.reader = new StreamReader(tls);
  }

  /** Whether another request can be asked on it. */
  get isUsable(): boolean {
    return !this.#isClosing && this.reader.ended === null && this.#tls.writable;
  }

  write(bytes: Uint8Array): void {
    if (this.#tls.writable) this.#tls.write(bytes);
  }

  /**
   * Sends a request and reads the head of its answer. The body of an answer that is no channel is
   * read and dropped, so that the connection can be used again.
   *
   * @throws DecodeError for what is no HTTP
   */
  async ask(request: Uint8Array, limitMs: number, signal: AbortSignal): Promise<Answered> {
    this.write(request);
    for (let interim = 0; interim <= MAX_INTERIM; interim++) {
      const head = await this.#head(limitMs, signal);
      if (head.kind === 'over') return head;
      const { status } = head.head;
      if (status >= 100 && status < 200 && status !== 101) continue;
      if (status !== 101 && status !== 200) await this.#dropBody(head.head, limitMs, signal);
      return head;
    }
    throw new DecodeError('HTTP response', 0, 'is interim again and again');
  }

  async #head(limitMs: number, signal: AbortSignal): Promise<Answered> {
    for (;;) {
      const frame = frameHttpHead(this.reader.held);
      if (frame.kind === 'frame') {
        return { kind: 'head', head: decodeHttpResponseHead(this.reader.take(frame.length)) };
      }
      const waited = await this.reader.more(limitMs, signal);
      if (waited !== 'data') return { kind: 'over', how: waited };
    }
  }

  async #dropBody(head: HttpResponseHead, limitMs: number, signal: AbortSignal): Promise<void> {
    const body = httpBodyOf(head);
    const connection = httpTokens(head, 'connection');
    this.#isClosing =
      body.kind === 'until-close' ||
      connection.includes('close') ||
      (head.version === '1.0' && !connection.includes('keep-alive'));
    if (this.#isClosing) return;
    let left = body.kind === 'length' ? body.length : 0;
    let isChunked = body.kind === 'chunked';
    let dropped = 0;
    while (left > 0 || isChunked) {
      if (isChunked) {
        const chunk = frameHttpChunk(this.reader.held);
        if (chunk.kind !== 'need-more') {
          this.reader.take(chunk.length);
          dropped += chunk.length;
          if (chunk.kind === 'last') {
            isChunked = false;
            left = 2;
          }
          if (dropped <= MAX_DROPPED_BYTES) continue;
        }
      } else {
        const taken = this.reader.take(left).length;
        left -= taken;
        dropped += taken;
        if (left === 0) return;
      }
      if (dropped > MAX_DROPPED_BYTES || (await this.reader.more(limitMs, signal)) !== 'data') {
        this.#isClosing = true;
        return;
      }
    }
  }

  /** close_notify, half-close, and what still comes is read until the gateway ends too. */
  async leave(limitMs: number): Promise<void> {
    if (!this.#tls.destroyed) this.#tls.end();
    const never = new AbortController().signal;
    const until = Date.now() + limitMs;
    for (;;) {
      this.reader.take(this.reader.held.length);
      const left = until - Date.now();
      if (left <= 0 || this.reader.ended !== null) break;
      await this.reader.more(left, never);
    }
    this.destroy();
  }

  destroy(): void {
    this.#tls.on('error', () => {});
    this.#connection.on('error', () => {});
    this.#tls.destroy();
    this.#connection.destroy();
  }
}

/** A page longer than this is not worth the wait: another connection is. */
const MAX_DROPPED_BYTES = 262_144;
