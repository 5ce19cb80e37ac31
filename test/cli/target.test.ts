import t from 'tap';
import { familyOf } from '../../src/cli/ip-address.js';
import { parseTarget } from '../../src/cli/target.js';

const GOOD: readonly (readonly [text: string, host: string, port: number])[] = [
  ['srv01', 'srv01', 3389],
  ['srv01.example', 'srv01.example', 3389],
  ['srv01.example.', 'srv01.example.', 3389],
  ['SRV_01.example:3390', 'SRV_01.example', 3390],
  ['192.0.2.10', '192.0.2.10', 3389],
  ['192.0.2.10:1', '192.0.2.10', 1],
  ['192.0.2.10:65535', '192.0.2.10', 65535],
  ['2001:db8::1', '2001:db8::1', 3389],
  ['::1', '::1', 3389],
  ['[::1]', '::1', 3389],
  ['[2001:db8::1]:3390', '2001:db8::1', 3390],
  ['[fe80::1%eth0]:3389', 'fe80::1%eth0', 3389],
  ['fe80::1%eth0', 'fe80::1%eth0', 3389],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1', 3389],
  ['bücher.example', 'xn--bcher-kva.example', 3389],
  ['3com.example', '3com.example', 3389],
];

const BAD: readonly (readonly [text: string, sentence: RegExp])[] = [
  ['', /is empty: give a host/],
  ['  ', /is empty: give a host/],
  ['https://srv01.example/rdp', /is a URL: give the host name alone: srv01\.example:3389$/],
  ['rdp://full%20address=s:a', /is a URL: give the host name alone: srv01\.example:3389$/],
  ['https://[2001:db8::1]:443/', /give the host name alone: \[2001:db8::1\]:3389$/],
  ['https://user:pw@a.example', /is a URL: give the host name alone: a\.example:3389$/],
  ['srv 01', /has a space in it/],
  ['srv01\n', /has a space in it/],
  ['admin@srv01', /names a user, and none is needed/],
  ['srv01/path', /is a path/],
  ['\\\\srv01\\share', /is a path/],
  ['srv01:', /has no port after the colon/],
  ['srv01:rdp', /'rdp' in 'srv01:rdp' is no port: give a number from 1 to 65535/],
  ['srv01:-1', /is no port/],
  ['srv01:0x3f', /is no port/],
  ['srv01:0', /port 0 in 'srv01:0' is out of range/],
  ['srv01:65536', /port 65536 .* is out of range/],
  ['srv01:99999999999999999999', /is out of range/],
  [':3389', /has no host before the colon/],
  ['a:b:c', /is no IPv6 address/],
  ['2001:db8::1::2', /is no IPv6 address/],
  ['[::1', /is no IPv6 address in brackets/],
  ['[srv01]:3389', /is no IPv6 address in brackets/],
  ['[::1]3389', /is no IPv6 address in brackets/],
  ['[]', /is no IPv6 address in brackets/],
  ['192.0.2.256', /is no IPv4 address: give four numbers/],
  ['192.0.2', /is no IPv4 address/],
  ['1234', /is no IPv4 address/],
  ['srv..example', /is no host name/],
  ['-srv01', /is no host name/],
  ['srv01-', /is no host name/],
  ['srv*', /is no host name/],
  ['\u0000', /is no host name/],
  [`${'a'.repeat(64)}.example`, /is no host name/],
  ['a.'.repeat(130), /is no host name/],
];

t.test('targets', async (t) => {
  for (const [text, host, port] of GOOD) t.same(parseTarget(text), { host, port }, text);
});

t.test('what is no target is refused with what to write instead', async (t) => {
  for (const [text, sentence] of BAD) {
    t.throws(
      () => parseTarget(text),
      { code: 'BAD_TARGET', message: sentence },
      JSON.stringify(text),
    );
  }
});

t.test('address literals', async (t) => {
  for (const text of ['0.0.0.0', '255.255.255.255']) t.equal(familyOf(text), 4, text);
  for (const text of ['::', '1::', '1:2:3:4:5:6:7:8', 'fe80::1%2'])
    t.equal(familyOf(text), 6, text);
  for (const text of [
    '',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.4.5',
    ':::',
    '1:2',
    '::g',
    '::1%',
    '::1%a%b',
  ]) {
    t.equal(familyOf(text), 0, text);
  }
});
