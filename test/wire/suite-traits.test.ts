import t from 'tap';
import { isWeakSuite, type SuiteTrait, suiteTraits } from '../../src/wire/suite-traits.js';
import { cipherSuite } from '../../src/wire/tls-names.js';

const ROWS: readonly (readonly [suite: number, traits: readonly SuiteTrait[], weak: boolean])[] = [
  // TLS_AES_128_GCM_SHA256
  [0x1301, [], false],
  // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
  [0xc030, [], false],
  // TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  [0xccaa, [], false],
  // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
  [0xc013, ['cbc', 'sha1-mac'], false],
  // TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384: its MAC is not SHA-1
  [0xc028, ['cbc'], false],
  // TLS_RSA_WITH_AES_128_GCM_SHA256
  [0x009c, ['no-forward-secrecy'], false],
  // TLS_RSA_WITH_AES_128_CBC_SHA
  [0x002f, ['cbc', 'sha1-mac', 'no-forward-secrecy'], false],
  // TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256: the curve is that of the certificate
  [0xc031, ['no-forward-secrecy'], false],
  // TLS_RSA_WITH_3DES_EDE_CBC_SHA
  [0x000a, ['3des', 'cbc', 'sha1-mac', 'no-forward-secrecy'], true],
  // TLS_RSA_WITH_RC4_128_MD5
  [0x0004, ['rc4', 'md5-mac', 'no-forward-secrecy'], true],
  // TLS_ECDHE_RSA_WITH_RC4_128_SHA
  [0xc011, ['rc4', 'sha1-mac'], true],
  // TLS_RSA_EXPORT_WITH_DES40_CBC_SHA
  [0x0008, ['export', 'des', 'cbc', 'sha1-mac', 'no-forward-secrecy'], true],
  // TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5
  [0x0006, ['export', 'rc2', 'cbc', 'md5-mac', 'no-forward-secrecy'], true],
  // TLS_RSA_EXPORT1024_WITH_RC4_56_SHA
  [0x0064, ['export', 'rc4', 'sha1-mac', 'no-forward-secrecy'], true],
  // TLS_RSA_WITH_DES_CBC_SHA
  [0x0009, ['des', 'cbc', 'sha1-mac', 'no-forward-secrecy'], true],
  // TLS_RSA_WITH_IDEA_CBC_SHA
  [0x0007, ['idea', 'cbc', 'sha1-mac', 'no-forward-secrecy'], true],
  // TLS_RSA_WITH_NULL_SHA256
  [0x003b, ['null', 'no-forward-secrecy'], true],
  // TLS_DH_anon_WITH_AES_128_GCM_SHA256
  [0x00a6, ['anon'], true],
  // TLS_ECDH_anon_WITH_NULL_SHA
  [0xc015, ['null', 'anon', 'sha1-mac'], true],
  // no name
  [0xeeee, [], false],
];

t.test('what is to be known of a suite', (t) => {
  for (const [value, traits, weak] of ROWS) {
    const suite = cipherSuite(value);
    t.strictSame(suiteTraits(suite), traits, suite.name ?? 'no name');
    t.equal(isWeakSuite(suite), weak, `${suite.name ?? 'no name'} ${weak ? 'is' : 'is not'} weak`);
  }
  t.end();
});
