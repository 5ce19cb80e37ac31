import type { GatewayReport } from '../handshake/gateway.js';
import { ranked, withoutRepeats } from './case.js';
import type { Diagnosis, Finding } from './finding.js';
import { gatewayFindings } from './gateway-rules.js';
import { gatewayVerdict, isPassed, untestedBehind } from './gateway-verdict.js';
import { withGatewaySignals } from './signals.js';
import { weighed } from './weighing.js';

/**
 * What a target's handshakes say, together with the gateway that they went through, or did not.
 *
 * @param diagnosis of the handshakes alone; without any where the gateway was not passed
 * @param nowMs our clock, milliseconds since 1970 UTC
 */
export function withGateway(
  diagnosis: Diagnosis,
  gateway: GatewayReport,
  nowMs: number,
): Diagnosis {
  const signals = withGatewaySignals(diagnosis.signals ?? [], gateway, nowMs);
  const ofGateway = weighed(gatewayFindings(gateway, nowMs), signals, null);
  return {
    ...diagnosis,
    gateway,
    verdict: verdictOf(diagnosis, gateway, ofGateway),
    notTested: [...diagnosis.notTested, ...untestedBehind(gateway)],
    findings: withoutRepeats([...ofGateway, ...diagnosis.findings]),
    signals,
  };
}

function verdictOf(
  { verdict }: Diagnosis,
  gateway: GatewayReport,
  ofGateway: readonly Finding[],
): string {
  const best = ranked(ofGateway).find(({ certainty }) => certainty !== 'possible');
  const why = best === undefined ? '' : `; ${best.certainty}: ${inSentence(best.title)}`;
  if (!isPassed(gateway)) return `${gatewayVerdict(gateway)}${why}`;
  return `${verdict} (${gatewayVerdict(gateway)}${why})`;
}

/** A title within a sentence: its first word small, unless it is a name. */
function inSentence(title: string): string {
  return /^(RD |Remote|Windows|[A-Z]{2})/.test(title)
    ? title
    : `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}
