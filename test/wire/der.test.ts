import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import {
  contextTag,
  DER_TAG,
  decodeOid,
  encodeDer,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  frameDer,
  LARGEST_DER_MESSAGE,
  readBitString,
  readBoolean,
  readElement,
  readInteger,
  readIntegerBytes,
  readOctetString,
  readOid,
  readOptional,
  readTagged,
  readTime,
} from '../../src/wire/der.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { Reader } from '../../src/wire/reader.js';
import { checkDecoding, checkNoOtherError, outcome, type Vector } from '../support/wire-vectors.js';

const read =
  <T>(one: (reader: Reader, field: string) => T) =>
  (bytes: Uint8Array): T => {
    const reader = new Reader(bytes);
    const value = one(reader, 'field');
    reader.end('field');
    return value;
  };
const integer = read((reader, field) => readInteger(reader, field, -(2 ** 47), 2 ** 47 - 1));

function refusal(decode: () => unknown): string {
  const result = outcome(decode);
  return result instanceof DecodeError ? result.message : 'a value';
}

t.test('INTEGER, both ways', (t) => {
  const vectors: readonly Vector[] = [
    { name: 'zero has one octet', hex: '02 01 00', value: 0 },
    { name: 'the largest of one octet', hex: '02 01 7f', value: 127 },
    { name: '128 needs an octet for its sign', hex: '02 02 0080', value: 128 },
    { name: 'minus one', hex: '02 01 ff', value: -1 },
    { name: '-128 has one octet', hex: '02 01 80', value: -128 },
    { name: '-129 has two', hex: '02 02 ff7f', value: -129 },
    { name: 'an NTSTATUS as signed number', hex: '02 04 c000006d', value: 0xc000006d - 2 ** 32 },
    { name: 'an NTSTATUS as unsigned number', hex: '02 05 00c000006d', value: 0xc000006d },
  ];
  checkDecoding(t, vectors, integer);
  for (const { name, hex, value } of vectors) {
    t.equal(toHex(encodeInteger(value as number)), toHex(fromHex(hex)), name);
  }
  t.equal(integer(fromHex('02 03 000005')), 5, 'octets more than needed are read');
  t.throws(() => encodeInteger(0.5), RangeError);
  t.equal(toHex(encodeInteger(3, DER_TAG.ENUMERATED)), '0a0103');
  t.equal(
    refusal(() => integer(fromHex('02 00'))),
    'field at byte 2: is an INTEGER of 0 octets',
  );
  t.equal(
    refusal(() => integer(fromHex('02 07 01020304050607'))),
    'field at byte 2: is an INTEGER of 7 octets',
  );
  t.equal(
    refusal(() => readInteger(new Reader(fromHex('02 01 05')), 'field', 0, 4)),
    'field at byte 2: is 5, not within 0 to 4',
  );
  t.equal(
    refusal(() => readIntegerBytes(new Reader(fromHex('02 00')), 'field')),
    'field at byte 2: is an INTEGER without octets',
  );
  t.end();
});

t.test('OBJECT IDENTIFIER, both ways', (t) => {
  const vectors: readonly Vector[] = [
    { name: 'SPNEGO', hex: '06 06 2b0601050502', value: '1.3.6.1.5.5.2' },
    {
      name: 'Remote Desktop Authentication',
      hex: '06 0a 2b0601040182373601 02',
      value: '1.3.6.1.4.1.311.54.1.2',
    },
    { name: 'the first two arcs share a number', hex: '06 01 27', value: '0.39' },
    { name: 'arc 1 begins at 40', hex: '06 01 28', value: '1.0' },
    { name: 'arc 2 has no end ([X.690] 8.19.5)', hex: '06 03 883703', value: '2.999.3' },
    {
      name: 'an arc of 128 bits (a UUID)',
      hex: '06 14 69 83ffffffffffffffffffffffffffffffffff7f',
      value: '2.25.340282366920938463463374607431768211455',
    },
  ];
  checkDecoding(t, vectors, read(readOid));
  for (const { name, hex, value } of vectors) {
    t.equal(toHex(encodeOid(value as string)), toHex(fromHex(hex)), name);
  }
  t.equal(decodeOid(fromHex('550403')), '2.5.4.3', 'contents octets alone');
  for (const text of ['', '1', '3.1', '1.40', '1.2.03', '1.2.-3', 'x']) {
    t.throws(() => encodeOid(text), RangeError, `'${text}' is none`);
  }
  t.match(
    refusal(() => read(readOid)(fromHex('06 02 2b86'))),
    /ends within an arc/,
  );
  t.match(
    refusal(() => read(readOid)(fromHex('06 00'))),
    /of 0 octets/,
  );
  t.match(
    refusal(() => read(readOid)(encodeDer(DER_TAG.OBJECT_IDENTIFIER, new Uint8Array(129)))),
    /of 129 octets/,
  );
  t.end();
});

t.test('times', (t) => {
  const time = (tag: number, text: string): Uint8Array =>
    encodeDer(tag, new Uint8Array(Buffer.from(text, 'latin1')));
  const { UTC_TIME, GENERALIZED_TIME } = DER_TAG;
  const rows: readonly [name: string, tag: number, text: string, instant: string][] = [
    ['UTCTime', UTC_TIME, '240726060340Z', '2024-07-26T06:03:40.000Z'],
    ['the last year of UTCTime', UTC_TIME, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    ['the first year of UTCTime', UTC_TIME, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    ['a leap day', UTC_TIME, '240229120000Z', '2024-02-29T12:00:00.000Z'],
    ['without seconds', UTC_TIME, '2407260603Z', '2024-07-26T06:03:00.000Z'],
    ['east of Greenwich', UTC_TIME, '240726060340+0200', '2024-07-26T04:03:40.000Z'],
    ['west of Greenwich', UTC_TIME, '240726060340-0530', '2024-07-26T11:33:40.000Z'],
    ['GeneralizedTime', GENERALIZED_TIME, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    ['no end ([RFC 5280])', GENERALIZED_TIME, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
    ['the year 50', GENERALIZED_TIME, '00500101000000Z', '0050-01-01T00:00:00.000Z'],
    ['fractions', GENERALIZED_TIME, '20240726060340.125Z', '2024-07-26T06:03:40.125Z'],
    ['no zone', GENERALIZED_TIME, '20240726060340', '2024-07-26T06:03:40.000Z'],
  ];
  for (const [name, tag, text, instant] of rows) {
    t.equal(new Date(read(readTime)(time(tag, text))).toISOString(), instant, name);
  }
  const refused: readonly [name: string, bytes: Uint8Array, message: RegExp][] = [
    ['month 13', time(UTC_TIME, '241301000000Z'), /not a day of the calendar/],
    ['30 February', time(UTC_TIME, '240230000000Z'), /not a day of the calendar/],
    ['hour 24', time(UTC_TIME, '240101240000Z'), /not a time of day/],
    ['words', time(UTC_TIME, 'yesterday'), /is not a time/],
    ['a long year in UTCTime', time(UTC_TIME, '20240726060340Z'), /is not a time/],
    ['a short year in GeneralizedTime', time(GENERALIZED_TIME, '240726Z'), /is not a time/],
    ['far too long', time(UTC_TIME, '2'.repeat(33)), /is a time of 33 octets/],
    ['another type', fromHex('02 01 00'), /has tag 0x02, not that of a time/],
  ];
  for (const [name, bytes, message] of refused) {
    t.match(
      refusal(() => read(readTime)(bytes)),
      message,
      name,
    );
  }
  t.end();
});

t.test('other types', (t) => {
  t.equal(read(readBoolean)(fromHex('01 01 ff')), true);
  t.equal(read(readBoolean)(fromHex('01 01 01')), true, 'BER calls every number but 0 true');
  t.equal(read(readBoolean)(fromHex('01 01 00')), false);
  t.ok(outcome(() => read(readBoolean)(fromHex('01 02 0000'))) instanceof DecodeError);
  t.equal(toHex(read(readOctetString)(fromHex('04 03 616263'))), '616263');
  const bits = read(readBitString)(fromHex('03 02 04 30'));
  t.same([bits.unusedBits, toHex(bits.bytes)], [4, '30']);
  t.match(
    refusal(() => read(readBitString)(fromHex('03 02 08 30'))),
    /leaves 8 bits unused/,
  );
  t.match(
    refusal(() => read(readBitString)(fromHex('03 01 01'))),
    /leaves 1 bits unused/,
  );
  t.equal(readOptional(new Reader(fromHex('a1 00')), contextTag(0), 'field'), null);
  t.equal(readOptional(new Reader(new Uint8Array()), contextTag(0), 'field'), null);
  t.equal(
    refusal(() => readTagged(new Reader(fromHex('04 00')), DER_TAG.SEQUENCE, 'field')),
    'field at byte 0: has tag 0x04, not 0x30',
  );
  t.match(
    refusal(() => readElement(new Reader(fromHex('1f 8100 00')), 'field')),
    /several octets/,
  );
  t.end();
});

t.test('an element knows its own bytes, wherever it stands', (t) => {
  const reader = new Reader(fromHex('0500 30 03 020107 0401aa'), 100);
  readElement(reader, 'first');
  const { tag, bytes, content } = readElement(reader, 'second');
  t.equal(tag, DER_TAG.SEQUENCE);
  t.equal(toHex(bytes), '3003020107');
  t.equal(content.offset, 104, 'errors name the place in the whole message');
  t.equal(toHex(readElement(reader, 'third').bytes), '0401aa');
  t.equal(reader.remaining, 0);
  t.end();
});

t.test('lengths', (t) => {
  const rows: readonly [size: number, header: string][] = [
    [0, '0400'],
    [0x7f, '047f'],
    [0x80, '048180'],
    [0xff, '0481ff'],
    [0x100, '04820100'],
    [0xffff, '0482ffff'],
    [0x10000, '0483010000'],
    [0x1000000, '048401000000'],
  ];
  for (const [size, header] of rows) {
    const bytes = encodeOctetString(new Uint8Array(size));
    t.equal(toHex(bytes.subarray(0, header.length / 2)), header, `${size} octets`);
    t.equal(read(readOctetString)(bytes).length, size);
  }
  t.equal(
    toHex(read(readOctetString)(fromHex('04 84 00000002 abcd'))),
    'abcd',
    'longer than needed',
  );
  t.match(
    refusal(() => read(readOctetString)(fromHex('04 80 ab 0000'))),
    /indefinite length/,
  );
  t.match(
    refusal(() => read(readOctetString)(fromHex('04 85 0000000001 ab'))),
    /of 5 octets/,
  );
  t.match(
    refusal(() => read(readOctetString)(fromHex('04 84 ffffffff ab'))),
    /needs 4294967295 bytes, 1 left/,
  );
  t.end();
});

t.test('a frame ends with its outermost element', (t) => {
  for (const hex of ['3000', '3003020106', '308103020106', '308400000003020106']) {
    const bytes = fromHex(hex);
    for (let length = 0; length < bytes.length; length++) {
      t.same(frameDer(bytes.subarray(0, length)), { kind: 'need-more' });
    }
    t.same(frameDer(bytes), { kind: 'frame', length: bytes.length });
    t.same(frameDer(fromHex(`${hex}3003`)), { kind: 'frame', length: bytes.length });
  }
  const largest = fromHex('30 83 03fffb');
  t.same(frameDer(largest), { kind: 'need-more' }, 'the largest message is waited for');
  t.match(
    refusal(() => frameDer(fromHex('30 83 03fffc'), 'TSRequest')),
    `TSRequest at byte 0: claims ${LARGEST_DER_MESSAGE + 1} bytes, more than ${LARGEST_DER_MESSAGE}`,
  );
  t.match(
    refusal(() => frameDer(fromHex('30 84 ffffffff'))),
    /claims 4294967301 bytes/,
  );
  t.match(
    refusal(() => frameDer(fromHex('30 80'))),
    /indefinite length/,
  );
  t.match(
    refusal(() => frameDer(fromHex('30 ff'))),
    /has a length of 127 octets/,
  );
  t.end();
});

t.test('deep nesting costs nothing', (t) => {
  const depth = 50_000;
  const bytes = new Uint8Array(5 * depth);
  const view = new DataView(bytes.buffer);
  for (let level = 0; level < depth; level++) {
    view.setUint16(5 * level, 0x3083);
    view.setUint8(5 * level + 2, (5 * (depth - level - 1)) >> 16);
    view.setUint16(5 * level + 3, (5 * (depth - level - 1)) & 0xffff);
  }
  t.same(frameDer(bytes), { kind: 'frame', length: bytes.length });
  t.equal(readElement(new Reader(bytes), 'field').content.remaining, bytes.length - 5);
  t.end();
});

t.test('whatever the bytes, a value or a DecodeError', (t) => {
  const samples = [
    '30 03 020106',
    '06 06 2b0601050502',
    '17 0d 3234303732363036303334305a',
    '0101ff',
  ];
  const readers = [readElement, readOid, readTime, readBoolean, readBitString, readIntegerBytes];
  for (const [seed, one] of readers.entries()) {
    checkNoOtherError(t, (bytes) => one(new Reader(bytes), 'field'), [...samples, '0302043002'], {
      seed,
      count: 4000,
    });
  }
  checkNoOtherError(t, (bytes) => frameDer(bytes), [...samples, '3084ffffffff00'], { count: 4000 });
  t.end();
});
