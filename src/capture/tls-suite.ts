import type { Named } from '../wire/open-set.js';

/** How the records of a cipher suite are encrypted. */
export type RecordCipher =
  | { readonly kind: 'stream'; readonly algorithm: 'NULL' | 'RC4'; readonly keyBytes: number }
  | {
      readonly kind: 'block';
      /** as node:crypto calls it */
      readonly algorithm: 'aes-128-cbc' | 'aes-256-cbc' | 'des-ede3-cbc';
      readonly keyBytes: number;
      readonly blockBytes: number;
    }
  | {
      readonly kind: 'aead';
      readonly algorithm:
        | 'aes-128-gcm'
        | 'aes-256-gcm'
        | 'aes-128-ccm'
        | 'aes-256-ccm'
        | 'chacha20-poly1305';
      readonly keyBytes: number;
      readonly tagBytes: number;
      /** bytes of the nonce that come from the key block, before TLS 1.3 */
      readonly fixedIvBytes: number;
    };

/** The hash of a record's MAC. */
export type MacHash = 'md5' | 'sha1' | 'sha256' | 'sha384';

/** What a cipher suite means for someone who decrypts. */
export interface SuiteParameters {
  /** as in the suite's name, e.g. `RSA` or `ECDHE_RSA`; null: TLS 1.3, where it is no part of it */
  readonly keyExchange: string | null;
  readonly cipher: RecordCipher;
  /** null: the cipher authenticates by itself */
  readonly mac: MacHash | null;
  /** of the PRF of TLS 1.2 and of the HKDF of TLS 1.3 */
  readonly prf: 'sha256' | 'sha384';
}

function aead(
  algorithm: Extract<RecordCipher, { kind: 'aead' }>['algorithm'],
  keyBytes: number,
  tagBytes = 16,
): RecordCipher {
  const fixedIvBytes = algorithm === 'chacha20-poly1305' ? 12 : 4;
  return { kind: 'aead', algorithm, keyBytes, tagBytes, fixedIvBytes };
}

/** The part of a suite's name between the key exchange and the hash. */
const CIPHERS: Readonly<Record<string, RecordCipher>> = {
  NULL: { kind: 'stream', algorithm: 'NULL', keyBytes: 0 },
  RC4_128: { kind: 'stream', algorithm: 'RC4', keyBytes: 16 },
  '3DES_EDE_CBC': { kind: 'block', algorithm: 'des-ede3-cbc', keyBytes: 24, blockBytes: 8 },
  AES_128_CBC: { kind: 'block', algorithm: 'aes-128-cbc', keyBytes: 16, blockBytes: 16 },
  AES_256_CBC: { kind: 'block', algorithm: 'aes-256-cbc', keyBytes: 32, blockBytes: 16 },
  AES_128_GCM: aead('aes-128-gcm', 16),
  AES_256_GCM: aead('aes-256-gcm', 32),
  AES_128_CCM: aead('aes-128-ccm', 16),
  AES_256_CCM: aead('aes-256-ccm', 32),
  AES_128_CCM_8: aead('aes-128-ccm', 16, 8),
  AES_256_CCM_8: aead('aes-256-ccm', 32, 8),
  CHACHA20_POLY1305: aead('chacha20-poly1305', 32),
};

const MACS: Readonly<Record<string, MacHash>> = {
  MD5: 'md5',
  SHA: 'sha1',
  SHA256: 'sha256',
  SHA384: 'sha384',
};

/**
 * What a suite's registered name says, RFC 5246 appendix C and the documents after it. Before TLS
 * 1.3 CCM suites have no hash in their name and use SHA-256, RFC 6655 section 3.
 *
 * @returns null for a suite whose records this project does not decrypt: those with a cipher that
 *   no RDP server has (IDEA, SEED, Camellia, ARIA, single DES and the export ciphers)
 */
export function suiteParameters(suite: Named): SuiteParameters | null {
  const match = /^TLS_(?:(.+)_WITH_)?(.+?)(?:_(MD5|SHA|SHA256|SHA384))?$/.exec(suite.name ?? '');
  if (match === null) return null;
  const [, keyExchange = null, name = '', hash = null] = match;
  const cipher = CIPHERS[name];
  // A name without key exchange and hash is a signal (TLS_FALLBACK_SCSV), no suite.
  if (cipher === undefined || (keyExchange === null && hash === null)) return null;
  const mac = hash === null ? undefined : MACS[hash];
  if (cipher.kind !== 'aead' && mac === undefined) return null;
  return {
    keyExchange,
    cipher,
    mac: cipher.kind === 'aead' ? null : (mac ?? null),
    prf: hash === 'SHA384' ? 'sha384' : 'sha256',
  };
}
