import { isWeakSuite } from '../wire/suite-traits.js';
import { CIPHER_SUITES } from '../wire/tls-cipher-suites.js';
import { cipherSuite } from '../wire/tls-names.js';

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV, RFC 5746 section 3.3: for a hello without extensions. */
export const RENEGOTIATION_SCSV = 0x00ff;

/** The suites of TLS 1.3, RFC 8446 appendix B.4. */
export const TLS13_SUITES: readonly number[] = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305];

/** One of each family that a server of the last twenty years chooses first: for a short hello. */
export const FEW_SUITES: readonly number[] = [
  0xc02f, 0xc030, 0xc02b, 0xc02c, 0xcca8, 0xcca9, 0x009e, 0x009f, 0xc027, 0xc028, 0xc013, 0xc014,
  0xc009, 0xc00a, 0x0033, 0x0039, 0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0x000a, 0x0005,
  0x0004,
];

/**
 * At most as many as a careful client would offer: some old servers read no further than the 64th
 * suite of a hello, or give up on a longer list.
 */
export const LIKELY_SUITES: readonly number[] = [
  ...FEW_SUITES,
  ...[0xc023, 0xc024, 0x0067, 0x006b, 0xccaa, 0xc012, 0xc008, 0x0016, 0xc011, 0xc007, 0x0009],
  ...[0x0015, 0x0013, 0x0032, 0x0038, 0x0040, 0x006a, 0x00a2, 0x00a3, 0x0003, 0x0006, 0x0008],
  ...[0x0062, 0x0064, 0x0002, 0x0001, 0x003b, 0x0018, 0x001b, 0x0034, 0x003a, 0xc016, 0xc018],
  ...[0x0041, 0x0084, 0x0007],
];

/**
 * Families that need what no RDP server has (a shared secret, a Kerberos ticket of TLS's own, a
 * password, the Russian and Chinese national ciphers), and numbers that are no suite.
 */
const FOREIGN =
  /PSK|KRB5|SRP|ECCPWD|ECJPAKE|GOST|SM4|FORTEZZA|SCSV|NULL_WITH_NULL|SHA(256|384)_SHA|AEGIS/;

/** Every other one up to TLS 1.2 that has a name, the likely ones first. */
export const ALL_SUITES: readonly number[] = [
  ...LIKELY_SUITES,
  ...Object.entries(CIPHER_SUITES)
    .map(([value, name]) => ({ value: Number(value), name }))
    .filter(({ name }) => !FOREIGN.test(name))
    .filter(({ value }) => !LIKELY_SUITES.includes(value) && !TLS13_SUITES.includes(value))
    .map(({ value }) => value),
];

/** Those that protect too little. */
export const WEAK_SUITES: readonly number[] = ALL_SUITES.filter((value) =>
  isWeakSuite(cipherSuite(value)),
);
