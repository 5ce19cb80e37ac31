import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  type HelloMaterial,
  keyShareBytes,
  keyShareGroups,
  type OwnHello,
} from '../wire/own-hello.js';

const SECP256R1 = 0x0017;
const SECP384R1 = 0x0018;
const SECP521R1 = 0x0019;
const X25519 = 0x001d;
const X448 = 0x001e;
const SECP256R1_MLKEM768 = 0x11eb;
const X25519_MLKEM768 = 0x11ec;

/** The modulus of ML-KEM: FIPS 203 section 7.2 has the peer check that each coefficient is below. */
const MLKEM_MODULUS = 3329;
const MLKEM768_COEFFICIENTS = 768;
/** The seed at the end of an encapsulation key. */
const MLKEM_SEED_BYTES = 32;

/**
 * Randomness and key shares for one ClientHello. The shares are valid public keys, so that a server
 * that checks them goes on; their private halves are dropped, for the handshake is never finished.
 *
 * @throws RangeError for a group that no share can be made of
 */
export function makeHelloMaterial(hello: OwnHello, serverName: string | null): HelloMaterial {
  return {
    random: randomBytes(32),
    sessionId: randomBytes(hello.sessionIdBytes),
    keyShares: new Map(keyShareGroups(hello).map((group) => [group, publicValue(group)])),
    serverName,
  };
}

function publicValue(group: number): Uint8Array {
  switch (group) {
    case SECP256R1:
      return point('prime256v1');
    case SECP384R1:
      return point('secp384r1');
    case SECP521R1:
      return point('secp521r1');
    case X25519:
      return montgomery('x25519');
    case X448:
      return montgomery('x448');
    case SECP256R1_MLKEM768:
      return Buffer.concat([point('prime256v1'), encapsulationKey()]);
    case X25519_MLKEM768:
      return Buffer.concat([encapsulationKey(), montgomery('x25519')]);
    default:
      // A GREASE share is one byte that means nothing, RFC 8701 section 3.1.
      if (keyShareBytes(group) === 1) return new Uint8Array(1);
      throw new RangeError(`no key share can be made of group ${group}`);
  }
}

/** An uncompressed point, RFC 8446 section 4.2.8.2. */
function point(curve: string): Uint8Array {
  return createECDH(curve).generateKeys();
}

/** RFC 7748: the public value is the end of its SubjectPublicKeyInfo, RFC 8410 section 4. */
function montgomery(curve: 'x25519' | 'x448'): Uint8Array {
  const { publicKey } =
    curve === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('x448');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return der.subarray(-(curve === 'x25519' ? 32 : 56));
}

/**
 * An encapsulation key of ML-KEM-768 that nobody has the other half of: OpenSSL before 3.5 cannot
 * make one. FIPS 203 section 7.2 knows no more of a key than its length and that its coefficients,
 * of 12 bits each, are below the modulus.
 */
function encapsulationKey(): Uint8Array {
  const packed = new Uint8Array((MLKEM768_COEFFICIENTS * 12) / 8);
  for (let at = 0; at < packed.length; at += 3) {
    const one = coefficient();
    const other = coefficient();
    packed[at] = one & 0xff;
    packed[at + 1] = (one >> 8) | ((other & 0x0f) << 4);
    packed[at + 2] = other >> 4;
  }
  return Buffer.concat([packed, randomBytes(MLKEM_SEED_BYTES)]);
}

/** The remainder is not evenly spread, which does not matter: it is no secret. */
function coefficient(): number {
  return randomBytes(2).readUInt16BE() % MLKEM_MODULUS;
}
