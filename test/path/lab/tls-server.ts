import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CERTIFICATE_NAME, type CertificateFiles } from '../../lab/certificates.js';
import { Daemon, labEnvironment } from '../../lab/daemon.js';
import { choosePort, type Place, type RunningServer, whenReady } from '../../lab/server.js';
import type { Workspace } from '../../lab/workspace.js';

const SERVER = fileURLToPath(new URL('./tls-server.mjs', import.meta.url));

export interface TlsServerOptions {
  readonly certificate: CertificateFiles;
  readonly confirmAfterMs?: number;
  readonly flightAfterMs?: number;
  readonly closes?: 'every-second';
  readonly bansAfter?: number;
}

/** OpenSSL behind an X.224 confirm, as a program of its own. */
export async function startTlsServer(
  workspace: Workspace,
  name: string,
  place: Place,
  { certificate, ...rest }: TlsServerOptions,
): Promise<RunningServer> {
  const port = await choosePort(place);
  const daemon = Daemon.start(workspace, {
    name,
    command: [
      process.execPath,
      SERVER,
      ...[place.address, String(port), JSON.stringify({ ...certificate, ...rest })],
    ],
    namespace: place.namespace,
  });
  return whenReady(daemon, place, port);
}

/** A server certificate, an intermediate authority and a root, each signed by the next. */
export function makeChain(workspace: Workspace): CertificateFiles {
  const openssl = (...rest: string[]): void => {
    execFileSync('openssl', rest, {
      cwd: workspace.directory,
      env: labEnvironment(),
      stdio: 'pipe',
    });
  };
  const issue = (name: string, subject: string, extension: string, issuer: string | null): void => {
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '365', '-sha256'],
      ...['-subj', subject, '-addext', extension],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
      ...(issuer === null ? [] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`]),
    );
  };
  const authority = 'keyUsage=critical,keyCertSign,cRLSign';
  issue('root', '/O=Example Corporation/CN=Example Root CA', authority, null);
  issue('issuing', '/O=Example Corporation/CN=Example Issuing CA', authority, 'root');
  issue('leaf', `/CN=${CERTIFICATE_NAME}`, `subjectAltName=DNS:${CERTIFICATE_NAME}`, 'issuing');
  const chain = workspace.path('chain.pem');
  const parts = ['leaf', 'issuing', 'root'].map((name) => workspace.path(`${name}.pem`));
  writeFileSync(chain, parts.map((file) => readFileSync(file, 'utf8')).join(''));
  return { certificate: chain, key: workspace.path('leaf.key') };
}
