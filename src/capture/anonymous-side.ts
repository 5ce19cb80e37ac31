import { DecodeError } from '../wire/decode-error.js';
import { foreignSample } from '../wire/foreign-protocol.js';
import type { Frame } from '../wire/framing.js';
import { negotiatedVersion } from '../wire/tls-extensions.js';
import { decodeTlsHandshake, frameTlsHandshake } from '../wire/tls-handshake.js';
import { ContentType } from '../wire/tls-names.js';
import { frameTlsRecord } from '../wire/tls-record.js';
import { frameTpkt } from '../wire/tpkt.js';
import { concat } from '../wire/writer.js';
import { KeptPieces } from './kept-pieces.js';
import type { CertificateCast } from './scrub-certificate.js';
import { scrubForeign } from './scrub-foreign.js';
import { scrubTlsHandshake } from './scrub-tls.js';
import { scrubTpkt } from './scrub-tpkt.js';

const NOTHING = new Uint8Array(0);

const RECORD_HEADER_BYTES = 5;

/** RFC 5246 section 6.2.3: what compression and encryption add included. */
const MAX_RECORD_BYTES = 16_384 + 2048;

/** RFC 8446 section 4, but message_hash, which is never sent. */
const MAX_HANDSHAKE_TYPE = 25;

const TPKT_VERSION = 3;
const TLS_1_3 = 0x0304;

/** Application 102: an MCS Connect Response, behind TPKT and X.224 headers of seven bytes. */
const MCS_CONNECT_RESPONSE = [0x7f, 0x66] as const;
const MCS_AT = 7;

/**
 * How far a side is followed: beyond what a reader of the result looks at, which takes the shape of
 * the first 128 KiB of records for enough.
 */
const MAX_FOLLOWED_BYTES = 1 << 18;
const MAX_PIECES = 2048;

/** What both sides of a connection know of each other. */
export interface SharedState {
  /** of the ServerHello; null: not seen yet */
  version: number | null;
  /** the connection sequence is over: nothing after it is kept */
  over: boolean;
}

/** Where a part of a handshake message lies in the stream. */
interface Fragment {
  readonly streamStart: number;
  readonly length: number;
}

/** One direction of a connection: finds its messages, and keeps anonymous copies of them. */
export class AnonymousSide {
  readonly pieces = new KeptPieces();
  readonly #cast: CertificateCast;
  readonly #shared: SharedState;
  #mode: 'messages' | 'foreign' | 'after-gap' | 'opaque' = 'messages';
  #buffer: Uint8Array = NOTHING;
  /** offset in the stream of the buffer's first byte */
  #start = 0;
  #decoded = 0;
  #encrypted = false;
  /** bytes were missing, and no handshake message in clear has come since */
  #doubtful = false;
  #handshake: Uint8Array = NOTHING;
  #fragments: Fragment[] = [];

  constructor(cast: CertificateCast, shared: SharedState) {
    this.#cast = cast;
    this.#shared = shared;
  }

  /** Bytes of memory. */
  get cost(): number {
    return this.pieces.cost + this.#buffer.length + this.#handshake.length;
  }

  /** What was not read yet, for those who decide what the connection is. */
  get pending(): Uint8Array {
    return this.#buffer;
  }

  /** Whether bytes are missing before those that it holds. */
  get afterGap(): boolean {
    return this.#mode === 'after-gap';
  }

  /** Takes bytes in order, without reading them. @param start their offset in the stream */
  hold(start: number, bytes: Uint8Array): void {
    if (start !== this.#start + this.#buffer.length) this.#gap(start);
    // Behind a gap only a segment that starts a message can be read.
    if (this.#mode === 'after-gap') this.#advance(this.#buffer.length);
    this.#buffer = concat(this.#buffer, bytes);
  }

  /** What was not whole before the gap stays so; whether what follows is encrypted is not known. */
  #gap(start: number): void {
    this.#keepParts();
    this.#buffer = NOTHING;
    this.#start = start;
    this.#decoded++;
    this.#doubtful = true;
    if (this.#mode === 'messages') this.#mode = 'after-gap';
  }

  /** Steps over an opening that was dealt with elsewhere. */
  skip(anonymous: Uint8Array): void {
    this.pieces.add(this.#start, anonymous);
    this.#advance(anonymous.length);
  }

  #advance(length: number): void {
    this.#buffer = this.#buffer.slice(length);
    this.#start += length;
  }

  /** Reads what it holds as far as it is whole. */
  read(): void {
    if (this.#mode === 'after-gap') {
      if (!startsMessage(this.#buffer)) return;
      this.#mode = 'messages';
    }
    while (this.#mode === 'messages' && this.#buffer.length > 0) {
      const tooMuch = this.#start > MAX_FOLLOWED_BYTES || this.pieces.count >= MAX_PIECES;
      if (this.#shared.over || tooMuch) {
        this.stop();
        return;
      }
      const frame = this.#frame();
      if (frame === null) break;
      if (frame.kind === 'need-more') return;
      this.#message(this.#buffer.subarray(0, frame.length));
      this.#advance(frame.length);
      this.#decoded++;
    }
    if (this.#mode === 'foreign') this.#readForeign(foreignSample(this.#buffer));
  }

  /** @returns null: it starts no message, and the mode was changed */
  #frame(): Frame | null {
    try {
      return this.#buffer[0] === TPKT_VERSION
        ? frameTpkt(this.#buffer)
        : frameTlsRecord(this.#buffer);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (this.#decoded === 0) this.#mode = 'foreign';
      else this.stop();
      return null;
    }
  }

  #message(bytes: Uint8Array): void {
    if (bytes[0] !== TPKT_VERSION) {
      this.#record(bytes);
      return;
    }
    this.pieces.add(this.#start, scrubTpkt(bytes, this.#cast));
    if (MCS_CONNECT_RESPONSE.every((byte, index) => bytes[MCS_AT + index] === byte)) {
      this.#shared.over = true;
    }
  }

  /** The header of every record stays; its content only where it is a handshake or alert in clear. */
  #record(bytes: Uint8Array): void {
    const header = bytes.slice(0, RECORD_HEADER_BYTES);
    const content = bytes.subarray(RECORD_HEADER_BYTES);
    const contentStart = this.#start + RECORD_HEADER_BYTES;
    this.pieces.add(this.#start, header);
    switch (header[0]) {
      case ContentType.change_cipher_spec:
        this.pieces.add(contentStart, content.slice(0, 1));
        if (this.#shared.version !== TLS_1_3) this.#encrypted = true;
        return;
      case ContentType.alert:
        if (!this.#encrypted) this.pieces.add(contentStart, content.slice(0, 2));
        return;
      case ContentType.handshake:
        if (this.#encrypted || (this.#doubtful && !holdsWholeMessages(content))) return;
        this.#doubtful = false;
        this.#collect(contentStart, content);
        return;
    }
  }

  /** Handshake messages may span records, and a record may hold several. */
  #collect(streamStart: number, content: Uint8Array): void {
    this.#handshake = concat(this.#handshake, content);
    this.#fragments.push({ streamStart, length: content.length });
    for (;;) {
      let frame: Frame;
      try {
        frame = frameTlsHandshake(this.#handshake);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.stop();
        return;
      }
      if (frame.kind === 'need-more') return;
      this.#handshakeMessage(this.#handshake.subarray(0, frame.length));
      this.#handshake = this.#handshake.slice(frame.length);
    }
  }

  #handshakeMessage(bytes: Uint8Array): void {
    this.#scatter(scrubTlsHandshake(bytes, this.#cast));
    try {
      const message = decodeTlsHandshake(bytes);
      if (message.kind === 'server-hello') this.#shared.version = negotiatedVersion(message).value;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }

  /** Puts a message back to where its parts came from. */
  #scatter(message: Uint8Array): void {
    let done = 0;
    while (done < message.length) {
      const [fragment] = this.#fragments;
      if (fragment === undefined) return;
      const { streamStart, length } = fragment;
      const here = Math.min(length, message.length - done);
      this.pieces.add(streamStart, message.slice(done, done + here));
      done += here;
      if (here === length) this.#fragments.shift();
      else this.#fragments[0] = { streamStart: streamStart + here, length: length - here };
    }
  }

  #readForeign(sample: Uint8Array | null): void {
    if (sample === null) return;
    this.pieces.add(this.#start, scrubForeign(sample, this.#cast.pseudonyms));
    this.stop();
  }

  /** Nothing more will come: what is not whole is kept as far as it goes. */
  finish(): void {
    if (this.#mode === 'foreign') this.#readForeign(this.#buffer);
    this.#keepParts();
    this.stop();
  }

  #keepParts(): void {
    if (this.#mode !== 'messages') return;
    if (this.#buffer.length > 0 && !this.#shared.over) this.#message(this.#buffer);
    if (this.#handshake.length > 0) {
      this.#scatter(scrubTlsHandshake(this.#handshake, this.#cast));
    }
    this.#handshake = NOTHING;
    this.#fragments = [];
  }

  /** Everything from here on is filler. */
  stop(): void {
    this.#mode = 'opaque';
    this.#buffer = NOTHING;
    this.#handshake = NOTHING;
    this.#fragments = [];
  }

  get stopped(): boolean {
    return this.#mode === 'opaque';
  }
}

/** Whether bytes from the middle of a stream start a message that RDP has: TPKT or a TLS record. */
function startsMessage(bytes: Uint8Array): boolean {
  const [first = 0, second, minor = 0, high = 0, low = 0, sixth] = bytes;
  if (sixth === undefined) return false;
  if (first === TPKT_VERSION) return second === 0;
  const length = high * 256 + low;
  const isType = first >= ContentType.change_cipher_spec && first <= ContentType.application_data;
  return isType && second === 3 && minor <= 4 && length > 0 && length <= MAX_RECORD_BYTES;
}

/** Encrypted bytes, or the rest of a message whose start is missing, do not add up like this. */
function holdsWholeMessages(content: Uint8Array): boolean {
  let at = 0;
  while (at < content.length) {
    const [type = 0, high, middle = 0, low = 0] = content.subarray(at, at + 4);
    if (type > MAX_HANDSHAKE_TYPE || high !== 0) return false;
    at += 4 + middle * 256 + low;
  }
  return at === content.length;
}
