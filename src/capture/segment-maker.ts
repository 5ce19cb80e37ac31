import { otherSide, type Side } from '../handshake/trace.js';
import { encodeSegment, type SegmentEnd } from './segment.js';
import { ACK, distance, FIN, RST, SYN } from './tcp.js';

const PSH = 0x08;

/** Without the window scale option no window is larger. */
const WINDOW = 65_535;

/** RFC 9293 section 3.8.6.3: at least every second full segment is acknowledged. */
const SEGMENTS_PER_ACK = 2;

/** Locally administered, and the same for all: there was no link to see. */
const MAC = {
  client: Uint8Array.of(2, 0, 0, 0, 0, 1),
  server: Uint8Array.of(2, 0, 0, 0, 0, 2),
} as const;

/** One packet that was made up from what an endpoint saw. */
export interface SynthesisedPacket {
  /** microseconds since 1970 UTC */
  readonly at: number;
  /** an Ethernet frame */
  readonly bytes: Uint8Array;
  readonly comment: string | null;
}

export interface SegmentMakerOptions {
  readonly client: Omit<SegmentEnd, 'mac'>;
  readonly server: Omit<SegmentEnd, 'mac'>;
  /** microseconds since 1970 UTC at offset 0 */
  readonly startedAt: number;
  readonly mss: Readonly<Record<Side, number | null>>;
  /** payload of the largest segment that each side sends */
  readonly segmentBytes: Readonly<Record<Side, number>>;
}

interface SideState {
  readonly end: SegmentEnd;
  /** sequence number of its next byte, unsigned */
  next: number;
  /** what it has acknowledged of the other side, unsigned; null: nothing yet */
  acknowledged: number | null;
  identification: number;
  /** segments and bytes that the other side has not acknowledged yet */
  segments: number;
  unacknowledged: number;
  /** its sends, so that it can be told what the other side can have had by a given time */
  readonly sent: { readonly at: number; readonly next: number }[];
}

/**
 * Makes the segments of one connection. Times are offsets in microseconds.
 *
 * INVARIANT: the times of the packets never run backwards; no segment acknowledges what was not
 * sent, or overruns the window of the other side.
 */
export class SegmentMaker {
  readonly packets: SynthesisedPacket[] = [];
  readonly #options: SegmentMakerOptions;
  readonly #sides: Readonly<Record<Side, SideState>>;
  #at = Number.NEGATIVE_INFINITY;

  constructor(options: SegmentMakerOptions) {
    this.#options = options;
    const seed = seedOf(options);
    this.#sides = {
      client: newSide({ ...options.client, mac: MAC.client }, seed),
      server: newSide({ ...options.server, mac: MAC.server }, Math.imul(seed, 0x9e3779b1) >>> 0),
    };
  }

  syn(at: number, comment: string | null): void {
    this.#send('client', at, SYN, { mss: this.#options.mss.client, comment });
    this.#advance('client', at, 1);
  }

  /** SYN/ACK, and the client's acknowledgment of it. */
  accept(at: number): void {
    this.#receive('server', at, 0);
    this.#send('server', at, SYN | ACK, { mss: this.#options.mss.server });
    this.#advance('server', at, 1);
    this.acknowledge('client', at, 0);
  }

  /** RFC 9293 section 3.10.7.1: a closed port answers a SYN from sequence number 0. */
  refuse(at: number): void {
    this.#sides.server.next = 0;
    this.#receive('server', at, 0);
    this.#send('server', at, RST | ACK, { window: 0 });
  }

  /** @param delay how long ago the other side must have sent for `by` to have it by now */
  data(by: Side, at: number, bytes: Uint8Array, delay: number): void {
    const limit = this.#options.segmentBytes[by];
    const side = this.#sides[by];
    this.#receive(by, at, by === 'server' ? delay : 0);
    for (let start = 0; start < bytes.length; start += limit) {
      const payload = bytes.subarray(start, start + limit);
      const full = side.unacknowledged + payload.length >= WINDOW;
      if (full || (by === 'server' && side.segments >= SEGMENTS_PER_ACK)) {
        this.acknowledge(otherSide(by), at, 0);
      }
      const isLast = start + limit >= bytes.length;
      this.#send(by, at, isLast ? PSH | ACK : ACK, { payload });
      this.#advance(by, at, payload.length);
    }
  }

  fin(by: Side, at: number, delay: number): void {
    this.#receive(by, at, by === 'server' ? delay : 0);
    this.#send(by, at, FIN | ACK, {});
    this.#advance(by, at, 1);
  }

  reset(by: Side, at: number, delay: number): void {
    this.#receive(by, at, by === 'server' ? delay : 0);
    this.#send(by, at, RST | ACK, { window: 0 });
  }

  /** A segment without data; nothing where there is nothing new to acknowledge. */
  acknowledge(by: Side, at: number, delay: number): void {
    if (this.#receive(by, at, delay)) this.#send(by, at, ACK, {});
  }

  /** @returns whether that is more than it has acknowledged before */
  #receive(by: Side, at: number, delay: number): boolean {
    const side = this.#sides[by];
    const peer = this.#sides[otherSide(by)];
    const has = peer.sent.findLast((send) => send.at + delay <= at);
    if (has === undefined) return false;
    if (side.acknowledged !== null && distance(side.acknowledged, has.next) <= 0) return false;
    side.acknowledged = has.next;
    peer.segments = 0;
    peer.unacknowledged = (peer.next - has.next) >>> 0;
    return true;
  }

  #advance(by: Side, at: number, length: number): void {
    const side = this.#sides[by];
    side.next = (side.next + length) >>> 0;
    side.segments++;
    side.unacknowledged += length;
    side.sent.push({ at, next: side.next });
  }

  #send(
    by: Side,
    at: number,
    flags: number,
    more: {
      readonly payload?: Uint8Array;
      readonly mss?: number | null;
      readonly window?: number;
      readonly comment?: string | null;
    },
  ): void {
    const side = this.#sides[by];
    this.#at = Math.max(this.#at, at);
    const bytes = encodeSegment({
      from: side.end,
      to: this.#sides[otherSide(by)].end,
      identification: side.identification,
      sequence: side.next,
      acknowledgment: side.acknowledged ?? 0,
      flags,
      window: more.window ?? WINDOW,
      mss: more.mss ?? null,
      payload: more.payload ?? new Uint8Array(0),
    });
    side.identification = (side.identification + 1) & 0xffff;
    const comment = more.comment ?? null;
    this.packets.push({ at: this.#options.startedAt + this.#at, bytes, comment });
  }
}

function newSide(end: SegmentEnd, seed: number): SideState {
  return {
    end,
    next: seed,
    acknowledged: null,
    identification: seed & 0xffff,
    segments: 0,
    unacknowledged: 0,
    sent: [],
  };
}

/** First sequence numbers are told apart by connection and need no secrecy: FNV-1a. */
function seedOf({ client, server, startedAt }: SegmentMakerOptions): number {
  let hash = 0x811c9dc5;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  for (const { address, port } of [client, server]) {
    for (const byte of address) mix(byte);
    mix(port >> 8);
    mix(port & 0xff);
  }
  for (let rest = startedAt; rest >= 1; rest /= 256) mix(Math.floor(rest) & 0xff);
  return hash;
}
