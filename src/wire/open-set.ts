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

export function named(table: NameTable, value: number): Named {
  return { value, name: table[value] ?? null };
}

/** Names of the set bits, lowest first; a set bit without a name is shown as its hex number. */
export function flags(table: NameTable, value: number): Flags {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const mask = 2 ** bit;
    if (Math.floor(value / mask) % 2 === 1) names.push(table[mask] ?? `0x${mask.toString(16)}`);
  }
  return { value, names };
}
