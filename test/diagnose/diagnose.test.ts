import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import type { Handshake } from '../../src/handshake/handshake.js';
import { changed, died, inDays } from '../support/diagnose-fixtures.js';
import { handshake, STARTED_AT_MS } from '../support/handshake.js';

const V6 = '2001:db8::2';

function diagnosed(...handshakes: readonly Handshake[]): Diagnosis {
  return diagnose('srv01.corp.example:3389', handshakes, STARTED_AT_MS);
}

t.test('one healthy handshake', (t) => {
  const diagnosis = diagnosed(handshake('healthy'));
  t.equal(
    diagnosis.verdict,
    'nothing wrong was found up to the NTLM challenge (credssp) in 108 ms',
  );
  t.same(diagnosis.findings, []);
  t.same(diagnosis.handshakes, [0]);
  t.same(diagnosis.notTested, [
    `the other addresses of the name: ${V6}`,
    'which packet sizes pass in each direction',
    'UDP 3389',
    'what follows the NTLM challenge: credentials, authorization, session',
  ]);
  t.end();
});

t.test('the verdict names the best-founded reason', (t) => {
  t.equal(
    diagnosed(handshake('expired')).verdict,
    'the handshake completes up to the NTLM challenge (credssp) in 108 ms, but: ' +
      'the self-signed RDP certificate expired and was not renewed',
  );
  t.match(
    diagnosed(handshake('resetAfterClientHello')).verdict,
    /^died in tls: .* after the ClientHello$/,
    'one ClientHello leaves several causes',
  );
  t.equal(diagnosed(handshake('notFound')).verdict, 'the name srv01.corp.example does not resolve');
  t.end();
});

t.test('findings come best first', (t) => {
  const both = changed({ leaf: { keyBits: 1024, notAfter: inDays(-3) } });
  t.same(
    diagnosed(both).findings.map(({ certainty }) => certainty),
    ['proved', 'possible'],
  );
  t.end();
});

t.test('of several addresses the one that got furthest decides', (t) => {
  const dead = died('tcp', 'timeout', { id: 0, address: V6 });
  const diagnosis = diagnosed(dead, changed({ id: 1 }));
  t.match(diagnosis.verdict, /^the handshake completes .*; 2001:db8::2: no answer to the TCP SYN/);
  t.same(
    diagnosis.findings.map(({ cause, certainty }) => `${certainty} ${cause}`),
    ['likely ipv6-path-broken'],
  );
  t.same(diagnosis.handshakes, [0, 1]);
  t.notMatch(diagnosis.notTested.join(), V6, 'that address was tried');

  const reversed = diagnosed(changed({ id: 0 }), { ...dead, id: 1 });
  t.equal(reversed.verdict, diagnosis.verdict, 'the order does not matter');
  t.end();
});

t.test('what another address showed is told with that address', (t) => {
  const broken = died('tls', 'reset', { id: 1, address: '10.0.0.3' });
  const { findings, verdict } = diagnosed(changed({ id: 0 }), broken);
  t.match(verdict, /10\.0\.0\.3: died in tls/);
  t.equal(findings[0]?.cause, 'private-key-acl-machinekeys');
  t.match(findings[0]?.says, /^At 10\.0\.0\.3: /);
  t.equal(findings[0]?.evidence[0]?.handshake, 1);
  t.end();
});

t.test('of attempts at one address the last decides, follow-ups do not', (t) => {
  const failed = died('tls', 'reset', { id: 0 });
  const fine = changed({ id: 1 });
  const followUp = died('x224', 'timeout', { id: 2, purpose: 'follow-up' });
  t.match(diagnosed(failed, fine, followUp).verdict, /^nothing wrong/);
  t.match(diagnosed(fine, failed).verdict, /^died in tls/);
  t.end();
});

t.test('no handshake at all', (t) => {
  t.equal(diagnosed().verdict, 'no connection to srv01.corp.example:3389 was made');
  t.end();
});

t.test('the same handshakes give the same diagnosis', (t) => {
  const seen = [handshake('resetAfterClientHello')];
  t.same(diagnosed(...seen), diagnosed(...JSON.parse(JSON.stringify(seen))));
  t.end();
});
