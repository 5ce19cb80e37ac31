import { createSocket, type Socket } from 'node:dgram';
import { ProbeError } from '../probe-error.js';
import { fromHex } from '../wire/hex.js';
import { isLoopback } from './listen.js';

/** How a server answers RDPEUDP, and what the path to it does. Sizes are those of UDP payloads. */
export interface RdpeudpPeerOptions {
  readonly host?: string;
  /** lets a host be given that others can reach; it answers whoever asks, with as many bytes */
  readonly allowRemote?: boolean;
  /** 0: any free one */
  readonly port?: number;
  /** padded, as [MS-RDPEUDP] 3.1.5.1.1 says; short: without padding; garbage: bytes of no meaning */
  readonly answers?: 'padded' | 'short' | 'garbage' | 'none';
  /** the highest version that it knows, as on the wire; it ignores a SYN of a higher one if strict */
  readonly version?: number;
  readonly strict?: boolean;
  /** larger SYNs never arrive */
  readonly dropAboveToServer?: number;
  /** larger answers never arrive */
  readonly dropAboveFromServer?: number;
  /** so many of the first datagrams get lost */
  readonly loseFirst?: number;
  /** answers come from another port */
  readonly fromElsewhere?: boolean;
  /** acknowledges another sequence number than the client's */
  readonly acknowledgesOther?: boolean;
  readonly delayMs?: number;
}

export interface RdpeudpPeer {
  readonly address: string;
  readonly port: number;
  /** payload lengths of what was sent to it, what got lost included */
  readonly received: readonly number[];
  close(): Promise<void>;
}

const SYN_LENGTH = 16;
const FLAG_SYNEX = 0x1000;
const LARGEST_MTU = 1232;

/**
 * The server's side of [MS-RDPEUDP] 3.1.5.1.3 and nothing after it. Its bytes are those of the
 * specification's layouts, without the encoder of ours that they are to test.
 *
 * @throws ProbeError BAD_OPTION for a host that is not this machine's own loopback, unless allowed
 */
export async function startRdpeudpPeer(options: RdpeudpPeerOptions = {}): Promise<RdpeudpPeer> {
  const { host = '127.0.0.1', port = 0, answers = 'padded', delayMs = 0 } = options;
  if (options.allowRemote !== true && !isLoopback(host)) {
    throw new ProbeError('BAD_OPTION', `${host} is not a loopback address`);
  }
  const type = host.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket(type);
  const elsewhere = createSocket(type);
  const received: number[] = [];
  const pending = new Set<NodeJS.Timeout>();
  await bound(socket, host, port);
  await bound(elsewhere, host, 0);
  const speaker = options.fromElsewhere === true ? elsewhere : socket;
  socket.on('message', (syn, client) => {
    received.push(syn.length);
    if (received.length <= (options.loseFirst ?? 0)) return;
    if (syn.length > (options.dropAboveToServer ?? Number.POSITIVE_INFINITY)) return;
    const answer = answers === 'none' ? null : answerTo(syn, options);
    if (answer === null) return;
    if (answer.length > (options.dropAboveFromServer ?? Number.POSITIVE_INFINITY)) return;
    const timer = setTimeout(() => {
      pending.delete(timer);
      speaker.send(answer, client.port, client.address);
    }, delayMs);
    pending.add(timer);
  });
  return {
    address: host,
    port: socket.address().port,
    received,
    close: async () => {
      for (const timer of pending) clearTimeout(timer);
      await Promise.all([closed(socket), closed(elsewhere)]);
    },
  };
}

function answerTo(syn: Uint8Array, options: RdpeudpPeerOptions): Uint8Array | null {
  if (syn.length < SYN_LENGTH) return null;
  const { answers, version = 0x0002, strict = false, acknowledgesOther = false } = options;
  if (answers === 'garbage') return fromHex('16030300050200000001');
  const said = new DataView(syn.buffer, syn.byteOffset, syn.byteLength);
  const offered = (said.getUint16(6) & FLAG_SYNEX) === 0 ? null : said.getUint16(18);
  if (offered !== null && offered > version && strict) return null;
  // Our up is their down, [MS-RDPEUDP] 3.1.1.3.
  const up = Math.min(LARGEST_MTU, said.getUint16(14));
  const down = Math.min(LARGEST_MTU, said.getUint16(12));
  const bytes = new Uint8Array(answers === 'short' ? 20 : Math.min(up, down));
  const answer = new DataView(bytes.buffer);
  answer.setUint32(0, said.getUint32(8) ^ (acknowledgesOther ? 1 : 0));
  answer.setUint16(4, 64);
  answer.setUint16(6, offered === null ? 0x0005 : 0x1005);
  answer.setUint32(8, 0x0f94ea0b);
  answer.setUint16(12, up);
  answer.setUint16(14, down);
  if (offered !== null) {
    answer.setUint16(16, 0x0001);
    answer.setUint16(18, Math.min(offered, version));
  }
  return bytes;
}

function bound(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      // A client that has gone is told of by ICMP.
      socket.on('error', () => {});
      resolve();
    });
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
