import { createHash, createHmac } from 'node:crypto';
import { concat, Writer } from '../wire/writer.js';

/** The hash of a key schedule. Before TLS 1.2 the PRF uses MD5 and SHA-1 at once. */
export type PrfHash = 'md5-sha1' | 'sha256' | 'sha384';
export type HkdfHash = Exclude<PrfHash, 'md5-sha1'>;

const MASTER_SECRET_BYTES = 48;

function hmac(hash: string, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** P_hash, RFC 5246 section 5. */
function expand(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const writer = new Writer();
  let a = seed;
  while (writer.length < length) {
    a = hmac(hash, secret, a);
    writer.bytes(hmac(hash, secret, a, seed));
  }
  return writer.finish().subarray(0, length);
}

/** The pseudorandom function, RFC 2246 section 5 (TLS 1.0 and 1.1) and RFC 5246 section 5. */
export function prf(
  hash: PrfHash,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = concat(Buffer.from(label, 'latin1'), seed);
  if (hash !== 'md5-sha1') return expand(hash, secret, labelled, length);
  // The halves share the middle byte where the secret has an odd number of them.
  const half = Math.ceil(secret.length / 2);
  const md5 = expand('md5', secret.subarray(0, half), labelled, length);
  const sha1 = expand('sha1', secret.subarray(secret.length - half), labelled, length);
  return md5.map((byte, i) => byte ^ (sha1[i] ?? 0));
}

/** The master secret of a premaster secret, RFC 5246 section 8.1. */
export function masterSecret(
  hash: PrfHash,
  premaster: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array {
  const seed = concat(clientRandom, serverRandom);
  return prf(hash, premaster, 'master secret', seed, MASTER_SECRET_BYTES);
}

/**
 * The same where extended_master_secret was agreed on, RFC 7627 section 4.
 *
 * @param handshakes the handshake messages from ClientHello to ClientKeyExchange, both included
 */
export function extendedMasterSecret(
  hash: PrfHash,
  premaster: Uint8Array,
  handshakes: readonly Uint8Array[],
): Uint8Array {
  const digest = (name: string): Uint8Array => {
    const sum = createHash(name);
    for (const handshake of handshakes) sum.update(handshake);
    return sum.digest();
  };
  const sessionHash = hash === 'md5-sha1' ? concat(digest('md5'), digest('sha1')) : digest(hash);
  return prf(hash, premaster, 'extended master secret', sessionHash, MASTER_SECRET_BYTES);
}

/** What one side writes with, up to TLS 1.2. */
export interface WriteKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

export interface KeyLengths {
  readonly macKey: number;
  readonly key: number;
  readonly iv: number;
}

/** The key block and how it is divided, RFC 5246 section 6.3. */
export function keyBlock(
  hash: PrfHash,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  lengths: KeyLengths,
): Readonly<Record<'client' | 'server', WriteKeys>> {
  const total = 2 * (lengths.macKey + lengths.key + lengths.iv);
  const block = prf(hash, master, 'key expansion', concat(serverRandom, clientRandom), total);
  let at = 0;
  const take = (length: number): Uint8Array => {
    at += length;
    return block.subarray(at - length, at);
  };
  const macKeys = [take(lengths.macKey), take(lengths.macKey)] as const;
  const keys = [take(lengths.key), take(lengths.key)] as const;
  const ivs = [take(lengths.iv), take(lengths.iv)] as const;
  return {
    client: { macKey: macKeys[0], key: keys[0], iv: ivs[0] },
    server: { macKey: macKeys[1], key: keys[1], iv: ivs[1] },
  };
}

/** HKDF-Expand, RFC 5869 section 2.3. */
function hkdfExpand(
  hash: HkdfHash,
  secret: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const writer = new Writer();
  let block = new Uint8Array();
  for (let counter = 1; writer.length < length; counter++) {
    block = new Uint8Array(hmac(hash, secret, block, info, Uint8Array.of(counter)));
    writer.bytes(block);
  }
  return writer.finish().subarray(0, length);
}

/** HKDF-Expand-Label with an empty context, RFC 8446 section 7.1. */
export function hkdfExpandLabel(
  hash: HkdfHash,
  secret: Uint8Array,
  label: string,
  length: number,
): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = new Writer().u16be(length).u8(name.length).bytes(name).u8(0).finish();
  return hkdfExpand(hash, secret, info, length);
}

/** Bytes of every TLS 1.3 nonce. */
const NONCE_BYTES = 12;

/** The write key and IV of a traffic secret, RFC 8446 section 7.3. */
export function trafficKeys(
  hash: HkdfHash,
  secret: Uint8Array,
  keyBytes: number,
): { readonly key: Uint8Array; readonly iv: Uint8Array } {
  return {
    key: hkdfExpandLabel(hash, secret, 'key', keyBytes),
    iv: hkdfExpandLabel(hash, secret, 'iv', NONCE_BYTES),
  };
}

/** The traffic secret after a KeyUpdate, RFC 8446 section 7.2. */
export function nextTrafficSecret(hash: HkdfHash, secret: Uint8Array): Uint8Array {
  return hkdfExpandLabel(hash, secret, 'traffic upd', secret.length);
}
