import { constants, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto';

/** Bytes of a PreMasterSecret, RFC 5246 section 7.4.7.1. */
const PREMASTER_BYTES = 48;

/** RFC 8017 section 7.2.1: 00 02, at least eight bytes that are not zero, 00, the message. */
const LEAST_PADDING = 11;

/** @returns null where the text or DER is no RSA private key, or an encrypted one */
export function readRsaPrivateKey(file: string | Uint8Array): KeyObject | null {
  const text = typeof file === 'string' ? file : Buffer.from(file).toString('latin1');
  const isPem = text.includes('-----BEGIN');
  const key = isPem
    ? readKey(() => createPrivateKey(text))
    : (readDer(file, 'pkcs8') ?? readDer(file, 'pkcs1'));
  return key?.asymmetricKeyType === 'rsa' ? key : null;
}

function readDer(file: string | Uint8Array, type: 'pkcs8' | 'pkcs1'): KeyObject | null {
  const key = typeof file === 'string' ? Buffer.from(file, 'latin1') : Buffer.from(file);
  return readKey(() => createPrivateKey({ key, format: 'der', type }));
}

/** The only thing that can go wrong here is the file's content. */
function readKey(read: () => KeyObject): KeyObject | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/**
 * The premaster secret of an EncryptedPreMasterSecret, RFC 5246 section 7.4.7.1.
 *
 * The padding is taken off here: Node refuses to do it (CVE-2023-46809), and newer OpenSSL answers
 * a wrong key with random bytes in place of an error (implicit rejection).
 *
 * @returns null when the key is not that of this connection
 */
export function decryptPremaster(key: KeyObject, encrypted: Uint8Array): Uint8Array | null {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (encrypted.length !== Math.ceil(modulusBits / 8)) return null;
  const padded = rawDecrypt(key, encrypted);
  if (padded === null) return null;
  const separator = padded.length - PREMASTER_BYTES - 1;
  if (separator + 1 < LEAST_PADDING || padded[0] !== 0 || padded[1] !== 2) return null;
  if (padded.indexOf(0, 2) !== separator) return null;
  return padded.subarray(separator + 1);
}

/** Fails for a number that is not below the modulus: it was encrypted for another key. */
function rawDecrypt(key: KeyObject, encrypted: Uint8Array): Uint8Array | null {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted);
  } catch {
    return null;
  }
}
