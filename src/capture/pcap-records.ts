import { ByteWindow } from './byte-window.js';
import { type FormatReader, MAX_PACKET_BYTES, newPacket, type PacketSink } from './packet.js';
import {
  cutShort,
  decodePcapHeader,
  PCAP_HEADER_BYTES,
  type PcapHeader,
  tooLong,
} from './pcap-header.js';

/** Time stamp, captured and original length, [pcap] section 5. */
const RECORD_HEADER_BYTES = 16;

/** The modified kind adds the interface's index, the protocol and the packet's type. */
const MODIFIED_RECORD_HEADER_BYTES = 24;

/** pcap with nanoseconds and the modified kind of pcap, of both byte orders. */
export class PcapRecordsReader implements FormatReader {
  readonly #sink: PacketSink;
  readonly #window = new ByteWindow();
  readonly #packet = newPacket();
  #header: PcapHeader | null = null;
  #over = false;
  #baseSeconds: number | null = null;
  #baseFraction = 0;
  #nanosPerFraction = 1;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  get packets(): number {
    return this.#packet.number;
  }

  get startedAtNs(): bigint | null {
    if (this.#baseSeconds === null) return null;
    const fraction = BigInt(this.#baseFraction) * BigInt(this.#nanosPerFraction);
    return BigInt(this.#baseSeconds) * 1_000_000_000n + fraction;
  }

  push(chunk: Uint8Array): void {
    if (this.#over) return;
    const window = this.#window;
    window.push(chunk);
    if (this.#header === null) {
      if (window.remaining < PCAP_HEADER_BYTES) return;
      this.#header = decodePcapHeader(window.view, window.start);
      this.#nanosPerFraction = this.#header.variant === 'nanoseconds' ? 1 : 1000;
      this.#packet.linkType = this.#header.linkType;
      window.start += PCAP_HEADER_BYTES;
    }
    this.#readRecords(this.#header);
  }

  finish(): void {
    if (!this.#over && this.#window.remaining > 0) {
      this.#sink.problem(cutShort(this.packets + 1));
    }
  }

  #readRecords(header: PcapHeader): void {
    const window = this.#window;
    const packet = this.#packet;
    const { view } = window;
    const { littleEndian } = header;
    const headerBytes =
      header.variant === 'modified' ? MODIFIED_RECORD_HEADER_BYTES : RECORD_HEADER_BYTES;
    packet.bytes = window.bytes;
    packet.view = view;
    while (window.remaining >= headerBytes) {
      const at = window.start;
      const length = view.getUint32(at + 8, littleEndian);
      if (length > MAX_PACKET_BYTES) {
        this.#over = true;
        this.#sink.problem(tooLong(packet.number + 1, length, window.fileOffset));
        return;
      }
      if (window.remaining - headerBytes < length) return;
      const seconds = view.getUint32(at, littleEndian);
      const fraction = view.getUint32(at + 4, littleEndian);
      if (this.#baseSeconds === null) {
        this.#baseSeconds = seconds;
        this.#baseFraction = fraction;
        this.#sink.start(this.startedAtNs ?? 0n);
      }
      packet.number++;
      packet.at =
        (seconds - this.#baseSeconds) * 1e9 +
        (fraction - this.#baseFraction) * this.#nanosPerFraction;
      packet.start = at + headerBytes;
      packet.end = packet.start + length;
      packet.originalLength = Math.max(view.getUint32(at + 12, littleEndian), length);
      window.start = packet.end;
      this.#sink.packet(packet);
    }
  }
}
