import type { IpHeader } from './ip.js';
import { renderAddress } from './ip.js';
import type { TcpHeader } from './tcp.js';

/** Which end of a flow sent: 0 the lower of the two endpoints, 1 the higher. */
export type Direction = 0 | 1;

export function otherDirection(direction: Direction): Direction {
  return direction === 0 ? 1 : 0;
}

/** Two addresses of four words, and both ports in one. */
const KEY_WORDS = 9;

const NONE = -1;

/**
 * How many flows are told apart at a time, 88 bytes each with their chain. More than a million are a
 * flood or a scan; the oldest are then forgotten.
 */
export const MAX_FLOWS = 1 << 20;

const INITIAL_FLOWS = 1 << 10;

/**
 * Beyond so many, room is made for all there may be at once: to copy the table again and again would
 * need it twice, while the system gives no memory to what was not written yet.
 */
const LAST_DOUBLING = 1 << 16;

/** The sender of this direction has a known first sequence number. */
const BASE_KNOWN = 1;
/** A FIN or RST was seen. */
const ENDED = 4;
const IS_IPV6 = 8;

/**
 * Finds the TCP flow of a segment: two endpoints and what must be known of each flow however many
 * there are. A flow's number here is its slot; slots are numbered from 0.
 *
 * Typed arrays and no objects, because a scan or a flood opens flows by the million.
 */
export class FlowTable {
  readonly #limit: number;
  #capacity = INITIAL_FLOWS;
  #heads = new Int32Array(2 * INITIAL_FLOWS).fill(NONE);
  #chains = new Int32Array(INITIAL_FLOWS);
  #keys = new Uint32Array(INITIAL_FLOWS * KEY_WORDS);
  #hashes = new Uint32Array(INITIAL_FLOWS);
  #flags = new Uint8Array(INITIAL_FLOWS);
  #streams = new Uint32Array(INITIAL_FLOWS);
  #bases = new Int32Array(2 * INITIAL_FLOWS);
  #used = 0;
  /** slot that is given up next once all are taken */
  #oldest = 0;
  #evicted = 0;
  /** slot that was found last */
  #last = 0;

  readonly #key = new Uint32Array(KEY_WORDS);
  #hash = 0;
  #isIpv6 = false;
  /** of the segment that was looked up last */
  direction: Direction = 0;

  constructor(limit = MAX_FLOWS) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#used;
  }

  /** Flows that were forgotten for want of room. */
  get evicted(): number {
    return this.#evicted;
  }

  /** @returns the flow's slot, or a negative number: it is new */
  find(view: DataView, ip: IpHeader, tcp: TcpHeader): number {
    this.#readKey(
      view,
      ip.source,
      ip.destination,
      ip.addressBytes,
      tcp.sourcePort,
      tcp.destinationPort,
    );
    return this.#lookup();
  }

  /** As `find`, for addresses and ports that stand elsewhere, e.g. in the quote of an ICMP error. */
  findBy(
    view: DataView,
    source: number,
    destination: number,
    addressBytes: 4 | 16,
    sourcePort: number,
    destinationPort: number,
  ): number {
    this.#readKey(view, source, destination, addressBytes, sourcePort, destinationPort);
    return this.#lookup();
  }

  #readKey(
    view: DataView,
    source: number,
    destination: number,
    addressBytes: 4 | 16,
    sourcePort: number,
    destinationPort: number,
  ): void {
    const key = this.#key;
    this.#isIpv6 = addressBytes === 16;
    let order = 0;
    for (let word = 0; word < 4; word++) {
      const used = word * 4 < addressBytes;
      const from = used ? view.getUint32(source + word * 4) : 0;
      const to = used ? view.getUint32(destination + word * 4) : 0;
      if (order === 0 && from !== to) order = from < to ? -1 : 1;
      key[word] = from;
      key[word + 4] = to;
    }
    if (order === 0) order = sourcePort <= destinationPort ? -1 : 1;
    if (order > 0) {
      for (let word = 0; word < 4; word++) {
        const from = key[word] ?? 0;
        key[word] = key[word + 4] ?? 0;
        key[word + 4] = from;
      }
      key[8] = (destinationPort << 16) | sourcePort;
    } else {
      key[8] = (sourcePort << 16) | destinationPort;
    }
    this.direction = order > 0 ? 1 : 0;
  }

  #lookup(): number {
    // Segments of a transfer follow each other.
    if (this.#last < this.#used && this.#matches(this.#last)) return this.#last;
    this.#hash = hashOf(this.#key);
    const mask = this.#heads.length - 1;
    let slot = this.#heads[this.#hash & mask] ?? NONE;
    while (slot !== NONE) {
      if (this.#hashes[slot] === this.#hash && this.#matches(slot)) {
        this.#last = slot;
        return slot;
      }
      slot = this.#chains[slot] ?? NONE;
    }
    return NONE;
  }

  #matches(slot: number): boolean {
    const start = slot * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#keys[start + word] !== this.#key[word]) return false;
    }
    return ((this.#flags[slot] ?? 0) & IS_IPV6) === (this.#isIpv6 ? IS_IPV6 : 0);
  }

  /** The slot that `insert` would give up; negative: there is room. */
  get next(): number {
    return this.#used < this.#limit ? NONE : this.#oldest;
  }

  /** Makes a flow of the endpoints that were looked up last. */
  insert(stream: number): number {
    const slot = this.#freeSlot();
    for (let word = 0; word < KEY_WORDS; word++) {
      this.#keys[slot * KEY_WORDS + word] = this.#key[word] ?? 0;
    }
    this.#hashes[slot] = this.#hash;
    const head = this.#hash & (this.#heads.length - 1);
    this.#chains[slot] = this.#heads[head] ?? NONE;
    this.#heads[head] = slot;
    this.restart(slot, stream);
    this.#flags[slot] = this.#isIpv6 ? IS_IPV6 : 0;
    return slot;
  }

  #freeSlot(): number {
    if (this.#used < this.#limit) {
      if (this.#used === this.#capacity) this.#grow();
      return this.#used++;
    }
    const slot = this.#oldest;
    this.#oldest = (slot + 1) % this.#limit;
    this.#evicted++;
    this.#unlink(slot);
    return slot;
  }

  #unlink(slot: number): void {
    const head = (this.#hashes[slot] ?? 0) & (this.#heads.length - 1);
    let at = this.#heads[head] ?? NONE;
    if (at === slot) {
      this.#heads[head] = this.#chains[slot] ?? NONE;
      return;
    }
    while (at !== NONE) {
      const next = this.#chains[at] ?? NONE;
      if (next === slot) {
        this.#chains[at] = this.#chains[slot] ?? NONE;
        return;
      }
      at = next;
    }
  }

  #grow(): void {
    const doubled = 2 * this.#capacity;
    this.#capacity = doubled > LAST_DOUBLING ? Math.max(doubled, this.#limit) : doubled;
    this.#chains = grown(this.#chains, new Int32Array(this.#capacity));
    this.#keys = grown(this.#keys, new Uint32Array(this.#capacity * KEY_WORDS));
    this.#hashes = grown(this.#hashes, new Uint32Array(this.#capacity));
    this.#flags = grown(this.#flags, new Uint8Array(this.#capacity));
    this.#streams = grown(this.#streams, new Uint32Array(this.#capacity));
    this.#bases = grown(this.#bases, new Int32Array(2 * this.#capacity));
    this.#heads = new Int32Array(2 * this.#capacity).fill(NONE);
    const mask = this.#heads.length - 1;
    for (let slot = 0; slot < this.#used; slot++) {
      const head = (this.#hashes[slot] ?? 0) & mask;
      this.#chains[slot] = this.#heads[head] ?? NONE;
      this.#heads[head] = slot;
    }
  }

  /** The same endpoints make a new connection. */
  restart(slot: number, stream: number): void {
    this.#streams[slot] = stream;
    this.#flags[slot] = (this.#flags[slot] ?? 0) & IS_IPV6;
  }

  streamOf(slot: number): number {
    return this.#streams[slot] ?? 0;
  }

  hasEnded(slot: number): boolean {
    return ((this.#flags[slot] ?? 0) & ENDED) !== 0;
  }

  markEnded(slot: number): void {
    this.#flags[slot] = (this.#flags[slot] ?? 0) | ENDED;
  }

  /** The first sequence number of a direction; null: nothing came from there yet. */
  baseOf(slot: number, direction: Direction): number | null {
    const known = ((this.#flags[slot] ?? 0) & (BASE_KNOWN << direction)) !== 0;
    return known ? (this.#bases[2 * slot + direction] ?? 0) : null;
  }

  setBase(slot: number, direction: Direction, base: number): void {
    this.#bases[2 * slot + direction] = base;
    this.#flags[slot] = (this.#flags[slot] ?? 0) | (BASE_KNOWN << direction);
  }

  /** The endpoint that sends in a direction. */
  endpoint(slot: number, direction: Direction): { address: string; port: number } {
    const start = slot * KEY_WORDS + direction * 4;
    const length = ((this.#flags[slot] ?? 0) & IS_IPV6) === 0 ? 4 : 16;
    for (let word = 0; word < length / 4; word++) {
      ADDRESS_VIEW.setUint32(word * 4, this.#keys[start + word] ?? 0);
    }
    return { address: renderAddress(ADDRESS, 0, length), port: this.portOf(slot, direction) };
  }

  portOf(slot: number, direction: Direction): number {
    const ports = this.#keys[slot * KEY_WORDS + 8] ?? 0;
    return direction === 0 ? ports >>> 16 : ports & 0xffff;
  }
}

function grown<T extends Int32Array | Uint32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** For rendering one address at a time. */
const ADDRESS = new Uint8Array(16);
const ADDRESS_VIEW = new DataView(ADDRESS.buffer);

/** MurmurHash3's mixing, over whole words. */
function hashOf(key: Uint32Array): number {
  let hash = 0x9747b28c;
  for (let word = 0; word < KEY_WORDS; word++) {
    let part = Math.imul(key[word] ?? 0, 0xcc9e2d51);
    part = (part << 15) | (part >>> 17);
    hash ^= Math.imul(part, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
