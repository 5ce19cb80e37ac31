import type { IpHeader } from './ip.js';
import type { Packet } from './packet.js';

/** RFC 791: the total length has sixteen bits. */
const MAX_DATAGRAM_BYTES = 65_535;

/** Datagrams of which some parts are missing, all senders together. */
const MAX_DATAGRAMS = 256;

/** RFC 1122 section 3.3.2 and RFC 8200 section 4.5: a receiver waits for 60 s. */
const MAX_AGE_NS = 60e9;

interface Datagram {
  /** a whole IP packet: one header and what has come of its payload */
  bytes: Uint8Array;
  readonly headerLength: number;
  readonly startedAt: number;
  /** [from, to) of the payload, sorted, not touching */
  ranges: (readonly [number, number])[];
  /** payload length; null: its last fragment has not come */
  length: number | null;
  fragments: number;
}

/** A datagram whose last missing part has come. */
export interface Reassembled {
  /** a whole packet that starts with its IP header */
  readonly bytes: Uint8Array;
  readonly fragments: number;
}

/**
 * Puts IP fragments together. Where parts overlap, the first copy wins.
 *
 * INVARIANT: at most MAX_DATAGRAMS of MAX_DATAGRAM_BYTES each are kept.
 */
export class Fragments {
  readonly #datagrams = new Map<string, Datagram>();
  readonly #onIncomplete: (part: Reassembled) => void;
  #total = 0;
  #incomplete = 0;

  /** @param onIncomplete takes what has come of a datagram that is given up, if its first bytes have */
  constructor(onIncomplete: (part: Reassembled) => void = () => {}) {
    this.#onIncomplete = onIncomplete;
  }

  /** Fragments seen. */
  get total(): number {
    return this.#total;
  }

  /** Datagrams that were given up. */
  get incomplete(): number {
    return this.#incomplete;
  }

  /** Nothing more will come. */
  finish(): void {
    for (const key of this.#datagrams.keys()) this.#giveUp(key);
  }

  #giveUp(key: string): void {
    const datagram = this.#datagrams.get(key);
    if (datagram === undefined) return;
    this.#datagrams.delete(key);
    this.#incomplete++;
    const { bytes, headerLength, ranges, fragments } = datagram;
    const [first] = ranges;
    if (first?.[0] === 0) {
      this.#onIncomplete({ bytes: bytes.subarray(0, headerLength + first[1]), fragments });
    }
  }

  /** @returns null: parts are still missing, or the fragment cannot be */
  add(ip: IpHeader, packet: Packet): Reassembled | null {
    this.#total++;
    const captured = ip.payloadEnd - ip.payloadStart;
    // A fragment that was cut when it was captured leaves a hole for good.
    if (captured < ip.payloadLength || captured <= 0) return null;
    if (ip.fragmentOffset + captured > MAX_DATAGRAM_BYTES) return null;
    if (ip.moreFragments && captured % 8 !== 0) return null;
    const key = this.#keyOf(ip, packet.bytes);
    const datagram = this.#datagrams.get(key) ?? this.#open(key, ip, packet);
    datagram.fragments++;
    if (!ip.moreFragments) datagram.length ??= ip.fragmentOffset + captured;
    place(datagram, ip.fragmentOffset, packet.bytes.subarray(ip.payloadStart, ip.payloadEnd));
    const [only] = datagram.ranges;
    const isWhole =
      datagram.ranges.length === 1 &&
      only?.[0] === 0 &&
      datagram.length !== null &&
      only[1] >= datagram.length;
    if (!isWhole) return null;
    this.#datagrams.delete(key);
    return { bytes: finished(datagram, ip.version), fragments: datagram.fragments };
  }

  #open(key: string, ip: IpHeader, packet: Packet): Datagram {
    for (const [oldKey, old] of this.#datagrams) {
      if (this.#datagrams.size < MAX_DATAGRAMS && packet.at - old.startedAt <= MAX_AGE_NS) break;
      this.#giveUp(oldKey);
    }
    const headerLength = ip.version === 4 ? 20 : 40;
    const bytes = new Uint8Array(headerLength + 2048);
    bytes.set(packet.bytes.subarray(ip.headerStart, ip.headerStart + headerLength));
    // Options and extension headers are not copied: the header says so.
    if (ip.version === 4) bytes[0] = 0x45;
    else bytes[6] = ip.protocol;
    const datagram = {
      bytes,
      headerLength,
      startedAt: packet.at,
      ranges: [],
      length: null,
      fragments: 0,
    };
    this.#datagrams.set(key, datagram);
    return datagram;
  }

  #keyOf(ip: IpHeader, bytes: Uint8Array): string {
    const addresses = bytes.subarray(ip.source, ip.source + 2 * ip.addressBytes);
    return `${Buffer.from(addresses).toString('latin1')} ${ip.protocol} ${ip.identification}`;
  }
}

/** Copies the bytes of a fragment that no earlier one had. */
function place(datagram: Datagram, offset: number, bytes: Uint8Array): void {
  const { headerLength } = datagram;
  const end = offset + bytes.length;
  if (headerLength + end > datagram.bytes.length) {
    const larger = new Uint8Array(headerLength + Math.max(end, 2 * datagram.bytes.length));
    larger.set(datagram.bytes);
    datagram.bytes = larger;
  }
  let from = offset;
  const merged: (readonly [number, number])[] = [];
  let [low, high] = [offset, end];
  for (const range of datagram.ranges) {
    const [start, stop] = range;
    if (stop < offset || start > end) {
      merged.push(range);
      continue;
    }
    if (start > from) {
      datagram.bytes.set(bytes.subarray(from - offset, start - offset), headerLength + from);
    }
    from = Math.max(from, stop);
    low = Math.min(low, start);
    high = Math.max(high, stop);
  }
  if (from < end) datagram.bytes.set(bytes.subarray(from - offset), headerLength + from);
  merged.push([low, high]);
  datagram.ranges = merged.sort(([a], [b]) => a - b);
}

/** Writes the lengths of a whole packet into its header. */
function finished({ bytes, headerLength, length }: Datagram, version: 4 | 6): Uint8Array {
  const payload = length ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (version === 4) {
    // A header of 20 bytes before 65,535 of payload does not fit the field: 0 means "as captured".
    view.setUint16(2, headerLength + payload > 0xffff ? 0 : headerLength + payload);
    view.setUint16(6, 0);
  } else {
    view.setUint16(4, payload > 0xffff ? 0 : payload);
  }
  return bytes.subarray(0, headerLength + payload);
}
