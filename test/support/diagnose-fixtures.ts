import type {
  CertificateReport,
  CredSspReport,
  Handshake,
  NtlmReport,
  Outcome,
  ReportEvent,
  TcpReport,
  TlsReport,
  X224Report,
} from '../../src/handshake/handshake.js';
import { STAGES } from '../../src/handshake/trace.js';
import { handshake, STARTED_AT_MS } from './handshake.js';

/*
 * Handshakes as the diagnosis reads them, made by hand: any outcome at any stage, also those that
 * no probe has met yet.
 */

export const DAY_MS = 86_400_000;

/** ISO 8601, so many days from the start of every handshake here. */
export function inDays(days: number): string {
  return new Date(STARTED_AT_MS + days * DAY_MS).toISOString();
}

/** The parts of a handshake that a test sets; what it leaves out stays as in the healthy one. */
export interface Changes {
  readonly id?: number;
  readonly purpose?: string;
  readonly address?: string | null;
  readonly name?: string | null;
  readonly outcome?: Partial<Outcome>;
  readonly tcp?: Partial<TcpReport>;
  readonly request?: Partial<NonNullable<X224Report['request']>> | null;
  readonly response?: Partial<X224Report['response']>;
  readonly tls?: Partial<TlsReport>;
  readonly leaf?: Partial<CertificateReport>;
  readonly credssp?: Partial<CredSspReport>;
  readonly ntlm?: Partial<NtlmReport> | null;
  readonly events?: readonly ReportEvent[];
  readonly lookup?: Handshake['lookup'];
  readonly source?: Handshake['source'];
}

/** The healthy handshake with these changes. */
export function changed(changes: Changes = {}): Handshake {
  const base = handshake('healthy', { id: changes.id ?? 0 });
  const [leaf] = base.tls.certificates;
  const { ntlm } = base.credssp;
  if (leaf === undefined || ntlm === null || base.x224.request === null) {
    throw new Error('the healthy handshake has a certificate, a challenge and a request');
  }
  return {
    ...base,
    purpose: changes.purpose ?? base.purpose,
    source: changes.source ?? base.source,
    server: {
      ...base.server,
      ...(changes.address === undefined ? {} : { address: changes.address }),
      ...(changes.name === undefined ? {} : { name: changes.name }),
    },
    outcome: { ...base.outcome, ...changes.outcome },
    lookup: changes.lookup === undefined ? base.lookup : changes.lookup,
    tcp: { ...base.tcp, ...changes.tcp },
    x224: {
      request: changes.request === null ? null : { ...base.x224.request, ...changes.request },
      response: { ...base.x224.response, ...changes.response },
    },
    tls: { ...base.tls, certificates: [{ ...leaf, ...changes.leaf }], ...changes.tls },
    credssp: {
      ...base.credssp,
      ntlm: changes.ntlm === null ? null : { ...ntlm, ...changes.ntlm },
      ...changes.credssp,
    },
    events: changes.events ?? base.events,
  };
}

const NO_RESPONSE: X224Report['response'] = {
  kind: null,
  selectedProtocol: null,
  flags: null,
  failure: null,
  sourceReference: null,
  serverKind: null,
  protocol: null,
};

const NO_TLS: TlsReport = {
  version: null,
  cipher: null,
  group: null,
  alert: null,
  clientHello: null,
  certificates: [],
  decrypted: false,
};

/** A handshake that failed there and so; what comes after that stage is empty. */
export function died(
  failedAt: NonNullable<Outcome['failedAt']>,
  how: Outcome['how'],
  changes: Changes = {},
): Handshake {
  const place = STAGES.indexOf(failedAt);
  const before = (stage: (typeof STAGES)[number]): boolean => STAGES.indexOf(stage) < place;
  const whole = changed({
    events: [],
    ...changes,
    outcome: {
      status: 'failed',
      reached: STAGES[place - 1] ?? null,
      failedAt,
      how,
      by: 'server',
      detail: 'what the facts say',
      ...changes.outcome,
    },
    response: { ...(before('x224') ? {} : NO_RESPONSE), ...changes.response },
    tls: { ...(before('tls') ? {} : NO_TLS), ...changes.tls },
    credssp: { ...(before('credssp') ? {} : { version: null, ntlm: null }), ...changes.credssp },
  });
  return {
    ...whole,
    stages: whole.stages.map((stage, index) => ({
      ...stage,
      status: index < place ? 'completed' : index === place ? 'failed' : 'not-reached',
      startMs: index > place ? null : (index + 1) * 10,
      endMs: index > place ? null : (index + 2) * 10,
      durationMs: index > place ? null : 10,
    })),
  };
}

/** An event as the report has it. */
export function event(atMs: number, kind: string, fields: Record<string, unknown>): ReportEvent {
  return { atMs, kind, ...fields };
}

export function messageEvent(
  atMs: number,
  by: 'client' | 'server',
  message: Record<string, unknown>,
): ReportEvent {
  return event(atMs, 'message', { by, startAt: atMs * 1000, bytes: 1, message });
}
