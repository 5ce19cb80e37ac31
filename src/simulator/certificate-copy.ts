import { createHash, sign, X509Certificate } from 'node:crypto';
import { type CertificateFacts, decodeCertificate } from '../wire/certificate.js';
import { DecodeError } from '../wire/decode-error.js';
import { contextTag, DER_TAG, encodeDer, encodeOid, readElement, readTagged } from '../wire/der.js';
import { SIGNATURE_ALGORITHMS } from '../wire/object-identifiers.js';
import { Reader } from '../wire/reader.js';
import { type KeyKind, type KeyPair, keyPair } from './key-pair.js';

/*
 * Copies of certificates whose private keys nobody has: everything as in the original but for the
 * key, of the same kind and size, and the signature that this makes necessary.
 */

/** A private key and the certificates to send with it, the server's own first, as PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly chain: string;
}

/** Longer keys take minutes to make. */
const LONGEST_RSA_KEY_BITS = 4096;

/** OpenSSL makes none shorter. */
const SHORTEST_RSA_KEY_BITS = 512;

/** The curves that TLS clients take in a certificate. */
const USUAL_CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

const SHA_256_WITH_RSA = '1.2.840.113549.1.1.11';
const ECDSA_WITH_SHA_256 = '1.2.840.10045.4.3.2';

/** Digests of the signature algorithms by which certificates are copied, by OpenSSL's names. */
const SIGNATURES: Readonly<Record<string, readonly [type: KeyKind['type'], digest: string]>> = {
  md5WithRSA: ['RSA', 'md5'],
  md5WithRSAEncryption: ['RSA', 'md5'],
  sha1WithRSA: ['RSA', 'sha1'],
  sha1WithRSAEncryption: ['RSA', 'sha1'],
  sha224WithRSAEncryption: ['RSA', 'sha224'],
  sha256WithRSAEncryption: ['RSA', 'sha256'],
  sha384WithRSAEncryption: ['RSA', 'sha384'],
  sha512WithRSAEncryption: ['RSA', 'sha512'],
  'ecdsa-with-SHA1': ['EC', 'sha1'],
  'ecdsa-with-SHA224': ['EC', 'sha224'],
  'ecdsa-with-SHA256': ['EC', 'sha256'],
  'ecdsa-with-SHA384': ['EC', 'sha384'],
  'ecdsa-with-SHA512': ['EC', 'sha512'],
};

interface Original {
  readonly facts: CertificateFacts;
  readonly key: KeyKind;
  /** the fields of the TBSCertificate, whole, the version first */
  readonly fields: readonly Uint8Array[];
}

/** Which fields of a TBSCertificate are replaced or looked at, RFC 5280 section 4.1. */
const SIGNATURE = 2;
const ISSUER = 3;
const SUBJECT = 5;
const PUBLIC_KEY = 6;

/**
 * What a copy of these certificates is like.
 *
 * @param chain DER, the server's own first
 * @returns null: they cannot be copied; else what of the keys is not as in the originals, or ''
 */
export function differenceOfCopy(chain: readonly Uint8Array[]): string | null {
  try {
    const originals = chain.map(readOriginal);
    const other = originals.find(
      ({ facts, key }) =>
        key.type !== facts.keyType || (key.type === 'RSA' && key.bits !== facts.keyBits),
    );
    if (other === undefined) return '';
    const { keyType, keyBits } = other.facts;
    return `RSA ${other.key.type === 'RSA' ? other.key.bits : ''} in place of ${keyType} ${keyBits}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return null;
  }
}

/**
 * @param chain DER, the server's own first; all must be readable
 * @throws DecodeError where one is not
 */
export async function copyCertificates(chain: readonly Uint8Array[]): Promise<ServerCertificate> {
  const originals = chain.map(readOriginal);
  const copies: string[] = [];
  let key = '';
  for (const original of originals) {
    const issuer = originals.find(({ fields }) => same(fields[SUBJECT], original.fields[ISSUER]));
    const signer = await keyPair(issuer?.key ?? { type: 'RSA', bits: 2048 });
    const own = await keyPair(original.key);
    copies.push(copyOne(original, own, signer));
    key ||= own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }
  return { key, chain: copies.join('') };
}

/** For a table of copies that were made. */
export function chainDigest(chain: readonly string[]): string {
  return createHash('sha256').update(chain.join(' ')).digest('hex');
}

function copyOne(original: Original, own: KeyPair, signer: KeyPair): string {
  const { oid, digest } = signatureOf(original.facts.signatureAlgorithm, signer);
  const parameters = digest.type === 'RSA' ? encodeDer(DER_TAG.NULL) : new Uint8Array(0);
  const algorithm = encodeDer(DER_TAG.SEQUENCE, encodeOid(oid), parameters);
  const spki = own.publicKey.export({ type: 'spki', format: 'der' });
  const fields = original.fields.map((field, index) => {
    if (index === SIGNATURE) return algorithm;
    return index === PUBLIC_KEY ? spki : field;
  });
  const tbs = encodeDer(DER_TAG.SEQUENCE, ...fields);
  const signature = sign(digest.name, tbs, signer.privateKey);
  const bits = encodeDer(DER_TAG.BIT_STRING, Uint8Array.of(0), signature);
  return new X509Certificate(encodeDer(DER_TAG.SEQUENCE, tbs, algorithm, bits)).toString();
}

/** The algorithm of the original where the key that signs now is of its kind. */
function signatureOf(
  name: string,
  signer: KeyPair,
): { oid: string; digest: { type: KeyKind['type']; name: string } } {
  const type = signer.privateKey.asymmetricKeyType === 'ec' ? 'EC' : 'RSA';
  const [known] = [...SIGNATURE_ALGORITHMS].find(([, candidate]) => candidate === name) ?? [];
  const signature = SIGNATURES[name];
  if (known !== undefined && signature?.[0] === type) {
    return { oid: known, digest: { type, name: signature[1] } };
  }
  const oid = type === 'EC' ? ECDSA_WITH_SHA_256 : SHA_256_WITH_RSA;
  return { oid, digest: { type, name: 'sha256' } };
}

function readOriginal(der: Uint8Array): Original {
  const facts = decodeCertificate(der);
  const certificate = readTagged(new Reader(der), DER_TAG.SEQUENCE, 'Certificate');
  const tbs = readTagged(certificate, DER_TAG.SEQUENCE, 'TBSCertificate');
  const fields: Uint8Array[] = [];
  // Version 1 is left out; an empty field in its place keeps the others where they are.
  if (tbs.peek() !== contextTag(0)) fields.push(new Uint8Array(0));
  while (tbs.remaining > 0) fields.push(readElement(tbs, 'TBSCertificate').bytes);
  return { facts, key: keyKindOf(facts), fields };
}

function keyKindOf({ keyType, keyBits, curve }: CertificateFacts): KeyKind {
  if (keyType === 'EC' && curve !== null && USUAL_CURVES.has(curve)) return { type: 'EC', curve };
  const bits = keyType === 'RSA' && keyBits !== null ? keyBits : 2048;
  return {
    type: 'RSA',
    bits: Math.max(SHORTEST_RSA_KEY_BITS, Math.min(LONGEST_RSA_KEY_BITS, bits)),
  };
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}
