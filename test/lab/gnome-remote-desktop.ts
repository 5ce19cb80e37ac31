import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_ACCOUNT } from './account.js';
import type { CertificateFiles } from './certificates.js';
import { Daemon, labEnvironment } from './daemon.js';
import { type CommandLine, NetNamespace } from './net-namespace.js';
import type { Programs } from './requirements.js';
import { choosePort, type Place, type RunningServer, whenReady } from './server.js';
import type { Workspace } from './workspace.js';

const DAEMON = '/usr/libexec/gnome-remote-desktop-daemon';

export const GNOME_REMOTE_DESKTOP_PROGRAMS: Programs = {
  [DAEMON]: 'gnome-remote-desktop',
  grdctl: 'gnome-remote-desktop',
  mutter: 'mutter',
  pipewire: 'pipewire-bin',
  wireplumber: 'wireplumber',
  'dbus-daemon': 'dbus-daemon',
  gdbus: 'libglib2.0-bin',
  ip: 'iproute2',
  openssl: 'openssl',
};

/**
 * GNOME Remote Desktop, headless, NLA only. It listens on every address there is, so it lives in a
 * namespace that has none but loopback; its clients have to be run in there too.
 */
export async function startGnomeRemoteDesktop(
  workspace: Workspace,
  { name, certificate }: { readonly name: string; readonly certificate: CertificateFiles },
): Promise<RunningServer> {
  const namespace = NetNamespace.create(workspace, 'gnome');
  const place: Place = { address: '127.0.0.1', namespace };
  const home = workspace.path(name);
  const runtime = join(home, 'runtime');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const bus = join(runtime, 'bus');
  const environment = {
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CURRENT_DESKTOP: 'GNOME',
    XDG_SESSION_TYPE: 'wayland',
    GSETTINGS_BACKEND: 'keyfile',
    LIBGL_ALWAYS_SOFTWARE: '1',
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${bus}`,
  };
  const start = (part: string, ...command: CommandLine): Daemon =>
    Daemon.start(workspace, { name: `${name}-${part}`, command, namespace, environment });
  const run = (...command: CommandLine): void => {
    const [program, ...rest] = namespace.enter(command);
    execFileSync(program, rest, { env: labEnvironment(environment), stdio: 'pipe' });
  };

  const sessionBus = start(
    'bus',
    ...(['dbus-daemon', '--session', '--nofork', '--nopidfile'] as const),
    `--address=unix:path=${bus}`,
  );
  await sessionBus.waitUntil('the session bus is there', () => existsSync(bus));
  start('pipewire', 'pipewire');
  start('wireplumber', 'wireplumber');
  const shell = ['--headless', '--wayland', '--no-x11', '--virtual-monitor', '800x600'];
  start('mutter', 'mutter', ...shell);
  run('gdbus', 'wait', '--session', '--timeout', '20', 'org.gnome.Mutter.RemoteDesktop');

  const setting = (...words: string[]): void => run('grdctl', '--headless', 'rdp', ...words);
  setting('set-tls-cert', certificate.certificate);
  setting('set-tls-key', certificate.key);
  setting('set-credentials', LAB_ACCOUNT.user, LAB_ACCOUNT.password);
  setting('enable');

  const port = await choosePort(place);
  return whenReady(start('daemon', DAEMON, '--headless', '--rdp-port', `${port}`), place, port);
}
