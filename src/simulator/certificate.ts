import { createHash } from 'node:crypto';
import type forge from 'node-forge';
import { fromHex } from '../wire/hex.js';
import { chainDigest, copyCertificates, type ServerCertificate } from './certificate-copy.js';
import { COMPUTER, OLD_COMPUTER_NAME } from './computer.js';
import { type KeyPair, keyPair } from './key-pair.js';
import type { CertificateCopy, CertificateName, Scenario } from './scenario.js';

/*
 * The home of node-forge, which makes X.509 certificates; keys come from node:crypto, which is fast
 * at it. Loaded when the first certificate is asked for.
 */

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

const DAY_MS = 86_400_000;

/** Id-kp-serverAuth, RFC 5280 section 4.2.1.12: what the certificate of Windows itself has. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Remote Desktop Authentication, which certificate templates for Remote Desktop use. */
const REMOTE_DESKTOP_AUTHENTICATION = '1.3.6.1.4.1.311.54.1.2';

/** Windows makes its certificate for six months. */
const LIFETIME_DAYS = 183;

const AUTHORITY = 'CORP Issuing CA';

const certificates = new Map<string, Promise<ServerCertificate>>();

/** Makes what a scenario needs beforehand: its first client would measure how long that takes. */
export async function prepareCertificates(scenario: Scenario, nowMs: number): Promise<void> {
  for (const step of scenario.steps) {
    if (step.do === 'start-tls') await serverCertificate(step.certificate, nowMs);
  }
}

/**
 * One of the certificates of scenarios; made once in a process.
 *
 * @param nowMs milliseconds since 1970 UTC
 */
export function serverCertificate(
  name: CertificateName | CertificateCopy,
  nowMs: number,
): Promise<ServerCertificate> {
  if (typeof name !== 'string') return copyOf(name);
  const day = Math.floor(nowMs / DAY_MS);
  const known = `${name} ${day}`;
  const found = certificates.get(known) ?? makeCertificate(fieldsOf(name, day * DAY_MS));
  certificates.set(known, found);
  return found;
}

function copyOf({ copyOf: chain }: CertificateCopy): Promise<ServerCertificate> {
  const known = `copy ${chainDigest(chain)}`;
  const found = certificates.get(known) ?? copyCertificates(chain.map(fromHex));
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
  const [library, pair] = await Promise.all([
    import('node-forge'),
    keyPair({ type: 'RSA', bits: fields.keyBits }),
  ]);
  const { pki, md } = library.default;
  const { publicKey, privateKey } = pemOf(pair);
  const signer = pki.privateKeyFromPem(privateKey);
  const issue = (make: (certificate: forge.pki.Certificate) => void): string => {
    const certificate = pki.createCertificate();
    certificate.publicKey = pki.publicKeyFromPem(publicKey);
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
  if (fields.issuer === null) return { key: privateKey, chain: own };
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
  return { key: privateKey, chain: own + above };
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

function pemOf(pair: KeyPair): { publicKey: string; privateKey: string } {
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
