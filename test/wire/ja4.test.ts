import t from 'tap';
import { fromHex } from '../../src/wire/hex.js';
import { ja4, ja4Raw } from '../../src/wire/ja4.js';
import { encodeProtocolNameList } from '../../src/wire/tls-extensions.js';
import {
  type ClientHello,
  decodeTlsHandshake,
  type TlsExtension,
} from '../../src/wire/tls-handshake.js';
import { cipherSuite, extensionType, tlsVersion } from '../../src/wire/tls-names.js';
import { checkNoOtherError } from '../support/wire-vectors.js';
import * as tls from '../vectors/tls.js';

function clientHello(bytes: Uint8Array): ClientHello {
  const message = decodeTlsHandshake(bytes);
  if (message.kind !== 'client-hello') throw new TypeError(`${message.kind} is no ClientHello`);
  return message;
}

function fingerprint(hello: ClientHello): string {
  return ja4(hello, { transport: 't' });
}

/** The expected strings stand in the test data that FoxIO publishes with these captures. */
const PUBLISHED: readonly (readonly [name: string, hex: string, ja4: string, raw: string])[] = [
  [
    'Schannel without TLS 1.3 and without ALPN',
    tls.SCHANNEL_CLIENT_HELLO,
    't12d190800_d83cc789557e_7af1ed941c26',
    't12d190800_000a,002f,0035,003c,003d,009c,009d,c009,c00a,c013,c014,c023,c024,c027,c028,c02b,c02c,c02f,c030' +
      '_0005,000a,000b,000d,0017,0023,ff01_0804,0805,0806,0401,0501,0201,0403,0503,0203,0202,0601,0603',
  ],
  [
    'Firefox',
    tls.FIREFOX_CLIENT_HELLO,
    't13d1715h2_5b57614c22b0_3d5424432f57',
    't13d1715h2_002f,0035,009c,009d,1301,1302,1303,c009,c00a,c013,c014,c02b,c02c,c02f,c030,cca8,cca9' +
      '_0005,000a,000b,000d,0015,0017,001c,0022,0023,002b,002d,0033,ff01' +
      '_0403,0503,0603,0804,0805,0806,0401,0501,0601,0203,0201',
  ],
  [
    'LibreSSL: schemes that only look like GREASE count',
    tls.LIBRESSL_CLIENT_HELLO,
    't12d4605h2_85626a9a5f7f_aaf95bb78ec9',
    't12d4605h2_0004,0005,000a,0016,002f,0033,0035,0039,003c,003d,0041,0045,0067,006b,0081,0084,0088,009c,009d,' +
      '009e,009f,00ba,00be,00c0,00c4,00ff,c007,c008,c009,c00a,c011,c012,c013,c014,c023,c024,c027,c028,c02b,c02c,' +
      'c02f,c030,cca8,cca9,ccaa,ff85_000a,000b,000d' +
      '_0601,0603,efef,0501,0503,0401,0403,eeee,eded,0301,0303,0201,0203',
  ],
  [
    'GREASE among suites, extensions, groups and versions does not count',
    tls.GREASE_CLIENT_HELLO,
    't13d1615h2_46e7e9700bed_45f260be83e2',
    't13d1615h2_000a,002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9' +
      '_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,ff01' +
      '_0403,0804,0401,0503,0805,0501,0806,0601,0201',
  ],
];

t.test('published fingerprints', (t) => {
  for (const [name, hex, expected, raw] of PUBLISHED) {
    const hello = clientHello(fromHex(hex));
    t.equal(fingerprint(hello), expected, name);
    t.equal(ja4Raw(hello, { transport: 't' }), raw, `${name}: JA4_r`);
  }
  t.end();
});

/** Computed from the same bytes by a script of its own in another language. */
const COMPUTED: readonly (readonly [name: string, hex: string, ja4: string])[] = [
  ['TLS 1.0, no signature schemes', tls.TLS10_CLIENT_HELLO, 't10d120400_d94e65cdb899_dedc66686760'],
  [
    'an RDP client on Schannel',
    tls.SCHANNEL_RDP_CLIENT_HELLO,
    't12i280600_bbd4f008d9b2_f28add8e7af0',
  ],
  ['rdesktop, no server name', tls.RDESKTOP_CLIENT_HELLO, 't13i291100_723694b0fccc_5671b5df5029'],
  [
    'a first protocol name in binary',
    tls.BINARY_ALPN_CLIENT_HELLO,
    't13d1516bd_8daaf6152771_e5627efa2ab1',
  ],
];

t.test('fingerprints of other captures', (t) => {
  for (const [name, hex, expected] of COMPUTED) {
    t.equal(fingerprint(clientHello(fromHex(hex))), expected, name);
  }
  t.end();
});

function helloWith(
  extensions: readonly TlsExtension[] | null,
  suites: readonly number[] = [],
): ClientHello {
  return {
    kind: 'client-hello',
    legacyVersion: tlsVersion(0x0303),
    random: new Uint8Array(32),
    sessionId: new Uint8Array(),
    cipherSuites: suites.map(cipherSuite),
    compressionMethods: [0],
    extensions,
  };
}

t.test('the examples of the specification for ALPN', (t) => {
  const rows: readonly (readonly [hex: string, expected: string])[] = [
    ['6832', 'h2'],
    ['687474702f312e31', 'h1'],
    ['ab', 'ab'],
    ['20', '20'],
    ['abcd', 'ad'],
    ['2061', '21'],
    ['30ab', '3b'],
    ['6120', '60'],
    ['3031abcd', '3d'],
    ['30abcd31', '01'],
    ['78', 'xx'],
    ['', '00'],
  ];
  for (const [hex, expected] of rows) {
    const alpn = encodeProtocolNameList([Buffer.from(hex, 'hex').toString('latin1')]);
    t.equal(fingerprint(helloWith([alpn])), `t12i0001${expected}_000000000000_000000000000`, hex);
  }
  const grease = encodeProtocolNameList(['\x0a\x0a', 'h2']);
  t.equal(fingerprint(helloWith([grease])), 't12i0001h2_000000000000_000000000000');
  t.end();
});

t.test('nothing to count, too much to count, unknown versions', (t) => {
  t.equal(fingerprint(helloWith(null)), 't12i000000_000000000000_000000000000');
  t.equal(fingerprint(helloWith([])), 't12i000000_000000000000_000000000000');
  const suites = Array.from({ length: 120 }, (_, i) => i);
  const many = suites.map((i) => ({ type: extensionType(1000 + i), data: new Uint8Array() }));
  t.match(fingerprint(helloWith(many, suites)), /^t12i999900_/);
  for (const [version, code] of [
    [0x0300, 's3'],
    [0x0301, '10'],
    [0x0302, '11'],
    [0x0305, '00'],
  ] as const) {
    const hello = { ...helloWith(null), legacyVersion: tlsVersion(version) };
    t.equal(fingerprint(hello), `t${code}i000000_000000000000_000000000000`);
  }
  t.end();
});

t.test('whatever the bytes, no other error', (t) => {
  const samples = [...PUBLISHED, ...COMPUTED].map(([, hex]) => hex);
  checkNoOtherError(
    t,
    (bytes) => {
      const message = decodeTlsHandshake(bytes);
      return message.kind === 'client-hello' ? fingerprint(message) : '';
    },
    samples,
  );
  t.end();
});
