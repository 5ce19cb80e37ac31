import { createHash } from 'node:crypto';
import { type CertificateFacts, decodeCertificate } from '../wire/certificate.js';
import { DecodeError } from '../wire/decode-error.js';
import type { Certificate } from './trace.js';

/** Chains are a handful; a peer that sends more is told by their number, not by each. */
const MAX_CERTIFICATES = 16;

/** The certificates of a peer, in the order in which it sent them. */
export function readCertificates(chain: readonly Uint8Array[]): readonly Certificate[] {
  return chain.slice(0, MAX_CERTIFICATES).map(readCertificate);
}

/** A capture shows the same few servers again and again, and reading a certificate is dear. */
const MAX_REMEMBERED = 512;

const remembered = new Map<string, Certificate>();

/** What a certificate says; one that cannot be read still has its fingerprint. */
export function readCertificate(der: Uint8Array): Certificate {
  const key = Buffer.from(der.buffer, der.byteOffset, der.length).toString('latin1');
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const certificate = decoded(der);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, certificate);
  return certificate;
}

function decoded(der: Uint8Array): Certificate {
  try {
    return certificateOf(decodeCertificate(der));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {
      readable: false,
      sha256: createHash('sha256').update(der).digest('hex'),
      problem: error.message,
    };
  }
}

function certificateOf(facts: CertificateFacts): Certificate {
  return {
    readable: true,
    subject: facts.subject,
    issuer: facts.issuer,
    commonName: facts.commonName,
    serialNumber: facts.serialNumber,
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
    // A signature that OpenSSL cannot check (an old digest, say) does not make it another issuer's.
    selfSigned: facts.selfIssued && facts.selfSigned !== false,
    keyType: facts.keyType,
    keyBits: facts.keyBits,
    signatureAlgorithm: facts.signatureAlgorithm,
    subjectAltNames: facts.subjectAltNames,
    extendedKeyUsages: facts.extendedKeyUsages.map(({ oid, name }) => name ?? oid),
    keyUsages: facts.keyUsages,
    sha256: facts.sha256,
    sha1: facts.sha1,
    spkiSha256: facts.spkiSha256,
  };
}
