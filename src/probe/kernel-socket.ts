import { loadForeignFunctions } from './foreign-functions.js';
import type { KernelSockets } from './kernel-figures.js';

/** `--no-kernel` and tests: nothing is asked of the kernel. */
export const NO_KERNEL_SOCKETS: KernelSockets = {
  available: false,
  why: 'the kernel was not asked for its figures',
};

/**
 * The backend for this platform. Never throws: where the optional package `koffi` is absent and
 * nothing takes its place, or the platform has no backend, the reason is in `why`.
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
      const functions = await load();
      if (!functions.available) {
        const { openSsSockets } = await import('./kernel-socket-ss.js');
        return openSsSockets(functions.why);
      }
      const { openLinuxSockets } = await import('./kernel-socket-linux.js');
      return openLinuxSockets(functions);
    }
    case 'darwin': {
      const { openDarwinSockets } = await import('./kernel-socket-darwin.js');
      return openDarwinSockets(await load());
    }
    case 'win32': {
      const { openWindowsSockets } = await import('./kernel-socket-windows.js');
      return openWindowsSockets(await load());
    }
    default:
      return { available: false, why: `no way to read the kernel's TCP figures on ${platform}` };
  }
}
