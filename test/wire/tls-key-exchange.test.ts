import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import {
  decodeNamedCurve,
  decodeServerKeyExchangeParams,
  keyExchangeFigures,
  keyExchangeOf,
} from '../../src/wire/tls-key-exchange.js';
import { cipherSuite } from '../../src/wire/tls-names.js';
import { checkNoOtherError, outcome } from '../support/wire-vectors.js';
import { DHE_SERVER_KEY_EXCHANGE, SCHANNEL_RDP_SERVER_KEY_EXCHANGE } from '../vectors/tls.js';

const DHE = fromHex(DHE_SERVER_KEY_EXCHANGE).subarray(4);
const ECDHE = fromHex(SCHANNEL_RDP_SERVER_KEY_EXCHANGE).subarray(4);

t.test('the size of a DHE prime', (t) => {
  t.same(decodeServerKeyExchangeParams(DHE, 'dhe'), { kind: 'dhe', primeBits: 1024 });
  const rows: readonly (readonly [hex: string, primeBits: number])[] = [
    ['0001 17  0001 02  0001 05', 5],
    ['0002 0100  0001 02  0001 05', 9],
    ['0003 00ffff  0001 02  0001 05', 16],
    ['0001 01  0000  0000', 1],
  ];
  for (const [hex, primeBits] of rows) {
    t.same(decodeServerKeyExchangeParams(fromHex(hex), 'dhe'), { kind: 'dhe', primeBits }, hex);
  }
  for (const hex of ['0000 0001 02 0001 05', '0002 0000 0001 02 0001 05']) {
    t.throws(() => decodeServerKeyExchangeParams(fromHex(hex), 'dhe'), {
      name: 'DecodeError',
      message: 'ServerDHParams.dh_p at byte 0: is zero',
    });
  }
  t.end();
});

t.test('the curve of ECDHE', (t) => {
  const secp384r1 = { value: 24, name: 'secp384r1' };
  t.same(decodeServerKeyExchangeParams(ECDHE, 'ecdhe'), { kind: 'ecdhe', group: secp384r1 });
  t.same(decodeNamedCurve(ECDHE), secp384r1);
  t.same(decodeNamedCurve(fromHex('03 001d 01 aa')), { value: 29, name: 'x25519' });
  t.same(decodeNamedCurve(fromHex('03 7777 01 aa')), { value: 0x7777, name: null });
  t.same(decodeServerKeyExchangeParams(fromHex('01 00'), 'ecdhe'), { kind: 'ecdhe', group: null });
  t.same(decodeServerKeyExchangeParams(fromHex('02 00'), 'ecdhe'), { kind: 'ecdhe', group: null });
  for (const hex of ['', '00', '04 001d 01 aa', '03 001d 00', '03 001d 02 aa']) {
    t.throws(
      () => decodeServerKeyExchangeParams(fromHex(hex), 'ecdhe'),
      { name: 'DecodeError' },
      hex,
    );
    t.equal(decodeNamedCurve(fromHex(hex)), null, hex);
  }
  t.end();
});

t.test('a DHE prime of 6144 bits is not taken for a curve', (t) => {
  const prime = `0300 ${'ff'.repeat(768)} 0001 02 0300 ${'11'.repeat(768)}`;
  t.equal(decodeNamedCurve(fromHex(prime)), null);
  t.same(decodeServerKeyExchangeParams(fromHex(prime), 'dhe'), { kind: 'dhe', primeBits: 6144 });
  t.end();
});

t.test('the key exchange of a cipher suite', (t) => {
  const rows: readonly (readonly [suite: number, keyExchange: string | null])[] = [
    [0xc030, 'ecdhe'],
    [0xc02b, 'ecdhe'],
    [0xc018, 'ecdhe'],
    [0xcc13, 'ecdhe'],
    [0x009f, 'dhe'],
    [0x0013, 'dhe'],
    [0x0018, 'dhe'],
    [0x0035, null],
    [0xc00e, null],
    [0x0030, null],
    [0xc035, null],
    [0x0090, null],
    [0x1302, null],
    [0x0a0a, null],
    [0xeeee, null],
  ];
  for (const [suite, keyExchange] of rows) {
    const { name } = cipherSuite(suite);
    t.equal(keyExchangeOf(cipherSuite(suite)), keyExchange, `${suite} ${name}`);
  }
  t.end();
});

t.test('cut at every length: a shorter signature, or a DecodeError', (t) => {
  for (let length = 0; length < ECDHE.length; length++) {
    const cut = outcome(() => decodeServerKeyExchangeParams(ECDHE.subarray(0, length), 'ecdhe'));
    t.equal(cut instanceof Error, length < 101, `${length}`);
  }
  for (let length = 0; length < DHE.length; length++) {
    const cut = outcome(() => decodeServerKeyExchangeParams(DHE.subarray(0, length), 'dhe'));
    t.equal(cut instanceof Error, length < 263, `${length}`);
  }
  t.end();
});

t.test('whatever the bytes, no other error', (t) => {
  const samples = [
    '0003 00ffff  0001 02  0001 05',
    '03 001d 01 aa',
    SCHANNEL_RDP_SERVER_KEY_EXCHANGE.trim().slice(8),
  ];
  checkNoOtherError(t, (bytes) => decodeServerKeyExchangeParams(bytes, 'dhe'), samples);
  checkNoOtherError(t, (bytes) => decodeServerKeyExchangeParams(bytes, 'ecdhe'), samples);
  t.end();
});

t.test('what a ServerKeyExchange says of its strength', (t) => {
  const sha256 = { value: 0x0401, name: 'rsa_pkcs1_sha256' };
  const pss = { value: 0x0804, name: 'rsa_pss_rsae_sha256' };
  t.same(keyExchangeFigures(ECDHE, cipherSuite(0xc030), 0x0303), {
    primeBits: null,
    signature: sha256,
  });
  t.same(keyExchangeFigures(DHE, cipherSuite(0x009e), 0x0303), {
    primeBits: 1024,
    signature: pss,
  });
  const unsigned = { primeBits: 1024, signature: null };
  t.same(keyExchangeFigures(DHE, cipherSuite(0x0033), 0x0301), unsigned, 'before TLS 1.2');
  t.same(keyExchangeFigures(DHE, cipherSuite(0x0034), 0x0303), unsigned, 'without a certificate');
  for (const suite of [0x002f, 0x1301, 0xeeee]) {
    t.equal(keyExchangeFigures(DHE, cipherSuite(suite), 0x0303), null, `${suite}`);
  }
  t.equal(keyExchangeFigures(DHE, cipherSuite(0xc030), 0x0303), null, 'of the other kind');
  for (let length = 0; length < DHE.length; length++) {
    const cut = keyExchangeFigures(DHE.subarray(0, length), cipherSuite(0x009e), 0x0303);
    t.equal(cut === null, length < 265, `${length}`);
  }
  checkNoOtherError(
    t,
    (bytes) => {
      const suite = cipherSuite(bytes.length % 2 === 0 ? 0x009e : 0xc030);
      if (keyExchangeFigures(bytes, suite, 0x0303) === null) throw new DecodeError('it', 0, 'cut');
    },
    [toHex(DHE), toHex(ECDHE)],
    { count: 500 },
  );
  t.end();
});
