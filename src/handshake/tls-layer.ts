import { ja4 } from '../wire/ja4.js';
import type { Named } from '../wire/open-set.js';
import { decodeTlsAlert } from '../wire/tls-alert.js';
import {
  decodeKeyShares,
  decodeProtocolNameList,
  decodeSelectedGroup,
  decodeServerKeyShare,
  decodeServerName,
  decodeSignatureAlgorithms,
  decodeSupportedGroups,
  negotiatedVersion,
  offeredVersions,
} from '../wire/tls-extensions.js';
import {
  type ClientHello,
  decodeTlsHandshake,
  frameTlsHandshake,
  type ServerHello,
  type TlsHandshake,
} from '../wire/tls-handshake.js';
import { keyExchangeFigures } from '../wire/tls-key-exchange.js';
import { alertDescription, alertLevel, ContentType, isGrease } from '../wire/tls-names.js';
import { decodeTlsRecord, type TlsRecord } from '../wire/tls-record.js';
import { readCertificates } from './certificate.js';
import { type Framed, MessageStream } from './framing.js';
import type { Message, MessageFact, Side, TlsRecordFact } from './trace.js';

const TLS_1_3 = 0x0304;

/** Bytes of a record header, RFC 8446 section 5.1. */
const RECORD_HEADER_BYTES = 5;

/**
 * TLS 1.3 hides which of a client's records is its Finished. The first record after the server's
 * flight is either that (at least 4 + 32 + 1 bytes and a tag of 8) or an alert (2 + 1 and the tag).
 */
const SMALLEST_FINISHED_RECORD = 40;

/** As many encrypted records as show the shape of an exchange; a running session has millions. */
const MAX_RECORD_FACTS = 64;

/** RFC 8446 section 4, but message_hash, which is never sent. */
const MAX_HANDSHAKE_TYPE = 25;

export type TlsFound =
  | { readonly kind: 'message'; readonly framed: Framed; readonly message: Message }
  | TlsRecordFact;

interface TlsSide {
  readonly handshakes: MessageStream;
  /** record headers of the handshake message that is being collected */
  headerBytes: number;
  /** up to TLS 1.2: ChangeCipherSpec was seen */
  encrypted: boolean;
  finished: boolean;
  /** bytes are missing before: what was agreed on, and whether it is encrypted, may be among them */
  afterGap: boolean;
}

/** What the TLS records of both sides say, as far as they are not encrypted. */
export class TlsLayer {
  readonly #sides: Record<Side, TlsSide> = { client: newSide(), server: newSide() };
  #version: number | null = null;
  #cipherSuite: Named | null = null;
  #serverHelloSeen = false;
  #started = false;
  #recordFacts = 0;

  /** Whether either side has sent a TLS record. */
  get started(): boolean {
    return this.#started;
  }

  pending(side: Side): number {
    return this.#sides[side].handshakes.pending;
  }

  /** Records of this side are missing. */
  gap(side: Side): void {
    const state = this.#sides[side];
    state.handshakes.clear();
    state.headerBytes = 0;
    state.afterGap = true;
  }

  alertMessage(level: number, description: number): MessageFact['message'] {
    return {
      type: 'tls-alert',
      level: alertLevel(level),
      description: alertDescription(description),
    };
  }

  /** @throws DecodeError for what cannot be TLS, after what came before it in the record */
  *record(side: Side, framed: Framed): Generator<TlsFound> {
    this.#started = true;
    const record = decodeTlsRecord(framed.bytes);
    const state = this.#sides[side];
    switch (record.contentType.value) {
      case ContentType.change_cipher_spec:
        // In TLS 1.3 it is a sham for old middleboxes and switches nothing.
        if (this.#version !== TLS_1_3) state.encrypted = true;
        yield { kind: 'message', framed, message: { type: 'tls-change-cipher-spec' } };
        return;
      case ContentType.alert:
        yield { kind: 'message', framed, message: readAlert(record, state.encrypted) };
        return;
      case ContentType.handshake:
        yield* this.#handshakeRecord(side, state, record, framed);
        return;
      default:
        yield* this.#encryptedRecord(side, state, record, framed);
    }
  }

  *#handshakeRecord(
    side: Side,
    state: TlsSide,
    record: TlsRecord,
    framed: Framed,
  ): Generator<TlsFound> {
    if (state.encrypted) {
      if (state.finished) {
        yield* this.#recordFact(side, record, framed);
        return;
      }
      state.finished = true;
      yield { kind: 'message', framed, message: { type: 'tls-finished' } };
      return;
    }
    if (state.afterGap && !holdsWholeMessages(record.fragment)) {
      yield* this.#recordFact(side, record, framed);
      return;
    }
    state.afterGap = false;
    state.headerBytes += RECORD_HEADER_BYTES;
    state.handshakes.push(record.fragment, framed.at, framed.packets.at(-1));
    for (;;) {
      const found = state.handshakes.next(frameTlsHandshake);
      if (found === null) return;
      const message = this.#readHandshake(decodeTlsHandshake(found.bytes));
      const size = found.size + state.headerBytes;
      state.headerBytes = 0;
      yield { kind: 'message', framed: { ...found, size }, message };
    }
  }

  *#encryptedRecord(
    side: Side,
    state: TlsSide,
    record: TlsRecord,
    framed: Framed,
  ): Generator<TlsFound> {
    const first = side === 'client' && this.#version === TLS_1_3 && this.#serverHelloSeen;
    if (first && !state.finished) {
      state.finished = true;
      yield record.fragment.length >= SMALLEST_FINISHED_RECORD
        ? { kind: 'message', framed, message: { type: 'tls-finished' } }
        : {
            kind: 'message',
            framed,
            message: { type: 'tls-alert', level: null, description: null },
          };
      return;
    }
    yield* this.#recordFact(side, record, framed);
  }

  *#recordFact(side: Side, record: TlsRecord, framed: Framed): Generator<TlsRecordFact> {
    if (this.#recordFacts >= MAX_RECORD_FACTS) return;
    this.#recordFacts++;
    yield {
      kind: 'tls-record',
      by: side,
      at: framed.at,
      ...(framed.packets.length === 0 ? {} : { packets: framed.packets }),
      contentType: record.contentType,
      length: record.fragment.length,
    };
  }

  #readHandshake(message: TlsHandshake): Message {
    switch (message.kind) {
      case 'client-hello':
        return readClientHello(message);
      case 'server-hello': {
        const version = negotiatedVersion(message);
        this.#version = version.value;
        this.#cipherSuite = message.cipherSuite;
        this.#serverHelloSeen = !message.helloRetryRequest;
        return readServerHello(message, version);
      }
      case 'certificate':
        return { type: 'tls-certificate', certificates: readCertificates(message.certificates) };
      case 'certificate-13':
        return {
          type: 'tls-certificate',
          certificates: readCertificates(message.certificateList.map((entry) => entry.certData)),
        };
      case 'server-key-exchange': {
        const figures =
          this.#cipherSuite === null
            ? null
            : keyExchangeFigures(message.body, this.#cipherSuite, this.#version ?? 0);
        return {
          type: 'tls-handshake',
          name: message.kind,
          group: message.group,
          ...(figures === null ? {} : { keyExchange: figures }),
        };
      }
      case 'finished':
        return { type: 'tls-finished' };
      case 'other':
        return {
          type: 'tls-handshake',
          name: message.type.name ?? `type ${message.type.value}`,
          group: null,
        };
      case 'hello-request':
      case 'server-hello-done':
      case 'certificate-request':
      case 'client-key-exchange':
      case 'new-session-ticket':
      case 'certificate-verify':
      case 'certificate-status':
      case 'key-update':
      case 'encrypted-extensions':
        return { type: 'tls-handshake', name: message.kind, group: null };
    }
  }
}

function newSide(): TlsSide {
  return {
    handshakes: new MessageStream(),
    headerBytes: 0,
    encrypted: false,
    finished: false,
    afterGap: false,
  };
}

/** Encrypted bytes, or the rest of a message whose start is missing, do not add up like this. */
function holdsWholeMessages(fragment: Uint8Array): boolean {
  let at = 0;
  while (at < fragment.length) {
    const [type = 0, high, middle = 0, low = 0] = fragment.subarray(at, at + 4);
    if (type > MAX_HANDSHAKE_TYPE || high !== 0) return false;
    at += 4 + middle * 256 + low;
  }
  return at === fragment.length;
}

function readAlert(record: TlsRecord, encrypted: boolean): Message {
  if (encrypted) return { type: 'tls-alert', level: null, description: null };
  const { level, description } = decodeTlsAlert(record.fragment);
  return { type: 'tls-alert', level, description };
}

function withoutGrease(values: readonly Named[]): readonly Named[] {
  return values.filter(({ value }) => !isGrease(value));
}

function readClientHello(hello: ClientHello): Message {
  const { extensions } = hello;
  return {
    type: 'tls-client-hello',
    legacyVersion: hello.legacyVersion,
    versions: offeredVersions(hello),
    cipherSuites: withoutGrease(hello.cipherSuites),
    serverName: decodeServerName(extensions),
    groups: withoutGrease(decodeSupportedGroups(extensions) ?? []),
    keyShares: withoutGrease((decodeKeyShares(extensions) ?? []).map(({ group }) => group)),
    signatureAlgorithms: withoutGrease(decodeSignatureAlgorithms(extensions) ?? []),
    applicationProtocols: decodeProtocolNameList(extensions) ?? [],
    extensions: withoutGrease((extensions ?? []).map(({ type }) => type)),
    ja4: ja4(hello, { transport: 't' }),
  };
}

function readServerHello(hello: ServerHello, version: Named): Message {
  const group = hello.helloRetryRequest
    ? decodeSelectedGroup(hello.extensions)
    : (decodeServerKeyShare(hello.extensions)?.group ?? null);
  return {
    type: 'tls-server-hello',
    version,
    cipherSuite: hello.cipherSuite,
    group,
    helloRetryRequest: hello.helloRetryRequest,
    extensions: (hello.extensions ?? []).map(({ type }) => type),
    ...(hello.compressionMethod === 0 ? {} : { compression: hello.compressionMethod }),
  };
}
