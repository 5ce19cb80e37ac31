import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import * as extensions from '../../src/wire/tls-extensions.js';
import {
  type ClientHello,
  decodeTlsHandshake,
  type ServerHello,
  type TlsExtension,
} from '../../src/wire/tls-handshake.js';
import {
  ecPointFormat,
  extensionType,
  namedGroup,
  signatureScheme,
  tlsVersion,
} from '../../src/wire/tls-names.js';
import { checkNoOtherError, outcome, plain } from '../support/wire-vectors.js';
import * as tls from '../vectors/tls.js';

function clientHello(hex: string): ClientHello {
  const message = decodeTlsHandshake(fromHex(hex));
  if (message.kind !== 'client-hello') throw new TypeError(`${message.kind} is no ClientHello`);
  return message;
}

function serverHello(hex: string): ServerHello {
  const message = decodeTlsHandshake(fromHex(hex));
  if (message.kind !== 'server-hello') throw new TypeError(`${message.kind} is no ServerHello`);
  return message;
}

function named(value: number, name: string | null): { value: number; name: string | null } {
  return { value, name };
}

interface Row {
  readonly name: string;
  readonly type: number;
  readonly hex: string;
  readonly decode: (extensions: readonly TlsExtension[] | null) => unknown;
  readonly value: unknown;
  /** The same extension, from our own encoder. */
  readonly encoded: TlsExtension | null;
  /** Which shorter contents are a value too; without it none. */
  readonly cut?: 'any' | 'empty';
}

const KEY = 'aabbccdd';

const ROWS: readonly Row[] = [
  {
    name: 'server_name of RFC 8448 section 3',
    type: 0,
    hex: '0009 00 0006 736572766572',
    decode: extensions.decodeServerName,
    value: 'server',
    encoded: extensions.encodeServerName('server'),
    cut: 'empty',
  },
  {
    name: 'server_name: the first host_name, after a name of another type',
    type: 0,
    hex: '000f  07 0001 ff  00 0001 61  00 0004 62626262',
    decode: extensions.decodeServerName,
    value: 'a',
    encoded: null,
    cut: 'empty',
  },
  {
    name: 'server_name of a server is empty',
    type: 0,
    hex: '',
    decode: extensions.decodeServerName,
    value: null,
    encoded: null,
  },
  {
    name: 'supported_versions of a client',
    type: 43,
    hex: '06 2a2a 0304 7f1c',
    decode: extensions.decodeSupportedVersions,
    value: [named(0x2a2a, 'GREASE'), named(0x0304, 'TLSv1.3'), named(0x7f1c, null)],
    encoded: extensions.encodeSupportedVersions([0x2a2a, 0x0304, 0x7f1c].map(tlsVersion)),
  },
  {
    name: 'supported_versions of a server',
    type: 43,
    hex: '0304',
    decode: extensions.decodeSelectedVersion,
    value: named(0x0304, 'TLSv1.3'),
    encoded: extensions.encodeSelectedVersion(tlsVersion(0x0304)),
  },
  {
    name: 'supported_groups of RFC 8448 section 5',
    type: 10,
    hex: '0006 001d 0017 0018',
    decode: extensions.decodeSupportedGroups,
    value: [named(29, 'x25519'), named(23, 'secp256r1'), named(24, 'secp384r1')],
    encoded: extensions.encodeSupportedGroups([29, 23, 24].map(namedGroup)),
  },
  {
    name: 'signature_algorithms with a scheme, a legacy pair and an unknown number',
    type: 13,
    hex: '0006 0804 0202 efef',
    decode: extensions.decodeSignatureAlgorithms,
    value: [named(0x0804, 'rsa_pss_rsae_sha256'), named(0x0202, 'dsa_sha1'), named(0xefef, null)],
    encoded: extensions.encodeSignatureAlgorithms([0x0804, 0x0202, 0xefef].map(signatureScheme)),
  },
  {
    name: 'key_share of a client: two shares',
    type: 51,
    hex: `000d  caca 0001 00  001d 0004 ${KEY}`,
    decode: extensions.decodeKeyShares,
    value: [
      { group: named(0xcaca, 'GREASE'), length: 1 },
      { group: named(29, 'x25519'), length: 4 },
    ],
    encoded: extensions.encodeKeyShares([
      { group: namedGroup(0xcaca), keyExchange: fromHex('00') },
      { group: namedGroup(29), keyExchange: fromHex(KEY) },
    ]),
  },
  {
    name: 'key_share of a client: none, to be told a group',
    type: 51,
    hex: '0000',
    decode: extensions.decodeKeyShares,
    value: [],
    encoded: extensions.encodeKeyShares([]),
  },
  {
    name: 'key_share of a server',
    type: 51,
    hex: `11ec 0004 ${KEY}`,
    decode: extensions.decodeServerKeyShare,
    value: { group: named(4588, 'X25519MLKEM768'), length: 4 },
    encoded: null,
  },
  {
    name: 'key_share of a HelloRetryRequest',
    type: 51,
    hex: '0017',
    decode: extensions.decodeSelectedGroup,
    value: named(23, 'secp256r1'),
    encoded: null,
  },
  {
    name: 'application_layer_protocol_negotiation, one name in binary',
    type: 16,
    hex: '000c  02 baad  08 687474702f312e31',
    decode: extensions.decodeProtocolNameList,
    value: ['\xba\xad', 'http/1.1'],
    encoded: extensions.encodeProtocolNameList(['\xba\xad', 'http/1.1']),
  },
  {
    name: 'ec_point_formats',
    type: 11,
    hex: '04 00 01 02 07',
    decode: extensions.decodeEcPointFormats,
    value: [
      named(0, 'uncompressed'),
      named(1, 'ansiX962_compressed_prime'),
      named(2, 'ansiX962_compressed_char2'),
      named(7, null),
    ],
    encoded: extensions.encodeEcPointFormats([0, 1, 2, 7].map(ecPointFormat)),
  },
  {
    name: 'extended_master_secret',
    type: 23,
    hex: '',
    decode: extensions.hasExtendedMasterSecret,
    value: true,
    encoded: extensions.encodeExtendedMasterSecret(),
  },
  {
    name: 'encrypt_then_mac',
    type: 22,
    hex: '',
    decode: extensions.hasEncryptThenMac,
    value: true,
    encoded: extensions.encodeEncryptThenMac(),
  },
  {
    name: 'renegotiation_info of a first handshake',
    type: 65281,
    hex: '00',
    decode: extensions.hasRenegotiationInfo,
    value: true,
    encoded: extensions.encodeRenegotiationInfo(),
    cut: 'any',
  },
  {
    name: 'padding of three bytes',
    type: 21,
    hex: '000000',
    decode: extensions.decodePaddingLength,
    value: 3,
    encoded: extensions.encodePadding(3),
    cut: 'any',
  },
  {
    name: 'session_ticket with a ticket',
    type: 35,
    hex: 'abcdef01',
    decode: extensions.decodeSessionTicketLength,
    value: 4,
    encoded: extensions.encodeSessionTicket(fromHex('abcdef01')),
    cut: 'any',
  },
];

function list(type: number, data: Uint8Array): TlsExtension[] {
  return [{ type: extensionType(type), data }];
}

for (const { name, type, hex, decode, value, encoded, cut } of ROWS) {
  t.test(name, (t) => {
    const data = fromHex(hex);
    t.strictSame(plain(decode(list(type, data))), value);
    if (encoded !== null) t.strictSame(plain(encoded), plain(list(type, data)[0]), 'encode');
    const absent = value === true ? false : null;
    t.equal(decode(null), absent, 'no extensions block');
    t.equal(decode([]), absent, 'an empty block');
    for (let length = 0; length < data.length; length++) {
      const result = outcome(() => decode(list(type, data.subarray(0, length))));
      if (cut === 'any' || (cut === 'empty' && length === 0)) continue;
      t.ok(result instanceof DecodeError, `cut to ${length} bytes`);
    }
    t.end();
  });
}

t.test('bytes after the contents are refused', (t) => {
  t.throws(() => extensions.decodeSelectedVersion(list(43, fromHex('0304 00'))), {
    name: 'DecodeError',
    message: 'supported_versions at byte 2: 1 bytes follow its end',
  });
  t.throws(() => extensions.decodeServerName(list(0, fromHex('0000 00'))), { name: 'DecodeError' });
  t.end();
});

t.test('versions offered', (t) => {
  const rows: readonly (readonly [hex: string, versions: string[]])[] = [
    [tls.RFC8448_CLIENT_HELLO, ['TLSv1.3']],
    [tls.TLS10_CLIENT_HELLO, ['TLSv1.0']],
    [tls.SCHANNEL_RDP_CLIENT_HELLO, ['TLSv1.2']],
    [tls.RDESKTOP_CLIENT_HELLO, ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0']],
    [tls.GREASE_CLIENT_HELLO, ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0']],
  ];
  for (const [hex, versions] of rows) {
    const offered = extensions.offeredVersions(clientHello(hex));
    t.same(
      offered.map(({ name }) => name),
      versions,
    );
  }
  t.end();
});

t.test('versions negotiated', (t) => {
  const rows: readonly (readonly [hex: string, version: string])[] = [
    [tls.RFC8448_SERVER_HELLO, 'TLSv1.3'],
    [tls.RFC8448_HELLO_RETRY_REQUEST, 'TLSv1.3'],
    [tls.TLS10_SERVER_HELLO, 'TLSv1.0'],
  ];
  for (const [hex, version] of rows) {
    t.equal(extensions.negotiatedVersion(serverHello(hex)).name, version);
  }
  t.end();
});

t.test('extensions inside real messages', (t) => {
  const rdesktop = clientHello(tls.RDESKTOP_CLIENT_HELLO).extensions;
  t.equal(extensions.decodeServerName(rdesktop), null);
  t.equal(extensions.decodePaddingLength(rdesktop), 148);
  t.equal(extensions.decodeSessionTicketLength(rdesktop), 0);
  t.equal(extensions.hasRenegotiationInfo(rdesktop), true);
  t.equal(extensions.hasEncryptThenMac(rdesktop), false);
  t.same(extensions.decodeKeyShares(rdesktop), [
    { group: named(23, 'secp256r1'), length: 65 },
    { group: named(29, 'x25519'), length: 32 },
  ]);
  const tls10 = clientHello(tls.TLS10_CLIENT_HELLO).extensions;
  t.equal(extensions.decodeServerName(tls10), '192.168.1.150');
  t.same(extensions.decodeSignatureAlgorithms(tls10), null);
  const chosen = serverHello(tls.RFC8448_SERVER_HELLO).extensions;
  t.same(extensions.decodeServerKeyShare(chosen), { group: named(29, 'x25519'), length: 32 });
  const retry = serverHello(tls.RFC8448_HELLO_RETRY_REQUEST).extensions;
  t.same(extensions.decodeSelectedGroup(retry), named(23, 'secp256r1'));
  const retried = clientHello(tls.RFC8448_RETRIED_CLIENT_HELLO).extensions;
  t.same(extensions.decodeKeyShares(retried), [{ group: named(29, 'x25519'), length: 32 }]);
  t.equal(extensions.hasExtension(retried, 28), true);
  t.equal(toHex(extensions.findExtension(retried, 28)?.data ?? new Uint8Array()), '4001');
  t.end();
});

t.test('whatever the bytes, no other error', (t) => {
  for (const [index, { name, type, hex, decode }] of ROWS.entries()) {
    if (/^(padding|session_ticket|extended|encrypt|renegotiation|server_name of a s)/.test(name))
      continue;
    const noise = { seed: index, count: 20_000 };
    checkNoOtherError(t, (bytes) => decode(list(type, bytes)), [hex], noise);
  }
  t.end();
});
