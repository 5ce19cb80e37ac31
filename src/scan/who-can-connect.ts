import type { Basis, ClientVerdict } from '../handshake/scan-clients.js';
import { FAILURE_CODES, PROTOCOLS } from '../wire/negotiation.js';
import { named } from '../wire/open-set.js';
import { judgeTls, type Leaning, type TlsJudgement } from './client-tls.js';
import type {
  ClientProfile,
  CredSspProfile,
  Fallback,
  Grounds,
  TlsProfile,
} from './profiles/client-profile.js';
import { isSameOffer, type OfferReply, type ServerAbilities } from './server-abilities.js';

/** What is still to be asked before a client can be judged. */
export type Missing =
  | { readonly kind: 'offer'; readonly protocols: number | null; readonly flags: number }
  /** this client's own ClientHello, behind the offer that leads to TLS */
  | {
      readonly kind: 'hello';
      readonly protocols: number | null;
      readonly flags: number;
      readonly tls: TlsProfile;
    }
  | { readonly kind: 'credssp-version' };

export interface Judgement {
  readonly verdict: ClientVerdict;
  readonly missing: Missing | null;
}

/** No client falls back more often than FreeRDP, which makes three connections. */
const MAX_ATTEMPTS = 4;

/**
 * How a client would fare, from what is known of the server. Where what the client does is not
 * documented, it is tried both ways, and only what is the same either way is said.
 */
export function judgeClient(profile: ClientProfile, server: ServerAbilities): Judgement {
  const cautious = walk(profile, server, 'certain');
  const hopeful = walk(profile, server, 'possible');
  const one = cautious.verdict.verdict;
  const other = hopeful.verdict.verdict;
  if (one === 'can-connect' && other === 'can-connect') return bothWays(cautious, hopeful);
  if (one === 'cannot' && other === 'cannot') return hopeful;
  if (other === 'unknown' && (one !== 'unknown' || hopeful.missing !== null)) return hopeful;
  if (one === 'unknown') return cautious;
  const fails = one === 'cannot' ? cautious : hopeful;
  return {
    verdict: {
      ...fails.verdict,
      verdict: 'unknown',
      session: null,
      reason: `what it offers is not documented in full; without it: ${fails.verdict.reason}`,
      restsOn: 'inferred',
      question: 'a connection of this client itself',
    },
    missing: null,
  };
}

/** What it would get, as far as that does not depend on what is not documented. */
function bothWays(cautious: Judgement, hopeful: Judgement): Judgement {
  const one = cautious.verdict.session;
  const other = hopeful.verdict.session;
  if (one === null || other === null) return hopeful;
  if (one.tlsVersion === other.tlsVersion && one.cipher === other.cipher) return hopeful;
  const tlsVersion = one.tlsVersion === other.tlsVersion ? one.tlsVersion : null;
  const session = { protocol: other.protocol, tlsVersion, cipher: null };
  const { verdict } = hopeful;
  const reason =
    one.tlsVersion === other.tlsVersion
      ? verdict.reason
      : `${verdict.reason}, or ${one.tlsVersion} where it does not offer that`;
  return { ...hopeful, verdict: { ...verdict, session, reason } };
}

export function whoCanConnect(
  profiles: readonly ClientProfile[],
  server: ServerAbilities,
): readonly ClientVerdict[] {
  return profiles.map((profile) => judgeClient(profile, server).verdict);
}

function walk(profile: ClientProfile, server: ServerAbilities, leaning: Leaning): Judgement {
  const { negotiation } = profile;
  const attempts: (number | null)[] = [];
  const used: Grounds[] = [negotiation.grounds.request];
  const say = sayer(profile, attempts, used);
  let protocols: number | null = negotiation.protocols;
  const { flags } = negotiation;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const offer = { protocols, flags };
    attempts.push(protocols);
    const answered = server.offers.find((other) => isSameOffer(other, offer));
    if (answered === undefined) {
      const reason = `what the server answers to ${renderOffer(protocols)} is not known`;
      return say.unknown('x224', reason, { kind: 'offer', ...offer });
    }
    if (attempt > 0) used.push(negotiation.grounds.fallback);
    const { answer } = answered;
    if (answer.kind !== 'failure') {
      return accepted(profile, server, leaning, offer, answer, used, say);
    }
    const next = nextOffer(negotiation.fallback, protocols, answer.code);
    const failure = `failure ${renderFailure(answer.code)} to ${renderOffer(protocols)}`;
    if (next === 'unsure') {
      used.push(negotiation.grounds.fallback);
      return say.unknown('x224', `${failure}; what this client does then is not documented`, null);
    }
    if (next === 'gives-up') return say.cannot('x224', failure);
    protocols = next.protocols;
  }
  return say.unknown('x224', 'the server refuses each of its offers', null);
}

/** The X.224 confirm does not refuse: standard RDP security, TLS, or nothing that can be used. */
function accepted(
  profile: ClientProfile,
  server: ServerAbilities,
  leaning: Leaning,
  offer: { readonly protocols: number | null; readonly flags: number },
  answer: Exclude<OfferReply, { kind: 'failure' }>,
  used: Grounds[],
  say: Sayer,
): Judgement {
  const { negotiation } = profile;
  const selected = answer.kind === 'selected' ? answer.protocol : 0;
  switch (answer.kind) {
    case 'not-rdp':
      return say.cannot('x224', 'what answers is not RDP');
    case 'reset':
      return say.cannot(
        'x224',
        `the server resets the connection upon ${renderOffer(offer.protocols)}`,
      );
    case 'closed':
      return say.cannot(
        'x224',
        `the server closes the connection upon ${renderOffer(offer.protocols)}`,
      );
    case 'silence':
      return say.cannot('x224', `the server does not answer ${renderOffer(offer.protocols)}`);
    case 'selected':
    case 'no-negotiation':
      break;
  }
  if (selected === 0) {
    const session = { protocol: named(PROTOCOLS, 0), tlsVersion: null, cipher: null };
    used.push(negotiation.grounds.fallback);
    switch (negotiation.standardRdp) {
      case 'yes':
        return say.can('standard RDP security', session);
      case 'no':
        return say.cannot(
          'x224',
          'the server selects standard RDP security, which it does not take',
        );
      case 'unsure':
        return say.unknown(
          'x224',
          'the server selects standard RDP security; whether it takes that is not documented',
          null,
        );
    }
  }
  if (((offer.protocols ?? 0) & selected) === 0) {
    const reason = `the server selects ${renderProtocol(selected)}, which this client did not offer`;
    return negotiation.standardRdp === 'no'
      ? say.cannot('x224', reason)
      : say.unknown('x224', reason, null);
  }
  const tls = judgeTls(profile.tls, server, leaning);
  used.push(...tls.used);
  if (tls.verdict !== 'can-connect') {
    if (tls.verdict === 'cannot') return say.cannot('tls', tls.reason, tls);
    return say.unknown(
      'tls',
      tls.reason,
      tls.ask === null ? null : { kind: 'hello', ...offer, tls: tls.ask },
      tls,
    );
  }
  const session = {
    protocol: named(PROTOCOLS, selected),
    tlsVersion: tls.version,
    cipher: tls.cipher,
  };
  if ((selected & CREDSSP_PROTOCOLS) === 0) return say.can(renderTls(tls), session, tls);
  const credssp = judgeCredSsp(profile.credssp, server.credsspVersion);
  if (credssp.verdict !== 'can-connect') used.push(profile.credssp.grounds);
  switch (credssp.verdict) {
    case 'can-connect':
      return say.can(`${renderTls(tls)}, ${credssp.reason}`, session, tls);
    case 'cannot':
      return say.cannot('credssp', credssp.reason, tls);
    case 'unknown':
      return say.unknown('credssp', credssp.reason, credssp.missing, tls);
  }
}

/** HYBRID and HYBRID_EX. */
const CREDSSP_PROTOCOLS = 0x02 | 0x08;

interface CredSspJudgement {
  readonly verdict: ClientVerdict['verdict'];
  readonly reason: string;
  readonly missing: Missing | null;
}

/** [MS-CSSP] Appendix A: from version 5 on a server has the fix of CVE-2018-0886. */
const FIRST_UPDATED = 5;

function judgeCredSsp(client: CredSspProfile, version: number | null): CredSspJudgement {
  const fine = (reason: string): CredSspJudgement => ({
    verdict: 'can-connect',
    reason,
    missing: null,
  });
  if (client.refusesUnpatched === 'no' && client.updated === 'yes') return fine('NLA');
  if (version === null) {
    return {
      verdict: 'unknown',
      reason: 'the version of the TSRequest of the server is not known',
      missing: { kind: 'credssp-version' },
    };
  }
  if (version >= FIRST_UPDATED) {
    return client.updated === 'no'
      ? fine('NLA, unless the policy of the server is Force Updated Clients')
      : fine('NLA');
  }
  const unpatched = `the server answers CredSSP version ${version}, without the fix of CVE-2018-0886`;
  switch (client.refusesUnpatched) {
    case 'yes':
      return { verdict: 'cannot', reason: `${unpatched}: refused by policy`, missing: null };
    case 'no':
      return fine('NLA');
    case 'unsure':
      return {
        verdict: 'unknown',
        reason: `${unpatched}; whether this client refuses that is not documented`,
        missing: null,
      };
  }
}

const SSL = 0x01;
const HYBRID = 0x02;

const SSL_REQUIRED = 1;
const SSL_NOT_ALLOWED = 2;
const SSL_CERT_NOT_ON_SERVER = 3;
const HYBRID_REQUIRED = 5;

/** What a client offers after an RDP_NEG_FAILURE, [MS-RDPBCGR] 2.2.1.2.2. */
export function nextOffer(
  fallback: Fallback,
  protocols: number | null,
  code: number,
): { readonly protocols: number | null } | 'gives-up' | 'unsure' {
  const lowest = protocols === null || protocols === 0;
  switch (fallback) {
    case 'none':
      return 'gives-up';
    case 'unknown':
      return 'unsure';
    case 'only-standard-rdp':
      if (code === SSL_NOT_ALLOWED && !lowest) return { protocols: 0 };
      return code === SSL_CERT_NOT_ON_SERVER && !lowest ? 'unsure' : 'gives-up';
    case 'step-down':
      if (lowest) return 'gives-up';
      return stepDown(protocols, code);
    case 'step-down-by-code':
      if (lowest) return 'gives-up';
      if (code === SSL_NOT_ALLOWED) return { protocols: 0 };
      if (code === HYBRID_REQUIRED) return 'gives-up';
      if (code === SSL_REQUIRED) {
        return protocols === SSL ? 'gives-up' : { protocols: SSL };
      }
      return stepDown(protocols, code);
  }
}

/** FreeRDP sends no RDP_NEG_REQ for standard RDP security but after codes 2 and 3. */
function stepDown(protocols: number, code: number): { readonly protocols: number | null } {
  if ((protocols & HYBRID) !== 0) return { protocols: SSL };
  const negotiates = code === SSL_NOT_ALLOWED || code === SSL_CERT_NOT_ON_SERVER;
  return { protocols: negotiates ? 0 : null };
}

interface Sayer {
  can(
    reason: string,
    session: NonNullable<ClientVerdict['session']>,
    tls?: TlsJudgement,
  ): Judgement;
  cannot(stage: NonNullable<ClientVerdict['stage']>, reason: string, tls?: TlsJudgement): Judgement;
  unknown(
    stage: NonNullable<ClientVerdict['stage']>,
    reason: string,
    missing: Missing | null,
    tls?: TlsJudgement,
  ): Judgement;
}

function sayer(
  { id, title }: ClientProfile,
  attempts: readonly (number | null)[],
  used: readonly Grounds[],
): Sayer {
  const common = (tls: TlsJudgement | undefined) => ({
    id,
    title,
    attempts: [...attempts],
    basis: tls?.asked === true ? ('asked' as const) : ('computed' as const),
    restsOn: weakest(used),
  });
  return {
    can: (reason, session, tls) => ({
      verdict: {
        ...common(tls),
        verdict: 'can-connect',
        stage: null,
        reason,
        session,
        question: null,
      },
      missing: null,
    }),
    cannot: (stage, reason, tls) => ({
      verdict: {
        ...common(tls),
        verdict: 'cannot',
        stage,
        reason,
        session: null,
        question: null,
      },
      missing: null,
    }),
    unknown: (stage, reason, missing, tls) => ({
      verdict: {
        ...common(tls),
        verdict: 'unknown',
        stage,
        reason,
        session: null,
        question: missing === null ? 'a connection of this client itself' : questionOf(missing),
      },
      missing,
    }),
  };
}

function questionOf(missing: Missing): string {
  switch (missing.kind) {
    case 'offer':
      return `an X.224 request with ${renderOffer(missing.protocols)}`;
    case 'hello':
      return "this client's own ClientHello";
    case 'credssp-version':
      return 'a handshake up to the TSRequest of the server';
  }
}

const STRENGTH: readonly Basis[] = ['inferred', 'source-code', 'documented', 'captured'];

function weakest(used: readonly Grounds[]): Basis {
  const bases = used.map(({ basis }) => basis);
  return STRENGTH.find((basis) => bases.includes(basis)) ?? 'inferred';
}

function renderTls({ version, cipher }: TlsJudgement): string {
  return cipher === null ? `${version}` : `${version} with ${cipher}`;
}

function renderOffer(protocols: number | null): string {
  if (protocols === null) return 'a request without negotiation';
  return `offer 0x${protocols.toString(16).padStart(2, '0')}`;
}

function renderProtocol(protocol: number): string {
  return PROTOCOLS[protocol] ?? `protocol 0x${protocol.toString(16)}`;
}

function renderFailure(code: number): string {
  return FAILURE_CODES[code] ?? `code ${code}`;
}
