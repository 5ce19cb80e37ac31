import { type Asked, askedOf, type Fared, faredOf, spokeTls } from '../handshake/follow-up.js';
import type { Handshake } from '../handshake/handshake.js';
import type { StageName } from '../handshake/trace.js';
import type { ProbeSettings } from '../probe/settings.js';
import {
  HYBRID_REQUIRED_BY_SERVER,
  PROTOCOL_HYBRID,
  PROTOCOL_HYBRID_EX,
  PROTOCOL_RDP,
  PROTOCOL_SSL,
  SSL_CERT_NOT_ON_SERVER,
  SSL_NOT_ALLOWED_BY_SERVER,
  SSL_REQUIRED_BY_SERVER,
  SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER,
} from '../wire/negotiation.js';
import type { OwnHello } from '../wire/own-hello.js';
import type { Question } from './ask.js';
import { legacyHello, paddedHello, shortAnswerHello, smallHello } from './follow-up-hellos.js';

/** Connections after the one that failed: enough to separate what is left, and few to a server. */
export const MAX_FOLLOW_UPS = 4;

export interface FollowUp extends Question {
  /** how long to wait before it, milliseconds */
  readonly afterMs: number;
}

/**
 * The question that separates best what is left after a failure. Pure: the handshakes so far decide.
 *
 * @param decisive the handshake that failed
 * @param before the follow-ups that were made, in order
 * @param settings with which the decisive one was made
 * @returns null: no further question helps
 */
export function nextFollowUp(
  decisive: Handshake,
  before: readonly Handshake[],
  settings: ProbeSettings,
): FollowUp | null {
  if (decisive.outcome.status !== 'failed' || before.length >= MAX_FOLLOW_UPS) return null;
  const answers = before.map((one) => ({
    asked: askedOf(one, decisive),
    fared: faredOf(one, decisive),
  }));
  // Interrupted, or the server does not even come as far as before: more would tell nothing.
  if (answers.some(({ fared, asked }) => fared === 'open' || cutShort(asked, fared))) return null;
  const asked = new Map(answers.map((answer) => [answer.asked, answer.fared]));
  const next = choose(decisive, asked);
  if (next === null || asked.has(next)) return null;
  const question = questionOf(next, decisive, settings);
  // One that ended before its ClientHello went out does not show what it asked.
  return before.some(({ reason }) => reason === question.reason) ? null : question;
}

/** An offer that is refused is an answer; so is a ClientHello where none was expected. */
function cutShort(asked: Asked, fared: Fared): boolean {
  return fared === 'before' && asked !== 'plain-rdp' && asked !== 'other-offer';
}

type Answers = ReadonlyMap<Asked, Fared>;

function choose(decisive: Handshake, answers: Answers): Asked | null {
  const { failedAt, by, how } = decisive.outcome;
  switch (failedAt) {
    case 'tcp':
      // The kernel has sent a SYN that was not answered several times already.
      return how === 'refused' && by !== 'network' && by !== 'client'
        ? firstOf(['again'], answers)
        : null;
    case 'x224':
      return inX224(decisive, answers);
    case 'tls':
      return inTls(decisive, answers);
    case 'credssp':
      return how === 'error-code' || by === 'client'
        ? null
        : untilThrough(['again', 'other-offer'], answers);
    case 'mcs':
      return by === 'client' ? null : firstOf(['again'], answers);
    case 'resolve':
    case null:
      return null;
  }
}

/** The first that was not asked yet. */
function firstOf(questions: readonly Asked[], answers: Answers): Asked | null {
  return questions.find((question) => !answers.has(question)) ?? null;
}

/** The same, as long as none of them got through: then it is known what matters. */
function untilThrough(questions: readonly Asked[], answers: Answers): Asked | null {
  const through = questions.some((question) => answers.get(question) === 'through');
  return through ? null : firstOf(questions, answers);
}

function inX224(decisive: Handshake, answers: Answers): Asked | null {
  const { how } = decisive.outcome;
  switch (how) {
    case 'negotiation-failure':
      return firstOf([separatingOffer(decisive)], answers);
    case 'reset':
    case 'closed':
    case 'timeout':
      return untilThrough(['again', 'other-cookie', 'direct-tls'], answers);
    // An X.224 disconnect or error.
    case 'refused':
    case 'error-code':
      return untilThrough(['again', 'other-cookie'], answers);
    case 'malformed':
      return firstOf(['again'], answers);
    case 'not-rdp':
      // A server of TLS alone, or one that wants TLS without the request.
      return decisive.x224.response.protocol === 'TLS' ? firstOf(['direct-tls'], answers) : null;
    case 'alert':
    case 'unreachable':
    case 'not-found':
    case null:
      return null;
  }
}

/** What a sane server that sends this code accepts; where that was offered, the same once more. */
function separatingOffer(decisive: Handshake): Asked {
  const offered = decisive.x224.request?.requestedProtocols?.value ?? 0;
  switch (decisive.x224.response.failure?.code) {
    case SSL_REQUIRED_BY_SERVER:
      return (offered & PROTOCOL_SSL) === 0 ? 'other-offer' : 'again';
    case HYBRID_REQUIRED_BY_SERVER:
    case SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER:
      return (offered & PROTOCOL_HYBRID) === 0 ? 'other-offer' : 'again';
    case SSL_NOT_ALLOWED_BY_SERVER:
      // Some servers say so to an offer of NLA alone although they do TLS.
      if (offered !== 0 && (offered & PROTOCOL_SSL) === 0) return 'other-offer';
      return offered === 0 ? 'again' : 'plain-rdp';
    case SSL_CERT_NOT_ON_SERVER:
      return offered === 0 ? 'again' : 'plain-rdp';
    default:
      return 'again';
  }
}

function inTls(decisive: Handshake, answers: Answers): Asked | null {
  const { by, how } = decisive.outcome;
  const { clientHello, alert } = decisive.tls;
  if (by === 'client' || decisive.x224.request === null) return null;
  if (clientHello === null) return untilThrough(['again', 'plain-rdp'], answers);
  if (how === 'alert') {
    const refused = alert?.code !== undefined && alert.code !== null && NO_COMMON.has(alert.code);
    return refused
      ? untilThrough(['legacy-hello', 'small-hello'], answers)
      : untilThrough(['small-hello', 'again'], answers);
  }
  if (how === 'timeout' && !spokeTls(decisive)) return afterSilence(answers);
  if (spokeTls(decisive)) {
    return untilThrough(['again', 'short-answer-hello'], answers);
  }
  return afterHello(answers);
}

/** RFC 8446 section 6.2: handshake_failure, illegal_parameter, protocol_version, insufficient_security. */
const NO_COMMON: ReadonlySet<number> = new Set([40, 47, 70, 71]);

/** Nothing came: does a short answer arrive, where a whole flight does not? */
function afterSilence(answers: Answers): Asked | null {
  const small = answers.get('small-hello');
  if (small === undefined || small !== 'same') return afterHello(answers);
  const short = answers.get('short-answer-hello');
  if (short === undefined) return 'short-answer-hello';
  return short === 'same' ? afterHello(answers) : firstOf(['again'], answers);
}

/** The server ended, or fell silent, without a word of TLS. */
function afterHello(answers: Answers): Asked | null {
  const small = answers.get('small-hello');
  if (small === undefined) return 'small-hello';
  // It speaks TLS: is it the size of the first ClientHello, or what is in it, or was it chance?
  if (small !== 'same') return firstOf(['padded-hello', 'again'], answers);
  const legacy = answers.get('legacy-hello');
  if (legacy === undefined) return 'legacy-hello';
  if (legacy !== 'same') return firstOf(['again'], answers);
  // No ClientHello helps: does the server live at all, and does it mind the request before it?
  return firstOf(['plain-rdp', 'direct-tls'], answers);
}

/** What is asked, in the words of a report. */
function questionOf(asked: Asked, decisive: Handshake, settings: ProbeSettings): FollowUp {
  const ask = (reason: string, own: Partial<ProbeSettings> = {}, afterMs = 0): FollowUp => ({
    purpose: 'follow-up',
    reason,
    settings: { ...own, stageLimitsMs: limitsFor(decisive, settings) },
    afterMs,
  });
  const hello = (own: OwnHello): Partial<ProbeSettings> => ({
    tlsOffer: { kind: 'own-hello', hello: own },
  });
  switch (asked) {
    case 'again':
      return decisive.outcome.failedAt === 'tcp'
        ? ask('whether the port is still closed a moment later', {}, REFUSED_PAUSE_MS)
        : ask('whether the same ends in the same way once more');
    case 'small-hello':
      return ask('whether a small ClientHello of TLS 1.2 alone is answered', hello(smallHello()));
    case 'padded-hello': {
      const bytes = decisive.tls.clientHello?.bytes ?? 0;
      return ask(
        `whether the same ClientHello is answered when it is as large as the first (${bytes} bytes)`,
        hello(paddedHello(bytes)),
      );
    }
    case 'legacy-hello':
      return ask(
        'whether a ClientHello of TLS 1.0 with old suites is answered',
        hello(legacyHello()),
      );
    case 'short-answer-hello':
      return ask(
        'whether an answer that fits one small packet arrives (TLS 1.3 without a key share)',
        hello(shortAnswerHello()),
      );
    case 'direct-tls':
      return directTls(decisive, settings);
    case 'plain-rdp':
      return ask('whether the server goes on without TLS (standard RDP security)', {
        requestedProtocols: PROTOCOL_RDP,
        requestFlags: 0,
        correlationId: null,
      });
    case 'other-offer':
      return otherOffer(decisive, ask);
    case 'other-cookie':
      return otherCookie(decisive, ask);
    case 'other-hello':
      throw new TypeError('another ClientHello is never asked for');
  }
}

/** A service that is restarted is back by then, and a table of a firewall has forgotten. */
const REFUSED_PAUSE_MS = 1000;

/** xrdp and GNOME Remote Desktop wait for ever for the request: no longer than this. */
const DIRECT_TLS_LIMIT_MS = 3000;

function directTls(decisive: Handshake, settings: ProbeSettings): FollowUp {
  const limits = Object.entries(limitsFor(decisive, settings)).map(
    ([stage, ms]): [StageName, number] => [stage as StageName, Math.min(ms, DIRECT_TLS_LIMIT_MS)],
  );
  return {
    purpose: 'follow-up',
    reason: 'whether TLS is answered without the X.224 request before it',
    settings: {
      opening: 'tls',
      stageLimitsMs: Object.fromEntries(limits) as Record<StageName, number>,
    },
    afterMs: 0,
  };
}

type MakeFollowUp = (reason: string, own?: Partial<ProbeSettings>) => FollowUp;

function otherOffer(decisive: Handshake, ask: MakeFollowUp): FollowUp {
  const offered = decisive.x224.request?.requestedProtocols?.value ?? 0;
  const nla = { requestedProtocols: PROTOCOL_SSL | PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX };
  const tls = { requestedProtocols: PROTOCOL_SSL, requestFlags: 0 };
  switch (decisive.x224.response.failure?.code) {
    case HYBRID_REQUIRED_BY_SERVER:
    case SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER:
      return ask('whether an offer with NLA is accepted', nla);
    case SSL_REQUIRED_BY_SERVER:
    case SSL_NOT_ALLOWED_BY_SERVER:
      return ask('whether an offer of TLS without NLA is accepted', tls);
    default:
      return offered === PROTOCOL_SSL
        ? ask('whether an offer with NLA is accepted', nla)
        : ask('whether the server goes on with TLS without NLA', tls);
  }
}

/** Nobody's name: a balancer that sorts by cookie must only find one. */
const COOKIE = 'mstshash=user';

function otherCookie(decisive: Handshake, ask: MakeFollowUp): FollowUp {
  const { routingToken = null, cookie = null } = decisive.x224.request ?? {};
  if (routingToken !== null) {
    return ask('whether it is answered without the routing token', { routingToken: null });
  }
  return cookie === null
    ? ask('whether it is answered with a cookie, as mstsc sends one', { cookie: COOKIE })
    : ask('whether it is answered without the cookie', { cookie: null });
}

/** Silence is waited for so long at least and at most: the path has shown how fast it is. */
const LIMIT_MS = { least: 3000, most: 10_000 } as const;
const PATIENCE = 20;

function limitsFor(decisive: Handshake, settings: ProbeSettings): ProbeSettings['stageLimitsMs'] {
  const done = decisive.stages.filter(
    ({ stage, status }) => status === 'completed' && stage !== 'resolve',
  );
  const slowest = Math.max(0, ...done.map(({ durationMs }) => durationMs ?? 0));
  const limit = Math.round(Math.min(LIMIT_MS.most, Math.max(LIMIT_MS.least, PATIENCE * slowest)));
  const entries = Object.entries(settings.stageLimitsMs).map(([stage, ms]): [StageName, number] => [
    stage as StageName,
    Math.min(ms, limit),
  ]);
  return Object.fromEntries(entries) as Record<StageName, number>;
}
