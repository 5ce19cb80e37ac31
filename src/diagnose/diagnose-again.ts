import type { Handshake } from '../handshake/handshake.js';
import { diagnose } from './diagnose.js';
import type { Diagnosis } from './finding.js';
import { withGateway } from './gateway-diagnosis.js';
import type { HostFacts } from './host-facts.js';
import { hostMatch } from './host-match.js';
import { gatewayUntested } from './not-tested.js';

/**
 * Diagnoses anew what a saved report holds: with the rules of this version, and with what was read on
 * the host since. A diagnosis needs nothing but the handshakes and the path.
 *
 * @param saved as the report has it; its findings and verdict count for nothing
 * @param handshakes those that it judges
 * @param nowMs when the report was made, milliseconds since 1970 UTC
 * @param host facts of a host; those of another machine are left out. null: none
 */
export function diagnoseAgain(
  saved: Diagnosis,
  handshakes: readonly Handshake[],
  nowMs: number,
  host: HostFacts | null = null,
): Diagnosis {
  const { target, path, scan, rdpFile, gateway } = saved;
  const match = host === null ? null : hostMatch(host, handshakes);
  const own = match === null || match.kind === 'other' ? null : host;
  const direct = diagnose(target, handshakes, nowMs, path, { host: own, scan });
  const anew = gateway === undefined ? direct : withGateway(direct, gateway, nowMs);
  const ofFile =
    rdpFile === undefined
      ? []
      : saved.notTested.filter((line) => line.startsWith(gatewayUntested('')));
  return {
    ...anew,
    notTested: [...anew.notTested, ...ofFile],
    ...(rdpFile === undefined ? {} : { rdpFile }),
    ...(own === null || match === null || match.kind === 'other'
      ? {}
      : {
          host: {
            computer: own.computer.name,
            takenAt: own.takenAt,
            match: match.kind,
            says: match.says,
            problems: own.problems.map(({ block, says }) => `${block}: ${says}`),
          },
        }),
  };
}
