import type { Socket } from 'node:net';
import { readChallenge } from '../handshake/credssp-layer.js';
import type {
  GatewayEnding,
  GatewayFact,
  GatewayPacketFact,
  GatewayStepName,
  GatewayTrace,
} from '../handshake/gateway.js';
import type { Side } from '../handshake/trace.js';
import { DecodeError } from '../wire/decode-error.js';
import { encodeToken68 } from '../wire/http-challenge.js';
import {
  encodeHttpRequest,
  type HttpResponseHead,
  httpBodyOf,
  httpFields,
} from '../wire/http-head.js';
import { decodeNtlm, encodeNtlmNegotiate } from '../wire/ntlm.js';
import { named } from '../wire/open-set.js';
import {
  encodeChannelCreate,
  encodeHandshakeRequest,
  encodeTunnelAuth,
  encodeTunnelCreate,
  type TsguPacket,
} from '../wire/tsgu-packet.js';
import { webSocketAccept } from '../wire/websocket.js';
import type { Clock } from './clock.js';
import { dial } from './dial.js';
import { notConnected, secureGateway } from './gateway-connect.js';
import { type Answered, GatewayHttp } from './gateway-http.js';
import { type GatewayLink, TwoChannelLink, WebSocketLink } from './gateway-link.js';
import { REQUESTS, toldBy } from './gateway-packet.js';
import {
  type AuthorizationField,
  challengeIn,
  guid,
  isOfGateway,
  ntlmScheme,
  RESOURCE,
  requestFields,
  responseFact,
  worthASecondLook,
} from './gateway-request.js';
import {
  aborted,
  enough,
  NAMES,
  noChallenge,
  notGateway,
  over,
  refusal,
  Stop,
} from './gateway-stop.js';
import { serverNameFor } from './server-name.js';
import { type ProbeSettings, renderTarget, type Target } from './settings.js';
import { describeTls } from './tls-client.js';

/** Makes the NTLM messages of one user for one connection. The second can be asked for once. */
export interface GatewayUser {
  negotiate(): Uint8Array;
  /**
   * @param certificate DER of the gateway's own, for the channel binding; null: none was seen
   * @returns why the challenge is not answered, where it is not
   */
  authenticate(challenge: Uint8Array, certificate: Uint8Array | null): Uint8Array | string;
}

export interface GatewayContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  random(count: number): Uint8Array;
  /** null: nobody is to be authenticated */
  readonly user: (() => GatewayUser) | null;
  /** name of this machine, which the gateway's policies see */
  readonly clientName: string;
}

export interface OpenedGateway {
  readonly trace: GatewayTrace;
  /** null: there is no channel to the target */
  readonly link: GatewayLink | null;
}

/** How long to wait for the gateway's own end. */
export const GATEWAY_LEAVE_LIMIT_MS = 500;

/** Idle timeout, consent and service messages, re-authentication: what tells a person most. */
const CAPABILITIES = 0x2 | 0x4 | 0x8 | 0x10;

/** Messages of an administrator that are waited through. */
const MAX_MESSAGES = 20;

/**
 * Goes the way through a gateway as far as it leads: without a user up to the challenge of its NTLM,
 * with one up to the channel to the target. One attempt, and at most four connections one after
 * another (two at a time where the gateway has no WebSocket). Never rejects for what a peer does.
 */
export async function openGateway(
  gateway: Target,
  target: Target,
  settings: ProbeSettings,
  context: GatewayContext,
): Promise<OpenedGateway> {
  return await new Opening(gateway, target, settings, context).run();
}

class Opening {
  readonly #gateway: Target;
  readonly #target: Target;
  readonly #settings: ProbeSettings;
  readonly #context: GatewayContext;
  readonly #clock: Clock;
  readonly #facts: GatewayFact[] = [];
  readonly #connectionId: string;
  readonly #open: GatewayHttp[] = [];
  #socket: Socket | null = null;
  #client: GatewayTrace['client'] = { address: null, port: null };
  #server: GatewayTrace['server'];
  #step: GatewayStepName = 'resolve';
  #transport: GatewayTrace['transport'] = null;
  #certificate: Uint8Array | null = null;

  constructor(gateway: Target, target: Target, settings: ProbeSettings, context: GatewayContext) {
    this.#gateway = gateway;
    this.#target = target;
    this.#settings = settings;
    this.#context = context;
    const origin = context.clock.now();
    this.#clock = {
      startedAt: context.clock.startedAt + origin,
      now: () => context.clock.now() - origin,
    };
    this.#server = { address: null, port: gateway.port };
    this.#connectionId = guid(context.random(16));
  }

  async run(): Promise<OpenedGateway> {
    let ending: GatewayEnding | null = null;
    let link: GatewayLink | null = null;
    try {
      link = await this.#way();
    } catch (error) {
      ending = this.#endingOf(error);
    }
    if (link === null) {
      for (const http of this.#open) await http.leave(GATEWAY_LEAVE_LIMIT_MS);
      this.#socket?.destroy();
    }
    return { trace: this.#trace(ending), link };
  }

  #endingOf(error: unknown): GatewayEnding | null {
    const at = this.#clock.now();
    const step = this.#step;
    if (error instanceof DecodeError) {
      const says = `the gateway sent what cannot be read: ${error.message}`;
      return { step, how: 'malformed', by: 'server', code: null, says, at };
    }
    if (!(error instanceof Stop)) throw error;
    if (error.how === 'aborted') this.#facts.push({ kind: 'interrupted', at });
    if (error.how === 'aborted' || error.how === 'enough') return null;
    const { how, by, code, says } = error;
    return { step, how, by, code, says, at };
  }

  #trace(ending: GatewayEnding | null): GatewayTrace {
    return {
      name: renderTarget(this.#gateway),
      host: this.#gateway.host,
      client: this.#client,
      server: this.#server,
      target: renderTarget(this.#target),
      startedAt: this.#clock.startedAt,
      facts: this.#facts,
      ending,
      transport: this.#transport,
      credentials: this.#context.user !== null,
      notMeasured: {
        'gateway.transports':
          'RPC over HTTP, which gateways before 2012 have alone, is not covered',
        'gateway.authentication':
          'pluggable authentication (PAA cookies), smart cards and Kerberos are not covered',
      },
    };
  }

  async #way(): Promise<GatewayLink> {
    const first = await this.#firstAnswer();
    const { http, head } = await this.#authenticated(
      first.http,
      first.head,
      'RDG_OUT_DATA',
      first.key,
    );
    const link = await this.#linkOf(http, head, first.key);
    this.#transport = link.transport;
    await this.#throughTunnel(link);
    return link;
  }

  /** The answer of a gateway; anything else ends the way, after a second look without WebSocket. */
  async #firstAnswer(): Promise<{ http: GatewayHttp; head: HttpResponseHead; key: string | null }> {
    const http = await this.#connect();
    this.#step = 'http';
    const key = encodeToken68(this.#context.random(16));
    const answer = await this.#ask(http, 'RDG_OUT_DATA', { key });
    if (answer.kind === 'head' && isOfGateway(answer.head, key)) {
      return { http, head: answer.head, key };
    }
    // What stands before a gateway may not let a WebSocket through: is it there without?
    if (worthASecondLook(answer)) {
      await http.leave(GATEWAY_LEAVE_LIMIT_MS);
      const plain = await this.#connect();
      this.#step = 'http';
      const second = await this.#ask(plain, 'RDG_OUT_DATA', { key: null });
      if (second.kind === 'head' && isOfGateway(second.head, null)) {
        return { http: plain, head: second.head, key: null };
      }
      throw notGateway(second, this.#limit());
    }
    throw notGateway(answer, this.#limit());
  }

  async #connect(): Promise<GatewayHttp> {
    this.#step = 'resolve';
    const socket = await dial(this.#gateway, this.#settings, this.#io(), (fact) => {
      if (fact.kind === 'tcp-connect') this.#step = 'tcp';
      this.#facts.push(fact);
    });
    if (socket === 'aborted') throw aborted();
    if (socket === null) throw notConnected(this.#facts, this.#gateway, this.#settings);
    this.#socket = socket;
    this.#client = { address: socket.localAddress ?? null, port: socket.localPort ?? null };
    if (this.#settings.proxy === null) {
      this.#server = { address: socket.remoteAddress ?? null, port: this.#gateway.port };
    }
    this.#step = 'tls';
    const { tls: limitMs } = this.#settings.stageLimitsMs;
    const serverName = serverNameFor(this.#gateway.host);
    const tls = await secureGateway(socket, serverName, limitMs, this.#context.signal, (fact) =>
      this.#facts.push({ ...fact, at: this.#clock.now() }),
    );
    this.#certificate = tls.getPeerCertificate().raw ?? null;
    this.#facts.push({ kind: 'tls-secured', ...describeTls(tls)(this.#clock.now()) });
    const http = new GatewayHttp(tls, socket);
    this.#open.push(http);
    return http;
  }

  #io(): { clock: Clock; signal: AbortSignal } {
    return { clock: this.#clock, signal: this.#context.signal };
  }

  /** Limit of one answer, milliseconds. */
  #limit(): number {
    return this.#settings.stageLimitsMs.x224;
  }

  async #ask(
    http: GatewayHttp,
    method: 'RDG_OUT_DATA' | 'RDG_IN_DATA',
    {
      key,
      authorization = null,
    }: { key: string | null; authorization?: AuthorizationField | null },
  ): Promise<Answered> {
    const fields = requestFields(this.#gateway, this.#connectionId, key);
    this.#facts.push({
      kind: 'http-request',
      at: this.#clock.now(),
      method,
      upgrade: key !== null,
      authorization:
        authorization === null
          ? null
          : { scheme: authorization.scheme, carries: authorization.carries },
    });
    const request = encodeHttpRequest(method, RESOURCE, [
      ...fields,
      ...(authorization === null
        ? []
        : ([['Authorization', `${authorization.scheme} ${authorization.token}`]] as const)),
    ]);
    const answer = await http.ask(request, this.#limit(), this.#context.signal);
    if (answer.kind === 'over') {
      if (answer.how === 'aborted') throw aborted();
      return answer;
    }
    this.#facts.push(responseFact(answer.head, this.#clock.now()));
    return answer;
  }

  /** NTLM inside HTTP, [MS-NTHT]: three requests on one connection. */
  async #authenticated(
    http: GatewayHttp,
    head: HttpResponseHead,
    method: 'RDG_OUT_DATA' | 'RDG_IN_DATA',
    key: string | null,
  ): Promise<{ http: GatewayHttp; head: HttpResponseHead }> {
    if (head.status !== 401) return { http, head };
    this.#step = 'authentication';
    const scheme = ntlmScheme(head);
    if (scheme === null) {
      if (this.#context.user === null) throw enough();
      const says = 'the gateway offers no NTLM, and no other way of its is covered';
      throw new Stop('unauthorized', 'server', named({}, 401), says);
    }
    if (!http.isUsable) await http.leave(GATEWAY_LEAVE_LIMIT_MS);
    const usable = http.isUsable ? http : await this.#connect();
    this.#step = 'authentication';
    const user = this.#context.user?.() ?? null;
    const answer = await this.#ask(usable, method, {
      key,
      authorization: {
        scheme,
        carries: 'ntlm-negotiate',
        token: encodeToken68(user?.negotiate() ?? encodeNtlmNegotiate()),
      },
    });
    const challenge = answer.kind === 'head' ? challengeIn(answer.head) : null;
    if (challenge !== null) {
      const message = decodeNtlm(challenge);
      if (message.kind === 'challenge') {
        this.#facts.push({
          kind: 'ntlm-challenge',
          at: this.#clock.now(),
          challenge: readChallenge(message),
        });
      }
    }
    if (user === null) throw enough();
    if (challenge === null) throw noChallenge(answer, this.#limit());
    if (!usable.isUsable) {
      const says = 'the connection is closed between the steps of NTLM, which need the same one';
      throw new Stop('closed', 'server', null, says);
    }
    const proof = user.authenticate(challenge, this.#certificate);
    if (typeof proof === 'string') throw new Stop('unauthorized', 'client', null, proof);
    const last = await this.#ask(usable, method, {
      key,
      authorization: {
        scheme,
        carries: 'ntlm-authenticate',
        token: encodeToken68(proof),
      },
    });
    if (last.kind === 'over') throw over(last.how, this.#limit(), 'the NTLM authentication');
    if (last.head.status === 401) {
      const says = 'the gateway refuses the user or the password (HTTP 401)';
      throw new Stop('unauthorized', 'server', named({}, 401), says);
    }
    if (last.head.status !== 101 && last.head.status !== 200) {
      throw notGateway(last, this.#limit());
    }
    return { http: usable, head: last.head };
  }

  /** What carries the packets, by the answer to the last request. */
  async #linkOf(
    http: GatewayHttp,
    head: HttpResponseHead,
    key: string | null,
  ): Promise<GatewayLink> {
    if (head.status === 101) {
      const [accept] = httpFields(head, 'sec-websocket-accept');
      if (key === null || accept !== webSocketAccept(key)) {
        const says = 'the answer to the WebSocket request belongs to another request';
        throw new Stop('malformed', 'server', named({}, 101), says);
      }
      return new WebSocketLink(http, () => this.#context.random(4));
    }
    const outIsChunked = httpBodyOf(head).kind === 'chunked';
    const into = await this.#connect();
    this.#step = 'http';
    const first = await this.#ask(into, 'RDG_IN_DATA', { key: null });
    if (first.kind === 'over') throw over(first.how, this.#limit(), 'the IN channel');
    const { http: authorised, head: answer } = await this.#authenticated(
      into,
      first.head,
      'RDG_IN_DATA',
      null,
    );
    if (answer.status !== 200) throw notGateway({ kind: 'head', head: answer }, this.#limit());
    authorised.write(
      encodeHttpRequest('RDG_IN_DATA', RESOURCE, [
        ...requestFields(this.#gateway, this.#connectionId, null),
        ['Transfer-Encoding', 'chunked'],
      ]),
    );
    return new TwoChannelLink(http, outIsChunked, authorised);
  }

  /** [MS-TSGU] 3.7.5.1: handshake, tunnel, its authorization, channel. */
  async #throughTunnel(link: GatewayLink): Promise<void> {
    const { host, port } = this.#target;
    await this.#exchange(link, 'handshake', encodeHandshakeRequest(0), 'handshake-response');
    await this.#exchange(link, 'tunnel', encodeTunnelCreate(CAPABILITIES), 'tunnel-response');
    await this.#exchange(
      link,
      'authorization',
      encodeTunnelAuth(this.#context.clientName),
      'tunnel-auth-response',
    );
    await this.#exchange(link, 'channel', encodeChannelCreate(host, port), 'channel-response');
  }

  async #exchange(
    link: GatewayLink,
    step: Exclude<GatewayStepName, 'resolve' | 'tcp' | 'tls' | 'http' | 'authentication'>,
    request: Uint8Array,
    response: TsguPacket['kind'],
  ): Promise<void> {
    this.#step = step;
    this.#packet('client', REQUESTS[step]);
    link.send(request);
    const limitMs = this.#limit();
    const until = this.#clock.now() + limitMs * 1000;
    for (let others = 0; others <= MAX_MESSAGES; others++) {
      const left = Math.max(0, (until - this.#clock.now()) / 1000);
      const received = await link.receive(left, this.#context.signal);
      if (received.kind === 'over') {
        throw received.how === 'aborted' ? aborted() : over(received.how, limitMs, NAMES[step]);
      }
      const { packet } = received;
      const told = toldBy(packet);
      const code = told.code ?? null;
      this.#packet('server', packet.kind, told);
      const ends = packet.kind === 'close-channel' || packet.kind === 'close-channel-response';
      if (packet.kind !== response && !ends) continue;
      if (ends || (code !== null && code.value !== 0)) throw refusal(step, code);
      return;
    }
    throw new DecodeError('packets of the gateway', 0, `are all others than its ${response}`);
  }

  #packet(by: Side, packet: string, told: Partial<GatewayPacketFact> = {}): void {
    this.#facts.push({
      kind: 'tunnel-packet',
      at: this.#clock.now(),
      by,
      packet,
      code: null,
      capabilities: null,
      redirections: null,
      idleTimeout: null,
      udpPort: null,
      text: null,
      ...told,
    });
  }
}
