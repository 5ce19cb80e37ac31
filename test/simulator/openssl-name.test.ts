import { getCiphers } from 'node:tls';
import t from 'tap';
import { opensslCipher, opensslGroups } from '../../src/simulator/openssl-name.js';
import { CIPHER_SUITES } from '../../src/wire/tls-cipher-suites.js';

t.test('cipher suites by the names of OpenSSL', (t) => {
  const names: readonly (readonly [iana: string, openssl: string | null])[] = [
    ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
    ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ECDHE-ECDSA-AES128-SHA256'],
    ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA'],
    ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'DHE-RSA-AES128-GCM-SHA256'],
    ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
    ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
    ['TLS_RSA_WITH_RC4_128_SHA', null],
    ['TLS_DH_anon_WITH_AES_128_CBC_SHA', null],
    ['0xfafa', null],
  ];
  for (const [iana, openssl] of names) t.equal(opensslCipher(iana), openssl, iana);
  t.end();
});

t.test('every suite with RSA or ECDSA that this Node has is found', (t) => {
  const found = new Set(
    Object.values(CIPHER_SUITES).map((name) => opensslCipher(name)?.toLowerCase()),
  );
  const missing = getCiphers().filter(
    (name) => !/psk|srp|^adh|^aecdh|dss/.test(name) && !found.has(name),
  );
  t.strictSame(missing, []);
  t.end();
});

t.test('groups, the recorded one first', (t) => {
  t.equal(opensslGroups('secp256r1'), 'P-256:X25519:P-384:P-521');
  t.equal(opensslGroups('ffdhe2048'), null);
  t.equal(opensslGroups(null), null);
  t.end();
});
