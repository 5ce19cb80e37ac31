import type { GatewayReport, GatewayStepName } from '../handshake/gateway.js';
import { finding, withoutRepeats } from './case.js';
import { GATEWAY_CODES } from './catalogue/codes-gateway.js';
import type { CauseId } from './causes.js';
import type { Certainty, Evidence, Finding } from './finding.js';
import { gatewayCertificateFault, isWindowsHttp } from './gateway-certificate.js';

/**
 * What the way through a gateway proves or suggests, best first.
 *
 * @param nowMs our clock, milliseconds since 1970 UTC, where the report does not say when it was
 */
export function gatewayFindings(gateway: GatewayReport, nowMs: number): readonly Finding[] {
  return withoutRepeats([
    ...endingFindings(gateway),
    ...certificateFindings(gateway, nowMs),
    ...proxyFindings(gateway),
  ]);
}

function shown(gateway: GatewayReport, says: string, step: GatewayStepName): readonly Evidence[] {
  const atMs = gateway.steps.find((one) => one.step === step)?.endMs ?? null;
  return [{ says: `gateway ${gateway.name}: ${says}`, handshake: null, atMs, packets: [] }];
}

function endingFindings(gateway: GatewayReport): readonly Finding[] {
  const { failedAt, how, detail } = gateway.outcome;
  if (failedAt === null || how === null) return [];
  const one: Maker = (cause, certainty, why, against = []) =>
    finding(cause, certainty, {
      says: `At the gateway ${gateway.name}, ${detail}${why === '' ? '' : `: ${why}`}.`,
      evidence: shown(gateway, detail, failedAt),
      against,
    });
  if (how === 'error-code') return codeFindings(gateway, failedAt, one);
  if (how === 'proxy') return [one('gateway-http-proxy', 'proved', '')];
  return byStep(failedAt, gateway, one);
}

/** How it ended is told by the step, where no code of the gateway tells it. */
function byStep(step: GatewayStepName, gateway: GatewayReport, one: Maker): readonly Finding[] {
  const { how } = gateway.outcome;
  switch (step) {
    case 'resolve':
    case 'tcp':
      return [one('gateway-unreachable-or-max-connections', 'proved', '')];
    case 'tls':
      return [
        one(
          'gateway-certificate-problem',
          'possible',
          'a Windows host that has no certificate bound to the port ends TLS so',
        ),
        one('gateway-http-proxy', 'possible', 'what inspects TLS on the way can end it too'),
        one('gateway-unreachable-or-max-connections', 'possible', 'or no gateway listens there'),
      ];
    case 'http':
      return httpFindings(gateway, one);
    case 'authentication':
      return how === 'unauthorized'
        ? [one('nla-bad-credentials', 'likely', '', ['the gateway does not say what it refuses'])]
        : [one('gateway-http-proxy', 'possible', 'NTLM needs one unbroken connection')];
    case 'channel':
      if (how === 'timeout') {
        const why = 'it answered all before it, so it waits for the target';
        return [one('gateway-cannot-reach-target', 'likely', why)];
      }
      return broken(one);
    case 'handshake':
    case 'tunnel':
    case 'authorization':
      return broken(one);
  }
}

type Maker = (
  cause: CauseId,
  certainty: Certainty,
  why: string,
  against?: readonly string[],
) => Finding;

function broken(one: Maker): readonly Finding[] {
  return [
    one('gateway-http-proxy', 'possible', 'something on the way may break the transport'),
    one(
      'gateway-unreachable-or-max-connections',
      'possible',
      'or the gateway itself is in trouble',
    ),
  ];
}

function httpFindings(gateway: GatewayReport, one: Maker): readonly Finding[] {
  const { http, outcome } = gateway;
  const proxied = (http?.via.length ?? 0) > 0;
  if (outcome.how === 'unavailable') {
    return [
      one(
        'gateway-unreachable-or-max-connections',
        'likely',
        'the service behind it does not serve',
      ),
      ...(proxied ? [one('gateway-http-proxy', 'possible', 'a proxy stands on the way')] : []),
    ];
  }
  if (outcome.how !== 'not-gateway') {
    return [
      one('gateway-http-proxy', 'possible', 'a device that knows no RDG_OUT_DATA may drop it'),
      one('gateway-unreachable-or-max-connections', 'possible', 'or what listens is no gateway'),
    ];
  }
  const isWindows = isWindowsHttp(gateway);
  return [
    isWindows
      ? one(
          'gateway-unreachable-or-max-connections',
          'likely',
          'the HTTP server of Windows answers, and the gateway service has not registered its address there: it is not installed, or stopped',
        )
      : one(
          'gateway-http-proxy',
          'possible',
          'a web server or a reverse proxy answers that does not pass the request on',
        ),
    ...(isWindows
      ? []
      : [one('gateway-unreachable-or-max-connections', 'possible', 'or the address is another')]),
  ];
}

/** Codes are sent as HRESULTs and as plain numbers: their low 16 bits say which it is. */
function codeFindings(
  gateway: GatewayReport,
  failedAt: GatewayStepName,
  one: Maker,
): readonly Finding[] {
  const { code, name } = gateway.outcome.code ?? { code: '', name: null };
  const low = Number(code) & 0xffff;
  const entry = GATEWAY_CODES.codes.find((known) => (known.code & 0xffff) === low);
  if (name === 'E_PROXY_INTERNALERROR') {
    // Some gateways give it for every target that they cannot connect to.
    return failedAt === 'channel'
      ? [
          one('gateway-cannot-reach-target', 'likely', 'all before the target was accepted', [
            'the code itself says only that something failed inside the gateway',
          ]),
        ]
      : [one('gateway-unreachable-or-max-connections', 'possible', 'something fails inside it')];
  }
  const [cause] = entry?.causes ?? [];
  if (cause !== undefined) return [one(cause, certaintyOf(cause, failedAt, name), '')];
  switch (failedAt) {
    case 'authorization':
      return [one('gateway-cap-denied', 'likely', 'this is the step of its connection policy')];
    case 'channel':
      return [
        one('gateway-rap-denied', 'possible', 'this is the step of its resource policy'),
        one('gateway-cannot-reach-target', 'possible', 'and of its connection to the target'),
      ];
    default:
      return [one('gateway-unreachable-or-max-connections', 'possible', 'its code names no cause')];
  }
}

/** A code proves its own cause in its own step; those of cookies and log-ons leave more readings. */
function certaintyOf(cause: CauseId, step: GatewayStepName, name: string | null): Certainty {
  if (/COOKIE|AUTHENTICATION|REAUTH/.test(name ?? '')) return 'likely';
  const isOfPolicy = cause === 'gateway-cap-denied' || cause === 'gateway-rap-denied';
  return isOfPolicy && step !== 'authorization' && step !== 'channel' ? 'likely' : 'proved';
}

/** A client does not connect in spite of a gateway's certificate: there is no such question. */
function certificateFindings(gateway: GatewayReport, nowMs: number): readonly Finding[] {
  const fault = gatewayCertificateFault(gateway, nowMs);
  if (fault === null) return [];
  const subject = gateway.tls.certificates[0]?.subject ?? 'the gateway';
  return [
    finding('gateway-certificate-problem', fault.certainty, {
      says: `${fault.says} Clients do not pass a gateway whose certificate they do not accept.`,
      evidence: shown(gateway, `certificate of ${subject}`, 'tls'),
      against: fault.against,
    }),
  ];
}

/** What stands before a gateway that is there. */
function proxyFindings(gateway: GatewayReport): readonly Finding[] {
  const { http, outcome } = gateway;
  if (outcome.status !== 'ok' || http?.webSocket !== 'refused') return [];
  const says = `The gateway ${gateway.name} answers RDG_OUT_DATA, but not where it asks for a WebSocket: something before it does not let that through.`;
  return [
    finding('gateway-http-proxy', 'possible', {
      says,
      evidence: shown(gateway, 'the same request is refused with an Upgrade in it', 'http'),
      against: ['clients fall back to the transport with two connections'],
    }),
  ];
}
