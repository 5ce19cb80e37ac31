import { closeSync, openSync, writeSync } from 'node:fs';
import { fromHex } from '../../src/wire/hex.js';
import { conversations, type Segment } from '../support/conversations.js';

export type CaptureForm = 'pcap' | 'pcap-nanoseconds' | 'pcapng';

export interface BigCapture {
  readonly packets: number;
  readonly bytes: number;
  readonly rdpConversations: number;
}

const ETHERNET = 1;
const SYN = 0x02;
const ACK = 0x10;
const PSH_ACK = 0x18;
const FIN_ACK = 0x11;
const MSS = 1448;

/** Largest write; small ones would take longer than the making of the packets. */
const FLUSH_BYTES = 8 << 20;

/**
 * Writes a capture of many RDP connections, as recorded from real servers, among bulk transfers that
 * are not RDP: nine packets of ten belong to those.
 */
export function writeBigCapture(path: string, form: CaptureForm, packets: number): BigCapture {
  const writer = new CaptureFile(path, form);
  const recorded = conversations().map(({ segments }) => segments);
  let rdpConversations = 0;
  let number = 0;
  while (writer.packets < packets) {
    const segments = recorded[rdpConversations % recorded.length] ?? [];
    writeConversation(writer, number++, 3389, segments);
    rdpConversations++;
    const before = writer.packets;
    writeBulk(writer, number++, Math.min(300, packets - before));
  }
  return { packets: writer.packets, bytes: writer.close(), rdpConversations };
}

/** A handshake, data in both directions with their acknowledgments, and an orderly end. */
function writeConversation(
  writer: CaptureFile,
  number: number,
  serverPort: number,
  segments: readonly Segment[],
): void {
  const flow = new Flow(writer, number, serverPort);
  flow.open();
  for (const segment of segments) {
    if (!('hex' in segment)) continue;
    const bytes = fromHex(segment.hex);
    for (let at = 0; at < bytes.length; at += MSS) {
      flow.data(segment.by === 'client', bytes.subarray(at, at + MSS));
    }
  }
  flow.close();
}

const BULK = new Uint8Array(MSS).fill(0x5a);

function writeBulk(writer: CaptureFile, number: number, packets: number): void {
  const flow = new Flow(writer, number, 443);
  flow.open();
  for (let sent = 0; sent < packets; sent += 2) flow.data(false, BULK);
  flow.close();
}

/** One TCP connection whose sequence numbers are kept. */
class Flow {
  readonly #writer: CaptureFile;
  readonly #client: readonly [address: number, port: number];
  readonly #server: readonly [address: number, port: number];
  #clientNext = 1000;
  #serverNext = 5000;

  constructor(writer: CaptureFile, number: number, serverPort: number) {
    this.#writer = writer;
    this.#client = [0x0a00_0000 + (number >> 14), 1024 + (number & 0x3fff) * 3];
    this.#server = [0xc000_0201, serverPort];
  }

  open(): void {
    this.#send(true, SYN);
    this.#clientNext++;
    this.#send(false, SYN | ACK);
    this.#serverNext++;
    this.#send(true, ACK);
  }

  data(byClient: boolean, bytes: Uint8Array): void {
    this.#send(byClient, PSH_ACK, bytes);
    if (byClient) this.#clientNext += bytes.length;
    else this.#serverNext += bytes.length;
    this.#send(!byClient, ACK);
  }

  close(): void {
    this.#send(true, FIN_ACK);
    this.#clientNext++;
    this.#send(false, FIN_ACK);
    this.#serverNext++;
    this.#send(true, ACK);
  }

  #send(byClient: boolean, flags: number, payload?: Uint8Array): void {
    const [from, to] = byClient ? [this.#client, this.#server] : [this.#server, this.#client];
    const [sequence, acknowledgment] = byClient
      ? [this.#clientNext, this.#serverNext]
      : [this.#serverNext, this.#clientNext];
    this.#writer.packet(from, to, sequence, flags & ACK ? acknowledgment : 0, flags, payload);
  }
}

const HEADERS = 14 + 20 + 20;
const EMPTY = new Uint8Array(0);

/** Ethernet, IPv4 and TCP in front of each payload, in the form of a capture. */
class CaptureFile {
  readonly #file: number;
  readonly #form: CaptureForm;
  readonly #buffer = Buffer.alloc(FLUSH_BYTES + 4096);
  #used = 0;
  #written = 0;
  #micros = 1_700_000_000_000_000;
  packets = 0;

  constructor(path: string, form: CaptureForm) {
    this.#file = openSync(path, 'w');
    this.#form = form;
    if (form === 'pcapng') {
      this.#words(0x0a0d0d0a, 28, 0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff, 28);
      this.#words(1, 20, ETHERNET, 0, 20);
    } else {
      this.#words(form === 'pcap' ? 0xa1b2c3d4 : 0xa1b23c4d, 0x00040002, 0, 0, 65_535, ETHERNET);
    }
  }

  packet(
    from: readonly [number, number],
    to: readonly [number, number],
    sequence: number,
    acknowledgment: number,
    flags: number,
    payload: Uint8Array = EMPTY,
  ): void {
    const length = HEADERS + payload.length;
    this.#recordHeader(length);
    const at = this.#used;
    const buffer = this.#buffer;
    buffer.fill(0, at, at + HEADERS);
    buffer.writeUInt16BE(0x0800, at + 12);
    buffer[at + 14] = 0x45;
    buffer.writeUInt16BE(length - 14, at + 16);
    buffer.writeUInt16BE(this.packets & 0xffff, at + 18);
    buffer[at + 22] = 64;
    buffer[at + 23] = 6;
    buffer.writeUInt32BE(from[0], at + 26);
    buffer.writeUInt32BE(to[0], at + 30);
    buffer.writeUInt16BE(from[1] & 0xffff, at + 34);
    buffer.writeUInt16BE(to[1] & 0xffff, at + 36);
    buffer.writeUInt32BE(sequence >>> 0, at + 38);
    buffer.writeUInt32BE(acknowledgment >>> 0, at + 42);
    buffer[at + 46] = 0x50;
    buffer[at + 47] = flags;
    buffer.writeUInt16BE(64_240, at + 48);
    buffer.set(payload, at + HEADERS);
    this.#used += length;
    if (this.#form === 'pcapng') {
      while (this.#used % 4 !== 0) buffer[this.#used++] = 0;
      this.#words(32 + Math.ceil(length / 4) * 4);
    }
    this.packets++;
    this.#micros += 20;
    if (this.#used > FLUSH_BYTES) this.#flush();
  }

  close(): number {
    this.#flush();
    closeSync(this.#file);
    return this.#written;
  }

  #recordHeader(length: number): void {
    if (this.#form === 'pcapng') {
      const high = Math.floor(this.#micros / 2 ** 32);
      this.#words(6, 32 + Math.ceil(length / 4) * 4, 0, high, this.#micros >>> 0, length, length);
      return;
    }
    const seconds = Math.floor(this.#micros / 1e6);
    const rest = this.#micros - seconds * 1e6;
    this.#words(seconds, this.#form === 'pcap' ? rest : rest * 1000, length, length);
  }

  #words(...values: readonly number[]): void {
    for (const value of values) {
      this.#buffer.writeUInt32LE(value >>> 0, this.#used);
      this.#used += 4;
    }
  }

  #flush(): void {
    writeSync(this.#file, this.#buffer, 0, this.#used);
    this.#written += this.#used;
    this.#used = 0;
  }
}
