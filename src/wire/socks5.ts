import { type Named, type NameTable, named } from './open-set.js';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

const VERSION = 5;
const AUTH_VERSION = 1;
const CONNECT = 1;
const DOMAIN_NAME = 3;

export const SOCKS5_NO_AUTHENTICATION = 0x00;
export const SOCKS5_USERNAME_PASSWORD = 0x02;
export const SOCKS5_NO_ACCEPTABLE_METHOD = 0xff;

/** METHOD, RFC 1928 section 3. */
const METHODS: NameTable = {
  [SOCKS5_NO_AUTHENTICATION]: 'NO AUTHENTICATION REQUIRED',
  1: 'GSSAPI',
  [SOCKS5_USERNAME_PASSWORD]: 'USERNAME/PASSWORD',
  [SOCKS5_NO_ACCEPTABLE_METHOD]: 'NO ACCEPTABLE METHODS',
};

/** REP, RFC 1928 section 6. */
export const SOCKS5_REPLIES: NameTable = {
  0: 'succeeded',
  1: 'general SOCKS server failure',
  2: 'connection not allowed by ruleset',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'TTL expired',
  7: 'command not supported',
  8: 'address type not supported',
};

/** The client's first message, RFC 1928 section 3. */
export function encodeSocks5Greeting(methods: readonly number[]): Uint8Array {
  return new Writer().u8(VERSION).u8(methods.length).bytes(Uint8Array.from(methods)).finish();
}

/** The server's choice of a method, RFC 1928 section 3: two bytes. */
export function decodeSocks5Method(bytes: Uint8Array): Named {
  const reader = new Reader(bytes);
  readVersion(reader, VERSION);
  const method = named(METHODS, reader.u8('SOCKS5.METHOD'));
  reader.end('SOCKS5 method selection');
  return method;
}

/** RFC 1929 section 2. */
export function encodeSocks5Password(user: string, password: string): Uint8Array {
  const name = Buffer.from(user, 'utf8');
  const secret = Buffer.from(password, 'utf8');
  if (name.length === 0 || name.length > 255 || secret.length > 255) {
    throw new RangeError('a user name has 1 to 255 bytes and a password at most 255');
  }
  return new Writer()
    .u8(AUTH_VERSION)
    .u8(name.length)
    .bytes(name)
    .u8(secret.length)
    .bytes(secret)
    .finish();
}

/** The answer to it, RFC 1929 section 2: two bytes; 0: accepted. */
export function decodeSocks5PasswordAnswer(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  readVersion(reader, AUTH_VERSION);
  const status = reader.u8('SOCKS5.STATUS');
  reader.end('SOCKS5 password answer');
  return status;
}

/** CONNECT by name, RFC 1928 section 4: the proxy looks the name up, addresses are sent as text. */
export function encodeSocks5Connect(host: string, port: number): Uint8Array {
  const name = Buffer.from(host, 'latin1');
  if (name.length === 0 || name.length > 255) throw new RangeError('a name has 1 to 255 bytes');
  return new Writer()
    .u8(VERSION)
    .u8(CONNECT)
    .u8(0)
    .u8(DOMAIN_NAME)
    .u8(name.length)
    .bytes(name)
    .u16be(port)
    .finish();
}

/** How many bytes a reply has, from its first five; null: they are not enough. */
export function socks5ReplyLength(bytes: Uint8Array): number | null {
  const reader = new Reader(bytes);
  if (bytes.length > 0) readVersion(reader, VERSION);
  if (bytes.length < 5) return null;
  reader.skip(2, 'SOCKS5.REP');
  const type = reader.u8('SOCKS5.ATYP');
  const first = reader.u8('SOCKS5.BND.ADDR');
  switch (type) {
    case 1:
      return 4 + 4 + 2;
    case DOMAIN_NAME:
      return 4 + 1 + first + 2;
    case 4:
      return 4 + 16 + 2;
    default:
      throw reader.refuse('SOCKS5.ATYP', `is ${type}`, 2);
  }
}

/** REP of a reply, RFC 1928 section 6. */
export function decodeSocks5Reply(bytes: Uint8Array): Named {
  const reader = new Reader(bytes);
  readVersion(reader, VERSION);
  const reply = named(SOCKS5_REPLIES, reader.u8('SOCKS5.REP'));
  const length = socks5ReplyLength(bytes);
  if (length === null || length !== bytes.length) {
    throw reader.refuse('SOCKS5 reply', `has ${bytes.length} bytes, not ${length ?? 'five'}`);
  }
  return reply;
}

function readVersion(reader: Reader, expected: number): void {
  const version = reader.u8('SOCKS5.VER');
  if (version !== expected) {
    throw reader.refuse('SOCKS5.VER', `is ${version}, not ${expected}`, 1);
  }
}
