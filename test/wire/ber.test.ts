import t from 'tap';
import {
  BER_OCTET_STRING,
  BER_SEQUENCE,
  carveBer,
  encodeBer,
  encodeBerBoolean,
  encodeBerEnumerated,
  encodeBerInteger,
  encodeBerUnsigned,
  readBerBoolean,
  readBerEnumerated,
  readBerLength,
  readBerOctetString,
  readBerUnsigned,
} from '../../src/wire/ber.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { Reader } from '../../src/wire/reader.js';
import { checkDecoding, checkNoOtherError, type Vector } from '../support/wire-vectors.js';

type Read = (reader: Reader, field: string) => unknown;

/** The element must be all there is. */
function whole(read: Read): (bytes: Uint8Array) => unknown {
  return (bytes) => {
    const reader = new Reader(bytes);
    const value = read(reader, 'X');
    reader.end('X');
    return value;
  };
}

interface Row extends Vector {
  readonly read: Read;
  readonly encode?: () => Uint8Array;
}

const ROWS: readonly Row[] = [
  {
    name: 'a length in one byte',
    hex: '7f',
    value: 127,
    read: readBerLength,
  },
  {
    name: 'a length in more bytes than it needs, as BER allows',
    hex: '84 00 00 01 94',
    value: 404,
    read: readBerLength,
  },
  {
    name: 'the number 34',
    hex: '02 01 22',
    value: 34,
    read: readBerUnsigned,
    encode: () => encodeBerUnsigned(34),
  },
  {
    name: 'zero takes one byte',
    hex: '02 01 00',
    value: 0,
    read: readBerUnsigned,
    encode: () => encodeBerInteger(0),
  },
  {
    name: '65535 without room for its sign, as mstsc writes it ([MS-RDPBCGR] 4.1.3)',
    hex: '02 02 ff ff',
    value: 65535,
    read: readBerUnsigned,
    encode: () => encodeBerUnsigned(65535),
  },
  {
    name: '65528 with room for its sign, as Windows servers write it ([MS-RDPBCGR] 4.1.4)',
    hex: '02 03 00 ff f8',
    value: 65528,
    read: readBerUnsigned,
    encode: () => encodeBerInteger(65528),
  },
  {
    name: 'the largest number of 32 bits',
    hex: '02 05 00 ff ff ff ff',
    value: 0xffffffff,
    read: readBerUnsigned,
    encode: () => encodeBerInteger(0xffffffff),
  },
  {
    name: 'an enumerated value',
    hex: '0a 01 0f',
    value: 15,
    read: readBerEnumerated,
    encode: () => encodeBerEnumerated(15),
  },
  {
    name: 'true',
    hex: '01 01 ff',
    value: true,
    read: readBerBoolean,
    encode: () => encodeBerBoolean(true),
  },
  {
    name: 'false',
    hex: '01 01 00',
    value: false,
    read: readBerBoolean,
    encode: () => encodeBerBoolean(false),
  },
  {
    name: 'any byte but zero is true',
    hex: '01 01 01',
    value: true,
    read: readBerBoolean,
  },
  {
    name: 'an octet string',
    hex: '04 03 616263',
    value: '616263',
    read: readBerOctetString,
    encode: () => encodeBer(BER_OCTET_STRING, fromHex('616263')),
  },
  {
    name: 'an octet string of 128 bytes has a length of two',
    hex: `04 81 80 ${'5a'.repeat(128)}`,
    value: '5a'.repeat(128),
    read: readBerOctetString,
    encode: () => encodeBer(BER_OCTET_STRING, new Uint8Array(128).fill(0x5a)),
  },
  {
    name: 'an octet string of 256 bytes has a length of three',
    hex: `04 82 0100 ${'5a'.repeat(256)}`,
    value: '5a'.repeat(256),
    read: readBerOctetString,
    encode: () => encodeBer(BER_OCTET_STRING, new Uint8Array(256).fill(0x5a)),
  },
  {
    name: 'an application tag of two bytes',
    hex: '7f65 02 abcd',
    value: 'abcd',
    read: (reader, field) => carveBer(reader, 0x7f65, field).rest(),
    encode: () => encodeBer(0x7f65, fromHex('ab'), fromHex('cd')),
  },
];

t.test('decode', (t) => {
  for (const row of ROWS) checkDecoding(t, [row], whole(row.read));
  t.end();
});

t.test('encode', (t) => {
  for (const { name, hex, encode } of ROWS) {
    if (encode) t.equal(toHex(encode()), toHex(fromHex(hex)), name);
  }
  t.equal(toHex(encodeBer(BER_SEQUENCE, new Uint8Array(0x10000)).subarray(0, 6)), '308400010000');
  t.throws(() => encodeBerUnsigned(-1), RangeError);
  t.throws(() => encodeBerInteger(2 ** 32), RangeError);
  t.end();
});

t.test('what cannot be BER of MCS is refused', (t) => {
  const rows: readonly [name: string, hex: string, read: Read, message: string][] = [
    ['an indefinite length', '80', readBerLength, 'X.length at byte 0: is indefinite'],
    [
      'a length of nine bytes',
      '89 010203040506070809',
      readBerLength,
      'X.length at byte 0: takes 9 bytes, more than 4',
    ],
    ['another tag', '03 01 00', readBerUnsigned, 'X.tag at byte 0: is 0x3, not 0x2'],
    [
      'another application tag',
      '7f66 00',
      (reader, field) => carveBer(reader, 0x7f65, field),
      'X.tag at byte 0: is 0x7f66, not 0x7f65',
    ],
    [
      'a length beyond the end',
      '04 84 ffffffff 00',
      readBerOctetString,
      'X at byte 6: needs 4294967295 bytes, 1 left',
    ],
    ['a number of no bytes', '02 00', readBerUnsigned, 'X at byte 2: is a number of 0 bytes'],
    [
      'a number of six bytes',
      '02 06 010203040506',
      readBerUnsigned,
      'X at byte 2: is a number of 6 bytes',
    ],
    ['a boolean of two bytes', '01 02 0000', readBerBoolean, 'X at byte 3: 1 bytes follow its end'],
  ];
  for (const [name, hex, read, message] of rows) {
    t.throws(() => read(new Reader(fromHex(hex)), 'X'), { name: 'DecodeError', message }, name);
  }
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  for (const read of [readBerUnsigned, readBerBoolean, readBerOctetString, readBerEnumerated]) {
    const samples = ROWS.filter((row) => row.read === read).map((row) => row.hex);
    checkNoOtherError(t, whole(read), samples);
  }
  t.end();
});
