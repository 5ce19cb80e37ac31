import { mkdirSync } from 'node:fs';
import type { CertificateFiles } from './certificates.js';
import { Daemon } from './daemon.js';
import type { Programs } from './requirements.js';
import { choosePort, type Place, type RunningServer, whenReady } from './server.js';
import type { Workspace } from './workspace.js';

export const WESTON_PROGRAMS: Programs = { weston: 'weston', openssl: 'openssl' };

export interface WestonOptions {
  readonly name: string;
  readonly mode: 'tls' | 'rdp' | 'nego';
  readonly certificate: CertificateFiles;
  /** See `makeRdpKey`. */
  readonly rdpKey: string;
  readonly place: Place;
}

/** weston's RDP backend: TLS and standard RDP security, never NLA, and no X server. */
export async function startWeston(
  workspace: Workspace,
  { name, mode, certificate, rdpKey, place }: WestonOptions,
): Promise<RunningServer> {
  const runtime = workspace.path(name);
  mkdirSync(runtime, { mode: 0o700 });
  const port = await choosePort(place);
  const tls = [`--rdp-tls-cert=${certificate.certificate}`, `--rdp-tls-key=${certificate.key}`];
  const rdp = [`--rdp4-key=${rdpKey}`];
  const daemon = Daemon.start(workspace, {
    name,
    command: [
      'weston',
      ...['--no-config', '--backend=rdp-backend.so', '--shell=kiosk-shell.so', '--socket=weston'],
      ...[`--address=${place.address}`, `--port=${port}`, '--width=640', '--height=480'],
      ...(mode === 'rdp' ? [] : tls),
      ...(mode === 'tls' ? [] : rdp),
    ],
    namespace: place.namespace,
    environment: { XDG_RUNTIME_DIR: runtime },
  });
  return whenReady(daemon, place, port);
}
