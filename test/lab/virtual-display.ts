import { Daemon } from './daemon.js';
import type { Workspace } from './workspace.js';

/**
 * Starts an X server without a screen and returns its DISPLAY. It picks a free number by itself.
 * `-noreset`: it would start over when its last client leaves, and a client that comes at that
 * moment fails.
 */
export async function startVirtualDisplay(workspace: Workspace): Promise<string> {
  const server = Daemon.start(workspace, {
    name: 'xvfb',
    command: [
      'Xvfb',
      ...['-displayfd', '1', '-screen', '0', '640x480x24', '-nolisten', 'tcp', '-noreset'],
    ],
  });
  let number: string | undefined;
  await server.waitUntil('a display number was chosen', () => {
    number = /^(\d+)\n/m.exec(server.output())?.[1];
    return number !== undefined;
  });
  return `:${number}`;
}
