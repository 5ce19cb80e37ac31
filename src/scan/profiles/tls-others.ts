import { groups, schemes, suites, versions } from './by-name.js';
import type { TlsProfile } from './client-profile.js';
import { grounds } from './sources.js';

/**
 * OpenSSL 3.0 with the settings of FreeRDP 2: TLS 1.0 and later at security level 1. Captured of
 * FreeRDP 2.11.7 on Debian 12. At that level OpenSSL 3 offers TLS 1.0 and 1.1 and then refuses the
 * MD5 and SHA-1 of their ServerKeyExchange.
 */
export const TLS_OPENSSL_LEVEL_1: TlsProfile = {
  id: 'openssl-3.0-level-1',
  recordVersion: 0x0301,
  sessionIdBytes: 32,
  versions: versions('TLSv1.3 TLSv1.2 TLSv1.1 TLSv1.0'),
  suites: suites(`
    AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_GCM_SHA256
    ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ECDHE_RSA_WITH_AES_256_GCM_SHA384
    DHE_RSA_WITH_AES_256_GCM_SHA384 ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ECDHE_RSA_WITH_AES_128_GCM_SHA256
    DHE_RSA_WITH_AES_128_GCM_SHA256 ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
    ECDHE_RSA_WITH_AES_256_CBC_SHA384 DHE_RSA_WITH_AES_256_CBC_SHA256
    ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 ECDHE_RSA_WITH_AES_128_CBC_SHA256
    DHE_RSA_WITH_AES_128_CBC_SHA256 ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    ECDHE_RSA_WITH_AES_256_CBC_SHA DHE_RSA_WITH_AES_256_CBC_SHA
    ECDHE_ECDSA_WITH_AES_128_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA
    DHE_RSA_WITH_AES_128_CBC_SHA RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_GCM_SHA256
    RSA_WITH_AES_256_CBC_SHA256 RSA_WITH_AES_128_CBC_SHA256 RSA_WITH_AES_256_CBC_SHA
    RSA_WITH_AES_128_CBC_SHA EMPTY_RENEGOTIATION_INFO_SCSV`),
  groups: groups(`
    x25519 secp256r1 x448 secp521r1 secp384r1 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192`),
  pointFormats: [0, 1, 2],
  keyShares: groups('x25519'),
  signatureAlgorithms: schemes(`
    ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512 ed25519 ed448
    rsa_pss_pss_sha256 rsa_pss_pss_sha384 rsa_pss_pss_sha512 rsa_pss_rsae_sha256
    rsa_pss_rsae_sha384 rsa_pss_rsae_sha512 rsa_pkcs1_sha256 rsa_pkcs1_sha384 rsa_pkcs1_sha512
    ecdsa_sha224 rsa_sha224 dsa_sha224 dsa_sha256 dsa_sha384 dsa_sha512`),
  extensions: [
    'server_name',
    'ec_point_formats',
    'supported_groups',
    'session_ticket',
    'encrypt_then_mac',
    'extended_master_secret',
    'signature_algorithms',
    'supported_versions',
    'psk_key_exchange_modes',
    'key_share',
  ],
  namesAddresses: true,
  legacySignatures: 'no',
  unsure: { versions: [], suites: [], groups: [] },
  grounds: {
    versions: grounds('captured', ['freerdp2Settings'], 'captured of 2.11.7 with OpenSSL 3.0.22'),
    suites: grounds('captured', ['freerdp2Settings'], 'captured of 2.11.7 with OpenSSL 3.0.22'),
    groups: grounds('captured', ['freerdp2Settings'], 'captured of 2.11.7 with OpenSSL 3.0.22'),
    signatureAlgorithms: grounds('captured', ['freerdp2Settings'], 'the same capture'),
    extensions: grounds('captured', ['freerdp2Settings'], 'the same capture'),
  },
};

const LEVEL_2_NOTE = 'captured of OpenSSL 3.0.22 with the settings of FreeRDP 3';

/** The same with the settings of FreeRDP 3: TLS 1.2 and later at security level 2. */
export const TLS_OPENSSL_LEVEL_2: TlsProfile = {
  ...TLS_OPENSSL_LEVEL_1,
  id: 'openssl-3-level-2',
  versions: versions('TLSv1.3 TLSv1.2'),
  unsure: { versions: [], suites: [], groups: groups('X25519MLKEM768') },
  grounds: {
    versions: grounds('source-code', ['freerdp3Settings']),
    suites: grounds('captured', ['freerdp3Settings'], LEVEL_2_NOTE),
    groups: grounds(
      'captured',
      ['freerdp3Settings'],
      `${LEVEL_2_NOTE}; OpenSSL 3.5 and later put X25519MLKEM768 first, with a share of it`,
    ),
    signatureAlgorithms: grounds('captured', ['freerdp3Settings'], LEVEL_2_NOTE),
    extensions: grounds('captured', ['freerdp3Settings'], LEVEL_2_NOTE),
  },
};

const MACOS_2019 = grounds('captured', ['captureMacos']);

/** Secure Transport of macOS, as the client of 2019 used it. */
export const TLS_MACOS_2019: TlsProfile = {
  id: 'secure-transport-2019',
  recordVersion: 0x0301,
  sessionIdBytes: 0,
  versions: versions('TLSv1.2 TLSv1.1 TLSv1.0'),
  suites: suites(`
    EMPTY_RENEGOTIATION_INFO_SCSV
    ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
    ECDHE_ECDSA_WITH_AES_256_CBC_SHA ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA
    ECDHE_RSA_WITH_AES_256_GCM_SHA384 ECDHE_RSA_WITH_AES_128_GCM_SHA256
    ECDHE_RSA_WITH_AES_256_CBC_SHA384 ECDHE_RSA_WITH_AES_128_CBC_SHA256
    ECDHE_RSA_WITH_AES_256_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA
    ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
    RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_GCM_SHA256
    RSA_WITH_AES_256_CBC_SHA256 RSA_WITH_AES_128_CBC_SHA256
    RSA_WITH_AES_256_CBC_SHA RSA_WITH_AES_128_CBC_SHA RSA_WITH_3DES_EDE_CBC_SHA`),
  groups: groups('secp256r1 secp384r1 secp521r1'),
  pointFormats: [0],
  keyShares: [],
  signatureAlgorithms: schemes(`
    rsa_pkcs1_sha256 rsa_pkcs1_sha1 rsa_pkcs1_sha384 rsa_pkcs1_sha512 ecdsa_secp256r1_sha256
    ecdsa_sha1 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512`),
  extensions: [
    'server_name',
    'supported_groups',
    'ec_point_formats',
    'signature_algorithms',
    'status_request',
    'signed_certificate_timestamp',
    'extended_master_secret',
  ],
  namesAddresses: true,
  legacySignatures: 'yes',
  unsure: { versions: versions('TLSv1.1 TLSv1.0'), suites: [], groups: [] },
  grounds: {
    versions: grounds(
      'captured',
      ['captureMacos'],
      'TLS 1.2 is captured; whether older ones are taken too is not documented',
    ),
    suites: MACOS_2019,
    groups: MACOS_2019,
    signatureAlgorithms: MACOS_2019,
    extensions: MACOS_2019,
  },
};

const APP_NOTE = "not documented for today's Windows App; as captured of its predecessor in 2019";
const APP = grounds('inferred', ['captureMacos'], APP_NOTE);

/** What weak suites of 2019 a client of today may have dropped. */
const MAY_BE_GONE = suites(`
  ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA ECDHE_RSA_WITH_3DES_EDE_CBC_SHA RSA_WITH_3DES_EDE_CBC_SHA
  RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_GCM_SHA256 RSA_WITH_AES_256_CBC_SHA256
  RSA_WITH_AES_128_CBC_SHA256 RSA_WITH_AES_256_CBC_SHA RSA_WITH_AES_128_CBC_SHA
  ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  ECDHE_ECDSA_WITH_AES_256_CBC_SHA ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  ECDHE_RSA_WITH_AES_256_CBC_SHA384 ECDHE_RSA_WITH_AES_128_CBC_SHA256
  ECDHE_RSA_WITH_AES_256_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA`);

const MAY_HAVE_COME = suites('AES_256_GCM_SHA384 AES_128_GCM_SHA256 CHACHA20_POLY1305_SHA256');

/** Windows App for macOS and iOS: nothing is published, so that little can be said for certain. */
export const TLS_WINDOWS_APP_APPLE: TlsProfile = {
  ...TLS_MACOS_2019,
  id: 'windows-app-apple',
  unsure: {
    versions: versions('TLSv1.3 TLSv1.1 TLSv1.0'),
    suites: [...MAY_BE_GONE, ...MAY_HAVE_COME],
    groups: groups('x25519 X25519MLKEM768'),
  },
  grounds: {
    versions: APP,
    suites: APP,
    groups: APP,
    signatureAlgorithms: APP,
    extensions: APP,
  },
};

const RUSTLS = grounds('source-code', ['rustls']);

/** rustls 0.23 with aws-lc-rs, as IronRDP is built. It shuffles its extensions. */
export const TLS_RUSTLS: TlsProfile = {
  id: 'rustls-0.23',
  recordVersion: 0x0301,
  sessionIdBytes: 32,
  versions: versions('TLSv1.3 TLSv1.2'),
  suites: suites(`
    AES_256_GCM_SHA384 AES_128_GCM_SHA256 CHACHA20_POLY1305_SHA256
    ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 ECDHE_RSA_WITH_AES_256_GCM_SHA384
    ECDHE_RSA_WITH_AES_128_GCM_SHA256 ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    EMPTY_RENEGOTIATION_INFO_SCSV`),
  groups: groups('x25519 secp256r1 secp384r1 X25519MLKEM768'),
  pointFormats: [0],
  keyShares: groups('x25519'),
  signatureAlgorithms: schemes(`
    ecdsa_secp384r1_sha384 ecdsa_secp256r1_sha256 ecdsa_secp521r1_sha512 ed25519
    rsa_pss_rsae_sha512 rsa_pss_rsae_sha384 rsa_pss_rsae_sha256 rsa_pkcs1_sha512
    rsa_pkcs1_sha384 rsa_pkcs1_sha256`),
  extensions: [
    'server_name',
    'status_request',
    'supported_groups',
    'ec_point_formats',
    'signature_algorithms',
    'extended_master_secret',
    'supported_versions',
    'psk_key_exchange_modes',
    'key_share',
  ],
  namesAddresses: false,
  legacySignatures: 'no',
  unsure: { versions: [], suites: [], groups: [] },
  grounds: {
    versions: grounds('source-code', ['rustls', 'ironrdpTls']),
    suites: RUSTLS,
    groups: grounds(
      'source-code',
      ['rustls'],
      'X25519MLKEM768 comes last, or first and with a share where the build prefers it',
    ),
    signatureAlgorithms: RUSTLS,
    extensions: grounds('source-code', ['rustls'], 'the order is shuffled each time'),
  },
};
