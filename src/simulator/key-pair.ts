import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** What kind of key a certificate is for. */
export type KeyKind =
  | { readonly type: 'RSA'; readonly bits: number }
  /** `curve`: OpenSSL's name of it */
  | { readonly type: 'EC'; readonly curve: string };

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const made = new Map<string, Promise<KeyPair>>();

/** Made once in a process and kind, because that takes a noticeable time. */
export function keyPair(kind: KeyKind): Promise<KeyPair> {
  const name = JSON.stringify(kind);
  const found = made.get(name) ?? generate(kind);
  made.set(name, found);
  return found;
}

function generate(kind: KeyKind): Promise<KeyPair> {
  switch (kind.type) {
    case 'RSA':
      return promisify(generateKeyPair)('rsa', { modulusLength: kind.bits });
    case 'EC':
      return promisify(generateKeyPair)('ec', { namedCurve: kind.curve });
  }
}
