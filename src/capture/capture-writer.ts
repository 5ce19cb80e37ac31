import { closeSync, ftruncateSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { ProbeError } from '../probe-error.js';
import { type AttemptEnd, renderAttemptEnd } from './attempt-end.js';
import { cannotWrite } from './cannot-write.js';
import {
  encodeInterface,
  encodePacket,
  encodeSectionHeader,
  encodeStatistics,
  type SectionDescription,
} from './pcapng-writer.js';
import { LINKTYPE_ETHERNET } from './segment.js';

/** Blocks are written together: a system call for each packet would cost more than the packet. */
const FLUSH_BYTES = 1 << 20;

/** The interface of packets of which no more is to be said. */
export const PLAIN_INTERFACE = 0;

/** What eight bytes hold. */
const MAX_TIME_NS = 0xffff_ffff_ffff_ffffn;

/**
 * Writes Ethernet packets into a pcapng file, with nanoseconds. Synchronous, so that whoever reads
 * packets faster than the disk takes them does not collect them in memory.
 */
export class CaptureWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #isNew: boolean;
  #blocks: Uint8Array[] = [];
  #size = 0;
  #packets = 0;
  #interfaces = 0;
  #started = false;

  private constructor(path: string, file: number, isNew: boolean) {
    this.#path = path;
    this.#file = file;
    this.#isNew = isNew;
  }

  /**
   * Makes sure of the file; nothing is in it before `begin`.
   *
   * @param input a file that must not be the same
   * @throws ProbeError CANNOT_WRITE
   */
  static open(path: string, input: string, overwrite: boolean): CaptureWriter {
    let file: number;
    try {
      file = openSync(path, overwrite ? 'a' : 'wx');
    } catch (error) {
      throw cannotWrite(path, error);
    }
    if (isSameFile(path, input)) {
      closeSync(file);
      throw new ProbeError('CANNOT_WRITE', `${path} cannot be written: it is being read`);
    }
    return new CaptureWriter(path, file, !overwrite);
  }

  /** The section that all packets belong to, with the interface of those that need no other. */
  begin(section: SectionDescription): void {
    this.#add(encodeSectionHeader(section));
    this.addInterface();
  }

  /** @returns its number; the first is there already */
  addInterface(): number {
    this.#add(
      encodeInterface({
        linkType: LINKTYPE_ETHERNET,
        resolution: 9,
        name: null,
        description: null,
      }),
    );
    return this.#interfaces++;
  }

  /** @param atNs nanoseconds since 1970 UTC */
  packet(interfaceId: number, atNs: bigint, bytes: Uint8Array, originalLength: number): void {
    this.#packets++;
    this.#add(encodePacket({ interfaceId, time: atNs, bytes, originalLength, comment: null }));
  }

  /**
   * Tells until when packets were looked for on an interface. A time that cannot be written is not.
   *
   * @param untilNs nanoseconds since 1970 UTC
   */
  watched(interfaceId: number, untilNs: bigint, attempt: AttemptEnd | null): void {
    if (untilNs < 0n || untilNs > MAX_TIME_NS) return;
    const comment = attempt === null ? null : renderAttemptEnd(attempt);
    const times = { startTime: null, endTime: untilNs };
    this.#add(encodeStatistics({ interfaceId, ...times, dropped: null, comment }));
  }

  #add(block: Uint8Array): void {
    this.#blocks.push(block);
    this.#size += block.length;
    if (this.#size >= FLUSH_BYTES) this.#flush();
  }

  #flush(): void {
    // An old file keeps its content until there is something to replace it with.
    if (!this.#started) this.#write(() => ftruncateSync(this.#file, 0));
    this.#started = true;
    const bytes = Buffer.concat(this.#blocks);
    this.#blocks = [];
    this.#size = 0;
    for (let at = 0; at < bytes.length; ) {
      this.#write(() => {
        at += writeSync(this.#file, bytes, at);
      });
    }
  }

  #write(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  /** @returns how many packets were written */
  close(): number {
    this.#flush();
    this.#write(() => closeSync(this.#file));
    return this.#packets;
  }

  /** Leaves no half of a file behind. */
  abandon(): void {
    try {
      closeSync(this.#file);
      if (this.#isNew) unlinkSync(this.#path);
    } catch {
      // What made it break off is told already.
    }
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.ino === b.ino && a.dev === b.dev && a.ino !== 0;
  } catch {
    return false;
  }
}
