import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { ProbeError } from '../probe-error.js';
import { avPairsOf } from '../wire/av-pair.js';
import { DecodeError } from '../wire/decode-error.js';
import { unixMicrosToFiletime } from '../wire/filetime.js';
import { frameHttpChunk } from '../wire/http-chunk.js';
import {
  decodeHttpRequestHead,
  encodeHttpResponse,
  frameHttpHead,
  type HttpRequestHead,
  httpFields,
  httpTokens,
} from '../wire/http-head.js';
import { encodeNtlmChallenge } from '../wire/ntlm.js';
import { frameTsguPacket } from '../wire/tsgu-packet.js';
import {
  encodeWebSocketFrame,
  readWebSocketFrame,
  WS_BINARY,
  WS_CLOSE,
  webSocketAccept,
} from '../wire/websocket.js';
import { concat } from '../wire/writer.js';
import { serverCertificate } from './certificate.js';
import { COMPUTER } from './computer.js';
import { GatewayTunnel, type TunnelOrder } from './gateway-tunnel.js';
import { isLoopback } from './listen.js';
import { provesUser, type SimulatedUser } from './ntlm-proof.js';
import type { CertificateName } from './scenario.js';

/** A gateway to be simulated, on loopback. Plain data but for the inner server. */
export interface SimulatedGateway extends TunnelOrder {
  readonly certificate: CertificateName;
  /** of its 401, in order; empty: it asks nobody's name */
  readonly schemes: readonly string[];
  readonly webSocket:
    | 'accept'
    /** as a gateway before 2016: the request is answered as one without an upgrade */
    | 'ignore'
    /** as a proxy on the way that knows no WebSocket: 400 */
    | 'refuse';
  /** who is let in; null: everybody who answers the challenge */
  readonly user: SimulatedUser | null;
  /** an HTTP server of another kind: what it answers to each request; null: it is a gateway */
  readonly page: {
    readonly status: number;
    readonly reason: string;
    readonly fields: readonly (readonly [name: string, value: string])[];
    readonly body: string;
  } | null;
  /** proxies on the way, as they would name themselves */
  readonly via: string | null;
  /** sends this instead of an HTTP answer, hex */
  readonly garbage: string | null;
  /** closes the connection after its first 401 */
  readonly closesAfter401: boolean;
}

/** A gateway as Windows has it. */
export const SOUND_GATEWAY: SimulatedGateway = {
  certificate: 'ca-signed',
  schemes: ['Negotiate', 'NTLM'],
  webSocket: 'accept',
  user: null,
  page: null,
  via: null,
  garbage: null,
  closesAfter401: false,
  refuses: null,
  silentAt: null,
  consent: null,
  inner: null,
};

export interface RunningGateway {
  readonly address: string;
  readonly port: number;
  /** connections accepted so far */
  readonly connections: number;
  /** AUTHENTICATE messages that came, whether they proved anything or not */
  readonly logons: number;
  /** what clients asked the channel for, `host:port` */
  readonly targets: readonly string[];
  close(): Promise<void>;
}

/** The nonce of the examples in [MS-NLMP] 4.2. */
const SERVER_CHALLENGE = Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef);
const CHALLENGE_FLAGS = 0xe2898235;

/** What Windows Server 2019 begins its OUT channel with. */
const SEED = Buffer.from('abcdabcdabcdabcdabcd', 'hex');

/**
 * @param nowMs milliseconds since 1970 UTC
 * @throws ProbeError for a host that is not this machine's own loopback
 */
export async function startGateway(
  order: SimulatedGateway,
  nowMs: () => number,
  { host = '127.0.0.1', port = 0 }: { readonly host?: string; readonly port?: number } = {},
): Promise<RunningGateway> {
  if (!isLoopback(host)) {
    throw new ProbeError('BAD_OPTION', `${host} is not a loopback address`);
  }
  const { key, chain } = await serverCertificate(order.certificate, nowMs());
  const secureContext = createSecureContext({ key, cert: chain });
  const sockets = new Set<Socket>();
  const shared = new Shared(order, nowMs);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    shared.connections++;
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const tls = new TLSSocket(socket, { isServer: true, secureContext });
    tls.on('error', () => socket.destroy());
    new HttpPeer(tls, shared).serve();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new TypeError('not a TCP server');
  return {
    address: at.address,
    port: at.port,
    get connections() {
      return shared.connections;
    },
    get logons() {
      return shared.logons;
    },
    targets: shared.targets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What the connections of one gateway have in common. */
class Shared {
  connections = 0;
  logons = 0;
  readonly targets: string[] = [];
  /** OUT channels that wait for their IN channel, by RDG-Connection-Id */
  readonly outs = new Map<string, HttpPeer>();

  constructor(
    readonly order: SimulatedGateway,
    readonly nowMs: () => number,
  ) {}
}

/** One connection: requests until it has become a channel. */
class HttpPeer {
  readonly #stream: Duplex;
  readonly #shared: Shared;
  #bytes: Uint8Array = new Uint8Array();
  #mode: 'http' | 'websocket' | 'in-opening' | 'in' | 'out' = 'http';
  #isLetIn = false;
  #packets: Uint8Array = new Uint8Array();
  #tunnel: GatewayTunnel | null = null;

  constructor(stream: Duplex, shared: Shared) {
    this.#stream = stream;
    this.#shared = shared;
  }

  serve(): void {
    this.#stream.on('data', (chunk: Buffer) => {
      this.#bytes = concat(this.#bytes, chunk);
      try {
        while (this.#step());
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.#stream.destroy();
      }
    });
    this.#stream.on('end', () => this.#stream.end());
    this.#stream.on('close', () => this.#tunnel?.close());
  }

  /** @returns whether there may be more to do with what has come */
  #step(): boolean {
    switch (this.#mode) {
      case 'http':
      case 'in-opening':
        return this.#readRequest();
      case 'websocket':
        return this.#readFrame();
      case 'in':
        return this.#readChunk();
      case 'out':
        return false;
    }
  }

  #readRequest(): boolean {
    const frame = frameHttpHead(this.#bytes);
    if (frame.kind === 'need-more') return false;
    const head = decodeHttpRequestHead(this.#bytes.subarray(0, frame.length));
    this.#bytes = this.#bytes.subarray(frame.length);
    if (this.#mode === 'in-opening') {
      this.#mode = 'in';
      return true;
    }
    this.#answer(head);
    return this.#mode !== 'out';
  }

  #answer(head: HttpRequestHead): void {
    const { order } = this.#shared;
    if (order.garbage !== null) {
      this.#stream.write(Buffer.from(order.garbage, 'hex'));
      return;
    }
    const upgrade = httpTokens(head, 'upgrade').includes('websocket');
    if (order.page !== null) {
      const { status, reason, fields, body } = order.page;
      this.#respond(status, reason, fields, body);
      return;
    }
    if (upgrade && order.webSocket === 'refuse') {
      this.#respond(400, 'Bad Request', [], 'no such upgrade');
      return;
    }
    if (!head.method.startsWith('RDG_')) {
      this.#respond(404, 'Not Found', [['Content-Type', 'text/html']], '<html></html>');
      return;
    }
    if (!this.#authorised(head)) return;
    this.#open(head, upgrade && order.webSocket === 'accept');
  }

  /** NTLM within HTTP; answers itself where the user is not let in yet. */
  #authorised(head: HttpRequestHead): boolean {
    const { order, nowMs } = this.#shared;
    if (order.schemes.length === 0 || this.#isLetIn) return true;
    const [scheme = '', token = ''] = (httpFields(head, 'authorization')[0] ?? '').split(' ');
    const message = Buffer.from(token, 'base64');
    const type = message.length < 12 ? 0 : message.readUInt32LE(8);
    if (type === 1) {
      const challenge = Buffer.from(challengeMessage(nowMs())).toString('base64');
      this.#respond(401, 'Unauthorized', [['WWW-Authenticate', `${scheme} ${challenge}`]], '');
      return false;
    }
    if (type === 3) {
      this.#shared.logons++;
      if (order.user === null || provesUser(message, SERVER_CHALLENGE, order.user)) {
        this.#isLetIn = true;
        return true;
      }
    }
    const fields = order.schemes.map((one) => ['WWW-Authenticate', one] as const);
    this.#respond(
      401,
      'Unauthorized',
      [...(order.closesAfter401 ? [['Connection', 'close'] as const] : []), ...fields],
      'Unauthorized',
    );
    if (order.closesAfter401) this.#stream.end();
    return false;
  }

  #respond(
    status: number,
    reason: string,
    fields: readonly (readonly [name: string, value: string])[],
    body: string,
  ): void {
    const { via } = this.#shared.order;
    const head = encodeHttpResponse(status, reason, [
      ['Server', 'Microsoft-HTTPAPI/2.0'],
      ...(via === null ? [] : ([['Via', via]] as const)),
      ...fields,
      ['Content-Length', String(Buffer.byteLength(body))],
    ]);
    this.#stream.write(Buffer.concat([head, Buffer.from(body)]));
  }

  #open(head: HttpRequestHead, upgrade: boolean): void {
    const id = httpFields(head, 'rdg-connection-id')[0] ?? '';
    if (upgrade) {
      const key = httpFields(head, 'sec-websocket-key')[0] ?? '';
      this.#stream.write(
        encodeHttpResponse(101, 'Switching Protocols', [
          ['Upgrade', 'websocket'],
          ['Connection', 'Upgrade'],
          ['Sec-WebSocket-Accept', webSocketAccept(key)],
        ]),
      );
      this.#mode = 'websocket';
      this.#begin((packet) => this.#stream.write(encodeWebSocketFrame(WS_BINARY, packet, null)));
      return;
    }
    if (head.method === 'RDG_OUT_DATA') {
      this.#stream.write(encodeHttpResponse(200, 'OK', [['Server', 'Microsoft-HTTPAPI/2.0']]));
      this.#stream.write(SEED);
      this.#mode = 'out';
      this.#shared.outs.set(id, this);
      return;
    }
    const out = this.#shared.outs.get(id);
    this.#respond(200, 'OK', [], '');
    if (out === undefined) return;
    this.#mode = 'in-opening';
    this.#begin((packet) => out.#stream.write(packet));
  }

  #begin(send: (packet: Uint8Array) => void): void {
    const { order, targets } = this.#shared;
    this.#tunnel = new GatewayTunnel(order, send, (target) => targets.push(target));
  }

  #readFrame(): boolean {
    const framed = readWebSocketFrame(this.#bytes);
    if (framed.kind === 'need-more') return false;
    this.#bytes = this.#bytes.subarray(framed.length);
    const { opcode, payload, masked } = framed.frame;
    // RFC 6455 section 5.1: a server closes on a frame without a mask.
    if (!masked || opcode.value === WS_CLOSE) {
      this.#stream.end(encodeWebSocketFrame(WS_CLOSE, payload, null));
      return false;
    }
    if (opcode.value === WS_BINARY) this.#take(payload);
    return true;
  }

  #readChunk(): boolean {
    const chunk = frameHttpChunk(this.#bytes);
    if (chunk.kind === 'need-more') return false;
    if (chunk.kind === 'chunk') this.#take(this.#bytes.slice(chunk.start, chunk.end));
    this.#bytes = this.#bytes.subarray(chunk.length);
    return true;
  }

  #take(bytes: Uint8Array): void {
    this.#packets = concat(this.#packets, bytes);
    for (;;) {
      const frame = frameTsguPacket(this.#packets);
      if (frame.kind === 'need-more') return;
      this.#tunnel?.packet(Buffer.from(this.#packets.subarray(0, frame.length)));
      this.#packets = this.#packets.subarray(frame.length);
    }
  }
}

function challengeMessage(nowMs: number): Uint8Array {
  return encodeNtlmChallenge({
    flags: CHALLENGE_FLAGS,
    serverChallenge: SERVER_CHALLENGE,
    targetName: COMPUTER.netbiosDomainName,
    targetInfo: avPairsOf({ ...COMPUTER, timestamp: unixMicrosToFiletime(nowMs * 1000) }),
    version: {
      productMajorVersion: 10,
      productMinorVersion: 0,
      productBuild: 20348,
      ntlmRevisionCurrent: 15,
    },
  });
}
