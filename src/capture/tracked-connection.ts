import type { Phase } from '../handshake/phase.js';
import type { Fact, ProbeLabel, Side } from '../handshake/trace.js';
import { Tracker } from '../handshake/tracker.js';
import { TlsDecryptor } from './tls-decryptor.js';
import { DecryptingFeed } from './tls-feed.js';
import type { KeySource } from './tls-key-source.js';

/** Bytes that no handshake needs: after them the session is running, whatever it looked like. */
const MAX_HANDSHAKE_BYTES = 1 << 20;

/** Once TLS is established and cannot be looked into, the shape of the first records is enough. */
const MAX_HIDDEN_BYTES = 1 << 17;

/** A capture that misses so much of one connection shows no more of its handshake. */
const MAX_GAPS = 32;

/** A capture that goes on for so long without an answer shows that none came. */
const SILENCE_NS = 3e9;

/** Phases in which a message of the client must be answered before anything goes on. */
const AWAITS_SERVER: ReadonlySet<Phase['name']> = new Set([
  'requested',
  'tls',
  'credssp',
  'authenticating',
  'mcs-requested',
]);

/** Where the bytes of a connection go: into the tracker, or through a decryptor into it. */
interface Feed {
  bytes(side: Side, at: number | null, bytes: Uint8Array, packet?: number): void;
  gap(side: Side, at: number | null, bytes: number): void;
}

/**
 * The tracker of one captured RDP connection, and when enough of it was read. Times are nanoseconds
 * of the file's scale.
 */
export class TrackedConnection {
  readonly #tracker: Tracker;
  readonly #feed: Feed;
  readonly #toMicros: (at: number) => number | null;
  readonly #label: ProbeLabel | null;
  /** when our own probe decided to leave */
  readonly #leftAt: number;
  readonly #read: Record<Side, number> = { client: 0, server: 0 };
  #gaps = 0;
  /** whose message came last, and when; alerts ask for no answer */
  #lastMessage: { readonly side: Side; readonly at: number } | null = null;
  #now = 0;
  #clientEnded = false;
  #hasLeft = false;

  /**
   * @param emit takes each fact as soon as it is known
   * @param toMicros to the scale of the trace, never less than before
   * @param keys null: nothing is decrypted
   * @param label what our own probe says of its connection; null: it is another client's
   * @param firstAt time of the connection's first packet
   */
  constructor(
    emit: (fact: Fact) => void,
    toMicros: (at: number) => number | null,
    keys: KeySource | null,
    label: ProbeLabel | null,
    firstAt: number,
  ) {
    this.#tracker = new Tracker((fact) => {
      if (fact.kind === 'message' && fact.message.type !== 'tls-alert') {
        this.#lastMessage = { side: fact.by, at: this.#now };
      }
      emit(fact);
    });
    this.#toMicros = toMicros;
    this.#label = label;
    this.#leftAt = firstAt + (label?.left?.at ?? 0) * 1000;
    this.#feed =
      keys === null ? this.#tracker : new DecryptingFeed(this.#tracker, new TlsDecryptor(keys));
  }

  fact(fact: Fact): void {
    this.#tracker.fact(fact);
  }

  /** @returns whether more bytes are of interest */
  bytes(side: Side, at: number, bytes: Uint8Array, packet: number): boolean {
    this.#tellLeaveBefore(at);
    this.#now = at;
    this.#feed.bytes(side, this.#toMicros(at), bytes, packet);
    this.#read[side] += bytes.length;
    const { name } = this.#tracker.phase;
    const isHidden = name === 'secured' && this.#feed === this.#tracker;
    const limit = isHidden ? MAX_HIDDEN_BYTES : MAX_HANDSHAKE_BYTES;
    return name !== 'mcs-answered' && this.#read[side] <= limit;
  }

  /** @returns whether more bytes are of interest */
  gap(side: Side, at: number, length: number): boolean {
    this.#tellLeaveBefore(at);
    this.#feed.gap(side, this.#toMicros(at), length);
    this.#gaps++;
    return this.#gaps < MAX_GAPS;
  }

  /** Before the client's end, says why that came, as far as it is known. */
  end(side: Side, at: number, how: 'fin' | 'reset', packet: number): void {
    if (side === 'client' && !this.#clientEnded) {
      this.#tellWhy(at);
      this.#clientEnded = true;
    } else {
      this.#tellLeaveBefore(at);
    }
    this.#tracker.end(side, this.#toMicros(at), how, packet);
  }

  /**
   * Nothing more will come.
   *
   * @param captureEndAt time of the capture's last packet
   * @param isOpen whether the connection had not ended
   */
  finish(captureEndAt: number, isOpen: boolean): void {
    this.#tracker.finish();
    if (!this.#clientEnded && (isOpen || this.#label !== null)) this.#tellWhy(captureEndAt);
  }

  /** Our own probe says why it left. Of others is known that they had been left waiting. */
  #tellWhy(until: number): void {
    if (this.#label === null) this.#tellSilence(until);
    else this.#tellLeave(until);
  }

  /** What came later than the decision to leave had no part in it. */
  #tellLeaveBefore(at: number): void {
    if (this.#label !== null && at > this.#leftAt) this.#tellLeave(at);
  }

  #tellLeave(until: number): void {
    const left = this.#label?.left ?? null;
    if (left === null || this.#hasLeft) return;
    this.#hasLeft = true;
    const at = this.#toMicros(Math.min(this.#leftAt, until));
    if (left.why === 'silence') this.#tracker.silence(at, 'server', left.waitedMs);
    else this.#tracker.fact({ kind: left.why, at });
  }

  #tellSilence(until: number): void {
    const last = this.#lastMessage;
    if (last === null || !(until - last.at >= SILENCE_NS)) return;
    const isServersTurn = last.side === 'client' || this.#tracker.partialBytes('server') > 0;
    if (!isServersTurn || !AWAITS_SERVER.has(this.#tracker.phase.name)) return;
    const waitedMs = Math.round((until - last.at) / 1e6);
    this.#tracker.silence(this.#toMicros(until), 'server', waitedMs);
  }
}
