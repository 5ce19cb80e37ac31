import t from 'tap';
import type { NameTable } from '../../src/wire/open-set.js';
import { CIPHER_SUITES } from '../../src/wire/tls-cipher-suites.js';
import * as names from '../../src/wire/tls-names.js';

t.test('versions', (t) => {
  t.equal(names.tlsVersionName(0x0300), 'SSLv3');
  t.equal(names.tlsVersionName(0x0301), 'TLSv1.0');
  t.equal(names.tlsVersionName(0x0302), 'TLSv1.1');
  t.equal(names.tlsVersionName(0x0303), 'TLSv1.2');
  t.equal(names.tlsVersionName(0x0304), 'TLSv1.3');
  t.equal(names.tlsVersionName(0x0305), null);
  t.end();
});

t.test('GREASE, RFC 8701 section 2', (t) => {
  const values = Array.from({ length: 65536 }, (_, value) => value).filter(names.isGrease);
  t.same(
    values.map((value) => value.toString(16)).join(' '),
    'a0a 1a1a 2a2a 3a3a 4a4a 5a5a 6a6a 7a7a 8a8a 9a9a aaaa baba caca dada eaea fafa',
  );
  for (const value of values) {
    t.equal(names.tlsVersion(value).name, 'GREASE');
    t.equal(names.cipherSuite(value).name, 'GREASE');
    t.equal(names.namedGroup(value).name, 'GREASE');
    t.equal(names.signatureScheme(value).name, 'GREASE');
    t.equal(names.extensionType(value).name, 'GREASE');
  }
  t.end();
});

t.test('a name stands for one number only', (t) => {
  const tables: Readonly<Record<string, NameTable>> = {
    CIPHER_SUITES,
    contentTypes: names.CONTENT_TYPES,
    handshakeTypes: names.HANDSHAKE_TYPES,
    extensionTypes: names.EXTENSION_TYPES,
    alertDescriptions: names.ALERT_DESCRIPTIONS,
    namedGroups: names.NAMED_GROUPS,
    signatureSchemes: names.SIGNATURE_SCHEMES,
  };
  for (const [table, entries] of Object.entries(tables)) {
    const all = Object.values(entries).filter((name) => name !== 'GREASE');
    t.equal(new Set(all).size, all.length, table);
  }
  t.end();
});

t.test('names that the diagnosis depends on', (t) => {
  const rows: readonly (readonly [{ readonly name: string | null }, string | null])[] = [
    [names.contentType(22), 'handshake'],
    [names.contentType(25), null],
    [names.handshakeType(11), 'certificate'],
    [names.alertLevel(2), 'fatal'],
    [names.alertDescription(40), 'handshake_failure'],
    [names.alertDescription(49), 'access_denied'],
    [names.alertDescription(70), 'protocol_version'],
    [names.alertDescription(80), 'internal_error'],
    [names.alertDescription(86), 'inappropriate_fallback'],
    [names.cipherSuite(0x000a), 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'],
    [names.cipherSuite(0x0003), 'TLS_RSA_EXPORT_WITH_RC4_40_MD5'],
    [names.cipherSuite(0x00ff), 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
    [names.cipherSuite(0x5600), 'TLS_FALLBACK_SCSV'],
    [names.cipherSuite(0xc030), 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
    [names.cipherSuite(0xcca8), 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'],
    [names.namedGroup(4587), 'SecP256r1MLKEM768'],
    [names.namedGroup(4588), 'X25519MLKEM768'],
    [names.namedGroup(4589), 'SecP384r1MLKEM1024'],
    [names.namedGroup(256), 'ffdhe2048'],
    [names.signatureScheme(0x0804), 'rsa_pss_rsae_sha256'],
    [names.signatureScheme(0x0202), 'dsa_sha1'],
    [names.signatureScheme(0xefef), null],
    [names.extensionType(23), 'extended_master_secret'],
    [names.extensionType(0xfe0d), 'encrypted_client_hello'],
    [names.ecPointFormat(0), 'uncompressed'],
  ];
  for (const [{ name }, expected] of rows) t.equal(name, expected);
  t.end();
});
