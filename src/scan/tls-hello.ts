import type { HelloExtension, OwnHello } from '../wire/own-hello.js';
import { RENEGOTIATION_SCSV } from './suite-list.js';

export const SSL_3_0 = 0x0300;
export const TLS_1_0 = 0x0301;
export const TLS_1_1 = 0x0302;
export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;

export const X25519 = 0x001d;
export const X25519_MLKEM768 = 0x11ec;

/** What a server of today or yesterday may want; the order of a browser. */
const USUAL_GROUPS: readonly number[] = [X25519, 0x0017, 0x0018, 0x0019, 0x001e, X25519_MLKEM768];

/** Every group of TLS 1.3, with the drafts of the hybrids that browsers sent for a while. */
export const TLS13_GROUPS: readonly number[] = [
  ...[X25519, 0x0017, 0x0018, 0x0019, 0x001e, 0x001f, 0x0020, 0x0021],
  ...[0x0100, 0x0101, 0x0102, 0x0103, 0x0104, X25519_MLKEM768, 0x11eb, 0x11ed],
  ...[0x0200, 0x0201, 0x0202, 0x6399, 0x639a],
];

/**
 * Every curve up to TLS 1.2. Not the finite fields: a server that knows RFC 7919 and has none of
 * those named would then refuse Diffie-Hellman altogether.
 */
export const TLS12_GROUPS: readonly number[] = [
  ...[X25519, 0x0017, 0x0018, 0x0019, 0x001e, 0x001a, 0x001b, 0x001c, 0x0016, 0x0015, 0x0014],
  ...Array.from({ length: 0x13 }, (_, index) => 0x13 - index),
];

/** Every scheme of RFC 8446 section 4.2.3, and what TLS 1.2 had before it. */
export const SIGNATURE_SCHEMES: readonly number[] = [
  ...[0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b],
  ...[0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0202],
];

const UNCOMPRESSED = 0;
const DEFLATE = 1;

/** What is asked with one ClientHello. */
export interface HelloChoice {
  /** the highest first, and with TLS 1.3 every other one */
  readonly versions: readonly [number, ...number[]];
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  /** groups of TLS 1.3 that a share is sent of; none asks for a HelloRetryRequest */
  readonly shares: readonly number[];
  /** signature algorithms, from TLS 1.2 */
  readonly schemes: readonly number[];
  /** the whole record is made so long; null: no longer than it is */
  readonly recordBytes: number | null;
}

export function choose(
  versions: HelloChoice['versions'],
  suites: readonly number[],
  more: Partial<HelloChoice> = {},
): HelloChoice {
  return {
    versions,
    suites,
    groups: USUAL_GROUPS,
    shares: [X25519],
    schemes: SIGNATURE_SCHEMES,
    recordBytes: null,
    ...more,
  };
}

/**
 * The ClientHello that a client of the highest version would send, RFC 8446 section 4.1.2 and
 * appendix D, RFC 5246 section 7.4.1.2, and RFC 6101 section 5.6.1.2.
 */
export function surveyHello(choice: HelloChoice): OwnHello {
  const [highest] = choice.versions;
  if (highest === SSL_3_0) {
    return {
      recordVersion: SSL_3_0,
      legacyVersion: SSL_3_0,
      sessionIdBytes: 0,
      cipherSuites: [...choice.suites, RENEGOTIATION_SCSV],
      compressionMethods: [DEFLATE, UNCOMPRESSED],
      extensions: null,
    };
  }
  const modern = highest === TLS_1_3;
  return {
    recordVersion: TLS_1_0,
    legacyVersion: modern ? TLS_1_2 : highest,
    sessionIdBytes: modern ? 32 : 0,
    cipherSuites: choice.suites,
    compressionMethods: modern ? [UNCOMPRESSED] : [DEFLATE, UNCOMPRESSED],
    extensions: extensionsOf(choice, highest),
  };
}

function extensionsOf(choice: HelloChoice, highest: number): readonly HelloExtension[] {
  const { versions, groups, shares, schemes, recordBytes } = choice;
  const extensions: HelloExtension[] = [
    { extension: 'server_name' },
    { extension: 'renegotiation_info' },
    { extension: 'extended_master_secret' },
    { extension: 'encrypt_then_mac' },
    { extension: 'session_ticket' },
    { extension: 'supported_groups', groups },
    { extension: 'ec_point_formats', formats: [0] },
  ];
  if (highest >= TLS_1_2) {
    extensions.push({ extension: 'signature_algorithms', schemes });
  }
  if (highest === TLS_1_3) {
    extensions.push(
      { extension: 'supported_versions', versions },
      { extension: 'key_share', groups: shares },
    );
  }
  if (recordBytes !== null) extensions.push({ extension: 'padding', recordBytes });
  return extensions;
}
