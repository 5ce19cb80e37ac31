import type { OfferAnswer } from '../handshake/scan.js';
import type { Fact, HandshakeTrace, Message, Side } from '../handshake/trace.js';
import { PROTOCOL_RDP } from '../wire/negotiation.js';
import { flags } from '../wire/open-set.js';
import { isSomethingElse, unansweredBy } from './unanswered.js';

type MessageOf<T extends Message['type']> = Extract<Message, { type: T }>;

function messageOf<T extends Message['type']>(
  facts: readonly Fact[],
  by: Side,
  type: T,
): MessageOf<T> | null {
  for (const fact of facts) {
    if (fact.kind !== 'message' || fact.by !== by || fact.message.type !== type) continue;
    return fact.message as MessageOf<T>;
  }
  return null;
}

/**
 * What a server said to one offer. Pure.
 *
 * @param handshake its `id` in the report
 */
export function offerAnswer({ facts }: HandshakeTrace, handshake: number): OfferAnswer {
  const request = messageOf(facts, 'client', 'x224-request');
  const answer = answerOf(facts);
  return {
    offer: request?.requestedProtocols ?? null,
    flags: request?.flags ?? flags({}, 0),
    cookie: request?.cookie ?? null,
    routingToken: request?.routingToken ?? null,
    ...answer,
    // Inside TLS it says nothing of standard RDP security.
    mcs: isUnprotected(answer) ? mcsOf(facts) : 'not-tried',
    handshake,
  };
}

type Answer = Pick<
  OfferAnswer,
  'answer' | 'selectedProtocol' | 'failure' | 'responseFlags' | 'sourceReference'
>;

const NO_CONFIRM = {
  selectedProtocol: null,
  failure: null,
  responseFlags: null,
  sourceReference: null,
} as const;

function answerOf(facts: readonly Fact[]): Answer {
  const confirm = messageOf(facts, 'server', 'x224-confirm');
  if (confirm === null) return { ...NO_CONFIRM, answer: endOf(facts) };
  const { negotiation, sourceReference } = confirm;
  switch (negotiation.kind) {
    case 'response':
      return {
        ...NO_CONFIRM,
        answer: 'selected',
        selectedProtocol: negotiation.selectedProtocol,
        responseFlags: negotiation.flags,
        sourceReference,
      };
    case 'failure': {
      const { value, name } = negotiation.failureCode;
      return { ...NO_CONFIRM, answer: 'failure', failure: { code: value, name }, sourceReference };
    }
    case 'none':
      return negotiation.cotpParameters
        ? { ...NO_CONFIRM, answer: 'not-rdp' }
        : { ...NO_CONFIRM, answer: 'not-negotiated', sourceReference };
  }
}

/** Whether an answer puts standard RDP security in force. */
export function isUnprotected({
  answer,
  selectedProtocol,
}: Pick<OfferAnswer, 'answer' | 'selectedProtocol'>): boolean {
  return answer === 'not-negotiated' || selectedProtocol?.value === PROTOCOL_RDP;
}

/** Whether the server selected a protocol inside TLS: every one but standard RDP security is. */
export function isInTls({ selectedProtocol }: OfferAnswer): boolean {
  return selectedProtocol !== null && selectedProtocol.value !== PROTOCOL_RDP;
}

/** xrdp answers an offer that it thinks malformed with an MCS disconnect. */
export const REFUSALS: readonly Message['type'][] = [
  'x224-disconnect',
  'x224-error',
  'mcs-disconnect',
];

/** What came instead of a confirm: the first thing that the server did. */
function endOf(facts: readonly Fact[]): OfferAnswer['answer'] {
  for (const fact of facts) {
    const unanswered = unansweredBy(fact);
    if (unanswered !== null) return unanswered;
    if (!('by' in fact) || fact.by !== 'server') continue;
    if (fact.kind === 'message') {
      return REFUSALS.includes(fact.message.type) ? 'refused' : 'malformed';
    }
    if (fact.kind === 'foreign') return 'not-rdp';
    if (isSomethingElse(fact)) return 'malformed';
  }
  return 'silence';
}

/** Result of an MCS Connect Response, [T125] section 7: rt-successful. */
const RT_SUCCESSFUL = 0;

function mcsOf(facts: readonly Fact[]): OfferAnswer['mcs'] {
  if (messageOf(facts, 'client', 'mcs-connect-initial') === null) {
    const [end] = facts.filter(({ kind }) => kind === 'tcp-end');
    return end?.kind === 'tcp-end' && end.by === 'server' ? 'ended' : 'not-tried';
  }
  const response = messageOf(facts, 'server', 'mcs-connect-response');
  if (response !== null) return response.result.value === RT_SUCCESSFUL ? 'answered' : 'ended';
  return facts.some(({ kind }) => kind === 'silence') ? 'silence' : 'ended';
}

/** Whether two answers are the same as far as the choice of the server goes. */
export function sameAnswer(one: OfferAnswer, other: OfferAnswer): boolean {
  return (
    one.answer === other.answer &&
    one.selectedProtocol?.value === other.selectedProtocol?.value &&
    one.failure?.code === other.failure?.code
  );
}

/** Whether the server said anything of RDP to it. */
export function isAnswered({ answer }: OfferAnswer): boolean {
  return answer === 'selected' || answer === 'failure' || answer === 'not-negotiated';
}

/** Whether it is asked with nothing beside the offer itself. */
export function isPlain({ cookie, routingToken, flags: { value } }: OfferAnswer): boolean {
  return cookie === null && routingToken === null && value === 0;
}

/** A word for an answer: the name of a protocol or failure code, or what happened instead. */
export function describeAnswer(answer: OfferAnswer): string {
  const { selectedProtocol, failure } = answer;
  switch (answer.answer) {
    case 'selected':
      return selectedProtocol?.name ?? `protocol ${selectedProtocol?.value}`;
    case 'failure':
      return failure?.name ?? `failure code ${failure?.code}`;
    case 'not-negotiated':
      return 'a confirm without negotiation';
    case 'refused':
      return 'a disconnect';
    case 'closed':
      return 'a close';
    case 'reset':
      return 'a reset';
    case 'silence':
      return 'silence';
    case 'not-rdp':
      return 'another protocol';
    case 'malformed':
      return 'bytes that are not RDP';
    case 'no-connection':
      return 'no connection';
  }
}

/** The offer as people write it: `0x0B`, `no negotiation`. */
export function describeOffer({ offer }: Pick<OfferAnswer, 'offer'>): string {
  if (offer === null) return 'no negotiation';
  return offer.value < 10
    ? `${offer.value}`
    : `0x${offer.value.toString(16).toUpperCase().padStart(2, '0')}`;
}
