import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { labEnvironment } from './daemon.js';
import type { Workspace } from './workspace.js';

export type CertificateKind = 'good' | 'expired' | 'not-yet-valid' | 'weak';

export interface CertificateFacts {
  /** ISO 8601, whole seconds. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly keyBits: number;
  readonly digest: 'sha256' | 'sha1';
}

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Named like the machine, as Windows names the certificate it makes for itself: otherwise a healthy
 * server of the lab would look like a machine that was renamed.
 */
export const CERTIFICATE_NAME = hostname();

export const CERTIFICATES: Readonly<Record<CertificateKind, CertificateFacts>> = {
  good: {
    notBefore: '2025-01-01T00:00:00Z',
    notAfter: '2045-01-01T00:00:00Z',
    keyBits: 2048,
    digest: 'sha256',
  },
  expired: {
    notBefore: '2019-01-01T00:00:00Z',
    notAfter: '2020-01-01T00:00:00Z',
    keyBits: 2048,
    digest: 'sha256',
  },
  'not-yet-valid': {
    notBefore: '2045-01-01T00:00:00Z',
    notAfter: '2046-01-01T00:00:00Z',
    keyBits: 2048,
    digest: 'sha256',
  },
  weak: {
    notBefore: '2025-01-01T00:00:00Z',
    notAfter: '2045-01-01T00:00:00Z',
    keyBits: 1024,
    digest: 'sha1',
  },
};

/** Makes a self-signed RSA certificate. `openssl ca`, since `openssl req` cannot date back. */
export function makeCertificate(workspace: Workspace, kind: CertificateKind): CertificateFiles {
  const facts = CERTIFICATES[kind];
  const directory = workspace.path(`certificate-${kind}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'database'), '');
  writeFileSync(join(directory, 'serial'), '01\n');
  writeFileSync(join(directory, 'ca.cnf'), authority(facts));
  const openssl = (...rest: string[]): void => {
    execFileSync('openssl', rest, { cwd: directory, env: labEnvironment(), stdio: 'pipe' });
  };
  openssl(
    ...['req', '-new', '-newkey', `rsa:${facts.keyBits}`, '-nodes', '-keyout', 'key.pem'],
    ...['-subj', `/CN=${CERTIFICATE_NAME}`, '-out', 'request.pem'],
    ...['-addext', `subjectAltName=DNS:${CERTIFICATE_NAME},IP:127.0.0.1`],
  );
  openssl(
    ...['ca', '-batch', '-notext', '-config', 'ca.cnf', '-selfsign', '-keyfile', 'key.pem'],
    ...['-in', 'request.pem', '-out', 'certificate.pem'],
    ...['-startdate', asn1Time(facts.notBefore), '-enddate', asn1Time(facts.notAfter)],
  );
  return { certificate: join(directory, 'certificate.pem'), key: join(directory, 'key.pem') };
}

/** A PKCS#1 RSA key, "BEGIN RSA PRIVATE KEY": the only form weston takes for RDP's own security. */
export function makeRdpKey(workspace: Workspace): string {
  const file = workspace.path('rdp-security.key');
  execFileSync('openssl', ['genrsa', '-traditional', '-out', file, '2048'], {
    env: labEnvironment(),
    stdio: 'pipe',
  });
  return file;
}

/** "2025-01-01T00:00:00Z" as GeneralizedTime, "20250101000000Z". */
function asn1Time(instant: string): string {
  return instant.replaceAll(/[-:T]/g, '');
}

function authority(facts: CertificateFacts): string {
  return [
    '[ca]',
    'default_ca = self',
    '[self]',
    'database = database',
    'new_certs_dir = .',
    'serial = serial',
    `default_md = ${facts.digest}`,
    'policy = policy',
    'copy_extensions = copy',
    '[policy]',
    'commonName = supplied',
    '',
  ].join('\n');
}
