import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeTpkt, encodeTpkt, frameTpkt } from '../../src/wire/tpkt.js';
import { checkDecoding, checkNoOtherError, outcome, type Vector } from '../support/wire-vectors.js';

const VECTORS: readonly Vector[] = [
  {
    name: 'the Connection Confirm of [MS-RDPBCGR] 4.1.2',
    hex: '03 00 0013  0e d0 0000 1234 00 02 00 0800 00000000',
    value: { version: 3, reserved: 0, payload: '0ed000001234000200080000000000' },
  },
  {
    name: 'the shortest packet there is: a data TPDU without data (nDPI s7comm.pcap, packet 5)',
    hex: '03 00 0007  02f000',
    value: { version: 3, reserved: 0, payload: '02f000' },
  },
  {
    name: 'a reserved byte that is not zero is let through and shown',
    hex: '03 01 0007  02f080',
    value: { version: 3, reserved: 1, payload: '02f080' },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, VECTORS, decodeTpkt);
  t.end();
});

t.test('encode', (t) => {
  t.equal(toHex(encodeTpkt(fromHex('02f000'))), '0300000702f000');
  t.equal(toHex(encodeTpkt(new Uint8Array(0xfffb)).subarray(0, 6)), '0300ffff0000');
  t.throws(() => encodeTpkt(new Uint8Array(2)), RangeError, 'no TPDU has two bytes');
  t.throws(() => encodeTpkt(new Uint8Array(0xfffc)), RangeError, 'the length has 16 bits');
  t.end();
});

t.test('the frame is known as soon as its last byte is there, and not before', (t) => {
  for (const { hex } of VECTORS) {
    const bytes = fromHex(hex);
    for (let length = 0; length < bytes.length; length++) {
      t.same(frameTpkt(bytes.subarray(0, length)), { kind: 'need-more' });
    }
    t.same(frameTpkt(bytes), { kind: 'frame', length: bytes.length });
    const followed = new Uint8Array(bytes.length + 3);
    followed.set(bytes);
    t.same(frameTpkt(followed), { kind: 'frame', length: bytes.length }, 'what follows is not its');
  }
  t.end();
});

t.test('what cannot be a TPKT is refused by its first bytes', (t) => {
  const rows: readonly [name: string, hex: string, message: string][] = [
    ['an SSH banner, by one byte', '53', 'TPKT.version at byte 0: is 83, not 3'],
    ['a TLS record, by one byte', '16', 'TPKT.version at byte 0: is 22, not 3'],
    ['zeek rdp-invalid-length.pcap, packet 4', '45434f44', 'TPKT.version at byte 0: is 69, not 3'],
    ['zeek rdp-invalid-length.pcap, packet 6', '0500', 'TPKT.version at byte 0: is 5, not 3'],
    ['a length below the shortest TPDU', '03000006', 'TPKT.length at byte 2: is 6, less than 7'],
    ['a length of zero', '03000000', 'TPKT.length at byte 2: is 0, less than 7'],
  ];
  for (const [name, hex, message] of rows) {
    t.throws(() => frameTpkt(fromHex(hex)), { name: 'DecodeError', message }, name);
    t.throws(() => decodeTpkt(fromHex(`${hex}00000000`)), { name: 'DecodeError', message }, name);
  }
  t.end();
});

t.test('bytes behind the packet are refused by decodeTpkt, which wants exactly one', (t) => {
  t.throws(() => decodeTpkt(fromHex('0300000702f00000')), DecodeError);
  t.end();
});

t.test('a length of 65535 is bounded by what has arrived', (t) => {
  t.same(frameTpkt(fromHex('0300ffff02f080')), { kind: 'need-more' });
  t.ok(outcome(() => decodeTpkt(fromHex('0300ffff02f080'))) instanceof DecodeError);
  t.end();
});

t.test('whatever the bytes, the only error is DecodeError', (t) => {
  const samples = VECTORS.map((row) => row.hex);
  checkNoOtherError(t, decodeTpkt, samples);
  checkNoOtherError(t, frameTpkt, samples, { seed: 2 });
  t.end();
});
