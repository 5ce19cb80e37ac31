import { DecodeError } from '../wire/decode-error.js';
import { foreignSample, identifyForeignProtocol } from '../wire/foreign-protocol.js';
import type { Frame } from '../wire/framing.js';
import { toHex } from '../wire/hex.js';
import { frameTlsRecord } from '../wire/tls-record.js';
import { frameTpkt } from '../wire/tpkt.js';
import { CredSspLayer } from './credssp-layer.js';
import { type Framed, MessageStream } from './framing.js';
import { advance, NOTHING, type Phase, stageOf } from './phase.js';
import { TlsLayer } from './tls-layer.js';
import { decodeTpktMessage, type TpktMessage } from './tpkt-layer.js';
import type { Fact, Message, Side, TlsSecuredFact } from './trace.js';

/**
 * More messages than any handshake has (a full one has about thirty). A side that sends more is not
 * read any further, so that a peer that talks for ever cannot fill the memory.
 */
const MAX_MESSAGES = 1000;

const SAMPLE_BYTES = 64;

type Layer = 'tpkt' | 'x224' | 'tls' | 'credssp' | 'mcs';

/** What one side's stream of bytes holds at the next message boundary. */
type Mode = 'messages' | 'foreign' | 'opaque' | 'after-gap';

interface SideState {
  readonly raw: MessageStream;
  mode: Mode;
  decoded: number;
  ended: boolean;
}

/**
 * Reads the bytes of both sides of one connection and tells what happened, as facts.
 *
 * It has no role, no clock and no I/O: a live probe and a capture feed it alike.
 *
 * INVARIANT: the facts do not depend on how each side's bytes are cut (their times do, and how much
 * of a malformed message its sample holds); whatever the bytes, no error leaves this class; memory
 * is bounded.
 */
export class Tracker {
  readonly #emit: (fact: Fact) => void;
  readonly #sides: Record<Side, SideState> = { client: newSide(), server: newSide() };
  readonly #tls = new TlsLayer();
  readonly #credssp = new CredSspLayer();
  #messages = 0;
  #phase: Phase = NOTHING;
  /** hex of the connection request; null: none was seen */
  #request: string | null = null;

  /** @param emit takes each fact as soon as it is known */
  constructor(emit: (fact: Fact) => void) {
    this.#emit = emit;
  }

  /** How far the connection has come. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Bytes of a message from this side that is not complete yet, decrypted ones included. */
  partialBytes(side: Side): number {
    return this.#sides[side].raw.pending + this.#credssp.pending(side) + this.#tls.pending(side);
  }

  /** Takes a fact that does not come from the bytes of the connection. */
  fact(fact: Fact): void {
    if (fact.kind === 'message' || fact.kind === 'tls-record' || fact.kind === 'unexpected') {
      this.#messages++;
      if (this.#messages > MAX_MESSAGES) {
        if (this.#messages === MAX_MESSAGES + 1) this.#cutOff(fact.by, fact.at);
        return;
      }
    }
    this.#phase = advance(this.#phase, fact);
    this.#emit(fact);
  }

  #cutOff(side: Side, at: number | null): void {
    const state = this.#sides[side];
    this.fact({ kind: 'flood', by: side, at, bytes: state.raw.taken });
    state.mode = 'opaque';
    state.raw.clear();
    this.#credssp.stop();
  }

  /** Bytes as they went over the TCP connection. */
  bytes(side: Side, at: number | null, bytes: Uint8Array, packet?: number): void {
    const state = this.#sides[side];
    if (state.mode === 'opaque') return;
    if (state.mode === 'after-gap') {
      if (!startsMessage(bytes)) return;
      state.mode = 'messages';
    }
    state.raw.push(bytes, at, packet);
    if (state.mode === 'messages') this.#readMessages(side, state);
    if (this.#sides[side].mode === 'foreign') this.#readForeign(side, state, false);
  }

  /** Bytes from inside TLS, from the endpoint that decrypted them or by recorded keys. */
  plaintext(side: Side, at: number | null, bytes: Uint8Array, packet?: number): void {
    this.#guard(side, 'credssp', () => {
      for (const found of this.#credssp.push(side, at, bytes, packet)) {
        if (found.kind === 'tpkt') this.#tpktMessage(side, found.framed, 'mcs');
        else this.#message(side, found.framed, found.message);
      }
    });
  }

  /** An alert whose content only the endpoint could decrypt. */
  alert(side: Side, at: number | null, level: number, description: number): void {
    this.fact({
      kind: 'message',
      by: side,
      at,
      startAt: at,
      bytes: 2,
      message: this.#tls.alertMessage(level, description),
    });
  }

  secured(fact: Omit<TlsSecuredFact, 'kind'>): void {
    this.fact({ kind: 'tls-secured', ...fact });
  }

  /**
   * Bytes of this side are missing. What follows them is read on from where given bytes start with
   * a message again.
   */
  gap(side: Side, at: number | null, bytes: number): void {
    const state = this.#sides[side];
    this.fact({ kind: 'gap', by: side, at, bytes });
    state.raw.clear();
    if (state.mode === 'opaque') return;
    state.mode = 'after-gap';
    // Whatever it was, it was not the beginning of another protocol.
    state.decoded++;
    this.#tls.gap(side);
  }

  /** This side ended its direction of the connection. */
  end(side: Side, at: number | null, how: 'fin' | 'reset', packet?: number): void {
    const state = this.#sides[side];
    if (state.ended) return;
    state.ended = true;
    this.#flush();
    this.fact({
      kind: 'tcp-end',
      by: side,
      how,
      at,
      ...(packet === undefined ? {} : { packets: [packet] }),
    });
  }

  /** Nothing came from `waitingFor` for as long as the observer waited. */
  silence(at: number | null, waitingFor: Side, waitedMs: number): void {
    this.#flush();
    this.fact({
      kind: 'silence',
      at,
      waitingFor,
      stage: stageOf(this.#phase),
      waitedMs,
      partialBytes: this.partialBytes(waitingFor),
    });
  }

  /** Whether a side is being read as another protocol whose name is not certain yet. */
  get foreignPending(): boolean {
    return this.#sides.server.mode === 'foreign' || this.#sides.client.mode === 'foreign';
  }

  /** Says what is known of a foreign protocol, although more of it might come. */
  finish(): void {
    this.#flush();
  }

  #flush(): void {
    for (const side of ['client', 'server'] as const) {
      const state = this.#sides[side];
      if (state.mode === 'foreign') this.#readForeign(side, state, true);
    }
  }

  #readMessages(side: Side, state: SideState): void {
    while (state.mode === 'messages') {
      const framed = this.#next(side, state);
      if (framed === null) return;
      this.#read(side, state, framed);
    }
  }

  #frame(side: Side, bytes: Uint8Array): Frame {
    const first = bytes[0] ?? 0;
    if (first === 0x03) return frameTpkt(bytes);
    const clientStartedTls = this.#tls.started;
    if (this.#sides[side].decoded === 0 && side === 'server' && !clientStartedTls) {
      throw new DecodeError('TPKT.version', 0, `is ${first}, not 3`);
    }
    return frameTlsRecord(bytes);
  }

  #read(side: Side, state: SideState, framed: Framed): void {
    state.decoded++;
    if (framed.bytes[0] === 0x03) {
      this.#tpktMessage(side, framed, 'x224');
      return;
    }
    this.#guard(
      side,
      'tls',
      () => {
        for (const found of this.#tls.record(side, framed)) {
          if (found.kind === 'message') this.#message(side, found.framed, found.message);
          else this.fact(found);
        }
      },
      framed,
    );
  }

  #tpktMessage(side: Side, framed: Framed, layer: Layer): void {
    this.#guard(
      side,
      layer,
      () => {
        const message: TpktMessage = decodeTpktMessage(framed.bytes);
        if (side === 'client' && message.message.type === 'x224-request') {
          this.#request = toHex(framed.bytes);
        }
        if (message.sentBy !== 'either' && message.sentBy !== side) {
          if (side === 'server' && toHex(framed.bytes) === this.#request) {
            this.#echoed(framed);
            return;
          }
          this.fact({
            kind: 'unexpected',
            by: side,
            at: framed.at,
            what: `${message.message.type} from the ${side}`,
          });
          return;
        }
        this.#message(side, framed, message.message);
        if (message.message.type === 'mcs-connect-response') this.#readNoMore();
      },
      framed,
    );
  }

  /** Our own request came back: RFC 862, or a line that leads back to where it began. */
  #echoed(framed: Framed): void {
    this.fact({
      kind: 'foreign',
      by: 'server',
      at: framed.startAt,
      protocol: 'Echo',
      text: null,
      sample: toHex(framed.bytes.subarray(0, SAMPLE_BYTES)),
    });
    const state = this.#sides.server;
    state.mode = 'opaque';
    state.raw.clear();
  }

  /** After the MCS connect response come channels and encryption: no part of a handshake. */
  #readNoMore(): void {
    this.#credssp.stop();
    for (const side of ['client', 'server'] as const) {
      this.#sides[side].mode = 'opaque';
      this.#sides[side].raw.clear();
    }
  }

  #message(side: Side, framed: Framed, message: Message): void {
    if (this.#phase.name === 'refused' && message.type !== 'x224-request') {
      this.fact({
        kind: 'unexpected',
        by: side,
        at: framed.at,
        what: `${message.type} after the negotiation was refused`,
      });
      return;
    }
    this.fact({
      kind: 'message',
      by: side,
      at: framed.at,
      startAt: framed.startAt,
      bytes: framed.size,
      ...(framed.packets.length === 0 ? {} : { packets: framed.packets }),
      message,
    });
  }

  /** The next whole message; bytes that start none are another protocol, or malformed. */
  #next(side: Side, state: SideState): Framed | null {
    try {
      return state.raw.next((bytes) => this.#frame(side, bytes));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (state.decoded === 0) state.mode = 'foreign';
      else this.#malformed(side, this.#tls.started ? 'tls' : 'tpkt', error);
      return null;
    }
  }

  /** Where a DecodeError of a framed message becomes a fact. */
  #guard(side: Side, layer: Layer, read: () => void, framed?: Framed): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#malformed(side, layer, error, framed);
    }
  }

  #malformed(side: Side, layer: Layer, error: DecodeError, framed?: Framed): void {
    const state = this.#sides[side];
    state.mode = 'opaque';
    this.fact({
      kind: 'malformed',
      by: side,
      at: framed?.at ?? state.raw.firstAt,
      layer,
      problem: error.message,
      sample: toHex((framed?.bytes ?? state.raw.peek()).subarray(0, SAMPLE_BYTES)),
    });
    state.raw.clear();
  }

  #readForeign(side: Side, state: SideState, isAll: boolean): void {
    const bytes = foreignSample(state.raw.peek()) ?? (isAll ? state.raw.peek() : null);
    if (bytes === null || bytes.length === 0) return;
    state.mode = 'opaque';
    this.fact({
      kind: 'foreign',
      by: side,
      at: state.raw.firstAt,
      ...identifyForeignProtocol(bytes),
      sample: toHex(bytes.subarray(0, SAMPLE_BYTES)),
    });
    state.raw.clear();
  }
}

/** Whether bytes from the middle of a stream look like the start of a message, beyond chance. */
function startsMessage(bytes: Uint8Array): boolean {
  const [first = 0, second, third = 0, fourth = 0, fifth = 0, sixth] = bytes;
  if (sixth === undefined) return false;
  if (first === 0x03) {
    // Only the TPDUs of class 0: connection request and confirm, and data with its header of two.
    return second === 0 && (sixth === 0xe0 || sixth === 0xd0 || (fifth === 2 && sixth === 0xf0));
  }
  const length = fourth * 256 + fifth;
  return first >= 20 && first <= 23 && second === 3 && third <= 4 && length > 0 && length <= 18432;
}

function newSide(): SideState {
  return { raw: new MessageStream(), mode: 'messages', decoded: 0, ended: false };
}
