import { parseAttemptEnd } from './attempt-end.js';
import { ByteWindow } from './byte-window.js';
import { type FormatReader, MAX_PACKET_BYTES, newPacket, type PacketSink } from './packet.js';
import {
  decodeInterface,
  decodeSection,
  decodeStatistics,
  instantOf,
  type PcapngInterface,
} from './pcapng-interface.js';

/** Section Header Block, [pcapng] section 4.1: the same in both byte orders. */
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const INTERFACE_DESCRIPTION_BLOCK = 1;
/** Obsolete since 2009, still written by old tools. */
const PACKET_BLOCK = 2;
const SIMPLE_PACKET_BLOCK = 3;
const INTERFACE_STATISTICS_BLOCK = 5;
const ENHANCED_PACKET_BLOCK = 6;

/** Blocks that Wireshark shows, and numbers, as packets though there is no packet in them. */
const NUMBERED_BLOCKS: ReadonlySet<number> = new Set([0x0bad, 0x4000_0bad, 9]);

const DECRYPTION_SECRETS_BLOCK = 10;

/** Secrets type `TLSK`: an NSS key log. */
const TLS_KEY_LOG = 0x544c534b;

/** Type and total length before the body, total length again after it. */
const BLOCK_HEADER_BYTES = 8;
const BLOCK_FRAME_BYTES = 12;

/** Bytes of a body before the packet's own. */
const ENHANCED_FIXED_BYTES = 20;
const SIMPLE_FIXED_BYTES = 4;
const STATISTICS_FIXED_BYTES = 12;

/** How this program names itself in a section that it writes. */
const OWN_APPLICATION = /^rdp-probe /;

/** A packet, its fixed fields, and as much again for comments and other options. */
const MAX_PACKET_BLOCK_BYTES = 2 * MAX_PACKET_BYTES;

/** Section, interface and statistics: an option has at most 64 KiB, and a writer a few of them. */
const MAX_HEADER_BLOCK_BYTES = 1 << 20;

/** About 80,000 TLS sessions. */
const MAX_SECRETS_BYTES = 16 << 20;

/** As many as the obsolete packet block can name. */
const MAX_INTERFACES = 65_536;

/** Whether a section tells its byte order there. */
export function hasByteOrder(view: DataView, at: number): boolean {
  return [true, false].some((order) => view.getUint32(at, order) === BYTE_ORDER_MAGIC);
}

/**
 * pcapng of both byte orders: any number of sections, interfaces with their own link type and
 * clock, enhanced, simple and obsolete packet blocks, statistics and TLS secrets. Other blocks are
 * stepped over without being collected, however long they are.
 */
export class PcapngReader implements FormatReader {
  readonly #sink: PacketSink;
  readonly #window = new ByteWindow();
  readonly #packet = newPacket();
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];
  /** interfaces of the sections before this one */
  #interfacesBefore = 0;
  /** this section was written by this program */
  #isOwn = false;
  /** bytes of a block of no interest that are still to come */
  #skip = 0;
  #over = false;
  #baseNs: bigint | null = null;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  get packets(): number {
    return this.#packet.number;
  }

  get startedAtNs(): bigint | null {
    return this.#baseNs;
  }

  push(chunk: Uint8Array): void {
    if (this.#over) return;
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    if (skipped === chunk.length) return;
    this.#window.push(chunk.subarray(skipped));
    this.#packet.bytes = this.#window.bytes;
    this.#packet.view = this.#window.view;
    while (!this.#over && this.#readBlock());
  }

  finish(): void {
    if (this.#over || (this.#skip === 0 && this.#window.remaining === 0)) return;
    this.#sink.problem(
      this.packets === 0
        ? 'the file ends inside a block, before its first packet'
        : `the file ends inside a block after packet ${this.packets}: what came before it was read`,
    );
  }

  /** @returns false: more bytes are needed, or the file cannot be read on */
  #readBlock(): boolean {
    const window = this.#window;
    const { view, start } = window;
    if (window.remaining < BLOCK_FRAME_BYTES) return false;
    if (view.getUint32(start, true) === SECTION_HEADER_BLOCK && !this.#readByteOrder()) {
      return false;
    }
    const type = view.getUint32(start, this.#littleEndian);
    const length = view.getUint32(start + 4, this.#littleEndian);
    if (length < BLOCK_FRAME_BYTES || length % 4 !== 0) {
      return this.#damaged(`a block of ${length} bytes cannot be`);
    }
    const limit = largestBlock(type);
    if (limit === null || length > limit) {
      if (limit !== null && type !== DECRYPTION_SECRETS_BLOCK) {
        return this.#damaged(`a block of type ${type} claims ${length} bytes`);
      }
      if (NUMBERED_BLOCKS.has(type)) this.#packet.number++;
      if (limit !== null) this.#sink.problem('TLS secrets of more than 16 MiB were not read');
      const here = Math.min(length, window.remaining);
      window.start += here;
      this.#skip = length - here;
      return true;
    }
    if (window.remaining < length) return false;
    const end = start + length - 4;
    if (view.getUint32(end, this.#littleEndian) !== length) {
      return this.#damaged('the two lengths of a block differ');
    }
    this.#readBody(type, start + BLOCK_HEADER_BYTES, end);
    window.start = start + length;
    return !this.#over;
  }

  /** Only the first bytes of a section say in which order the others are. */
  #readByteOrder(): boolean {
    const { view, start } = this.#window;
    if (view.getUint32(start + 8, true) === BYTE_ORDER_MAGIC) this.#littleEndian = true;
    else if (view.getUint32(start + 8, false) === BYTE_ORDER_MAGIC) this.#littleEndian = false;
    else return this.#damaged('a section does not tell its byte order');
    return true;
  }

  #damaged(what: string): false {
    this.#over = true;
    this.#sink.problem(
      `the file is damaged at byte ${this.#window.fileOffset}: ${what}; nothing after it is read`,
    );
    return false;
  }

  #readBody(type: number, start: number, end: number): void {
    switch (type) {
      case ENHANCED_PACKET_BLOCK:
        this.#readPacketBlock(start, end, true);
        return;
      case PACKET_BLOCK:
        this.#readPacketBlock(start, end, false);
        return;
      case SIMPLE_PACKET_BLOCK:
        this.#readSimplePacket(start, end);
        return;
      case INTERFACE_DESCRIPTION_BLOCK:
        this.#readInterface(start, end);
        return;
      case SECTION_HEADER_BLOCK:
        this.#readSection(start, end);
        return;
      case INTERFACE_STATISTICS_BLOCK:
        if (end - start >= STATISTICS_FIXED_BYTES) this.#readStatistics(start, end);
        return;
      case DECRYPTION_SECRETS_BLOCK:
        this.#readSecrets(start, end);
        return;
    }
  }

  /** [pcapng] section 4.1: the version is 1.0 or 1.2; what an interface is ends with its section. */
  #readSection(start: number, end: number): void {
    const { view } = this.#window;
    const major = end - start < 16 ? 0 : view.getUint16(start + 4, this.#littleEndian);
    if (major !== 1) {
      this.#damaged(`a section has version ${major}, and only 1 is known`);
      return;
    }
    this.#interfacesBefore += this.#interfaces.length;
    this.#interfaces = [];
    const { application, comments } = decodeSection(view, start + 16, end, this.#littleEndian);
    this.#isOwn = OWN_APPLICATION.test(application);
    if (this.#isOwn) for (const comment of comments) this.#sink.note?.(comment);
  }

  /** ISB, [pcapng] section 4.6. */
  #readStatistics(start: number, end: number): void {
    const { view } = this.#window;
    const id = view.getUint32(start, this.#littleEndian);
    const options = start + STATISTICS_FIXED_BYTES;
    const statistics = decodeStatistics(view, options, end, this.#littleEndian);
    const { dropped, end: endTime, comment } = statistics;
    if (dropped > 0n) this.#sink.problem(`the capture itself lost ${dropped} packets`);
    const described = this.#interfaces[id];
    // Without a packet there is no scale to tell a time on.
    if (described === undefined || endTime === null || this.#baseNs === null) return;
    const at = Number(instantOf(described, endTime.high, endTime.low) - this.#baseNs);
    const attempt = this.#isOwn ? parseAttemptEnd(comment) : null;
    this.#sink.watched?.(this.#interfacesBefore + id, at, attempt);
  }

  #readInterface(start: number, end: number): void {
    if (end - start < 8 || this.#interfaces.length >= MAX_INTERFACES) {
      this.#damaged('an interface cannot be described like this');
      return;
    }
    const described = decodeInterface(this.#window.view, start, end, this.#littleEndian);
    if (described === null) {
      this.#damaged('an interface has a time resolution that cannot be');
      return;
    }
    this.#interfaces.push(described);
  }

  /** EPB, [pcapng] section 4.3, and PB, appendix A: they differ in the width of two fields. */
  #readPacketBlock(start: number, end: number, enhanced: boolean): void {
    const packet = this.#packet;
    packet.number++;
    if (end - start < ENHANCED_FIXED_BYTES) {
      this.#sink.problem('a packet block is shorter than its own fields', packet.number);
      return;
    }
    const { view } = this.#window;
    const littleEndian = this.#littleEndian;
    const id = enhanced ? view.getUint32(start, littleEndian) : view.getUint16(start, littleEndian);
    const described = this.#interfaces[id];
    if (described === undefined) {
      this.#sink.problem('a packet names an interface that was not described', packet.number);
      return;
    }
    const length = view.getUint32(start + 12, littleEndian);
    if (length > end - start - ENHANCED_FIXED_BYTES || length > MAX_PACKET_BYTES) {
      this.#sink.problem('a packet claims more bytes than its block holds', packet.number);
      return;
    }
    packet.at = this.#timeOf(
      described,
      view.getUint32(start + 4, littleEndian),
      view.getUint32(start + 8, littleEndian),
    );
    packet.linkType = described.linkType;
    packet.interfaceNumber = this.#interfacesBefore + id;
    packet.start = start + ENHANCED_FIXED_BYTES;
    packet.end = packet.start + length;
    packet.originalLength = Math.max(view.getUint32(start + 16, littleEndian), length);
    this.#sink.packet(packet);
  }

  #timeOf(described: PcapngInterface, high: number, low: number): number {
    const { anchor } = described;
    if (anchor !== null) {
      const units = (high - anchor.high) * 2 ** 32 + (low - anchor.low);
      return anchor.at + units * described.nanosPerUnit;
    }
    const instant = instantOf(described, high, low);
    if (this.#baseNs === null) {
      this.#baseNs = instant;
      this.#sink.start(instant);
    }
    const at = Number(instant - this.#baseNs);
    described.anchor = { high, low, at };
    return at;
  }

  /** SPB, [pcapng] section 4.4: of the first interface, without a time stamp. */
  #readSimplePacket(start: number, end: number): void {
    const packet = this.#packet;
    packet.number++;
    const [described] = this.#interfaces;
    if (described === undefined || end - start < SIMPLE_FIXED_BYTES) {
      this.#sink.problem('a packet names an interface that was not described', packet.number);
      return;
    }
    const original = this.#window.view.getUint32(start, this.#littleEndian);
    const snapLength = described.snapLength === 0 ? original : described.snapLength;
    const length = Math.min(original, snapLength, end - start - SIMPLE_FIXED_BYTES);
    packet.at = Number.NaN;
    packet.linkType = described.linkType;
    packet.interfaceNumber = this.#interfacesBefore;
    packet.start = start + SIMPLE_FIXED_BYTES;
    packet.end = packet.start + length;
    packet.originalLength = Math.max(original, length);
    this.#sink.packet(packet);
  }

  /** DSB, [pcapng] section 4.7. */
  #readSecrets(start: number, end: number): void {
    if (end - start < 8) return;
    const { view, bytes } = this.#window;
    if (view.getUint32(start, this.#littleEndian) !== TLS_KEY_LOG) return;
    const length = Math.min(view.getUint32(start + 4, this.#littleEndian), end - start - 8);
    this.#sink.keyLog(Buffer.from(bytes.buffer, start + 8, length).toString('latin1'));
  }
}

/** What a block may claim and still be collected; null: it is stepped over. */
function largestBlock(type: number): number | null {
  switch (type) {
    case ENHANCED_PACKET_BLOCK:
    case PACKET_BLOCK:
    case SIMPLE_PACKET_BLOCK:
      return MAX_PACKET_BLOCK_BYTES;
    case SECTION_HEADER_BLOCK:
    case INTERFACE_DESCRIPTION_BLOCK:
    case INTERFACE_STATISTICS_BLOCK:
      return MAX_HEADER_BLOCK_BYTES;
    case DECRYPTION_SECRETS_BLOCK:
      return MAX_SECRETS_BYTES;
    default:
      return null;
  }
}
