import t from 'tap';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  encodePerLength,
  encodePerOctetString,
  readPerInteger,
  readPerInteger16,
  readPerLength,
  readPerOctetString,
} from '../../src/wire/per.js';
import { Reader } from '../../src/wire/reader.js';
import { checkDecoding, checkNoOtherError, type Vector } from '../support/wire-vectors.js';

type Read = (reader: Reader, field: string) => unknown;

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

const readUserId: Read = (reader, field) => readPerInteger16(reader, 1001, field);

const ROWS: readonly Row[] = [
  {
    name: 'the largest length of one byte',
    hex: '7f',
    value: 127,
    read: readPerLength,
    encode: () => encodePerLength(127),
  },
  {
    name: 'the smallest length of two bytes',
    hex: '8080',
    value: 128,
    read: readPerLength,
    encode: () => encodePerLength(128),
  },
  {
    name: 'connectPDU of [MS-RDPBCGR] 4.1.3: 298 bytes',
    hex: '812a',
    value: 298,
    read: readPerLength,
    encode: () => encodePerLength(298),
  },
  {
    name: 'the largest length without fragments',
    hex: 'bfff',
    value: 16383,
    read: readPerLength,
    encode: () => encodePerLength(16383),
  },
  {
    name: 'a whole number without bound',
    hex: '01 00',
    value: 0,
    read: readPerInteger,
  },
  {
    name: 'a whole number of four bytes',
    hex: '04 fffefdfc',
    value: 0xfffefdfc,
    read: readPerInteger,
  },
  {
    name: 'a user id of [MS-RDPBCGR] 4.1.7: six above 1001',
    hex: '0006',
    value: 1007,
    read: readUserId,
  },
  {
    name: 'an octet string',
    hex: '03 616263',
    value: '616263',
    read: readPerOctetString,
    encode: () => encodePerOctetString(fromHex('616263')),
  },
  {
    name: 'an octet string without bytes',
    hex: '00',
    value: '',
    read: readPerOctetString,
    encode: () => encodePerOctetString(new Uint8Array(0)),
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
  t.throws(() => encodePerLength(16384), RangeError, 'fragments are not written');
  t.throws(() => encodePerOctetString(new Uint8Array(16384)), RangeError);
  t.end();
});

t.test('what the handshake cannot hold is refused', (t) => {
  const rows: readonly [name: string, hex: string, read: Read, message: string][] = [
    ['a fragmented length', 'c1', readPerLength, 'X.length at byte 0: announces fragments'],
    ['a number of no bytes', '00', readPerInteger, 'X at byte 1: is a number of 0 bytes'],
    ['a number of five bytes', '05 01', readPerInteger, 'X at byte 1: is a number of 5 bytes'],
    [
      'a string beyond the end',
      'bfff 00',
      readPerOctetString,
      'X at byte 2: needs 16383 bytes, 1 left',
    ],
  ];
  for (const [name, hex, read, message] of rows) {
    t.throws(() => read(new Reader(fromHex(hex)), 'X'), { name: 'DecodeError', message }, name);
  }
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  for (const read of [readPerLength, readPerInteger, readUserId, readPerOctetString]) {
    const samples = ROWS.filter((row) => row.read === read).map((row) => row.hex);
    checkNoOtherError(t, whole(read), samples);
  }
  t.end();
});
