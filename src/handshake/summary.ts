import { capturedTcp } from './captured-tcp.js';
import type {
  CertificateReport,
  CodeName,
  CredSspReport,
  Handshake,
  McsReport,
  Outcome,
  ReportEvent,
  Stage,
  TcpReport,
  TlsReport,
  X224Report,
} from './handshake.js';
import { strayReset } from './hop-limits.js';
import { authenticationOf, logonReport } from './logon.js';
import { describeOutcome } from './outcome.js';
import { usesCredSsp } from './phase.js';
import { type Course, courseOf, type StageSpan } from './stages.js';
import type {
  Certificate,
  Fact,
  HandshakeTrace,
  KernelFact,
  Message,
  MessageFact,
} from './trace.js';

export interface HandshakeLabel {
  /** position in the report's list */
  readonly id: number;
  /** why it was made: verdict, follow-up, ... */
  readonly purpose: string;
  readonly reason: string | null;
}

/** Turns what was seen into the report's values. Pure: the same trace gives the same handshake. */
export function toHandshake(trace: HandshakeTrace, label: HandshakeLabel): Handshake {
  const course = courseOf(trace);
  const tcp = tcpReport(trace);
  return {
    ...label,
    source: trace.source,
    client: trace.client,
    server: trace.server,
    startedAt: renderInstant(trace.startedAt),
    outcome: outcomeOf(trace, course),
    stages: course.stages.map((span) => stageReport(span, tcp.rttMs)),
    lookup: lookupReport(trace.facts),
    tcp,
    x224: x224Report(trace.facts),
    tls: tlsReport(trace.facts),
    credssp: credSspReport(trace, tcp.rttMs),
    mcs: mcsReport(trace.facts),
    notMeasured: trace.notMeasured,
    events: trace.facts.map(eventOf),
  };
}

/** ISO 8601 UTC with microseconds. */
export function renderInstant(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const rest = micros - seconds * 1e6;
  const instant = new Date(seconds * 1000);
  if (Number.isNaN(instant.getTime())) return 'beyond the calendar';
  return instant.toISOString().replace(/\.\d+Z$/, `.${String(rest).padStart(6, '0')}Z`);
}

function toMs(micros: number | null): number | null {
  return micros === null ? null : micros / 1000;
}

function eventOf(fact: Fact): ReportEvent {
  const { at, ...rest } = fact;
  return { atMs: toMs(at), ...rest };
}

/** Every message of one type, in order. */
function messages<T extends Message['type']>(
  facts: readonly Fact[],
  type: T,
): readonly (MessageFact & { readonly message: Extract<Message, { type: T }> })[] {
  return facts.filter(
    (fact): fact is MessageFact & { readonly message: Extract<Message, { type: T }> } =>
      fact.kind === 'message' && fact.message.type === type,
  );
}

function outcomeOf(trace: HandshakeTrace, course: Course): Outcome {
  const completed = course.stages.filter(({ status }) => status === 'completed');
  const last = completed.at(-1);
  const incomplete = course.stages.some(
    ({ status }, index) =>
      status === 'unfinished' ||
      (status === 'hidden' && index > (last === undefined ? -1 : course.stages.indexOf(last))),
  );
  const { ending, failedAt } = course;
  return {
    status: failedAt !== null ? 'failed' : incomplete ? 'incomplete' : 'ok',
    reached: last?.stage ?? null,
    failedAt,
    how: ending?.how ?? null,
    by: ending?.by ?? null,
    detail: describeOutcome(trace, course),
  };
}

function stageReport(span: StageSpan, rttMs: number | null): Stage {
  const { waited, roundTrips, endAt } = span;
  // What ended it may have been under way before the client began.
  const startAt =
    span.startAt === null || endAt === null ? span.startAt : Math.min(span.startAt, endAt);
  const duration = startAt === null || endAt === null ? null : toMs(endAt - startAt);
  const server =
    waited === null || roundTrips === null || rttMs === null
      ? null
      : Math.max(0, Math.round(waited - rttMs * 1000 * roundTrips) / 1000);
  return {
    stage: span.stage,
    status: span.status,
    startMs: toMs(startAt),
    endMs: toMs(endAt),
    durationMs: duration,
    roundTrips: span.roundTrips,
    serverMs: server,
  };
}

function lookupReport(facts: readonly Fact[]): Handshake['lookup'] {
  const lookup = facts.find((fact) => fact.kind === 'lookup');
  return lookup === undefined ? null : { addresses: lookup.addresses };
}

function tcpReport(trace: HandshakeTrace): TcpReport {
  const { facts } = trace;
  const kernel = facts.filter((fact) => fact.kind === 'kernel');
  const first = kernel[0];
  const last = kernel.at(-1);
  const opening = kernel.find(({ moment }) => moment === 'connect');
  const ends = facts.filter((fact) => fact.kind === 'tcp-end');
  const end = ends.find(({ how }) => how === 'reset' && ends[0]?.how === 'reset') ?? ends[0];
  const ended: TcpReport['end'] =
    end === undefined
      ? { how: 'open', by: null, atMs: null }
      : { how: end.how, by: end.by, atMs: toMs(end.at) };
  const captured = facts.find((fact) => fact.kind === 'tcp-figures');
  if (captured !== undefined) return { ...capturedTcp(captured), end: ended };
  const hops = facts.find((fact) => fact.kind === 'hop-limits');
  return {
    rttMs: toMs(opening === undefined ? (first?.minRttUs ?? null) : connectRtt(opening)),
    vantage: 'client',
    mss: { client: first?.clientMss ?? null, server: first?.serverMss ?? null },
    retransmissions: { client: last?.retransmissions ?? null, server: null },
    synRetransmissions: opening?.retransmissions ?? null,
    spuriousRetransmissions: last?.spuriousRetransmissions ?? null,
    outOfOrder: last?.receivedOutOfOrder ?? null,
    duplicateAcks: null,
    zeroWindows: null,
    fragments: { client: null, server: null },
    largestSegment: { client: null, server: last?.largestReceived ?? null },
    icmp: facts.flatMap((fact) =>
      fact.kind === 'icmp'
        ? [
            {
              type: fact.error.type,
              from: fact.error.from,
              mtu: fact.error.mtu,
              atMs: toMs(fact.at),
            },
          ]
        : [],
    ),
    pathMtu: last?.pathMtu ?? null,
    strayReset: hops === undefined ? null : strayReset(hops.server),
    end: ended,
  };
}

/** A SYN that was sent again makes the kernel's first sample mean nothing. */
function connectRtt(sample: KernelFact): number | null {
  return (sample.retransmissions ?? 0) > 0 ? null : sample.rttUs;
}

function x224Report(facts: readonly Fact[]): X224Report {
  const request = messages(facts, 'x224-request')[0]?.message;
  return {
    request:
      request === undefined
        ? null
        : {
            cookie: request.cookie,
            routingToken: request.routingToken,
            requestedProtocols: request.requestedProtocols,
            flags: request.flags,
            correlationId: request.correlationId,
          },
    response: x224Response(facts),
  };
}

function x224Response(facts: readonly Fact[]): X224Report['response'] {
  const none = {
    kind: null,
    selectedProtocol: null,
    flags: null,
    failure: null,
    sourceReference: null,
    serverKind: null,
    protocol: null,
  } as const;
  const foreign = facts.find((fact) => fact.kind === 'foreign' && fact.by === 'server');
  if (foreign?.kind === 'foreign') return { ...none, kind: 'not-rdp', protocol: foreign.protocol };
  const confirm = messages(facts, 'x224-confirm')[0]?.message;
  if (confirm === undefined) return none;
  const { negotiation, sourceReference } = confirm;
  const serverKind = kindOfServer(sourceReference, negotiation);
  switch (negotiation.kind) {
    case 'response':
      return {
        ...none,
        kind: 'response',
        selectedProtocol: negotiation.selectedProtocol,
        flags: negotiation.flags,
        sourceReference,
        serverKind,
      };
    case 'failure':
      return {
        ...none,
        kind: 'failure',
        failure: codeOf(negotiation.failureCode),
        flags: negotiation.flags,
        sourceReference,
        serverKind,
      };
    case 'none':
      return negotiation.cotpParameters
        ? { ...none, kind: 'not-rdp', sourceReference, protocol: 'ISO-on-TCP' }
        : { ...none, kind: 'none-negotiated', sourceReference, serverKind };
  }
}

function codeOf(value: { readonly value: number; readonly name: string | null }): CodeName {
  return { code: value.value, name: value.name };
}

/**
 * Which implementation answers like this, from captures of each; `unknown` where several do.
 * Windows and xrdp fill SRC-REF with 0x1234, but xrdp has neither NLA nor the later flags;
 * VirtualBox has 0x3412; the FreeRDP library (GNOME Remote Desktop, weston, ...) leaves it 0 and sets
 * the two flags of its graphics.
 */
function kindOfServer(
  sourceReference: number,
  negotiation: Extract<Message, { type: 'x224-confirm' }>['negotiation'],
): string {
  if (sourceReference === 0x3412) return 'virtualbox';
  if (negotiation.kind !== 'response') return 'unknown';
  const flagBits = negotiation.flags.value;
  if (sourceReference === 0x1234) {
    const onlyWindows = (flagBits & 0x1e) !== 0 || usesCredSsp(negotiation.selectedProtocol.value);
    return onlyWindows ? 'windows' : 'unknown';
  }
  return sourceReference === 0 && flagBits === 0x03 ? 'freerdp' : 'unknown';
}

function tlsReport(facts: readonly Fact[]): TlsReport {
  const clientHello = messages(facts, 'tls-client-hello')[0];
  const serverHello = messages(facts, 'tls-server-hello').at(-1)?.message;
  const secured = facts.find((fact) => fact.kind === 'tls-secured');
  const inClear = messages(facts, 'tls-certificate').find(({ by }) => by === 'server');
  const keyExchange = messages(facts, 'tls-handshake').find(({ message }) => message.group);
  // An alert that was decrypted says more than the hidden record that carried it.
  const alerts = messages(facts, 'tls-alert').filter(
    ({ message }) => message.description === null || message.description.value !== 0,
  );
  const alert = alerts.find(({ message }) => message.description !== null) ?? null;
  const certificates = inClear?.message.certificates ?? secured?.certificates ?? [];
  return {
    version: serverHello?.version.name ?? secured?.version ?? null,
    cipher: serverHello?.cipherSuite.name ?? secured?.cipher ?? null,
    group: serverHello?.group?.name ?? keyExchange?.message.group?.name ?? secured?.group ?? null,
    alert:
      alert === null
        ? null
        : {
            by: alert.by,
            level: alert.message.level?.name ?? null,
            code: alert.message.description?.value ?? null,
            name: alert.message.description?.name ?? null,
          },
    clientHello:
      clientHello === undefined
        ? null
        : {
            versions: clientHello.message.versions.map(nameOrHex),
            ciphers: clientHello.message.cipherSuites.map(nameOrHex),
            serverName: clientHello.message.serverName,
            bytes: clientHello.bytes,
            ja4: clientHello.message.ja4,
          },
    certificates: certificates.map(certificateReport),
    decrypted: secured?.source === 'keys',
  };
}

function nameOrHex({ value, name }: { value: number; name: string | null }): string {
  return name ?? `0x${value.toString(16).padStart(4, '0')}`;
}

export function certificateReport(certificate: Certificate): CertificateReport {
  if (!certificate.readable) {
    return {
      subject: null,
      issuer: null,
      serialNumber: null,
      notBefore: null,
      notAfter: null,
      selfSigned: null,
      keyType: null,
      keyBits: null,
      signatureAlgorithm: null,
      subjectAltNames: [],
      extendedKeyUsages: [],
      keyUsages: [],
      sha256: certificate.sha256,
      sha1: null,
      spkiSha256: null,
      problem: certificate.problem,
    };
  }
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
    notBefore: renderInstant(certificate.notBefore * 1000),
    notAfter: renderInstant(certificate.notAfter * 1000),
    selfSigned: certificate.selfSigned,
    keyType: certificate.keyType,
    keyBits: certificate.keyBits,
    signatureAlgorithm: certificate.signatureAlgorithm,
    subjectAltNames: certificate.subjectAltNames,
    extendedKeyUsages: certificate.extendedKeyUsages,
    keyUsages: certificate.keyUsages,
    sha256: certificate.sha256,
    sha1: certificate.sha1,
    spkiSha256: certificate.spkiSha256 ?? null,
    problem: null,
  };
}

function credSspReport(trace: HandshakeTrace, rttMs: number | null): CredSspReport {
  const requests = messages(trace.facts, 'ts-request');
  const answers = requests.filter(({ by }) => by === 'server');
  const challenged = answers.find(({ message }) => message.challenge !== null);
  const challenge = challenged?.message.challenge ?? null;
  const error = answers.find(({ message }) => message.errorCode !== null)?.message.errorCode;
  const early = messages(trace.facts, 'early-user-authorization')[0]?.message;
  const [answer] = answers;
  return {
    version: answer?.message.version ?? null,
    wrapper: answer?.message.wrapper ?? null,
    ntlm:
      challenge === null
        ? null
        : {
            targetName: challenge.targetName,
            netbiosComputerName: challenge.netbiosComputerName,
            netbiosDomainName: challenge.netbiosDomainName,
            dnsComputerName: challenge.dnsComputerName,
            dnsDomainName: challenge.dnsDomainName,
            dnsTreeName: challenge.dnsTreeName,
            productVersion: challenge.productVersion,
            timestamp: challenge.timestamp === null ? null : renderInstant(challenge.timestamp),
            clockSkewMs: clockSkew(trace, challenge.timestamp, challenged?.at ?? null, rttMs),
          },
    errorCode:
      error === undefined || error === null
        ? null
        : {
            code: `0x${error.value.toString(16).toUpperCase().padStart(8, '0')}`,
            name: error.name,
          },
    authentication: authenticationOf(trace.facts),
    earlyUserAuthorization: early === undefined ? null : codeOf(early.result),
    logon: logonReport(trace, challenge),
  };
}

/** The server wrote its time half a round trip before we saw it. */
function clockSkew(
  trace: HandshakeTrace,
  timestamp: number | null,
  seenAt: number | null,
  rttMs: number | null,
): number | null {
  if (timestamp === null || seenAt === null) return null;
  const writtenAt = trace.startedAt + seenAt - ((rttMs ?? 0) * 1000) / 2;
  return Math.round((timestamp - writtenAt) / 1000);
}

function mcsReport(facts: readonly Fact[]): McsReport {
  const response = messages(facts, 'mcs-connect-response')[0]?.message;
  const certificate = response?.serverCertificate ?? null;
  return {
    rdpVersion: response?.rdpVersion?.name ?? null,
    encryptionMethod: response?.encryptionMethod ?? null,
    encryptionLevel: response?.encryptionLevel ?? null,
    serverCertificate:
      certificate === null
        ? null
        : {
            kind: certificate.kind,
            temporary: certificate.temporary,
            keyBits: certificate.keyBits,
            certificates: certificate.certificates.map(certificateReport),
          },
  };
}
