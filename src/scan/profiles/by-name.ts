import type { NameTable } from '../../wire/open-set.js';
import { CIPHER_SUITES } from '../../wire/tls-cipher-suites.js';
import { NAMED_GROUPS, SIGNATURE_SCHEMES, TLS_VERSIONS } from '../../wire/tls-names.js';

/** Documents name what they list; the wire carries numbers. An unknown name is a mistake of ours. */
function numbersByName(table: NameTable): (names: string) => readonly number[] {
  const numbers = new Map(Object.entries(table).map(([value, name]) => [name, Number(value)]));
  return (names) =>
    names
      .split(/\s+/)
      .filter((name) => name !== '')
      .map((name) => {
        const value = numbers.get(name);
        if (value === undefined) throw new RangeError(`no number is known of ${name}`);
        return value;
      });
}

/** Cipher suites by their IANA names without the common prefix `TLS_`, separated by white space. */
export function suites(names: string): readonly number[] {
  return suitesByName(names.replace(/\S+/g, 'TLS_$&'));
}

const suitesByName = numbersByName(CIPHER_SUITES);

/** NamedGroups, RFC 8446 section 4.2.7, by their names. */
export const groups = numbersByName(NAMED_GROUPS);

/** SignatureSchemes, RFC 8446 section 4.2.3, by their names. */
export const schemes = numbersByName(SIGNATURE_SCHEMES);

/** Versions by their names, e.g. `TLSv1.2 TLSv1.1`. */
export const versions = numbersByName(TLS_VERSIONS);
