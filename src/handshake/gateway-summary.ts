import {
  GATEWAY_STEPS,
  type GatewayFact,
  type GatewayPacketFact,
  type GatewayReport,
  type GatewayResponseFact,
  type GatewayStep,
  type GatewayStepName,
  type GatewayTrace,
} from './gateway.js';
import type { NtlmReport } from './handshake.js';
import { certificateReport, renderInstant } from './summary.js';

/** Turns what was seen of a gateway into the report's values. Pure. */
export function toGatewayReport(trace: GatewayTrace): GatewayReport {
  const { facts } = trace;
  const steps = stepsOf(trace);
  const secured = facts.find((fact) => fact.kind === 'tls-secured');
  const tunnel = facts.find((fact) => fact.kind === 'tunnel');
  return {
    name: trace.name,
    client: trace.client,
    server: trace.server,
    target: trace.target,
    startedAt: renderInstant(trace.startedAt),
    outcome: outcomeOf(trace, steps),
    steps,
    transport: trace.transport,
    proxy:
      tunnel?.proxy === undefined ? null : { protocol: tunnel.protocol, address: tunnel.proxy },
    tls: {
      version: secured?.version ?? null,
      cipher: secured?.cipher ?? null,
      certificates: (secured?.certificates ?? []).map(certificateReport),
    },
    http: httpOf(trace),
    ntlm: ntlmOf(trace),
    tunnel: tunnelOf(facts),
    notMeasured: trace.notMeasured,
    events: facts.map(({ at, ...rest }) => ({ atMs: at === null ? null : at / 1000, ...rest })),
  };
}

/** Where a step begins, and what completes it. */
interface Bounds {
  readonly start: number | null;
  readonly end: number | null;
}

function boundsOf(step: GatewayStepName, facts: readonly GatewayFact[]): Bounds {
  const first = (found: (fact: GatewayFact) => boolean): number | null =>
    facts.find(found)?.at ?? null;
  const packets = (request: string, response: string): Bounds => ({
    start: first((fact) => fact.kind === 'tunnel-packet' && fact.packet === request),
    end: first(
      (fact) =>
        fact.kind === 'tunnel-packet' && fact.packet === response && !(fact.code?.value ?? 0),
    ),
  });
  switch (step) {
    case 'resolve': {
      const lookup = facts.find((fact) => fact.kind === 'lookup');
      const end = lookup === undefined || lookup.error !== null ? null : lookup.at;
      return { start: lookup?.startAt ?? null, end };
    }
    case 'tcp':
      return {
        start: first(({ kind }) => kind === 'tcp-connect'),
        end: first(({ kind }) => kind === 'tcp-accepted'),
      };
    case 'tls':
      return {
        start: first(({ kind }) => kind === 'tcp-accepted'),
        end: first(({ kind }) => kind === 'tls-secured'),
      };
    case 'http':
      return { start: first(({ kind }) => kind === 'http-request'), end: first(isOfGateway) };
    case 'authentication': {
      const start = first((fact) => fact.kind === 'http-request' && fact.authorization !== null);
      if (start === null) return { start, end: null };
      return { start, end: first((fact) => fact.kind === 'http-response' && isOpen(fact)) };
    }
    case 'handshake':
      return packets('handshake-request', 'handshake-response');
    case 'tunnel':
      return packets('tunnel-create', 'tunnel-response');
    case 'authorization':
      return packets('tunnel-auth', 'tunnel-auth-response');
    case 'channel':
      return packets('channel-create', 'channel-response');
  }
}

/** 401 with schemes, or the channel itself: what only a gateway answers to RDG_OUT_DATA. */
function isOfGateway(fact: GatewayFact): boolean {
  if (fact.kind !== 'http-response') return false;
  return isOpen(fact) || (fact.status === 401 && fact.schemes.length > 0);
}

function isOpen({ status }: GatewayResponseFact): boolean {
  return status === 101 || status === 200;
}

function stepsOf(trace: GatewayTrace): readonly GatewayStep[] {
  const { ending, facts } = trace;
  const failedAt = ending?.step ?? null;
  const failed = failedAt === null ? GATEWAY_STEPS.length : GATEWAY_STEPS.indexOf(failedAt);
  const interrupted = facts.some(({ kind }) => kind === 'interrupted');
  let open = !interrupted;
  return GATEWAY_STEPS.map((step, index) => {
    const { start, end } = boundsOf(step, facts);
    const timed = (status: GatewayStep['status'], until: number | null): GatewayStep => ({
      step,
      status,
      startMs: toMs(start),
      endMs: toMs(until),
      durationMs: start === null || until === null ? null : toMs(until - start),
    });
    if (index > failed) return timed('not-reached', null);
    if (step === failedAt) return timed('failed', ending?.at ?? null);
    if (end !== null) return timed('completed', end);
    if (step === 'resolve') return timed('not-applicable', null);
    // A gateway that asks for nobody's name.
    const later = GATEWAY_STEPS.slice(index + 1).some((next) => boundsOf(next, facts).end !== null);
    if (step === 'authentication' && later) return timed('not-applicable', null);
    if (open) return timed('not-attempted', null);
    open = true;
    return timed('unfinished', null);
  });
}

function outcomeOf(
  { ending, facts, target }: GatewayTrace,
  steps: readonly GatewayStep[],
): GatewayReport['outcome'] {
  const reached = steps.findLast(({ status }) => status === 'completed')?.step ?? null;
  if (ending !== null) {
    const { step, how, by, code, says } = ending;
    return {
      status: 'failed',
      reached,
      failedAt: step,
      how,
      by,
      code: code === null ? null : { code: renderCode(code.value), name: code.name },
      detail: says,
    };
  }
  const nothing = { failedAt: null, how: null, by: null, code: null } as const;
  if (facts.some(({ kind }) => kind === 'interrupted')) {
    return { status: 'incomplete', reached, ...nothing, detail: 'the probe was interrupted' };
  }
  const detail =
    reached === 'channel'
      ? `the gateway opened a channel to ${target}`
      : 'the gateway answers and asks for credentials';
  return { status: 'ok', reached, ...nothing, detail };
}

/** Codes of a gateway in hexadecimal, as documents have them; those of HTTP and TLS in decimal. */
function renderCode(value: number): string {
  return value > 0xfff ? `0x${value.toString(16).toUpperCase().padStart(8, '0')}` : `${value}`;
}

function toMs(micros: number | null): number | null {
  return micros === null ? null : micros / 1000;
}

function responses(facts: readonly GatewayFact[]): readonly GatewayResponseFact[] {
  return facts.filter((fact) => fact.kind === 'http-response');
}

function httpOf({ facts, transport }: GatewayTrace): GatewayReport['http'] {
  const all = responses(facts);
  const counts = all.find(isOfGateway) ?? all.at(-1);
  if (counts === undefined) return null;
  const requests = facts.filter((fact) => fact.kind === 'http-request');
  // The second question is asked without a WebSocket only where the first had no gateway's answer.
  const plain = requests.find(({ upgrade }) => !upgrade);
  const refused = plain !== undefined && isOfGateway(counts) && counts.at >= (plain.at ?? 0);
  const webSocket =
    transport === 'websocket'
      ? 'accepted'
      : refused
        ? 'refused'
        : transport === 'http'
          ? 'ignored'
          : null;
  const { status, reason, schemes, proxySchemes, server, via } = counts;
  return { status, reason, schemes, proxySchemes, server, via, webSocket };
}

function ntlmOf({ facts, startedAt }: GatewayTrace): NtlmReport | null {
  const seen = facts.find((fact) => fact.kind === 'ntlm-challenge');
  if (seen === undefined) return null;
  const { challenge, at } = seen;
  const { timestamp } = challenge;
  return {
    targetName: challenge.targetName,
    netbiosComputerName: challenge.netbiosComputerName,
    netbiosDomainName: challenge.netbiosDomainName,
    dnsComputerName: challenge.dnsComputerName,
    dnsDomainName: challenge.dnsDomainName,
    dnsTreeName: challenge.dnsTreeName,
    productVersion: challenge.productVersion,
    timestamp: timestamp === null ? null : renderInstant(timestamp),
    clockSkewMs: timestamp === null ? null : Math.round((timestamp - (startedAt + at)) / 1000),
  };
}

function tunnelOf(facts: readonly GatewayFact[]): GatewayReport['tunnel'] {
  const packets = facts.filter(
    (fact): fact is GatewayPacketFact => fact.kind === 'tunnel-packet' && fact.by === 'server',
  );
  if (packets.length === 0) return null;
  const last = <K extends 'capabilities' | 'redirections' | 'idleTimeout' | 'udpPort'>(
    field: K,
  ): GatewayPacketFact[K] | null => packets.findLast((one) => one[field] !== null)?.[field] ?? null;
  return {
    capabilities: last('capabilities'),
    redirections: last('redirections'),
    idleTimeoutMinutes: last('idleTimeout'),
    udpPort: last('udpPort'),
    messages: packets.flatMap(({ text }) => (text === null || text === '' ? [] : [text])),
  };
}
