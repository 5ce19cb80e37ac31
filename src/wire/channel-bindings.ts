import { createHash } from 'node:crypto';
import { decodeCertificate } from './certificate.js';
import { concat, Writer } from './writer.js';

/** Digests of signature algorithms by OpenSSL's names of them; MD5 and SHA-1 are replaced, see below. */
const DIGEST = /(md5|sha1|sha224|sha256|sha384|sha512)/i;

/**
 * tls-server-end-point, RFC 5929 section 4.1: the server's certificate hashed with the digest of its
 * own signature, or with SHA-256 where that is MD5 or SHA-1.
 *
 * @returns null where the name of the signature has no digest in it: for Ed25519 the RFC defines none,
 * and that of RSA-PSS is in parameters which are not read here
 * @throws DecodeError for a certificate that cannot be read
 */
export function tlsServerEndPoint(certificate: Uint8Array): Uint8Array | null {
  const digest = DIGEST.exec(decodeCertificate(certificate).signatureAlgorithm)?.[1];
  if (digest === undefined) return null;
  const name = digest.toLowerCase();
  const used = name === 'md5' || name === 'sha1' ? 'sha256' : name;
  return concat(
    new TextEncoder().encode('tls-server-end-point:'),
    new Uint8Array(createHash(used).update(certificate).digest()),
  );
}

/**
 * The value of MsvAvChannelBindings, [MS-NLMP] 2.2.2.1: MD5 of a gss_channel_bindings_struct,
 * RFC 4121 section 4.1.1.2, without addresses, all its numbers little-endian.
 */
export function channelBindingsHash(applicationData: Uint8Array): Uint8Array {
  const bindings = new Writer()
    .u32le(0)
    .u32le(0)
    .u32le(0)
    .u32le(0)
    .u32le(applicationData.length)
    .bytes(applicationData);
  return new Uint8Array(createHash('md5').update(bindings.finish()).digest());
}
