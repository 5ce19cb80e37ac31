import type { OfferAnswer, ScanReport } from '../../src/handshake/scan.js';
import type { Question } from '../../src/scan/ask.js';
import { credSspState } from '../../src/scan/credssp-state.js';
import { type MatrixBase, nextOffer } from '../../src/scan/negotiation-plan.js';
import { negotiationVerdict } from '../../src/scan/negotiation-verdict.js';
import { CLIENT_PROFILES } from '../../src/scan/profiles/clients.js';
import { NOTHING_KNOWN } from '../../src/scan/server-abilities.js';
import { tlsNotAsked } from '../../src/scan/tls-survey.js';
import { weakSettings } from '../../src/scan/weak-settings.js';
import { whoCanConnect } from '../../src/scan/who-can-connect.js';
import {
  FAILURE_CODES,
  PROTOCOLS,
  REQUEST_FLAGS,
  RESPONSE_FLAGS,
} from '../../src/wire/negotiation.js';
import { flags, named } from '../../src/wire/open-set.js';

/*
 * What real servers answer to an X.224 request, as plain sockets measured it: FreeRDP 2.11.7, xrdp
 * 0.9.21.1, weston 10.0.1, GNOME Remote Desktop 43.3. Those of Windows are from [MS-RDPBCGR] and from
 * captures. Nothing in here comes from the code under test.
 */

/** A selected protocol, a failure code, or something else. */
export type Said =
  | { readonly selects: number }
  | { readonly fails: number }
  | 'confirms'
  | 'disconnects'
  | 'closes'
  | 'resets'
  | 'silent';

export interface ScriptedServer {
  readonly name: string;
  /** by requestedProtocols; null: the request has no negotiation */
  readonly says: (offer: number | null, request: RequestLike, count: number) => Said;
  /** whether MCS goes through where standard RDP security was selected */
  readonly mcs: (offer: number | null) => boolean;
  readonly flags: number;
  readonly sourceReference: number;
}

export interface RequestLike {
  readonly cookie: string | null;
  readonly routingToken: string | null;
  readonly flags: number;
}

const RDP: Said = { selects: 0 };
const SSL: Said = { selects: 1 };
const HYBRID: Said = { selects: 2 };
const fails = (code: number): Said => ({ fails: code });

function table(
  name: string,
  answers: Readonly<Record<string, Said>>,
  others: Said,
  given: Partial<ScriptedServer> = {},
): ScriptedServer {
  return {
    name,
    says: (offer) => answers[String(offer)] ?? others,
    mcs: () => true,
    flags: 0x03,
    sourceReference: 0,
    ...given,
  };
}

const NLA_ONLY = { '2': HYBRID, '3': HYBRID, '11': HYBRID };
const XRDP = { flags: 0x01, sourceReference: 0x1234 } as const;
/** It takes an offer of RDS-AAD for malformed. */
const ODD = { '20': 'disconnects', '16': 'disconnects' } as const;

export const SCRIPTED: Readonly<Record<string, ScriptedServer>> = {
  shadowRdp: table('FreeRDP shadow rdp', { null: RDP, '0': RDP }, fails(2)),
  shadowTls: table('FreeRDP shadow tls', { '1': SSL, '3': SSL, '11': SSL }, fails(1)),
  shadowNla: table('FreeRDP shadow nla', NLA_ONLY, fails(5)),
  shadowNego: table(
    'FreeRDP shadow nego',
    { null: RDP, '0': RDP, '1': SSL, '3': SSL, '11': SSL },
    fails(2),
  ),
  shadowAll: table('FreeRDP shadow all', { null: RDP, '0': RDP, '1': SSL, ...NLA_ONLY }, fails(2)),
  xrdpRdp: table('xrdp rdp', { null: 'confirms', ...ODD }, RDP, XRDP),
  xrdpTls: table(
    'xrdp tls',
    { null: 'confirms', '1': SSL, '3': SSL, '11': SSL, ...ODD },
    fails(1),
    { ...XRDP, mcs: () => false },
  ),
  xrdpNegotiate: table(
    'xrdp negotiate',
    { null: 'confirms', '1': SSL, '3': SSL, '11': SSL, ...ODD },
    RDP,
    XRDP,
  ),
  xrdpNoCertificate: table('xrdp without a certificate', { null: 'confirms', ...ODD }, fails(3), {
    ...XRDP,
    mcs: () => false,
  }),
  weston: table('weston tls', { null: RDP, '0': RDP, '1': SSL, '3': SSL, '11': SSL }, fails(2), {
    flags: 0x01,
  }),
  gnome: table('GNOME Remote Desktop', NLA_ONLY, fails(5)),
  windows: table(
    'Windows Server 2022',
    { '2': HYBRID, '3': HYBRID, '11': { selects: 8 } },
    fails(5),
    {
      flags: 0x1f,
      sourceReference: 0x1234,
    },
  ),
  /** Its group policy lets TLS in, and no standard RDP security. */
  windowsTls: table(
    'Windows Server 2022 without NLA required',
    { '1': SSL, '2': HYBRID, '3': HYBRID, '11': { selects: 8 } },
    fails(1),
    { flags: 0x1f, sourceReference: 0x1234 },
  ),
  xp: table('Windows XP', {}, 'confirms', { sourceReference: 0x1234 }),
};

const FAILED = {
  selectedProtocol: null,
  failure: null,
  responseFlags: null,
  sourceReference: null,
};

/** What a scripted server answers, in the form of a report. */
export function answerOf(
  server: ScriptedServer,
  { settings }: Pick<Question, 'settings'>,
  handshake: number,
): OfferAnswer {
  const offer = settings.requestedProtocols === undefined ? 0x0b : settings.requestedProtocols;
  const request: RequestLike = {
    cookie: settings.cookie ?? null,
    routingToken: settings.routingToken ?? null,
    flags: settings.requestFlags ?? 0,
  };
  const said = server.says(offer, request, handshake);
  const tried = settings.until === null;
  return {
    offer: offer === null ? null : flags(PROTOCOLS, offer),
    cookie: request.cookie,
    routingToken: request.routingToken,
    flags: flags(REQUEST_FLAGS, request.flags),
    ...FAILED,
    ...shapeOf(server, said, offer, tried),
    handshake,
  };
}

function shapeOf(
  server: ScriptedServer,
  said: Said,
  offer: number | null,
  tried: boolean,
): Partial<OfferAnswer> & Pick<OfferAnswer, 'answer' | 'mcs'> {
  const { sourceReference } = server;
  const mcs = tried ? (server.mcs(offer) ? 'answered' : 'ended') : 'not-tried';
  if (typeof said === 'object' && 'selects' in said) {
    return {
      answer: 'selected',
      selectedProtocol: named(PROTOCOLS, said.selects),
      responseFlags: flags(RESPONSE_FLAGS, server.flags),
      sourceReference,
      mcs: said.selects === 0 ? mcs : 'not-tried',
    };
  }
  if (typeof said === 'object') {
    const { value, name } = named(FAILURE_CODES, said.fails);
    return { answer: 'failure', failure: { code: value, name }, sourceReference, mcs: 'not-tried' };
  }
  switch (said) {
    case 'confirms':
      return { answer: 'not-negotiated', sourceReference, mcs };
    case 'disconnects':
      return { answer: 'refused', mcs: 'not-tried' };
    case 'closes':
      return { answer: 'closed', mcs: 'not-tried' };
    case 'resets':
      return { answer: 'reset', mcs: 'not-tried' };
    case 'silent':
      return { answer: 'silence', mcs: 'not-tried' };
  }
}

/** Answers to the whole matrix, as a scan asks it. */
export function matrixOf(server: ScriptedServer, base: MatrixBase): readonly OfferAnswer[] {
  const offers: OfferAnswer[] = [answerOf(server, { settings: { until: null } }, 0)];
  for (;;) {
    const question = nextOffer(offers, base);
    if (question === null) return offers;
    if (offers.length > 25) throw new Error('the matrix does not end');
    offers.push(answerOf(server, question, offers.length));
  }
}

/** A scan of a scripted server, with the parts that its matrix gives. */
export function scanOf(server: ScriptedServer, fields: Partial<ScanReport> = {}): ScanReport {
  const offers = matrixOf(server, { hasOwnLine: false, routingToken: null });
  const negotiation = negotiationVerdict(offers);
  const found = {
    negotiation,
    rdpSecurity: null,
    directTls: null,
    tls: tlsNotAsked('it was not asked'),
    clients: { profiles: whoCanConnect(CLIENT_PROFILES, NOTHING_KNOWN), connections: 0 },
    credssp: credSspState(6),
  };
  return {
    connections: offers.length,
    most: 25,
    tookMs: 412.5,
    ...found,
    weaknesses: weakSettings({ ...found, certificate: null }),
    stopped: null,
    notTested: [],
    notMeasured: { rdpSecurity: 'standard RDP security is refused', directTls: 'it was not asked' },
    ...fields,
  };
}
