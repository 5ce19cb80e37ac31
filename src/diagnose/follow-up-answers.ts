import { type Asked, askedOf, type Fared, faredOf } from '../handshake/follow-up.js';
import type { Handshake } from '../handshake/handshake.js';
import {
  HYBRID_REQUIRED_BY_SERVER,
  PROTOCOL_RDP,
  SSL_REQUIRED_BY_SERVER,
} from '../wire/negotiation.js';
import { listed } from './figures.js';
import type { Evidence } from './finding.js';
import { howItEnded, reached } from './verdict.js';

/** A question that was asked after a failure, and what came of it. */
export interface Answer {
  /** its place among the questions, from 1 */
  readonly number: number;
  readonly asked: Asked;
  readonly fared: Fared;
  readonly handshake: Handshake;
}

export function answersTo(decisive: Handshake, followUps: readonly Handshake[]): readonly Answer[] {
  return followUps.map((handshake, index) => ({
    number: index + 1,
    asked: askedOf(handshake, decisive),
    fared: faredOf(handshake, decisive),
    handshake,
  }));
}

/** What was asked, as a phrase: `a ClientHello of TLS 1.2 alone (147 bytes)`. */
export function questionAs({ asked, handshake }: Answer): string {
  const bytes = handshake.tls.clientHello?.bytes ?? null;
  const size = bytes === null ? '' : ` (${bytes} bytes)`;
  const { request } = handshake.x224;
  switch (asked) {
    case 'again':
      return 'the same once more';
    case 'small-hello':
      return `a ClientHello of TLS 1.2 alone${size}`;
    case 'padded-hello':
      return `the same ClientHello, padded${size}`;
    case 'legacy-hello':
      return `a ClientHello of TLS 1.0${size}`;
    case 'short-answer-hello':
      return 'a ClientHello whose answer fits one small packet';
    case 'direct-tls':
      return 'TLS at once, without the request';
    case 'plain-rdp':
      return 'an offer without TLS';
    case 'other-offer':
      return `an offer of ${listed(request?.requestedProtocols?.names ?? [])}`;
    case 'other-cookie':
      return request?.cookie === null && request.routingToken === null
        ? 'a request without cookie and routing token'
        : `a request with the cookie ${request?.cookie ?? ''}`;
    case 'other-hello':
      return `another ClientHello${size}`;
  }
}

/** What came of it, as a clause. */
export function answerAs({ handshake, asked }: Answer): string {
  const { outcome, tls, x224 } = handshake;
  if (outcome.status !== 'ok') return howItEnded(handshake);
  const isOwn = tls.version !== null && outcome.reached === 'x224';
  if (isOwn || asked === 'direct-tls') {
    return `the server answered it with ${listed([tls.version, tls.cipher].filter((part) => part !== null))}`;
  }
  const selected = x224.response.selectedProtocol?.name ?? null;
  const how =
    asked === 'other-offer' && selected !== null ? `the server selected ${selected}, and ` : '';
  return `${how}it got up to ${reached(handshake)}`;
}

/** An answer as evidence: it points at the handshake that showed it. */
export function evidenceOf(answer: Answer): Evidence {
  const { handshake } = answer;
  const end = handshake.stages.findLast(({ endMs }) => endMs !== null);
  return {
    says: `question ${answer.number}: ${questionAs(answer)}: ${answerAs(answer)}`,
    handshake: handshake.id,
    atMs: end?.endMs ?? null,
    packets: [],
  };
}

/** The same went further on a second try: what a lasting state would explain is chance. */
export function isChance(answers: readonly Answer[]): boolean {
  return answers.some(({ asked, fared }) => asked === 'again' && fared === 'through');
}

/** The server took part in the negotiation: it selected standard RDP security, or wants more. */
export function answeredNegotiation({ handshake }: Answer): boolean {
  const { selectedProtocol, failure, kind } = handshake.x224.response;
  if (kind === 'none-negotiated' || selectedProtocol?.value === PROTOCOL_RDP) return true;
  return failure?.code === HYBRID_REQUIRED_BY_SERVER || failure?.code === SSL_REQUIRED_BY_SERVER;
}

/** After silence: an answer that needs one small packet, a consent or an alert, did arrive. */
export function shortAnswer(decisive: Handshake, answers: readonly Answer[]): Answer | null {
  const short = answers.find(
    ({ asked, fared }) => asked === 'short-answer-hello' && fared === 'through',
  );
  if (short !== undefined || decisive.outcome.how !== 'timeout') return short ?? null;
  const small = answers.some(({ asked, fared }) => asked === 'small-hello' && fared === 'same');
  const alerted = answers.find(
    ({ asked, handshake }) => asked.endsWith('-hello') && handshake.outcome.how === 'alert',
  );
  return small ? (alerted ?? null) : null;
}

/**
 * ClientHellos of other kinds that all died as the first one did, without a word of TLS. An alert is
 * such a word: it is the server's own on what was offered.
 *
 * @returns empty: not all of them did, or too few were tried
 */
export function deadHellos(decisive: Handshake, answers: readonly Answer[]): readonly Answer[] {
  const tried = answers.filter(({ asked }) => asked.endsWith('-hello'));
  const small = tried.some(({ asked }) => asked === 'small-hello');
  const all = tried.every(({ fared }) => fared === 'same');
  return small && all && decisive.outcome.how !== 'alert' ? tried : [];
}
