/** An Interface Description Block, [pcapng] section 4.2, as far as packets need it. */
export interface PcapngInterface {
  readonly linkType: number;
  /** 0: no limit */
  readonly snapLength: number;
  readonly nanosPerUnit: number;
  readonly unitsPerSecond: bigint;
  /** if_tsoffset: seconds to add to every time stamp */
  readonly offsetSeconds: bigint;
  /**
   * The first time stamp of this interface in its own units, and when that is on the file's scale:
   * later ones are told by their distance to it, which a double holds exactly.
   */
  anchor: { readonly high: number; readonly low: number; readonly at: number } | null;
}

const OPT_END = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const ISB_ENDTIME = 3;
const ISB_IFDROP = 5;

/**
 * Steps over a list of options, [pcapng] section 3.5.
 *
 * INVARIANT: each step goes on by at least four bytes, so the list is at most as long as its block.
 */
export function forEachOption(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
  take: (code: number, valueStart: number, length: number) => void,
): void {
  let at = start;
  while (end - at >= 4) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === OPT_END || length > end - at - 4) return;
    take(code, at + 4, length);
    at += 4 + length + (-length & 3);
  }
}

/**
 * if_tsresol: the high bit says whether the rest is a power of 2 or of 10. Both are unbounded in
 * the specification; beyond 10^-18 or 2^-60 no clock resolves anything, and 64 bits overflow in
 * seconds.
 */
function unitsPerSecondOf(resolution: number): bigint | null {
  const power = resolution & 0x7f;
  if ((resolution & 0x80) !== 0) return power > 60 ? null : 1n << BigInt(power);
  return power > 18 ? null : 10n ** BigInt(power);
}

/**
 * @param start of the block's body; the caller made sure of its fixed eight bytes
 * @returns null: the resolution is one that cannot be
 */
export function decodeInterface(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
): PcapngInterface | null {
  let unitsPerSecond: bigint | null = 1_000_000n;
  let offsetSeconds = 0n;
  forEachOption(view, start + 8, end, littleEndian, (code, at, length) => {
    if (code === IF_TSRESOL && length >= 1) unitsPerSecond = unitsPerSecondOf(view.getUint8(at));
    if (code === IF_TSOFFSET && length >= 8) offsetSeconds = view.getBigInt64(at, littleEndian);
  });
  if (unitsPerSecond === null) return null;
  return {
    linkType: view.getUint16(start, littleEndian),
    snapLength: view.getUint32(start + 4, littleEndian),
    unitsPerSecond,
    nanosPerUnit: 1e9 / Number(unitsPerSecond),
    offsetSeconds,
    anchor: null,
  };
}

/** Nanoseconds since 1970 UTC of a time stamp in two halves. */
export function instantOf(described: PcapngInterface, high: number, low: number): bigint {
  const units = (BigInt(high) << 32n) | BigInt(low);
  const { unitsPerSecond, offsetSeconds } = described;
  return (units * 1_000_000_000n) / unitsPerSecond + offsetSeconds * 1_000_000_000n;
}

/** Options of an Interface Statistics Block, [pcapng] section 4.6. */
export interface InterfaceStatistics {
  /** packets that the capture itself lost */
  readonly dropped: bigint;
  /** isb_endtime, in the unit of the interface; null: not told */
  readonly end: { readonly high: number; readonly low: number } | null;
  /** cut at MAX_COMMENT */
  readonly comment: string;
}

/** Ours are shorter, and those of others are not read. */
const MAX_COMMENT = 100;

/** Of the comments of a section, ours are a clause with what it is about; longer ones are others'. */
const MAX_NOTE = 1000;

export function decodeStatistics(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
): InterfaceStatistics {
  let dropped = 0n;
  let endTime: InterfaceStatistics['end'] = null;
  let comment = '';
  forEachOption(view, start, end, littleEndian, (code, at, length) => {
    if (code === ISB_IFDROP && length >= 8) dropped = view.getBigUint64(at, littleEndian);
    if (code === ISB_ENDTIME && length >= 8) {
      endTime = {
        high: view.getUint32(at, littleEndian),
        low: view.getUint32(at + 4, littleEndian),
      };
    }
    if (code === OPT_COMMENT) comment = textAt(view, at, Math.min(length, MAX_COMMENT));
  });
  return { dropped, end: endTime, comment };
}

/** shb_userappl: the program that wrote a section; empty: it does not say. */
export function decodeSection(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
): { readonly application: string; readonly comments: readonly string[] } {
  let application = '';
  const comments: string[] = [];
  forEachOption(view, start, end, littleEndian, (code, at, length) => {
    if (code === SHB_USERAPPL) application = textAt(view, at, Math.min(length, MAX_COMMENT));
    if (code === OPT_COMMENT && length <= MAX_NOTE) comments.push(textAt(view, at, length));
  });
  return { application, comments };
}

function textAt(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString();
}
