import { type Named, type NameTable, named } from './open-set.js';
import { CIPHER_SUITES } from './tls-cipher-suites.js';

/** Reserved values that keep peers tolerant of the unknown, RFC 8701 section 2. */
const GREASE_VALUES: readonly number[] = Array.from({ length: 16 }, (_, i) => i * 0x1010 + 0x0a0a);

const GREASE: NameTable = Object.fromEntries(GREASE_VALUES.map((value) => [value, 'GREASE']));

/** Whether a cipher suite, group, version, signature scheme or extension type is GREASE. */
export function isGrease(value: number): boolean {
  return GREASE_VALUES.includes(value);
}

/** ProtocolVersion, RFC 8446 section 4.1.2 and its predecessors. */
export const TLS_VERSIONS: NameTable = {
  2: 'SSLv2',
  768: 'SSLv3',
  769: 'TLSv1.0',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
  ...GREASE,
};

/** ContentType, RFC 8446 section 5.1; heartbeat from RFC 6520 section 3. */
export const ContentType = {
  change_cipher_spec: 20,
  alert: 21,
  handshake: 22,
  application_data: 23,
  heartbeat: 24,
} as const;

/** HandshakeType, RFC 8446 section 4; the members of older versions from their registry. */
export const HandshakeType = {
  hello_request: 0,
  client_hello: 1,
  server_hello: 2,
  hello_verify_request: 3,
  new_session_ticket: 4,
  end_of_early_data: 5,
  hello_retry_request: 6,
  encrypted_extensions: 8,
  request_connection_id: 9,
  new_connection_id: 10,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  client_certificate_request: 17,
  finished: 20,
  certificate_url: 21,
  certificate_status: 22,
  supplemental_data: 23,
  key_update: 24,
  compressed_certificate: 25,
  message_hash: 254,
} as const;

/** ExtensionType, RFC 8446 section 4.2: the extensions whose contents this project reads. */
export const ExtensionType = {
  server_name: 0,
  supported_groups: 10,
  ec_point_formats: 11,
  signature_algorithms: 13,
  application_layer_protocol_negotiation: 16,
  padding: 21,
  encrypt_then_mac: 22,
  extended_master_secret: 23,
  session_ticket: 35,
  supported_versions: 43,
  key_share: 51,
  renegotiation_info: 65281,
} as const;

/** The names of a constant table, by their numbers. */
function namesOf(constants: Readonly<Record<string, number>>): NameTable {
  return Object.fromEntries(Object.entries(constants).map(([name, value]) => [value, name]));
}

export const CONTENT_TYPES: NameTable = namesOf(ContentType);

export const HANDSHAKE_TYPES: NameTable = namesOf(HandshakeType);

/** TLS ExtensionType Values, IANA registry, and four unregistered ones of browsers. */
export const EXTENSION_TYPES: NameTable = {
  1: 'max_fragment_length',
  2: 'client_certificate_url',
  3: 'trusted_ca_keys',
  4: 'truncated_hmac',
  5: 'status_request',
  6: 'user_mapping',
  7: 'client_authz',
  8: 'server_authz',
  9: 'cert_type',
  12: 'srp',
  14: 'use_srtp',
  15: 'heartbeat',
  17: 'status_request_v2',
  18: 'signed_certificate_timestamp',
  19: 'client_certificate_type',
  20: 'server_certificate_type',
  24: 'token_binding',
  25: 'cached_info',
  26: 'tls_lts',
  27: 'compress_certificate',
  28: 'record_size_limit',
  29: 'pwd_protect',
  30: 'pwd_clear',
  31: 'password_salt',
  32: 'ticket_pinning',
  33: 'tls_cert_with_extern_psk',
  34: 'delegated_credential',
  36: 'TLMSP',
  37: 'TLMSP_proxying',
  38: 'TLMSP_delegate',
  39: 'supported_ekt_ciphers',
  41: 'pre_shared_key',
  42: 'early_data',
  44: 'cookie',
  45: 'psk_key_exchange_modes',
  47: 'certificate_authorities',
  48: 'oid_filters',
  49: 'post_handshake_auth',
  50: 'signature_algorithms_cert',
  52: 'transparency_info',
  53: 'connection_id (deprecated)',
  54: 'connection_id',
  55: 'external_id_hash',
  56: 'external_session_id',
  57: 'quic_transport_parameters',
  58: 'ticket_request',
  59: 'dnssec_chain',
  13172: 'next_protocol_negotiation',
  17513: 'application_settings (old)',
  17613: 'application_settings',
  30032: 'channel_id',
  64768: 'ech_outer_extensions',
  65037: 'encrypted_client_hello',
  ...namesOf(ExtensionType),
  ...GREASE,
};

/** AlertLevel, RFC 8446 section 6. */
export const ALERT_LEVELS: NameTable = { 1: 'warning', 2: 'fatal' };

/**
 * AlertDescription, RFC 8446 section 6, with the descriptions of older versions. The registry marks
 * some of those with a suffix _RESERVED; here they keep the name that the peer meant.
 */
export const ALERT_DESCRIPTIONS: NameTable = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  52: 'too_many_cids_requested',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  111: 'certificate_unobtainable',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  117: 'general_error',
  120: 'no_application_protocol',
  121: 'ech_required',
};

/** NamedGroup, RFC 8446 section 4.2.7; RFC 8422 section 5.1.1 for curves that TLS 1.3 dropped. */
export const NAMED_GROUPS: NameTable = {
  1: 'sect163k1',
  2: 'sect163r1',
  3: 'sect163r2',
  4: 'sect193r1',
  5: 'sect193r2',
  6: 'sect233k1',
  7: 'sect233r1',
  8: 'sect239k1',
  9: 'sect283k1',
  10: 'sect283r1',
  11: 'sect409k1',
  12: 'sect409r1',
  13: 'sect571k1',
  14: 'sect571r1',
  15: 'secp160k1',
  16: 'secp160r1',
  17: 'secp160r2',
  18: 'secp192k1',
  19: 'secp192r1',
  20: 'secp224k1',
  21: 'secp224r1',
  22: 'secp256k1',
  23: 'secp256r1',
  24: 'secp384r1',
  25: 'secp521r1',
  26: 'brainpoolP256r1',
  27: 'brainpoolP384r1',
  28: 'brainpoolP512r1',
  29: 'x25519',
  30: 'x448',
  31: 'brainpoolP256r1tls13',
  32: 'brainpoolP384r1tls13',
  33: 'brainpoolP512r1tls13',
  34: 'GC256A',
  35: 'GC256B',
  36: 'GC256C',
  37: 'GC256D',
  38: 'GC512A',
  39: 'GC512B',
  40: 'GC512C',
  41: 'curveSM2',
  256: 'ffdhe2048',
  257: 'ffdhe3072',
  258: 'ffdhe4096',
  259: 'ffdhe6144',
  260: 'ffdhe8192',
  512: 'MLKEM512',
  513: 'MLKEM768',
  514: 'MLKEM1024',
  4587: 'SecP256r1MLKEM768',
  4588: 'X25519MLKEM768',
  4589: 'SecP384r1MLKEM1024',
  25497: 'X25519Kyber768Draft00',
  25498: 'SecP256r1Kyber768Draft00',
  65281: 'arbitrary_explicit_prime_curves',
  65282: 'arbitrary_explicit_char2_curves',
  ...GREASE,
};

/** SignatureScheme, RFC 8446 section 4.2.3. */
const SCHEMES: NameTable = {
  513: 'rsa_pkcs1_sha1',
  515: 'ecdsa_sha1',
  1025: 'rsa_pkcs1_sha256',
  1027: 'ecdsa_secp256r1_sha256',
  1056: 'rsa_pkcs1_sha256_legacy',
  1281: 'rsa_pkcs1_sha384',
  1283: 'ecdsa_secp384r1_sha384',
  1312: 'rsa_pkcs1_sha384_legacy',
  1537: 'rsa_pkcs1_sha512',
  1539: 'ecdsa_secp521r1_sha512',
  1568: 'rsa_pkcs1_sha512_legacy',
  1800: 'sm2sig_sm3',
  2052: 'rsa_pss_rsae_sha256',
  2053: 'rsa_pss_rsae_sha384',
  2054: 'rsa_pss_rsae_sha512',
  2055: 'ed25519',
  2056: 'ed448',
  2057: 'rsa_pss_pss_sha256',
  2058: 'rsa_pss_pss_sha384',
  2059: 'rsa_pss_pss_sha512',
  2074: 'ecdsa_brainpoolP256r1tls13_sha256',
  2075: 'ecdsa_brainpoolP384r1tls13_sha384',
  2076: 'ecdsa_brainpoolP512r1tls13_sha512',
  2308: 'mldsa44',
  2309: 'mldsa65',
  2310: 'mldsa87',
};

/**
 * SignatureAndHashAlgorithm, RFC 5246 section 7.4.1.4.1: the pairs that have no name as a scheme.
 * The parts are the registry's, their order here is that of the schemes.
 */
const LEGACY_PAIRS: NameTable = {
  257: 'rsa_md5',
  258: 'dsa_md5',
  259: 'ecdsa_md5',
  514: 'dsa_sha1',
  769: 'rsa_sha224',
  770: 'dsa_sha224',
  771: 'ecdsa_sha224',
  1026: 'dsa_sha256',
  1282: 'dsa_sha384',
  1538: 'dsa_sha512',
};

export const SIGNATURE_SCHEMES: NameTable = { ...SCHEMES, ...LEGACY_PAIRS, ...GREASE };

/** ECPointFormat, RFC 8422 section 5.1.2. */
export const EC_POINT_FORMATS: NameTable = {
  0: 'uncompressed',
  1: 'ansiX962_compressed_prime',
  2: 'ansiX962_compressed_char2',
};

const CIPHER_SUITES_AND_GREASE: NameTable = { ...CIPHER_SUITES, ...GREASE };

/** The usual name of a version such as `TLSv1.2`, or null for a number that has none. */
export function tlsVersionName(value: number): string | null {
  return TLS_VERSIONS[value] ?? null;
}

export function tlsVersion(value: number): Named {
  return named(TLS_VERSIONS, value);
}

export function contentType(value: number): Named {
  return named(CONTENT_TYPES, value);
}

export function handshakeType(value: number): Named {
  return named(HANDSHAKE_TYPES, value);
}

export function extensionType(value: number): Named {
  return named(EXTENSION_TYPES, value);
}

export function cipherSuite(value: number): Named {
  return named(CIPHER_SUITES_AND_GREASE, value);
}

export function namedGroup(value: number): Named {
  return named(NAMED_GROUPS, value);
}

export function signatureScheme(value: number): Named {
  return named(SIGNATURE_SCHEMES, value);
}

export function ecPointFormat(value: number): Named {
  return named(EC_POINT_FORMATS, value);
}

export function alertLevel(value: number): Named {
  return named(ALERT_LEVELS, value);
}

export function alertDescription(value: number): Named {
  return named(ALERT_DESCRIPTIONS, value);
}
