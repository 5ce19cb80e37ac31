import type { TcpFiguresFact } from '../handshake/trace.js';
import type { TcpHeader } from './tcp.js';

/** SYNs that are remembered; Linux and Windows send at most seven. */
const MAX_SYNS = 8;

/**
 * Below this, both parts of the three-way handshake are a matter of how busy the hosts were: it was
 * taken on a loopback interface or in one small network.
 */
const SMALLEST_TELLING_NS = 400e3;

/** A part so small beside the other was answered next to the place of capture. */
const NEAR_SHARE = 0.15;

/** The three-way handshake as it went past the place of capture. Times in nanoseconds. */
export class RoundTrip {
  readonly #syns: { readonly at: number; readonly timestamp: number | null }[] = [];
  #toServer: number | null = null;
  #toClient: number | null = null;
  #acceptedAt: number | null = null;

  /** @param tcp a SYN with its options read */
  syn(tcp: TcpHeader, at: number): void {
    if (this.#syns.length < MAX_SYNS) this.#syns.push({ at, timestamp: tcp.timestamp });
  }

  /** @param tcp the first SYN/ACK with its options read */
  accepted(tcp: TcpHeader, at: number): void {
    this.#acceptedAt = at;
    // RFC 7323 section 3.2: the echo says which of several SYNs is answered; without it the last
    // one is taken, as a round trip of a second is rarer than a lost SYN.
    const echoed = this.#syns.find(
      ({ timestamp }) => timestamp !== null && timestamp === tcp.timestampEcho,
    );
    const answered = echoed ?? this.#syns.at(-1);
    if (answered !== undefined) this.#toServer = positive(at - answered.at);
  }

  /** The client's first segment after the SYN/ACK. */
  completed(at: number): void {
    if (this.#acceptedAt === null || this.#toClient !== null) return;
    this.#toClient = positive(at - this.#acceptedAt);
  }

  /** Whether the client's acknowledgment of the SYN/ACK is still to come. */
  get isOpen(): boolean {
    return this.#acceptedAt !== null && this.#toClient === null;
  }

  get toServer(): number | null {
    return this.#toServer;
  }

  figures(): Pick<TcpFiguresFact, 'rttUs' | 'handshakeRestUs' | 'vantage'> {
    return {
      rttUs: toMicros(this.#toServer),
      handshakeRestUs: toMicros(this.#toClient),
      vantage: this.#vantage(),
    };
  }

  /** Where the two parts of the round trip meet is where the capture was taken. */
  #vantage(): TcpFiguresFact['vantage'] {
    if (this.#toServer === null || this.#toClient === null) return 'unknown';
    const whole = this.#toServer + this.#toClient;
    if (whole < SMALLEST_TELLING_NS) return 'unknown';
    if (this.#toClient < whole * NEAR_SHARE) return 'client';
    return this.#toServer < whole * NEAR_SHARE ? 'server' : 'middle';
  }
}

function positive(duration: number): number | null {
  return duration >= 0 ? duration : null;
}

function toMicros(nanos: number | null): number | null {
  return nanos === null ? null : Math.round(nanos / 1000);
}
