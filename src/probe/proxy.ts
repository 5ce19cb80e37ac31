import type { Duplex } from 'node:stream';
import type { TcpFailedFact, TunnelFact } from '../handshake/trace.js';
import { DecodeError } from '../wire/decode-error.js';
import { encodeToken68, parseHttpChallenges } from '../wire/http-challenge.js';
import {
  decodeHttpResponseHead,
  encodeHttpRequest,
  frameHttpHead,
  type HttpResponseHead,
  httpFields,
} from '../wire/http-head.js';
import {
  decodeSocks5Method,
  decodeSocks5PasswordAnswer,
  decodeSocks5Reply,
  encodeSocks5Connect,
  encodeSocks5Greeting,
  encodeSocks5Password,
  SOCKS5_NO_ACCEPTABLE_METHOD,
  SOCKS5_NO_AUTHENTICATION,
  SOCKS5_USERNAME_PASSWORD,
  socks5ReplyLength,
} from '../wire/socks5.js';
import { type ProxyServer, renderTarget, type Target } from './settings.js';
import { StreamReader, type Waited } from './stream-reader.js';

export function proxyProtocol({ kind }: ProxyServer): TunnelFact['protocol'] {
  return kind === 'socks5' ? 'SOCKS5' : 'HTTP CONNECT';
}

/** How the proxy answered. */
export type ProxyAnswer =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'refused';
      readonly how: TcpFailedFact['how'];
      readonly by: TcpFailedFact['by'];
      /** reply of SOCKS5 or status of HTTP; null: it said none */
      readonly code: number | null;
      readonly says: string;
    }
  | { readonly kind: 'aborted' };

type Refusal = ProxyAnswer & { readonly kind: 'refused' };

class Stop {
  constructor(readonly answer: ProxyAnswer) {}
}

/**
 * Asks a proxy for the way to the target, on a connection to the proxy. Behind it the connection is
 * the target's. Never rejects for what the proxy does.
 */
export async function openProxy(
  connection: Duplex,
  proxy: ProxyServer,
  target: Target,
  limitMs: number,
  signal: AbortSignal,
): Promise<ProxyAnswer> {
  const asking = new Asking(connection, limitMs, signal);
  try {
    if (proxy.kind === 'socks5') await askSocks5(asking, proxy, target);
    else await askHttp(asking, proxy, target);
    return { kind: 'open' };
  } catch (stop) {
    if (stop instanceof Stop) return stop.answer;
    if (!(stop instanceof DecodeError)) throw stop;
    return refused('refused', 'network', null, `it does not speak the protocol: ${stop.message}`);
  } finally {
    asking.reader.release();
  }
}

function refused(
  how: Refusal['how'],
  by: Refusal['by'],
  code: number | null,
  says: string,
): Refusal {
  return { kind: 'refused', how, by, code, says };
}

class Asking {
  readonly reader: StreamReader;
  readonly #connection: Duplex;
  readonly #signal: AbortSignal;
  readonly #limitMs: number;

  constructor(connection: Duplex, limitMs: number, signal: AbortSignal) {
    this.#connection = connection;
    this.#limitMs = limitMs;
    this.#signal = signal;
    this.reader = new StreamReader(connection);
  }

  send(bytes: Uint8Array): void {
    if (this.#connection.writable) this.#connection.write(bytes);
  }

  /** @param lengthOf how many bytes the answer has; null: it is not known yet */
  async read(lengthOf: (held: Uint8Array) => number | null): Promise<Uint8Array> {
    for (;;) {
      const length = lengthOf(this.reader.held);
      if (length !== null && this.reader.held.length >= length) return this.reader.take(length);
      const waited = await this.reader.more(this.#limitMs, this.#signal);
      if (waited !== 'data') throw new Stop(this.#ended(waited));
    }
  }

  #ended(waited: Exclude<Waited, 'data'>): ProxyAnswer {
    switch (waited) {
      case 'aborted':
        return { kind: 'aborted' };
      case 'timeout':
        return refused('timeout', null, null, `it did not answer within ${this.#limitMs / 1000} s`);
      case 'end':
        return refused('refused', 'network', null, 'it closed the connection without an answer');
      case 'reset':
      case 'error':
        return refused('refused', 'network', null, 'it reset the connection');
      case 'flood':
        return refused('refused', 'network', null, 'it sends without an end');
    }
  }
}

/** RFC 1928. */
async function askSocks5(asking: Asking, { login }: ProxyServer, target: Target): Promise<void> {
  asking.send(
    encodeSocks5Greeting(
      login === null
        ? [SOCKS5_NO_AUTHENTICATION]
        : [SOCKS5_NO_AUTHENTICATION, SOCKS5_USERNAME_PASSWORD],
    ),
  );
  const method = decodeSocks5Method(await asking.read(() => 2));
  if (method.value === SOCKS5_USERNAME_PASSWORD && login !== null) {
    asking.send(encodeSocks5Password(login.user, login.password));
    const status = decodeSocks5PasswordAnswer(await asking.read(() => 2));
    if (status !== 0) {
      throw new Stop(refused('refused', 'network', status, 'it refuses the user or the password'));
    }
  } else if (method.value !== SOCKS5_NO_AUTHENTICATION) {
    const wants =
      method.value === SOCKS5_NO_ACCEPTABLE_METHOD
        ? login === null
          ? 'it lets nobody in without a log-on'
          : 'it accepts no log-on with a user and a password'
        : `it chose a log-on that was not offered (${method.name ?? method.value})`;
    throw new Stop(refused('refused', 'network', method.value, wants));
  }
  asking.send(encodeSocks5Connect(target.host, target.port));
  const reply = decodeSocks5Reply(await asking.read(socks5ReplyLength));
  if (reply.value !== 0) throw new Stop(socksRefusal(reply.value, reply.name));
}

function socksRefusal(code: number, name: string | null): Refusal {
  const says = `${name ?? 'a reply that no specification names'} (${code})`;
  switch (code) {
    case 3:
    case 4:
    case 6:
      return refused('unreachable', 'network', code, says);
    case 5:
      return refused('refused', 'server', code, says);
    default:
      return refused('refused', 'network', code, says);
  }
}

/** CONNECT, RFC 9110 section 9.3.6. */
async function askHttp(asking: Asking, { login }: ProxyServer, target: Target): Promise<void> {
  const authority = renderTarget(target);
  asking.send(
    encodeHttpRequest('CONNECT', authority, [
      ['Host', authority],
      ...(login === null ? [] : ([['Proxy-Authorization', `Basic ${basic(login)}`]] as const)),
    ]),
  );
  const head = decodeHttpResponseHead(
    await asking.read((held) => {
      const frame = frameHttpHead(held);
      return frame.kind === 'frame' ? frame.length : null;
    }),
  );
  if (head.status < 200 || head.status > 299) throw new Stop(httpRefusal(head));
}

/** RFC 7617. */
function basic({ user, password }: NonNullable<ProxyServer['login']>): string {
  return encodeToken68(Buffer.from(`${user}:${password}`, 'utf8'));
}

function httpRefusal(head: HttpResponseHead): Refusal {
  const { status } = head;
  const reason = head.reason === '' ? '' : ` ${head.reason.slice(0, 100)}`;
  const says = `HTTP ${status}${reason}`;
  switch (status) {
    case 407: {
      const schemes = parseHttpChallenges(httpFields(head, 'proxy-authenticate'));
      const list = schemes.map(({ scheme }) => scheme).join(', ');
      const how = list === '' ? '' : `, it asks for ${list}`;
      return refused('refused', 'network', status, `${says}${how}`);
    }
    case 502:
    case 503:
      return refused('unreachable', 'network', status, says);
    case 504:
      return refused('timeout', 'network', status, says);
    default:
      return refused('refused', 'network', status, says);
  }
}
