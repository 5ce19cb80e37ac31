import type { GatewayReport, GatewayStepName } from '../handshake/gateway.js';
import type { SignalId } from './catalogue/signals.js';
import type { Evidence } from './finding.js';

/** Looks at the way through a gateway; a sentence, and the step that shows it. */
type GatewayDetector = (
  gateway: GatewayReport,
) => { readonly says: string; readonly step: GatewayStepName } | null;

function ended({ outcome }: GatewayReport): ReturnType<GatewayDetector> {
  return outcome.failedAt === null ? null : { says: outcome.detail, step: outcome.failedAt };
}

/** Codes are sent as HRESULTs and as plain numbers: their low 16 bits say which it is. */
function refusedWith(code: number): GatewayDetector {
  return (gateway) => {
    const { how, code: given } = gateway.outcome;
    const same = given !== null && (Number(given.code) & 0xffff) === (code & 0xffff);
    return how === 'error-code' && same ? ended(gateway) : null;
  };
}

function status(matches: (gateway: GatewayReport) => boolean): GatewayDetector {
  return (gateway) =>
    matches(gateway) ? { says: `HTTP status ${gateway.http?.status ?? ''}`, step: 'http' } : null;
}

/** What is seen on the way through a Remote Desktop Gateway, [MS-TSGU]. */
export const GATEWAY_SIGNALS: Readonly<Partial<Record<SignalId, GatewayDetector>>> = {
  'gw.tcp-timeout': (gateway) =>
    gateway.outcome.failedAt === 'tcp' && gateway.outcome.how === 'timeout' ? ended(gateway) : null,
  'gw.tls': (gateway) =>
    gateway.tls.certificates.length > 0
      ? { says: `${gateway.tls.version ?? 'TLS'} and a certificate were seen`, step: 'tls' }
      : gateway.outcome.failedAt === 'tls'
        ? ended(gateway)
        : null,
  'gw.http-407': (gateway) =>
    gateway.outcome.how === 'proxy' && Number(gateway.outcome.code?.code) === 407
      ? ended(gateway)
      : null,
  'gw.http-503': status(({ http }) => http?.status === 503),
  'gw.http-status': status(
    ({ http, outcome }) =>
      outcome.failedAt === 'http' &&
      http !== null &&
      http.status !== 407 &&
      http.status !== 503 &&
      http.status !== 401,
  ),
  'gw.proxy-0x59E6': refusedWith(0x59e6),
  'gw.proxy-0x800759DA': refusedWith(0x800759da),
  'gw.proxy-0x800759DB': refusedWith(0x800759db),
  'gw.proxy-0x800759DD': refusedWith(0x800759dd),
  'gw.proxy-0x800759ED': refusedWith(0x800759ed),
  'gw.status-0xC000035B': (gateway) =>
    gateway.outcome.code !== null && Number(gateway.outcome.code.code) === 0xc000035b
      ? ended(gateway)
      : null,
};

/** What shows a signal on this way; empty: it is not there. */
export function gatewayEvidence(gateway: GatewayReport, id: SignalId): readonly Evidence[] {
  const found = GATEWAY_SIGNALS[id]?.(gateway) ?? null;
  if (found === null) return [];
  const atMs = gateway.steps.find(({ step }) => step === found.step)?.endMs ?? null;
  return [{ says: `gateway ${gateway.name}: ${found.says}`, handshake: null, atMs, packets: [] }];
}
