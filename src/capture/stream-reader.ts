import type { Endpoint, Side, TraceSource } from '../handshake/trace.js';
import { Conversation, type ConversationEvents } from './conversation.js';
import { type Direction, otherDirection } from './flow-table.js';
import { Fragments } from './fragments.js';
import { IpHeader, PROTOCOL_TCP, renderAddress } from './ip.js';
import { findIp } from './link.js';
import { newPacket, type Packet, type PacketSink } from './packet.js';
import { TcpHeader } from './tcp.js';

/** What one side of a connection sent, in order. `at`: microseconds since its first packet. */
export type StreamEvent = { readonly by: Side; readonly at: number | null } & (
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'gap'; readonly length: number }
  | { readonly kind: 'end'; readonly how: 'fin' | 'reset' }
);

/** More than any handshake has: what follows it is the session. */
const MOST_BYTES = 1 << 20;

const CLIENT: Direction = 0;

/**
 * Reads the bytes of one connection of a capture, of which is already known where it lies.
 *
 * INVARIANT: memory is bounded by MOST_BYTES.
 */
export class StreamReader implements PacketSink, ConversationEvents {
  readonly #source: Extract<TraceSource, { kind: 'capture' }>;
  readonly #client: Endpoint;
  readonly #server: Endpoint;
  readonly #ip = new IpHeader();
  readonly #tcp = new TcpHeader();
  readonly #fragments = new Fragments();
  readonly #events: StreamEvent[] = [];
  #conversation: Conversation | null = null;
  #bytes = 0;
  #lastMicros = 0;

  constructor(
    source: Extract<TraceSource, { kind: 'capture' }>,
    client: Endpoint,
    server: Endpoint,
  ) {
    this.#source = source;
    this.#client = client;
    this.#server = server;
  }

  /** Everything was read. */
  finish(): readonly StreamEvent[] {
    this.#conversation?.finish();
    return this.#events;
  }

  start(): void {}

  keyLog(): void {}

  problem(): void {}

  packet(packet: Packet): void {
    if (packet.number < this.#source.firstPacket || packet.number > this.#source.lastPacket) return;
    const { view, start, end } = packet;
    const ipStart = findIp(packet.linkType, view, start, end);
    if (ipStart >= 0) this.#readIp(packet, ipStart, end, start + packet.originalLength);
  }

  #readIp(packet: Packet, start: number, end: number, wireEnd: number): void {
    const ip = this.#ip;
    const outcome = ip.decode(packet.view, start, end, wireEnd);
    if (outcome === 'not-ip' || ip.protocol !== PROTOCOL_TCP) return;
    if (outcome === 'whole') {
      this.#readTcp(packet);
      return;
    }
    const bytes = this.#fragments.add(ip, packet)?.bytes;
    if (bytes === undefined) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { number, at } = packet;
    const whole = { ...newPacket(), number, at, bytes, view, end: bytes.length };
    this.#readIp(whole, 0, bytes.length, bytes.length);
  }

  #readTcp(packet: Packet): void {
    const ip = this.#ip;
    const tcp = this.#tcp;
    if (!tcp.decode(packet.view, ip.payloadStart, ip.payloadEnd, ip.payloadLength)) return;
    const source = this.#isFrom(packet, ip.source, tcp.sourcePort);
    const destination = this.#isFrom(packet, ip.destination, tcp.destinationPort);
    const fromClient = source.client && destination.server;
    if (!fromClient && !(source.server && destination.client)) return;
    const from = fromClient ? CLIENT : otherDirection(CLIENT);
    this.#conversation ??= new Conversation(this.#source.stream, CLIENT, packet, this);
    this.#conversation.segment(from, tcp, packet, ip, 0);
  }

  #isFrom(packet: Packet, offset: number, port: number): { client: boolean; server: boolean } {
    const address = renderAddress(packet.bytes, offset, this.#ip.addressBytes);
    return {
      client: port === this.#client.port && address === this.#client.address,
      server: port === this.#server.port && address === this.#server.address,
    };
  }

  connect(): void {}

  accepted(): void {}

  refused(): void {}

  bytes(from: Direction, at: number, bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MOST_BYTES) {
      this.#conversation?.stopReading();
      return;
    }
    const copy = Uint8Array.from(bytes);
    this.#events.push({ kind: 'bytes', by: sideOf(from), at: this.#micros(at), bytes: copy });
  }

  gap(from: Direction, at: number, length: number): void {
    this.#events.push({ kind: 'gap', by: sideOf(from), at: this.#micros(at), length });
  }

  end(from: Direction, at: number, how: 'fin' | 'reset'): void {
    this.#events.push({ kind: 'end', by: sideOf(from), at: this.#micros(at), how });
  }

  #micros(at: number): number | null {
    const since = (at - (this.#conversation?.firstAt ?? at)) / 1000;
    if (Number.isNaN(since)) return null;
    this.#lastMicros = Math.max(this.#lastMicros, Math.round(since));
    return this.#lastMicros;
  }
}

function sideOf(direction: Direction): Side {
  return direction === CLIENT ? 'client' : 'server';
}
