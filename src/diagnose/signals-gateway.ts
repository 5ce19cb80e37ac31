import type { GatewayReport, GatewayStepName } from '../handshake/gateway.js';
import { GATEWAY_CODES } from './catalogue/codes-gateway.js';
import type { SignalId } from './catalogue/signals.js';
import type { CauseId } from './causes.js';
import type { Evidence } from './finding.js';
import {
  type GatewayFault,
  gatewayCertificateFault,
  isWindowsHttp,
} from './gateway-certificate.js';

/** Looks at the way through a gateway; a sentence, and the step that shows it. */
type GatewayDetector = (
  gateway: GatewayReport,
  nowMs: number,
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

/** By the table of the catalogue: what each code is documented to mean. */
function codeOf(cause: CauseId): GatewayDetector {
  return (gateway) => {
    const { how, code } = gateway.outcome;
    if (how !== 'error-code' || code === null) return null;
    const low = Number(code.code) & 0xffff;
    const entry = GATEWAY_CODES.codes.find((known) => (known.code & 0xffff) === low);
    return entry?.causes[0] === cause ? ended(gateway) : null;
  };
}

function endedAt(step: GatewayStepName, how: GatewayReport['outcome']['how']): GatewayDetector {
  return (gateway) =>
    gateway.outcome.failedAt === step && gateway.outcome.how === how ? ended(gateway) : null;
}

function ofCertificate(...faults: readonly GatewayFault[]): GatewayDetector {
  return (gateway, nowMs) => {
    const fault = gatewayCertificateFault(gateway, nowMs);
    return fault !== null && faults.includes(fault.is) ? { says: fault.says, step: 'tls' } : null;
  };
}

const INTERNAL_ERROR = 'E_PROXY_INTERNALERROR';

/** What is seen on the way through a Remote Desktop Gateway, [MS-TSGU]. */
export const GATEWAY_SIGNALS: Readonly<Partial<Record<SignalId, GatewayDetector>>> = {
  'gw.tcp-timeout': (gateway) =>
    gateway.outcome.failedAt === 'tcp' && gateway.outcome.how === 'timeout' ? ended(gateway) : null,
  'gw.unreachable': (gateway) =>
    gateway.outcome.failedAt === 'resolve' || gateway.outcome.failedAt === 'tcp'
      ? ended(gateway)
      : null,
  'gw.proxy-refuses': (gateway) => (gateway.outcome.how === 'proxy' ? ended(gateway) : null),
  'gw.unauthorized': endedAt('authentication', 'unauthorized'),
  'gw.target-silent': endedAt('channel', 'timeout'),
  'gw.internal-error-at-channel': (gateway) =>
    gateway.outcome.code?.name === INTERNAL_ERROR
      ? endedAt('channel', 'error-code')(gateway, 0)
      : null,
  'gw.service-missing': (gateway) =>
    gateway.outcome.how === 'not-gateway' && isWindowsHttp(gateway) ? ended(gateway) : null,
  'gw.refused-at-authorization': endedAt('authorization', 'error-code'),
  'gw.code-cap': codeOf('gateway-cap-denied'),
  'gw.code-rap': codeOf('gateway-rap-denied'),
  'gw.code-target': codeOf('gateway-cannot-reach-target'),
  'gw.code-certificate': codeOf('gateway-certificate-problem'),
  'gw.code-busy': codeOf('gateway-unreachable-or-max-connections'),
  'gw.certificate-out-of-date': ofCertificate('expired', 'not-yet-valid'),
  'gw.certificate-other-name': ofCertificate('other-name'),
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
export function gatewayEvidence(
  gateway: GatewayReport,
  id: SignalId,
  nowMs: number,
): readonly Evidence[] {
  const found = GATEWAY_SIGNALS[id]?.(gateway, nowMs) ?? null;
  if (found === null) return [];
  const atMs = gateway.steps.find(({ step }) => step === found.step)?.endMs ?? null;
  return [{ says: `gateway ${gateway.name}: ${found.says}`, handshake: null, atMs, packets: [] }];
}
