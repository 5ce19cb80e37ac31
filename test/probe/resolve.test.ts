import t from 'tap';
import { resolveHost } from '../../src/probe/resolve.js';
import { serverNameFor } from '../../src/probe/server-name.js';

const NEVER = new AbortController().signal;

t.test('a lookup that is not wanted any more is given up at once', async (t) => {
  const found = await resolveHost('no-such-host.invalid', 0, 10_000, AbortSignal.abort());
  t.strictSame(found, { kind: 'aborted' });
});

t.test('an address is not looked up', async (t) => {
  t.strictSame(await resolveHost('192.0.2.7', 0, 1000, NEVER), {
    kind: 'literal',
    addresses: [{ address: '192.0.2.7', family: 4 }],
  });
  t.strictSame(await resolveHost('fe80::1%eth0', 6, 1000, NEVER), {
    kind: 'literal',
    addresses: [{ address: 'fe80::1%eth0', family: 6 }],
  });
});

t.test('an address of the family that was not asked for', async (t) => {
  t.match(await resolveHost('192.0.2.7', 6, 1000, NEVER), {
    kind: 'failed',
    code: 'WRONG_FAMILY',
    says: '192.0.2.7 is an IPv4 address, and only IPv6 was asked for',
  });
});

t.test('localhost has an address everywhere', async (t) => {
  const found = await resolveHost('localhost', 4, 5000, NEVER);
  t.match(found, { kind: 'resolved', addresses: [{ address: /^127\./, family: 4 }] });
});

t.test('a name that cannot be (RFC 6761 section 6.4) fails with a code and words', async (t) => {
  const found = await resolveHost('no-such-host.invalid', 0, 10_000, NEVER);
  t.equal(found.kind, 'failed');
  t.ok(found.kind === 'failed' && found.code !== '' && found.says !== '');
});

t.test('the server name is the name that was asked for, and none for an address', (t) => {
  t.equal(serverNameFor('srv01.example'), 'srv01.example');
  t.equal(serverNameFor('srv01.example.'), 'srv01.example');
  t.equal(serverNameFor('192.0.2.7'), null);
  t.equal(serverNameFor('2001:db8::1'), null);
  t.equal(serverNameFor('fe80::1%eth0'), null);
  t.end();
});
