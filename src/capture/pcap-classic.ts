import { EventEmitter } from 'node:events';
import { parse } from 'pcap-parser';
import { ProbeError } from '../probe-error.js';
import { ByteWindow } from './byte-window.js';
import { type FormatReader, MAX_PACKET_BYTES, newPacket, type PacketSink } from './packet.js';
import { cutShort, decodePcapHeader, PCAP_HEADER_BYTES, tooLong } from './pcap-header.js';

/** Time stamp, captured and original length. */
const RECORD_HEADER_BYTES = 16;

/** The input that the package wants: we push, so there is nothing to pause. */
class PushedInput extends EventEmitter {
  pause(): void {}
  resume(): void {}
}

/**
 * Classic pcap with microseconds, of both byte orders, through the package `pcap-parser`: its home.
 *
 * The package trusts every captured length, collects what it takes for a packet without bound, and
 * says nothing of a last packet that is cut off. So it is given whole records only, whose lengths
 * were checked here before; it decodes them synchronously.
 */
export class PcapClassicReader implements FormatReader {
  readonly #sink: PacketSink;
  readonly #window = new ByteWindow();
  readonly #input = new PushedInput();
  readonly #packet = newPacket();
  #headerRead = false;
  #littleEndian = true;
  #over = false;
  #baseSeconds: number | null = null;
  #baseMicros = 0;

  constructor(sink: PacketSink) {
    this.#sink = sink;
    parse(this.#input)
      .on('packet', ({ header, data }) => this.#onPacket(header, data))
      .on('error', (error) => {
        throw new ProbeError('CANNOT_READ', `the pcap file cannot be read: ${error.message}`);
      });
  }

  get packets(): number {
    return this.#packet.number;
  }

  get startedAtNs(): bigint | null {
    if (this.#baseSeconds === null) return null;
    return BigInt(this.#baseSeconds) * 1_000_000_000n + BigInt(this.#baseMicros) * 1000n;
  }

  push(chunk: Uint8Array): void {
    if (this.#over) return;
    const window = this.#window;
    window.push(chunk);
    if (!this.#headerRead) {
      if (window.remaining < PCAP_HEADER_BYTES) return;
      const header = decodePcapHeader(window.view, window.start);
      this.#headerRead = true;
      this.#littleEndian = header.littleEndian;
      this.#packet.linkType = header.linkType;
      this.#release(window.start + PCAP_HEADER_BYTES);
    }
    this.#release(this.#endOfWholeRecords());
  }

  finish(): void {
    if (!this.#over && this.#window.remaining > 0) {
      this.#sink.problem(cutShort(this.packets + 1));
    }
  }

  /** Index after the last record that is whole and bounded. */
  #endOfWholeRecords(): number {
    const { view, start, end } = this.#window;
    let at = start;
    for (let ahead = 1; end - at >= RECORD_HEADER_BYTES; ahead++) {
      const length = view.getUint32(at + 8, this.#littleEndian);
      if (length > MAX_PACKET_BYTES) {
        this.#over = true;
        const offset = this.#window.fileOffset + at - start;
        this.#sink.problem(tooLong(this.packets + ahead, length, offset));
        break;
      }
      if (end - at - RECORD_HEADER_BYTES < length) break;
      at += RECORD_HEADER_BYTES + length;
    }
    return at;
  }

  /** Gives the package everything up to `end`. */
  #release(end: number): void {
    const { bytes, start } = this.#window;
    if (end === start) return;
    this.#window.start = end;
    this.#input.emit('data', Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start));
  }

  #onPacket(
    header: { timestampSeconds: number; timestampMicroseconds: number; originalLength: number },
    data: Buffer,
  ): void {
    const packet = this.#packet;
    if (this.#baseSeconds === null) {
      this.#baseSeconds = header.timestampSeconds;
      this.#baseMicros = header.timestampMicroseconds;
      this.#sink.start(this.startedAtNs ?? 0n);
    }
    packet.number++;
    packet.at =
      (header.timestampSeconds - this.#baseSeconds) * 1e9 +
      (header.timestampMicroseconds - this.#baseMicros) * 1000;
    // The package slices the packets of one push from one stretch: one view does for them all.
    if (packet.bytes.buffer !== data.buffer) {
      packet.bytes = new Uint8Array(data.buffer);
      packet.view = new DataView(data.buffer);
    }
    packet.start = data.byteOffset;
    packet.end = data.byteOffset + data.length;
    packet.originalLength = Math.max(header.originalLength, data.length);
    this.#sink.packet(packet);
  }
}
