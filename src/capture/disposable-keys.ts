import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { decodeCertificate } from '../wire/certificate.js';
import { DecodeError } from '../wire/decode-error.js';
import { toHex } from '../wire/hex.js';

/** Making an RSA key takes a tenth of a second; after so many the old ones are used again. */
const MAX_RSA_KEYS = 32;

/** Larger ones take minutes to make. */
const MAX_RSA_BITS = 4096;

/** Other keys are cheap; this bounds the memory. */
const MAX_KEYS = 4096;

/** The length of an ECDSA signature varies by a few bytes. */
const MAX_SIGNING_ATTEMPTS = 200;

/**
 * How the signature algorithms of certificates are named to `sign`. RSASSA-PSS is not among them:
 * what it needs to know stands apart, and no RDP server signs its own certificate with it.
 */
const DIGESTS: Readonly<Record<string, string | null>> = {
  md5WithRSAEncryption: 'md5',
  sha1WithRSAEncryption: 'sha1',
  sha256WithRSAEncryption: 'sha256',
  sha384WithRSAEncryption: 'sha384',
  sha512WithRSAEncryption: 'sha512',
  sha224WithRSAEncryption: 'sha224',
  'ecdsa-with-SHA1': 'sha1',
  'ecdsa-with-SHA224': 'sha224',
  'ecdsa-with-SHA256': 'sha256',
  'ecdsa-with-SHA384': 'sha384',
  'ecdsa-with-SHA512': 'sha512',
  ED25519: null,
  ED448: null,
};

export interface SigningOrder {
  /** the certificate as it was */
  readonly original: Uint8Array;
  /** its SubjectPublicKeyInfo as it was */
  readonly spki: Uint8Array;
  /** what is to be signed: the TBSCertificate as it is now */
  readonly body: Uint8Array;
  /** of the signature */
  readonly length: number;
}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * Keys that stand in for those of certificates, of the same kind and size: one for each original.
 * They are real keys, because a reader of the certificate checks whether it signed itself.
 */
export class DisposableKeys {
  readonly #pairs = new Map<string, KeyPair | null>();
  readonly #rsa = new Map<string, KeyPair[]>();
  readonly #maxRsaKeys: number;
  #rsaMade = 0;
  #reused = 0;

  constructor(maxRsaKeys = MAX_RSA_KEYS) {
    this.#maxRsaKeys = maxRsaKeys;
  }

  /**
   * @param spki a SubjectPublicKeyInfo
   * @returns the octets of its BIT STRING for the stand-in; null: none can be made of this kind
   */
  publicKeyFor(spki: Uint8Array): Uint8Array | null {
    const pair = this.#pairFor(spki);
    if (pair === null) return null;
    if (pair.publicKey.asymmetricKeyType === 'rsa') {
      return Uint8Array.from(pair.publicKey.export({ type: 'pkcs1', format: 'der' }));
    }
    const jwk = pair.publicKey.export({ format: 'jwk' });
    const x = Buffer.from(jwk.x ?? '', 'base64url');
    if (jwk.y === undefined) return Uint8Array.from(x);
    return Uint8Array.from([4, ...x, ...Buffer.from(jwk.y, 'base64url')]);
  }

  /**
   * Signs the body of a certificate with the stand-in of its own key, where the original was signed
   * by its own key.
   *
   * @returns null: it was not, or no signature of this length can be made
   */
  signAsItself({ original, spki, body, length }: SigningOrder): Uint8Array | null {
    const facts = factsOf(original);
    if (facts === null || facts.selfSigned !== true) return null;
    const pair = this.#pairFor(spki);
    if (pair === null) return null;
    const digest = DIGESTS[facts.signatureAlgorithm];
    if (digest === undefined) return null;
    try {
      for (let attempt = 0; attempt < MAX_SIGNING_ATTEMPTS; attempt++) {
        const signature = sign(digest, body, pair.privateKey);
        if (signature.length === length) return Uint8Array.from(signature);
      }
    } catch {
      // OpenSSL refuses, e.g. a digest that is too long for a short key.
    }
    return null;
  }

  #pairFor(spki: Uint8Array): KeyPair | null {
    const name = toHex(spki);
    const known = this.#pairs.get(name);
    if (known !== undefined) return known;
    if (this.#pairs.size >= MAX_KEYS) this.#pairs.clear();
    const made = this.#make(spki);
    this.#pairs.set(name, made);
    return made;
  }

  #make(spki: Uint8Array): KeyPair | null {
    try {
      return this.#makeLike(
        createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }),
      );
    } catch {
      // OpenSSL cannot read it, or does not make such keys any more.
      return null;
    }
  }

  #makeLike(original: KeyObject): KeyPair | null {
    const { modulusLength, publicExponent, namedCurve } = original.asymmetricKeyDetails ?? {};
    switch (original.asymmetricKeyType) {
      case 'rsa':
        return this.#makeRsa(modulusLength ?? 0, publicExponent ?? 0n);
      case 'ec':
        return namedCurve === undefined ? null : generateKeyPairSync('ec', { namedCurve });
      case 'ed25519':
        return generateKeyPairSync('ed25519');
      case 'ed448':
        return generateKeyPairSync('ed448');
      default:
        return null;
    }
  }

  #makeRsa(modulusLength: number, exponent: bigint): KeyPair | null {
    if (modulusLength < 512 || modulusLength > MAX_RSA_BITS) return null;
    if (exponent !== 3n && exponent !== 17n && exponent !== 65_537n) return null;
    const kind = `${modulusLength} ${exponent}`;
    const made = this.#rsa.get(kind) ?? [];
    this.#rsa.set(kind, made);
    if (this.#rsaMade >= this.#maxRsaKeys) return made[this.#reused++ % made.length] ?? null;
    this.#rsaMade++;
    const pair = generateKeyPairSync('rsa', { modulusLength, publicExponent: Number(exponent) });
    made.push(pair);
    return pair;
  }
}

function factsOf(
  der: Uint8Array,
): { selfSigned: boolean | null; signatureAlgorithm: string } | null {
  try {
    return decodeCertificate(der);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return null;
  }
}
