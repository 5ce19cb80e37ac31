import { once } from 'node:events';
import { Duplex } from 'node:stream';
import {
  connect,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  TLSSocket,
} from 'node:tls';
import { otherSide, type Side } from '../../src/handshake/trace.js';
import { RECORDED_CERTIFICATE, RECORDED_KEY, type Sent } from './tls-recordings.js';

/** One end of a line in memory; what it writes is kept and comes out of the other end. */
class LineEnd extends Duplex {
  #other: LineEnd | null = null;
  readonly #by: Side;
  readonly #sent: Sent[];

  constructor(by: Side, sent: Sent[]) {
    super();
    this.#by = by;
    this.#sent = sent;
  }

  static pair(sent: Sent[]): readonly [client: LineEnd, server: LineEnd] {
    const ends = [new LineEnd('client', sent), new LineEnd('server', sent)] as const;
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#sent.push({ by: this.#by, bytes: Uint8Array.from(bytes) });
    this.#other?.push(bytes);
    done();
  }

  override _final(done: () => void): void {
    this.#other?.push(null);
    done();
  }
}

export interface TlsPairOptions {
  readonly client: SecureContextOptions;
  readonly server: SecureContextOptions;
  /** a session of an earlier pair, and the context in which its server knows it */
  readonly resume?: { readonly session: Buffer; readonly context: SecureContext };
  /** the server asks for a client certificate, and takes any */
  readonly requestCertificate?: boolean;
  /** called when both sides are secured, before anything is sent */
  readonly whenSecured?: (client: TLSSocket) => Promise<void>;
}

export interface TlsPair {
  readonly sent: readonly Sent[];
  readonly keyLog: string;
  readonly protocol: string;
  readonly cipher: string;
  readonly resumed: boolean;
  readonly session: Buffer;
  readonly context: SecureContext;
}

/** What each side says, piece by piece and in turn. */
export const TALK: readonly Sent[] = [
  { by: 'client', bytes: Buffer.from('a question') },
  { by: 'server', bytes: Buffer.from('an answer') },
  { by: 'client', bytes: Buffer.alloc(40_000, 'many records ') },
  { by: 'server', bytes: Buffer.alloc(20_000, 'and some back ') },
  { by: 'server', bytes: Buffer.from('.') },
];

export function said(by: Side): string {
  const pieces = TALK.filter((piece) => piece.by === by).map(({ bytes }) => bytes);
  return Buffer.concat(pieces).toString('latin1');
}

/** Everything OpenSSL can, however weak. */
const WEAK = { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;

/** Two TLS endpoints of Node talk with each other over a tapped line. */
export async function tlsPair(options: TlsPairOptions): Promise<TlsPair> {
  const sent: Sent[] = [];
  const keyLog: Buffer[] = [];
  const [clientEnd, serverEnd] = LineEnd.pair(sent);
  const context =
    options.resume?.context ??
    createSecureContext({
      ...WEAK,
      cert: RECORDED_CERTIFICATE,
      key: RECORDED_KEY,
      sessionIdContext: 'pair',
      ...options.server,
    });
  const server = new TLSSocket(serverEnd, {
    isServer: true,
    secureContext: context,
    requestCert: options.requestCertificate ?? false,
    rejectUnauthorized: false,
  });
  const client = connect({
    socket: clientEnd,
    rejectUnauthorized: false,
    ...(options.resume === undefined ? {} : { session: options.resume.session }),
    secureContext: createSecureContext({ ...WEAK, ...options.client }),
  });
  const received: Record<Side, number> = { client: 0, server: 0 };
  client.on('data', (bytes: Buffer) => {
    received.client += bytes.length;
  });
  server.on('data', (bytes: Buffer) => {
    received.server += bytes.length;
  });
  client.on('keylog', (line: Buffer) => keyLog.push(line));
  let session = client.getSession();
  client.on('session', (ticket: Buffer<ArrayBuffer>) => {
    session = ticket;
  });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  await options.whenSecured?.(client);
  for (const { by, bytes } of TALK) {
    const [from, to] = by === 'client' ? [client, server] : [server, client];
    const wanted = received[otherSide(by)] + bytes.length;
    from.write(bytes);
    while (received[otherSide(by)] < wanted) await once(to, 'data');
  }
  const pair = {
    sent,
    protocol: client.getProtocol() ?? '',
    cipher: client.getCipher().standardName,
    resumed: client.isSessionReused(),
    session: session ?? client.getSession() ?? Buffer.alloc(0),
    context,
  };
  const ended = once(server, 'end');
  client.end();
  await ended;
  server.end();
  return { ...pair, keyLog: Buffer.concat(keyLog).toString('latin1') };
}
