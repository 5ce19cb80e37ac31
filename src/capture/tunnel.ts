import { renderAddress } from './ip.js';

/** What a client and a proxy say to each other before the connection behind it begins. */
export type Tunnel =
  | { readonly kind: 'need-more' }
  | { readonly kind: 'none' }
  /** the proxy was asked and did not open the tunnel */
  | { readonly kind: 'refused'; readonly says: string }
  | {
      readonly kind: 'open';
      readonly protocol: 'SOCKS5' | 'HTTP CONNECT';
      readonly host: string;
      readonly port: number;
      /** bytes of each side that belong to the proxy's opening */
      readonly clientBytes: number;
      readonly serverBytes: number;
    };

const NEED_MORE: Tunnel = { kind: 'need-more' };
const NONE: Tunnel = { kind: 'none' };

const SOCKS_VERSION = 5;
const SOCKS_CONNECT = 1;
const USERNAME_PASSWORD = 2;
const NO_ACCEPTABLE_METHOD = 0xff;

/** RFC 1929: version, name and password with their lengths. */
const MAX_CREDENTIALS_BYTES = 3 + 255 + 255;

/**
 * Reads the opening of a tunnel at the start of both directions of a connection, RFC 1928 and
 * RFC 9110 section 9.3.6.
 */
export function readTunnel(client: Uint8Array, server: Uint8Array): Tunnel {
  if (client[0] === SOCKS_VERSION) return readSocks(client, server);
  return readHttpConnect(client, server);
}

function readSocks(client: Uint8Array, server: Uint8Array): Tunnel {
  const methods = client[1];
  if (methods === undefined) return NEED_MORE;
  if (methods === 0) return NONE;
  let asked = 2 + methods;
  if (server.length > 0 && server[0] !== SOCKS_VERSION) return NONE;
  const method = server[1];
  if (method === undefined || client.length < asked) return NEED_MORE;
  if (method === NO_ACCEPTABLE_METHOD) {
    return { kind: 'refused', says: 'the SOCKS5 proxy accepts none of the offered methods' };
  }
  let answered = 2;
  if (method === USERNAME_PASSWORD) {
    const length = credentialsLength(client.subarray(asked, asked + MAX_CREDENTIALS_BYTES));
    if (length === null || server.length < 4) return NEED_MORE;
    if (server[3] !== 0) return { kind: 'refused', says: 'the SOCKS5 proxy refuses the user' };
    asked += length;
    answered += 2;
  } else if (method !== 0) {
    return NONE;
  }
  const request = readSocksAddress(client, asked);
  if (request === 'need-more') return NEED_MORE;
  if (request === 'not-socks' || client[asked + 1] !== SOCKS_CONNECT) return NONE;
  const reply = readSocksAddress(server, answered);
  if (reply === 'need-more') return NEED_MORE;
  if (reply === 'not-socks') return NONE;
  const status = server[answered + 1] ?? 0;
  if (status !== 0) {
    const target = `${request.host}:${request.port}`;
    return { kind: 'refused', says: `the SOCKS5 proxy refuses ${target} with code ${status}` };
  }
  const { host, port } = request;
  const clientBytes = request.end;
  return { kind: 'open', protocol: 'SOCKS5', host, port, clientBytes, serverBytes: reply.end };
}

/** RFC 1929 section 2. */
function credentialsLength(bytes: Uint8Array): number | null {
  const name = bytes[1];
  if (name === undefined) return null;
  const password = bytes[2 + name];
  if (password === undefined || bytes.length < 3 + name + password) return null;
  return 3 + name + password;
}

/** The form that SOCKS requests and replies share: four bytes, an address and a port. */
function readSocksAddress(
  bytes: Uint8Array,
  start: number,
): { host: string; port: number; end: number } | 'need-more' | 'not-socks' {
  if (bytes.length > start && bytes[start] !== SOCKS_VERSION) return 'not-socks';
  const type = bytes[start + 3];
  const first = bytes[start + 4];
  if (type === undefined || first === undefined) return 'need-more';
  const at = type === 3 ? start + 5 : start + 4;
  const length = { 1: 4, 3: first, 4: 16 }[type];
  if (length === undefined) return 'not-socks';
  const end = at + length + 2;
  if (bytes.length < end) return 'need-more';
  const port = ((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0);
  if (type === 3) return { host: latin1(bytes.subarray(at, at + length)), port, end };
  return { host: renderAddress(bytes, at, type === 1 ? 4 : 16), port, end };
}

const CONNECT = /^CONNECT (\S{1,300}):(\d{1,5}) HTTP\/1\.[01]\r?\n/;
const STATUS = /^HTTP\/1\.[01] (\d{3})/;
const HEADER_END = /\r?\n\r?\n/;

/** Longest prefix that tells whether it is a CONNECT at all. */
const VERB = 'CONNECT ';

function readHttpConnect(client: Uint8Array, server: Uint8Array): Tunnel {
  const request = latin1(client);
  if (!request.startsWith(VERB.slice(0, request.length))) return NONE;
  const requestEnd = HEADER_END.exec(request);
  if (requestEnd === null) return NEED_MORE;
  const [, host, port] = CONNECT.exec(request) ?? [];
  if (host === undefined || port === undefined) return NONE;
  const answer = latin1(server);
  const answerEnd = HEADER_END.exec(answer);
  const [, status] = STATUS.exec(answer) ?? [];
  if (answerEnd === null) return NEED_MORE;
  if (status === undefined) return NONE;
  if (!status.startsWith('2')) {
    return {
      kind: 'refused',
      says: `the HTTP proxy refuses ${host}:${port} with status ${status}`,
    };
  }
  return {
    kind: 'open',
    protocol: 'HTTP CONNECT',
    host,
    port: Number(port),
    clientBytes: requestEnd.index + requestEnd[0].length,
    serverBytes: answerEnd.index + answerEnd[0].length,
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
