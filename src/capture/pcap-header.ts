import { ProbeError } from '../probe-error.js';

/** Bytes of a classic pcap's file header. */
export const PCAP_HEADER_BYTES = 24;

/** The kinds of classic pcap, which differ in their time stamps and record headers. */
export type PcapVariant = 'microseconds' | 'nanoseconds' | 'modified';

export interface PcapHeader {
  readonly variant: PcapVariant;
  readonly littleEndian: boolean;
  readonly linkType: number;
}

/** Magic numbers as they read when the byte order is right, [pcap] section 4. */
const VARIANTS: ReadonlyMap<number, PcapVariant> = new Map([
  [0xa1b2c3d4, 'microseconds'],
  [0xa1b23c4d, 'nanoseconds'],
  // Alexey Kuznetsov's patched libpcap: longer record headers.
  [0xa1b2cd34, 'modified'],
]);

/** What a file's first four bytes say of it; null: it is no classic pcap. */
export function sniffPcap(
  view: DataView,
  start: number,
): Pick<PcapHeader, 'variant' | 'littleEndian'> | null {
  for (const littleEndian of [true, false]) {
    const variant = VARIANTS.get(view.getUint32(start, littleEndian));
    if (variant !== undefined) return { variant, littleEndian };
  }
  return null;
}

/**
 * The file header, [pcap] section 4.
 *
 * @throws ProbeError CANNOT_READ for a version nobody has defined
 */
export function decodePcapHeader(view: DataView, start: number): PcapHeader {
  const sniffed = sniffPcap(view, start);
  if (sniffed === null) throw new ProbeError('CANNOT_READ', 'this is not a pcap file');
  const { littleEndian } = sniffed;
  const major = view.getUint16(start + 4, littleEndian);
  if (major !== 2) {
    const minor = view.getUint16(start + 6, littleEndian);
    throw new ProbeError(
      'CANNOT_READ',
      `the pcap file says it has version ${major}.${minor}; only 2.x is known`,
    );
  }
  // The upper bits tell of a frame check sequence, which the IP header's length leaves out anyway.
  const linkType = view.getUint32(start + 20, littleEndian) & 0xffff;
  return { ...sniffed, linkType };
}

/** The sentence for a record that claims more than any packet has. */
export function tooLong(number: number, length: number, offset: number): string {
  return `packet ${number} at byte ${offset} claims ${length} bytes, more than any packet has: the file is damaged there, and nothing after it is read`;
}

/** The sentence for a file that ends inside a record. */
export function cutShort(number: number): string {
  return `the file ends inside packet ${number}: what came before it was read`;
}
