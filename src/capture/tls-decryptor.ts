import { MessageStream } from '../handshake/framing.js';
import type { Side } from '../handshake/trace.js';
import { DecodeError } from '../wire/decode-error.js';
import type { Named } from '../wire/open-set.js';
import { frameTlsHandshake, type TlsHandshake } from '../wire/tls-handshake.js';
import { ContentType } from '../wire/tls-names.js';
import { decodeTlsRecord, type TlsRecord } from '../wire/tls-record.js';
import {
  type Decrypted,
  keyLengths,
  protection13,
  protectionOf,
  type RecordProtection,
} from './tls-cipher.js';
import { findMasterSecret, type KeySource, prfHashOf } from './tls-key-source.js';
import type { SecretLabel } from './tls-keylog.js';
import { type Agreement, Negotiation, TLS_1_3 } from './tls-negotiation.js';
import { keyBlock, nextTrafficSecret, type WriteKeys } from './tls-secrets.js';
import type { SuiteParameters } from './tls-suite.js';

const TLS_1_0 = 0x0301;

/** A changed byte spoils one record; so many in a row mean that the keys are wrong from here on. */
const MAX_UNVERIFIED_IN_A_ROW = 3;

export type DecryptorState =
  /** no encrypted record has come yet */
  | { readonly name: 'waiting' }
  | { readonly name: 'decrypting' }
  /** encrypted, and no key of the source belongs to this connection */
  | { readonly name: 'no-keys' }
  /** at least one side is not decrypted any further */
  | { readonly name: 'failed'; readonly reason: string };

/** What is known of a connection once its handshake is complete. */
export interface EstablishedTls {
  readonly version: Named;
  readonly cipherSuite: Named;
  readonly group: Named | null;
  /** the server's, as DER; empty where a session was resumed */
  readonly certificates: readonly Uint8Array[];
}

interface Direction {
  readonly handshakes: MessageStream;
  /** null: not encrypted, or (TLS 1.3) the next encrypted record makes it from its secret */
  protection: RecordProtection | null;
  /** TLS 1.3: whether the Finished of this side was sent, so that application keys are in force */
  applicationKeys: boolean;
  /** TLS 1.3: the traffic secret in force, once it was looked up */
  secret: Uint8Array | null;
  finished: boolean;
  verified: boolean;
  unverifiedInARow: number;
  stopped: boolean;
}

function newDirection(): Direction {
  return {
    handshakes: new MessageStream(),
    protection: null,
    applicationKeys: false,
    secret: null,
    finished: false,
    verified: false,
    unverifiedInARow: 0,
    stopped: false,
  };
}

/**
 * Decrypts the records of one recorded TLS connection, TLS 1.0 to 1.3. It reads the handshake by
 * itself, in clear and decrypted, and finds the keys that belong to it.
 *
 * INVARIANT: whatever the records, nothing is thrown; what is returned was verified by its MAC or
 * tag; memory is bounded by one handshake; no secret leaves.
 */
export class TlsDecryptor {
  readonly #keys: KeySource;
  readonly #sides: Record<Side, Direction> = { client: newDirection(), server: newDirection() };
  readonly #negotiation = new Negotiation();
  #writeKeys: Readonly<Record<Side, WriteKeys>> | null = null;
  #state: DecryptorState = { name: 'waiting' };
  #established: EstablishedTls | null = null;
  #unverified = 0;

  constructor(keys: KeySource) {
    this.#keys = keys;
  }

  get state(): DecryptorState {
    return this.#state;
  }

  /** null while the handshake is not complete, or its end could not be decrypted */
  get established(): EstablishedTls | null {
    return this.#established;
  }

  /** The server's certificates as far as they were sent, also of a handshake that failed. */
  get certificates(): readonly Uint8Array[] {
    return this.#negotiation.certificates;
  }

  /** Records that did not verify and were left out. */
  get unverified(): number {
    return this.#unverified;
  }

  /**
   * Takes the next record; both sides' records in the order of their times.
   *
   * @param record a whole record, header included
   * @returns what it held, if it was encrypted and could be decrypted
   */
  record(side: Side, record: Uint8Array): readonly Decrypted[] {
    if (this.#sides[side].stopped) return [];
    try {
      return this.#record(side, decodeTlsRecord(record));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#stop(side, error.message);
      return [];
    }
  }

  /** Bytes of this side are missing: how many records they held is not known. */
  gap(side: Side): void {
    this.#stop(side, `bytes of the ${side} are missing`);
  }

  #record(side: Side, record: TlsRecord): readonly Decrypted[] {
    const is13 = this.#negotiation.version === TLS_1_3;
    const encrypted = is13
      ? record.contentType.value === ContentType.application_data &&
        this.#negotiation.agreement !== null
      : this.#sides[side].protection !== null;
    if (encrypted) return this.#open(side, record);
    this.#clear(side, record, is13);
    return [];
  }

  #clear(side: Side, record: TlsRecord, is13: boolean): void {
    switch (record.contentType.value) {
      case ContentType.handshake:
        this.#handshakes(side, record.fragment, false);
        return;
      case ContentType.change_cipher_spec:
        // In TLS 1.3 it is a sham for old middleboxes; one before the ServerHello is just that.
        if (!is13 && this.#negotiation.agreement !== null) this.#changeCipherSpec(side);
        return;
      case ContentType.alert:
        return;
      default:
        // What a client sends ahead is encrypted with other keys, RFC 8446 section 4.2.10.
        if (side === 'client' && this.#negotiation.earlyData) return;
        this.#stop(
          side,
          `the ${side} sends data before the hellos: the handshake was not captured`,
        );
    }
  }

  #open(side: Side, record: TlsRecord): readonly Decrypted[] {
    const direction = this.#sides[side];
    direction.protection ??= this.#nextProtection13(side, direction);
    if (direction.protection === null) return [];
    const opened = direction.protection.open(record);
    if (opened === null) {
      this.#notVerified(side, direction);
      return [];
    }
    direction.verified = true;
    direction.unverifiedInARow = 0;
    if (this.#state.name === 'waiting') this.#state = { name: 'decrypting' };
    if (opened.contentType === ContentType.handshake) this.#handshakes(side, opened.bytes, true);
    if (opened.contentType === ContentType.change_cipher_spec) this.#changeCipherSpec(side);
    return [opened];
  }

  #handshakes(side: Side, bytes: Uint8Array, encrypted: boolean): void {
    const { handshakes } = this.#sides[side];
    handshakes.push(bytes, null);
    for (;;) {
      const found = handshakes.next(frameTlsHandshake);
      if (found === null || this.#sides[side].stopped) return;
      this.#handshake(side, this.#negotiation.read(side, found.bytes), encrypted);
    }
  }

  #handshake(side: Side, message: TlsHandshake, encrypted: boolean): void {
    switch (message.kind) {
      case 'client-hello':
        if (side === 'server') this.#stop(side, 'the server sends a ClientHello');
        return;
      case 'server-hello':
        this.#writeKeys = null;
        if (this.#negotiation.agreement !== null) this.#agreed(side, this.#negotiation.agreement);
        return;
      case 'finished':
        if (encrypted) this.#finished(side, this.#sides[side]);
        return;
      case 'key-update':
        if (encrypted) this.#keyUpdate(this.#sides[side]);
        return;
      default:
    }
  }

  #agreed(side: Side, agreement: Agreement): void {
    const { version, cipherSuite, suite, compressed } = agreement;
    if (this.#negotiation.clientRandom === null) {
      this.#stop(side, 'the ClientHello was not captured');
    } else if (version.value < TLS_1_0 || version.value > TLS_1_3) {
      this.#stop(side, `${version.name ?? `version ${version.value}`} is not decrypted`);
    } else if (suite === null || (version.value === TLS_1_3) !== (suite.keyExchange === null)) {
      const name = cipherSuite.name ?? `number ${cipherSuite.value}`;
      this.#stop(side, `the cipher suite ${name} is not decrypted`);
    } else if (compressed) {
      this.#stop(side, 'compressed records are not decrypted');
    }
  }

  /** TLS 1.0 to 1.2: what this side sends from here on is protected with the keys agreed on. */
  #changeCipherSpec(side: Side): void {
    const { agreement } = this.#negotiation;
    if (agreement === null || agreement.suite === null) return;
    this.#writeKeys ??= this.#deriveKeys(agreement, agreement.suite);
    if (this.#writeKeys === null) {
      this.#noKeys(side);
      return;
    }
    const { suite, version, encryptThenMac } = agreement;
    const keys = this.#writeKeys[side];
    this.#sides[side].protection = protectionOf(suite, version.value, keys, encryptThenMac);
    this.#sides[side].handshakes.clear();
  }

  #deriveKeys(
    agreement: Agreement,
    suite: SuiteParameters,
  ): Readonly<Record<Side, WriteKeys>> | null {
    const { clientRandom } = this.#negotiation;
    const master = findMasterSecret(this.#keys, this.#negotiation);
    if (master === null || clientRandom === null) return null;
    this.#negotiation.forgetTranscript();
    const lengths = keyLengths(suite, agreement.version.value);
    const hash = prfHashOf(agreement);
    return keyBlock(hash, master, clientRandom, agreement.serverRandom, lengths);
  }

  /** TLS 1.3: the protection with the secret that is in force now. */
  #nextProtection13(side: Side, direction: Direction): RecordProtection | null {
    const { agreement, clientRandom } = this.#negotiation;
    const suite = agreement?.suite ?? null;
    if (suite === null || clientRandom === null) return null;
    const label = labelOf(side, direction.applicationKeys);
    direction.secret ??= this.#keys.keyLog.lookup(label, clientRandom);
    if (direction.secret === null) {
      this.#noKeys(side);
      return null;
    }
    return protection13(suite, direction.secret);
  }

  #finished(side: Side, direction: Direction): void {
    if (this.#negotiation.version !== TLS_1_3) {
      direction.finished = true;
      if (this.#sides.client.finished && this.#sides.server.finished) this.#establish();
      return;
    }
    // A client that is asked for its certificate later sends one more, RFC 8446 section 4.6.2.
    if (direction.finished) return;
    direction.finished = true;
    direction.applicationKeys = true;
    direction.protection = null;
    direction.secret = null;
    if (side === 'client') this.#establish();
  }

  #establish(): void {
    const { agreement, group, certificates } = this.#negotiation;
    if (agreement === null || this.#established !== null) return;
    const { version, cipherSuite } = agreement;
    this.#established = { version, cipherSuite, group, certificates };
  }

  /** KeyUpdate, RFC 8446 section 4.6.3. */
  #keyUpdate(direction: Direction): void {
    const suite = this.#negotiation.agreement?.suite ?? null;
    if (!direction.applicationKeys || direction.secret === null || suite === null) return;
    direction.secret = nextTrafficSecret(suite.prf, direction.secret);
    direction.protection = null;
  }

  #notVerified(side: Side, direction: Direction): void {
    if (side === 'client' && !direction.verified && this.#negotiation.earlyData) {
      // Data that was sent ahead: the records of the handshake are counted from behind it.
      direction.protection = null;
      return;
    }
    this.#unverified++;
    direction.unverifiedInARow++;
    if (!direction.verified) {
      this.#stop(side, `the keys do not fit the first encrypted record of the ${side}`);
    } else if (direction.unverifiedInARow >= MAX_UNVERIFIED_IN_A_ROW) {
      this.#stop(side, `${MAX_UNVERIFIED_IN_A_ROW} records of the ${side} in a row do not verify`);
    }
  }

  /** Where one side was decrypted already, that the other's key is missing is worth saying. */
  #noKeys(side: Side): void {
    if (this.#state.name === 'waiting') {
      this.#state = { name: 'no-keys' };
      this.#halt(['client', 'server']);
    } else {
      this.#stop(side, `there is no key for what the ${side} sends next`);
    }
  }

  /** While the handshake goes on, one side cannot be understood without the other. */
  #stop(side: Side, reason: string): void {
    if (this.#state.name === 'waiting' || this.#state.name === 'decrypting') {
      this.#state = { name: 'failed', reason };
    }
    this.#halt(this.#established === null ? ['client', 'server'] : [side]);
  }

  #halt(sides: readonly Side[]): void {
    this.#negotiation.forgetTranscript();
    for (const side of sides) {
      this.#sides[side].stopped = true;
      this.#sides[side].handshakes.clear();
    }
  }
}

/** RFC 8446 section 7.1: which secret a side writes with. */
function labelOf(side: Side, applicationKeys: boolean): SecretLabel {
  if (side === 'client') {
    return applicationKeys ? 'CLIENT_TRAFFIC_SECRET_0' : 'CLIENT_HANDSHAKE_TRAFFIC_SECRET';
  }
  return applicationKeys ? 'SERVER_TRAFFIC_SECRET_0' : 'SERVER_HANDSHAKE_TRAFFIC_SECRET';
}
