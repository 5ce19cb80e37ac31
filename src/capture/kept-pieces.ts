/** What a byte becomes of which nothing else is known: no text, and the start of no protocol. */
export const FILLER = 0xaa;

/** Memory that a piece takes beside its bytes. */
const PIECE_COST = 64;

interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of one direction of a connection that are known to say nothing of anybody, by their
 * offset in the stream. All others are filler.
 */
export class KeptPieces {
  readonly #pieces: Piece[] = [];
  #cost = 0;

  /** Bytes of memory. */
  get cost(): number {
    return this.#cost;
  }

  get count(): number {
    return this.#pieces.length;
  }

  /** Pieces are added in any order and do not overlap. */
  add(start: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#cost += bytes.length + PIECE_COST;
    const after = this.#indexAfter(start);
    this.#pieces.splice(after, 0, { start, bytes });
  }

  /** Index of the first piece that starts beyond an offset. */
  #indexAfter(offset: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pieces[middle]?.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The anonymous bytes of a stretch of the stream. */
  render(start: number, length: number): Uint8Array {
    const out = new Uint8Array(length).fill(FILLER);
    const end = start + length;
    // The piece before may reach into it.
    for (let index = Math.max(0, this.#indexAfter(start) - 1); ; index++) {
      const piece = this.#pieces[index];
      if (piece === undefined || piece.start >= end) return out;
      const from = Math.max(start, piece.start);
      const to = Math.min(end, piece.start + piece.bytes.length);
      if (from < to) {
        out.set(piece.bytes.subarray(from - piece.start, to - piece.start), from - start);
      }
    }
  }
}
