/** Something that kept a part of a capture from being read, or makes a figure doubtful. */
export interface CaptureProblem {
  /** one sentence */
  readonly says: string;
  /** where it was met first, counted from 1 as Wireshark does; null: it concerns the whole file */
  readonly packet: number | null;
  /** how often it was met */
  readonly count: number;
}

/** More kinds of problem than a capture that is worth reading has. */
const MAX_KINDS = 100;

/** Collects problems: each sentence once, with its first packet and its count. */
export class Problems {
  readonly #found = new Map<string, { packet: number | null; count: number }>();

  add(says: string, packet: number | null = null): void {
    const known = this.#found.get(says);
    if (known !== undefined) known.count++;
    else if (this.#found.size < MAX_KINDS) this.#found.set(says, { packet, count: 1 });
  }

  list(): readonly CaptureProblem[] {
    return [...this.#found].map(([says, { packet, count }]) => ({ says, packet, count }));
  }
}
