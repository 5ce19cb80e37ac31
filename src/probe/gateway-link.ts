import { DecodeError } from '../wire/decode-error.js';
import { encodeHttpChunk, frameHttpChunk } from '../wire/http-chunk.js';
import { decodeTsguPacket, frameTsguPacket, type TsguPacket } from '../wire/tsgu-packet.js';
import {
  encodeWebSocketFrame,
  readWebSocketFrame,
  WS_BINARY,
  WS_CLOSE,
  WS_CONTINUATION,
  WS_PING,
  WS_PONG,
} from '../wire/websocket.js';
import { concat } from '../wire/writer.js';
import type { GatewayHttp } from './gateway-http.js';
import type { Waited } from './stream-reader.js';

/** A packet of the gateway, or what came in its place. */
export type Received =
  | { readonly kind: 'packet'; readonly packet: TsguPacket }
  | { readonly kind: 'over'; readonly how: Exclude<Waited, 'data'> };

/** Packets to and from a gateway, whatever carries them. */
export interface GatewayLink {
  readonly transport: 'websocket' | 'http';
  send(packet: Uint8Array): void;
  /** @throws DecodeError for what the gateway cannot have meant */
  receive(limitMs: number, signal: AbortSignal): Promise<Received>;
  /** Ends both directions politely. */
  leave(limitMs: number): Promise<void>;
  destroy(): void;
}

/** More than the rest of one packet and the next one's beginning. */
const MAX_PENDING_BYTES = 262_144;

/** Puts packets together from the pieces that a transport gives. */
class PacketQueue {
  #bytes: Uint8Array = new Uint8Array();

  push(bytes: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : concat(this.#bytes, bytes);
    if (this.#bytes.length > MAX_PENDING_BYTES) {
      throw new DecodeError('packets of the gateway', 0, 'are longer than any');
    }
  }

  next(): TsguPacket | null {
    const frame = frameTsguPacket(this.#bytes);
    if (frame.kind === 'need-more') return null;
    const packet = decodeTsguPacket(this.#bytes.subarray(0, frame.length));
    this.#bytes = this.#bytes.subarray(frame.length);
    return packet;
  }

  /** Drops what stands before these bytes, if they come within `limit` bytes. */
  skipTo(begin: Uint8Array, limit: number): boolean {
    const at = Buffer.from(this.#bytes).indexOf(begin);
    if (at >= 0) {
      this.#bytes = this.#bytes.subarray(at);
      return true;
    }
    if (this.#bytes.length > limit + begin.length) {
      throw new DecodeError('OUT channel', 0, `has no packet within its first ${limit} bytes`);
    }
    return false;
  }
}

/** Both directions in one WebSocket. */
export class WebSocketLink implements GatewayLink {
  readonly transport = 'websocket';
  readonly #http: GatewayHttp;
  readonly #mask: () => Uint8Array;
  readonly #queue = new PacketQueue();

  /** @param mask gives four random bytes for each frame */
  constructor(http: GatewayHttp, mask: () => Uint8Array) {
    this.#http = http;
    this.#mask = mask;
  }

  send(packet: Uint8Array): void {
    this.#frame(WS_BINARY, packet);
  }

  #frame(opcode: number, payload: Uint8Array): void {
    this.#http.write(encodeWebSocketFrame(opcode, payload, this.#mask()));
  }

  async receive(limitMs: number, signal: AbortSignal): Promise<Received> {
    for (;;) {
      const packet = this.#queue.next();
      if (packet !== null) return { kind: 'packet', packet };
      const framed = readWebSocketFrame(this.#http.reader.held);
      if (framed.kind === 'need-more') {
        const waited = await this.#http.reader.more(limitMs, signal);
        if (waited !== 'data') return { kind: 'over', how: waited };
        continue;
      }
      this.#http.reader.take(framed.length);
      const { opcode, payload } = framed.frame;
      switch (opcode.value) {
        case WS_BINARY:
        case WS_CONTINUATION:
          this.#queue.push(payload);
          break;
        case WS_PING:
          this.#frame(WS_PONG, payload);
          break;
        case WS_PONG:
          break;
        case WS_CLOSE:
          return { kind: 'over', how: 'end' };
        default:
          throw new DecodeError('WebSocket.opcode', 0, `is ${opcode.name ?? opcode.value}`);
      }
    }
  }

  async leave(limitMs: number): Promise<void> {
    this.#frame(WS_CLOSE, Uint8Array.of(0x03, 0xe8));
    await this.#http.leave(limitMs);
  }

  destroy(): void {
    this.#http.destroy();
  }
}

/** [MS-TSGU] 3.3.5.1: the server begins its channel with up to 100 random bytes. */
const MAX_SEED_BYTES = 100;

/** Header of the handshake response, the first packet of the OUT channel. */
const FIRST_HEADER = Uint8Array.of(0x02, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x00);

/** One connection for each direction, in the bodies of a request and a response without an end. */
export class TwoChannelLink implements GatewayLink {
  readonly transport = 'http';
  readonly #out: GatewayHttp;
  readonly #in: GatewayHttp;
  readonly #outIsChunked: boolean;
  readonly #queue = new PacketQueue();
  #isSynchronised = false;

  constructor(out: GatewayHttp, outIsChunked: boolean, into: GatewayHttp) {
    this.#out = out;
    this.#outIsChunked = outIsChunked;
    this.#in = into;
  }

  send(packet: Uint8Array): void {
    this.#in.write(encodeHttpChunk(packet));
  }

  async receive(limitMs: number, signal: AbortSignal): Promise<Received> {
    for (;;) {
      if (!this.#takeBody()) return { kind: 'over', how: 'end' };
      this.#isSynchronised ||= this.#queue.skipTo(FIRST_HEADER, MAX_SEED_BYTES);
      const packet = this.#isSynchronised ? this.#queue.next() : null;
      if (packet !== null) return { kind: 'packet', packet };
      const waited = await this.#out.reader.more(limitMs, signal);
      if (waited !== 'data') return { kind: 'over', how: waited };
    }
  }

  /** @returns false where the body is over */
  #takeBody(): boolean {
    const { reader } = this.#out;
    if (!this.#outIsChunked) {
      if (reader.held.length > 0) this.#queue.push(reader.take(reader.held.length));
      return true;
    }
    for (;;) {
      const chunk = frameHttpChunk(reader.held);
      if (chunk.kind === 'need-more') return true;
      if (chunk.kind === 'last') return false;
      this.#queue.push(reader.held.slice(chunk.start, chunk.end));
      reader.take(chunk.length);
    }
  }

  async leave(limitMs: number): Promise<void> {
    await this.#in.leave(limitMs);
    await this.#out.leave(limitMs);
  }

  destroy(): void {
    this.#in.destroy();
    this.#out.destroy();
  }
}
