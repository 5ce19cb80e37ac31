import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_ACCOUNT } from './account.js';
import type { CertificateFiles } from './certificates.js';
import { Daemon, labEnvironment } from './daemon.js';
import type { Programs } from './requirements.js';
import { choosePort, type Place, type RunningServer, whenReady } from './server.js';
import type { Workspace } from './workspace.js';

export const FREERDP_SHADOW_PROGRAMS: Programs = {
  'freerdp-shadow-cli': 'freerdp2-shadow-x11',
  'winpr-hash': 'winpr-utils',
  Xvfb: 'xvfb',
  openssl: 'openssl',
};

/** `nego`: RDP and TLS; `all`: NLA as well. */
export type FreerdpShadowMode = 'rdp' | 'tls' | 'nla' | 'nego' | 'all';

export interface FreerdpShadowOptions {
  readonly name: string;
  readonly mode: FreerdpShadowMode;
  readonly certificate: CertificateFiles;
  readonly display: string;
  readonly place: Place;
}

/** FreeRDP's shadow server: the one server of the lab that does NLA beside the other protocols. */
export async function startFreerdpShadow(
  workspace: Workspace,
  { name, mode, certificate, display, place }: FreerdpShadowOptions,
): Promise<RunningServer> {
  const home = workspace.path(name);
  const settings = join(home, 'freerdp', 'shadow');
  mkdirSync(settings, { recursive: true });
  copyFileSync(certificate.certificate, join(settings, 'shadow.crt'));
  copyFileSync(certificate.key, join(settings, 'shadow.key'));
  const accounts = join(home, 'sam');
  writeFileSync(
    accounts,
    execFileSync('winpr-hash', ['-u', LAB_ACCOUNT.user, '-p', LAB_ACCOUNT.password, '-f', 'sam'], {
      env: labEnvironment(),
    }),
    { mode: 0o600 },
  );
  const port = await choosePort(place);
  const daemon = Daemon.start(workspace, {
    name,
    command: [
      'freerdp-shadow-cli',
      `/port:${port}`,
      `/bind-address:${place.address}`,
      ...security(mode, accounts),
    ],
    namespace: place.namespace,
    environment: { HOME: home, XDG_CONFIG_HOME: home, DISPLAY: display },
  });
  return whenReady(daemon, place, port);
}

function security(mode: FreerdpShadowMode, accounts: string): readonly string[] {
  switch (mode) {
    case 'rdp':
      return ['/sec:rdp', '-auth'];
    case 'tls':
      return ['/sec:tls', '-auth'];
    case 'nla':
      return ['/sec:nla', `/sam-file:${accounts}`];
    case 'nego':
      return ['-auth'];
    case 'all':
      return ['+sec-nla', '+sec-tls', '+sec-rdp', '-auth', `/sam-file:${accounts}`];
  }
}
