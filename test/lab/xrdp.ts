import { writeFileSync } from 'node:fs';
import type { CertificateFiles } from './certificates.js';
import { Daemon } from './daemon.js';
import type { Programs } from './requirements.js';
import { choosePort, type Place, type RunningServer, whenReady } from './server.js';
import type { Workspace } from './workspace.js';

export const XRDP_PROGRAMS: Programs = {
  xrdp: 'xrdp',
  unshare: 'util-linux',
  mount: 'mount',
  openssl: 'openssl',
};

export interface XrdpOptions {
  readonly name: string;
  readonly layer: 'rdp' | 'tls' | 'negotiate';
  /** null: the configured file does not exist, and xrdp answers failure 3. */
  readonly certificate: CertificateFiles | null;
  /** As xrdp.ini writes them: `TLSv1.2, TLSv1.3`. */
  readonly tlsVersions: string;
  /** Of standard RDP security. */
  readonly encryption: 'low' | 'medium' | 'high' | 'fips';
  readonly place: Place;
}

/**
 * xrdp without its session manager: the login screen is its own, and we never get that far.
 * It writes a pid file into /run/xrdp whatever it is told, hence a /run of its own.
 */
export async function startXrdp(
  workspace: Workspace,
  { name, place, ...options }: XrdpOptions,
): Promise<RunningServer> {
  const port = await choosePort(place);
  const settings = workspace.path(`${name}.ini`);
  writeFileSync(
    settings,
    configuration(workspace, name, `tcp://${place.address}:${port}`, options),
  );
  const script = `mount -t tmpfs tmpfs /run && mkdir -p /run/xrdp/sockdir && exec xrdp -n -c "$1"`;
  const daemon = Daemon.start(workspace, {
    name,
    command: ['unshare', '--mount', 'sh', '-c', script, 'xrdp', settings],
    namespace: place.namespace,
  });
  return whenReady(daemon, place, port);
}

function configuration(
  workspace: Workspace,
  name: string,
  port: string,
  { layer, certificate, tlsVersions, encryption }: Omit<XrdpOptions, 'name' | 'place'>,
): string {
  const missing = workspace.path('no-such-file.pem');
  return [
    '[Globals]',
    'ini_version=1',
    'fork=true',
    `port=${port}`,
    'tcp_nodelay=true',
    `security_layer=${layer}`,
    `crypt_level=${encryption}`,
    `certificate=${certificate?.certificate ?? missing}`,
    `key_file=${certificate?.key ?? missing}`,
    `ssl_protocols=${tlsVersions}`,
    // The library's own default refuses TLS 1.0, 1024-bit keys and SHA-1 signatures.
    'tls_ciphers=ALL:@SECLEVEL=0',
    'autorun=',
    'max_bpp=32',
    '[Logging]',
    `LogFile=${workspace.path(`${name}-detail.log`)}`,
    'LogLevel=DEBUG',
    'EnableSyslog=false',
    '[Channels]',
    '[Xorg]',
    'name=Xorg',
    'lib=libxup.so',
    'username=ask',
    'password=ask',
    'ip=127.0.0.1',
    'port=-1',
    'code=20',
    '',
  ].join('\n');
}
