import type { TlsScan } from '../handshake/scan-tls.js';
import type { Fact, HandshakeTrace, TlsClientHelloMessage } from '../handshake/trace.js';
import { tlsVersionName } from '../wire/tls-names.js';

/** Versions of TLS that servers of RDP have spoken, newest first; numbers of the wire. */
export const TLS_VERSIONS_KNOWN: readonly number[] = [0x0304, 0x0303, 0x0302, 0x0301, 0x0300];

/** How a server answered one X.224 request. */
export type OfferReply =
  | { readonly kind: 'selected'; readonly protocol: number }
  | { readonly kind: 'failure'; readonly code: number }
  /** a confirm without negotiation, [MS-RDPBCGR] 2.2.1.2: standard RDP security */
  | { readonly kind: 'no-negotiation' }
  | { readonly kind: 'reset' | 'closed' | 'silence' | 'not-rdp' };

export interface AnsweredOffer {
  /** requestedProtocols; null: no RDP_NEG_REQ */
  readonly protocols: number | null;
  readonly flags: number;
  readonly answer: OfferReply;
}

/** How a server answered one ClientHello. */
export type HelloAnswer =
  | {
      readonly kind: 'hello';
      readonly version: number;
      readonly suite: number;
      /** of the key exchange; null: none, or not seen */
      readonly group: number | null;
    }
  | { readonly kind: 'alert'; readonly code: number; readonly name: string | null }
  | { readonly kind: 'reset' | 'closed' | 'silence' | 'malformed' };

export interface AnsweredHello {
  /** `offerKey` of the client whose ClientHello it was */
  readonly key: string;
  readonly answer: HelloAnswer;
}

export interface VersionAbility {
  readonly version: number;
  readonly spoken: 'yes' | 'no' | 'unknown';
  /** suites that the server has taken in this version */
  readonly suites: readonly number[];
  /** it takes no others */
  readonly complete: boolean;
}

/** What is known of a server, as far as it decides who can connect. */
export interface ServerAbilities {
  readonly offers: readonly AnsweredOffer[];
  readonly hellos: readonly AnsweredHello[];
  /** of each of `TLS_VERSIONS_KNOWN` */
  readonly versions: readonly VersionAbility[];
  /** groups that the server has taken; `complete`: it takes no others */
  readonly groups: { readonly accepted: readonly number[]; readonly complete: boolean };
  /** version of its TSRequest; null: not known */
  readonly credsspVersion: number | null;
}

export const NOTHING_KNOWN: ServerAbilities = {
  offers: [],
  hellos: [],
  versions: TLS_VERSIONS_KNOWN.map((version) => ({
    version,
    spoken: 'unknown',
    suites: [],
    complete: false,
  })),
  groups: { accepted: [], complete: false },
  credsspVersion: null,
};

/** What each of these connections tells of the server. */
export function abilitiesOf(traces: readonly HandshakeTrace[]): ServerAbilities {
  return traces.reduce((known, trace) => learn(known, trace), NOTHING_KNOWN);
}

/**
 * @param key `offerKey` of the client whose ClientHello was sent; null: of no client
 */
export function learn(
  known: ServerAbilities,
  trace: HandshakeTrace,
  key: string | null = null,
): ServerAbilities {
  const offer = answeredOffer(trace);
  const answer = helloAnswer(trace);
  const hello = clientHello(trace);
  const repeated = known.offers.some((other) => offer !== null && isSameOffer(other, offer));
  return {
    offers: offer === null || repeated ? known.offers : [...known.offers, offer],
    hellos:
      key === null || answer === null
        ? known.hellos
        : [...known.hellos.filter((other) => other.key !== key), { key, answer }],
    versions:
      hello === null || answer === null
        ? known.versions
        : known.versions.map((ability) => learnVersion(ability, hello, answer)),
    groups: {
      accepted: [...new Set([...known.groups.accepted, ...groupsTaken(trace)])],
      complete: known.groups.complete,
    },
    credsspVersion: known.credsspVersion ?? tsRequestVersion(trace),
  };
}

/**
 * Adds what the survey of TLS concluded from several answers together. What was met with a reset or
 * with silence stays open: a client is asked as itself then.
 */
export function withTlsScan(
  known: ServerAbilities,
  tls: Pick<TlsScan, 'versions' | 'groups'>,
): ServerAbilities {
  const groups = tls.groups.flatMap((report) => report.groups.map(({ value }) => value));
  return {
    ...known,
    versions: known.versions.map((ability) => {
      const report = tls.versions.find(({ version }) => version.value === ability.version);
      if (report === undefined) return ability;
      const suites = report.suites.map(({ suite }) => suite.value);
      return {
        version: ability.version,
        spoken: spokenOf(report.status, ability.spoken),
        suites: [...new Set([...ability.suites, ...suites])],
        complete: ability.complete || report.complete,
      };
    }),
    groups: {
      accepted: [...new Set([...known.groups.accepted, ...groups])],
      complete: known.groups.complete,
    },
  };
}

function spokenOf(
  status: TlsScan['versions'][number]['status'],
  before: VersionAbility['spoken'],
): VersionAbility['spoken'] {
  switch (status) {
    case 'accepted':
      return 'yes';
    case 'refused':
      return before === 'yes' ? before : 'no';
    case 'unanswered':
    case 'not-tested':
      return before;
  }
}

export function isSameOffer(
  one: Pick<AnsweredOffer, 'protocols' | 'flags'>,
  other: Pick<AnsweredOffer, 'protocols' | 'flags'>,
): boolean {
  return one.protocols === other.protocols && one.flags === other.flags;
}

/** Alert protocol_version, RFC 8446 section 6.2. */
const PROTOCOL_VERSION = 70;

function learnVersion(
  ability: VersionAbility,
  hello: TlsClientHelloMessage,
  answer: HelloAnswer,
): VersionAbility {
  const offered = versionsOffered(hello);
  if (answer.kind === 'alert') {
    const refused = answer.code === PROTOCOL_VERSION && offered.includes(ability.version);
    return refused && ability.spoken === 'unknown' ? { ...ability, spoken: 'no' } : ability;
  }
  if (answer.kind !== 'hello') return ability;
  if (ability.version === answer.version) {
    const suites = [...new Set([...ability.suites, answer.suite])];
    return { ...ability, spoken: 'yes', suites };
  }
  // A server takes the highest version that both speak, RFC 5246 appendix E.1, RFC 8446 section 4.2.1.
  const passedOver = ability.version > answer.version && offered.includes(ability.version);
  return passedOver && ability.spoken === 'unknown' ? { ...ability, spoken: 'no' } : ability;
}

/** Without supported_versions the number stands for itself and what is older. */
function versionsOffered(hello: TlsClientHelloMessage): readonly number[] {
  const names = hello.versions.map(({ value }) => value);
  const listed = hello.extensions.some(({ value }) => value === SUPPORTED_VERSIONS);
  if (listed) return names;
  return TLS_VERSIONS_KNOWN.filter((version) => version <= Math.max(0, ...names));
}

const SUPPORTED_VERSIONS = 43;

/** Null: no request was sent, or the connection ended for reasons of ours. */
export function answeredOffer(trace: HandshakeTrace): AnsweredOffer | null {
  for (const fact of trace.facts) {
    if (fact.kind !== 'message' || fact.message.type !== 'x224-request') continue;
    const { requestedProtocols, flags } = fact.message;
    const answer = offerAnswer(trace.facts.slice(trace.facts.indexOf(fact) + 1));
    if (answer === null) return null;
    return { protocols: requestedProtocols?.value ?? null, flags: flags?.value ?? 0, answer };
  }
  return null;
}

function offerAnswer(facts: readonly Fact[]): OfferReply | null {
  for (const fact of facts) {
    if (fact.kind === 'message' && fact.message.type === 'x224-confirm') {
      const { negotiation } = fact.message;
      switch (negotiation.kind) {
        case 'response':
          return { kind: 'selected', protocol: negotiation.selectedProtocol.value };
        case 'failure':
          return { kind: 'failure', code: negotiation.failureCode.value };
        case 'none':
          return { kind: negotiation.cotpParameters ? 'not-rdp' : 'no-negotiation' };
      }
    }
    const end = endOf(fact);
    if (end === 'malformed') return { kind: 'not-rdp' };
    if (end !== null) return { kind: end };
    if (fact.kind === 'foreign' && fact.by === 'server') return { kind: 'not-rdp' };
  }
  return null;
}

/** AlertLevel warning, RFC 5246 section 7.2. */
const WARNING = 1;

/** The server's answer to the ClientHello of a trace; null: there is none, or it was interrupted. */
export function helloAnswer(trace: HandshakeTrace): HelloAnswer | null {
  const start = trace.facts.findIndex(
    (fact) => fact.kind === 'message' && fact.message.type === 'tls-client-hello',
  );
  if (start < 0) return null;
  for (const fact of trace.facts.slice(start + 1)) {
    if (fact.kind === 'message' && fact.by === 'server') {
      const { message } = fact;
      if (message.type === 'tls-server-hello') {
        const group = groupsTaken(trace)[0] ?? null;
        return {
          kind: 'hello',
          version: message.version.value,
          suite: message.cipherSuite.value,
          group,
        };
      }
      // A warning, such as unrecognized_name, ends nothing.
      const fatal = message.type === 'tls-alert' && message.level?.value !== WARNING;
      if (fatal && message.description !== null) {
        const { value, name } = message.description;
        return { kind: 'alert', code: value, name };
      }
    }
    const end = endOf(fact);
    if (end !== null) return { kind: end };
  }
  return null;
}

function endOf(fact: Fact): 'reset' | 'closed' | 'silence' | 'malformed' | null {
  switch (fact.kind) {
    case 'tcp-end':
      if (fact.by !== 'server') return null;
      return fact.how === 'reset' ? 'reset' : 'closed';
    case 'silence':
      return 'silence';
    case 'malformed':
      return fact.by === 'server' ? 'malformed' : null;
    default:
      return null;
  }
}

function clientHello(trace: HandshakeTrace): TlsClientHelloMessage | null {
  for (const fact of trace.facts) {
    if (fact.kind === 'message' && fact.message.type === 'tls-client-hello') return fact.message;
  }
  return null;
}

/** As the ServerHello of TLS 1.3 names it, or the ServerKeyExchange before. */
function groupsTaken(trace: HandshakeTrace): readonly number[] {
  return trace.facts.flatMap((fact) => {
    if (fact.kind !== 'message' || fact.by !== 'server') return [];
    const { message } = fact;
    const group =
      message.type === 'tls-server-hello' || message.type === 'tls-handshake'
        ? message.group
        : null;
    return group === null ? [] : [group.value];
  });
}

function tsRequestVersion(trace: HandshakeTrace): number | null {
  for (const fact of trace.facts) {
    if (fact.kind !== 'message' || fact.by !== 'server') continue;
    if (fact.message.type === 'ts-request') return fact.message.version;
  }
  return null;
}

export function versionName(version: number): string {
  return tlsVersionName(version) ?? `0x${version.toString(16)}`;
}
