import { groups, schemes, suites, versions } from './by-name.js';
import type { TlsProfile } from './client-profile.js';
import { grounds } from './sources.js';

/** Schannel leaves these out where the program asks for strong cryptography. */
const RC4 = suites('RSA_WITH_RC4_128_SHA RSA_WITH_RC4_128_MD5');

/** Schannel of the time had it enabled for clients. */
const SSL_3 = versions('SSLv3');
const SSL_3_NOTE = 'Schannel had SSL 3.0 enabled as well; whether mstsc takes it is not documented';

const NOTHING_UNSURE = { versions: [], suites: [], groups: [] };

const SCHANNEL = {
  recordVersion: 0x0303,
  sessionIdBytes: 0,
  pointFormats: [0],
  namesAddresses: false,
  legacySignatures: 'yes',
} as const;

/** TLS 1.2 as the capture of Schannel of Windows 10 1607 shows them, with the name that it lacks. */
const EXTENSIONS_12 = [
  'server_name',
  'supported_groups',
  'ec_point_formats',
  'signature_algorithms',
  'session_ticket',
  'extended_master_secret',
  'renegotiation_info',
] as const;

const EXTENSIONS_13 = [
  'server_name',
  'supported_groups',
  'ec_point_formats',
  'signature_algorithms',
  'session_ticket',
  'extended_master_secret',
  'supported_versions',
  'psk_key_exchange_modes',
  'key_share',
  'renegotiation_info',
] as const;

/** As captured of Windows 10 1607; no captured hello of an older Windows with TLS 1.2 is at hand. */
const SCHEMES_1607 = schemes(`
  rsa_pkcs1_sha256 rsa_pkcs1_sha384 rsa_pkcs1_sha1 ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384
  ecdsa_sha1 dsa_sha1 rsa_pkcs1_sha512 ecdsa_secp521r1_sha512`);

/** RSA-PSS before them: TLS 1.3 requires it, and newer Windows offers it in TLS 1.2 too. */
const SCHEMES_PSS = [
  ...schemes('rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512'),
  ...SCHEMES_1607,
];

const EXTENSIONS_GROUNDS = grounds(
  'inferred',
  ['captureSchannel1607'],
  'order and kind as captured of Schannel of 1607, with server_name as Windows 7 sends it',
);

/** mstsc as it came with Windows 7 and Server 2008 R2: TLS 1.0, all of it captured. */
export const TLS_WINDOWS_7: TlsProfile = {
  ...SCHANNEL,
  id: 'schannel-7',
  recordVersion: 0x0301,
  versions: versions('TLSv1.0'),
  suites: suites(`
    RSA_WITH_AES_128_CBC_SHA RSA_WITH_AES_256_CBC_SHA RSA_WITH_RC4_128_SHA
    RSA_WITH_3DES_EDE_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA ECDHE_RSA_WITH_AES_256_CBC_SHA
    ECDHE_ECDSA_WITH_AES_128_CBC_SHA ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    DHE_DSS_WITH_AES_128_CBC_SHA DHE_DSS_WITH_AES_256_CBC_SHA DHE_DSS_WITH_3DES_EDE_CBC_SHA
    RSA_WITH_RC4_128_MD5`),
  groups: groups('secp256r1 secp384r1'),
  keyShares: [],
  signatureAlgorithms: [],
  extensions: ['server_name', 'status_request', 'supported_groups', 'ec_point_formats'],
  namesAddresses: true,
  unsure: { ...NOTHING_UNSURE, versions: SSL_3 },
  grounds: {
    versions: grounds('documented', ['protocols', 'kb3097192', 'captureWindows7'], SSL_3_NOTE),
    suites: grounds('captured', ['captureWindows7']),
    groups: grounds('captured', ['captureWindows7']),
    signatureAlgorithms: grounds('captured', ['captureWindows7'], 'TLS 1.0 has none'),
    extensions: grounds('captured', ['captureWindows7']),
  },
};

/** The order of Windows 7 and 8.1 with its updates; the suffixes _P256 and _P384 are its curves. */
const SUITES_81 = suites(`
  ECDHE_RSA_WITH_AES_256_CBC_SHA384 ECDHE_RSA_WITH_AES_128_CBC_SHA256
  ECDHE_RSA_WITH_AES_256_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA
  DHE_RSA_WITH_AES_256_GCM_SHA384 DHE_RSA_WITH_AES_128_GCM_SHA256
  DHE_RSA_WITH_AES_256_CBC_SHA DHE_RSA_WITH_AES_128_CBC_SHA
  RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_GCM_SHA256
  RSA_WITH_AES_256_CBC_SHA256 RSA_WITH_AES_128_CBC_SHA256
  RSA_WITH_AES_256_CBC_SHA RSA_WITH_AES_128_CBC_SHA
  ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  ECDHE_ECDSA_WITH_AES_256_CBC_SHA ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  DHE_DSS_WITH_AES_256_CBC_SHA256 DHE_DSS_WITH_AES_128_CBC_SHA256
  DHE_DSS_WITH_AES_256_CBC_SHA DHE_DSS_WITH_AES_128_CBC_SHA
  RSA_WITH_3DES_EDE_CBC_SHA DHE_DSS_WITH_3DES_EDE_CBC_SHA
  RSA_WITH_RC4_128_SHA RSA_WITH_RC4_128_MD5`);

const RC4_NOTE =
  'RC4 is in the table, but Schannel leaves it out where the program asks for strong cryptography';

/** mstsc of Windows 7 and Server 2008 R2 with RDC 8.0 or later and KB3080079. */
export const TLS_WINDOWS_7_UPDATED: TlsProfile = {
  ...SCHANNEL,
  id: 'schannel-7-updated',
  versions: versions('TLSv1.2 TLSv1.1 TLSv1.0'),
  suites: SUITES_81,
  groups: groups('secp256r1 secp384r1'),
  keyShares: [],
  signatureAlgorithms: SCHEMES_1607,
  extensions: EXTENSIONS_12,
  namesAddresses: true,
  unsure: { ...NOTHING_UNSURE, versions: SSL_3, suites: RC4 },
  grounds: {
    versions: grounds('documented', ['kb3097192', 'kb3080079'], SSL_3_NOTE),
    suites: grounds('documented', ['suitesWindows7'], RC4_NOTE),
    groups: grounds('documented', ['suitesWindows7'], 'by the suffixes of the suites'),
    signatureAlgorithms: grounds('inferred', ['captureSchannel1607'], 'as captured of 1607'),
    extensions: EXTENSIONS_GROUNDS,
  },
};

/** Windows 8.1 and Server 2012 R2. */
export const TLS_WINDOWS_81: TlsProfile = {
  ...TLS_WINDOWS_7_UPDATED,
  id: 'schannel-8.1',
  namesAddresses: false,
  grounds: {
    ...TLS_WINDOWS_7_UPDATED.grounds,
    versions: grounds('documented', ['protocols'], SSL_3_NOTE),
    suites: grounds('documented', ['suitesWindows81'], RC4_NOTE),
    groups: grounds('documented', ['suitesWindows81'], 'by the suffixes of the suites'),
  },
};

/** Windows 10 1607 and Server 2016; the captured hello of this Schannel has these without RC4. */
export const TLS_WINDOWS_1607: TlsProfile = {
  ...SCHANNEL,
  id: 'schannel-1607',
  versions: versions('TLSv1.2 TLSv1.1 TLSv1.0'),
  suites: suites(`
    ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    ECDHE_RSA_WITH_AES_256_GCM_SHA384 ECDHE_RSA_WITH_AES_128_GCM_SHA256
    DHE_RSA_WITH_AES_256_GCM_SHA384 DHE_RSA_WITH_AES_128_GCM_SHA256
    ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
    ECDHE_RSA_WITH_AES_256_CBC_SHA384 ECDHE_RSA_WITH_AES_128_CBC_SHA256
    ECDHE_ECDSA_WITH_AES_256_CBC_SHA ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    ECDHE_RSA_WITH_AES_256_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA
    DHE_RSA_WITH_AES_256_CBC_SHA DHE_RSA_WITH_AES_128_CBC_SHA
    RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_GCM_SHA256
    RSA_WITH_AES_256_CBC_SHA256 RSA_WITH_AES_128_CBC_SHA256
    RSA_WITH_AES_256_CBC_SHA RSA_WITH_AES_128_CBC_SHA RSA_WITH_3DES_EDE_CBC_SHA
    DHE_DSS_WITH_AES_256_CBC_SHA256 DHE_DSS_WITH_AES_128_CBC_SHA256
    DHE_DSS_WITH_AES_256_CBC_SHA DHE_DSS_WITH_AES_128_CBC_SHA DHE_DSS_WITH_3DES_EDE_CBC_SHA`),
  groups: groups('x25519 secp256r1 secp384r1'),
  keyShares: [],
  signatureAlgorithms: SCHEMES_1607,
  extensions: EXTENSIONS_12,
  unsure: { ...NOTHING_UNSURE, suites: RC4 },
  grounds: {
    versions: grounds('documented', ['protocols']),
    suites: grounds(
      'documented',
      ['suites1607', 'captureSchannel1607'],
      'the table has RC4 too; the capture, which is not known to be of mstsc, has it not',
    ),
    groups: grounds('documented', ['curves1607', 'captureSchannel1607']),
    signatureAlgorithms: grounds('captured', ['captureSchannel1607'], 'of Schannel, not of mstsc'),
    extensions: EXTENSIONS_GROUNDS,
  },
};

/** What Windows 10 22H2, and 11 22H2 and later below TLS 1.3, have in common. */
const MODERN = `
  ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  ECDHE_RSA_WITH_AES_256_GCM_SHA384 ECDHE_RSA_WITH_AES_128_GCM_SHA256`;

const MODERN_CBC = `
  ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  ECDHE_RSA_WITH_AES_256_CBC_SHA384 ECDHE_RSA_WITH_AES_128_CBC_SHA256
  ECDHE_ECDSA_WITH_AES_256_CBC_SHA ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  ECDHE_RSA_WITH_AES_256_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA
  RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_GCM_SHA256
  RSA_WITH_AES_256_CBC_SHA256 RSA_WITH_AES_128_CBC_SHA256
  RSA_WITH_AES_256_CBC_SHA RSA_WITH_AES_128_CBC_SHA`;

const DHE_GCM = 'DHE_RSA_WITH_AES_256_GCM_SHA384 DHE_RSA_WITH_AES_128_GCM_SHA256';
const TRIPLE_DES = 'RSA_WITH_3DES_EDE_CBC_SHA';
const MODERN_13 = 'AES_256_GCM_SHA384 AES_128_GCM_SHA256';

const PSS_GROUNDS = grounds(
  'inferred',
  ['captureSchannel1607'],
  'as captured of 1607, with the RSA-PSS schemes before them',
);

/** Windows 10 1809 and Server 2019. */
export const TLS_WINDOWS_1809: TlsProfile = {
  ...TLS_WINDOWS_1607,
  id: 'schannel-1809',
  suites: suites(`${MODERN} ${DHE_GCM} ${MODERN_CBC} ${TRIPLE_DES}`),
  signatureAlgorithms: SCHEMES_PSS,
  unsure: NOTHING_UNSURE,
  grounds: {
    ...TLS_WINDOWS_1607.grounds,
    suites: grounds('documented', ['suites1809']),
    groups: grounds('documented', ['curves1607']),
    signatureAlgorithms: PSS_GROUNDS,
  },
};

export const TLS_WINDOWS_10_22H2: TlsProfile = {
  ...TLS_WINDOWS_1809,
  id: 'schannel-10-22h2',
  suites: suites(`${MODERN} ${MODERN_CBC}`),
  grounds: { ...TLS_WINDOWS_1809.grounds, suites: grounds('documented', ['suites10v22H2']) },
};

/** Windows 11 22H2 and later: Schannel speaks TLS 1.3, of mstsc itself no document says so. */
export const TLS_WINDOWS_11: TlsProfile = {
  ...TLS_WINDOWS_10_22H2,
  id: 'schannel-11',
  sessionIdBytes: 32,
  versions: versions('TLSv1.3 TLSv1.2 TLSv1.1 TLSv1.0'),
  suites: suites(`${MODERN_13} ${MODERN} ${MODERN_CBC}`),
  keyShares: groups('x25519'),
  extensions: EXTENSIONS_13,
  unsure: { ...NOTHING_UNSURE, versions: versions('TLSv1.3') },
  grounds: {
    ...TLS_WINDOWS_10_22H2.grounds,
    versions: grounds(
      'documented',
      ['protocols', 'externalProtocols'],
      'TLS 1.3 is documented of Schannel and of RDP, not of this client: no verdict rests on it',
    ),
    suites: grounds('documented', ['suites11v22H2']),
    extensions: grounds('inferred', ['captureSchannel1607'], 'as of 1607, with those of TLS 1.3'),
  },
};

/** Windows 11 24H2: groups with ML-KEM can be switched on, and are off by default. */
export const TLS_WINDOWS_11_24H2: TlsProfile = {
  ...TLS_WINDOWS_11,
  grounds: {
    ...TLS_WINDOWS_11.grounds,
    groups: grounds('documented', ['groups24H2'], 'groups with ML-KEM exist, off by default'),
  },
};

export const TLS_SERVER_2022: TlsProfile = {
  ...TLS_WINDOWS_11,
  id: 'schannel-2022',
  suites: suites(`${MODERN_13} ${MODERN} ${DHE_GCM} ${MODERN_CBC} ${TRIPLE_DES}`),
  grounds: { ...TLS_WINDOWS_11.grounds, suites: grounds('documented', ['suites2022']) },
};

export const TLS_SERVER_2025: TlsProfile = {
  ...TLS_WINDOWS_11_24H2,
  grounds: { ...TLS_WINDOWS_11_24H2.grounds, suites: grounds('documented', ['suites2025']) },
};
