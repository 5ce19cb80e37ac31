import { concat } from '../wire/writer.js';
import { AnonymousSide, type SharedState } from './anonymous-side.js';
import { type Direction, otherDirection } from './flow-table.js';
import { MAX_OPENING_BYTES, startsHandshake } from './opening.js';
import type { CertificateCast } from './scrub-certificate.js';
import { scrubTunnel } from './scrub-tunnel.js';
import { StreamOrder, type StreamPiece } from './stream-order.js';
import { readTunnel } from './tunnel.js';

const TPKT_VERSION = 3;
const TLS_HANDSHAKE = 22;
const SOCKS_VERSION = 5;

/** First letter of a CONNECT. */
const LETTER_C = 0x43;

/**
 * One TCP connection as far as it may be RDP: what of its bytes is kept. A connection that shows no
 * sign of RDP keeps none.
 */
export class AnonymousConnection {
  readonly #cast: CertificateCast;
  readonly #mayStartWithTls: boolean;
  readonly #sides: readonly [AnonymousSide, AnonymousSide];
  readonly #orders = [new StreamOrder(), new StreamOrder()] as const;
  /** who spoke first; null: nobody yet */
  #first: Direction | null = null;
  #state: 'opening' | 'following' | 'over' = 'opening';

  /** @param mayStartWithTls RDP is expected here, so TLS without a negotiation is RDP too */
  constructor(cast: CertificateCast, mayStartWithTls: boolean) {
    this.#cast = cast;
    this.#mayStartWithTls = mayStartWithTls;
    const shared: SharedState = { version: null, over: false };
    this.#sides = [new AnonymousSide(cast, shared), new AnonymousSide(cast, shared)];
  }

  /** Bytes of memory. */
  get cost(): number {
    const [one, other] = this.#sides;
    const waiting = this.#orders[0].waitingBytes + this.#orders[1].waitingBytes;
    return one.cost + other.cost + waiting;
  }

  /** Whether anything of it was understood. */
  get keepsMessages(): boolean {
    return this.#sides.some(({ pieces }) => pieces.count > 0);
  }

  /** @param start offset of the first byte in the direction's stream; negative: before its start */
  segment(from: Direction, start: number, payload: Uint8Array): void {
    if (this.#state === 'over' || start < 0) return;
    this.#first ??= from;
    for (const piece of this.#orders[from].push(start, payload)) this.#take(from, piece);
    if (this.#sides[0].stopped && this.#sides[1].stopped) this.#clear();
  }

  #take(from: Direction, { start, bytes }: StreamPiece): void {
    const side = this.#sides[from];
    if (side.stopped) return;
    side.hold(start, bytes);
    if (this.#state === 'following') side.read();
    else if (!side.afterGap) this.#open();
    else if (startsHandshake(bytes) && this.#startsRdp(bytes)) this.#follow();
  }

  /** Decides by the first bytes of both sides what the connection is. */
  #open(): void {
    const [one, other] = this.#sides;
    const asker = ([0, 1] as const).find((from) => this.#startsRdp(this.#sides[from].pending));
    if (asker !== undefined) {
      this.#follow();
      return;
    }
    const [letter] = this.#sides[this.#first ?? 0].pending;
    const asksProxy = letter === SOCKS_VERSION || letter === LETTER_C;
    if (asksProxy && this.#openTunnel(this.#first ?? 0)) return;
    const tooMuch = [one, other].some(({ pending }) => pending.length > MAX_OPENING_BYTES);
    const bothSpoke = one.pending.length > 0 && other.pending.length > 0;
    if (tooMuch || (bothSpoke && !asksProxy)) this.#giveUp();
  }

  #startsRdp(bytes: Uint8Array): boolean {
    const [first, second] = bytes;
    if (first === TPKT_VERSION) return true;
    return this.#mayStartWithTls && first === TLS_HANDSHAKE && second === 3;
  }

  /** @returns whether nothing else needs to be looked at now */
  #openTunnel(from: Direction): boolean {
    const client = this.#sides[from];
    const server = this.#sides[otherDirection(from)];
    const tunnel = readTunnel(client.pending, server.pending);
    switch (tunnel.kind) {
      case 'need-more':
        return client.pending.length <= MAX_OPENING_BYTES;
      case 'none':
        return false;
      case 'refused':
        this.#giveUp();
        return true;
      case 'open': {
        const inner = client.pending[tunnel.clientBytes];
        if (inner === undefined) return true;
        const openings = scrubTunnel(
          client.pending.subarray(0, tunnel.clientBytes),
          server.pending.subarray(0, tunnel.serverBytes),
          this.#cast.pseudonyms,
        );
        client.skip(openings.client);
        server.skip(openings.server);
        this.#follow();
        return true;
      }
    }
  }

  #follow(): void {
    this.#state = 'following';
    for (const side of this.#sides) side.read();
  }

  #giveUp(): void {
    for (const side of this.#sides) side.stop();
    this.#clear();
  }

  /** Nothing more comes of it: only what was decided on is kept. */
  finish(): void {
    for (const from of [0, 1] as const) {
      for (;;) {
        const pieces = this.#orders[from].skipGap();
        if (pieces.length === 0) break;
        for (const piece of pieces) this.#take(from, piece);
      }
    }
    if (this.#state === 'opening') this.#giveUp();
    for (const side of this.#sides) side.finish();
    this.#clear();
  }

  #clear(): void {
    this.#state = 'over';
    for (const order of this.#orders) order.clear();
  }

  /** The anonymous bytes of a stretch of one direction. */
  render(from: Direction, start: number, length: number): Uint8Array {
    const { pieces } = this.#sides[from];
    if (start >= 0) return pieces.render(start, length);
    const before = Math.min(length, -start);
    return concat(pieces.render(-before, before), pieces.render(0, length - before));
  }
}
