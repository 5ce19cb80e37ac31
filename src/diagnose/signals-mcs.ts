import { duration } from './figures.js';
import { wantsTlsAfterAll } from './seen.js';
import { type Detectors, ended, failed, inEach, remark, saidSo } from './signals-case.js';

/** A stage that stood still for about a minute and then went on. */
const STALL_MS = [55_000, 65_000] as const;

/** The last part of a handshake, and times of the whole of it. */
export const MCS_SIGNALS: Detectors = {
  'mcs.fin': inEach((one) =>
    failed(one, 'mcs', 'closed', 'reset') && one.outcome.by === 'server' && !saidSo(one)
      ? ended(one)
      : null,
  ),
  'mcs.disconnect-after-plain-offer': inEach((one) => (wantsTlsAfterAll(one) ? ended(one) : null)),
  'mcs.timeout': inEach((one) => (failed(one, 'mcs', 'timeout') ? ended(one) : null)),
  'stage.timeout': inEach((one) =>
    one.outcome.status === 'failed' && one.outcome.how === 'timeout' ? ended(one) : null,
  ),
  'timeline.60s-stall-then-ok': inEach((one) => {
    const [least, most] = STALL_MS;
    const stalled = one.stages.find(
      ({ status, durationMs }) =>
        status === 'completed' && durationMs !== null && durationMs >= least && durationMs <= most,
    );
    return stalled === undefined
      ? null
      : {
          ...remark(`${stalled.stage} took ${duration(stalled.durationMs ?? 0)}, and went on`),
          handshake: one.id,
          atMs: stalled.endMs,
        };
  }),
};
