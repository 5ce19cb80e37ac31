import { hiddenShape } from './hidden-shape.js';
import { renderMs } from './milliseconds.js';
import type { Course, Ending } from './stages.js';
import type { Fact, HandshakeTrace, Message, MessageFact, StageName } from './trace.js';

/** What happened, in one sentence with the figures of this case. */
export function describeOutcome(trace: HandshakeTrace, course: Course): string {
  const { ending, failedAt } = course;
  if (ending !== null && failedAt !== null) return describeEnding(trace, ending, failedAt);
  const completed = course.stages.filter(({ status }) => status === 'completed').at(-1);
  const unfinished = course.stages.find(({ status }) => status === 'unfinished');
  if (unfinished !== undefined) {
    if (trace.facts.some(({ kind }) => kind === 'interrupted')) {
      return `the probe was interrupted while ${unfinished.stage} was under way`;
    }
    return `the observation ended while ${unfinished.stage} was under way`;
  }
  if (trace.facts.some(({ kind }) => kind === 'joined')) {
    return 'the connection was already running when the capture began: its handshake is not in it';
  }
  if (course.endIsLost) {
    return 'bytes of the server are missing from the capture: how it ended, and why, is not known';
  }
  // One that left once TLS stood is told so by its label alone.
  if (completed?.stage !== 'tls' && trace.facts.some(({ kind }) => kind === 'answered')) {
    return trace.facts.some(isClientHello)
      ? 'the server answered the ClientHello; no more was asked'
      : 'the server answered without TLS; no more was asked';
  }
  switch (completed?.stage) {
    case 'mcs':
      return 'the server answered the MCS connect request: the handshake is through';
    case 'credssp':
      return describeCredSsp(trace.facts);
    case 'tls':
      if (course.stages.some(({ status }) => status === 'hidden')) {
        const shape = hiddenShape(trace.facts);
        return `TLS was established; what went on inside it is hidden without its keys${shape}`;
      }
      return 'TLS was established; the selected protocol is not spoken beyond it';
    case 'resolve':
    case 'tcp':
    case 'x224':
      return `${completed.stage} was completed`;
    case undefined:
      return 'nothing was observed';
  }
}

/** What a proxy said instead of opening the way; null: none did. */
function proxyRefusal(facts: readonly Fact[]): string | null {
  const tunnel = facts.findLast((fact) => fact.kind === 'tunnel');
  if (tunnel?.refusal === undefined) return null;
  const { protocol, proxy, target, refusal } = tunnel;
  return `the ${protocol} proxy ${proxy ?? ''} opened no way to ${target}: ${refusal.says}`;
}

function isClientHello(fact: Fact): boolean {
  return fact.kind === 'message' && fact.message.type === 'tls-client-hello';
}

function describeCredSsp(facts: readonly Fact[]): string {
  const verdict = facts.find((fact) => fact.kind === 'nla-verdict');
  switch (verdict?.outcome) {
    case 'accepted':
      return `${verdict.says}; no credentials were delegated`;
    case 'unsupported':
      return `the server answered CredSSP with its NTLM challenge; no logon was tried: ${verdict.says}`;
    default:
      return 'the server answered CredSSP with its NTLM challenge';
  }
}

function describeEnding(trace: HandshakeTrace, ending: Ending, failedAt: StageName): string {
  const { fact } = ending;
  const after = lastSent(trace.facts, fact);
  switch (fact.kind) {
    case 'lookup':
      return `the name ${fact.name} does not resolve (${fact.error?.code ?? 'no answer'})`;
    case 'tcp-failed':
      return proxyRefusal(trace.facts) ?? describeTcpFailure(fact.how, fact.code);
    case 'tcp-end': {
      const what = fact.how === 'reset' ? 'reset' : 'closed';
      return `the ${fact.by} ${what} the connection ${after}`;
    }
    case 'malformed':
      return `the ${fact.by} sent bytes that cannot be ${failedAt}: ${fact.problem}`;
    case 'foreign':
      return `the ${fact.by} speaks ${fact.protocol ?? 'a protocol that was not recognised'}, not RDP`;
    case 'flood':
      return `the ${fact.by} sent ${fact.bytes} bytes, more than any handshake has`;
    case 'silence':
      return fact.partialBytes > 0
        ? `the ${fact.waitingFor} stopped in the middle of a message: ${fact.partialBytes} bytes, then nothing for ${fact.waitedMs / 1000} s`
        : `nothing came from the ${fact.waitingFor} for ${fact.waitedMs / 1000} s ${after}`;
    case 'endpoint-error':
      return `the client's own TLS library gave up: ${fact.says}`;
    case 'nla-verdict':
      return fact.says;
    case 'message':
      return describeMessage(fact, after);
    case 'tcp-connect':
    case 'tcp-accepted':
    case 'gap':
    case 'tls-record':
    case 'tls-secured':
    case 'unexpected':
    case 'kernel':
    case 'tcp-figures':
    case 'icmp':
    case 'hop-limits':
    case 'joined':
    case 'tunnel':
    case 'interrupted':
    case 'answered':
      return `the connection ended in ${failedAt}`;
  }
}

function describeTcpFailure(how: string, code: string | null): string {
  const named = code === null ? '' : ` (${code})`;
  switch (how) {
    case 'refused':
      return `the TCP connection was refused${named}`;
    case 'timeout':
      return `no answer to the TCP SYN${named}`;
    default:
      return `the server cannot be reached${named}`;
  }
}

function describeMessage(fact: MessageFact, after: string): string {
  const { message, by } = fact;
  switch (message.type) {
    case 'x224-confirm':
      return message.negotiation.kind === 'failure'
        ? `the ${by} refused the negotiation with ${nameOf(message.negotiation.failureCode)}`
        : `the ${by} confirmed a connection of another protocol over TPKT, not of RDP`;
    case 'x224-disconnect':
      return `the ${by} answered with an X.224 disconnect, reason ${nameOf(message.reason)}`;
    case 'x224-error':
      return `the ${by} answered with an X.224 error, cause ${nameOf(message.cause)}`;
    case 'mcs-disconnect':
      return `the ${by} ended with an MCS disconnect ultimatum, reason ${nameOf(message.reason)}, ${after}`;
    case 'tls-alert':
      return `the ${by} sent the TLS alert ${
        message.description === null ? '(encrypted)' : nameOf(message.description)
      } ${after}`;
    case 'ts-request':
      return `the ${by} refused in CredSSP with ${
        message.errorCode === null ? 'no code' : nameOfHex(message.errorCode)
      }`;
    case 'early-user-authorization':
      return `the ${by} refused the user with ${nameOfHex(message.result)}`;
    default:
      return `the connection ended with ${message.type}`;
  }
}

function nameOf({ value, name }: { value: number; name: string | null }): string {
  return name === null ? `code ${value}` : `${name} (${value})`;
}

function nameOfHex({ value, name }: { value: number; name: string | null }): string {
  const hex = `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;
  return name === null ? hex : `${name} (${hex})`;
}

/** How people call the messages that something can come after. */
const MESSAGE_NAMES: Partial<Record<Message['type'], string>> = {
  'x224-request': 'the connection request',
  'x224-confirm': 'the connection confirm',
  'tls-client-hello': 'the ClientHello',
  'tls-server-hello': 'the ServerHello',
  'tls-certificate': 'the certificate',
  'tls-handshake': 'its TLS handshake messages',
  'tls-change-cipher-spec': 'the ChangeCipherSpec',
  'tls-finished': 'the Finished message',
  'ts-request': 'the TSRequest',
  'mcs-connect-initial': 'the MCS connect request',
};

/** `0.4 ms after the ClientHello`: the last message that the client sent before a fact. */
function lastSent(facts: readonly Fact[], end: Fact): string {
  let last: Fact | null = null;
  for (const fact of facts) {
    if (fact === end) break;
    const sent =
      fact.kind === 'message' && fact.by === 'client' && MESSAGE_NAMES[fact.message.type];
    if (sent || fact.kind === 'tcp-accepted') last = fact;
  }
  if (last === null) return 'before anything else was seen';
  const name =
    last.kind === 'message' ? (MESSAGE_NAMES[last.message.type] ?? 'a message') : 'it was accepted';
  const after = `after ${name}`;
  if (end.kind === 'silence' || last.at === null || end.at === null) return after;
  return `${renderMs((end.at - last.at) / 1000)} ${after}`;
}
