import { createHash } from 'node:crypto';
import t from 'tap';
import { type CertificateFacts, decodeCertificate } from '../../src/wire/certificate.js';
import { DecodeError } from '../../src/wire/decode-error.js';
import { DER_TAG, encodeDer, readElement } from '../../src/wire/der.js';
import { decodeDistinguishedName } from '../../src/wire/distinguished-name.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { Reader } from '../../src/wire/reader.js';
import { checkDecoding, checkNoOtherError, outcome } from '../support/wire-vectors.js';
import { CERTIFICATES, type CertificateVector } from '../vectors/certificates.js';

function derOf(pem: string): Uint8Array {
  return new Uint8Array(Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64'));
}

/** The facts as the table has them: instants as ISO text, the key by its digest. */
function tableForm(facts: CertificateFacts): unknown {
  const { subjectPublicKey, ...others } = facts;
  const instant = (ms: number): string => new Date(ms).toISOString().replace('.000', '');
  return {
    ...others,
    notBefore: instant(facts.notBefore),
    notAfter: instant(facts.notAfter),
    subjectPublicKeySha1: createHash('sha1').update(subjectPublicKey).digest('hex'),
  };
}

t.test('decode', (t) => {
  const vectors = CERTIFICATES.map(({ name, pem, value }) => ({
    name,
    hex: toHex(derOf(pem)),
    value,
  }));
  checkDecoding(t, vectors, (bytes) => tableForm(decodeCertificate(bytes)));
  t.end();
});

function found(part: string): Uint8Array {
  const vector = CERTIFICATES.find(({ name }) => name.includes(part));
  return derOf(vector?.pem ?? '');
}

/** The bytes with one run of hex replaced by another of the same length. */
function edited(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const hex = toHex(bytes);
  if (!hex.includes(from) || from.length !== to.length) throw new RangeError(`no ${from}`);
  return fromHex(hex.replaceAll(from, to));
}

t.test('self-signed means that the key fits', (t) => {
  const ed25519 = found('Ed25519');
  const broken = Uint8Array.from(ed25519);
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
  t.equal(decodeCertificate(ed25519).selfSigned, true);
  t.equal(decodeCertificate(broken).selfSigned, false);
  t.equal(decodeCertificate(broken).selfIssued, true);

  const unknownSignature = decodeCertificate(edited(ed25519, '06032b6570', '06032b6577'));
  t.equal(unknownSignature.signatureAlgorithm, '1.3.101.119', 'shown by its number');
  t.equal(unknownSignature.keyType, '1.3.101.119');
  t.equal(unknownSignature.keyBits, null);
  t.equal(unknownSignature.selfSigned, null, 'not known, which is not no');

  const md2 = decodeCertificate(
    edited(found('MD5'), '06092a864886f70d010104', '06092a864886f70d010102'),
  );
  t.equal(md2.signatureAlgorithm, 'md2WithRSAEncryption');
  t.equal(md2.selfSigned, null);
  t.end();
});

t.test('keys and curves that nobody has heard of', (t) => {
  const ec = found('EC certificate');
  const unknown = decodeCertificate(edited(ec, '2a8648ce3d030107', '2a8648ce3d03017f'));
  t.equal(unknown.curve, '1.2.840.10045.3.1.127');
  t.equal(unknown.keyBits, null);
  t.equal(unknown.selfSigned, null);
  const explicit = decodeCertificate(edited(ec, '06082a8648ce3d030107', '30082a8648ce3d030107'));
  t.equal(explicit.curve, null, 'parameters written out have no name');
  t.end();
});

t.test('what cannot be a certificate is refused', (t) => {
  const ec = found('EC certificate');
  const rows: readonly [name: string, bytes: Uint8Array, message: RegExp][] = [
    ['nothing', new Uint8Array(), /^Certificate at byte 0: needs 1 byte, 0 left/],
    ['an empty sequence', fromHex('3000'), /^TBSCertificate at byte 2: needs 1 byte/],
    ['bytes after the end', fromHex(`${toHex(ec)}00`), /^Certificate at byte \d+: 1 bytes follow/],
    ['far too many bytes', new Uint8Array(2 ** 17 + 1), /has 131073 bytes, more than 131072$/],
    [
      'a name that is not a sequence',
      edited(found('Ed25519'), '30173115301306', '31173115301306'),
      /^TBSCertificate.issuer at byte \d+: has tag 0x31, not 0x30/,
    ],
    [
      'a day that the calendar does not have',
      edited(ec, toHex(Buffer.from('261121')), toHex(Buffer.from('261131'))),
      /^Validity.notBefore at byte \d+: is not a day of the calendar/,
    ],
  ];
  for (const [name, bytes, message] of rows) {
    const result = outcome(() => decodeCertificate(bytes));
    t.match(result instanceof DecodeError && result.message, message, name);
  }
  t.end();
});

t.test('names', (t) => {
  const name = (tag: number, hex: string, type = '550403'): Uint8Array => {
    const { SEQUENCE, SET, OBJECT_IDENTIFIER } = DER_TAG;
    const oid = encodeDer(OBJECT_IDENTIFIER, fromHex(type));
    const attribute = encodeDer(SEQUENCE, oid, encodeDer(tag, fromHex(hex)));
    return encodeDer(SEQUENCE, encodeDer(SET, attribute));
  };
  const textOf = (bytes: Uint8Array): string =>
    decodeDistinguishedName(readElement(new Reader(bytes), 'name').content, 'name').text;
  const { UTF8_STRING, TELETEX_STRING, BMP_STRING, UNIVERSAL_STRING, INTEGER } = DER_TAG;
  const rows: readonly [name: string, bytes: Uint8Array, text: string][] = [
    ['Latin-1 in TeletexString', name(TELETEX_STRING, '4dfc6c6c6572'), 'CN=Müller'],
    ['BMPString', name(BMP_STRING, '043f 0440'), 'CN=пр'],
    ['UniversalString', name(UNIVERSAL_STRING, '00000041 0001f600'), 'CN=A😀'],
    ['half a character', name(BMP_STRING, '043f04'), 'CN=#1e03043f04'],
    ['no character', name(UNIVERSAL_STRING, '00110000'), 'CN=#1c0400110000'],
    ['part of a character', name(UNIVERSAL_STRING, '0011'), 'CN=#1c020011'],
    ['a number', name(INTEGER, '07'), 'CN=#020107'],
    ['an unknown attribute', name(UTF8_STRING, '41', '2a0304'), '1.2.3.4=#0c0141'],
    ['a leading number sign', name(UTF8_STRING, '2341'), 'CN=\\#A'],
    ['a single space', name(UTF8_STRING, '20'), 'CN=\\ '],
    ['an escape at the end', name(UTF8_STRING, '5c20'), 'CN=\\\\\\ '],
    ['every special character', name(UTF8_STRING, '222b2c3b3c3e5c'), 'CN=\\"\\+\\,\\;\\<\\>\\\\'],
    ['an escape sequence for terminals', name(UTF8_STRING, '1b5b324a'), 'CN=\\1b[2J'],
    ['a C1 control', name(UTF8_STRING, 'c29b324a'), 'CN=\\c2\\9b2J'],
    ['no attribute at all', fromHex('3000'), ''],
  ];
  for (const [what, bytes, text] of rows) t.equal(textOf(bytes), text, what);
  const many = encodeDer(
    DER_TAG.SEQUENCE,
    ...Array.from({ length: 129 }, () => name(UTF8_STRING, '41').subarray(2)),
  );
  t.match(
    outcome(() => textOf(many)),
    /more than 128 attributes/,
  );
  t.end();
});

t.test('whatever the bytes, facts or a DecodeError', (t) => {
  const isSelfIssued = ({ value }: CertificateVector): boolean => value['selfIssued'] === true;
  const hexOf = ({ pem }: CertificateVector): string => toHex(derOf(pem));
  // Verifying a signature takes a hundred times as long as reading a certificate, so that those
  // which need it get fewer rounds.
  const others = CERTIFICATES.filter((vector) => !isSelfIssued(vector));
  checkNoOtherError(t, decodeCertificate, others.map(hexOf));
  const selfIssued = CERTIFICATES.filter(isSelfIssued);
  checkNoOtherError(t, decodeCertificate, selfIssued.map(hexOf), { count: 2000, seed: 2 });
  t.end();
});
