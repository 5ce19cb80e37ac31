import t from 'tap';
import { readCertificate } from '../../src/handshake/certificate.js';
import { CERTIFICATES } from '../vectors/certificates.js';

function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
}

t.test('the fingerprints are those of OpenSSL', (t) => {
  for (const { name, pem, value } of CERTIFICATES) {
    const { sha256, sha1, spkiSha256 } = value;
    t.match(readCertificate(derOf(pem)), { readable: true, sha256, sha1, spkiSha256 }, name);
  }
  t.end();
});

t.test('a certificate that cannot be read has no public key', (t) => {
  const [first] = CERTIFICATES;
  const cut = derOf(first?.pem ?? '').subarray(0, -9);
  t.strictSame(Object.keys(readCertificate(cut)), ['readable', 'sha256', 'problem']);
  t.end();
});
