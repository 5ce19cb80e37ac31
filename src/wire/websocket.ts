import { createHash } from 'node:crypto';
import { type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

/** Opcode, RFC 6455 section 5.2. */
export const WEBSOCKET_OPCODES: NameTable = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

export const WS_CONTINUATION = 0;
export const WS_BINARY = 2;
export const WS_CLOSE = 8;
export const WS_PING = 9;
export const WS_PONG = 10;

/** A packet of the gateway has at most 64 KiB and its header; nobody needs longer frames. */
export const MAX_WEBSOCKET_PAYLOAD = 131_072;

const MASK_LENGTH = 4;

/** RFC 6455 section 1.3: what a server adds to the key of the client. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`, RFC 6455 section 4.2.2. */
export function webSocketAccept(key: string): string {
  return createHash('sha1')
    .update(key.trim() + ACCEPT_GUID, 'latin1')
    .digest('base64');
}

/** One frame, RFC 6455 section 5.2. */
export interface WebSocketFrame {
  readonly final: boolean;
  readonly opcode: Named;
  readonly masked: boolean;
  /** without its mask */
  readonly payload: Uint8Array;
}

/** The frame that starts here, and how many of the bytes it takes. */
export type FramedWebSocket =
  | { readonly kind: 'frame'; readonly frame: WebSocketFrame; readonly length: number }
  | { readonly kind: 'need-more' };

/** @throws DecodeError for what cannot be a frame without extensions */
export function readWebSocketFrame(bytes: Uint8Array): FramedWebSocket {
  if (bytes.length < 2) return { kind: 'need-more' };
  const reader = new Reader(bytes);
  const first = reader.u8('WebSocket.opcode');
  if ((first & 0x70) !== 0) throw reader.refuse('WebSocket.RSV', 'is set without an extension', 1);
  const second = reader.u8('WebSocket.length');
  const masked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const opcode = first & 0x0f;
  if (opcode >= WS_CLOSE && (extended > 0 || (first & 0x80) === 0)) {
    throw reader.refuse('WebSocket control frame', 'is fragmented or longer than 125 bytes', 2);
  }
  if (reader.remaining < extended + (masked ? MASK_LENGTH : 0)) return { kind: 'need-more' };
  const length = payloadLength(reader, short);
  if (length > MAX_WEBSOCKET_PAYLOAD) {
    throw reader.refuse('WebSocket.length', `is ${length}, more than is read`, extended);
  }
  const mask = masked ? reader.bytes(MASK_LENGTH, 'WebSocket.masking-key') : null;
  if (reader.remaining < length) return { kind: 'need-more' };
  const payload = reader.bytes(length, 'WebSocket.payload');
  return {
    kind: 'frame',
    frame: {
      final: (first & 0x80) !== 0,
      opcode: named(WEBSOCKET_OPCODES, opcode),
      masked,
      payload: mask === null ? payload : applyMask(payload, mask),
    },
    length: reader.offset,
  };
}

function payloadLength(reader: Reader, short: number): number {
  if (short === 126) return reader.u16be('WebSocket.length');
  if (short !== 127) return short;
  const high = reader.u32be('WebSocket.length');
  const low = reader.u32be('WebSocket.length');
  return high * 0x1_0000_0000 + low;
}

/** RFC 6455 section 5.3; the same takes a mask off. */
function applyMask(payload: Uint8Array, mask: Uint8Array): Uint8Array {
  return payload.map((octet, at) => octet ^ (mask[at % MASK_LENGTH] ?? 0));
}

/**
 * One whole message in one frame.
 *
 * @param mask four unpredictable bytes, which a client needs; null: as a server sends
 */
export function encodeWebSocketFrame(
  opcode: number,
  payload: Uint8Array,
  mask: Uint8Array | null,
): Uint8Array {
  if (mask !== null && mask.length !== MASK_LENGTH) throw new RangeError('a mask has 4 bytes');
  const writer = new Writer().u8(0x80 | opcode);
  const bit = mask === null ? 0 : 0x80;
  if (payload.length < 126) writer.u8(bit | payload.length);
  else if (payload.length <= 0xffff) writer.u8(bit | 126).u16be(payload.length);
  else
    writer
      .u8(bit | 127)
      .u32be(0)
      .u32be(payload.length);
  if (mask === null) return writer.bytes(payload).finish();
  return writer.bytes(mask).bytes(applyMask(payload, mask)).finish();
}
