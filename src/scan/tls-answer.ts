import type { TlsAnswer, TlsHelloAnswer } from '../handshake/scan-tls.js';
import { selectedProtocol } from '../handshake/stages.js';
import type {
  Fact,
  HandshakeTrace,
  Message,
  MessageFact,
  TlsCertificateMessage,
  TlsServerHelloMessage,
} from '../handshake/trace.js';
import type { Named } from '../wire/open-set.js';

const CLOSE_NOTIFY = 0;

/** What the server made of our ClientHello. */
export function readTlsAnswer(trace: HandshakeTrace): TlsAnswer {
  const { facts } = trace;
  const asked = facts.findIndex((fact) => isMessage(fact, 'client', 'tls-client-hello'));
  if (asked < 0) return { kind: 'no-tls', why: whyNoTls(facts) };
  const after = facts.slice(asked + 1);
  const hello = after.find((fact) => isMessage(fact, 'server', 'tls-server-hello'));
  const message = hello?.message;
  if (message?.type === 'tls-server-hello') return helloAnswer(message, after);
  return endAnswer(after);
}

/** Bytes of the record with our ClientHello; null: none was sent. */
export function helloBytes(trace: HandshakeTrace): number | null {
  return trace.facts.find((fact) => isMessage(fact, 'client', 'tls-client-hello'))?.bytes ?? null;
}

function isMessage(fact: Fact, by: MessageFact['by'], type: Message['type']): fact is MessageFact {
  return fact.kind === 'message' && fact.by === by && fact.message.type === type;
}

function helloAnswer(hello: TlsServerHelloMessage, after: readonly Fact[]): TlsHelloAnswer {
  const exchange = messageOf(
    after,
    'tls-handshake',
    (message) => message.name === 'server-key-exchange',
  );
  const certificate = messageOf(after, 'tls-certificate', () => true);
  return {
    kind: 'hello',
    version: hello.version,
    suite: hello.cipherSuite,
    group: hello.group ?? exchange?.group ?? null,
    retry: hello.helloRetryRequest,
    primeBits: exchange?.keyExchange?.primeBits ?? null,
    signature: exchange?.keyExchange?.signature ?? null,
    extensions: hello.extensions,
    compression: hello.compression ?? 0,
    certificateKey: keyOf(certificate),
    complete: after.some(({ kind }) => kind === 'answered'),
  };
}

/** The first message of the server of a type that fits. */
function messageOf<T extends Message['type']>(
  facts: readonly Fact[],
  type: T,
  fits: (message: Extract<Message, { type: T }>) => boolean,
): Extract<Message, { type: T }> | null {
  for (const fact of facts) {
    if (!isMessage(fact, 'server', type)) continue;
    const message = fact.message as Extract<Message, { type: T }>;
    if (fits(message)) return message;
  }
  return null;
}

function keyOf(message: TlsCertificateMessage | null): TlsHelloAnswer['certificateKey'] {
  const own = message?.certificates[0];
  if (own === undefined || !own.readable) return null;
  return { type: own.keyType, bits: own.keyBits };
}

/** There was no ServerHello: what came in its place. */
function endAnswer(after: readonly Fact[]): TlsAnswer {
  const alert = after.find(
    (fact) =>
      isMessage(fact, 'server', 'tls-alert') &&
      fact.message.type === 'tls-alert' &&
      fact.message.description?.value !== CLOSE_NOTIFY,
  );
  if (alert?.kind === 'message' && alert.message.type === 'tls-alert') {
    const { description } = alert.message;
    if (description !== null) return { kind: 'alert', description };
  }
  for (const fact of after) {
    switch (fact.kind) {
      case 'tcp-end':
        if (fact.by === 'server') return { kind: fact.how === 'reset' ? 'reset' : 'closed' };
        // We left first: what was seen before is all there is.
        return { kind: 'malformed', problem: 'what the server sent is no answer to a ClientHello' };
      case 'silence':
        return { kind: 'silence', waitedMs: fact.waitedMs };
      case 'malformed':
        return { kind: 'malformed', problem: fact.problem };
      case 'foreign':
        return { kind: 'malformed', problem: `it speaks ${fact.protocol ?? 'another protocol'}` };
      case 'flood':
        return { kind: 'malformed', problem: `it sent ${fact.bytes} bytes` };
      case 'endpoint-error':
        return { kind: 'no-tls', why: `the connection broke: ${fact.says}` };
      case 'interrupted':
        return { kind: 'no-tls', why: 'interrupted' };
      default:
        break;
    }
  }
  return { kind: 'no-tls', why: 'the observation ended before there was an answer' };
}

function whyNoTls(facts: readonly Fact[]): string {
  if (selectedProtocol(facts) === 0) {
    return 'the server selected standard RDP security, which has no TLS';
  }
  for (const fact of facts) {
    switch (fact.kind) {
      case 'lookup':
        if (fact.error !== null) return `the name does not resolve (${fact.error.code})`;
        break;
      case 'tcp-failed':
        return `there was no TCP connection (${fact.code ?? fact.how})`;
      case 'message':
        if (fact.message.type === 'x224-confirm' && fact.message.negotiation.kind === 'failure') {
          return `the server refused the negotiation with ${nameOf(fact.message.negotiation.failureCode)}`;
        }
        break;
      case 'foreign':
        return `the server speaks ${fact.protocol ?? 'another protocol'}, not RDP`;
      case 'tcp-end':
        return `the ${fact.by} ${fact.how === 'reset' ? 'reset' : 'closed'} the connection before TLS`;
      case 'silence':
        return `nothing came from the server for ${fact.waitedMs / 1000} s before TLS`;
      case 'malformed':
        return `the server's answer before TLS cannot be read: ${fact.problem}`;
      case 'interrupted':
        return 'interrupted';
      default:
        break;
    }
  }
  return 'it did not come to TLS';
}

function nameOf({ value, name }: Named): string {
  return name ?? `code ${value}`;
}
