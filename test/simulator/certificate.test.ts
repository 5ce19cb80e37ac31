import { createPrivateKey, X509Certificate } from 'node:crypto';
import t from 'tap';
import { makeCertificate, serverCertificate } from '../../src/simulator/certificate.js';
import type { CertificateName } from '../../src/simulator/scenario.js';

const NOW = Date.UTC(2026, 5, 1, 12);
const DAY_MS = 86_400_000;

async function chainOf(name: CertificateName): Promise<X509Certificate[]> {
  const { chain, key } = await serverCertificate(name, NOW);
  const certificates = chain
    .split(/(?<=-----END CERTIFICATE-----\r?\n)/)
    .map((pem) => new X509Certificate(pem));
  t.ok(certificates[0]?.checkPrivateKey(createPrivateKey(key)), `${name}: the key belongs to it`);
  return certificates;
}

function only(certificates: readonly X509Certificate[]): X509Certificate {
  const [own, ...others] = certificates;
  if (own === undefined || others.length > 0) throw new Error(`${certificates.length} in a chain`);
  return own;
}

function daysFromNow(date: string): number {
  return Math.round((Date.parse(date) - NOW) / DAY_MS);
}

t.test('self-signed, as Windows makes its own', async (t) => {
  const own = only(await chainOf('self-signed'));
  t.equal(own.subject, 'CN=srv01.corp.example');
  t.equal(own.issuer, own.subject);
  t.ok(own.verify(own.publicKey), 'signed with its own key');
  t.strictSame(own.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'for server authentication');
  t.equal(own.publicKey.asymmetricKeyType, 'rsa');
  t.equal(own.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  t.equal(own.ca, false);
  const days = daysFromNow(own.validTo) - daysFromNow(own.validFrom);
  t.equal(days, 183);
  t.ok(daysFromNow(own.validFrom) < 0 && daysFromNow(own.validTo) > 0, 'valid today');
});

t.test('certificates with something wrong', async (t) => {
  t.ok(daysFromNow(only(await chainOf('expired')).validTo) < 0);
  t.ok(daysFromNow(only(await chainOf('not-yet-valid')).validFrom) > 0);
  t.equal(only(await chainOf('old-name')).subject, 'CN=WIN-7Q2K5T0.corp.example');
  const weak = only(await chainOf('weak'));
  t.equal(weak.publicKey.asymmetricKeyDetails?.modulusLength, 1024);
  t.match(weak.toLegacyObject(), { bits: 1024 });
});

t.test('from a certification authority', async (t) => {
  const [own, authority] = await chainOf('ca-signed');
  if (own === undefined || authority === undefined) throw new Error('the chain is too short');
  t.equal(own.issuer, 'CN=CORP Issuing CA');
  t.equal(own.subjectAltName, 'DNS:srv01.corp.example, DNS:SRV01');
  t.strictSame(own.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.4.1.311.54.1.2']);
  t.ok(own.checkIssued(authority));
  t.ok(own.verify(authority.publicKey));
  t.ok(authority.ca);
});

t.test('is made once a day', async (t) => {
  t.equal(await serverCertificate('weak', NOW), await serverCertificate('weak', NOW + 1000));
  const tomorrow = await serverCertificate('weak', NOW + DAY_MS);
  t.not((await serverCertificate('weak', NOW)).chain, tomorrow.chain);
});

t.test('is the same for the same fields', async (t) => {
  const fields = {
    commonName: 'a.example',
    notBeforeMs: NOW,
    notAfterMs: NOW + DAY_MS,
    subjectAltNames: [],
    extendedKeyUsages: [],
    keyBits: 2048,
    digest: 'sha256',
    issuer: null,
  } as const;
  t.strictSame(await makeCertificate(fields), await makeCertificate(fields));
  const serial = new X509Certificate((await makeCertificate(fields)).chain).serialNumber;
  t.equal(serial.length, 32);
});
