import { type AttemptEnd, renderAttemptEnd } from './attempt-end.js';
import {
  encodeInterface,
  encodePacket,
  encodeSectionHeader,
  encodeStatistics,
  encodeTlsSecrets,
  type TimeResolution,
} from './pcapng-writer.js';

/** A packet on its way into a file. */
export interface FilePacket {
  /** nanoseconds since 1970 UTC */
  readonly atNs: bigint;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly comment: string | null;
}

/** Packets that came by the same way. */
export interface PacketGroup {
  readonly linkType: number;
  readonly resolution: TimeResolution;
  /** how they came about, for the description of their interface */
  readonly name: string;
  readonly description: string;
  readonly packets: readonly FilePacket[];
  /** from when to when was looked for packets, nanoseconds since 1970 UTC; null: not known */
  readonly from: bigint | null;
  readonly to: bigint | null;
  /** packets that the capture lost; null: not known */
  readonly dropped: number | null;
  /** how the one connection attempt in it ended; null: its packets tell, or there are others */
  readonly attempt: AttemptEnd | null;
}

export interface CaptureFile {
  readonly application: string;
  readonly comment: string;
  /** what is said of single connections, a comment each */
  readonly notes?: readonly string[];
  readonly groups: readonly PacketGroup[];
  /** lines of an NSS key log, without their ends */
  readonly keyLog: readonly string[];
}

/**
 * A whole pcapng file of one section: all packets in the order of their times. The secrets stand
 * before them, so that a reader that reads once can decrypt.
 */
export function encodeCaptureFile(file: CaptureFile): Uint8Array {
  const blocks: Uint8Array[] = [
    encodeSectionHeader({
      comment: file.comment,
      notes: file.notes ?? [],
      application: file.application,
    }),
    ...file.groups.map((group) => encodeInterface(group)),
  ];
  if (file.keyLog.length > 0) {
    blocks.push(encodeTlsSecrets(file.keyLog.map((line) => `${line}\n`).join('')));
  }
  for (const { packet, interfaceId, resolution } of inOrder(file.groups)) {
    blocks.push(encodePacket({ ...packet, interfaceId, time: inUnits(packet.atNs, resolution) }));
  }
  for (const [interfaceId, { from, to, resolution, dropped, attempt }] of file.groups.entries()) {
    if (from === null || to === null) continue;
    const comment = attempt === null ? null : renderAttemptEnd(attempt);
    const startTime = inUnits(from, resolution);
    const endTime = inUnits(to, resolution);
    blocks.push(encodeStatistics({ interfaceId, startTime, endTime, dropped, comment }));
  }
  return Buffer.concat(blocks);
}

interface Placed {
  readonly packet: FilePacket;
  readonly interfaceId: number;
  readonly resolution: TimeResolution;
}

/** Stable: packets of the same moment keep their order. */
function inOrder(groups: readonly PacketGroup[]): readonly Placed[] {
  const all = groups.flatMap(({ packets, resolution }, interfaceId) =>
    packets.map((packet): Placed => ({ packet, interfaceId, resolution })),
  );
  return all.sort((a, b) => Number(a.packet.atNs - b.packet.atNs));
}

function inUnits(atNs: bigint, resolution: TimeResolution): bigint {
  return resolution === 9 ? atNs : atNs / 1000n;
}
