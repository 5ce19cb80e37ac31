import type { Handshake } from '../../src/handshake/handshake.js';
import { toHandshake } from '../../src/handshake/summary.js';
import type {
  Certificate,
  Fact,
  HandshakeTrace,
  KernelFact,
  Message,
  Side,
} from '../../src/handshake/trace.js';
import type { Named } from '../../src/wire/open-set.js';

/*
 * Handshakes as a live probe sees them, made from hand-written facts: complete, so that renderers
 * and the command line can be tested without a network.
 */

/** 2026-01-01T00:00:00Z */
export const STARTED_AT = 1_767_225_600_000_000;
export const STARTED_AT_MS = STARTED_AT / 1000;

const DAY_MS = 86_400_000;

export const value = (number: number, name: string | null = null): Named => ({
  value: number,
  name,
});

function message(by: Side, ms: number, bytes: number, content: Message): Fact {
  const at = ms * 1000;
  return { kind: 'message', by, at, startAt: at, bytes, message: content };
}

type ReadableCertificate = Extract<Certificate, { readonly readable: true }>;

export function certificate(fields: Partial<ReadableCertificate> = {}): Certificate {
  return {
    readable: true,
    subject: 'CN=srv01.corp.example',
    issuer: 'CN=srv01.corp.example',
    commonName: 'srv01.corp.example',
    serialNumber: '5f21',
    notBefore: STARTED_AT_MS - 60 * DAY_MS,
    notAfter: STARTED_AT_MS + 122 * DAY_MS,
    selfSigned: true,
    keyType: 'RSA',
    keyBits: 2048,
    signatureAlgorithm: 'sha256WithRSAEncryption',
    subjectAltNames: [],
    extendedKeyUsages: ['serverAuth'],
    keyUsages: ['keyEncipherment', 'dataEncipherment'],
    sha256: '3d9f0c41aa7be2d86f50b1c2937e4d5a608f1b2c3d4e5f60718293a4b5c6d7e8',
    sha1: '9b1c7e02d45fa83b6c0d1e2f3a4b5c6d7e8f9012',
    spkiSha256: 'c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3',
    ...fields,
  };
}

export const EXPIRED_CERTIFICATE = certificate({
  notBefore: STARTED_AT_MS - 186 * DAY_MS,
  notAfter: STARTED_AT_MS - 3.5 * DAY_MS,
});

function kernel(ms: number, moment: string, rttUs: number): KernelFact {
  return {
    kind: 'kernel',
    at: ms * 1000,
    moment,
    rttUs,
    minRttUs: rttUs,
    retransmissions: 0,
    spuriousRetransmissions: 0,
    largestReceived: null,
    clientMss: 1460,
    serverMss: 1360,
    pathMtu: 1500,
    receivedOutOfOrder: 0,
    unacknowledged: 0,
    backoff: 0,
    timestamps: true,
  };
}

const RESOLVED: readonly Fact[] = [
  {
    kind: 'lookup',
    name: 'srv01.corp.example',
    startAt: 0,
    at: 1900,
    addresses: [
      { address: '10.0.0.2', family: 4 },
      { address: '2001:db8::2', family: 6 },
    ],
    error: null,
  },
  { kind: 'tcp-connect', at: 1950 },
];

const CONNECTED: readonly Fact[] = [
  ...RESOLVED,
  { kind: 'tcp-accepted', at: 21_800 },
  kernel(21.8, 'connect', 19_800),
];

const REQUESTED: readonly Fact[] = [
  ...CONNECTED,
  message('client', 21.9, 19, {
    type: 'x224-request',
    cookie: null,
    routingToken: null,
    requestedProtocols: {
      value: 11,
      names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID', 'PROTOCOL_HYBRID_EX'],
    },
    flags: { value: 0, names: [] },
    correlationId: null,
  }),
];

function confirmed(ms: number, selectedProtocol: Named): Fact {
  return message('server', ms, 19, {
    type: 'x224-confirm',
    negotiation: {
      kind: 'response',
      flags: {
        value: 31,
        names: ['EXTENDED_CLIENT_DATA_SUPPORTED', 'DYNVC_GFX_PROTOCOL_SUPPORTED'],
      },
      selectedProtocol,
    },
    sourceReference: 0x1234,
    destinationReference: 0,
  });
}

const HELLO_SENT: readonly Fact[] = [
  ...REQUESTED,
  confirmed(42.1, value(8, 'PROTOCOL_HYBRID_EX')),
  message('client', 42.9, 517, {
    type: 'tls-client-hello',
    legacyVersion: value(0x0303, 'TLSv1.2'),
    versions: [value(0x0304, 'TLSv1.3'), value(0x0303, 'TLSv1.2')],
    cipherSuites: [value(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384')],
    serverName: 'srv01.corp.example',
    groups: [value(29, 'x25519')],
    keyShares: [value(29, 'x25519')],
    signatureAlgorithms: [value(0x0804, 'rsa_pss_rsae_sha256')],
    applicationProtocols: [],
    extensions: [value(0, 'server_name')],
    ja4: 't13d1516h2_8daaf6152771_02713d6af862',
  }),
];

function secured(own: Certificate): readonly Fact[] {
  return [
    ...HELLO_SENT,
    message('server', 64.2, 90, {
      type: 'tls-server-hello',
      version: value(0x0303, 'TLSv1.2'),
      cipherSuite: value(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'),
      group: null,
      helloRetryRequest: false,
      extensions: [],
    }),
    message('server', 64.3, 780, { type: 'tls-certificate', certificates: [own] }),
    message('client', 66, 40, { type: 'tls-finished' }),
    message('server', 86.4, 40, { type: 'tls-finished' }),
    {
      kind: 'tls-secured',
      at: 86_500,
      version: 'TLSv1.2',
      cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      group: 'secp384r1',
      certificates: [own],
      source: 'endpoint',
    },
  ];
}

function challenged(own: Certificate): readonly Fact[] {
  return [
    ...secured(own),
    message('client', 86.9, 57, {
      type: 'ts-request',
      version: 6,
      carries: ['ntlm-negotiate'],
      wrapper: 'none',
      mechanisms: [],
      challenge: null,
      errorCode: null,
    }),
    message('server', 108.3, 321, {
      type: 'ts-request',
      version: 6,
      carries: ['ntlm-challenge'],
      wrapper: 'none',
      mechanisms: [],
      challenge: {
        targetName: 'CORP',
        netbiosComputerName: 'SRV01',
        netbiosDomainName: 'CORP',
        dnsComputerName: 'srv01.corp.example',
        dnsDomainName: 'corp.example',
        dnsTreeName: 'corp.example',
        productVersion: '10.0.20348',
        timestamp: STARTED_AT + 1_300_000,
        negotiateFlags: { value: 0xe28a8235, names: [] },
      },
      errorCode: null,
    }),
    kernel(108.4, 'end', 19_900),
    { kind: 'tcp-end', at: 108_700, by: 'client', how: 'fin' },
    { kind: 'tcp-end', at: 128_800, by: 'server', how: 'fin' },
  ];
}

/** A trace of a live probe with these facts. */
export function trace(
  facts: readonly Fact[],
  fields: Partial<HandshakeTrace> = {},
): HandshakeTrace {
  const accepted = facts.some((fact) => fact.kind === 'tcp-accepted');
  return {
    source: { kind: 'live', profile: 'mstsc' },
    client: accepted ? { address: '10.0.0.1', port: 49152 } : { address: null, port: null },
    server: { address: '10.0.0.2', port: 3389, name: 'srv01.corp.example' },
    startedAt: STARTED_AT,
    facts,
    notMeasured: {
      'tcp.retransmissions.server': "the kernel does not report the peer's retransmissions",
      'tcp.icmp': 'only a capture shows ICMP messages',
      'tcp.fragments': 'only a capture shows IP fragments',
    },
    ...fields,
  };
}

/** Traces by what they show. */
export const TRACES = {
  healthy: trace(challenged(certificate())),
  expired: trace(challenged(EXPIRED_CERTIFICATE)),
  resetAfterClientHello: trace([
    ...HELLO_SENT,
    kernel(62.4, 'end', 19_900),
    { kind: 'tcp-end', at: 63_100, by: 'server', how: 'reset' },
  ]),
  hybridRequired: trace([
    ...REQUESTED,
    message('server', 42.1, 19, {
      type: 'x224-confirm',
      negotiation: {
        kind: 'failure',
        flags: { value: 0, names: [] },
        failureCode: value(5, 'HYBRID_REQUIRED_BY_SERVER'),
      },
      sourceReference: 0x1234,
      destinationReference: 0,
    }),
    { kind: 'tcp-end', at: 42_600, by: 'client', how: 'fin' },
  ]),
  ssh: trace([
    ...REQUESTED,
    {
      kind: 'foreign',
      by: 'server',
      at: 43_000,
      protocol: 'SSH',
      text: 'SSH-2.0-OpenSSH_9.6',
      sample: '5353482d322e302d4f70656e5353485f392e36',
    },
    { kind: 'tcp-end', at: 43_300, by: 'client', how: 'fin' },
  ]),
  timeout: trace([
    ...RESOLVED,
    { kind: 'tcp-failed', at: 10_002_300, how: 'timeout', by: null, code: 'ETIMEDOUT' },
  ]),
  refused: trace([
    ...RESOLVED,
    { kind: 'tcp-failed', at: 22_000, how: 'refused', by: 'server', code: 'ECONNREFUSED' },
  ]),
  unreachable: trace([
    ...RESOLVED,
    { kind: 'tcp-failed', at: 2_100, how: 'unreachable', by: 'client', code: 'ENETUNREACH' },
  ]),
  notFound: trace(
    [
      {
        kind: 'lookup',
        name: 'srv01.corp.example',
        startAt: 0,
        at: 12_000,
        addresses: [],
        error: { code: 'ENOTFOUND', says: 'no such name' },
      },
    ],
    { server: { address: null, port: 3389, name: 'srv01.corp.example' } },
  ),
  standardRdp: trace([
    ...REQUESTED,
    confirmed(42.1, value(0, 'PROTOCOL_RDP')),
    message('client', 42.4, 420, {
      type: 'mcs-connect-initial',
      rdpVersion: value(0x00080011, '10.12'),
      serverSelectedProtocol: value(0, 'PROTOCOL_RDP'),
      encryptionMethods: { value: 27, names: [] },
      channels: ['rdpdr'],
    }),
    message('server', 63.2, 380, {
      type: 'mcs-connect-response',
      result: value(0, 'rt-successful'),
      rdpVersion: value(0x00080004, '5.0'),
      clientRequestedProtocols: { value: 11, names: [] },
      earlyCapabilityFlags: null,
      encryptionMethod: value(2, 'ENCRYPTION_METHOD_128BIT'),
      encryptionLevel: value(2, 'ENCRYPTION_LEVEL_CLIENT_COMPATIBLE'),
      serverCertificate: {
        kind: 'proprietary',
        temporary: false,
        keyBits: 2048,
        certificates: [],
      },
    }),
    { kind: 'tcp-end', at: 64_000, by: 'client', how: 'fin' },
    { kind: 'tcp-end', at: 84_100, by: 'server', how: 'fin' },
  ]),
  interrupted: trace([...REQUESTED, { kind: 'interrupted', at: 900_000 }]),
} as const satisfies Readonly<Record<string, HandshakeTrace>>;

export type TraceName = keyof typeof TRACES;

/** The handshake of a trace, as the report has it. */
export function handshake(
  name: TraceName,
  label: { readonly id?: number; readonly address?: string } = {},
): Handshake {
  const base = TRACES[name];
  const moved =
    label.address === undefined
      ? base
      : { ...base, server: { ...base.server, address: label.address } };
  return toHandshake(moved, { id: label.id ?? 0, purpose: 'verdict', reason: null });
}

/** Text that does harm to terminals, of every kind. */
export const HOSTILE =
  'A\u001b[31mred\u001b]0;title\u0007\u009b2J\r\n\t\u202eevil\u2066\u200b\u2028\ufeff\u0000\ud800\u{e0041}Z';

/** Strings that decide how a report is rendered: ours, and not open to the peer. */
export const OUR_WORDS: ReadonlySet<string> = new Set([
  ...['resolve', 'tcp', 'x224', 'tls', 'credssp', 'mcs', 'client', 'server', 'network', 'live'],
  ...['completed', 'failed', 'unfinished', 'not-applicable', 'not-attempted', 'not-reached'],
  ...['ok', 'incomplete', 'fin', 'reset', 'open', 'response', 'failure', 'none-negotiated'],
  ...['not-rdp', 'refused', 'timeout', 'closed', 'alert', 'negotiation-failure', 'error-code'],
  ...[
    'malformed',
    'not-found',
    'unreachable',
    'proved',
    'likely',
    'possible',
    'spnego',
    'unknown',
    'tcp-failed',
  ],
]);

/** A copy of a value with every string of it replaced. */
export function replaceStrings<T>(original: T, keep: ReadonlySet<string>, replacement: string): T {
  const replace = (part: unknown): unknown => {
    if (typeof part === 'string') return keep.has(part) ? part : replacement;
    if (Array.isArray(part)) return part.map(replace);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, field]) => [key, replace(field)]));
  };
  return replace(original) as T;
}
