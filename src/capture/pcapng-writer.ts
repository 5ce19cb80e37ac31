import { Writer } from '../wire/writer.js';

/*
 * Blocks of pcapng, [pcapng] section 4, little endian. Each function gives one whole block.
 */

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const INTERFACE_STATISTICS_BLOCK = 5;
const ENHANCED_PACKET_BLOCK = 6;
const DECRYPTION_SECRETS_BLOCK = 10;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Secrets type `TLSK`: an NSS key log. */
const TLS_KEY_LOG = 0x544c534b;

const OPT_END = 0;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const ISB_STARTTIME = 2;
const ISB_ENDTIME = 3;
const ISB_IFDROP = 5;

/** An option's length has 16 bits, and its value is padded to four bytes. */
const MAX_OPTION_BYTES = 65_532;

/** Type and total length before the body, total length again after it. */
const BLOCK_FRAME_BYTES = 12;

/** A time stamp's unit: microseconds or nanoseconds. */
export type TimeResolution = 6 | 9;

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

export interface SectionDescription {
  readonly comment: string | null;
  /** comments of their own, each below 64 kB */
  readonly notes?: readonly string[];
  /** the program that writes the file */
  readonly application: string | null;
}

/** Section Header Block, section 4.1. Its length is left open, as writers of streams do. */
export function encodeSectionHeader({
  comment,
  notes = [],
  application,
}: SectionDescription): Uint8Array {
  const body = new Writer().u32le(BYTE_ORDER_MAGIC).u16le(1).u16le(0);
  body.u64le(0xffff_ffff_ffff_ffffn);
  const options = [
    ...text(OPT_COMMENT, comment),
    ...notes.flatMap((note) => text(OPT_COMMENT, note)),
    ...text(SHB_USERAPPL, application),
  ];
  return block(SECTION_HEADER_BLOCK, body, options);
}

export interface InterfaceDescription {
  /** LINKTYPE number */
  readonly linkType: number;
  readonly resolution: TimeResolution;
  readonly name: string | null;
  readonly description: string | null;
}

/** Interface Description Block, section 4.2. Packets are written whole, so there is no snap length. */
export function encodeInterface(described: InterfaceDescription): Uint8Array {
  const body = new Writer().u16le(described.linkType).u16le(0).u32le(0);
  return block(INTERFACE_DESCRIPTION_BLOCK, body, [
    ...text(IF_NAME, described.name),
    ...text(IF_DESCRIPTION, described.description),
    { code: IF_TSRESOL, value: Uint8Array.of(described.resolution) },
  ]);
}

export interface PacketDescription {
  /** of its interface, counted from 0 in the order of their blocks */
  readonly interfaceId: number;
  /** since 1970 UTC, in the unit of its interface */
  readonly time: bigint;
  readonly bytes: Uint8Array;
  /** length on the wire; at least what was captured */
  readonly originalLength: number;
  readonly comment: string | null;
}

/** Enhanced Packet Block, section 4.3. */
export function encodePacket(packet: PacketDescription): Uint8Array {
  const { bytes, time } = packet;
  const body = new Writer().u32le(packet.interfaceId);
  halves(body, time).u32le(bytes.length).u32le(packet.originalLength);
  body.bytes(bytes).zeros(paddingOf(bytes.length));
  return block(ENHANCED_PACKET_BLOCK, body, text(OPT_COMMENT, packet.comment));
}

/** Decryption Secrets Block, section 4.7, with the lines of an NSS key log. */
export function encodeTlsSecrets(keyLog: string): Uint8Array {
  const secrets = new TextEncoder().encode(keyLog);
  const body = new Writer().u32le(TLS_KEY_LOG).u32le(secrets.length);
  body.bytes(secrets).zeros(paddingOf(secrets.length));
  return block(DECRYPTION_SECRETS_BLOCK, body, []);
}

export interface InterfaceStatistics {
  readonly interfaceId: number;
  /** since 1970 UTC, in the unit of the interface: from when to when packets were looked for */
  readonly startTime: bigint | null;
  readonly endTime: bigint;
  /** packets that the capture lost; null: not known */
  readonly dropped: number | null;
  readonly comment: string | null;
}

/** Interface Statistics Block, section 4.6. */
export function encodeStatistics(statistics: InterfaceStatistics): Uint8Array {
  const { startTime, endTime, dropped } = statistics;
  const body = halves(new Writer().u32le(statistics.interfaceId), endTime);
  return block(INTERFACE_STATISTICS_BLOCK, body, [
    ...text(OPT_COMMENT, statistics.comment),
    ...(startTime === null
      ? []
      : [{ code: ISB_STARTTIME, value: halves(new Writer(), startTime).finish() }]),
    { code: ISB_ENDTIME, value: halves(new Writer(), endTime).finish() },
    ...(dropped === null
      ? []
      : [{ code: ISB_IFDROP, value: new Writer().u64le(BigInt(dropped)).finish() }]),
  ]);
}

/** A time stamp stands as two words, the high one first, whatever the byte order. */
function halves(writer: Writer, time: bigint): Writer {
  return writer.u32le(Number((time >> 32n) & 0xffff_ffffn)).u32le(Number(time & 0xffff_ffffn));
}

function paddingOf(length: number): number {
  return -length & 3;
}

/** A list of none or one, so that what is not known leaves no option. */
function text(code: number, value: string | null): readonly Option[] {
  if (value === null || value === '') return [];
  const bytes = new TextEncoder().encode(value);
  return [{ code, value: wholeCharacters(bytes, MAX_OPTION_BYTES) }];
}

/** Cuts UTF-8 where a character starts. */
function wholeCharacters(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

function block(type: number, body: Writer, options: readonly Option[]): Uint8Array {
  for (const { code, value } of options) {
    body.u16le(code).u16le(value.length).bytes(value).zeros(paddingOf(value.length));
  }
  // The list is ended only where there is one.
  if (options.length > 0) body.u16le(OPT_END).u16le(0);
  const length = body.length + BLOCK_FRAME_BYTES;
  const whole = new Writer().u32le(type).u32le(length).bytes(body.finish()).u32le(length);
  return whole.finish();
}
