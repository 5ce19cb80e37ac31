import type { Side } from '../../src/handshake/trace.js';
import { fromHex } from '../../src/wire/hex.js';
import type { Conversation } from './conversations.js';
import {
  ACK,
  type Captured,
  ethernet,
  FIN,
  ip,
  PSH,
  RST,
  type Segment,
  SYN,
  SYN_OPTIONS,
} from './packets.js';

/** 2026-01-01T00:00:00Z, in seconds. */
export const START = 1_767_225_600;

export interface TalkOptions {
  readonly client?: string;
  readonly server?: string;
  /** first sequence numbers */
  readonly clientIsn?: number;
  readonly serverIsn?: number;
  readonly link?: (packet: Uint8Array) => Uint8Array;
}

/** A segment of a talk with its time in microseconds. */
export interface Said {
  readonly at: number;
  readonly by: Side;
  readonly segment: Segment;
}

/** One TCP connection, segment by segment, with sequence numbers that fit. Times in microseconds. */
export class Talk {
  readonly said: Said[] = [];
  readonly #options: Required<TalkOptions>;
  readonly #next: Record<Side, number>;

  constructor(options: TalkOptions = {}) {
    this.#options = {
      client: '10.0.0.1:50000',
      server: '10.0.0.2:3389',
      clientIsn: 1000,
      serverIsn: 5000,
      link: ethernet,
      ...options,
    };
    this.#next = { client: this.#options.clientIsn, server: this.#options.serverIsn };
  }

  /** The next sequence number of a side. */
  next(by: Side): number {
    return this.#next[by];
  }

  /** Says something at a sequence number of its own; nothing moves on. */
  say(by: Side, at: number, fields: Partial<Segment>): this {
    const { client, server } = this.#options;
    const [from, to] = by === 'client' ? [client, server] : [server, client];
    const other = by === 'client' ? 'server' : 'client';
    const segment = {
      from,
      to,
      flags: ACK,
      seq: this.#next[by],
      ack: this.#next[other],
      ...fields,
    };
    this.said.push({ at, by, segment });
    return this;
  }

  #go(by: Side, count: number): void {
    this.#next[by] = (this.#next[by] + count) >>> 0;
  }

  /** The three-way handshake, or its first `steps` segments. */
  open(at = 0, rtt = 20_000, steps = 3): this {
    if (steps >= 1) this.say('client', at, { flags: SYN, ack: 0, options: SYN_OPTIONS });
    this.#go('client', 1);
    if (steps >= 2) this.say('server', at + rtt, { flags: SYN | ACK, options: SYN_OPTIONS });
    this.#go('server', 1);
    if (steps >= 3) this.say('client', at + rtt + 50, {});
    return this;
  }

  send(by: Side, at: number, payload: Uint8Array): this {
    this.say(by, at, { flags: PSH | ACK, payload });
    this.#go(by, payload.length);
    return this;
  }

  /** Sends without the capture's seeing it. */
  lose(by: Side, length: number): this {
    this.#go(by, length);
    return this;
  }

  ack(by: Side, at: number): this {
    return this.say(by, at, {});
  }

  fin(by: Side, at: number): this {
    const before = this.said.some((one) => one.by === by && ((one.segment.flags ?? 0) & FIN) !== 0);
    if (before) return this.say(by, at, { flags: FIN | ACK, seq: (this.#next[by] - 1) >>> 0 });
    this.say(by, at, { flags: FIN | ACK });
    this.#go(by, 1);
    return this;
  }

  reset(by: Side, at: number): this {
    return this.say(by, at, { flags: RST });
  }

  packets(): Captured[] {
    return packetsOf(this.said, this.#options.link);
  }
}

export function packetsOf(
  said: readonly Said[],
  link: (packet: Uint8Array) => Uint8Array = ethernet,
): Captured[] {
  return said.map(({ at, segment }) => ({
    at: START + at / 1e6,
    bytes: link(ip(segment)),
  }));
}

/** A recorded conversation on the wire, in segments of at most `mss` bytes. */
export function talkOf(
  conversation: Conversation,
  options: TalkOptions & { readonly mss?: number } = {},
): Talk {
  const talk = new Talk(options).open(0, 40, 3);
  const mss = options.mss ?? 1460;
  for (const segment of conversation.segments) {
    const at = 100 + segment.at;
    if ('end' in segment) {
      if (segment.end === 'fin') talk.fin(segment.by, at);
      else talk.reset(segment.by, at);
      continue;
    }
    const bytes = fromHex(segment.hex);
    for (let start = 0; start < bytes.length; start += mss) {
      talk.send(segment.by, at, bytes.subarray(start, start + mss));
    }
  }
  return talk;
}
