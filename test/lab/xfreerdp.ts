import { execFile } from 'node:child_process';
import { LAB_ACCOUNT } from './account.js';
import { labEnvironment } from './daemon.js';
import type { Programs } from './requirements.js';
import type { Workspace } from './workspace.js';

export const XFREERDP_PROGRAMS: Programs = { xfreerdp: 'freerdp2-x11', Xvfb: 'xvfb' };

/** A change of state in its log. */
const NEGOTIATED = /CONNECTION_STATE_(NEGO|NLA) --> CONNECTION_STATE_MCS_CONNECT/;

const LIMIT_MS = 15_000;

export interface XfreerdpRun {
  /** negotiation, TLS and CredSSP are behind it; what the server does with the session is not */
  readonly connected: boolean;
  readonly log: string;
}

/**
 * FreeRDP's client as far as its logon, with the password that the lab gives to its servers and every
 * certificate accepted.
 *
 * @param further options of its command line
 */
export async function runXfreerdp(
  workspace: Workspace,
  display: string,
  address: string,
  port: number,
  further: readonly string[] = [],
): Promise<XfreerdpRun> {
  const options = [
    ...[
      `/v:${address}:${port}`,
      `/u:${LAB_ACCOUNT.user}`,
      `/p:${LAB_ACCOUNT.password}`,
      '/cert:ignore',
    ],
    ...['+auth-only', '/log-level:DEBUG'],
    ...further,
  ];
  const environment = labEnvironment({ DISPLAY: display, HOME: workspace.directory });
  return await new Promise((resolve) => {
    execFile(
      'xfreerdp',
      options,
      { env: environment, timeout: LIMIT_MS, maxBuffer: 1 << 24 },
      (_, stdout, stderr) => {
        const log = stdout + stderr;
        resolve({ connected: NEGOTIATED.test(log), log });
      },
    );
  });
}
