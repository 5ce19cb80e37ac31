import type { OutcomeHow, StageStatus } from '../../src/handshake/handshake.js';
import { STAGES, type StageName } from '../../src/handshake/trace.js';
import { CERTIFICATE_NAME, CERTIFICATES, type CertificateKind } from '../lab/certificates.js';
import type { FreerdpShadowMode } from '../lab/freerdp-shadow.js';
import type { ServerSpecification } from '../lab/laboratory.js';
import type { WestonOptions } from '../lab/weston.js';

/*
 * What real servers answer, measured with plain sockets, TLS by another library and tshark: nothing
 * in here comes from the probe. Versions: FreeRDP 2.11.7, xrdp 0.9.21.1, weston 10.0.1, GNOME
 * Remote Desktop 43.3.
 */

/** How the probe is asked, and the requestedProtocols that it then sends. */
export const REQUESTS = {
  'by default': { options: [], requestedProtocols: 0x0b },
  /** A request without RDP_NEG_REQ, as clients sent it before there were protocols to choose. */
  none: { options: ['--protocols', 'none'], requestedProtocols: null },
  rdp: { options: ['--protocols', 'rdp'], requestedProtocols: 0 },
  ssl: { options: ['--protocols', 'ssl'], requestedProtocols: 1 },
  hybrid: { options: ['--protocols', 'hybrid'], requestedProtocols: 2 },
  'ssl,hybrid': { options: ['--protocols', 'ssl,hybrid'], requestedProtocols: 3 },
  'ssl,hybrid,hybrid-ex': {
    options: ['--protocols', 'ssl,hybrid,hybrid-ex'],
    requestedProtocols: 0x0b,
  },
} as const satisfies Record<string, Request>;

export interface Request {
  readonly options: readonly string[];
  /** null: not in the request */
  readonly requestedProtocols: number | null;
}

export type RequestName = keyof typeof REQUESTS;

/** What the X.224 confirm says: one of the protocols, one of the failure codes, or nothing. */
type Answer =
  | 'none-negotiated'
  /** ... and the connection is closed when MCS begins */
  | 'none-negotiated, then closed'
  | { readonly selectedProtocol: { readonly value: number; readonly name: string } }
  | { readonly failure: { readonly code: number; readonly name: string } };

const RDP: Answer = { selectedProtocol: { value: 0, name: 'PROTOCOL_RDP' } };
const SSL: Answer = { selectedProtocol: { value: 1, name: 'PROTOCOL_SSL' } };
const HYBRID: Answer = { selectedProtocol: { value: 2, name: 'PROTOCOL_HYBRID' } };
const SSL_REQUIRED: Answer = { failure: { code: 1, name: 'SSL_REQUIRED_BY_SERVER' } };
const SSL_NOT_ALLOWED: Answer = { failure: { code: 2, name: 'SSL_NOT_ALLOWED_BY_SERVER' } };
const NO_CERTIFICATE: Answer = { failure: { code: 3, name: 'SSL_CERT_NOT_ON_SERVER' } };
const HYBRID_REQUIRED: Answer = { failure: { code: 5, name: 'HYBRID_REQUIRED_BY_SERVER' } };

/** One answer for each set of requested protocols. */
type Answers = Readonly<Record<'none' | 0 | 1 | 2 | 3 | 0x0b, Answer>>;

const ALWAYS_RDP: Answers = { none: 'none-negotiated', 0: RDP, 1: RDP, 2: RDP, 3: RDP, 11: RDP };
const RDP_ONLY: Answers = {
  none: RDP,
  0: RDP,
  1: SSL_NOT_ALLOWED,
  2: SSL_NOT_ALLOWED,
  3: SSL_NOT_ALLOWED,
  11: SSL_NOT_ALLOWED,
};
const TLS_ONLY: Answers = {
  none: SSL_REQUIRED,
  0: SSL_REQUIRED,
  1: SSL,
  2: SSL_REQUIRED,
  3: SSL,
  11: SSL,
};
const RDP_OR_TLS: Answers = { none: RDP, 0: RDP, 1: SSL, 2: SSL_NOT_ALLOWED, 3: SSL, 11: SSL };
/** HYBRID_EX is never selected: none of these servers knows it. */
const NLA_ONLY: Answers = {
  none: HYBRID_REQUIRED,
  0: HYBRID_REQUIRED,
  1: HYBRID_REQUIRED,
  2: HYBRID,
  3: HYBRID,
  11: HYBRID,
};
const ANY: Answers = { none: RDP, 0: RDP, 1: SSL, 2: HYBRID, 3: HYBRID, 11: HYBRID };
/** Without RDP_NEG_REQ xrdp confirms first and thinks of its settings when MCS begins. */
const XRDP_TLS: Answers = { ...TLS_ONLY, none: 'none-negotiated, then closed' };
const NEVER: Answers = {
  none: 'none-negotiated, then closed',
  0: NO_CERTIFICATE,
  1: NO_CERTIFICATE,
  2: NO_CERTIFICATE,
  3: NO_CERTIFICATE,
  11: NO_CERTIFICATE,
};

/** Standard RDP security: the numbers of TS_UD_SC_SEC1, [MS-RDPBCGR] 2.2.1.4.3. */
interface Encryption {
  readonly method: number;
  readonly level: number;
}

const NO_ENCRYPTION: Encryption = { method: 0, level: 0 };

export interface ServerTruth {
  readonly name: string;
  readonly server: ServerSpecification;
  readonly answers: Answers;
  /** of RDP_NEG_RSP */
  readonly flags: number;
  readonly sourceReference: number;
  /** What may be made of the above, and no more: xrdp answers with Windows' own 0x1234. */
  readonly serverKinds: readonly string[];
  /** The versions that the server takes, best first. */
  readonly tlsVersions: readonly TlsVersion[];
  /** Where RDP's own security was selected. TLS makes every server say 0 and 0. */
  readonly encryption: Encryption;
  /** The number of TS_UD_SC_CORE, [MS-RDPBCGR] 2.2.1.4.2, in the report's words. */
  readonly rdpVersion: string;
  /** Which requests are made, the default one always. */
  readonly requests: readonly RequestName[];
  /** Checks in a row, without a pause, after all requests; each must be as good as the first. */
  readonly again: number;
}

const EVERY_REQUEST = Object.keys(REQUESTS) as readonly RequestName[];
const DEFAULT_REQUEST: readonly RequestName[] = ['by default'];

type TlsVersion = 'TLSv1.0' | 'TLSv1.2' | 'TLSv1.3';

/** The ones that speak through FreeRDP's library answer alike. GNOME's cannot be told from it either. */
const FREERDP = {
  sourceReference: 0,
  serverKinds: ['freerdp', 'unknown'],
  tlsVersions: ['TLSv1.3', 'TLSv1.2'],
  /** To a client on 127.0.0.1 it switches RDP's own encryption off. */
  encryption: NO_ENCRYPTION,
  /** It answers with the lower of its own, 10.7, and the client's. */
  rdpVersion: '10.7',
  requests: EVERY_REQUEST,
  again: 1,
} as const;

const XRDP = {
  flags: 0x01,
  sourceReference: 0x1234,
  serverKinds: ['xrdp', 'unknown'],
  tlsVersions: ['TLSv1.3', 'TLSv1.2'],
  encryption: { method: 0x02, level: 3 },
  rdpVersion: '5.0-8.1',
  requests: EVERY_REQUEST,
  again: 1,
} as const;

function shadow(
  mode: FreerdpShadowMode,
  answers: Answers,
  certificate: CertificateKind = 'good',
): ServerTruth {
  return {
    ...FREERDP,
    name:
      certificate === 'good' ? `FreeRDP shadow ${mode}` : `FreeRDP shadow ${mode}, ${certificate}`,
    server: { kind: 'freerdp-shadow', mode, certificate },
    answers,
    flags: 0x03,
    requests: certificate === 'good' ? EVERY_REQUEST : DEFAULT_REQUEST,
  };
}

function weston(mode: WestonOptions['mode'], answers: Answers): ServerTruth {
  return {
    ...FREERDP,
    name: `weston ${mode}`,
    server: { kind: 'weston', mode, certificate: 'good' },
    answers,
    flags: 0x01,
  };
}

function xrdp(
  name: string,
  server: Partial<Extract<ServerSpecification, { kind: 'xrdp' }>>,
  truth: Pick<ServerTruth, 'answers'> & Partial<ServerTruth>,
): ServerTruth {
  return {
    ...XRDP,
    name: `xrdp ${name}`,
    server: {
      kind: 'xrdp',
      layer: 'tls',
      certificate: 'good',
      tlsVersions: 'TLSv1.2, TLSv1.3',
      encryption: 'high',
      ...server,
    },
    ...truth,
  };
}

export const SERVERS: readonly ServerTruth[] = [
  shadow('rdp', RDP_ONLY),
  shadow('tls', TLS_ONLY),
  shadow('nla', NLA_ONLY),
  shadow('nego', RDP_OR_TLS),
  shadow('all', ANY),
  shadow('tls', TLS_ONLY, 'expired'),
  shadow('nla', NLA_ONLY, 'expired'),
  shadow('nla', NLA_ONLY, 'not-yet-valid'),

  // It selects RDP whatever was asked for, and is then out of step with a client that wanted TLS.
  xrdp('rdp', { layer: 'rdp' }, { answers: ALWAYS_RDP }),
  xrdp('tls', {}, { answers: XRDP_TLS }),
  xrdp(
    'negotiate',
    { layer: 'negotiate' },
    { answers: { ...RDP_OR_TLS, none: 'none-negotiated', 2: RDP } },
  ),
  xrdp('without a certificate', { certificate: null }, { answers: NEVER }),
  xrdp(
    'tls, expired',
    { certificate: 'expired' },
    { answers: TLS_ONLY, requests: DEFAULT_REQUEST },
  ),
  xrdp('tls, weak', { certificate: 'weak' }, { answers: TLS_ONLY, requests: DEFAULT_REQUEST }),
  xrdp(
    'TLS 1.0 only',
    { tlsVersions: 'TLSv1' },
    { answers: TLS_ONLY, tlsVersions: ['TLSv1.0'], requests: DEFAULT_REQUEST },
  ),
  xrdp(
    'TLS 1.2 only',
    { tlsVersions: 'TLSv1.2' },
    { answers: TLS_ONLY, tlsVersions: ['TLSv1.2'], requests: DEFAULT_REQUEST },
  ),
  xrdp(
    'TLS 1.3 only',
    { tlsVersions: 'TLSv1.3' },
    { answers: TLS_ONLY, tlsVersions: ['TLSv1.3'], requests: DEFAULT_REQUEST },
  ),
  xrdp(
    'rdp, low encryption',
    { layer: 'rdp', encryption: 'low' },
    { answers: ALWAYS_RDP, encryption: { method: 0x01, level: 1 }, requests: DEFAULT_REQUEST },
  ),
  xrdp(
    'rdp, medium encryption',
    { layer: 'rdp', encryption: 'medium' },
    { answers: ALWAYS_RDP, encryption: { method: 0x01, level: 2 }, requests: DEFAULT_REQUEST },
  ),
  xrdp(
    'rdp, FIPS encryption',
    { layer: 'rdp', encryption: 'fips' },
    { answers: ALWAYS_RDP, encryption: { method: 0x10, level: 4 }, requests: DEFAULT_REQUEST },
  ),

  // With nothing but a TLS key it still lets standard RDP security in.
  weston('tls', RDP_OR_TLS),
  weston('rdp', RDP_ONLY),
  weston('nego', RDP_OR_TLS),

  {
    ...FREERDP,
    name: 'GNOME Remote Desktop',
    server: { kind: 'gnome-remote-desktop', certificate: 'good' },
    answers: NLA_ONLY,
    flags: 0x03,
    serverKinds: ['gnome-remote-desktop', 'freerdp', 'unknown'],
    // It hangs for good after about four clients in a row that leave abruptly.
    again: 4,
  },
];

/** The facts of one check that must hold. */
export interface Expectation {
  readonly exitStatus: number;
  readonly outcome: {
    readonly status: 'ok' | 'failed';
    readonly reached: StageName | null;
    readonly failedAt: StageName | null;
    readonly how: OutcomeHow | null;
    readonly by: 'server' | null;
  };
  readonly stages: Readonly<Record<StageName, StageStatus>>;
  readonly x224: {
    readonly requestedProtocols: number | null;
    readonly kind: 'response' | 'failure' | 'none-negotiated';
    readonly selectedProtocol: { readonly value: number; readonly name: string } | null;
    readonly failure: { readonly code: number; readonly name: string } | null;
    readonly flags: number | null;
    readonly sourceReference: number;
  };
  readonly tls: {
    readonly version: TlsVersion | null;
    readonly alert: { readonly by: 'server'; readonly code: number; readonly name: string } | null;
    readonly certificate: CertificateExpectation | null;
  };
  readonly credssp: { readonly version: number | null; readonly computerName: string | null };
  readonly mcs: {
    readonly rdpVersion: string | null;
    readonly encryptionMethod: number | null;
    readonly encryptionLevel: number | null;
  };
}

interface CertificateExpectation {
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly selfSigned: true;
  readonly keyType: 'RSA';
  readonly keyBits: number;
  readonly signatureAlgorithm: string;
}

/**
 * What a check of `truth` with `request` must report. The one thing that is the client's choice is
 * which TLS versions it offers; all else follows from the server.
 */
export function expectationOf(
  truth: ServerTruth,
  request: RequestName,
  offered: readonly string[],
): Expectation {
  const { requestedProtocols } = REQUESTS[request];
  const answer = truth.answers[requestedProtocols ?? 'none'];
  const negotiated = typeof answer === 'string' ? null : answer;
  const failure = negotiated !== null && 'failure' in negotiated ? negotiated.failure : null;
  const selectedProtocol =
    negotiated !== null && 'selectedProtocol' in negotiated ? negotiated.selectedProtocol : null;
  // A confirm that negotiates nothing leaves the protocol that there was before.
  const protocol = failure === null ? (selectedProtocol?.value ?? 0) : null;
  const usesTls = protocol === 1 || protocol === 2;
  const usesCredssp = protocol === 2;
  const version = truth.tlsVersions.find((candidate) => offered.includes(candidate)) ?? null;
  const ending = endingOf(answer, usesTls && version === null);
  const stages = stagesOf(ending?.failedAt ?? null, protocol);
  const secured = stages.tls === 'completed';
  const mcsDone = stages.mcs === 'completed';
  const encryption = usesTls ? NO_ENCRYPTION : truth.encryption;
  const { certificate } = truth.server;
  // What today's mstsc would warn of or refuse: a certificate out of its time, TLS before 1.2.
  const outdated =
    certificate === 'expired' || certificate === 'not-yet-valid' || version === 'TLSv1.0';
  return {
    exitStatus: ending !== null || (secured && outdated) ? 1 : 0,
    outcome: {
      status: ending === null ? 'ok' : 'failed',
      reached: STAGES.filter((stage) => stages[stage] === 'completed').at(-1) ?? null,
      failedAt: ending?.failedAt ?? null,
      how: ending?.how ?? null,
      by: ending === null ? null : 'server',
    },
    stages,
    x224: {
      requestedProtocols,
      kind: negotiated === null ? 'none-negotiated' : failure === null ? 'response' : 'failure',
      selectedProtocol,
      failure,
      // RDP_NEG_FAILURE has a flags field too, always 0.
      flags: negotiated === null ? null : failure === null ? truth.flags : 0,
      sourceReference: truth.sourceReference,
    },
    tls: {
      version: secured ? version : null,
      alert:
        ending?.failedAt === 'tls' ? { by: 'server', code: 70, name: 'protocol_version' } : null,
      certificate: secured && certificate !== null ? certificateOf(certificate) : null,
    },
    credssp: {
      version: usesCredssp ? 6 : null,
      computerName: usesCredssp ? netbiosName(CERTIFICATE_NAME) : null,
    },
    mcs: {
      rdpVersion: mcsDone ? truth.rdpVersion : null,
      encryptionMethod: mcsDone ? encryption.method : null,
      encryptionLevel: mcsDone ? encryption.level : null,
    },
  };
}

/** Where and how the server ends a handshake; null: it does not. */
function endingOf(
  answer: Answer,
  noTlsVersion: boolean,
): { readonly failedAt: StageName; readonly how: OutcomeHow } | null {
  if (answer === 'none-negotiated, then closed') return { failedAt: 'mcs', how: 'closed' };
  if (answer === 'none-negotiated') return null;
  if ('failure' in answer) return { failedAt: 'x224', how: 'negotiation-failure' };
  return noTlsVersion ? { failedAt: 'tls', how: 'alert' } : null;
}

function stagesOf(
  failedAt: StageName | null,
  /** null: there is none, the negotiation failed */
  protocol: number | null,
): Readonly<Record<StageName, StageStatus>> {
  const stage = (name: StageName): StageStatus => {
    if (name === 'resolve') return 'not-applicable';
    if (protocol === 0 && (name === 'tls' || name === 'credssp')) return 'not-applicable';
    if (protocol === 1 && name === 'credssp') return 'not-applicable';
    if (name === failedAt) return 'failed';
    if (failedAt !== null && STAGES.indexOf(name) > STAGES.indexOf(failedAt)) return 'not-reached';
    // After the CHALLENGE the next step would be to log on.
    return protocol === 2 && name === 'mcs' ? 'not-attempted' : 'completed';
  };
  return {
    resolve: stage('resolve'),
    tcp: stage('tcp'),
    x224: stage('x224'),
    tls: stage('tls'),
    credssp: stage('credssp'),
    mcs: stage('mcs'),
  };
}

function certificateOf(kind: CertificateKind): CertificateExpectation {
  const facts = CERTIFICATES[kind];
  return {
    subject: `CN=${CERTIFICATE_NAME}`,
    notBefore: facts.notBefore.replace('Z', '.000000Z'),
    notAfter: facts.notAfter.replace('Z', '.000000Z'),
    selfSigned: true,
    keyType: 'RSA',
    keyBits: facts.keyBits,
    signatureAlgorithm: `${facts.digest}WithRSAEncryption`,
  };
}

/** FreeRDP's library names the machine by the first label of its host name, in capitals. */
function netbiosName(host: string): string {
  return (host.split('.')[0] ?? host).toUpperCase().slice(0, 15);
}
