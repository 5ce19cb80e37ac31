import type { Clock } from '../probe/clock.js';
import type { KernelSockets } from '../probe/kernel-figures.js';
import type { PathMeasurer, Probe, Scanner } from './io.js';

/**
 * The probe that talks to real servers. Its modules are loaded when the first target is probed, so
 * that no other command pays for them.
 *
 * @param platform `process.platform`
 */
export function liveProbe(platform: string): Probe {
  let opened: Promise<{ clock: Clock; kernel: KernelSockets }> | null = null;
  return async (
    target,
    settings,
    { allAddresses, signal, onStage, recorder, logon, afterMs = 0, gateway },
  ) => {
    if (gateway !== undefined) {
      const through = await import('./live-gateway.js');
      return await through.liveGateway(target, settings, gateway, { signal, onStage, logon });
    }
    opened ??= open(platform);
    if (afterMs > 0) await pause(afterMs, signal);
    const [{ probeTarget }, { clock, kernel }] = await Promise.all([
      import('../probe/probe-target.js'),
      opened,
    ]);
    return await probeTarget(
      target,
      settings,
      {
        clock,
        kernel,
        signal,
        onStage,
        ...(recorder === undefined ? {} : { recorder }),
        ...(logon === undefined ? {} : { logon }),
      },
      { allAddresses },
    );
  };
}

/**
 * The measurement of a path on the real network, loaded when it is asked for.
 *
 * @param platform `process.platform`
 */
export function livePath(platform: string): PathMeasurer {
  return async (target, settings, { options, signal, onProgress, recorder, environment }) => {
    const [{ measurePath }, { randomBytes }, { clock, kernel }] = await Promise.all([
      import('../path/measure-path.js'),
      import('node:crypto'),
      open(platform),
    ]);
    return await measurePath(
      target,
      settings,
      {
        clock,
        kernel,
        signal,
        random: (count) => Uint8Array.from(randomBytes(count)),
        onProgress,
        platform,
        environment,
        ...(recorder === undefined ? {} : { recorder }),
      },
      options,
    );
  };
}

/** Ends at once where it is interrupted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/**
 * The questions of a scan on the real network, loaded when they are asked for.
 *
 * @param platform `process.platform`
 */
export function liveScan(platform: string): Scanner {
  return async (target, settings, { options, signal, onQuestion, recorder }) => {
    const [{ scanTarget }, { clock, kernel }] = await Promise.all([
      import('../scan/scan-target.js'),
      open(platform),
    ]);
    const io = {
      clock,
      kernel,
      signal,
      onQuestion,
      ...(recorder === undefined ? {} : { recorder }),
    };
    return await scanTarget(target, settings, io, options);
  };
}

async function open(platform: string): Promise<{ clock: Clock; kernel: KernelSockets }> {
  const [{ systemClock }, { openKernelSockets }] = await Promise.all([
    import('../probe/clock.js'),
    import('../probe/kernel-socket.js'),
  ]);
  return { clock: systemClock(), kernel: await openKernelSockets(platform) };
}
