import t from 'tap';
import { analyseCapture } from '../../src/capture/analyse.js';
import { CAUSES } from '../../src/diagnose/catalogue/catalogue.js';
import { SIGNALS, type SignalId } from '../../src/diagnose/catalogue/signals.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { diagnoseAgain } from '../../src/diagnose/diagnose-again.js';
import type { Signal } from '../../src/diagnose/finding.js';
import { withGateway } from '../../src/diagnose/gateway-diagnosis.js';
import { DETECTORS, SIGNAL_IDS, signalsOf, weightsFor } from '../../src/diagnose/signals.js';
import { GATEWAY_SIGNALS } from '../../src/diagnose/signals-gateway.js';
import { UNOBSERVABLE } from '../../src/diagnose/signals-unobservable.js';
import type { GatewayReport } from '../../src/handshake/gateway.js';
import { toGatewayReport } from '../../src/handshake/gateway-summary.js';
import type { Handshake, OutcomeHow } from '../../src/handshake/handshake.js';
import type { PathReport } from '../../src/handshake/path.js';
import type { ScanReport } from '../../src/handshake/scan.js';
import { toHandshake } from '../../src/handshake/summary.js';
import { mergeReports } from '../../src/report/merge-reports.js';
import { changed, died, event, inDays, messageEvent } from '../support/diagnose-fixtures.js';
import { REFUSED_AT_GATEWAY } from '../support/gateway-fixtures.js';
import { handshake, STARTED_AT_MS, TRACES, value } from '../support/handshake.js';
import { HEAVY_LOSS, PATHS, pathReport, spread } from '../support/path-fixtures.js';
import {
  captureFile,
  captureNames,
  captureRecord,
  type ExpectedConnection,
} from '../support/recorded-captures.js';
import { SCAN, TLS_SCAN } from '../support/scan-fixtures.js';

/*
 * Signals are names for what was seen: each detector with a case that shows it and, below, with cases
 * that do not. Whether the names mean a cause is not asked here.
 */

interface Seen {
  readonly handshakes?: readonly Handshake[];
  readonly path?: PathReport;
  readonly scan?: ScanReport;
  readonly gateway?: GatewayReport;
}

function signals({ handshakes = [], path, scan, gateway }: Seen): readonly Signal[] {
  return signalsOf(
    handshakes,
    { path: path ?? null, scan: scan ?? null, ...(gateway === undefined ? {} : { gateway }) },
    STARTED_AT_MS,
  );
}

function idsOf(seen: Seen): readonly SignalId[] {
  return signals(seen).map(({ id }) => id);
}

t.test('every signal has a detector, or a reason why it has none', (t) => {
  const detected = [...Object.keys(DETECTORS), ...Object.keys(GATEWAY_SIGNALS)];
  const excused = Object.keys(UNOBSERVABLE);
  t.strictSame([...detected, ...excused].sort(), Object.keys(SIGNALS).sort(), 'each just once');
  for (const [id, why] of Object.entries(UNOBSERVABLE)) t.match(why, /\w{3}.*\w{3}/, id);
  t.strictSame(SIGNAL_IDS, Object.keys(SIGNALS));
  t.end();
});

const [healthyLeaf] = handshake('healthy').tls.certificates;
const OTHER_LEAF = { leaf: { sha256: 'ab'.repeat(32) } };
const V6 = '2001:db8::2';

function tcpFailed(how: string, code: string | null): readonly ReturnType<typeof event>[] {
  return [event(20, 'tcp-failed', { how, by: null, code })];
}

/** An ICMP message about a connection that did not come about. */
function icmp(type: string, from = '10.0.0.254'): Handshake {
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

function refusal(code: number): Handshake {
  return died('x224', 'negotiation-failure', {
    response: { kind: 'failure', failure: { code, name: null }, flags: { value: 0, names: [] } },
    events: [messageEvent(42, 'server', { type: 'x224-confirm' })],
  });
}

const END = event(63, 'tcp-end', { by: 'server', how: 'reset' });

function alert(code: number, failedAt: 'tls' | 'credssp' = 'tls'): Handshake {
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

function inTls(how: OutcomeHow, events: Handshake['events'] = [END]): Handshake {
  return died('tls', how, { tls: { clientHello: HELLO }, events });
}

/** A logon that ended so. */
function logon(how: OutcomeHow, bytes = 400): Handshake {
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

function errorCode(code: string): Handshake {
  return died('credssp', 'error-code', {
    credssp: { errorCode: { code, name: null }, version: 6 },
    events: [messageEvent(108, 'server', { type: 'ts-request', carries: ['error-code'] })],
  });
}

/** Further connections after a failure, each with its own ClientHello. */
function asking(hello: Partial<typeof HELLO>, id: number, result: 'through' | 'dead'): Handshake {
  const tls = { clientHello: { ...HELLO, ...hello } };
  const base = { id, purpose: 'follow-up' };
  return result === 'through'
    ? changed({ ...base, tls: { ...tls, version: hello.versions?.[0] ?? 'TLSv1.2' } })
    : died('tls', 'reset', { ...base, tls, events: [END] });
}

const FIRST = died('tls', 'reset', {
  tls: { clientHello: { ...HELLO, bytes: 1700, versions: ['TLSv1.3', 'TLSv1.2'] } },
  events: [END],
});
const SMALL = { bytes: 150, versions: ['TLSv1.2'] };
const PADDED = { bytes: 1700, versions: ['TLSv1.2'] };
const LEGACY = { bytes: 120, versions: ['TLSv1.0'] };

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

function versions(...accepted: readonly string[]): ScanReport {
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
const one = (seen: Handshake): Seen => ({ handshakes: [seen] });

/** For each detector, a case that shows its signal. */
const SHOWN: Readonly<Record<string, Seen>> = {
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

function proxied(code: string): GatewayReport {
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

t.test('each detector sees what it is for, and points at it', (t) => {
  const codes = SIGNAL_IDS.filter((id) => id.startsWith('credssp.errorcode-'));
  t.equal(codes.length, 25);
  const cases: Readonly<Record<string, Seen>> = {
    ...SHOWN,
    ...Object.fromEntries(codes.map((id) => [id, one(errorCode(id.replace(/^.*-/, '')))])),
  };
  const detected = [...Object.keys(DETECTORS), ...Object.keys(GATEWAY_SIGNALS)];
  t.strictSame(Object.keys(cases).sort(), detected.sort(), 'there is a case for each');
  for (const [id, seen] of Object.entries(cases)) {
    const found = signals(seen).find((signal) => signal.id === id);
    t.ok(found, id);
    if (found === undefined) continue;
    t.ok(found.evidence.length > 0, `${id}: evidence`);
    for (const { says, handshake: shown } of found.evidence) {
      t.match(says, /\w/, id);
      const known = shown === null || seen.scan !== undefined;
      t.ok(known || (seen.handshakes ?? []).some((one) => one.id === shown), `${id}: ${shown}`);
    }
  }
  t.end();
});

t.test('one thing is not taken for another', (t) => {
  t.strictSame(idsOf({}), [], 'nothing is seen in nothing');
  t.strictSame(idsOf(one(handshake('healthy'))), [
    'cert.untrusted-issuer',
    'credssp.challenge-ok',
    'credssp.server-version-ge-5',
    'tls.ok',
  ]);
  const not = (id: SignalId, seen: Seen, why: string): void => {
    t.notOk(idsOf(seen).includes(id), `${id}: ${why}`);
  };
  not(
    'tls.rst-after-client-hello',
    one(died('tls', 'reset', { outcome: { by: 'client' } })),
    'ours',
  );
  not('x224.rst', one(died('x224', 'reset', { outcome: { by: 'client' } })), 'the client left');
  const ultimatum = messageEvent(30, 'server', { type: 'mcs-disconnect' });
  not('x224.fin', one(died('x224', 'closed', { events: [ultimatum] })), 'a message said so');
  not('mcs.fin', one(died('mcs', 'closed', { events: [ultimatum] })), 'a message said so');
  const unasked = { request: { requestedProtocols: null } };
  const plain = { kind: 'none-negotiated' as const, flags: null };
  not('x224.no-neg-data', one(changed({ ...unasked, response: plain })), 'none was asked for');
  not('x224.fin-late', one(died('x224', 'closed', { events: [] })), 'no times');
  not('tcp.local-error', one(icmp('administratively-prohibited')), 'ICMP said so');
  not('tcp.refused-by-middlebox', one(icmp('port-unreachable', '10.0.0.2')), 'the server itself');
  not('tcp.refused-by-middlebox', one(icmp('fragmentation-needed')), 'that is no refusal');
  not('credssp.stall-on-large-message', one(logon('timeout')), 'it was small');
  not('credssp.alert-80', one(alert(80)), 'not in CredSSP');
  not('tls.alert-40', one(died('tls', 'alert', { events: [] })), 'no alert was seen');
  not(
    'tcp.443-ok',
    { handshakes: [handshake('healthy')], path: SHOWN['tcp.443-ok']?.path ?? PATHS.clean },
    'the port is open',
  );
  not(
    'tls.ok-with-small-hello',
    { handshakes: [FIRST, asking(SMALL, 1, 'through')] },
    'what it offers differs too',
  );
  not(
    'tls.ok-with-small-hello',
    { handshakes: [FIRST, asking(SMALL, 1, 'through'), asking(PADDED, 2, 'through')] },
    'size does not matter',
  );
  not('tls.no-version-accepted', { handshakes: [FIRST], scan: versions('TLSv1.2') }, 'one is');
  not('timeline.client-side-pause', one(handshake('healthy')), 'a probe does not pause');
  const rsa = changed({ id: 0 });
  const ec = changed({
    ...OTHER_LEAF,
    leaf: { ...OTHER_LEAF.leaf, keyType: 'EC' },
    id: 1,
    purpose: 'follow-up',
  });
  not('cert.differs-by-attempt', { handshakes: [rsa, ec] }, 'a key of another type');
  // What a question of a scan is refused says nothing of how a client fares.
  const asked = { ...refusal(5), id: 1, purpose: 'matrix' };
  not('x224.neg-failure-5', { handshakes: [handshake('healthy'), asked] }, 'a question');
  t.end();
});

t.test('what a scan shows', (t) => {
  const dead = { handshakes: [inTls('reset')] };
  t.ok(idsOf({ ...dead, scan: versions() }).includes('tls.no-version-accepted'));
  const old = idsOf({ ...dead, scan: versions('TLSv1.0', 'TLSv1.1') });
  t.ok(old.includes('tls.ok-version-le-1.1'));
  t.notOk(idsOf({ ...dead, scan: versions('TLSv1.2') }).includes('tls.ok-version-le-1.1'));
  t.ok(idsOf({ ...dead, scan: SCAN }).includes('tls.ok-with-small-hello'));
  t.end();
});

t.test('events that a hand has changed do no harm', (t) => {
  const junk: readonly unknown[] = [null, undefined, 5, '', 'message', [], [[]], {}, { type: [] }];
  let rounds = 0;
  for (const name of Object.keys(TRACES) as (keyof typeof TRACES)[]) {
    const whole = handshake(name);
    for (const key of ['kind', 'by', 'message', 'packets', 'code', 'layer', 'error', 'bytes']) {
      for (const one of junk) {
        const events = whole.events.map((each) => ({ ...each, [key]: one }));
        const found = signals({ handshakes: [{ ...whole, events }], scan: SCAN });
        t.ok(
          found.every(({ evidence }) => evidence.length > 0),
          `${name}: ${key}`,
        );
        rounds++;
      }
    }
    const none = signals({ handshakes: [{ ...whole, events: [] }] });
    t.ok(Array.isArray(none), `${name} without events`);
  }
  t.ok(rounds > 500, `${rounds} rounds`);
  t.end();
});

t.test('evidence points at its event', (t) => {
  const [reset] = signals(one(handshake('resetAfterClientHello')));
  t.match(reset, {
    id: 'tls.rst-after-client-hello',
    evidence: [{ handshake: 0, atMs: 63.1, packets: [] }],
  });
  const pause = signals(SHOWN['timeline.client-side-pause'] ?? {}).find(
    ({ id }) => id === 'timeline.client-side-pause',
  );
  t.match(pause?.evidence, [{ handshake: 0, atMs: 15_090, packets: [9] }]);
  t.match(signals(one(icmp('host-unreachable')))[0]?.evidence, [{ atMs: 12.5 }]);
  t.end();
});

t.test("weights are the catalogue's, without what is ambiguous", (t) => {
  const failure = diagnose('srv01', [handshake('hybridRequired')], STARTED_AT_MS);
  t.same(failure.findings.find(({ cause }) => cause === 'nla-required-by-server')?.weights, [
    { signal: 'x224.neg-failure-5', weight: 'decisive' },
  ]);
  for (const [cause, { signalWeights }] of Object.entries(CAUSES)) {
    const all = SIGNAL_IDS.map((id) => ({ id, says: '', evidence: [] }));
    for (const { signal, weight } of weightsFor(cause, all)) {
      t.equal(weight, signalWeights[signal], `${cause}: ${signal}`);
    }
  }
  t.same(weightsFor('toString', signals(one(handshake('healthy')))), [], 'no cause of ours');
  // A certificate of the server is not the gateway's.
  const expired = signals(SHOWN['cert.expired'] ?? {});
  t.same(weightsFor('gateway-certificate-problem', expired), []);
  t.same(weightsFor('ca-listener-cert-expired', expired), [
    { signal: 'cert.expired', weight: 'supporting' },
  ]);
  t.end();
});

t.test('a gateway adds its own, and the order of the vocabulary stays', (t) => {
  const direct = diagnose('srv01', [handshake('healthy')], STARTED_AT_MS);
  const through = withGateway(direct, proxied('0x800759DA'), STARTED_AT_MS);
  t.same(
    through.signals?.map(({ id }) => id),
    [
      'cert.untrusted-issuer',
      'credssp.challenge-ok',
      'credssp.server-version-ge-5',
      'gw.proxy-0x800759DA',
      'gw.tls',
      'tls.ok',
    ],
  );
  t.same(
    through.signals,
    signals({ handshakes: [handshake('healthy')], gateway: proxied('0x800759DA') }),
  );
  t.match(through.findings[0], {
    cause: 'gateway-rap-denied',
    weights: [{ signal: 'gw.proxy-0x800759DA', weight: 'decisive' }],
  });
  t.end();
});

/** Signals without what a saved report cannot have: nothing. */
function saved<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

t.test('reports that are put together keep what their signals point at', (t) => {
  const part = () => {
    const handshakes = [handshake('hybridRequired')];
    return {
      handshakes,
      diagnoses: [diagnose('srv01', handshakes, STARTED_AT_MS)],
      captures: [],
    };
  };
  const { diagnoses } = mergeReports([part(), part()]);
  t.same(
    diagnoses.map(({ signals: all }) => all?.[0]?.evidence.map((one) => one.handshake)),
    [[0], [1]],
  );
  t.end();
});

t.test('a saved report gives the same ones', async (t) => {
  for (const name of Object.keys(TRACES) as (keyof typeof TRACES)[]) {
    for (const path of [null, PATHS.holeFromServer]) {
      for (const scan of [null, SCAN]) {
        const seen = { ...diagnose('srv01', [handshake(name)], STARTED_AT_MS, path), scan };
        const again = diagnoseAgain(saved(seen), saved([handshake(name)]), STARTED_AT_MS);
        const of = { path, scan };
        t.same(again.signals, saved(signalsOf([handshake(name)], of, STARTED_AT_MS)), name);
      }
    }
  }
  let count = 0;
  for (const name of captureNames('.pcapng')) {
    const { traces } = await analyseCapture(captureFile(name));
    const handshakes = traces.map((trace, id) =>
      toHandshake(trace, { id, purpose: 'verdict', reason: null }),
    );
    const first = diagnose(name, handshakes, STARTED_AT_MS);
    const again = diagnoseAgain(saved(first), saved(handshakes), STARTED_AT_MS);
    t.same(again.signals, saved(first.signals), name);
    for (const { id, evidence } of first.signals ?? []) {
      const points = evidence.every(({ handshake: shown }) => shown === null || handshakes[shown]);
      t.ok(points, `${name}: ${id} points at a handshake`);
    }
    count += first.signals?.length ?? 0;
  }
  t.ok(count > 100, `${count} signals in the recordings`);
});

const FAILURES: Readonly<Record<string, SignalId>> = {
  SSL_REQUIRED_BY_SERVER: 'x224.neg-failure-1',
  SSL_NOT_ALLOWED_BY_SERVER: 'x224.neg-failure-2',
  SSL_CERT_NOT_ON_SERVER: 'x224.neg-failure-3',
  HYBRID_REQUIRED_BY_SERVER: 'x224.neg-failure-5',
};

/** What a record, which nobody wrote from our output, says that must be seen. */
function impliedBy(expected: ExpectedConnection): readonly SignalId[] {
  const { outcome, x224, tls, credssp, stages } = expected;
  const { failedAt, how, by } = outcome;
  const implied: (SignalId | undefined | false)[] = [
    typeof x224?.failure === 'string' && FAILURES[x224.failure],
    failedAt === 'x224' && how === 'reset' && by === 'server' && 'x224.rst',
    failedAt === 'x224' && how === 'closed' && by === 'server' && 'x224.fin',
    failedAt === 'x224' && how === 'not-rdp' && 'x224.non-rdp-bytes',
    failedAt === 'tcp' && how === 'refused' && 'tcp.refused',
    failedAt === 'tcp' && how === 'timeout' && 'tcp.timeout',
    failedAt === 'credssp' && how === 'closed' && by === 'server' && 'credssp.fin',
    failedAt === 'mcs' && how === 'timeout' && 'mcs.timeout',
    stages.tls === 'completed' && 'tls.ok',
    tls?.alert?.by === 'server' && tls.alert.code === 70 && 'tls.alert-70',
    (credssp?.version ?? 0) >= 5 && 'credssp.server-version-ge-5',
    typeof credssp?.netbiosComputerName === 'string' && 'credssp.challenge-ok',
  ];
  return implied.filter((id) => typeof id === 'string');
}

t.test('the recordings show what their records say', async (t) => {
  let count = 0;
  for (const name of captureNames('.pcapng')) {
    const { traces } = await analyseCapture(captureFile(name));
    for (const expected of captureRecord(name).expected) {
      const trace = traces.find(
        ({ source }) => source.kind === 'capture' && source.stream === expected.stream,
      );
      if (trace === undefined) continue;
      const seen = toHandshake(trace, { id: 0, purpose: 'verdict', reason: null });
      const ids = new Set(idsOf({ handshakes: [seen] }));
      for (const id of impliedBy(expected)) {
        t.ok(ids.has(id), `${name}, ${expected.stream}: ${id}`);
        count++;
      }
      const failures = [...ids].filter((id) => id.startsWith('x224.neg-failure-'));
      t.equal(failures.length, typeof expected.x224?.failure === 'string' ? 1 : 0, name);
    }
  }
  t.ok(count >= 80, `${count} signals are implied by the records`);
});
