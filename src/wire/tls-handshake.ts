import { DecodeError } from './decode-error.js';
import { type Frame, NEED_MORE } from './framing.js';
import { fromHex, toHex } from './hex.js';
import type { Named } from './open-set.js';
import { Reader } from './reader.js';
import { decodeNamedCurve } from './tls-key-exchange.js';
import {
  cipherSuite,
  extensionType,
  HandshakeType,
  handshakeType,
  tlsVersion,
} from './tls-names.js';
import { Writer } from './writer.js';

/** Extension, RFC 8446 section 4.2; its contents are decoded in tls-extensions. */
export interface TlsExtension {
  readonly type: Named;
  readonly data: Uint8Array;
}

/** ClientHello, RFC 8446 section 4.1.2. */
export interface ClientHello {
  readonly kind: 'client-hello';
  readonly legacyVersion: Named;
  /** 32 bytes. */
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly Named[];
  readonly compressionMethods: readonly number[];
  /** null: there is no extensions block, which is not the same as an empty one. */
  readonly extensions: readonly TlsExtension[] | null;
}

/** ServerHello and HelloRetryRequest, RFC 8446 sections 4.1.3 and 4.1.4. */
export interface ServerHello {
  readonly kind: 'server-hello';
  readonly legacyVersion: Named;
  /** 32 bytes. */
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: Named;
  readonly compressionMethod: number;
  readonly extensions: readonly TlsExtension[] | null;
  /** Told from a ServerHello by its random alone. */
  readonly helloRetryRequest: boolean;
}

/** Certificate up to TLS 1.2, RFC 5246 section 7.4.2: DER, the sender's own first; may be empty. */
export interface Certificate {
  readonly kind: 'certificate';
  readonly certificates: readonly Uint8Array[];
}

/** Certificate of TLS 1.3, RFC 8446 section 4.4.2. */
export interface Certificate13 {
  readonly kind: 'certificate-13';
  readonly certificateRequestContext: Uint8Array;
  readonly certificateList: readonly CertificateEntry[];
}

/** CertificateEntry, RFC 8446 section 4.4.2; `certData` is DER. */
export interface CertificateEntry {
  readonly certData: Uint8Array;
  readonly extensions: readonly TlsExtension[];
}

/** ServerKeyExchange, RFC 5246 section 7.4.3 and RFC 8422 section 5.4. */
export interface ServerKeyExchange {
  readonly kind: 'server-key-exchange';
  readonly body: Uint8Array;
  /** null when the body does not read as a named curve; see tls-key-exchange for the rest. */
  readonly group: Named | null;
}

/** EncryptedExtensions, RFC 8446 section 4.3.1. */
export interface EncryptedExtensions {
  readonly kind: 'encrypted-extensions';
  readonly extensions: readonly TlsExtension[];
}

/** Finished, RFC 8446 section 4.4.4: 12 bytes up to TLS 1.2 (36 in SSL 3.0), a hash in TLS 1.3. */
export interface Finished {
  readonly kind: 'finished';
  readonly verifyData: Uint8Array;
}

/** HelloRequest and ServerHelloDone, RFC 5246 sections 7.4.1.1 and 7.4.5: they have no content. */
export interface EmptyMessage {
  readonly kind: 'hello-request' | 'server-hello-done';
}

/** Messages whose presence is all that is asked for. */
export interface OpaqueMessage {
  readonly kind:
    | 'certificate-request'
    | 'client-key-exchange'
    | 'new-session-ticket'
    | 'certificate-verify'
    | 'certificate-status'
    | 'key-update';
  readonly body: Uint8Array;
}

export interface OtherHandshake {
  readonly kind: 'other';
  readonly type: Named;
  readonly body: Uint8Array;
}

/** Handshake, RFC 8446 section 4, with the messages of older versions. */
export type TlsHandshake =
  | ClientHello
  | ServerHello
  | Certificate
  | Certificate13
  | ServerKeyExchange
  | EncryptedExtensions
  | Finished
  | EmptyMessage
  | OpaqueMessage
  | OtherHandshake;

export interface HandshakeOptions {
  /** Read Certificate in its TLS 1.3 form: the message does not say which form it has. */
  readonly version13?: boolean;
}

/** Type and length. */
const HEADER_LENGTH = 4;

/**
 * The length field could say 16 MiB. Of what a peer sends before it is trusted only a Certificate is
 * large, and 128 KiB hold a chain of dozens.
 */
const MAXIMUM_BODY = 2 ** 17;

const RANDOM_LENGTH = 32;

/** RFC 8446 section 4.1.2: legacy_session_id<0..32>. */
const MAXIMUM_SESSION_ID = 32;

/** RFC 8446 section 4.1.3: the random that makes a ServerHello a HelloRetryRequest. */
const HELLO_RETRY_REQUEST_RANDOM =
  'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** A copy of the random of a HelloRetryRequest, for an encoder to fill in. */
export function helloRetryRequestRandom(): Uint8Array {
  return fromHex(HELLO_RETRY_REQUEST_RANDOM);
}

/**
 * Where the handshake message at the start of `bytes` ends. Any type may follow: the set is open.
 *
 * @throws DecodeError as soon as the length at hand is larger than is kept
 */
export function frameTlsHandshake(bytes: Uint8Array): Frame {
  const [type, high, middle, low] = bytes;
  checkLength((high ?? 0) * 65536 + (middle ?? 0) * 256 + (low ?? 0));
  if (type === undefined || high === undefined || middle === undefined || low === undefined) {
    return NEED_MORE;
  }
  const length = HEADER_LENGTH + high * 65536 + middle * 256 + low;
  return bytes.length < length ? NEED_MORE : { kind: 'frame', length };
}

function checkLength(length: number): void {
  if (length > MAXIMUM_BODY) {
    throw new DecodeError('Handshake.length', 1, `is ${length}, more than ${MAXIMUM_BODY}`);
  }
}

/**
 * @param bytes exactly one handshake message
 * @throws DecodeError
 */
export function decodeTlsHandshake(
  bytes: Uint8Array,
  options: HandshakeOptions = {},
): TlsHandshake {
  const reader = new Reader(bytes);
  const type = reader.u8('Handshake.msg_type');
  const length = reader.u24be('Handshake.length');
  checkLength(length);
  const body = reader.carve(length, 'Handshake.body');
  reader.end('Handshake');
  const message = decodeBody(type, body, options.version13 ?? false);
  body.end('Handshake.body');
  return message;
}

/** Reads the whole body, or leaves for the caller to refuse what no field claims. */
function decodeBody(type: number, body: Reader, version13: boolean): TlsHandshake {
  switch (type) {
    case HandshakeType.hello_request:
      return { kind: 'hello-request' };
    case HandshakeType.client_hello:
      return readClientHello(body);
    case HandshakeType.server_hello:
      return readServerHello(body);
    case HandshakeType.new_session_ticket:
      return { kind: 'new-session-ticket', body: body.rest() };
    case HandshakeType.encrypted_extensions:
      return {
        kind: 'encrypted-extensions',
        extensions: readExtensions(body, 'EncryptedExtensions.extensions'),
      };
    case HandshakeType.certificate:
      return version13 ? readCertificate13(body) : readCertificate(body);
    case HandshakeType.server_key_exchange: {
      const params = body.rest();
      return { kind: 'server-key-exchange', body: params, group: decodeNamedCurve(params) };
    }
    case HandshakeType.certificate_request:
      return { kind: 'certificate-request', body: body.rest() };
    case HandshakeType.server_hello_done:
      return { kind: 'server-hello-done' };
    case HandshakeType.certificate_verify:
      return { kind: 'certificate-verify', body: body.rest() };
    case HandshakeType.client_key_exchange:
      return { kind: 'client-key-exchange', body: body.rest() };
    case HandshakeType.finished:
      return { kind: 'finished', verifyData: body.rest() };
    case HandshakeType.certificate_status:
      return { kind: 'certificate-status', body: body.rest() };
    case HandshakeType.key_update:
      return { kind: 'key-update', body: body.rest() };
    default:
      return { kind: 'other', type: handshakeType(type), body: body.rest() };
  }
}

function readClientHello(reader: Reader): ClientHello {
  const legacyVersion = tlsVersion(reader.u16be('ClientHello.legacy_version'));
  const random = reader.bytes(RANDOM_LENGTH, 'ClientHello.random');
  const sessionId = readSessionId(reader, 'ClientHello.legacy_session_id');
  const cipherSuites = readCipherSuites(reader);
  const compressionMethods = readCompressionMethods(reader);
  const extensions = readOptionalExtensions(reader, 'ClientHello.extensions');
  return {
    kind: 'client-hello',
    legacyVersion,
    random,
    sessionId,
    cipherSuites,
    compressionMethods,
    extensions,
  };
}

function readServerHello(reader: Reader): ServerHello {
  const legacyVersion = tlsVersion(reader.u16be('ServerHello.legacy_version'));
  const random = reader.bytes(RANDOM_LENGTH, 'ServerHello.random');
  const sessionId = readSessionId(reader, 'ServerHello.legacy_session_id_echo');
  const suite = cipherSuite(reader.u16be('ServerHello.cipher_suite'));
  const compressionMethod = reader.u8('ServerHello.legacy_compression_method');
  const extensions = readOptionalExtensions(reader, 'ServerHello.extensions');
  return {
    kind: 'server-hello',
    legacyVersion,
    random,
    sessionId,
    cipherSuite: suite,
    compressionMethod,
    extensions,
    helloRetryRequest: toHex(random) === HELLO_RETRY_REQUEST_RANDOM,
  };
}

function readSessionId(reader: Reader, field: string): Uint8Array {
  const length = reader.u8(field);
  if (length > MAXIMUM_SESSION_ID) {
    throw reader.refuse(field, `is ${length} bytes long, more than ${MAXIMUM_SESSION_ID}`, 1);
  }
  return reader.bytes(length, field);
}

/** cipher_suites<2..2^16-2>: the two-byte length bounds it. */
function readCipherSuites(reader: Reader): Named[] {
  const field = 'ClientHello.cipher_suites';
  const length = reader.u16be(field);
  if (length === 0 || length % 2 !== 0) {
    throw reader.refuse(field, `is ${length} bytes long, not a number of pairs`, 2);
  }
  const list = reader.carve(length, field);
  const suites: Named[] = [];
  while (list.remaining > 0) suites.push(cipherSuite(list.u16be(field)));
  return suites;
}

/** legacy_compression_methods<1..2^8-1>. */
function readCompressionMethods(reader: Reader): number[] {
  const field = 'ClientHello.legacy_compression_methods';
  const length = reader.u8(field);
  if (length === 0) throw reader.refuse(field, 'is empty', 1);
  return [...reader.bytes(length, field)];
}

/** The extensions block of a hello is left out by clients and servers from before RFC 3546. */
function readOptionalExtensions(reader: Reader, field: string): TlsExtension[] | null {
  return reader.remaining === 0 ? null : readExtensions(reader, field);
}

/** The two-byte length bounds the list to 16,383 extensions. */
function readExtensions(reader: Reader, field: string): TlsExtension[] {
  const list = reader.carve(reader.u16be(field), field);
  const extensions: TlsExtension[] = [];
  while (list.remaining > 0) {
    const type = extensionType(list.u16be('Extension.extension_type'));
    const length = list.u16be('Extension.extension_data');
    extensions.push({ type, data: list.bytes(length, 'Extension.extension_data') });
  }
  return extensions;
}

/** The message's cap bounds the chain; every certificate is one byte long at least. */
function readCertificate(reader: Reader): Certificate {
  const field = 'Certificate.certificate_list';
  const list = reader.carve(reader.u24be(field), field);
  const certificates: Uint8Array[] = [];
  while (list.remaining > 0) certificates.push(readCertificateData(list));
  return { kind: 'certificate', certificates };
}

function readCertificate13(reader: Reader): Certificate13 {
  const context = 'Certificate.certificate_request_context';
  const certificateRequestContext = reader.bytes(reader.u8(context), context);
  const field = 'Certificate.certificate_list';
  const list = reader.carve(reader.u24be(field), field);
  const certificateList: CertificateEntry[] = [];
  while (list.remaining > 0) {
    const certData = readCertificateData(list);
    const extensions = readExtensions(list, 'CertificateEntry.extensions');
    certificateList.push({ certData, extensions });
  }
  return { kind: 'certificate-13', certificateRequestContext, certificateList };
}

function readCertificateData(list: Reader): Uint8Array {
  const length = list.u24be('Certificate.cert_data');
  if (length === 0) throw list.refuse('Certificate.cert_data', 'is empty', 3);
  return list.bytes(length, 'Certificate.cert_data');
}

/**
 * The body of a TLS 1.3 Certificate, RFC 8446 section 4.4.2.
 *
 * @param base offset of the body in the whole message; only used in error messages
 * @throws DecodeError
 */
export function decodeCertificate13(body: Uint8Array, base = HEADER_LENGTH): Certificate13 {
  const reader = new Reader(body, base);
  const certificate = readCertificate13(reader);
  reader.end('Certificate');
  return certificate;
}

/**
 * Any handshake message from its type and body.
 *
 * @throws RangeError when the body does not fit its length field
 */
export function encodeTlsHandshake(type: number, body: Uint8Array): Uint8Array {
  return new Writer().u8(type).u24be(body.length).bytes(body).finish();
}

export function encodeClientHello(hello: Omit<ClientHello, 'kind'>): Uint8Array {
  const suites = new Writer();
  for (const suite of hello.cipherSuites) suites.u16be(suite.value);
  const writer = new Writer()
    .u16be(hello.legacyVersion.value)
    .bytes(hello.random)
    .u8(hello.sessionId.length)
    .bytes(hello.sessionId)
    .u16be(suites.length)
    .bytes(suites.finish())
    .u8(hello.compressionMethods.length)
    .bytes(Uint8Array.from(hello.compressionMethods));
  writeOptionalExtensions(writer, hello.extensions);
  return encodeTlsHandshake(HandshakeType.client_hello, writer.finish());
}

/** A HelloRetryRequest is a ServerHello whose random is `helloRetryRequestRandom()`. */
export function encodeServerHello(
  hello: Omit<ServerHello, 'kind' | 'helloRetryRequest'>,
): Uint8Array {
  const writer = new Writer()
    .u16be(hello.legacyVersion.value)
    .bytes(hello.random)
    .u8(hello.sessionId.length)
    .bytes(hello.sessionId)
    .u16be(hello.cipherSuite.value)
    .u8(hello.compressionMethod);
  writeOptionalExtensions(writer, hello.extensions);
  return encodeTlsHandshake(HandshakeType.server_hello, writer.finish());
}

function writeOptionalExtensions(writer: Writer, extensions: readonly TlsExtension[] | null): void {
  if (extensions === null) return;
  const list = new Writer();
  for (const { type, data } of extensions) {
    list.u16be(type.value).u16be(data.length).bytes(data);
  }
  writer.u16be(list.length).bytes(list.finish());
}

/** Certificate in its form up to TLS 1.2, RFC 5246 section 7.4.2. */
export function encodeCertificate(certificates: readonly Uint8Array[]): Uint8Array {
  const list = new Writer();
  for (const certificate of certificates) list.u24be(certificate.length).bytes(certificate);
  const body = new Writer().u24be(list.length).bytes(list.finish()).finish();
  return encodeTlsHandshake(HandshakeType.certificate, body);
}

export function encodeServerHelloDone(): Uint8Array {
  return encodeTlsHandshake(HandshakeType.server_hello_done, new Uint8Array());
}
