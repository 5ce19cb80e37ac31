import { createPrivateKey, X509Certificate } from 'node:crypto';
import t from 'tap';
import { copyCertificates, differenceOfCopy } from '../../src/simulator/certificate-copy.js';
import { decodeCertificate } from '../../src/wire/certificate.js';
import { CERTIFICATES } from '../vectors/certificates.js';

/** What a copy has to differ in: its key, and what follows from that. */
const DIFFERS: ReadonlySet<string> = new Set(['sha256', 'sha1', 'spkiSha256', 'subjectPublicKey']);

function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

function factsOf(der: Uint8Array): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(decodeCertificate(der)).filter(([key]) => !DIFFERS.has(key)),
  );
}

function certificatesOf(chain: string): X509Certificate[] {
  return chain
    .split(/(?<=-----END CERTIFICATE-----\r?\n)/)
    .filter((pem) => pem.trim() !== '')
    .map((pem) => new X509Certificate(pem));
}

/** What a key that cannot be made is replaced with has another size and another signature. */
const OF_THE_KEY: ReadonlySet<string> = new Set([
  'keyType',
  'keyBits',
  'curve',
  'signatureAlgorithm',
  'selfSigned',
]);

for (const { name, pem } of CERTIFICATES) {
  t.test(`a copy of ${name}`, async (t) => {
    const der = derOf(pem);
    const difference = differenceOfCopy([der]);
    if (difference === null) {
      t.throws(() => decodeCertificate(der));
      return;
    }
    const { key, chain } = await copyCertificates([der]);
    const [copy, ...others] = certificatesOf(chain);
    t.equal(others.length, 0);
    t.ok(copy?.checkPrivateKey(createPrivateKey(key)), 'the key belongs to it');
    const [found, original] = [factsOf(copy?.raw ?? der), factsOf(der)];
    const isOwn = original['selfIssued'] === true;
    const compared = (facts: Record<string, unknown>): unknown =>
      Object.entries(facts).filter(
        ([field]) =>
          !(OF_THE_KEY.has(field) && difference !== '') &&
          // Signed by an authority whose key is not known, or judged anew.
          !(field === 'selfSigned' || (field === 'signatureAlgorithm' && !isOwn)),
      );
    t.strictSame(compared(found), compared(original), difference);
    if (isOwn && copy !== undefined) t.ok(copy.verify(copy.publicKey), 'it signs itself');
  });
}

t.test('a chain: each is signed with the new key of the next', async (t) => {
  const pems = CERTIFICATES.map(({ pem }) => derOf(pem));
  const readable = pems.filter((der) => differenceOfCopy([der]) === '');
  const pair = readable
    .flatMap((own) => readable.map((above) => [own, above] as const))
    .find(([own, above]) => {
      const [leaf, issuer] = [decodeCertificate(own), decodeCertificate(above)];
      return !leaf.selfIssued && leaf.issuer === issuer.subject;
    });
  if (pair === undefined) {
    t.comment('no chain among the vectors');
    return;
  }
  const [own, above] = certificatesOf((await copyCertificates(pair)).chain);
  t.ok(above !== undefined && own?.verify(above.publicKey));
});

t.test('what is no certificate has no copy', (t) => {
  t.equal(differenceOfCopy([Uint8Array.of(0x30, 0)]), null);
  t.end();
});
