import type { Conclusion, OfferAnswer, ScanReport } from '../../src/handshake/scan.js';
import type { ClientScan, CredSspState } from '../../src/handshake/scan-clients.js';
import type { TlsScan } from '../../src/handshake/scan-tls.js';
import { value } from './handshake.js';

/*
 * What scans found, made by hand as the scanning code says it, so that renderers can be tested
 * without a server.
 */

function concluded<T>(value: T): Conclusion<T> {
  return { value, says: 'the answers say so', handshakes: [0] };
}

export function offer(changes: Partial<OfferAnswer> = {}): OfferAnswer {
  return {
    offer: { value: 1, names: ['PROTOCOL_SSL'] },
    flags: { value: 0, names: [] },
    cookie: null,
    routingToken: null,
    answer: 'failure',
    selectedProtocol: null,
    failure: { code: 5, name: 'HYBRID_REQUIRED_BY_SERVER' },
    responseFlags: null,
    sourceReference: 0x1234,
    mcs: 'not-tried',
    handshake: 1,
    ...changes,
  };
}

export const TLS_SCAN: TlsScan = {
  cutShort: null,
  connections: 6,
  versions: [
    {
      version: value(0x0304, 'TLSv1.3'),
      status: 'refused',
      why: 'it chose TLS 1.2 instead',
      suites: [],
      complete: false,
      order: null,
    },
    {
      version: value(0x0303, 'TLSv1.2'),
      status: 'accepted',
      why: 'it chose TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      suites: [
        {
          suite: value(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'),
          traits: [],
          group: value(24, 'secp384r1'),
          primeBits: null,
          signature: value(0x0804, 'rsa_pss_rsae_sha256'),
        },
        {
          suite: value(0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'),
          traits: ['3des', 'cbc', 'no-forward-secrecy', 'sha1-mac'],
          group: null,
          primeBits: null,
          signature: null,
        },
      ],
      complete: true,
      order: 'server',
    },
    {
      version: value(0x7f1c),
      status: 'not-tested',
      why: 'it was not asked for',
      suites: [],
      complete: false,
      order: null,
    },
  ],
  groups: [
    {
      version: value(0x0303, 'TLSv1.2'),
      groups: [value(24, 'secp384r1'), value(0x9999)],
      complete: false,
    },
  ],
  size: {
    verdict: 'only-large-fails',
    smallBytes: 180,
    largeBytes: 1700,
    says: '180 bytes were answered, 1700 were not',
  },
  weak: { status: 'accepted', says: 'TLS_RSA_WITH_RC4_128_MD5' },
  features: {
    renegotiationInfo: true,
    extendedMasterSecret: false,
    encryptThenMac: null,
    sessionTickets: null,
    compression: false,
  },
  certificateKeys: [{ type: 'RSA', bits: 2048 }],
  signatures: [value(0x0804, 'rsa_pss_rsae_sha256')],
  signaturesComplete: false,
  primeBits: [1024],
  questions: [
    {
      topic: 'versions',
      reason: 'TLS 1.3 and nothing else',
      version: value(0x0304, 'TLSv1.3'),
      suites: 3,
      helloBytes: 220,
      answer: { kind: 'alert', description: value(70, 'protocol_version') },
      handshake: 8,
    },
    {
      topic: 'size',
      reason: 'a long hello',
      version: value(0x0303, 'TLSv1.2'),
      suites: 30,
      helloBytes: 1700,
      answer: { kind: 'silence', waitedMs: 2000 },
      handshake: 9,
    },
  ],
};

export const CLIENTS: ClientScan = {
  profiles: [
    {
      id: 'win11-24h2',
      title: 'mstsc of Windows 11 24H2',
      verdict: 'can-connect',
      stage: null,
      reason: 'the server takes NLA and TLS 1.2',
      session: {
        protocol: value(8, 'PROTOCOL_HYBRID_EX'),
        tlsVersion: 'TLSv1.2',
        cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      },
      attempts: [11],
      basis: 'asked',
      restsOn: 'captured',
      question: null,
    },
    {
      id: 'winxp',
      title: 'mstsc of Windows XP',
      verdict: 'cannot',
      stage: 'x224',
      reason: 'the server wants NLA',
      session: null,
      attempts: [null],
      basis: 'computed',
      restsOn: 'documented',
      question: null,
    },
    {
      id: 'macos',
      title: 'Remote Desktop of macOS',
      verdict: 'unknown',
      stage: 'tls',
      reason: 'its cipher suites are not documented',
      session: null,
      attempts: [11],
      basis: 'computed',
      restsOn: 'inferred',
      question: 'its own ClientHello',
    },
  ],
  connections: 2,
};

export const CREDSSP: CredSspState = {
  version: 2,
  updated: false,
  generation: 'Vista to Windows 7 without the fix',
  matrix: [
    {
      client: 'updated',
      clientPolicy: 'mitigated',
      serverPolicy: null,
      outcome: 'refused-by-client',
    },
  ],
  refuses: ['current clients refuse this server'],
};

/** A server with NLA, TLS 1.2 and some weak settings, of which everything was asked. */
export const SCAN: ScanReport = {
  connections: 14,
  most: 25,
  tookMs: 812,
  negotiation: {
    offers: [
      offer({
        offer: { value: 11, names: ['PROTOCOL_SSL', 'PROTOCOL_HYBRID', 'PROTOCOL_HYBRID_EX'] },
        answer: 'selected',
        selectedProtocol: { value: 8, name: 'PROTOCOL_HYBRID_EX' },
        failure: null,
        handshake: 0,
      }),
      offer(),
      offer({ offer: null, answer: 'silence', failure: null }),
    ],
    conclusions: {
      layer: concluded('nla-only'),
      nla: concluded('required'),
      tls: concluded('required'),
      standardRdp: concluded('refused'),
      rdstls: concluded('refused'),
      rdsAad: concluded('refused'),
      restrictedAdmin: concluded('advertised'),
      redirectedAuthentication: concluded('not-advertised'),
      extras: concluded('ignored'),
      offers: concluded('respected'),
      answers: concluded('steady'),
    },
  },
  rdpSecurity: {
    methods: [
      {
        method: { value: 2, name: 'ENCRYPTION_METHOD_128BIT' },
        accepted: true,
        says: 'the server took it',
        handshake: 3,
      },
    ],
    chosen: { value: 2, name: 'ENCRYPTION_METHOD_128BIT' },
    level: { value: 3, name: 'ENCRYPTION_LEVEL_HIGH' },
    certificate: { kind: 'proprietary', temporary: false, keyBits: 2048 },
    rdpVersion: '10.0',
    handshakes: [3],
  },
  directTls: {
    answer: 'tls',
    version: 'TLSv1.2',
    cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    sameCertificate: true,
    waitedMs: null,
    says: 'the server speaks TLS at once, with the same certificate',
    handshake: 5,
  },
  tls: TLS_SCAN,
  clients: CLIENTS,
  credssp: CREDSSP,
  weaknesses: [
    {
      id: 'self-signed',
      title: 'The certificate is self-signed',
      says: 'CN=srv01 is issued by itself',
      handshakes: [0],
    },
  ],
  stopped: { says: 'the server began to refuse', afterConnections: 14 },
  notTested: ['cipher suites one by one'],
  notMeasured: {},
};

/** What a scan found that found nothing. */
export const NOTHING_FOUND = {
  negotiation: null,
  rdpSecurity: null,
  directTls: null,
  tls: null,
  clients: null,
  credssp: null,
  weaknesses: [],
} as const;

/** The same of which nothing came. */
export const EMPTY_SCAN: ScanReport = {
  ...NOTHING_FOUND,
  connections: 1,
  most: 25,
  tookMs: 12,
  stopped: null,
  notTested: [],
  notMeasured: { negotiation: 'no connection came about', tls: 'no connection came about' },
};
