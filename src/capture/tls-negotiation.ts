import type { Side } from '../handshake/trace.js';
import type { Named } from '../wire/open-set.js';
import { Reader } from '../wire/reader.js';
import {
  decodeServerKeyShare,
  hasEncryptThenMac,
  hasExtendedMasterSecret,
  hasExtension,
  negotiatedVersion,
} from '../wire/tls-extensions.js';
import {
  type ClientHello,
  decodeTlsHandshake,
  type ServerHello,
  type TlsHandshake,
} from '../wire/tls-handshake.js';
import { type SuiteParameters, suiteParameters } from './tls-suite.js';

export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;

/** early_data, RFC 8446 section 4.2.10. */
const EARLY_DATA = 42;

/**
 * The messages up to ClientKeyExchange are a few thousand bytes; a certificate chain can be 128 KiB.
 * Longer ones are not kept, and extended master secrets then cannot be worked out.
 */
const MAX_TRANSCRIPT = 2 ** 18;

/** What a ServerHello settles. */
export interface Agreement {
  readonly version: Named;
  readonly cipherSuite: Named;
  /** null: this project does not decrypt the suite */
  readonly suite: SuiteParameters | null;
  readonly compressed: boolean;
  /** 32 bytes */
  readonly serverRandom: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
}

/** What the handshake messages of both sides say that decryption depends on. */
export class Negotiation {
  #clientRandom: Uint8Array | null = null;
  #earlyData = false;
  #version: number | null = null;
  #agreement: Agreement | null = null;
  #group: Named | null = null;
  #certificates: readonly Uint8Array[] = [];
  #encryptedPremaster: Uint8Array | null = null;
  #transcript: Uint8Array[] | null = [];
  #transcriptBytes = 0;

  /** Of the latest ClientHello, 32 bytes. */
  get clientRandom(): Uint8Array | null {
    return this.#clientRandom;
  }

  /** Whether the client may send data before the handshake, RFC 8446 section 2.3. */
  get earlyData(): boolean {
    return this.#earlyData;
  }

  /** Known from a HelloRetryRequest already. */
  get version(): number | null {
    return this.#version;
  }

  /** null: no ServerHello yet; a HelloRetryRequest settles nothing but the version */
  get agreement(): Agreement | null {
    return this.#agreement;
  }

  get group(): Named | null {
    return this.#group;
  }

  /** Of the server, as DER; empty where a session was resumed. */
  get certificates(): readonly Uint8Array[] {
    return this.#certificates;
  }

  /** Of a ClientKeyExchange; null where the key exchange is not RSA. */
  get encryptedPremaster(): Uint8Array | null {
    return this.#encryptedPremaster;
  }

  /** From ClientHello to ClientKeyExchange; null: too long, or no longer needed. */
  get transcript(): readonly Uint8Array[] | null {
    return this.#transcript;
  }

  forgetTranscript(): void {
    this.#transcript = null;
  }

  /**
   * Takes the next handshake message, in the order in which both sides sent them.
   *
   * @throws DecodeError
   */
  read(side: Side, bytes: Uint8Array): TlsHandshake {
    const message = decodeTlsHandshake(bytes, { version13: this.#version === TLS_1_3 });
    if (message.kind === 'client-hello') this.#clientHello(message);
    this.#keep(bytes);
    if (side === 'server') this.#fromServer(message);
    else if (message.kind === 'client-key-exchange') this.#clientKeyExchange(message.body);
    return message;
  }

  /** Starts again: TLS 1.2 may negotiate anew in the same connection. */
  #clientHello(hello: ClientHello): void {
    this.#clientRandom = Uint8Array.from(hello.random);
    this.#earlyData ||= hasExtension(hello.extensions, EARLY_DATA);
    this.#agreement = null;
    this.#encryptedPremaster = null;
    this.#transcript = [];
    this.#transcriptBytes = 0;
  }

  #fromServer(message: TlsHandshake): void {
    switch (message.kind) {
      case 'server-hello':
        this.#serverHello(message);
        break;
      case 'certificate':
        this.#certificates = message.certificates;
        break;
      case 'certificate-13':
        this.#certificates = message.certificateList.map(({ certData }) => certData);
        break;
      case 'server-key-exchange':
        this.#group = message.group;
        break;
      default:
    }
  }

  #serverHello(hello: ServerHello): void {
    const version = negotiatedVersion(hello);
    this.#version = version.value;
    if (version.value === TLS_1_3) this.forgetTranscript();
    if (hello.helloRetryRequest) return;
    this.#group = decodeServerKeyShare(hello.extensions)?.group ?? null;
    this.#certificates = [];
    this.#agreement = {
      version,
      cipherSuite: hello.cipherSuite,
      suite: suiteParameters(hello.cipherSuite),
      compressed: hello.compressionMethod !== 0,
      serverRandom: Uint8Array.from(hello.random),
      sessionId: Uint8Array.from(hello.sessionId),
      extendedMasterSecret: hasExtendedMasterSecret(hello.extensions),
      encryptThenMac: hasEncryptThenMac(hello.extensions),
    };
  }

  #clientKeyExchange(body: Uint8Array): void {
    if (this.#agreement?.suite?.keyExchange !== 'RSA') return;
    const reader = new Reader(body);
    const field = 'EncryptedPreMasterSecret';
    this.#encryptedPremaster = Uint8Array.from(reader.bytes(reader.u16be(field), field));
  }

  /** What comes after ClientKeyExchange has no part in the session hash, RFC 7627 section 3. */
  #keep(bytes: Uint8Array): void {
    if (this.#transcript === null || this.#encryptedPremaster !== null) return;
    this.#transcriptBytes += bytes.length;
    if (this.#transcriptBytes > MAX_TRANSCRIPT) this.forgetTranscript();
    else this.#transcript.push(bytes);
  }
}
