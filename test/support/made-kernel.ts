import { Socket } from 'node:net';
import type { KernelSockets, OpenedStream } from '../../src/probe/kernel-figures.js';
import { NOTHING_KNOWN, type TcpInfo } from '../../src/probe/tcp-info.js';

/*
 * A kernel whose sockets are real ones on loopback, and whose figures tell of a path that is not
 * there: packets above a limit vanish, or a router speaks. IPv4 with timestamps.
 */

const HEADERS = 52;
const RTT_US = 1000;
const FIRST_TIMEOUT_US = 200_000;

export interface MadePath {
  /** the largest packet that gets to the server */
  readonly toServer?: number;
  /** as `toServer`, but only so many connections meet it */
  readonly holes?: number;
  /** a router refuses what is larger, and this kernel keeps to it from then on */
  readonly router?: number;
  /** nothing gets through any more after so many bytes of one connection */
  readonly silentAfter?: number;
  /** after so many timeouts the kernel itself takes smaller segments */
  readonly repairsAfter?: number;
  /** MSS of the server's SYN/ACK */
  readonly serverMss?: number;
  readonly sackPermitted?: boolean;
  /** bytes of the server's answer as the kernel counts them, by connection; the last for the rest */
  readonly answers?: readonly number[];
  /** why no MSS can be clamped */
  readonly noClamp?: string;
  /** figures that are told otherwise */
  readonly told?: Partial<TcpInfo>;
}

export interface MadeKernel {
  readonly kernel: KernelSockets;
  /** microseconds */
  now(): number;
  /** MSS of our SYN, of the connection that was opened last */
  readonly clientMss: number;
  readonly opened: number;
}

/** @param speed how many times as fast its time goes by */
export function madeKernel(path: MadePath, speed = 1): MadeKernel {
  const began = performance.now();
  const now = (): number => Math.round((performance.now() - began) * 1000 * speed);
  let opened = 0;
  let clientMss = 1460;
  let learned = 1500;
  const openStream = (mss: number | null): OpenedStream => {
    clientMss = mss ?? 1460;
    const index = opened++;
    const isHole = index < (path.holes ?? Number.POSITIVE_INFINITY);
    const limit = isHole ? (path.toServer ?? 1500) : 1500;
    const stream = new MadeStream(path, {
      now,
      limit,
      advertised: clientMss - 12,
      answer: path.answers?.[Math.min(index, path.answers.length - 1)] ?? 3800,
      learned: () => learned,
      learn: (mtu) => {
        learned = mtu;
      },
    });
    return { socket: stream.socket, info: () => stream.info(), release: () => {} };
  };
  return {
    now,
    get clientMss() {
      return clientMss;
    },
    get opened() {
      return opened;
    },
    kernel: {
      available: true,
      abilities: {
        'clamp-mss': path.noClamp ?? null,
        'figures-after-end': null,
        'interface-mtu': null,
        'udp-dont-fragment': 'not in this test',
        'icmp-socket': 'not in this test',
      },
      read: () => null,
      openStream: ({ mss }) => ({ kind: 'opened', opened: openStream(mss) }),
      openDatagram: () => ({ kind: 'refused', why: 'not in this test' }),
      interfaceMtu: () => 1500,
    },
  };
}

interface Wire {
  now(): number;
  readonly limit: number;
  readonly advertised: number;
  readonly answer: number;
  learned(): number;
  learn(mtu: number): void;
}

type Written = { readonly chunk: Uint8Array; readonly encoding: BufferEncoding };

/** Tells of each write, which on loopback is a packet. `connect` puts back a `write` of its own. */
class ToldSocket extends Socket {
  readonly #tell: (bytes: number) => void;

  constructor(tell: (bytes: number) => void) {
    super({ allowHalfOpen: true });
    this.#tell = tell;
  }

  override _write(chunk: Uint8Array, encoding: BufferEncoding, done: () => void): void {
    if (chunk.length > 0) this.#tell(chunk.length);
    super._write(chunk, encoding, done);
  }

  override _writev(chunks: Written[], done: () => void): void {
    for (const { chunk } of chunks) if (chunk.length > 0) this.#tell(chunk.length);
    super._writev?.(chunks, done);
  }
}

class MadeStream {
  readonly socket = new ToldSocket((bytes) => this.#sent(bytes));
  readonly #path: MadePath;
  readonly #wire: Wire;
  #acknowledged = 1;
  #written = 0;
  #resent = 0;
  /** segments behind the one that is missing, itself included; null: none is missing */
  #missing: { readonly since: number; segments: number; readonly isSilent: boolean } | null = null;

  constructor(path: MadePath, wire: Wire) {
    this.#path = path;
    this.#wire = wire;
  }

  #sent(bytes: number): void {
    this.#written += bytes;
    const { router = 1500, silentAfter = Number.POSITIVE_INFINITY } = this.#path;
    const packet = bytes + HEADERS;
    // The rest of a message goes out in segments that pass, as those of a kernel do.
    const isWhole = packet <= this.#wire.learned();
    if (this.#missing !== null) {
      this.#missing.segments++;
    } else if (this.#written > silentAfter) {
      this.#missing = { since: this.#wire.now(), segments: 1, isSilent: true };
    } else if (isWhole && packet > router) {
      this.#wire.learn(router);
      this.#resent++;
      this.#acknowledged += bytes;
    } else if (isWhole && packet > this.#wire.limit) {
      this.#missing = { since: this.#wire.now(), segments: 1, isSilent: false };
    } else {
      this.#acknowledged += bytes;
    }
  }

  info(): TcpInfo {
    const missing = this.#missing;
    const { sackPermitted = true, serverMss = 1460, repairsAfter = 99, told = {} } = this.#path;
    const timeouts =
      missing === null
        ? 0
        : Math.floor(Math.log2(1 + (this.#wire.now() - missing.since) / FIRST_TIMEOUT_US));
    const received = this.socket.bytesRead > 19 ? 19 + this.#wire.answer : this.socket.bytesRead;
    const segment = Math.min(this.#wire.advertised, this.#wire.answer);
    const sendMss = Math.min(serverMss - 12, this.#wire.learned() - HEADERS);
    return {
      ...NOTHING_KNOWN,
      state: 1,
      rttUs: RTT_US,
      backoff: timeouts,
      unacknowledged: missing?.segments ?? 0,
      sacked: missing === null || missing.isSilent || !sackPermitted ? 0 : missing.segments - 1,
      retransmissions: this.#resent + timeouts,
      spuriousRetransmissions: 0,
      bytesRetransmitted: 0,
      bytesAcknowledged: this.#acknowledged,
      bytesReceived: received,
      segmentsReceived: 12,
      receivedOutOfOrder: 0,
      sendMss: timeouts >= repairsAfter ? 1024 : sendMss,
      receiveMss: received > 19 ? Math.max(536, segment) : 536,
      advertisedMss: this.#wire.advertised,
      pathMtu: this.#wire.learned(),
      congestionWindow: 10,
      sendWindow: 65_536,
      timestamps: true,
      sackPermitted,
      ...told,
    };
  }
}
