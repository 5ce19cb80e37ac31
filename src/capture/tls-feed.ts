import { readCertificates } from '../handshake/certificate.js';
import { MessageStream } from '../handshake/framing.js';
import type { Side } from '../handshake/trace.js';
import type { Tracker } from '../handshake/tracker.js';
import { DecodeError } from '../wire/decode-error.js';
import type { Frame } from '../wire/framing.js';
import type { Named } from '../wire/open-set.js';
import { decodeTlsAlert } from '../wire/tls-alert.js';
import { ContentType } from '../wire/tls-names.js';
import { frameTlsRecord } from '../wire/tls-record.js';
import { frameTpkt, TPKT_VERSION } from '../wire/tpkt.js';
import { concat } from '../wire/writer.js';
import type { EstablishedTls, TlsDecryptor } from './tls-decryptor.js';

const ALERT_BYTES = 2;

/** Of a TLS record; a TPKT has four, and three or more behind them. */
const HEADER_BYTES = 5;

/**
 * Tells a tracker what is inside one TLS record, as far as the decryptor's keys go: what an endpoint
 * would tell of it. The tracker must have got the bytes of the record just before.
 */
export function feedDecrypted(
  tracker: Tracker,
  decryptor: TlsDecryptor,
  side: Side,
  at: number | null,
  record: Uint8Array,
  packet?: number,
): void {
  const before = decryptor.established;
  const contents = decryptor.record(side, record);
  if (before === null && decryptor.established !== null) {
    tracker.secured({
      at,
      ...(packet === undefined ? {} : { packets: [packet] }),
      ...describe(decryptor.established),
    });
  }
  for (const { contentType, bytes } of contents) {
    if (contentType === ContentType.application_data) {
      tracker.plaintext(side, at, bytes, packet);
    } else if (contentType === ContentType.alert && bytes.length === ALERT_BYTES) {
      const { level, description } = decodeTlsAlert(bytes);
      tracker.alert(side, at, level.value, description.value);
    }
  }
}

function describe({ version, cipherSuite, group, certificates }: EstablishedTls) {
  return {
    version: nameOf(version),
    cipher: nameOf(cipherSuite),
    group: group === null ? null : nameOf(group),
    certificates: readCertificates(certificates),
    source: 'keys' as const,
  };
}

function nameOf({ value, name }: Named): string {
  return name ?? `0x${value.toString(16).padStart(4, '0')}`;
}

/**
 * Gives the bytes of a recorded connection to a tracker, and what is inside its TLS records too.
 *
 * INVARIANT: the facts about what was encrypted do not depend on how the bytes are cut.
 */
export class DecryptingFeed {
  readonly #tracker: Tracker;
  readonly #decryptor: TlsDecryptor;
  readonly #streams: Record<Side, MessageStream | null> = {
    client: new MessageStream(),
    server: new MessageStream(),
  };

  constructor(tracker: Tracker, decryptor: TlsDecryptor) {
    this.#tracker = tracker;
    this.#decryptor = decryptor;
  }

  /** In place of the tracker's own `bytes`. */
  bytes(side: Side, at: number | null, bytes: Uint8Array, packet?: number): void {
    let rest = bytes;
    while (rest.length > 0) {
      const stream = this.#streams[side];
      const length = stream === null ? rest.length : missing(stream.peek(), rest);
      const piece = rest.subarray(0, length);
      rest = rest.subarray(length);
      this.#tracker.bytes(side, at, piece, packet);
      if (stream !== null) this.#read(side, stream, at, piece, packet);
      this.#stopWhenDone();
    }
  }

  /** In place of the tracker's own `gap`. */
  gap(side: Side, at: number | null, bytes: number): void {
    this.#streams[side] = null;
    this.#decryptor.gap(side);
    this.#tracker.gap(side, at, bytes);
  }

  /** @param piece no more than the rest of one message */
  #read(
    side: Side,
    stream: MessageStream,
    at: number | null,
    piece: Uint8Array,
    packet?: number,
  ): void {
    stream.push(piece, at, packet);
    const message = this.#next(side, stream);
    if (message === null || message[0] === TPKT_VERSION) return;
    feedDecrypted(this.#tracker, this.#decryptor, side, at, message, packet);
  }

  /** What is neither a TPKT nor a TLS record is for the tracker to tell. */
  #next(side: Side, stream: MessageStream): Uint8Array | null {
    try {
      return stream.next(frameMessage)?.bytes ?? null;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#streams[side] = null;
      return null;
    }
  }

  /** After the MCS connect response the tracker reads no more; decrypting on would be for nothing. */
  #stopWhenDone(): void {
    if (this.#tracker.phase.name !== 'mcs-answered') return;
    this.#streams.client = null;
    this.#streams.server = null;
  }
}

function frameMessage(bytes: Uint8Array): Frame {
  return bytes[0] === TPKT_VERSION ? frameTpkt(bytes) : frameTlsRecord(bytes);
}

/** How many of `rest` complete the message that starts with `begun`, or its header. */
function missing(begun: Uint8Array, rest: Uint8Array): number {
  const header = concat(begun.subarray(0, HEADER_BYTES), rest.subarray(0, HEADER_BYTES));
  const [first, , tpktHigh = 0, second = 0, low = 0] = header;
  if (header.length < HEADER_BYTES) return rest.length;
  const length =
    first === TPKT_VERSION ? tpktHigh * 256 + second : HEADER_BYTES + second * 256 + low;
  return Math.max(1, length - begun.length);
}
