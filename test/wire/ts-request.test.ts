import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  decodeTsRequest,
  encodeTsRequest,
  frameTsRequest,
  ntStatus,
} from '../../src/wire/ts-request.js';
import { checkDecoding, checkNoOtherError, outcome, type Vector } from '../support/wire-vectors.js';

const NTLM_NEGOTIATE =
  '4e544c4d53535000 01000000 b78208e2 0000000000000000 0000000000000000 0601b11d0000000f';
const NTLM_CHALLENGE = `
  4e544c4d53535000 02000000 0400040038000000 b78288e2 aeca59a93c5b27d7 0000000000000000
  300030003c000000 0601b11d0000000f 56004d00 0200040056004d00 0100040056004d00
  0400040076006d00 0300040076006d00 0700080000b6f93a4979dd01 00000000`;
const NONCE = 'e4fe80a3dd15d7503e6949a65fc394da934748cedacf0cb953d5ca2ad2af1bd7';
const compact = (hex: string): string => toHex(fromHex(hex));
const absent = {
  negoTokens: null,
  authInfo: null,
  pubKeyAuth: null,
  errorCode: null,
  clientNonce: null,
  other: [],
};

/** In the shortest form: these must come out of the encoder byte for byte. */
const VECTORS: readonly Vector[] = [
  {
    name: 'the first message of FreeRDP 2, from a decrypted capture of our laboratory',
    hex: `305b                                ; TSRequest
      a003 0201 06                            ; version 6
      a130 302e 302c a02a 0428 ${NTLM_NEGOTIATE} ; negoTokens
      a522 0420 ${NONCE}                      ; clientNonce`,
    value: {
      ...absent,
      version: 6,
      negoTokens: [compact(NTLM_NEGOTIATE)],
      clientNonce: compact(NONCE),
    },
  },
  {
    name: 'its answer, with lengths of two octets',
    hex: `30819f a003 0201 06
      a174 3072 3070 a06e 046c ${NTLM_CHALLENGE}
      a522 0420 ${NONCE}`,
    value: {
      ...absent,
      version: 6,
      negoTokens: [compact(NTLM_CHALLENGE)],
      clientNonce: compact(NONCE),
    },
  },
  {
    name: 'the server proves that it knows the key, from the same capture',
    hex: `305d a003 0201 06
      a332 0430 010000007bb855d10a652081000000009014b9c1e81451ac4ae1052a94ada4f99fe3d68601ae7881
                351582a65e421c8c
      a522 0420 ${NONCE}`,
    value: {
      ...absent,
      version: 6,
      pubKeyAuth:
        '010000007bb855d10a652081000000009014b9c1e81451ac4ae1052a94ada4f99fe3d68601ae7881351582a65e421c8c',
      clientNonce: compact(NONCE),
    },
  },
  {
    name: 'every field at once (the test data of pyspnego)',
    hex: `3044 a003 0201 06
      a10b 3009 3007 a005 0403 313233
      a20b 0409 6175746820696e666f
      a30e 040c 707562206b65792061757468
      a403 0201 0a
      a50e 040c 636c69656e74206e6f6e6365`,
    value: {
      version: 6,
      negoTokens: ['313233'],
      authInfo: '6175746820696e666f',
      pubKeyAuth: '707562206b65792061757468',
      errorCode: { value: 10, name: null },
      clientNonce: '636c69656e74206e6f6e6365',
      other: [],
    },
  },
  {
    name: 'a refused logon as NTSTATUS of four octets',
    hex: '300d a003 020106 a406 0204 c000006d',
    value: {
      ...absent,
      version: 6,
      errorCode: { value: 0xc000006d, name: 'STATUS_LOGON_FAILURE' },
    },
  },
  {
    name: 'version 2 without any token',
    hex: '3005 a003 020102',
    value: { ...absent, version: 2 },
  },
  {
    name: 'a version that nobody has heard of (96)',
    hex: '3005 a003 020160',
    value: { ...absent, version: 0x60 },
  },
  {
    name: 'two tokens keep their order',
    hex: '3017 a003 020106 a110 300e 3005 a003 0401 aa 3005 a003 0401 bb',
    value: { ...absent, version: 6, negoTokens: ['aa', 'bb'] },
  },
  {
    name: 'negoTokens that are there and empty',
    hex: '3009 a003 020106 a102 3000',
    value: { ...absent, version: 6, negoTokens: [] },
  },
  {
    name: 'a field of a later version is kept',
    hex: '300a a003 020107 a603 020101',
    value: { ...absent, version: 7, other: [{ tagNumber: 6, bytes: '020101' }] },
  },
];

const OTHER_FORMS: readonly Vector[] = [
  {
    name: 'a refused logon as positive number of five octets',
    hex: '300e a003 020106 a407 0205 00c000006d',
    value: {
      ...absent,
      version: 6,
      errorCode: { value: 0xc000006d, name: 'STATUS_LOGON_FAILURE' },
    },
  },
  {
    name: 'lengths longer than needed, as BER allows',
    hex: '3084 0000000d a082 0009 0284 00000003 000006',
    value: { ...absent, version: 6 },
  },
  {
    name: 'fields in another order',
    hex: '300d a406 0204 c000005e a003 020106',
    value: {
      ...absent,
      version: 6,
      errorCode: { value: 0xc000005e, name: 'STATUS_NO_LOGON_SERVERS' },
    },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, [...VECTORS, ...OTHER_FORMS], decodeTsRequest);
  t.end();
});

t.test('encode', (t) => {
  for (const { name, hex } of VECTORS) {
    t.equal(toHex(encodeTsRequest(decodeTsRequest(fromHex(hex)))), compact(hex), name);
  }
  t.equal(
    toHex(encodeTsRequest({ version: 6, errorCode: ntStatus(0xc000006d) })),
    '300da003020106a4060204c000006d',
  );
  t.equal(toHex(encodeTsRequest({ version: 2 })), '3005a003020102', 'fields may be left out');
  t.end();
});

t.test('NTSTATUS', (t) => {
  t.same(ntStatus(0xc0000022), { value: 0xc0000022, name: 'STATUS_ACCESS_DENIED' });
  t.same(ntStatus(0xc0000022 | 0), { value: 0xc0000022, name: 'STATUS_ACCESS_DENIED' });
  t.same(ntStatus(0xc0000001), { value: 0xc0000001, name: null });
  t.end();
});

t.test('the frame is known as soon as its last byte is there, and not before', (t) => {
  for (const { hex } of [...VECTORS, ...OTHER_FORMS]) {
    const bytes = fromHex(hex);
    for (let length = 0; length < bytes.length; length++) {
      t.same(frameTsRequest(bytes.subarray(0, length)), { kind: 'need-more' });
    }
    t.same(frameTsRequest(fromHex(`${hex}\n 0300`)), { kind: 'frame', length: bytes.length });
  }
  t.end();
});

t.test('what cannot be a TSRequest is refused', (t) => {
  const rows: readonly [name: string, hex: string, message: string][] = [
    ['a TPKT', '0300', 'TSRequest at byte 0: has tag 0x03, not 0x30'],
    ['no version', '3000', 'TSRequest.version at byte 2: is missing'],
    [
      'a negative version',
      '3005 a003 0201 ff',
      'TSRequest.version at byte 6: is -1, not within 0 to 2147483647',
    ],
    ['a field twice', '300a a003 020106 a003 020106', 'TSRequest at byte 7: has field [0] twice'],
    ['a field without context tag', '3003 020106', 'TSRequest at byte 2: field has tag 0x2'],
    [
      'more in a field than it holds',
      '3008 a006 020106 020106',
      'TSRequest field [0] at byte 7: 3 bytes follow its end',
    ],
    ['bytes after the end', '3005 a003 020106 00', 'TSRequest at byte 7: 1 bytes follow its end'],
    [
      'an error code beyond 32 bits',
      '300e a003 020106 a407 0205 01c000006d',
      'TSRequest.errorCode at byte 11: is 7516192877, not within -2147483648 to 4294967295',
    ],
  ];
  for (const [name, hex, message] of rows) {
    const result = outcome(() => decodeTsRequest(fromHex(hex)));
    t.equal(result instanceof DecodeError && result.message, message, name);
  }
  const byFirstByte = outcome(() => frameTsRequest(fromHex('16')));
  t.ok(byFirstByte instanceof DecodeError, 'the framer needs one byte to see that it is none');
  t.end();
});

t.test('whatever the bytes, a value or a DecodeError', (t) => {
  const samples = [...VECTORS, ...OTHER_FORMS].map((vector) => vector.hex);
  checkNoOtherError(t, decodeTsRequest, samples);
  checkNoOtherError(t, frameTsRequest, samples, { seed: 2 });
  t.end();
});
