import {
  type CipherCCMTypes,
  type CipherGCMTypes,
  createDecipheriv,
  createHmac,
  type DecipherGCM,
  timingSafeEqual,
} from 'node:crypto';
import type { TlsRecord } from '../wire/tls-record.js';
import { concat, Writer } from '../wire/writer.js';
import { Rc4 } from './tls-rc4.js';
import { type HkdfHash, type KeyLengths, trafficKeys, type WriteKeys } from './tls-secrets.js';
import type { RecordCipher, SuiteParameters } from './tls-suite.js';

const TLS_1_0 = 0x0301;

type BlockCipher = Extract<RecordCipher, { kind: 'block' }>;
type AeadCipher = Extract<RecordCipher, { kind: 'aead' }>;

const MAC_BYTES = { md5: 16, sha1: 20, sha256: 32, sha384: 48 } as const;

/** Bytes of a nonce that GCM and CCM suites send with each record, RFC 5288 section 3. */
const EXPLICIT_NONCE_BYTES = 8;

/** What was inside one protected record. */
export interface Decrypted {
  readonly contentType: number;
  readonly bytes: Uint8Array;
}

/**
 * What one side's records are protected with, from one change of keys to the next. Records are
 * opened in the order in which they were sent; each counts, whether it is genuine or not.
 */
export interface RecordProtection {
  /** @returns null where the record does not verify: the keys are not its keys, or bytes changed */
  open(record: TlsRecord): Decrypted | null;
}

/** How many bytes of the key block a suite needs for each side, RFC 5246 section 6.3. */
export function keyLengths(suite: SuiteParameters, version: number): KeyLengths {
  const { cipher, mac } = suite;
  const macKey = mac === null ? 0 : MAC_BYTES[mac];
  switch (cipher.kind) {
    case 'stream':
      return { macKey, key: cipher.keyBytes, iv: 0 };
    case 'block':
      return { macKey, key: cipher.keyBytes, iv: version === TLS_1_0 ? cipher.blockBytes : 0 };
    case 'aead':
      return { macKey, key: cipher.keyBytes, iv: cipher.fixedIvBytes };
  }
}

/** The protection of TLS 1.0 to 1.2. */
export function protectionOf(
  suite: SuiteParameters,
  version: number,
  keys: WriteKeys,
  encryptThenMac: boolean,
): RecordProtection {
  const { cipher, mac } = suite;
  if (cipher.kind === 'aead') return new AeadProtection(cipher, keys);
  // INVARIANT: suiteParameters gives every other cipher a MAC.
  const check = new RecordMac(mac ?? 'sha256', keys.macKey);
  if (cipher.kind === 'stream') {
    return new StreamProtection(cipher.algorithm === 'NULL' ? null : new Rc4(keys.key), check);
  }
  const chainedIv = version === TLS_1_0 ? keys.iv : null;
  return new BlockProtection(cipher, keys.key, chainedIv, check, encryptThenMac);
}

/** The protection of TLS 1.3; null for a suite that TLS 1.3 does not have. */
export function protection13(suite: SuiteParameters, secret: Uint8Array): RecordProtection | null {
  if (suite.cipher.kind !== 'aead') return null;
  const hash: HkdfHash = suite.prf;
  return new Protection13(suite.cipher, trafficKeys(hash, secret, suite.cipher.keyBytes));
}

/** seq_num of a record, RFC 5246 section 6.1, as eight bytes. */
function sequenceNumber(sequence: number): Uint8Array {
  return new Writer()
    .u32be(Math.floor(sequence / 2 ** 32))
    .u32be(sequence % 2 ** 32)
    .finish();
}

/** What the MAC and the additional data cover besides the content, RFC 5246 section 6.2.3.1. */
function pseudoHeader(sequence: number, record: TlsRecord, length: number): Uint8Array {
  return new Writer()
    .bytes(sequenceNumber(sequence))
    .u8(record.contentType.value)
    .u16be(record.version.value)
    .u16be(length)
    .finish();
}

/** The keyed MAC of one side's records, with its own count of them. */
class RecordMac {
  readonly #hash: keyof typeof MAC_BYTES;
  readonly #key: Uint8Array;
  #sequence = 0;

  constructor(hash: keyof typeof MAC_BYTES, key: Uint8Array) {
    this.#hash = hash;
    this.#key = key;
  }

  get length(): number {
    return MAC_BYTES[this.#hash];
  }

  /** A record that cannot even be cut into content and MAC. It counts all the same. */
  skip(): null {
    this.#sequence++;
    return null;
  }

  /** The content in front of the MAC at the end of `bytes`, if the MAC is right. */
  strip(record: TlsRecord, bytes: Uint8Array): Uint8Array | null {
    const length = bytes.length - this.length;
    if (length < 0) return this.skip();
    const content = bytes.subarray(0, length);
    const mac = createHmac(this.#hash, this.#key)
      .update(pseudoHeader(this.#sequence++, record, length))
      .update(content)
      .digest();
    return timingSafeEqual(mac, bytes.subarray(length)) ? content : null;
  }
}

function delivered(record: TlsRecord, bytes: Uint8Array | null): Decrypted | null {
  return bytes === null ? null : { contentType: record.contentType.value, bytes };
}

/** GenericStreamCipher, RFC 5246 section 6.2.3.1. */
class StreamProtection implements RecordProtection {
  readonly #rc4: Rc4 | null;
  readonly #mac: RecordMac;

  constructor(rc4: Rc4 | null, mac: RecordMac) {
    this.#rc4 = rc4;
    this.#mac = mac;
  }

  open(record: TlsRecord): Decrypted | null {
    const bytes = this.#rc4?.update(record.fragment) ?? record.fragment;
    return delivered(record, this.#mac.strip(record, bytes));
  }
}

/** GenericBlockCipher, RFC 5246 section 6.2.3.2; encrypt-then-MAC, RFC 7366 section 3. */
class BlockProtection implements RecordProtection {
  readonly #cipher: BlockCipher;
  readonly #key: Uint8Array;
  readonly #mac: RecordMac;
  readonly #encryptThenMac: boolean;
  /** TLS 1.0: the last block of the record before; null: each record brings its own IV */
  #chainedIv: Uint8Array | null;

  constructor(
    cipher: BlockCipher,
    key: Uint8Array,
    iv: Uint8Array | null,
    mac: RecordMac,
    encryptThenMac: boolean,
  ) {
    this.#cipher = cipher;
    this.#key = key;
    this.#chainedIv = iv;
    this.#mac = mac;
    this.#encryptThenMac = encryptThenMac;
  }

  open(record: TlsRecord): Decrypted | null {
    if (!this.#encryptThenMac) {
      const padded = this.#decrypt(record.fragment);
      const compressed = padded === null ? null : unpadded(padded);
      return compressed === null
        ? this.#mac.skip()
        : delivered(record, this.#mac.strip(record, compressed));
    }
    const ciphertext = this.#mac.strip(record, record.fragment);
    const padded = ciphertext === null ? null : this.#decrypt(ciphertext);
    return delivered(record, padded === null ? null : unpadded(padded));
  }

  #decrypt(bytes: Uint8Array): Uint8Array | null {
    const { blockBytes, algorithm } = this.#cipher;
    const iv = this.#chainedIv ?? bytes.subarray(0, blockBytes);
    const ciphertext = this.#chainedIv === null ? bytes.subarray(blockBytes) : bytes;
    if (ciphertext.length === 0 || ciphertext.length % blockBytes !== 0) return null;
    if (this.#chainedIv !== null) this.#chainedIv = ciphertext.slice(-blockBytes);
    const decipher = createDecipheriv(algorithm, this.#key, iv).setAutoPadding(false);
    return concat(decipher.update(ciphertext), decipher.final());
  }
}

/** Content and MAC without the padding behind them: n bytes of value n, and n itself. */
function unpadded(bytes: Uint8Array): Uint8Array | null {
  const value = bytes.at(-1) ?? 0;
  const length = bytes.length - value - 1;
  if (length < 0) return null;
  return bytes.subarray(length).every((byte) => byte === value) ? bytes.subarray(0, length) : null;
}

/** Decrypts and verifies; null where the tag is wrong. */
function openAead(
  cipher: AeadCipher,
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  const plaintextLength = sealed.length - cipher.tagBytes;
  if (plaintextLength < 0) return null;
  const decipher = createAeadDecipher(cipher, key, nonce);
  decipher.setAuthTag(sealed.subarray(plaintextLength));
  decipher.setAAD(additionalData, { plaintextLength });
  const content = decipher.update(sealed.subarray(0, plaintextLength));
  try {
    // That the tag is wrong is the only way in which this fails; in CCM, update has told nothing.
    return concat(content, decipher.final());
  } catch {
    return null;
  }
}

/** One type for the three families: CCM alone insists on the length beside the additional data. */
function createAeadDecipher(
  { algorithm, tagBytes }: AeadCipher,
  key: Uint8Array,
  nonce: Uint8Array,
): Pick<DecipherGCM, 'setAuthTag' | 'setAAD' | 'update' | 'final'> {
  const options = { authTagLength: tagBytes };
  switch (algorithm) {
    case 'aes-128-gcm':
    case 'aes-256-gcm':
      return createDecipheriv(algorithm satisfies CipherGCMTypes, key, nonce, options);
    case 'aes-128-ccm':
    case 'aes-256-ccm': {
      const decipher = createDecipheriv(algorithm satisfies CipherCCMTypes, key, nonce, options);
      return decipher as Pick<DecipherGCM, 'setAuthTag' | 'setAAD' | 'update' | 'final'>;
    }
    case 'chacha20-poly1305':
      return createDecipheriv(algorithm, key, nonce, options);
  }
}

/** An IV as long as the nonce, with the record's number in its last eight bytes mixed in. */
function mixedNonce(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = Uint8Array.from(iv);
  const number = sequenceNumber(sequence);
  const start = iv.length - number.length;
  for (const [i, byte] of number.entries()) nonce[start + i] = (iv[start + i] ?? 0) ^ byte;
  return nonce;
}

/** GenericAEADCipher of TLS 1.2: RFC 5288, RFC 6655 and, without explicit nonce, RFC 7905. */
class AeadProtection implements RecordProtection {
  readonly #cipher: AeadCipher;
  readonly #keys: WriteKeys;
  #sequence = 0;

  constructor(cipher: AeadCipher, keys: WriteKeys) {
    this.#cipher = cipher;
    this.#keys = keys;
  }

  open(record: TlsRecord): Decrypted | null {
    const sequence = this.#sequence++;
    const explicit = this.#cipher.algorithm === 'chacha20-poly1305' ? 0 : EXPLICIT_NONCE_BYTES;
    const length = record.fragment.length - explicit - this.#cipher.tagBytes;
    if (length < 0) return null;
    const { key, iv } = this.#keys;
    const nonce =
      explicit === 0 ? mixedNonce(iv, sequence) : concat(iv, record.fragment.subarray(0, explicit));
    const sealed = record.fragment.subarray(explicit);
    const header = pseudoHeader(sequence, record, length);
    return delivered(record, openAead(this.#cipher, key, nonce, header, sealed));
  }
}

/** TLSInnerPlaintext inside TLSCiphertext, RFC 8446 sections 5.2 and 5.3. */
class Protection13 implements RecordProtection {
  readonly #cipher: AeadCipher;
  readonly #keys: { readonly key: Uint8Array; readonly iv: Uint8Array };
  #sequence = 0;

  constructor(cipher: AeadCipher, keys: { readonly key: Uint8Array; readonly iv: Uint8Array }) {
    this.#cipher = cipher;
    this.#keys = keys;
  }

  open(record: TlsRecord): Decrypted | null {
    const nonce = mixedNonce(this.#keys.iv, this.#sequence++);
    const header = new Writer()
      .u8(record.contentType.value)
      .u16be(record.version.value)
      .u16be(record.fragment.length)
      .finish();
    const inner = openAead(this.#cipher, this.#keys.key, nonce, header, record.fragment);
    // The type is the last byte that is not zero; zeros behind it are padding.
    const at = inner?.findLastIndex((byte) => byte !== 0) ?? -1;
    if (inner === null || at === -1) return null;
    return { contentType: inner[at] ?? 0, bytes: inner.subarray(0, at) };
  }
}
