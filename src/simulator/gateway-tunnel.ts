import type { Duplex } from 'node:stream';

/** What a simulated gateway does with the packets of its clients. */
export interface TunnelOrder {
  /** the step that it refuses, with the code as it goes over the wire */
  readonly refuses: { readonly step: TunnelStep; readonly code: number } | null;
  /** the step that it never answers */
  readonly silentAt: TunnelStep | null;
  /** what its administrator has to say; null: nothing */
  readonly consent: string | null;
  /** connects to the target; null: nothing is behind it, and it refuses every channel so */
  readonly inner: ((target: string) => Duplex) | null;
}

export type TunnelStep = 'handshake' | 'tunnel' | 'authorization' | 'channel';

/** E_PROXY_TS_CONNECTFAILED, [MS-TSGU] 2.2.6. */
const CONNECT_FAILED = 0x800759dd;

/** E_PROXY_ALREADYDISCONNECTED. */
const ALREADY_DISCONNECTED = 0x800759df;

/** Types of packets, [MS-TSGU] 2.2.5.3.3. */
const HANDSHAKE_REQUEST = 1;
const TUNNEL_CREATE = 4;
const TUNNEL_AUTH = 6;
const CHANNEL_CREATE = 8;
const DATA = 10;
const KEEPALIVE = 13;
const CLOSE_CHANNEL = 16;

/**
 * The tunnel of a gateway, written from [MS-TSGU] 2.2.10 and 3.3 byte by byte: nothing of it comes
 * from the codec of our own client.
 */
export class GatewayTunnel {
  readonly #order: TunnelOrder;
  readonly #write: (packet: Uint8Array) => void;
  readonly #onTarget: (target: string) => void;
  #inner: Duplex | null = null;

  constructor(
    order: TunnelOrder,
    write: (packet: Uint8Array) => void,
    onTarget: (target: string) => void,
  ) {
    this.#order = order;
    this.#write = write;
    this.#onTarget = onTarget;
  }

  /** Takes one whole packet. */
  packet(packet: Buffer): void {
    switch (packet.readUInt16LE(0)) {
      case HANDSHAKE_REQUEST:
        // errorCode, version 1.0, serverVersion 0, extendedAuth 0.
        this.#answer('handshake', 0x02, (code) => [u32(code), Buffer.of(1, 0, 0, 0, 0, 0)]);
        break;
      case TUNNEL_CREATE:
        this.#answer('tunnel', 0x05, (code) => this.#tunnelResponse(code));
        break;
      case TUNNEL_AUTH:
        // Redirection flags: all enabled; an idle timeout of 30 minutes.
        this.#answer('authorization', 0x07, (code) => [
          u32(code),
          u16(0x3),
          u16(0),
          u32(0x80000000),
          u32(30),
        ]);
        break;
      case CHANNEL_CREATE:
        this.#createChannel(packet);
        break;
      case DATA:
        this.#inner?.write(packet.subarray(10, 10 + packet.readUInt16LE(8)));
        break;
      case KEEPALIVE:
        this.#send(KEEPALIVE, []);
        break;
      case CLOSE_CHANNEL:
        this.#send(0x11, [u32(0)]);
        this.close();
        break;
    }
  }

  close(): void {
    this.#inner?.destroy();
    this.#inner = null;
  }

  #tunnelResponse(code: number): readonly Buffer[] {
    const { consent } = this.#order;
    // Tunnel id and capabilities: idle timeout, consent and service messages, UDP.
    const fields = [
      u16(0),
      u32(code),
      u16(consent === null ? 0x3 : 0x13),
      u16(0),
      u32(7),
      u32(0x2e),
    ];
    if (consent === null) return fields;
    const text = Buffer.from(`${consent}\0`, 'utf16le');
    return [...fields, u16(text.length), text];
  }

  #createChannel(packet: Buffer): void {
    const port = packet.readUInt16LE(10);
    const name = packet.toString('utf16le', 16, 16 + packet.readUInt16LE(14)).replace(/\0$/, '');
    const target = `${name}:${port}`;
    this.#onTarget(target);
    const { inner, refuses, silentAt } = this.#order;
    if (silentAt === 'channel') return;
    if (inner === null && refuses === null) {
      this.#send(0x09, [u32(CONNECT_FAILED), u16(0), u16(0)]);
      return;
    }
    const isOpen = this.#answer('channel', 0x09, (code) =>
      code === 0 ? [u32(0), u16(0x5), u16(0), u32(1), u16(3391)] : [u32(code), u16(0), u16(0)],
    );
    if (!isOpen || inner === null) return;
    const stream = inner(target);
    this.#inner = stream;
    stream.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += 4086) {
        const piece = chunk.subarray(at, at + 4086);
        this.#send(DATA, [u16(piece.length), piece]);
      }
    });
    stream.on('error', () => {});
    // A client behind a gateway cannot tell how the server ended it.
    const ended = (): void => {
      if (this.#inner !== stream) return;
      this.#inner = null;
      this.#send(CLOSE_CHANNEL, [u32(ALREADY_DISCONNECTED)]);
    };
    stream.on('end', ended);
    stream.on('close', ended);
  }

  /** @returns whether it agreed */
  #answer(step: TunnelStep, type: number, body: (code: number) => readonly Buffer[]): boolean {
    const { refuses, silentAt } = this.#order;
    if (silentAt === step) return false;
    const code = refuses?.step === step ? refuses.code : 0;
    this.#send(type, body(code));
    return code === 0;
  }

  #send(type: number, parts: readonly Uint8Array[]): void {
    const body = Buffer.concat(parts);
    this.#write(Buffer.concat([u16(type), u16(0), u32(8 + body.length), body]));
  }
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
