import { Duplex } from 'node:stream';
import { DecodeError } from '../wire/decode-error.js';
import { encodeCloseChannel, encodeTsguData } from '../wire/tsgu-packet.js';
import { GATEWAY_LEAVE_LIMIT_MS } from './gateway.js';
import type { GatewayLink, Received } from './gateway-link.js';

/** Bytes of one data packet: what gateways themselves send at most. */
const PIECE_BYTES = 4096;

/** Packets other than data that are read over; a gateway sends a keepalive now and then. */
const MAX_OTHER_PACKETS = 1000;

/** The channel to the target as a stream, on which RDP is spoken as on a TCP connection. */
export class GatewayStream extends Duplex {
  readonly #link: GatewayLink;
  readonly #stop = new AbortController();
  #isReading = false;
  #others = 0;

  constructor(link: GatewayLink) {
    super({ allowHalfOpen: true });
    this.#link = link;
  }

  override _read(): void {
    if (!this.#isReading) void this.#pull();
  }

  async #pull(): Promise<void> {
    this.#isReading = true;
    let wanted = true;
    while (wanted && !this.destroyed) {
      const received = await this.#receive();
      if (received.kind === 'over') {
        this.#over(received.how);
        break;
      }
      const { packet } = received;
      switch (packet.kind) {
        case 'data':
          if (packet.data.length > 0) wanted = await this.#deliver(packet.data);
          break;
        case 'close-channel':
        case 'close-channel-response':
          this.push(null);
          wanted = false;
          break;
        default:
          if (++this.#others > MAX_OTHER_PACKETS) {
            this.#over('flood');
            wanted = false;
          }
      }
    }
    this.#isReading = false;
  }

  /**
   * In a turn of the event loop of its own, as a socket does it: who pauses this stream on what it
   * reads must find the rest of it still here.
   */
  async #deliver(data: Uint8Array): Promise<boolean> {
    return await new Promise((resolve) => {
      setImmediate(() => resolve(!this.destroyed && this.push(data)));
    });
  }

  async #receive(): Promise<Received> {
    try {
      return await this.#link.receive(Number.POSITIVE_INFINITY, this.#stop.signal);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.destroy(Object.assign(new Error(error.message), { code: 'GATEWAY_PROTOCOL' }));
      return { kind: 'over', how: 'aborted' };
    }
  }

  #over(how: (Received & { readonly kind: 'over' })['how']): void {
    switch (how) {
      case 'aborted':
        return;
      case 'end':
      case 'timeout':
        this.push(null);
        return;
      case 'reset':
      case 'error':
        this.destroy(Object.assign(new Error('the gateway reset it'), { code: 'ECONNRESET' }));
        return;
      case 'flood':
        this.destroy(
          Object.assign(new Error('the gateway sends without an end'), {
            code: 'GATEWAY_PROTOCOL',
          }),
        );
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      this.#link.send(encodeTsguData(chunk.subarray(at, at + PIECE_BYTES)));
    }
    done();
  }

  /** A channel knows no half-close: who closes it says so, and the gateway answers. */
  override _final(done: (error?: Error | null) => void): void {
    this.#link.send(encodeCloseChannel(0));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stop.abort();
    void this.#link.leave(GATEWAY_LEAVE_LIMIT_MS).finally(() => done(error));
  }
}
