import { concat } from '../../src/wire/writer.js';

/*
 * Packets and capture files, made by hand for tests of the capture reader. Nothing here is shared
 * with the reader, so that one does not repeat the other's mistake.
 */

export function bytesOf(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function u16(value: number): Uint8Array {
  return bytesOf((value >> 8) & 0xff, value & 0xff);
}

export function u32(value: number): Uint8Array {
  return concat(u16(Math.floor(value / 0x10000) & 0xffff), u16(value & 0xffff));
}

/** A number in the byte order of a file. */
function field(value: number, width: 2 | 4, littleEndian: boolean): Uint8Array {
  const bytes = width === 2 ? u16(value) : u32(value >>> 0);
  return littleEndian ? bytes.toReversed() : bytes;
}

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

export interface Segment {
  /** `10.0.0.1:50000`, or with an IPv6 address in brackets */
  readonly from: string;
  readonly to: string;
  readonly flags?: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
  readonly id?: number;
  /** time to live, or hop limit; 64 where left out */
  readonly ttl?: number;
}

export function splitEndpoint(endpoint: string): { address: Uint8Array; port: number } {
  const colon = endpoint.lastIndexOf(':');
  const port = Number(endpoint.slice(colon + 1));
  const host = endpoint.slice(0, colon).replace(/^\[|\]$/g, '');
  if (!host.includes(':')) return { address: bytesOf(...host.split('.').map(Number)), port };
  const [head = '', tail] = host.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((g) => parseInt(g, 16)));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return { address: concat(...[...before, ...zeros, ...after].map(u16)), port };
}

/** A TCP header and its payload. The checksum is told by the payload, and is not right. */
export function tcp(segment: Segment): Uint8Array {
  const options = segment.options ?? new Uint8Array(0);
  const padded = concat(options, new Uint8Array(-options.length & 3));
  const payload = segment.payload ?? new Uint8Array(0);
  const sum = payload.reduce((total, byte) => (total + byte) & 0xffff, 0);
  return concat(
    u16(splitEndpoint(segment.from).port),
    u16(splitEndpoint(segment.to).port),
    u32(segment.seq ?? 0),
    u32(segment.ack ?? 0),
    bytesOf((5 + padded.length / 4) << 4, segment.flags ?? ACK),
    u16(segment.window ?? 64_000),
    u16(sum),
    u16(0),
    padded,
    payload,
  );
}

let lastId = 0;

export interface IpFields {
  readonly from: string;
  readonly to: string;
  readonly protocol?: number;
  readonly id?: number;
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  readonly ttl?: number;
}

export function ipv4(fields: IpFields, payload: Uint8Array): Uint8Array {
  lastId = (lastId + 1) & 0xffff;
  const fragment = (fields.fragmentOffset ?? 0) / 8 + (fields.moreFragments === true ? 0x2000 : 0);
  return concat(
    bytesOf(0x45, 0),
    u16(20 + payload.length),
    u16(fields.id ?? lastId),
    u16(fragment),
    bytesOf(fields.ttl ?? 64, fields.protocol ?? 6),
    u16(0),
    splitEndpoint(fields.from).address,
    splitEndpoint(fields.to).address,
    payload,
  );
}

/** @param extensions whole extension headers; `next` is the number of the first of them */
export function ipv6(
  fields: IpFields,
  payload: Uint8Array,
  extensions: { next: number; bytes: Uint8Array } = { next: 6, bytes: new Uint8Array(0) },
): Uint8Array {
  return concat(
    u32(0x60000000),
    u16(extensions.bytes.length + payload.length),
    bytesOf(extensions.next, fields.ttl ?? 64),
    splitEndpoint(fields.from).address,
    splitEndpoint(fields.to).address,
    extensions.bytes,
    payload,
  );
}

export function ip(segment: Segment): Uint8Array {
  const fields = segment.id === undefined ? segment : { ...segment, id: segment.id };
  return segment.from.startsWith('[') ? ipv6(fields, tcp(segment)) : ipv4(fields, tcp(segment));
}

export function ethernet(
  payload: Uint8Array,
  type?: number,
  tags: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const version = (payload[0] ?? 0) >> 4;
  const etherType = type ?? (version === 6 ? 0x86dd : 0x0800);
  return concat(new Uint8Array(12), tags, u16(etherType), payload);
}

/** One packet of a capture file; times in seconds since 1970. */
export interface Captured {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** length on the wire, where less was captured */
  readonly originalLength?: number;
}

export interface PcapOptions {
  readonly littleEndian?: boolean;
  readonly variant?: 'microseconds' | 'nanoseconds' | 'modified';
  readonly linkType?: number;
}

const MAGIC = { microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d, modified: 0xa1b2cd34 } as const;

export function pcap(packets: readonly Captured[], options: PcapOptions = {}): Uint8Array {
  const { littleEndian = true, variant = 'microseconds', linkType = 1 } = options;
  const word = (value: number) => field(value, 4, littleEndian);
  const half = (value: number) => field(value, 2, littleEndian);
  const header = [word(MAGIC[variant]), half(2), half(4), word(0), word(0), word(262_144)];
  const records = packets.map(({ at, bytes, originalLength }) => {
    const seconds = Math.floor(at);
    const fraction = (at - seconds) * (variant === 'nanoseconds' ? 1e9 : 1e6);
    return concat(
      word(seconds),
      word(Math.round(fraction)),
      word(bytes.length),
      word(originalLength ?? bytes.length),
      variant === 'modified' ? new Uint8Array(8) : new Uint8Array(0),
      bytes,
    );
  });
  return concat(...header, word(linkType), ...records);
}

/** A pcapng block, whole. */
export function block(type: number, body: Uint8Array, littleEndian = true): Uint8Array {
  const padded = concat(body, new Uint8Array(-body.length & 3));
  const length = field(padded.length + 12, 4, littleEndian);
  return concat(field(type, 4, littleEndian), length, padded, length);
}

export function option(code: number, value: Uint8Array, littleEndian = true): Uint8Array {
  const half = (number: number) => field(number, 2, littleEndian);
  return concat(half(code), half(value.length), value, new Uint8Array(-value.length & 3));
}

export function sectionHeader(littleEndian = true): Uint8Array {
  const body = concat(
    field(0x1a2b3c4d, 4, littleEndian),
    field(1, 2, littleEndian),
    field(0, 2, littleEndian),
    new Uint8Array(8).fill(0xff),
  );
  return block(0x0a0d0d0a, body, littleEndian);
}

export function interfaceDescription(
  fields: { linkType?: number; snapLength?: number; options?: Uint8Array } = {},
  littleEndian = true,
): Uint8Array {
  const body = concat(
    field(fields.linkType ?? 1, 2, littleEndian),
    new Uint8Array(2),
    field(fields.snapLength ?? 0, 4, littleEndian),
    fields.options ?? new Uint8Array(0),
  );
  return block(1, body, littleEndian);
}

/** @param units the time stamp in units of the interface */
export function enhancedPacket(
  packet: { interface?: number; units: bigint; bytes: Uint8Array; originalLength?: number },
  littleEndian = true,
): Uint8Array {
  const word = (value: number) => field(value, 4, littleEndian);
  const body = concat(
    word(packet.interface ?? 0),
    word(Number(packet.units >> 32n)),
    word(Number(packet.units & 0xffffffffn)),
    word(packet.bytes.length),
    word(packet.originalLength ?? packet.bytes.length),
    packet.bytes,
  );
  return block(6, body, littleEndian);
}

export function simplePacket(bytes: Uint8Array, littleEndian = true): Uint8Array {
  return block(3, concat(field(bytes.length, 4, littleEndian), bytes), littleEndian);
}

export function obsoletePacket(
  packet: { interface?: number; units: bigint; bytes: Uint8Array },
  littleEndian = true,
): Uint8Array {
  const word = (value: number) => field(value, 4, littleEndian);
  const body = concat(
    field(packet.interface ?? 0, 2, littleEndian),
    field(0, 2, littleEndian),
    word(Number(packet.units >> 32n)),
    word(Number(packet.units & 0xffffffffn)),
    word(packet.bytes.length),
    word(packet.bytes.length),
    packet.bytes,
  );
  return block(2, body, littleEndian);
}

export function secrets(text: string, littleEndian = true): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const word = (value: number) => field(value, 4, littleEndian);
  return block(10, concat(word(0x544c534b), word(bytes.length), bytes), littleEndian);
}

/** The packets as pcapng, with microseconds. */
export function pcapng(packets: readonly Captured[], littleEndian = true): Uint8Array {
  return concat(
    sectionHeader(littleEndian),
    interfaceDescription({}, littleEndian),
    ...packets.map(({ at, bytes, originalLength }) =>
      enhancedPacket(
        {
          units: BigInt(Math.round(at * 1e6)),
          bytes,
          ...(originalLength === undefined ? {} : { originalLength }),
        },
        littleEndian,
      ),
    ),
  );
}

/** MSS, SACK permitted and window scale 7, as Linux sends them. */
export const SYN_OPTIONS = bytesOf(2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7);
