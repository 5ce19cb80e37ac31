import type { AttemptEnd } from './attempt-end.js';

/**
 * One captured packet. One object is used for all packets of a file, because a large capture has
 * millions: whoever wants to keep anything copies it before the sink returns.
 */
export interface Packet {
  /** from 1 over the whole file, as Wireshark counts */
  number: number;
  /**
   * Nanoseconds since the file's first time stamp, NaN where the packet has none. A double holds
   * them exactly for 104 days and to well below a microsecond for a century.
   */
  at: number;
  /** LINKTYPE number */
  linkType: number;
  /** which of the file's interfaces it was captured on, from 0; 0 where the format has none */
  interfaceNumber: number;
  /** a stretch of the file; the packet lies from `start` to `end` in it */
  bytes: Uint8Array;
  /** of the same stretch */
  view: DataView;
  start: number;
  end: number;
  /** length on the wire, at least what was captured */
  originalLength: number;
}

export function newPacket(): Packet {
  const bytes = new Uint8Array(0);
  const view = new DataView(bytes.buffer);
  return {
    number: 0,
    at: 0,
    linkType: 0,
    interfaceNumber: 0,
    bytes,
    view,
    start: 0,
    end: 0,
    originalLength: 0,
  };
}

/** Takes what a capture file holds, in the file's order. */
export interface PacketSink {
  /** @param startedAtNs the first time stamp, nanoseconds since 1970 UTC; before its packet */
  start(startedAtNs: bigint): void;
  /** @param packet valid until this returns */
  packet(packet: Packet): void;
  /**
   * Until when packets were looked for on an interface, where the file tells that.
   *
   * @param at nanoseconds on the scale of the packets' times
   * @param attempt how the one connection attempt on it ended; null: the file does not say
   */
  watched?(interfaceNumber: number, at: number, attempt: AttemptEnd | null): void;
  /** a comment on the whole section, where this program wrote it */
  note?(text: string): void;
  /** TLS keys in the form of NSS key logs, from a decryption secrets block */
  keyLog(text: string): void;
  /** something that could not be read, in one sentence */
  problem(says: string, packet?: number): void;
}

/** Reads one capture format, however its bytes arrive. */
export interface FormatReader {
  /** Reads as far as the bytes at hand allow. */
  push(chunk: Uint8Array): void;
  /** The file is at its end: says what is missing. */
  finish(): void;
  /** Packets seen so far. */
  readonly packets: number;
  /** the first time stamp, nanoseconds since 1970 UTC; null: there was none yet */
  readonly startedAtNs: bigint | null;
}

/**
 * libpcap's MAXIMUM_SNAPLEN, and the largest packet that Wireshark reads of an ordinary link type.
 * Anything longer is a damaged file.
 */
export const MAX_PACKET_BYTES = 262_144;
