import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeTlsRecord, encodeTlsRecord, frameTlsRecord } from '../../src/wire/tls-record.js';
import { checkDecoding, checkNoOtherError, outcome, type Vector } from '../support/wire-vectors.js';

const VECTORS: readonly Vector[] = [
  {
    name: 'a fatal alert protocol_version (our lab, xrdp with TLS 1.3 only against FreeRDP)',
    hex: '15 0303 0002  02 46',
    value: {
      contentType: { value: 21, name: 'alert' },
      version: { value: 0x0303, name: 'TLSv1.2' },
      fragment: '0246',
    },
  },
  {
    name: 'ChangeCipherSpec of TLS 1.0',
    hex: '14 0301 0001  01',
    value: {
      contentType: { value: 20, name: 'change_cipher_spec' },
      version: { value: 0x0301, name: 'TLSv1.0' },
      fragment: '01',
    },
  },
  {
    name: 'a ServerHelloDone in SSL 3.0',
    hex: '16 0300 0004  0e000000',
    value: {
      contentType: { value: 22, name: 'handshake' },
      version: { value: 0x0300, name: 'SSLv3' },
      fragment: '0e000000',
    },
  },
  {
    name: 'a minor version that nobody knows keeps its number',
    hex: '17 0309 0002  abcd',
    value: {
      contentType: { value: 23, name: 'application_data' },
      version: { value: 0x0309, name: null },
      fragment: 'abcd',
    },
  },
  {
    name: 'an empty record of application data, RFC 5246 section 6.2.1',
    hex: '17 0303 0000',
    value: {
      contentType: { value: 23, name: 'application_data' },
      version: { value: 0x0303, name: 'TLSv1.2' },
      fragment: '',
    },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, VECTORS, decodeTlsRecord);
  t.end();
});

t.test('encode', (t) => {
  for (const { name, hex } of VECTORS) {
    const record = decodeTlsRecord(fromHex(hex));
    const encoded = encodeTlsRecord(
      record.contentType.value,
      record.version.value,
      record.fragment,
    );
    t.equal(toHex(encoded), toHex(fromHex(hex)), name);
  }
  t.throws(() => encodeTlsRecord(23, 0x0303, new Uint8Array(18433)), RangeError);
  t.end();
});

t.test('the frame is known with the last byte of the record, and not before', (t) => {
  for (const { hex } of VECTORS) {
    const bytes = fromHex(hex);
    for (let length = 0; length < bytes.length; length++) {
      t.same(frameTlsRecord(bytes.subarray(0, length)), { kind: 'need-more' });
    }
    const followed = Uint8Array.from([...bytes, 0xff]);
    t.same(frameTlsRecord(bytes), { kind: 'frame', length: bytes.length });
    t.same(frameTlsRecord(followed), { kind: 'frame', length: bytes.length });
    t.ok(outcome(() => decodeTlsRecord(followed)) instanceof DecodeError, 'one record, no more');
  }
  t.end();
});

const REFUSED: readonly (readonly [name: string, hex: string, message: string])[] = [
  ['a TPKT header', '03', 'TLSPlaintext.type at byte 0: is 3, not 20 to 24'],
  ['an SSL 2.0 ClientHello', '80', 'TLSPlaintext.type at byte 0: is 128, not 20 to 24'],
  ['tls12_cid, a type of DTLS', '19', 'TLSPlaintext.type at byte 0: is 25, not 20 to 24'],
  ['DTLS 1.2', '16 fe', 'TLSPlaintext.version at byte 1: has major version 254, not 3'],
  [
    'a length that is too large by far',
    '17 0303 49',
    'TLSPlaintext.length at byte 3: is 18688, more than 18432',
  ],
  [
    'a length that is too large by one',
    '17 0303 4801',
    'TLSPlaintext.length at byte 3: is 18433, more than 18432',
  ],
];

t.test('what cannot be a record is refused as soon as that shows', (t) => {
  for (const [name, hex, message] of REFUSED) {
    const bytes = fromHex(hex);
    t.throws(() => frameTlsRecord(bytes), { name: 'DecodeError', message }, name);
    t.same(frameTlsRecord(bytes.subarray(0, -1)), { kind: 'need-more' }, `${name}: not earlier`);
    const whole = new Uint8Array(5 + 18688);
    whole.set(bytes);
    t.throws(() => decodeTlsRecord(whole), DecodeError, `${name}: by the decoder too`);
  }
  t.end();
});

t.test('the longest record: 2^14 + 2048 bytes', (t) => {
  const bytes = encodeTlsRecord(23, 0x0303, new Uint8Array(18432));
  t.equal(toHex(bytes.subarray(0, 5)), '1703034800');
  t.same(frameTlsRecord(bytes), { kind: 'frame', length: 18437 });
  t.equal(decodeTlsRecord(bytes).fragment.length, 18432);
  t.end();
});

t.test('whatever the bytes, no other error', (t) => {
  const samples = VECTORS.map(({ hex }) => hex);
  checkNoOtherError(t, decodeTlsRecord, samples);
  checkNoOtherError(t, frameTlsRecord, samples, { seed: 2 });
  t.end();
});
