import { ProbeError } from '../probe-error.js';
import type { FormatReader, PacketSink } from './packet.js';
import { PcapClassicReader } from './pcap-classic.js';
import { PCAP_HEADER_BYTES, sniffPcap } from './pcap-header.js';
import { PcapRecordsReader } from './pcap-records.js';
import { hasByteOrder, PcapngReader, SECTION_HEADER_BLOCK } from './pcapng.js';
import type { CaptureSource } from './source.js';
import { isCutShort } from './source.js';

/** Magic numbers of files that people send instead of a capture that can be read here. */
const FOREIGN_FORMATS: readonly (readonly [prefix: string, name: string])[] = [
  ['snoop\0\0\0', 'a snoop capture'],
  ['GMBU', 'a Microsoft Network Monitor capture'],
  ['TRSNIFF', 'a Sniffer capture'],
  ['PK\x03\x04', 'a zip archive'],
  ['7z\xbc\xaf', 'a 7z archive'],
  ['\x28\xb5\x2f\xfd', 'zstd data'],
  ['BZh', 'bzip2 data'],
  ['\xfd7zXZ', 'xz data'],
  ['\x1f\x8b', 'gzip data inside gzip data'],
];

const ADVICE = 'pcap and pcapng are read; `editcap -F pcapng IN OUT` converts other captures';

/**
 * Reads a capture of any format into a sink, in the file's order.
 *
 * A file that ends too early, or is damaged from some point on, is read up to there; the sink is
 * told.
 *
 * @param onChunk called after each chunk was read into the sink; what it returns is waited for
 * @throws ProbeError CANNOT_READ when it is no capture, or cannot be read
 */
export async function readCapture(
  source: CaptureSource,
  sink: PacketSink,
  onChunk: (reader: FormatReader) => void | Promise<void> = () => {},
): Promise<FormatReader> {
  let head: Uint8Array = new Uint8Array(0);
  let reader: FormatReader | null = null;
  try {
    for await (const chunk of source.chunks) {
      if (reader !== null) {
        reader.push(chunk);
        await onChunk(reader);
        continue;
      }
      head = head.length === 0 ? Uint8Array.from(chunk) : Buffer.concat([head, chunk]);
      if (head.length < PCAP_HEADER_BYTES) continue;
      reader = sniff(head, source.name, sink);
      reader.push(head);
      await onChunk(reader);
    }
  } catch (error) {
    if (reader === null || reader.packets === 0 || !isCutShort(error)) throw error;
    sink.problem('the gzip data ends too early: what could be decompressed was read');
  }
  reader ??= sniff(head, source.name, sink);
  reader.finish();
  return reader;
}

function sniff(head: Uint8Array, name: string, sink: PacketSink): FormatReader {
  if (head.length === 0) throw new ProbeError('CANNOT_READ', `${name} is empty`);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (head.length >= 4) {
    const classic = sniffPcap(view, 0);
    if (classic !== null && head.length < PCAP_HEADER_BYTES) {
      throw new ProbeError('CANNOT_READ', `${name} ends inside its pcap header`);
    }
    if (classic?.variant === 'microseconds') return new PcapClassicReader(sink);
    if (classic !== null) return new PcapRecordsReader(sink);
    if (view.getUint32(0, true) === SECTION_HEADER_BLOCK) {
      if (head.length < PCAP_HEADER_BYTES) {
        throw new ProbeError('CANNOT_READ', `${name} ends inside its pcapng header`);
      }
      if (!hasByteOrder(view, 8)) {
        throw new ProbeError(
          'CANNOT_READ',
          `${name} is no capture file: its section header is wrong`,
        );
      }
      return new PcapngReader(sink);
    }
  }
  const text = Buffer.from(head.subarray(0, 16)).toString('latin1');
  const [, known] = FOREIGN_FORMATS.find(([prefix]) => text.startsWith(prefix)) ?? [];
  const what = known === undefined ? 'is no capture file' : `is ${known}, not a capture`;
  throw new ProbeError('CANNOT_READ', `${name} ${what}: ${ADVICE}`);
}
