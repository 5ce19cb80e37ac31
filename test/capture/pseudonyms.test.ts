import t from 'tap';
import { Pseudonyms } from '../../src/capture/pseudonyms.js';
import { toHex } from '../../src/wire/hex.js';

const key = new Uint8Array(32).fill(1);
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

t.test('a name is the same name wherever it stands, in capitals or as UTF-16', async (t) => {
  const pseudonyms = new Pseudonyms(key);
  const full = textOf(pseudonyms.text(latin1('srv01.corp.example')));
  const [host = '', domain] = full.split('.');
  t.match(full, /^[a-z]{3}\d\d\.[a-z]{4}\.[a-z]{7}$/);
  t.equal(textOf(pseudonyms.text(latin1('CORP\\SRV01$'))), `${domain}\\${host}$`.toUpperCase());
  const wide = pseudonyms.wideText(Uint8Array.from(Buffer.from('Srv01\0', 'utf16le')), true);
  const expected = host.charAt(0).toUpperCase() + host.slice(1);
  t.equal(Buffer.from(wide).toString('utf16le'), `${expected}\0`);
  const bigEndian = pseudonyms.wideText(Uint8Array.of(0, 0x73, 0x04, 0x1f), false);
  t.equal(bigEndian.length, 4);
  t.equal(bigEndian[2], 0, 'what is not Latin becomes x');
});

t.test('nothing stands for itself, and another key gives others', async (t) => {
  const pseudonyms = new Pseudonyms(key);
  const others = new Pseudonyms(new Uint8Array(32).fill(2));
  for (const word of 'abcdefghijklmnopqrstuvwxyz0123456789') {
    t.not(pseudonyms.word(word), word);
  }
  t.not(pseudonyms.word('administrator'), others.word('administrator'));
  t.not(
    toHex(pseudonyms.bytes(latin1('x'.repeat(40)))),
    toHex(others.bytes(latin1('x'.repeat(40)))),
  );
  t.equal(pseudonyms.bytes(new Uint8Array(100)).length, 100);
});

t.test('addresses are those for examples, as long as there are any', async (t) => {
  const pseudonyms = new Pseudonyms(key);
  const address = (number: number): Uint8Array =>
    Uint8Array.of(10, number >> 16, (number >> 8) & 0xff, number & 0xff);
  const stands = (number: number): string => (pseudonyms.address(address(number)) ?? []).join('.');
  t.equal(stands(0), '192.0.2.1');
  t.equal(stands(1), '192.0.2.2');
  t.equal(stands(0), '192.0.2.1', 'the same again');
  const all = new Set(Array.from({ length: 800 }, (_, number) => stands(number)));
  t.equal(all.size, 800);
  t.ok(all.has('192.0.2.254'));
  t.ok(all.has('198.51.100.254'));
  t.ok(all.has('203.0.113.254'));
  t.ok(all.has('198.18.0.1'));
  t.same(pseudonyms.address(new Uint8Array(4)), new Uint8Array(4), 'no address stays none');

  const ipv6 = pseudonyms.address(Uint8Array.of(0xfe, 0x80, ...new Uint8Array(14)));
  t.equal(toHex(ipv6?.subarray(0, 4) ?? new Uint8Array(0)), '20010db8');
  t.same(pseudonyms.mac(new Uint8Array(6))[0], 2);
});
