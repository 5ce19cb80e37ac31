import type { Phase } from '../handshake/phase.js';
import type { Fact, Message, Side } from '../handshake/trace.js';
import { Tracker } from '../handshake/tracker.js';
import { ContentType } from '../wire/tls-names.js';
import type { RecordedConversation, RecordedEvent } from './recorded-conversation.js';

const TLS_1_3 = 0x0304;

/** In TLS 1.3 a server's first two records after the handshake are, as a rule, session tickets. */
const SESSION_TICKETS = 2;

/** An event of the recording with what it told. */
export interface SurveyedEvent {
  readonly event: RecordedEvent;
  readonly facts: readonly Fact[];
  /** how far the connection was before it */
  readonly before: Phase;
}

/** What a recording shows of TLS. */
export interface TlsSurvey {
  readonly helloSeen: boolean;
  /** of the ServerHello */
  readonly version: string | null;
  readonly cipher: string | null;
  readonly group: string | null;
  readonly established: boolean;
  /** up to TLS 1.2: ServerHelloDone was seen, so that it was the client's turn */
  readonly flightComplete: boolean;
  /** the server asked for a certificate of the client, as far as that can be read */
  readonly asksForCertificate: boolean;
  /** bytes that the server sent from its first TLS record on, until the first end of a side */
  readonly serverBytes: number;
  /** who ended it, with an alert or by ending its direction; null: nobody did, or the client gave up */
  readonly endedBy: Side | null;
}

/** What can be told of the inside of TLS without keys, from the records after its handshake. */
export interface HiddenExchange {
  /** times the client spoke, the server in between */
  readonly clientTurns: number;
  /** the server said more than what OpenSSL sends by itself */
  readonly serverSpoke: boolean;
  readonly serverClosedTls: boolean;
}

export function surveyEvents({ events }: RecordedConversation): readonly SurveyedEvent[] {
  let facts: Fact[] = [];
  const tracker = new Tracker((fact) => facts.push(fact));
  tracker.fact({ kind: 'tcp-connect', at: null });
  tracker.fact({ kind: 'tcp-accepted', at: null });
  const surveyed: SurveyedEvent[] = [];
  events.forEach((event, index) => {
    facts = [];
    const before = tracker.phase;
    tell(tracker, event);
    if (index === events.length - 1) tracker.finish();
    surveyed.push({ event, facts, before });
  });
  return surveyed;
}

function tell(tracker: Tracker, event: RecordedEvent): void {
  const { by, at } = event;
  switch (event.kind) {
    case 'bytes':
      tracker.bytes(by, at, event.bytes);
      break;
    case 'plaintext':
      tracker.plaintext(by, at, event.bytes);
      break;
    case 'alert':
      tracker.alert(by, at, event.level, event.description);
      break;
    case 'gap':
      tracker.gap(by, at, event.length);
      break;
    case 'end':
      tracker.end(by, at, event.how);
      break;
  }
}

/** @param from the event that completed the ClientHello */
export function surveyTls(events: readonly SurveyedEvent[], from: number): TlsSurvey {
  const rest = events.slice(from);
  const messages = rest.flatMap(({ facts }) => facts.flatMap(messageOf));
  const hello = messages.find(({ message }) => message.type === 'tls-server-hello')?.message;
  const serverHello = hello?.type === 'tls-server-hello' ? hello : null;
  const finished = (side: Side): boolean =>
    messages.some(({ by, message }) => by === side && message.type === 'tls-finished');
  const firstEnd = rest.findIndex(({ event }) => event.kind === 'end');
  const beforeEnd = firstEnd < 0 ? rest : rest.slice(0, firstEnd);
  const alert = messages.find(({ message }) => message.type === 'tls-alert');
  return {
    helloSeen: serverHello !== null,
    version: serverHello?.version.name ?? null,
    cipher: serverHello?.cipherSuite.name ?? null,
    group: serverHello?.group?.name ?? keyExchangeGroup(messages),
    established:
      rest.some(({ event }) => event.kind === 'plaintext') ||
      (serverHello?.version.value === TLS_1_3
        ? finished('client')
        : finished('client') && finished('server')),
    flightComplete: messages.some(
      ({ message }) => message.type === 'tls-handshake' && message.name === 'server-hello-done',
    ),
    asksForCertificate: messages.some(
      ({ message }) => message.type === 'tls-handshake' && message.name === 'certificate-request',
    ),
    serverBytes: beforeEnd.reduce((sum, { event }) => sum + serverBytesOf(event), 0),
    endedBy: alert?.by ?? whoEnded(rest, firstEnd),
  };
}

/** A client that has waited for so long gave up, microseconds: nobody ended what never came. */
const GAVE_UP_US = 2_500_000;

function whoEnded(events: readonly SurveyedEvent[], firstEnd: number): Side | null {
  const end = events[firstEnd]?.event;
  const before = events[firstEnd - 1]?.event.at ?? null;
  const waited = end === undefined || end.at === null || before === null ? 0 : end.at - before;
  return end?.by === 'client' && waited >= GAVE_UP_US ? null : (end?.by ?? null);
}

export function surveyHidden(
  events: readonly SurveyedEvent[],
  version: string | null,
): HiddenExchange {
  let clientTurns = 0;
  let serverRecords = 0;
  let last: Side = 'server';
  let serverClosedTls = false;
  const facts = events.flatMap((each) => each.facts);
  // In TLS 1.3 most of the server's own handshake is in such records too.
  const done = facts.findIndex(
    (fact) =>
      fact.kind === 'message' && fact.by === 'client' && fact.message.type === 'tls-finished',
  );
  for (const fact of facts.slice(done + 1)) {
    if (fact.kind === 'tls-record' && fact.contentType.value === ContentType.application_data) {
      if (fact.by === 'server') serverRecords++;
      else if (last === 'server') clientTurns++;
      last = fact.by;
    } else if (fact.kind === 'message' && fact.message.type === 'tls-alert') {
      if (fact.by === 'server') serverClosedTls = true;
    }
  }
  const ownRecords = version === 'TLSv1.3' ? SESSION_TICKETS : 0;
  return {
    clientTurns,
    serverSpoke: clientTurns > 1 || serverRecords > ownRecords,
    serverClosedTls,
  };
}

export function messageOf(fact: Fact): readonly { by: Side; message: Message }[] {
  return fact.kind === 'message' ? [{ by: fact.by, message: fact.message }] : [];
}

function keyExchangeGroup(messages: readonly { message: Message }[]): string | null {
  for (const { message } of messages) {
    if (message.type === 'tls-handshake' && message.group !== null) return message.group.name;
  }
  return null;
}

function serverBytesOf(event: RecordedEvent): number {
  return event.kind === 'bytes' && event.by === 'server' ? event.bytes.length : 0;
}
