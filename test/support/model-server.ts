import type { Fact, HandshakeTrace } from '../../src/handshake/trace.js';
import type { Ask, Question } from '../../src/scan/ask.js';
import type { TlsProfile } from '../../src/scan/profiles/client-profile.js';
import type { HelloAnswer, OfferReply } from '../../src/scan/server-abilities.js';
import { FAILURE_CODES, PROTOCOLS, REQUEST_FLAGS } from '../../src/wire/negotiation.js';
import { flags, named } from '../../src/wire/open-set.js';
import type { OwnHello } from '../../src/wire/own-hello.js';
import {
  ALERT_DESCRIPTIONS,
  ALERT_LEVELS,
  cipherSuite,
  extensionType,
  namedGroup,
  signatureScheme,
  tlsVersion,
} from '../../src/wire/tls-names.js';

/**
 * A server as a table of what it takes, which answers as RFC 5246 and RFC 8446 have it: the highest
 * version in common, then its own first suite for which there is a group.
 */
export interface ModelServer {
  readonly negotiate: (protocols: number | null) => OfferReply;
  readonly versions: readonly number[];
  /** in the order of the server */
  readonly suites: readonly number[];
  readonly groups: readonly number[];
}

interface Hello {
  readonly versions: readonly number[];
  readonly suites: readonly number[];
  readonly groups: readonly number[];
}

const TLS_1_3 = 0x0304;
const TLS_1_2 = 0x0303;
const PROTOCOL_VERSION = 70;
const HANDSHAKE_FAILURE = 40;

export function answerHello(server: ModelServer, hello: Hello): HelloAnswer {
  const version = Math.max(0, ...server.versions.filter((each) => hello.versions.includes(each)));
  if (version === 0) return { kind: 'alert', code: PROTOCOL_VERSION, name: 'protocol_version' };
  const group = server.groups.find((each) => hello.groups.includes(each)) ?? null;
  const suite = server.suites.find(
    (each) =>
      hello.suites.includes(each) &&
      fitsVersion(each, version) &&
      (group !== null || !needsGroup(each)),
  );
  if (suite === undefined) {
    return { kind: 'alert', code: HANDSHAKE_FAILURE, name: 'handshake_failure' };
  }
  return { kind: 'hello', version, suite, group: needsGroup(suite) ? group : null };
}

/** The suites of TLS 1.3 are its own; GCM and SHA-2 came with TLS 1.2, RFC 5246 appendix A.5. */
function fitsVersion(suite: number, version: number): boolean {
  if (suite >> 8 === 0x13) return version === TLS_1_3;
  if (version === TLS_1_3) return false;
  const name = cipherSuite(suite).name ?? '';
  return version === TLS_1_2 || !/GCM|SHA256|SHA384|POLY1305/.test(name);
}

function needsGroup(suite: number): boolean {
  return suite >> 8 === 0x13 || (cipherSuite(suite).name ?? '').startsWith('TLS_ECDHE_');
}

export function helloOfProfile(tls: Pick<TlsProfile, 'versions' | 'suites' | 'groups'>): Hello {
  return { versions: tls.versions, suites: tls.suites, groups: tls.groups };
}

/** Asks the model, and tells what happened as facts, as a probe does. */
export function askModel(server: ModelServer): { readonly ask: Ask; readonly asked: Question[] } {
  const asked: Question[] = [];
  return {
    asked,
    ask: (question) => {
      asked.push(question);
      const { requestedProtocols = 0x0b, tlsOffer } = question.settings;
      const hello =
        typeof tlsOffer === 'object'
          ? plainOf(tlsOffer.hello)
          : { versions: [], suites: [], groups: [] };
      return Promise.resolve(traceOf(server, requestedProtocols, hello));
    },
  };
}

function plainOf(hello: OwnHello): Hello {
  const extensions = hello.extensions ?? [];
  const listed = extensions.flatMap((each) =>
    each.extension === 'supported_versions' ? each.versions : [],
  );
  const upTo = [0x0303, 0x0302, 0x0301, 0x0300].filter((each) => each <= hello.legacyVersion);
  return {
    versions: listed.length > 0 ? listed : upTo,
    suites: hello.cipherSuites,
    groups: extensions.flatMap((each) =>
      each.extension === 'supported_groups' ? each.groups : [],
    ),
  };
}

export function traceOf(
  server: ModelServer,
  protocols: number | null,
  hello: Hello,
): HandshakeTrace {
  const reply = server.negotiate(protocols);
  const facts: Fact[] = [message('client', request(protocols)), ...confirm(reply)];
  if (reply.kind === 'selected' && reply.protocol !== 0 && hello.versions.length > 0) {
    facts.push(message('client', clientHello(hello)), ...serverHello(answerHello(server, hello)));
  }
  return {
    source: { kind: 'live', profile: 'model' },
    client: { address: null, port: null },
    server: { address: null, port: null, name: null },
    startedAt: 0,
    facts,
    notMeasured: {},
  };
}

type Message = Extract<Fact, { kind: 'message' }>['message'];

function message(by: 'client' | 'server', what: Message): Fact {
  return { kind: 'message', by, at: 0, startAt: 0, bytes: 1, message: what };
}

function request(protocols: number | null): Message {
  return {
    type: 'x224-request',
    cookie: null,
    routingToken: null,
    requestedProtocols: protocols === null ? null : flags(PROTOCOLS, protocols),
    flags: protocols === null ? null : flags(REQUEST_FLAGS, 0),
    correlationId: null,
  };
}

function confirm(reply: OfferReply): Fact[] {
  const base = {
    type: 'x224-confirm',
    sourceReference: 0,
    destinationReference: 0,
  } as const;
  switch (reply.kind) {
    case 'selected': {
      const selectedProtocol = named(PROTOCOLS, reply.protocol);
      const negotiation = { kind: 'response', flags: flags({}, 0), selectedProtocol } as const;
      return [message('server', { ...base, negotiation })];
    }
    case 'failure': {
      const failureCode = named(FAILURE_CODES, reply.code);
      const negotiation = { kind: 'failure', flags: flags({}, 0), failureCode } as const;
      return [message('server', { ...base, negotiation })];
    }
    case 'no-negotiation':
    case 'not-rdp': {
      const cotpParameters = reply.kind === 'not-rdp';
      return [message('server', { ...base, negotiation: { kind: 'none', cotpParameters } })];
    }
    case 'reset':
    case 'closed':
      return [
        { kind: 'tcp-end', at: 0, by: 'server', how: reply.kind === 'reset' ? 'reset' : 'fin' },
      ];
    case 'silence':
      return [
        {
          kind: 'silence',
          at: 0,
          waitingFor: 'server',
          stage: 'x224',
          waitedMs: 1,
          partialBytes: 0,
        },
      ];
  }
}

function clientHello({ versions, suites, groups }: Hello): Message {
  const extensions = versions.includes(TLS_1_3) ? [extensionType(43)] : [];
  const newest = Math.max(...versions);
  return {
    type: 'tls-client-hello',
    legacyVersion: tlsVersion(Math.min(newest, TLS_1_2)),
    versions: (extensions.length > 0 ? versions : [newest]).map(tlsVersion),
    cipherSuites: suites.map(cipherSuite),
    serverName: null,
    groups: groups.map(namedGroup),
    keyShares: [],
    signatureAlgorithms: [signatureScheme(0x0401)],
    applicationProtocols: [],
    extensions,
    ja4: '',
  };
}

function serverHello(answer: HelloAnswer): Fact[] {
  switch (answer.kind) {
    case 'hello': {
      const hello: Message = {
        type: 'tls-server-hello',
        version: tlsVersion(answer.version),
        cipherSuite: cipherSuite(answer.suite),
        group: answer.group === null || answer.version < TLS_1_3 ? null : namedGroup(answer.group),
        helloRetryRequest: false,
        extensions: [],
      };
      if (answer.group === null || answer.version === TLS_1_3) return [message('server', hello)];
      const name = 'server-key-exchange';
      const exchange: Message = { type: 'tls-handshake', name, group: namedGroup(answer.group) };
      return [message('server', hello), message('server', exchange)];
    }
    case 'alert': {
      const alert: Message = {
        type: 'tls-alert',
        level: named(ALERT_LEVELS, 2),
        description: named(ALERT_DESCRIPTIONS, answer.code),
      };
      return [message('server', alert)];
    }
    case 'reset':
    case 'closed':
      return [
        { kind: 'tcp-end', at: 0, by: 'server', how: answer.kind === 'reset' ? 'reset' : 'fin' },
      ];
    case 'silence':
    case 'malformed':
      return [
        {
          kind: 'silence',
          at: 0,
          waitingFor: 'server',
          stage: 'tls',
          waitedMs: 1,
          partialBytes: 0,
        },
      ];
  }
}
