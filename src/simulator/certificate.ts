import { createHash, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type forge from 'node-forge';
import { COMPUTER, OLD_COMPUTER_NAME } from './computer.js';
import type { CertificateName } from './scenario.js';

/*
 * The home of node-forge, which makes X.509 certificates; keys come from node:crypto, which is fast
 * at it. Loaded when the first certificate is asked for.
 */

/** A private key and the certificates to send with it, the server's own first, as PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly chain: string;
}

export interface CertificateFields {
  readonly commonName: string;
  /** milliseconds since 1970 UTC */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly subjectAltNames: readonly string[];
  /** object identifiers */
  readonly extendedKeyUsages: readonly string[];
  readonly keyBits: 1024 | 2048;
  readonly digest: 'sha1' | 'sha256';
  /** common name of the authority that signs; null: self-signed */
  readonly issuer: string | null;
}

interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

const DAY_MS = 86_400_000;

/** Id-kp-serverAuth, RFC 5280 section 4.2.1.12: what the certificate of Windows itself has. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Remote Desktop Authentication, which certificate templates for Remote Desktop use. */
const REMOTE_DESKTOP_AUTHENTICATION = '1.3.6.1.4.1.311.54.1.2';

/** Windows makes its certificate for six months. */
const LIFETIME_DAYS = 183;

const AUTHORITY = 'CORP Issuing CA';

const keys = new Map<number, Promise<KeyPair>>();
const certificates = new Map<string, Promise<ServerCertificate>>();

/**
 * One of the certificates of scenarios; made once in a process.
 *
 * @param nowMs milliseconds since 1970 UTC
 */
export function serverCertificate(
  name: CertificateName,
  nowMs: number,
): Promise<ServerCertificate> {
  const day = Math.floor(nowMs / DAY_MS);
  const known = `${name} ${day}`;
  const found = certificates.get(known) ?? makeCertificate(fieldsOf(name, day * DAY_MS));
  certificates.set(known, found);
  return found;
}

function fieldsOf(name: CertificateName, todayMs: number): CertificateFields {
  const made = (daysAgo: number): CertificateFields => ({
    commonName: COMPUTER.dnsComputerName,
    notBeforeMs: todayMs - daysAgo * DAY_MS,
    notAfterMs: todayMs + (LIFETIME_DAYS - daysAgo) * DAY_MS,
    subjectAltNames: [],
    extendedKeyUsages: [SERVER_AUTH],
    keyBits: 2048,
    digest: 'sha256',
    issuer: null,
  });
  switch (name) {
    case 'self-signed':
      return made(30);
    case 'expired':
      return made(LIFETIME_DAYS + 30);
    case 'not-yet-valid':
      return made(-30);
    case 'old-name':
      return { ...made(30), commonName: OLD_COMPUTER_NAME };
    case 'weak':
      return { ...made(30), keyBits: 1024, digest: 'sha1' };
    case 'ca-signed':
      return {
        ...made(30),
        subjectAltNames: [COMPUTER.dnsComputerName, COMPUTER.netbiosComputerName],
        extendedKeyUsages: [SERVER_AUTH, REMOTE_DESKTOP_AUTHENTICATION],
        issuer: AUTHORITY,
      };
  }
}

/**
 * Makes a certificate. Keys are made once in a process and length, so that only the first
 * certificate takes a noticeable time; every certificate of a length has the same key.
 */
export async function makeCertificate(fields: CertificateFields): Promise<ServerCertificate> {
  const [library, pair] = await Promise.all([import('node-forge'), keyPair(fields.keyBits)]);
  const { pki, md } = library.default;
  const signer = pki.privateKeyFromPem(pair.privateKey);
  const issue = (make: (certificate: forge.pki.Certificate) => void): string => {
    const certificate = pki.createCertificate();
    certificate.publicKey = pki.publicKeyFromPem(pair.publicKey);
    certificate.validity.notBefore = new Date(fields.notBeforeMs);
    certificate.validity.notAfter = new Date(fields.notAfterMs);
    make(certificate);
    certificate.sign(signer, fields.digest === 'sha1' ? md.sha1.create() : md.sha256.create());
    return pki.certificateToPem(certificate);
  };
  const own = issue((certificate) => {
    certificate.serialNumber = serialNumber(fields);
    certificate.setSubject(nameOf(fields.commonName));
    certificate.setIssuer(nameOf(fields.issuer ?? fields.commonName));
    certificate.setExtensions(extensionsOf(fields, pki.oids));
  });
  if (fields.issuer === null) return { key: pair.privateKey, chain: own };
  const authority = fields.issuer;
  const above = issue((certificate) => {
    certificate.serialNumber = '01';
    certificate.setSubject(nameOf(authority));
    certificate.setIssuer(nameOf(authority));
    certificate.setExtensions([
      { name: 'basicConstraints', critical: true, cA: true },
      { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    ]);
  });
  return { key: pair.privateKey, chain: own + above };
}

function nameOf(commonName: string): forge.pki.CertificateField[] {
  return [{ name: 'commonName', value: commonName }];
}

/** @param names the library's own names of object identifiers, which it wants where it has one */
function extensionsOf(fields: CertificateFields, names: Record<string, string>): object[] {
  const extensions: object[] = [
    { name: 'keyUsage', keyEncipherment: true, dataEncipherment: true, digitalSignature: true },
  ];
  if (fields.extendedKeyUsages.length > 0) {
    const usages = Object.fromEntries(
      fields.extendedKeyUsages.map((oid) => [names[oid] ?? oid, true]),
    );
    extensions.push({ name: 'extKeyUsage', ...usages });
  }
  if (fields.subjectAltNames.length > 0) {
    const dnsName = 2;
    const altNames = fields.subjectAltNames.map((value) => ({ type: dnsName, value }));
    extensions.push({ name: 'subjectAltName', altNames });
  }
  return extensions;
}

/** Sixteen bytes as Windows has them, positive, the same for the same fields. */
function serialNumber(fields: CertificateFields): string {
  const hash = createHash('sha256').update(JSON.stringify(fields)).digest();
  hash[0] = ((hash[0] ?? 0) & 0x3f) | 0x40;
  return hash.subarray(0, 16).toString('hex');
}

function keyPair(modulusLength: number): Promise<KeyPair> {
  const found =
    keys.get(modulusLength) ??
    promisify(generateKeyPair)('rsa', {
      modulusLength,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
  keys.set(modulusLength, found);
  return found;
}
