import t from 'tap';
import {
  type CertificateContext,
  type CertificateJudgement,
  judgeCertificate,
} from '../../src/diagnose/certificate.js';
import {
  commonNameOf,
  isAddress,
  nameMatches,
  sameAddress,
} from '../../src/diagnose/certificate-name.js';
import type { CertificateReport } from '../../src/handshake/handshake.js';
import { changed, DAY_MS, inDays } from '../support/diagnose-fixtures.js';
import { STARTED_AT_MS } from '../support/handshake.js';

function judged(
  fields: Partial<CertificateReport> = {},
  context: Partial<CertificateContext> = {},
): CertificateJudgement {
  const [leaf] = changed({ leaf: fields }).tls.certificates;
  if (leaf === undefined) throw new Error('the fixture has a certificate');
  return judgeCertificate(leaf, {
    target: 'srv01.corp.example',
    netbiosComputerName: 'SRV01',
    dnsComputerName: 'srv01.corp.example',
    clockMs: STARTED_AT_MS,
    clockSkewMs: 0,
    ...context,
  });
}

t.test('validity by either clock', (t) => {
  const dates = { notBefore: inDays(-10), notAfter: inDays(30) };
  t.same(judged(dates).byOurClock, { status: 'valid', endsInMs: 30 * DAY_MS });
  t.same(judged(dates, { clockMs: STARTED_AT_MS + 31 * DAY_MS }).byOurClock, {
    status: 'expired',
    agoMs: DAY_MS,
  });
  t.same(judged(dates, { clockMs: STARTED_AT_MS - 11 * DAY_MS }).byOurClock, {
    status: 'not-yet-valid',
    inMs: DAY_MS,
  });
  t.same(
    judged(dates, { clockMs: STARTED_AT_MS + 30 * DAY_MS }).byOurClock.status,
    'valid',
    'the last instant is still within',
  );
  t.same(judged(dates, { clockSkewMs: 40 * DAY_MS }).byServerClock, {
    status: 'expired',
    agoMs: 10 * DAY_MS,
  });
  t.equal(judged(dates, { clockSkewMs: null }).byServerClock, null);
  t.equal(judged({ notAfter: null }).byOurClock.status, 'unknown');
  t.equal(judged({ ...dates, notAfter: inDays(13) }).endsSoon, true);
  t.equal(judged({ ...dates, notAfter: inDays(15) }).endsSoon, false);
  t.end();
});

t.test('names, RFC 6125 section 6.4', (t) => {
  const cases: readonly (readonly [presented: string, asked: string, matches: boolean])[] = [
    ['srv01.corp.example', 'srv01.corp.example', true],
    ['SRV01.Corp.Example', 'srv01.corp.example.', true],
    ['srv01', 'srv01.corp.example', false],
    ['*.corp.example', 'srv01.corp.example', true],
    ['*.corp.example', 'a.srv01.corp.example', false],
    ['*.corp.example', 'corp.example', false],
    ['*.corp.example', '.corp.example', false],
    ['*.example', 'srv01.example', false],
    ['srv*.corp.example', 'srv01.corp.example', false],
    ['srv01.*.example', 'srv01.corp.example', false],
    ['*', 'srv01', false],
    ['', '', false],
  ];
  for (const [presented, asked, matches] of cases) {
    t.equal(nameMatches(presented, asked), matches, `${presented} for ${asked}`);
  }
  t.end();
});

t.test('addresses', (t) => {
  t.ok(isAddress('10.0.0.2'));
  t.ok(isAddress('fe80::1%eth0'));
  t.notOk(isAddress('srv01.corp.example'));
  t.notOk(isAddress('srv01'));
  t.ok(sameAddress('2001:db8::2', '2001:0DB8:0:0:0:0:0:2'));
  t.ok(sameAddress('fe80::1%eth0', 'fe80::1'));
  t.ok(sameAddress('::ffff:10.0.0.2', '::ffff:a00:2'));
  t.ok(sameAddress('::', '0:0:0:0:0:0:0:0'));
  t.notOk(sameAddress('2001:db8::2', '2001:db8::3'));
  t.notOk(sameAddress('1::2::3', '1::2::3'), 'what is no address is not the same as itself');
  t.notOk(sameAddress('10.0.0.2', '10.0.0.3'));
  t.end();
});

t.test('the common name of a subject', (t) => {
  t.equal(commonNameOf('CN=srv01,DC=corp,DC=example'), 'srv01');
  t.equal(commonNameOf('O=Corp\\, Inc,CN=srv01'), 'srv01');
  t.equal(commonNameOf('CN=a\\,b'), 'a,b');
  t.equal(commonNameOf('O=XCN=no'), null);
  t.equal(commonNameOf(null), null);
  t.end();
});

t.test('the target and the computer name', (t) => {
  t.equal(judged().target, 'matches', 'the CN counts where there is no DNS name');
  t.equal(judged({ subjectAltNames: ['DNS:other.corp.example'] }).target, 'differs');
  t.equal(
    judged({ subjectAltNames: ['DNS:x', 'DNS:*.corp.example'] }).target,
    'matches',
    'any DNS name will do',
  );
  t.equal(judged({ subject: null }).target, 'unknown');
  t.equal(judged({}, { target: null }).target, 'unknown');
  t.equal(judged({}, { target: '10.0.0.2' }).target, 'asked-by-address');
  t.equal(judged({ subjectAltNames: ['IP:10.0.0.2'] }, { target: '10.0.0.2' }).target, 'matches');
  t.equal(judged({ subjectAltNames: ['IP:10.0.0.9'] }, { target: '10.0.0.2' }).target, 'differs');
  t.equal(judged({ subject: 'CN=10.0.0.2' }, { target: '10.0.0.2' }).target, 'matches');
  t.equal(judged().computerName, 'matches');
  t.equal(judged({ subject: 'CN=SRV01' }, { dnsComputerName: null }).computerName, 'matches');
  t.equal(judged({ subject: 'CN=WIN-OLDNAME' }).computerName, 'differs');
  t.equal(judged({}, { dnsComputerName: null, netbiosComputerName: null }).computerName, 'unknown');
  t.end();
});

t.test('keys', (t) => {
  const cases: readonly (readonly [string | null, number | null, CertificateJudgement['key']])[] = [
    ['RSA', 2048, 'sound'],
    ['RSA', 2047, 'weak'],
    ['RSA', 1024, 'weak'],
    ['RSA', 1023, 'refused-by-windows'],
    ['RSA-PSS', 4096, 'sound'],
    ['EC', 256, 'sound'],
    ['EC', 192, 'weak'],
    ['Ed25519', 256, 'sound'],
    ['1.2.3.4', 2048, 'unknown'],
    ['RSA', null, 'unknown'],
    [null, 2048, 'unknown'],
  ];
  for (const [keyType, keyBits, expected] of cases) {
    t.equal(judged({ keyType, keyBits }).key, expected, `${keyType} ${keyBits}`);
  }
  t.end();
});

t.test('signatures', (t) => {
  const cases: readonly (readonly [string | null, CertificateJudgement['signature']])[] = [
    ['sha256WithRSAEncryption', 'sound'],
    ['ecdsa-with-SHA384', 'sound'],
    ['sha512WithRSAEncryption', 'sound'],
    ['ED25519', 'sound'],
    ['rsassaPss', 'sound'],
    ['sha1WithRSAEncryption', 'weak'],
    ['ecdsa-with-SHA1', 'weak'],
    ['md5WithRSAEncryption', 'weak'],
    ['1.2.3.4', 'unknown'],
    [null, 'unknown'],
  ];
  for (const [signatureAlgorithm, expected] of cases) {
    t.equal(judged({ signatureAlgorithm }).signature, expected, String(signatureAlgorithm));
  }
  t.end();
});

t.test('usages', (t) => {
  const usage = (...extendedKeyUsages: string[]): CertificateJudgement['usage'] =>
    judged({ extendedKeyUsages }).usage;
  t.same(usage(), { unrestricted: true, serverAuth: false, remoteDesktop: false });
  t.same(usage('anyExtendedKeyUsage').unrestricted, true);
  t.same(usage('serverAuth'), { unrestricted: false, serverAuth: true, remoteDesktop: false });
  t.same(usage('1.3.6.1.4.1.311.54.1.2').remoteDesktop, true);
  t.same(usage('Remote Desktop Authentication').remoteDesktop, true);
  t.same(usage('clientAuth'), { unrestricted: false, serverAuth: false, remoteDesktop: false });
  t.end();
});
