import type { HelloExtension, OwnHello } from '../wire/own-hello.js';

/*
 * ClientHellos that separate causes from each other. Numbers are the registry's, RFC 8446 section 4
 * and RFC 5246.
 */

/** ECDHE and RSA suites of TLS 1.2 that every server since 2008 has some of. */
const TLS12_SUITES: readonly number[] = [
  0xc02f, 0xc030, 0xc02b, 0xc02c, 0xc027, 0xc028, 0xc013, 0xc014, 0x009c, 0x009d, 0x003c, 0x003d,
  0x002f, 0x0035, 0x000a,
];

/** x25519, P-256, P-384, P-521 */
const GROUPS: readonly number[] = [0x001d, 0x0017, 0x0018, 0x0019];

/** RSA-PSS, RSA and ECDSA with SHA-256 to SHA-512, and RSA and ECDSA with SHA-1. */
const SCHEMES: readonly number[] = [
  0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0201, 0x0203,
];

const TLS12_EXTENSIONS: readonly HelloExtension[] = [
  { extension: 'server_name' },
  { extension: 'supported_groups', groups: GROUPS },
  { extension: 'ec_point_formats', formats: [0] },
  { extension: 'signature_algorithms', schemes: SCHEMES },
  { extension: 'extended_master_secret' },
  { extension: 'renegotiation_info' },
];

const TLS12_HELLO: OwnHello = {
  recordVersion: 0x0301,
  legacyVersion: 0x0303,
  sessionIdBytes: 0,
  cipherSuites: TLS12_SUITES,
  compressionMethods: [0],
  extensions: TLS12_EXTENSIONS,
};

/** TLS 1.2 and nothing newer, in about 150 bytes. */
export function smallHello(): OwnHello {
  return TLS12_HELLO;
}

/** @param recordBytes length of the whole record */
export function paddedHello(recordBytes: number): OwnHello {
  return {
    ...TLS12_HELLO,
    extensions: [...TLS12_EXTENSIONS, { extension: 'padding', recordBytes }],
  };
}

/** TLS 1.0 with the suites of its time, RC4, 3DES and DES among them, as Windows XP to 7 offered it. */
export function legacyHello(): OwnHello {
  return {
    recordVersion: 0x0301,
    legacyVersion: 0x0301,
    sessionIdBytes: 0,
    cipherSuites: [
      0x002f, 0x0035, 0x0005, 0x000a, 0xc013, 0xc014, 0xc009, 0xc00a, 0x0032, 0x0038, 0x0013,
      0x0004, 0x0009,
    ],
    compressionMethods: [0],
    extensions: [
      { extension: 'server_name' },
      { extension: 'supported_groups', groups: [0x0017, 0x0018] },
      { extension: 'ec_point_formats', formats: [0] },
      { extension: 'renegotiation_info' },
    ],
  };
}

/**
 * TLS 1.3 without a key share: a server that speaks it answers with a HelloRetryRequest, RFC 8446
 * section 4.1.4, which fits one small packet, where its usual first flight may not.
 */
export function shortAnswerHello(): OwnHello {
  return {
    recordVersion: 0x0301,
    legacyVersion: 0x0303,
    sessionIdBytes: 32,
    cipherSuites: [0x1302, 0x1301, 0x1303],
    compressionMethods: [0],
    extensions: [
      { extension: 'server_name' },
      { extension: 'supported_groups', groups: GROUPS },
      { extension: 'signature_algorithms', schemes: SCHEMES },
      { extension: 'supported_versions', versions: [0x0304] },
      { extension: 'key_share', groups: [] },
    ],
  };
}
