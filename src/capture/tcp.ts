/*
 * The TCP header, RFC 9293 section 3.1. One decoder object is used for all segments.
 */

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_MSS = 2;
const OPTION_WINDOW_SCALE = 3;
const OPTION_SACK_PERMITTED = 4;
const OPTION_SACK = 5;
const OPTION_TIMESTAMPS = 8;

/** Sequence numbers wrap at 2^32: how far `to` lies after `from`, negative before it. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** What the last decoded segment's header says. Sequence numbers are signed 32-bit integers. */
export class TcpHeader {
  sourcePort = 0;
  destinationPort = 0;
  sequence = 0;
  acknowledgment = 0;
  flags = 0;
  window = 0;
  checksum = 0;
  optionsStart = 0;
  /** where the payload starts */
  payloadStart = 0;
  /** captured end of the payload */
  payloadEnd = 0;
  /** bytes of payload on the wire */
  length = 0;

  /** null: the segment has no such option */
  mss: number | null = null;
  windowScale: number | null = null;
  sackPermitted = false;
  timestamp: number | null = null;
  timestampEcho: number | null = null;
  /** left and right edge of the first SACK block */
  sackLeft = 0;
  sackRight = 0;
  sackBlocks = 0;

  /**
   * Reads the header without its options.
   *
   * @param wireLength of header and payload on the wire
   * @returns false: no TCP header lies whole in the captured bytes
   */
  decode(view: DataView, start: number, end: number, wireLength: number): boolean {
    if (end - start < 20) return false;
    const headerLength = (view.getUint8(start + 12) >> 4) * 4;
    if (headerLength < 20 || headerLength > wireLength) return false;
    this.sourcePort = view.getUint16(start);
    this.destinationPort = view.getUint16(start + 2);
    this.sequence = view.getInt32(start + 4);
    this.acknowledgment = view.getInt32(start + 8);
    this.flags = view.getUint8(start + 13);
    this.window = view.getUint16(start + 14);
    this.checksum = view.getUint16(start + 16);
    this.optionsStart = start + 20;
    this.payloadStart = Math.min(end, start + headerLength);
    this.payloadEnd = end;
    this.length = wireLength - headerLength;
    return true;
  }

  /** Reads the options, of which most segments have none that matter here. */
  decodeOptions(view: DataView): void {
    this.mss = null;
    this.windowScale = null;
    this.sackPermitted = false;
    this.timestamp = null;
    this.timestampEcho = null;
    this.sackBlocks = 0;
    let at = this.optionsStart;
    const end = this.payloadStart;
    while (at < end) {
      const kind = view.getUint8(at);
      if (kind === OPTION_END) return;
      if (kind === OPTION_NOP) {
        at++;
        continue;
      }
      const length = at + 1 < end ? view.getUint8(at + 1) : 0;
      if (length < 2 || length > end - at) return;
      this.#readOption(view, kind, at, length);
      at += length;
    }
  }

  #readOption(view: DataView, kind: number, at: number, length: number): void {
    if (kind === OPTION_MSS && length === 4) this.mss = view.getUint16(at + 2);
    if (kind === OPTION_WINDOW_SCALE && length === 3) this.windowScale = view.getUint8(at + 2);
    if (kind === OPTION_SACK_PERMITTED && length === 2) this.sackPermitted = true;
    if (kind === OPTION_TIMESTAMPS && length === 10) {
      this.timestamp = view.getUint32(at + 2);
      this.timestampEcho = view.getUint32(at + 6);
    }
    if (kind === OPTION_SACK && length >= 10) {
      this.sackLeft = view.getInt32(at + 2);
      this.sackRight = view.getInt32(at + 6);
      this.sackBlocks = (length - 2) >> 3;
    }
  }
}
