import t from 'tap';
import { DisposableKeys } from '../../src/capture/disposable-keys.js';
import { Pseudonyms } from '../../src/capture/pseudonyms.js';
import { type CertificateCast, scrubCertificate } from '../../src/capture/scrub-certificate.js';
import { readCertificate } from '../../src/handshake/certificate.js';
import { type CertificateFacts, decodeCertificate } from '../../src/wire/certificate.js';
import { toHex } from '../../src/wire/hex.js';
import { CERTIFICATES } from '../vectors/certificates.js';

function castWith(keys: DisposableKeys): CertificateCast {
  return {
    pseudonyms: new Pseudonyms(new Uint8Array(32)),
    keys,
    remembered: new Map<string, Uint8Array>(),
  };
}

const cast = castWith(new DisposableKeys());

function derOf(pem: string): Uint8Array {
  return new Uint8Array(Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64'));
}

/** What must stay. Names keep their form, so that it still shows what kinds there were. */
function shapeOf(facts: CertificateFacts): unknown {
  const form = (name: string): string => name.replace(/=((?:[^,+\\]|\\.)*)/g, '=');
  return {
    version: facts.version,
    serialBytes: facts.serialNumber.length,
    subject: form(facts.subject),
    issuer: form(facts.issuer),
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
    selfIssued: facts.selfIssued,
    keyType: facts.keyType,
    keyBits: facts.keyBits,
    curve: facts.curve,
    signatureAlgorithm: facts.signatureAlgorithm,
    alternativeNames: facts.subjectAltNames.map((name) => name.replace(/:.*/, '')),
    keyUsages: facts.keyUsages,
    extendedKeyUsages: facts.extendedKeyUsages,
    basicConstraints: facts.basicConstraints,
  };
}

for (const { name, pem } of CERTIFICATES) {
  t.test(name, async (t) => {
    const der = derOf(pem);
    const copy = scrubCertificate(der, cast);
    t.equal(copy.length, der.length);
    const before = decodeCertificate(der);
    const after = decodeCertificate(copy);
    t.same(shapeOf(after), shapeOf(before));
    t.same(readCertificate(copy).readable, true);
    const [one, other] = [readCertificate(copy), readCertificate(der)];
    const isSigned = other.readable && other.selfSigned && before.keyType !== 'RSA-PSS';
    t.equal(one.readable && one.selfSigned, isSigned, 'it signed itself again');

    const hex = toHex(copy);
    for (const part of [before.serialNumber, toHex(before.subjectPublicKey), before.sha1]) {
      if (part.length > 4) t.notOk(hex.includes(part), part);
    }
    for (const word of before.commonName?.match(/[A-Za-z0-9]{4,}/g) ?? []) {
      t.notOk(hex.includes(Buffer.from(word, 'latin1').toString('hex')), word);
    }
    t.equal(toHex(scrubCertificate(der, cast)), hex, 'the same again');
  });
}

t.test('a certificate that ends anywhere, or is none', async (t) => {
  // Many of these have a key of their own: made for each, keys would take all the time.
  const cast = castWith(new DisposableKeys(2));
  const der = derOf(CERTIFICATES[0]?.pem ?? '');
  for (let length = 0; length < der.length; length += 7) {
    const copy = scrubCertificate(der.subarray(0, length), cast);
    if (copy.length !== length) t.fail(`${length}`);
  }
  for (let at = 0; at < der.length; at += 5) {
    const broken = Uint8Array.from(der);
    broken[at] = (broken[at] ?? 0) ^ 0xff;
    if (scrubCertificate(broken, cast).length !== der.length) t.fail(`${at}`);
  }
  t.pass('each gave as many bytes');
});
