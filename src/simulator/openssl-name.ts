import { getCiphers } from 'node:tls';

/*
 * OpenSSL's own names of what IANA names otherwise. Its names of cipher suites up to TLS 1.2 follow
 * from IANA's; those of TLS 1.3 are the same.
 */

const KEY_EXCHANGES: Readonly<Record<string, string>> = {
  RSA: '',
  ECDHE_RSA: 'ECDHE-RSA-',
  ECDHE_ECDSA: 'ECDHE-ECDSA-',
  DHE_RSA: 'DHE-RSA-',
};

/** @returns null: this Node cannot do that suite */
export function opensslCipher(name: string): string | null {
  const [, keyExchange = '', rest = ''] = /^TLS_(.+)_WITH_(.+)$/.exec(name) ?? [];
  const before = KEY_EXCHANGES[keyExchange];
  if (rest !== '' && before === undefined) return null;
  const translated =
    rest === ''
      ? name
      : (before ?? '') +
        rest
          .replace('3DES_EDE_CBC', 'DES-CBC3')
          .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20-POLY1305')
          .replace(/^(AES|CAMELLIA)_(\d+)/, '$1$2')
          .replace('_CBC', '')
          .replaceAll('_', '-');
  return getCiphers().includes(translated.toLowerCase()) ? translated : null;
}

const GROUPS: Readonly<Record<string, string>> = {
  x25519: 'X25519',
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/** The groups that a server takes, this one first; null: OpenSSL's own choice. */
export function opensslGroups(preferred: string | null): string | null {
  const first = preferred === null ? undefined : GROUPS[preferred];
  if (first === undefined) return null;
  return [first, ...Object.values(GROUPS).filter((name) => name !== first)].join(':');
}
