import { type Asked, askedOf, type Fared, faredOf } from '../handshake/follow-up.js';
import type { Handshake } from '../handshake/handshake.js';
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
