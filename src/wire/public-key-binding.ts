import { createHash } from 'node:crypto';

/** From this TSRequest version on the key is bound by a hash, [MS-CSSP] 3.1.5. */
const FIRST_HASHED_VERSION = 5;

/** [MS-CSSP] 3.1.5: the magic strings, each with its closing zero. */
const CLIENT_TO_SERVER = 'CredSSP Client-To-Server Binding Hash\0';
const SERVER_TO_CLIENT = 'CredSSP Server-To-Client Binding Hash\0';

/** clientNonce, [MS-CSSP] 2.2.1. */
export const CLIENT_NONCE_LENGTH = 32;

/** How a version binds the key: as it is and plus one, or hashed with the client's nonce. */
export function keyBindingOf(version: number): 'echo' | 'hash' {
  return version < FIRST_HASHED_VERSION ? 'echo' : 'hash';
}

/**
 * What the client seals into its pubKeyAuth, [MS-CSSP] 3.1.5.
 *
 * @param version the lower one of both sides
 * @param subjectPublicKey octets of the BIT STRING of the certificate's key
 */
export function clientKeyProof(
  version: number,
  nonce: Uint8Array,
  subjectPublicKey: Uint8Array,
): Uint8Array {
  return keyBindingOf(version) === 'echo'
    ? subjectPublicKey
    : bindingHash(CLIENT_TO_SERVER, nonce, subjectPublicKey);
}

/** What the server's pubKeyAuth must hold: the key with one added to its first byte, or the hash. */
export function serverKeyProof(
  version: number,
  nonce: Uint8Array,
  subjectPublicKey: Uint8Array,
): Uint8Array {
  if (keyBindingOf(version) === 'hash')
    return bindingHash(SERVER_TO_CLIENT, nonce, subjectPublicKey);
  // Not slice(): of a Buffer that is no copy.
  const increased = Uint8Array.from(subjectPublicKey);
  if (increased.length > 0) increased[0] = ((increased[0] ?? 0) + 1) & 0xff;
  return increased;
}

function bindingHash(magic: string, nonce: Uint8Array, subjectPublicKey: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(magic, 'latin1').update(nonce).update(subjectPublicKey);
  return new Uint8Array(hash.digest());
}
