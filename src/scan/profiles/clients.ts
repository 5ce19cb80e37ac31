import type { ClientProfile, CredSspProfile, NegotiationProfile } from './client-profile.js';
import { grounds } from './sources.js';
import {
  TLS_MACOS_2019,
  TLS_OPENSSL_LEVEL_1,
  TLS_OPENSSL_LEVEL_2,
  TLS_RUSTLS,
  TLS_WINDOWS_APP_APPLE,
} from './tls-others.js';
import {
  TLS_SERVER_2022,
  TLS_SERVER_2025,
  TLS_WINDOWS_7,
  TLS_WINDOWS_7_UPDATED,
  TLS_WINDOWS_10_22H2,
  TLS_WINDOWS_11,
  TLS_WINDOWS_11_24H2,
  TLS_WINDOWS_81,
  TLS_WINDOWS_1607,
  TLS_WINDOWS_1809,
} from './tls-windows.js';

const SSL_HYBRID = 0x03;
const SSL_HYBRID_EX = 0x0b;

/** mstsc falls back once, as captured: after failure 2 it offers standard RDP security. */
const MSTSC_FALLBACK = grounds(
  'captured',
  ['captureFallback'],
  'captured after SSL_NOT_ALLOWED_BY_SERVER; what it does after other codes is not documented',
);

const MSTSC_7: NegotiationProfile = {
  protocols: SSL_HYBRID,
  flags: 0,
  cookie: 'mstshash-9',
  fallback: 'only-standard-rdp',
  standardRdp: 'yes',
  grounds: { request: grounds('captured', ['captureWindows7']), fallback: MSTSC_FALLBACK },
};

/** RDC 8.0 and later know HYBRID_EX; the protocol is newer than Windows 7 itself. */
const MSTSC_RDC_8: NegotiationProfile = {
  ...MSTSC_7,
  protocols: SSL_HYBRID_EX,
  grounds: {
    request: grounds('inferred', ['mstscRequest'], 'as newer mstsc, whose client code RDC 8 has'),
    fallback: MSTSC_FALLBACK,
  },
};

const MSTSC_81: NegotiationProfile = {
  ...MSTSC_RDC_8,
  grounds: {
    request: grounds('inferred', ['mstscRequest'], 'as captured of Windows 10 and 11'),
    fallback: MSTSC_FALLBACK,
  },
};

const MSTSC_10: NegotiationProfile = {
  ...MSTSC_81,
  grounds: {
    request: grounds('captured', ['mstscRequest', 'mstscCookie']),
    fallback: MSTSC_FALLBACK,
  },
};

const MSTSC_11: NegotiationProfile = {
  ...MSTSC_81,
  grounds: {
    request: grounds('captured', ['mstscRequest11', 'mstscRequest']),
    fallback: MSTSC_FALLBACK,
  },
};

const APPLE: NegotiationProfile = {
  protocols: SSL_HYBRID_EX,
  flags: 0,
  cookie: 'none',
  fallback: 'unknown',
  standardRdp: 'unsure',
  grounds: {
    request: grounds('captured', ['captureMacos']),
    fallback: grounds('inferred', ['captureMacos'], 'nothing is known of a second attempt'),
  },
};

const APPLE_TODAY: NegotiationProfile = {
  ...APPLE,
  grounds: {
    request: grounds('inferred', ['captureMacos'], 'as captured of its predecessor in 2019'),
    fallback: APPLE.grounds.fallback,
  },
};

const FREERDP_2: NegotiationProfile = {
  protocols: SSL_HYBRID,
  flags: 0,
  cookie: 'mstshash-user',
  fallback: 'step-down',
  standardRdp: 'yes',
  grounds: {
    request: grounds('captured', ['freerdp2Settings'], 'captured of 2.11.7'),
    fallback: grounds('source-code', ['freerdp2Negotiation']),
  },
};

const FREERDP_3: NegotiationProfile = {
  ...FREERDP_2,
  fallback: 'step-down-by-code',
  grounds: {
    request: grounds('source-code', ['freerdp3Settings']),
    fallback: grounds(
      'source-code',
      ['freerdp3Negotiation'],
      'of 3.20 and 3.30; 3.10 still steps down as FreeRDP 2 does',
    ),
  },
};

const GUACAMOLE: NegotiationProfile = {
  ...FREERDP_2,
  grounds: {
    request: grounds('source-code', ['guacamole', 'freerdp2Settings'], 'security mode "any"'),
    fallback: FREERDP_2.grounds.fallback,
  },
};

const REMMINA: NegotiationProfile = {
  ...FREERDP_3,
  grounds: {
    request: grounds('source-code', ['remmina', 'freerdp3Settings'], 'security "automatic"'),
    fallback: FREERDP_3.grounds.fallback,
  },
};

const IRONRDP: NegotiationProfile = {
  protocols: SSL_HYBRID_EX,
  flags: 0,
  cookie: 'mstshash-user',
  fallback: 'none',
  standardRdp: 'no',
  grounds: {
    request: grounds('source-code', ['ironrdp']),
    fallback: grounds('source-code', ['ironrdp'], 'takes only a protocol that it offered'),
  },
};

/** Windows 7 before the updates of 2018. */
const CREDSSP_2: CredSspProfile = {
  version: 2,
  refusesUnpatched: 'no',
  updated: 'no',
  grounds: grounds('documented', ['kb4093492', 'credsspVersions', 'oracleMatrix']),
};

/** Windows with the updates of May 2018, by the policy's default: Mitigated. */
const CREDSSP_5: CredSspProfile = {
  version: 5,
  refusesUnpatched: 'yes',
  updated: 'yes',
  grounds: grounds(
    'documented',
    ['kb4093492', 'credsspVersions', 'oracleMatrix'],
    'policy Mitigated, the default',
  ),
};

const CREDSSP_6: CredSspProfile = { ...CREDSSP_5, version: 6 };

const CREDSSP_APPLE: CredSspProfile = {
  version: 6,
  refusesUnpatched: 'unsure',
  updated: 'unsure',
  grounds: grounds('inferred', ['kb4093492'], 'nothing is published of these clients'),
};

/** Takes every version of a server. */
const CREDSSP_FREERDP: CredSspProfile = {
  version: 6,
  refusesUnpatched: 'no',
  updated: 'yes',
  grounds: grounds('source-code', ['freerdpNla']),
};

const CREDSSP_IRONRDP: CredSspProfile = {
  version: 6,
  refusesUnpatched: 'no',
  updated: 'yes',
  grounds: grounds('source-code', ['ironrdp'], 'with sspi-rs'),
};

function mstsc(
  id: string,
  title: string,
  tls: ClientProfile['tls'],
  negotiation: NegotiationProfile,
  credssp: CredSspProfile = CREDSSP_6,
): ClientProfile {
  return { id, title: `mstsc of ${title}`, tls, negotiation, credssp };
}

/** Every client that is known, oldest first; Windows with its updates unless it says otherwise. */
export const CLIENT_PROFILES: readonly ClientProfile[] = [
  mstsc('win7', 'Windows 7 as shipped', TLS_WINDOWS_7, MSTSC_7, CREDSSP_2),
  mstsc('win7-updated', 'Windows 7 updated', TLS_WINDOWS_7_UPDATED, MSTSC_RDC_8, CREDSSP_5),
  mstsc('win8.1', 'Windows 8.1', TLS_WINDOWS_81, MSTSC_81),
  mstsc('win10-1607', 'Windows 10 1607', TLS_WINDOWS_1607, MSTSC_10),
  mstsc('win10-1809', 'Windows 10 1809', TLS_WINDOWS_1809, MSTSC_10),
  mstsc('win10-22h2', 'Windows 10 22H2', TLS_WINDOWS_10_22H2, MSTSC_10),
  mstsc('win11-22h2', 'Windows 11 22H2', TLS_WINDOWS_11, MSTSC_11),
  mstsc('win11-24h2', 'Windows 11 24H2', TLS_WINDOWS_11_24H2, MSTSC_11),
  mstsc('server-2008r2', 'Server 2008 R2 as shipped', TLS_WINDOWS_7, MSTSC_7, CREDSSP_2),
  mstsc('server-2012r2', 'Server 2012 R2', TLS_WINDOWS_81, MSTSC_81),
  mstsc('server-2016', 'Server 2016', TLS_WINDOWS_1607, MSTSC_10),
  mstsc('server-2019', 'Server 2019', TLS_WINDOWS_1809, MSTSC_10),
  mstsc('server-2022', 'Server 2022', TLS_SERVER_2022, MSTSC_11),
  mstsc('server-2025', 'Server 2025', TLS_SERVER_2025, MSTSC_11),
  {
    id: 'macos-2019',
    title: 'Microsoft Remote Desktop for macOS, 2019',
    tls: TLS_MACOS_2019,
    negotiation: APPLE,
    credssp: CREDSSP_APPLE,
  },
  {
    id: 'windows-app-macos',
    title: 'Windows App for macOS',
    tls: TLS_WINDOWS_APP_APPLE,
    negotiation: APPLE_TODAY,
    credssp: CREDSSP_APPLE,
  },
  {
    id: 'windows-app-ios',
    title: 'Windows App for iOS',
    tls: TLS_WINDOWS_APP_APPLE,
    negotiation: APPLE_TODAY,
    credssp: CREDSSP_APPLE,
  },
  {
    id: 'freerdp2',
    title: 'FreeRDP 2.11 (OpenSSL 3.0)',
    tls: TLS_OPENSSL_LEVEL_1,
    negotiation: FREERDP_2,
    credssp: CREDSSP_FREERDP,
  },
  {
    id: 'freerdp3',
    title: 'FreeRDP 3 (OpenSSL 3)',
    tls: TLS_OPENSSL_LEVEL_2,
    negotiation: FREERDP_3,
    credssp: CREDSSP_FREERDP,
  },
  {
    id: 'remmina',
    title: 'Remmina 1.4 (FreeRDP 3)',
    tls: TLS_OPENSSL_LEVEL_2,
    negotiation: REMMINA,
    credssp: CREDSSP_FREERDP,
  },
  {
    id: 'guacamole',
    title: 'Guacamole 1.6 (FreeRDP 2)',
    tls: TLS_OPENSSL_LEVEL_1,
    negotiation: GUACAMOLE,
    credssp: CREDSSP_FREERDP,
  },
  {
    id: 'ironrdp',
    title: 'IronRDP (rustls)',
    tls: TLS_RUSTLS,
    negotiation: IRONRDP,
    credssp: CREDSSP_IRONRDP,
  },
];

/** Null: nobody is known by this id. */
export function clientProfile(id: string): ClientProfile | null {
  return CLIENT_PROFILES.find((profile) => profile.id === id) ?? null;
}
