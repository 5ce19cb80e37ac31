import type { GatewayReport } from '../../src/handshake/gateway.js';
import { toGatewayReport } from '../../src/handshake/gateway-summary.js';
import type { Handshake, OutcomeHow } from '../../src/handshake/handshake.js';
import type { PathReport } from '../../src/handshake/path.js';
import type { ScanReport } from '../../src/handshake/scan.js';
import { changed, died, event, inDays, messageEvent } from './diagnose-fixtures.js';
import { REFUSED_AT_GATEWAY } from './gateway-fixtures.js';
import { handshake, value } from './handshake.js';
import { HEAVY_LOSS, PATHS, pathReport, spread } from './path-fixtures.js';
import { SCAN, TLS_SCAN } from './scan-fixtures.js';

/* For each signal of the vocabulary that can be seen, what shows it. */

export interface Seen {
  readonly handshakes?: readonly Handshake[];
  readonly path?: PathReport;
  readonly scan?: ScanReport;
  readonly gateway?: GatewayReport;
}

const [healthyLeaf] = handshake('healthy').tls.certificates;
export const OTHER_LEAF = { leaf: { sha256: 'ab'.repeat(32) } };
const V6 = '2001:db8::2';

function tcpFailed(how: string, code: string | null): readonly ReturnType<typeof event>[] {
  return [event(20, 'tcp-failed', { how, by: null, code })];
}

/** An ICMP message about a connection that did not come about. */
export function icmp(type: string, from = '10.0.0.254'): Handshake {
  return died('tcp', 'unreachable', {
    outcome: { by: 'network' },
    tcp: { icmp: [{ type, from, mtu: null, atMs: 12.5 }] },
    events: tcpFailed('unreachable', 'EHOSTUNREACH'),
  });
}

function resolved(code: string): Handshake {
  return died('resolve', 'not-found', {
    events: [event(12, 'lookup', { name: 'srv01', error: { code, says: 'no such name' } })],
  });
}

export function refusal(code: number): Handshake {
  return died('x224', 'negotiation-failure', {
    response: { kind: 'failure', failure: { code, name: null }, flags: { value: 0, names: [] } },
    events: [messageEvent(42, 'server', { type: 'x224-confirm' })],
  });
}

const END_SOON = event(44, 'tcp-end', { by: 'server', how: 'reset' });
const END = event(63, 'tcp-end', { by: 'server', how: 'reset' });

export function alert(code: number, failedAt: 'tls' | 'credssp' = 'tls'): Handshake {
  return died(failedAt, 'alert', {
    tls: { alert: { by: 'server', level: 'fatal', code, name: null } },
    events: [messageEvent(60, 'server', { type: 'tls-alert' })],
  });
}

const HELLO = helloOf(handshake('healthy'));

function helloOf({ tls: { clientHello } }: Handshake): NonNullable<typeof clientHello> {
  if (clientHello === null) throw new Error('the healthy handshake has a ClientHello');
  return clientHello;
}

export function inTls(how: OutcomeHow, events: Handshake['events'] = [END]): Handshake {
  return died('tls', how, { tls: { clientHello: HELLO }, events });
}

/** A logon that ended so. */
export function logon(how: OutcomeHow, bytes = 400): Handshake {
  const request = { type: 'ts-request' };
  return died('credssp', how, {
    events: [
      { ...messageEvent(86, 'client', { ...request, carries: ['ntlm-negotiate'] }), bytes: 57 },
      messageEvent(100, 'server', { ...request, carries: ['ntlm-challenge'] }),
      { ...messageEvent(110, 'client', { ...request, carries: ['ntlm-authenticate'] }), bytes },
      how === 'timeout'
        ? event(10_110, 'silence', { waitingFor: 'server', stage: 'credssp', partialBytes: 0 })
        : event(120, 'tcp-end', { by: 'server', how: 'fin' }),
    ],
  });
}

export function errorCode(code: string): Handshake {
  return died('credssp', 'error-code', {
    credssp: { errorCode: { code, name: null }, version: 6 },
    events: [messageEvent(108, 'server', { type: 'ts-request', carries: ['error-code'] })],
  });
}

/** Further connections after a failure, each with its own ClientHello. */
export function asking(
  hello: Partial<typeof HELLO>,
  id: number,
  result: 'through' | 'dead',
): Handshake {
  const tls = { clientHello: { ...HELLO, ...hello } };
  const base = { id, purpose: 'follow-up' };
  return result === 'through'
    ? changed({ ...base, tls: { ...tls, version: hello.versions?.[0] ?? 'TLSv1.2' } })
    : died('tls', 'reset', { ...base, tls, events: [END] });
}

export const FIRST = died('tls', 'reset', {
  tls: { clientHello: { ...HELLO, bytes: 1700, versions: ['TLSv1.3', 'TLSv1.2'] } },
  events: [messageEvent(50, 'client', { type: 'tls-client-hello' }), END],
});
export const SMALL = { bytes: 150, versions: ['TLSv1.2'] };
export const PADDED = { bytes: 1700, versions: ['TLSv1.2'] };
export const LEGACY = { bytes: 120, versions: ['TLSv1.0'] };

function gateway(changes: Partial<GatewayReport['outcome']>, status = 200): GatewayReport {
  const base = toGatewayReport(REFUSED_AT_GATEWAY);
  return {
    ...base,
    outcome: { ...base.outcome, code: null, ...changes },
    http: base.http === null ? null : { ...base.http, status },
  };
}

const aside = (what: 'second-port' | 'other-address', says: string): PathReport =>
  pathReport({
    sideEvidence: [
      { what, says, passUpTo: null, failsFrom: null, reportedBy: null, reportedMtu: null },
    ],
  });

const SILENT = handshake('timeout');

/** A question of a scan that was answered with this. */
function answered(suite: string, group: number): ScanReport {
  const [first] = TLS_SCAN.questions;
  if (first === undefined) throw new Error('the scan has questions');
  return {
    ...SCAN,
    tls: {
      ...TLS_SCAN,
      questions: [
        {
          ...first,
          handshake: 4,
          answer: {
            kind: 'hello',
            version: value(0x0303, 'TLSv1.2'),
            suite: value(0xc014, suite),
            group: value(group, null),
            retry: false,
            primeBits: null,
            signature: null,
            extensions: [],
            compression: 0,
            certificateKey: null,
            complete: true,
          },
        },
      ],
    },
  };
}

export function versions(...accepted: readonly string[]): ScanReport {
  const list = [0x0304, 0x0303, 0x0302, 0x0301].map((number) => {
    const name = `TLSv1.${number - 0x0301}`;
    const status = accepted.includes(name) ? ('accepted' as const) : ('unanswered' as const);
    return {
      version: value(number, name),
      status,
      why: 'asked',
      suites: [],
      complete: false,
      order: null,
    };
  });
  return { ...SCAN, tls: { ...TLS_SCAN, versions: list } };
}

const certified = (leaf: NonNullable<Parameters<typeof changed>[0]>['leaf'] = {}): Seen => ({
  handshakes: [changed({ leaf })],
});
export const one = (seen: Handshake): Seen => ({ handshakes: [seen] });

/** Those that one fact shows. */
const SHOWN_ALONE: Readonly<Record<string, Seen>> = {
  'cert.differs-by-attempt': {
    handshakes: [
      died('mcs', 'reset', { tls: { certificates: healthyLeaf ? [healthyLeaf] : [] } }),
      changed({ ...OTHER_LEAF, id: 1 }),
    ],
  },
  'cert.expired': certified({ notBefore: inDays(-400), notAfter: inDays(-9) }),
  'cert.not-yet-valid': certified({ notBefore: inDays(3), notAfter: inDays(400) }),
  'cert.name-mismatch': certified({ subject: 'CN=other', subjectAltNames: ['DNS:other.example'] }),
  'cert.sha1': certified({ signatureAlgorithm: 'sha1WithRSAEncryption' }),
  'cert.weak-key': certified({ keyType: 'RSA', keyBits: 1024 }),
  'cert.untrusted-issuer': certified({ selfSigned: true }),
  'credssp.alert-49': one(alert(49, 'credssp')),
  'credssp.alert-80': one(alert(80, 'credssp')),
  'credssp.challenge-ok': one(handshake('healthy')),
  'credssp.early-auth-denied': one(
    died('mcs', 'error-code', {
      credssp: { earlyUserAuthorization: { code: 5, name: 'AUTHZ_ACCESS_DENIED' } },
    }),
  ),
  'credssp.fin': one(logon('closed')),
  'credssp.fin-after-authenticate': one(logon('closed')),
  'credssp.ntlm-timestamp-skew': one(changed({ ntlm: { clockSkewMs: -301_000 } })),
  'credssp.pubkey-mismatch': one(
    died('credssp', 'malformed', {
      credssp: {
        logon: {
          outcome: 'key-not-proved',
          detail: 'the proof does not verify',
          mechanism: 'NTLMv2',
          keyBinding: 'hash',
          kerberos: { service: null, realm: null, wouldBeTried: false, why: 'no name' },
        },
      },
      events: [event(130, 'nla-verdict', { outcome: 'key-not-proved' })],
    }),
  ),
  'credssp.server-version-2': one(changed({ credssp: { version: 2 } })),
  'credssp.server-version-ge-5': one(changed({ credssp: { version: 5 } })),
  'credssp.server-version-le-4': one(changed({ credssp: { version: 4 } })),
  'credssp.slow-challenge': one({
    ...handshake('healthy'),
    stages: handshake('healthy').stages.map((stage) =>
      stage.stage === 'credssp' ? { ...stage, serverMs: 2_000 } : stage,
    ),
  }),
  'credssp.stall-on-large-message': one(logon('timeout', 2_000)),
  'credssp.timeout-after-authenticate': one(logon('timeout')),
  'dns.nodata': one(resolved('EAI_ADDRFAMILY')),
  'dns.nxdomain': one(resolved('ENOTFOUND')),
  'dns.servfail': one(resolved('EAI_FAIL')),
  'dns.timeout': one(resolved('ETIMEOUT')),
  'gw.http-407': {
    gateway: gateway({ failedAt: 'http', how: 'proxy', code: { code: '407', name: null } }, 407),
  },
  'gw.http-503': { gateway: gateway({ failedAt: 'http', how: 'unavailable' }, 503) },
  'gw.http-status': { gateway: gateway({ failedAt: 'http', how: 'not-gateway' }, 404) },
  'gw.proxy-0x59E6': { gateway: proxied('0x800759E6') },
  'gw.proxy-0x800759DA': { gateway: proxied('0x000059DA') },
  'gw.proxy-0x800759DB': { gateway: proxied('0x800759DB') },
  'gw.proxy-0x800759DD': { gateway: proxied('0x800759DD') },
  'gw.proxy-0x800759ED': { gateway: proxied('0x800759ED') },
  'gw.status-0xC000035B': { gateway: proxied('0xC000035B') },
  'gw.tcp-timeout': { gateway: gateway({ failedAt: 'tcp', how: 'timeout' }) },
  'gw.tls': { gateway: toGatewayReport(REFUSED_AT_GATEWAY) },
  'icmp.admin-prohibited': one(icmp('administratively-prohibited')),
  'icmp.host-unreachable': one(icmp('host-unreachable')),
  'icmp.net-unreachable': one(
    died('tcp', 'unreachable', { events: tcpFailed('unreachable', 'ENETUNREACH') }),
  ),
  'mcs.fin': one(died('mcs', 'closed')),
  'mcs.timeout': one(died('mcs', 'timeout')),
  'net.jitter-high': { path: pathReport({ rtt: rtt(80, 60) }) },
  'net.loss-high': { path: pathReport({ loss: HEAVY_LOSS }) },
  'net.rtt-high': { path: pathReport({ rtt: rtt(180, 3) }) },
  'net.size-threshold': { path: PATHS.holeToServer },
  'path.syn-answered-nearer': { path: pathReport({ terminatedBy: 'a box answers the SYN' }) },
  'stage.timeout': one(SILENT),
  'stage.varies-between-runs': {
    handshakes: [died('mcs', 'closed'), changed({ id: 1 })],
  },
  'tcp.443-ok': {
    handshakes: [SILENT],
    path: aside('second-port', 'port 443 of the same host accepts connections'),
  },
  'tcp.all-ports-timeout': {
    handshakes: [SILENT],
    path: aside('second-port', 'ports 443 and 445 of the same host are silent too'),
  },
  'tcp.host-unreachable': one(
    died('tcp', 'unreachable', { events: tcpFailed('unreachable', 'EHOSTUNREACH') }),
  ),
  'tcp.local-error': one(
    died('tcp', 'unreachable', { events: tcpFailed('local', 'EADDRNOTAVAIL') }),
  ),
  'tcp.open-on-other-address': {
    handshakes: [SILENT],
    path: aside('other-address', 'port 3389 of 10.0.0.3 accepts connections'),
  },
  'tcp.other-port-open': {
    handshakes: [SILENT],
    path: aside('second-port', 'port 445 of the same host accepts connections'),
  },
  'tcp.refused': one(handshake('refused')),
  'tcp.refused-by-middlebox': one(icmp('port-unreachable')),
  'tcp.rst-ttl-differs': one(
    died('x224', 'reset', { tcp: { strayReset: { hopLimit: 250, usual: [58] } }, events: [END] }),
  ),
  'tcp.timeout': one(SILENT),
  'tcp.timeout-ipv4-only': {
    handshakes: [SILENT, changed({ id: 1, address: V6 })],
  },
  'tcp.timeout-ipv6-only': {
    handshakes: [{ ...SILENT, server: { ...SILENT.server, address: V6 } }, changed({ id: 1 })],
  },
  'timeline.60s-stall-then-ok': one({
    ...handshake('healthy'),
    stages: handshake('healthy').stages.map((stage) =>
      stage.stage === 'tls' ? { ...stage, durationMs: 60_100 } : stage,
    ),
  }),
  'timeline.client-side-pause': one(
    changed({
      source: { kind: 'capture', file: 'x', stream: 0, firstPacket: 1, lastPacket: 9 },
      events: [
        messageEvent(90, 'server', { type: 'tls-finished' }),
        event(15_090, 'tls-record', { by: 'client', length: 80, packets: [9] }),
      ],
    }),
  ),
  'tls.alert-116': one(alert(116, 'credssp')),
  'tls.alert-40': one(alert(40)),
  'tls.alert-70': one(alert(70)),
  'tls.alert-71': one(alert(71)),
  'tls.certificate-request': one(
    changed({
      events: [messageEvent(70, 'server', { type: 'tls-handshake', name: 'certificate-request' })],
    }),
  ),
  'tls.fin-after-client-hello': one(inTls('closed')),
  'tls.local-abort-weak-cert': one(
    inTls('closed', [event(66, 'endpoint-error', { code: 'ERR_SSL_EE_KEY_TOO_SMALL', says: '' })]),
  ),
  'tls.no-version-accepted': {
    handshakes: [FIRST, asking(SMALL, 1, 'dead'), asking(LEGACY, 2, 'dead')],
  },
  'tls.ok': one(handshake('healthy')),
  'tls.ok-version-le-1.1': {
    handshakes: [FIRST, asking(SMALL, 1, 'dead'), asking(LEGACY, 2, 'through')],
  },
  'tls.ok-with-other-groups': {
    handshakes: [
      inTls('alert', [
        messageEvent(43, 'client', { type: 'tls-client-hello', groups: [value(29)] }),
      ]),
    ],
    scan: answered('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 24),
  },
  'tls.ok-with-small-hello': {
    handshakes: [FIRST, asking(SMALL, 1, 'through'), asking(PADDED, 2, 'dead')],
  },
  'tls.ok-with-wider-ciphers': {
    handshakes: [inTls('alert')],
    scan: answered('TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 29),
  },
  'tls.rst-after-client-hello': one(handshake('resetAfterClientHello')),
  'tls.server-flight-stalled': one(
    inTls('timeout', [event(10_042, 'silence', { stage: 'tls', partialBytes: 1_228 })]),
  ),
  'tls.timeout-after-client-hello': one(
    inTls('timeout', [event(10_042, 'silence', { stage: 'tls', partialBytes: 0 })]),
  ),
  'udp.no-reply': { path: PATHS.udpSilent },
  'udp.reply': { path: PATHS.clean },
  'udp.reply-small-only': { path: pathReport({ udp: smallOnly() }) },
  'x224.fin': one(died('x224', 'closed')),
  'x224.fin-late': one(
    died('x224', 'closed', {
      events: [
        messageEvent(22, 'client', { type: 'x224-request' }),
        event(30_022, 'tcp-end', { by: 'server', how: 'fin' }),
      ],
    }),
  ),
  'x224.neg-failure-1': one(refusal(1)),
  'x224.neg-failure-2': one(refusal(2)),
  'x224.neg-failure-3': one(refusal(3)),
  'x224.neg-failure-4': one(refusal(4)),
  'x224.neg-failure-5': one(handshake('hybridRequired')),
  'x224.neg-failure-6': one(refusal(6)),
  'x224.no-neg-data': one(changed({ response: { kind: 'none-negotiated', flags: null } })),
  'x224.no-rcg-flag': one(changed({ response: { flags: { value: 0x0f, names: [] } } })),
  'x224.no-restricted-admin-flag': one(
    changed({ response: { flags: { value: 0x17, names: [] } } }),
  ),
  'x224.non-rdp-bytes': one(handshake('ssh')),
  'x224.rst': one(died('x224', 'reset')),
  'x224.selected-rdp': one(handshake('standardRdp')),
  'x224.selected-rdsaad': {
    handshakes: [handshake('healthy')],
    scan: withRdsAad(),
  },
  'x224.timeout': one(died('x224', 'timeout')),
};

export function proxied(code: string): GatewayReport {
  return gateway({ failedAt: 'channel', how: 'error-code', code: { code, name: null } });
}

function rtt(medianMs: number, jitterMs: number): PathReport['rtt'] {
  return { ...spread(medianMs, { jitterMs }), source: 'kernel', histogram: [] };
}

function smallOnly(): PathReport['udp'] {
  const probe = (sentBytes: number, answerBytes: number | null) => ({
    sentBytes,
    advertisedMtu: 1132,
    version: 2,
    answerBytes,
    rttMs: null,
  });
  return { ...PATHS.clean.udp, version: 2, probes: [probe(1260, null), probe(1160, 1160)] };
}

function withRdsAad(): ScanReport {
  if (SCAN.negotiation === null) throw new Error('the scan has a negotiation');
  const { conclusions } = SCAN.negotiation;
  const rdsAad = { value: 'selected' as const, says: 'it was selected', handshakes: [3] };
  return { ...SCAN, negotiation: { ...SCAN.negotiation, conclusions: { ...conclusions, rdsAad } } };
}

const again = (how: 'through' | 'dead'): Handshake =>
  how === 'through'
    ? changed({ id: 1, purpose: 'follow-up' })
    : { ...died('x224', 'closed', { events: [END] }), id: 1, purpose: 'follow-up' };

/** An answer to another request than the first one's, from a server that died so. */
function after(first: Handshake, request: Parameters<typeof changed>[0] = {}): Seen {
  return { handshakes: [first, changed({ id: 1, purpose: 'follow-up', ...request })] };
}

const UNDOCUMENTED_LOGON = {
  mechanism: 'NTLMv2',
  keyBinding: 'hash',
  kerberos: { service: null, realm: null, wouldBeTried: false, why: 'no name' },
} as const;

const DIRECT = { request: null, response: { kind: null }, tls: { version: 'TLSv1.3' } } as const;

/** The gateway with another certificate than its own. */
function withCertificate(
  changes: Partial<GatewayReport['tls']['certificates'][number]>,
): GatewayReport {
  const base = toGatewayReport(REFUSED_AT_GATEWAY);
  const [leaf] = handshake('healthy').tls.certificates;
  if (leaf === undefined) throw new Error('the healthy handshake has a certificate');
  return {
    ...base,
    tls: { ...base.tls, certificates: [{ ...leaf, selfSigned: false, ...changes }] },
  };
}

function ofWindows({ http }: GatewayReport): GatewayReport['http'] {
  return http === null ? null : { ...http, server: 'Microsoft-HTTPAPI/2.0' };
}

const THEIR_ADDRESS = handshake('healthy').server.address ?? '';

const SWALLOWED = died('x224', 'timeout', {
  events: [event(10_042, 'kernel', { retransmissions: 5 })],
});

/** Those of the further questions, and what only several facts together show. */
const SHOWN_TOGETHER: Readonly<Record<string, Seen>> = {
  'cert.issued-expired': certified({
    selfSigned: false,
    notBefore: inDays(-400),
    notAfter: inDays(-9),
  }),
  'cert.issued-not-yet-valid': certified({
    selfSigned: false,
    notBefore: inDays(3),
    notAfter: inDays(400),
  }),
  'cert.self-signed-expired': certified({
    selfSigned: true,
    notBefore: inDays(-400),
    notAfter: inDays(-9),
  }),
  'cert.other-computer': certified({
    selfSigned: true,
    subject: 'CN=proxy.corp.example',
    subjectAltNames: [],
  }),
  'credssp.certificate-changed': one(
    died('credssp', 'malformed', {
      credssp: {
        logon: {
          outcome: 'certificate-changed',
          detail: 'it showed another certificate',
          ...UNDOCUMENTED_LOGON,
        },
      },
      events: [event(130, 'nla-verdict', { outcome: 'certificate-changed' })],
    }),
  ),
  'credssp.logon-refused': one({
    ...logon('closed'),
    credssp: { ...logon('closed').credssp, authentication: 'refused' },
  }),
  'credssp.ok-without-nla': after(died('credssp', 'closed'), {
    request: { requestedProtocols: { value: 1, names: ['SSL'] } },
  }),
  'gw.certificate-other-name': {
    gateway: withCertificate({ subjectAltNames: ['DNS:other.example'] }),
  },
  'gw.certificate-out-of-date': { gateway: withCertificate({ notAfter: inDays(-9) }) },
  'gw.code-busy': { gateway: proxied('0x800759E6') },
  'gw.code-cap': { gateway: proxied('0x800759DB') },
  'gw.code-certificate': { gateway: proxied('0x800759EE') },
  'gw.code-rap': { gateway: proxied('0x800759DA') },
  'gw.code-target': { gateway: proxied('0x800759DD') },
  'gw.internal-error-at-channel': {
    gateway: gateway({
      failedAt: 'channel',
      how: 'error-code',
      code: { code: '0x800759D8', name: 'E_PROXY_INTERNALERROR' },
    }),
  },
  'gw.proxy-refuses': { gateway: gateway({ failedAt: 'http', how: 'proxy' }) },
  'gw.refused-at-authorization': {
    gateway: gateway({
      failedAt: 'authorization',
      how: 'error-code',
      code: { code: '0x12345678', name: null },
    }),
  },
  'gw.service-missing': {
    gateway: {
      ...gateway({ failedAt: 'http', how: 'not-gateway' }, 404),
      http: ofWindows(gateway({ failedAt: 'http', how: 'not-gateway' }, 404)),
    },
  },
  'gw.target-silent': { gateway: gateway({ failedAt: 'channel', how: 'timeout' }) },
  'gw.unauthorized': { gateway: gateway({ failedAt: 'authentication', how: 'unauthorized' }) },
  'gw.unreachable': { gateway: gateway({ failedAt: 'tcp', how: 'refused' }) },
  'icmp.time-exceeded': one(icmp('time-exceeded')),
  'icmp.port-unreachable': one(
    died('tcp', 'refused', {
      tcp: { icmp: [{ type: 'port-unreachable', from: THEIR_ADDRESS, mtu: null, atMs: 12.5 }] },
      events: tcpFailed('refused', 'ECONNREFUSED'),
    }),
  ),
  'mcs.disconnect-after-plain-offer': one(
    died('mcs', 'closed', {
      request: { requestedProtocols: null },
      response: { kind: 'none-negotiated' },
      events: [messageEvent(90, 'server', { type: 'mcs-disconnect' })],
    }),
  ),
  'net.full-size-passes': { path: PATHS.clean },
  'net.loss-low': { path: PATHS.clean },
  'net.padded-hello-passes': { path: PATHS.clean },
  'stage.further-tries-same': { handshakes: [died('x224', 'closed'), again('dead')] },
  'stage.second-try-ok': { handshakes: [died('x224', 'closed'), again('through')] },
  'tcp.end-too-soon': one(
    died('x224', 'reset', {
      tcp: { rttMs: 40, vantage: 'client' },
      events: [messageEvent(42, 'client', { type: 'x224-request' }), END_SOON],
    }),
  ),
  'tcp.full-segment-arrived': one(
    died('tls', 'timeout', {
      tcp: { mss: { client: 1460, server: 1460 }, largestSegment: { client: 325, server: 1448 } },
      events: [event(10_042, 'silence', { stage: 'tls', partialBytes: 1287 })],
    }),
  ),
  'tcp.unreachable-at-once': one(
    died('tcp', 'unreachable', { events: tcpFailed('unreachable', 'EHOSTUNREACH') }),
  ),
  'tcp.unseen-bytes': one(
    died('x224', 'timeout', {
      events: [event(10_042, 'tcp-figures', { client: {}, server: { unseenBytes: 19 } })],
    }),
  ),
  'tcp.local-prohibited': one(died('tcp', 'unreachable', { events: tcpFailed('local', 'EACCES') })),
  'tls.alert-80': one(alert(80)),
  'tls.alert-to-another-hello': {
    handshakes: [
      FIRST,
      {
        ...asking(SMALL, 1, 'dead'),
        outcome: { ...asking(SMALL, 1, 'dead').outcome, how: 'alert' },
      },
    ],
  },
  'tls.direct-ok': after(died('x224', 'reset'), DIRECT),
  'tls.gap-in-flight': one(died('tls', 'timeout', { tcp: { outOfOrder: 2 } })),
  'tls.no-hello-answered': {
    handshakes: [FIRST, asking(SMALL, 1, 'dead'), asking(LEGACY, 2, 'dead')],
  },
  'tls.ok-with-older-hello': {
    handshakes: [FIRST, asking(SMALL, 1, 'through'), asking(PADDED, 2, 'through')],
  },
  'tls.other-hello-ok': { handshakes: [FIRST, asking(SMALL, 1, 'through')] },
  'tls.short-answer-ok': {
    handshakes: [
      { ...FIRST, outcome: { ...FIRST.outcome, how: 'timeout' } },
      asking({ bytes: 200, versions: ['TLSv1.3'] }, 1, 'through'),
    ],
  },
  'tls.small-unacknowledged': one(
    died('tls', 'timeout', {
      tls: { clientHello: { ...HELLO, bytes: 300 } },
      events: [event(10_042, 'kernel', { retransmissions: 5 })],
    }),
  ),
  'x224.asked-for-offer-ok': after(refusal(5), {
    request: { requestedProtocols: { value: 3, names: ['SSL', 'HYBRID'] } },
  }),
  'x224.only-request-silent': after(died('x224', 'timeout'), DIRECT),
  'x224.only-tls-answered': after(died('x224', 'closed'), DIRECT),
  'x224.request-swallowed': {
    handshakes: [SWALLOWED, { ...SWALLOWED, id: 1, purpose: 'follow-up' }],
  },
  'x224.other-request-ok': after(
    died('x224', 'closed', { request: { routingToken: 'tsv://MS Terminal Services Plugin.1.A' } }),
    { request: { routingToken: null } },
  ),
  'x224.other-service': one(handshake('ssh')),
  'x224.plain-offer-answered': after(FIRST, {
    request: { requestedProtocols: { value: 0, names: [] } },
    response: { kind: 'none-negotiated' },
  }),
  'x224.selected-unasked': one(
    died('mcs', 'closed', {
      request: { requestedProtocols: { value: 1, names: ['SSL'] } },
      response: { kind: 'response', selectedProtocol: { value: 8, name: 'HYBRID_EX' } },
    }),
  ),
  'x224.token-refused': one(
    died('x224', 'closed', { request: { routingToken: 'tsv://MS Terminal Services Plugin.1.A' } }),
  ),
};

/** For each detector, a case that shows its signal. */
export const SHOWN: Readonly<Record<string, Seen>> = { ...SHOWN_ALONE, ...SHOWN_TOGETHER };
