import { createHash } from 'node:crypto';
import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  decodeCertificate13,
  decodeTlsHandshake,
  encodeCertificate,
  encodeClientHello,
  encodeServerHello,
  encodeServerHelloDone,
  encodeTlsHandshake,
  frameTlsHandshake,
  helloRetryRequestRandom,
  type TlsHandshake,
} from '../../src/wire/tls-handshake.js';
import { checkDecoding, checkNoOtherError, plain, type Vector } from '../support/wire-vectors.js';
import {
  DHE_SERVER_KEY_EXCHANGE,
  RDESKTOP_CLIENT_HELLO,
  RFC8448_CERTIFICATE,
  RFC8448_CLIENT_HELLO,
  RFC8448_ENCRYPTED_EXTENSIONS,
  RFC8448_FINISHED,
  RFC8448_HELLO_RETRY_REQUEST,
  RFC8448_SERVER_HELLO,
  SCHANNEL_RDP_SERVER_KEY_EXCHANGE,
  TLS10_CERTIFICATE,
  TLS10_CLIENT_HELLO,
  TLS10_SERVER_HELLO,
} from '../vectors/tls.js';

function named(value: number, name: string | null): { value: number; name: string | null } {
  return { value, name };
}

function extension(value: number, name: string | null, data: string): object {
  return { type: named(value, name), data };
}

/** The hex of a vector from one byte to another. */
function slice(hex: string, start: number, end?: number): string {
  return toHex(fromHex(hex).subarray(start, end));
}

const RANDOM = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

const VECTORS: readonly Vector[] = [
  {
    name: 'the ClientHello of RFC 8448 section 3',
    hex: RFC8448_CLIENT_HELLO,
    value: {
      kind: 'client-hello',
      legacyVersion: named(0x0303, 'TLSv1.2'),
      random: 'cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7',
      sessionId: '',
      cipherSuites: [
        named(0x1301, 'TLS_AES_128_GCM_SHA256'),
        named(0x1303, 'TLS_CHACHA20_POLY1305_SHA256'),
        named(0x1302, 'TLS_AES_256_GCM_SHA384'),
      ],
      compressionMethods: [0],
      extensions: [
        extension(0, 'server_name', '0009000006736572766572'),
        extension(65281, 'renegotiation_info', '00'),
        extension(10, 'supported_groups', '0012001d00170018001901000101010201030104'),
        extension(35, 'session_ticket', ''),
        extension(
          51,
          'key_share',
          '0024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c',
        ),
        extension(43, 'supported_versions', '020304'),
        extension(
          13,
          'signature_algorithms',
          '001e040305030603020308040805080604010501060102010402050206020202',
        ),
        extension(45, 'psk_key_exchange_modes', '0101'),
        extension(28, 'record_size_limit', '4001'),
      ],
    },
  },
  {
    name: 'the ServerHello of RFC 8448 section 3',
    hex: RFC8448_SERVER_HELLO,
    value: {
      kind: 'server-hello',
      legacyVersion: named(0x0303, 'TLSv1.2'),
      random: 'a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928',
      sessionId: '',
      cipherSuite: named(0x1301, 'TLS_AES_128_GCM_SHA256'),
      compressionMethod: 0,
      extensions: [
        extension(51, 'key_share', slice(RFC8448_SERVER_HELLO, 48, 84)),
        extension(43, 'supported_versions', '0304'),
      ],
      helloRetryRequest: false,
    },
  },
  {
    name: 'the HelloRetryRequest of RFC 8448 section 5',
    hex: RFC8448_HELLO_RETRY_REQUEST,
    value: {
      kind: 'server-hello',
      legacyVersion: named(0x0303, 'TLSv1.2'),
      random: createHash('sha256').update('HelloRetryRequest').digest('hex'),
      sessionId: '',
      cipherSuite: named(0x1301, 'TLS_AES_128_GCM_SHA256'),
      compressionMethod: 0,
      extensions: [
        extension(51, 'key_share', '0017'),
        extension(44, 'cookie', slice(RFC8448_HELLO_RETRY_REQUEST, 54, 170)),
        extension(43, 'supported_versions', '0304'),
      ],
      helloRetryRequest: true,
    },
  },
  {
    name: 'a ClientHello of TLS 1.0 (Zeek rdp-to-ssl.pcap)',
    hex: TLS10_CLIENT_HELLO,
    value: {
      kind: 'client-hello',
      legacyVersion: named(0x0301, 'TLSv1.0'),
      random: '4d570ec58a9b7d325ed908de8cb2b4de50ec88184a1f6ec723c1d5a344a6cc34',
      sessionId: '',
      cipherSuites: [
        named(0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA'),
        named(0x0035, 'TLS_RSA_WITH_AES_256_CBC_SHA'),
        named(0x0005, 'TLS_RSA_WITH_RC4_128_SHA'),
        named(0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'),
        named(0xc013, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA'),
        named(0xc014, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA'),
        named(0xc009, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA'),
        named(0xc00a, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA'),
        named(0x0032, 'TLS_DHE_DSS_WITH_AES_128_CBC_SHA'),
        named(0x0038, 'TLS_DHE_DSS_WITH_AES_256_CBC_SHA'),
        named(0x0013, 'TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA'),
        named(0x0004, 'TLS_RSA_WITH_RC4_128_MD5'),
      ],
      compressionMethods: [0],
      extensions: [
        extension(0, 'server_name', '001000000d3139322e3136382e312e313530'),
        extension(5, 'status_request', '0100000000'),
        extension(10, 'supported_groups', '000400170018'),
        extension(11, 'ec_point_formats', '0100'),
      ],
    },
  },
  {
    name: 'a ServerHello of TLS 1.0 without extensions (Zeek rdp-to-ssl.pcap)',
    hex: TLS10_SERVER_HELLO,
    value: {
      kind: 'server-hello',
      legacyVersion: named(0x0301, 'TLSv1.0'),
      random: '4d570ec5dce926336048a81f74582427b8dbdd75b023967bc5b9e8f0d64a473f',
      sessionId: 'bc330000feec8017719c03aaf0ab2544484d8ccfa3a8a343239161d750f089ca',
      cipherSuite: named(0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA'),
      compressionMethod: 0,
      extensions: null,
      helloRetryRequest: false,
    },
  },
  {
    name: 'a Certificate of TLS 1.0 with one certificate (Zeek rdp-to-ssl.pcap)',
    hex: TLS10_CERTIFICATE,
    value: { kind: 'certificate', certificates: [slice(TLS10_CERTIFICATE, 10)] },
  },
  {
    name: 'a ClientHello of SSL 3.0 with no extensions block',
    hex: `01 00002b  0300 ${RANDOM}
          00                  ; legacy_session_id
          0004 000a 00ff      ; cipher_suites
          01 00               ; legacy_compression_methods`,
    value: {
      kind: 'client-hello',
      legacyVersion: named(0x0300, 'SSLv3'),
      random: RANDOM,
      sessionId: '',
      cipherSuites: [
        named(0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'),
        named(0x00ff, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'),
      ],
      compressionMethods: [0],
      extensions: null,
    },
  },
  {
    name: 'a ClientHello with an empty extensions block, which is not none; numbers without names',
    hex: `01 000030  0309 ${RANDOM}
          02 abcd             ; legacy_session_id
          0004 0a0a eeee      ; cipher_suites: GREASE, unknown
          02 0100             ; legacy_compression_methods
          0000                ; extensions`,
    value: {
      kind: 'client-hello',
      legacyVersion: named(0x0309, null),
      random: RANDOM,
      sessionId: 'abcd',
      cipherSuites: [named(0x0a0a, 'GREASE'), named(0xeeee, null)],
      compressionMethods: [1, 0],
      extensions: [],
    },
  },
  {
    name: 'the Certificate of a client that has none',
    hex: '0b 000003  000000',
    value: { kind: 'certificate', certificates: [] },
  },
  {
    name: 'ServerHelloDone',
    hex: '0e 000000',
    value: { kind: 'server-hello-done' },
  },
  {
    name: 'HelloRequest',
    hex: '00 000000',
    value: { kind: 'hello-request' },
  },
  {
    name: 'a ServerKeyExchange on secp384r1 (nDPI rdp_over_tls.pcap)',
    hex: SCHANNEL_RDP_SERVER_KEY_EXCHANGE,
    value: {
      kind: 'server-key-exchange',
      body: slice(SCHANNEL_RDP_SERVER_KEY_EXCHANGE, 4),
      group: named(24, 'secp384r1'),
    },
  },
  {
    name: 'a ServerKeyExchange of DHE has no group (OpenSSL)',
    hex: DHE_SERVER_KEY_EXCHANGE,
    value: {
      kind: 'server-key-exchange',
      body: slice(DHE_SERVER_KEY_EXCHANGE, 4),
      group: null,
    },
  },
  {
    name: 'the EncryptedExtensions of RFC 8448 section 3',
    hex: RFC8448_ENCRYPTED_EXTENSIONS,
    value: {
      kind: 'encrypted-extensions',
      extensions: [
        extension(10, 'supported_groups', '0012001d00170018001901000101010201030104'),
        extension(28, 'record_size_limit', '4001'),
        extension(0, 'server_name', ''),
      ],
    },
  },
  {
    name: 'the Finished of RFC 8448 section 3',
    hex: RFC8448_FINISHED,
    value: {
      kind: 'finished',
      verifyData: '9b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718',
    },
  },
  ...[
    ['0d', 'certificate-request'],
    ['10', 'client-key-exchange'],
    ['04', 'new-session-ticket'],
    ['0f', 'certificate-verify'],
    ['16', 'certificate-status'],
    ['18', 'key-update'],
  ].map(([type, kind]) => ({
    name: `${kind} keeps its body`,
    hex: `${type} 000003 010203`,
    value: { kind, body: '010203' },
  })),
  {
    name: 'a message that is not read further',
    hex: '15 000001 00',
    value: { kind: 'other', type: named(21, 'certificate_url'), body: '00' },
  },
  {
    name: 'a message that nobody knows',
    hex: 'c8 000002 abcd',
    value: { kind: 'other', type: named(200, null), body: 'abcd' },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, VECTORS, (bytes) => decodeTlsHandshake(bytes));
  t.end();
});

const VECTORS13: readonly Vector[] = [
  {
    name: 'the Certificate of RFC 8448 section 3',
    hex: RFC8448_CERTIFICATE,
    value: {
      kind: 'certificate-13',
      certificateRequestContext: '',
      certificateList: [{ certData: slice(RFC8448_CERTIFICATE, 11, 443), extensions: [] }],
    },
  },
  {
    name: 'a Certificate with a context, two certificates and an extension',
    hex: `0b 00001a
          02 abcd                               ; certificate_request_context
          000014                                ; certificate_list
            000002 3000  0006 0005 0002 0102    ; status_request
            000002 3001  0000`,
    value: {
      kind: 'certificate-13',
      certificateRequestContext: 'abcd',
      certificateList: [
        { certData: '3000', extensions: [extension(5, 'status_request', '0102')] },
        { certData: '3001', extensions: [] },
      ],
    },
  },
];

t.test('decode as of TLS 1.3', (t) => {
  checkDecoding(t, VECTORS13, (bytes) => decodeTlsHandshake(bytes, { version13: true }));
  for (const { name, hex, value } of VECTORS13) {
    t.strictSame(plain(decodeCertificate13(fromHex(hex).subarray(4))), value, `${name}: its body`);
  }
  t.end();
});

/** Encodes what an encoder exists for. */
function encode(message: TlsHandshake, bytes: Uint8Array): Uint8Array {
  switch (message.kind) {
    case 'client-hello':
      return encodeClientHello(message);
    case 'server-hello':
      return encodeServerHello(message);
    case 'certificate':
      return encodeCertificate(message.certificates);
    case 'server-hello-done':
      return encodeServerHelloDone();
    default:
      return encodeTlsHandshake(bytes[0] ?? 0, bytes.subarray(4));
  }
}

t.test('encode', (t) => {
  for (const { name, hex } of VECTORS) {
    const bytes = fromHex(hex);
    t.equal(toHex(encode(decodeTlsHandshake(bytes), bytes)), toHex(bytes), name);
  }
  t.equal(toHex(helloRetryRequestRandom()), slice(RFC8448_HELLO_RETRY_REQUEST, 6, 38));
  t.end();
});

t.test('the frame is known with the last byte of the message, and not before', (t) => {
  for (const { name, hex } of [...VECTORS, ...VECTORS13]) {
    const bytes = fromHex(hex);
    const early = [...bytes.keys()].filter(
      (length) => frameTlsHandshake(bytes.subarray(0, length)).kind !== 'need-more',
    );
    t.same(early, [], name);
    const followed = Uint8Array.from([...bytes, 1]);
    t.same(frameTlsHandshake(followed), { kind: 'frame', length: bytes.length }, name);
    t.throws(() => decodeTlsHandshake(followed), DecodeError, `${name}: one message, no more`);
  }
  t.end();
});

t.test('a length above 2^17 is refused as soon as it shows', (t) => {
  t.same(frameTlsHandshake(fromHex('0b 02')), { kind: 'need-more' });
  t.same(frameTlsHandshake(fromHex('0b 020000')), { kind: 'need-more' });
  for (const hex of ['0b 03', '0b 0201', '0b 020001', 'ff ffffff']) {
    t.throws(() => frameTlsHandshake(fromHex(hex)), { name: 'DecodeError', offset: 1 }, hex);
  }
  const large = encodeTlsHandshake(11, new Uint8Array(2 ** 17 + 1));
  t.throws(() => decodeTlsHandshake(large), { name: 'DecodeError', offset: 1 });
  t.end();
});

const REFUSED: readonly (readonly [name: string, hex: string, message: string])[] = [
  [
    'a session id of 33 bytes',
    `01 00004c 0303 ${RANDOM} 21 ${'00'.repeat(33)} 0002 1301 01 00 0000`,
    'ClientHello.legacy_session_id at byte 38: is 33 bytes long, more than 32',
  ],
  [
    'no cipher suites',
    `01 000027 0303 ${RANDOM} 00 0000 01 00`,
    'ClientHello.cipher_suites at byte 39: is 0 bytes long, not a number of pairs',
  ],
  [
    'half a cipher suite',
    `01 00002a 0303 ${RANDOM} 00 0003 130113 01 00`,
    'ClientHello.cipher_suites at byte 39: is 3 bytes long, not a number of pairs',
  ],
  [
    'no compression method',
    `01 000028 0303 ${RANDOM} 00 0002 1301 00`,
    'ClientHello.legacy_compression_methods at byte 43: is empty',
  ],
  [
    'bytes after the extensions',
    `02 00002b 0303 ${RANDOM} 00 1301 00 0000 ffffff`,
    'Handshake.body at byte 44: 3 bytes follow its end',
  ],
  [
    'an extension that ends outside the block',
    `02 00002c 0303 ${RANDOM} 00 1301 00 0004 002b 0002`,
    'Extension.extension_data at byte 48: needs 2 bytes, 0 left',
  ],
  ['an empty certificate', '0b 000006 000003 000000', 'Certificate.cert_data at byte 7: is empty'],
  [
    'a ServerHelloDone that says something',
    '0e 000001 00',
    'Handshake.body at byte 4: 1 bytes follow its end',
  ],
];

t.test('what cannot be is refused by field and offset', (t) => {
  for (const [name, hex, message] of REFUSED) {
    t.throws(() => decodeTlsHandshake(fromHex(hex)), { name: 'DecodeError', message }, name);
  }
  t.end();
});

t.test('whatever the bytes, no other error', (t) => {
  const samples = [...VECTORS, ...VECTORS13].map(({ hex }) => hex);
  samples.push(RDESKTOP_CLIENT_HELLO);
  checkNoOtherError(t, (bytes) => decodeTlsHandshake(bytes), samples, { seed: 1 });
  checkNoOtherError(t, (bytes) => decodeTlsHandshake(bytes, { version13: true }), samples, {
    seed: 2,
  });
  checkNoOtherError(t, frameTlsHandshake, samples, { seed: 3 });
  t.end();
});
