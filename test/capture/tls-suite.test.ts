import t from 'tap';
import { type SuiteParameters, suiteParameters } from '../../src/capture/tls-suite.js';
import { cipherSuite } from '../../src/wire/tls-names.js';

function line(parameters: SuiteParameters | null): string | null {
  if (parameters === null) return null;
  const { keyExchange, cipher, mac, prf } = parameters;
  const tag = cipher.kind === 'aead' ? ` tag ${cipher.tagBytes} iv ${cipher.fixedIvBytes}` : '';
  return `${keyExchange} ${cipher.kind} ${cipher.algorithm} ${cipher.keyBytes}${tag} ${mac} ${prf}`;
}

/** RFC 5246 appendix C, RFC 5288, RFC 5289, RFC 6655, RFC 7905 and RFC 8446 appendix B.4. */
const SUITES: readonly (readonly [number: number, name: string, says: string | null])[] = [
  [0x0002, 'TLS_RSA_WITH_NULL_SHA', 'RSA stream NULL 0 sha1 sha256'],
  [0x003b, 'TLS_RSA_WITH_NULL_SHA256', 'RSA stream NULL 0 sha256 sha256'],
  [0x0004, 'TLS_RSA_WITH_RC4_128_MD5', 'RSA stream RC4 16 md5 sha256'],
  [0x0005, 'TLS_RSA_WITH_RC4_128_SHA', 'RSA stream RC4 16 sha1 sha256'],
  [0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'RSA block des-ede3-cbc 24 sha1 sha256'],
  [0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA', 'RSA block aes-128-cbc 16 sha1 sha256'],
  [0x003d, 'TLS_RSA_WITH_AES_256_CBC_SHA256', 'RSA block aes-256-cbc 32 sha256 sha256'],
  [0xc028, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE_RSA block aes-256-cbc 32 sha384 sha384'],
  [0x009c, 'TLS_RSA_WITH_AES_128_GCM_SHA256', 'RSA aead aes-128-gcm 16 tag 16 iv 4 null sha256'],
  [
    0xc030,
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'ECDHE_RSA aead aes-256-gcm 32 tag 16 iv 4 null sha384',
  ],
  [0xc0a3, 'TLS_DHE_RSA_WITH_AES_256_CCM_8', 'DHE_RSA aead aes-256-ccm 32 tag 8 iv 4 null sha256'],
  [
    0xcca9,
    'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    'ECDHE_ECDSA aead chacha20-poly1305 32 tag 16 iv 12 null sha256',
  ],
  [0x1301, 'TLS_AES_128_GCM_SHA256', 'null aead aes-128-gcm 16 tag 16 iv 4 null sha256'],
  [0x1302, 'TLS_AES_256_GCM_SHA384', 'null aead aes-256-gcm 32 tag 16 iv 4 null sha384'],
  [0x1305, 'TLS_AES_128_CCM_8_SHA256', 'null aead aes-128-ccm 16 tag 8 iv 4 null sha256'],
  [0x0000, 'TLS_NULL_WITH_NULL_NULL', null],
  [0x0003, 'TLS_RSA_EXPORT_WITH_RC4_40_MD5', null],
  [0x0009, 'TLS_RSA_WITH_DES_CBC_SHA', null],
  [0x0041, 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA', null],
  [0x00ff, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV', null],
  [0x5600, 'TLS_FALLBACK_SCSV', null],
];

t.test('what a cipher suite means', (t) => {
  for (const [number, name, says] of SUITES) {
    const suite = cipherSuite(number);
    t.equal(suite.name, name);
    t.equal(line(suiteParameters(suite)), says, name);
  }
  t.equal(suiteParameters(cipherSuite(0xfffd)), null, 'a number without a name');
  t.end();
});

t.test('every suite that RDP servers are known to choose is decrypted', (t) => {
  for (let number = 0; number < 0x10000; number++) {
    const suite = cipherSuite(number);
    const name = suite.name ?? '';
    if (!/^TLS_(RSA|DHE_RSA|ECDHE_RSA|ECDHE_ECDSA)_WITH_(AES|3DES|RC4|CHACHA|NULL)/.test(name)) {
      continue;
    }
    t.not(suiteParameters(suite), null, name);
  }
  t.end();
});
