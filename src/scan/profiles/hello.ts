import type { HelloExtension, OwnHello } from '../../wire/own-hello.js';
import type { ExtensionName, TlsProfile } from './client-profile.js';

const TLS_1_2 = 0x0303;

/** NULL, the one method that is left: RFC 8446 section 4.1.2. */
const NO_COMPRESSION = [0];

/** The ClientHello of a client, RFC 8446 section 4.1.2. */
export function helloOf(tls: TlsProfile): OwnHello {
  return {
    recordVersion: tls.recordVersion,
    // TLS 1.3 keeps the number of TLS 1.2 here.
    legacyVersion: Math.min(TLS_1_2, Math.max(...tls.versions)),
    sessionIdBytes: tls.sessionIdBytes,
    cipherSuites: tls.suites,
    compressionMethods: NO_COMPRESSION,
    extensions: tls.extensions.map((name) => extensionOf(name, tls)),
  };
}

function extensionOf(name: ExtensionName, tls: TlsProfile): HelloExtension {
  switch (name) {
    case 'supported_versions':
      return { extension: name, versions: tls.versions };
    case 'supported_groups':
      return { extension: name, groups: tls.groups };
    case 'ec_point_formats':
      return { extension: name, formats: tls.pointFormats };
    case 'signature_algorithms':
      return { extension: name, schemes: tls.signatureAlgorithms };
    case 'key_share':
      return { extension: name, groups: tls.keyShares };
    // RFC 6066 section 8: OCSP, with no responder and no extension named.
    case 'status_request':
      return { extension: 'other', type: 5, data: '0100000000' };
    case 'signed_certificate_timestamp':
      return { extension: 'other', type: 18, data: '' };
    // RFC 8446 section 4.2.9: psk_dhe_ke.
    case 'psk_key_exchange_modes':
      return { extension: 'other', type: 45, data: '0101' };
    case 'server_name':
    case 'encrypt_then_mac':
    case 'extended_master_secret':
    case 'session_ticket':
    case 'renegotiation_info':
      return { extension: name };
  }
}

const keys = new WeakMap<TlsProfile, string>();

/** Clients with the same key get the same answer of a server. */
export function offerKey(tls: TlsProfile): string {
  const known = keys.get(tls);
  if (known !== undefined) return known;
  const key = JSON.stringify([
    tls.versions,
    tls.suites,
    tls.groups,
    tls.keyShares,
    tls.signatureAlgorithms,
  ]);
  keys.set(tls, key);
  return key;
}

const TLS_1_3 = 0x0304;
const ONLY_13: readonly ExtensionName[] = [
  'supported_versions',
  'psk_key_exchange_modes',
  'key_share',
];

const certain = new WeakMap<TlsProfile, TlsProfile>();

/** What a client offers for certain, where it is not known which versions it offers. */
export function certainOf(tls: TlsProfile): TlsProfile {
  const known = certain.get(tls) ?? withoutUnsure(tls);
  certain.set(tls, known);
  return known;
}

function withoutUnsure(tls: TlsProfile): TlsProfile {
  const { unsure } = tls;
  const versions = tls.versions.filter((version) => !unsure.versions.includes(version));
  const suites = tls.suites.filter((suite) => !unsure.suites.includes(suite));
  if (versions.length === tls.versions.length) return tls;
  // Its ClientHello is the same bytes without the doubtful versions.
  if (!listsVersions(tls) && suites.length === tls.suites.length) return tls;
  const with13 = versions.includes(TLS_1_3);
  return {
    ...tls,
    versions,
    // The suites of TLS 1.3 have a block of numbers to themselves, RFC 8446 appendix B.4.
    suites: with13 ? suites : suites.filter((suite) => suite >> 8 !== 0x13),
    keyShares: with13 ? tls.keyShares : [],
    extensions: with13 ? tls.extensions : tls.extensions.filter((name) => !ONLY_13.includes(name)),
    unsure: { versions: [], suites: [], groups: [] },
  };
}

/** Otherwise its ClientHello says no more of the versions than which one is the newest. */
export function listsVersions(tls: TlsProfile): boolean {
  return tls.extensions.includes('supported_versions');
}
