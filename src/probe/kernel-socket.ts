import { loadForeignFunctions } from './foreign-functions.js';
import type { KernelSockets } from './kernel-figures.js';

/** `--no-kernel` and tests: nothing is asked of the kernel. */
export const NO_KERNEL_SOCKETS: KernelSockets = {
  available: false,
  why: 'the kernel was not asked for its figures',
};

/**
 * The backend for this platform. Never throws: where the optional package `koffi` is absent, or the
 * platform has no backend, the reason is in `why`.
 *
 * @param platform `process.platform`
 * @param load how the foreign functions are found
 */
export async function openKernelSockets(
  platform: string,
  load = loadForeignFunctions,
): Promise<KernelSockets> {
  switch (platform) {
    case 'linux': {
      const { openLinuxSockets } = await import('./kernel-socket-linux.js');
      return openLinuxSockets(await load());
    }
    case 'darwin':
      return {
        available: false,
        why: 'the figures of TCP_CONNECTION_INFO are not read on macOS yet',
      };
    case 'win32':
      return { available: false, why: 'the figures of SIO_TCP_INFO are not read on Windows yet' };
    default:
      return { available: false, why: `no way to read the kernel's TCP figures on ${platform}` };
  }
}
