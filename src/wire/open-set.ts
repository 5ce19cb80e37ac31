/**
 * A number from the wire beside its name in the specification. The set is open: a number without a
 * known name stays that number, with `name` null.
 */
export interface Named {
  readonly value: number;
  readonly name: string | null;
}

/** A bit field beside the names of the bits that are set and known. */
export interface Flags {
  readonly value: number;
  readonly names: readonly string[];
}

export type NameTable = Readonly<Record<number, string>>;

/** One value for each known name: a capture with thousands of handshakes holds them in thousands. */
const knownNames = new WeakMap<NameTable, Map<number, Named>>();

export function named(table: NameTable, value: number): Named {
  const name = table[value];
  if (name === undefined) return { value, name: null };
  let known = knownNames.get(table);
  if (known === undefined) {
    known = new Map();
    knownNames.set(table, known);
  }
  const found = known.get(value) ?? { value, name };
  known.set(value, found);
  return found;
}

/** Names of the set bits, lowest first; a set bit without a name is shown as its hex number. */
export function flags(table: NameTable, value: number): Flags {
  const names: string[] = [];
  for (let rest = value >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) {
    const mask = (rest & -rest) >>> 0;
    names.push(table[mask] ?? `0x${mask.toString(16)}`);
  }
  return { value, names };
}
