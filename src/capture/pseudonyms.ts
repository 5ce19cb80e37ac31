import { createHmac } from 'node:crypto';
import { toHex } from '../wire/hex.js';

/**
 * RFC 5737 and, after those, RFC 2544: addresses that are nobody's. First and how many; network and
 * broadcast addresses of the small blocks are left out.
 */
const IPV4_BLOCKS: readonly (readonly [first: number, count: number])[] = [
  [0xc0000201, 254], // 192.0.2.0/24
  [0xc6336401, 254], // 198.51.100.0/24
  [0xcb007101, 254], // 203.0.113.0/24
  [0xc6120001, 131_070], // 198.18.0.0/15
  // Reserved for the future since 1989: for captures of scans.
  [0xf0000001, 900_000],
];

const MAX_IPV4 = IPV4_BLOCKS.reduce((sum, [, count]) => sum + count, 0);

/** RFC 3849: 2001:db8::/32. */
const IPV6_PREFIX = Uint8Array.of(0x20, 0x01, 0x0d, 0xb8);

/** IEEE 802: the bit of locally administered addresses. */
const LOCAL_MAC = Uint8Array.of(0x02);

const NOTHING = new Uint8Array(0);

/** A capture names the same few things again and again. */
const MAX_REMEMBERED = 10_000;

/**
 * Stand-ins for what would identify somebody: always the same for the same original, as long as the
 * original, and not to be led back to it without the key.
 */
export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #ipv4 = new Map<number, number>();
  readonly #words = new Map<string, string>();
  readonly #hosts = new Map<string, Uint8Array>();

  /** @param key random bytes that are forgotten afterwards */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Bytes that look random. */
  bytes(original: Uint8Array): Uint8Array {
    return this.#stream(`bytes ${toHex(original)}`, original.length);
  }

  #stream(name: string, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let at = 0, block = 0; at < length; block++) {
      const digest = createHmac('sha256', this.#key).update(`${block} ${name}`).digest();
      out.set(digest.subarray(0, Math.min(digest.length, length - at)), at);
      at += digest.length;
    }
    return out;
  }

  /**
   * What stands for a host in one way or another; it is asked for with every packet.
   *
   * @param start what it starts with, whatever the original
   */
  #forHost(kind: string, original: Uint8Array, start: Uint8Array, length: number): Uint8Array {
    const name = `${kind} ${Buffer.from(original).toString('latin1')}`;
    let found = this.#hosts.get(name);
    if (found === undefined) {
      found = this.#stream(`${kind} ${toHex(original)}`, length);
      found.set(start);
      if (this.#hosts.size >= MAX_REMEMBERED) this.#hosts.clear();
      this.#hosts.set(name, found);
    }
    return found;
  }

  /** IPv4 or IPv6. @returns null: there are no addresses left */
  address(original: Uint8Array): Uint8Array | null {
    if (original.every((byte) => byte === 0)) return original;
    return original.length === 4 ? this.#ipv4For(original) : this.#ipv6For(original);
  }

  #ipv4For(original: Uint8Array): Uint8Array | null {
    const number = new DataView(original.buffer, original.byteOffset).getUint32(0);
    let index = this.#ipv4.get(number);
    if (index === undefined) {
      if (this.#ipv4.size >= MAX_IPV4) return null;
      index = this.#ipv4.size;
      this.#ipv4.set(number, index);
    }
    const out = new Uint8Array(4);
    for (const [first, count] of IPV4_BLOCKS) {
      if (index < count) {
        new DataView(out.buffer).setUint32(0, first + index);
        break;
      }
      index -= count;
    }
    return out;
  }

  #ipv6For(original: Uint8Array): Uint8Array {
    return this.#forHost('address', original, IPV6_PREFIX, 16);
  }

  /** Locally administered, one for each original. */
  mac(original: Uint8Array): Uint8Array {
    return this.#forHost('mac', original, LOCAL_MAC, 6);
  }

  /** By how much the timestamps clock of a host is moved, modulo 2^32. */
  clockShift(address: Uint8Array): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#forHost('clock', address, NOTHING, 4);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  /**
   * Text in one byte a character: each word becomes another of its length, letters stay letters of
   * their case and digits stay digits, so that a name in capitals is still the same name.
   */
  text(original: Uint8Array): Uint8Array {
    const text = Buffer.from(original).toString('latin1');
    const replaced = text.replace(/[A-Za-z0-9\x80-\xff]+/g, (word) => this.word(word));
    return Uint8Array.from(Buffer.from(replaced, 'latin1'));
  }

  /** Text in UTF-16, little or big endian; what is not Latin becomes `x`. */
  wideText(original: Uint8Array, littleEndian: boolean): Uint8Array {
    const narrow = new Uint8Array(original.length >> 1);
    for (let index = 0; index < narrow.length; index++) {
      const [low = 0, high = 0] = littleEndian
        ? [original[2 * index], original[2 * index + 1]]
        : [original[2 * index + 1], original[2 * index]];
      narrow[index] = high === 0 ? low : 0xff;
    }
    const out = new Uint8Array(original.length);
    for (const [index, byte] of this.text(narrow).entries()) {
      out[2 * index + (littleEndian ? 0 : 1)] = byte;
    }
    return out;
  }

  /** @param word letters, digits and characters beyond ASCII alone */
  word(word: string): string {
    const lower = word.toLowerCase();
    let found = this.#words.get(lower);
    if (found === undefined) {
      found = this.#newWord(lower);
      if (this.#words.size >= MAX_REMEMBERED) this.#words.clear();
      this.#words.set(lower, found);
    }
    const cased = Array.from(found, (character, index) =>
      /[A-Z]/.test(word[index] ?? '') ? character.toUpperCase() : character,
    );
    return cased.join('');
  }

  #newWord(lower: string): string {
    const random = this.#stream(`word ${lower}`, lower.length);
    const made = Array.from(lower, (character, index) => {
      const number = random[index] ?? 0;
      if (/[0-9]/.test(character)) return String(number % 10);
      return /[a-z]/.test(character) ? String.fromCharCode(0x61 + (number % 26)) : 'x';
    }).join('');
    // A word may not stand for itself, however short it is.
    return made === lower ? next(made) : made;
  }
}

/** The word with its first letter or digit moved on by one. */
function next(word: string): string {
  const first = word.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return String((first - 0x30 + 1) % 10) + word.slice(1);
  return String.fromCharCode(0x61 + ((first - 0x61 + 1) % 26)) + word.slice(1);
}
