import { type Phase, usesCredSsp, usesTls } from '../handshake/phase.js';
import type { Fact, Message, Side } from '../handshake/trace.js';
import { toHex } from '../wire/hex.js';
import { differenceOfCopy } from './certificate-copy.js';
import { COMPUTER } from './computer.js';
import { opensslCipher, opensslGroups } from './openssl-name.js';
import { MCS_RESPONSE_RC4, MCS_RESPONSE_TLS } from './recorded-bytes.js';
import type { RecordedConversation, RecordedEvent } from './recorded-conversation.js';
import {
  type SurveyedEvent,
  surveyEvents,
  surveyHidden,
  surveyTls,
  type TlsSurvey,
} from './replay-survey.js';
import type { Scenario, StartTlsStep, Step, TlsVersionName } from './scenario.js';
import {
  challenge,
  EXPECT_CLIENT_HELLO,
  EXPECT_CONNECT_INITIAL,
  EXPECT_REQUEST,
  EXPECT_TS_REQUEST,
  RESET,
  STALL,
  send,
  startTls,
} from './scenario-parts.js';
import { describeSent } from './sent-message.js';

/** How fast a replay answers: as the server did, or at once. */
export type ReplaySpeed = 'recorded' | 'full';

export interface Replay {
  readonly scenario: Scenario;
  /** what the server says and does as it was recorded, in order */
  readonly replayed: readonly string[];
  /** what cannot be as it was recorded, and what stands in its place */
  readonly recreated: readonly string[];
}

const EXPECT_ANY: Step = { do: 'expect', what: 'any' };

/** Bytes of a server's flight that end before the stand-in's certificate is whole. */
const IN_ANY_CERTIFICATE = 600;

const PROTOCOL_RDP = 0;
const PROTOCOL_SSL = 1;

/** Versions that the TLS library can be a server of, by the names of traces. */
const TLS_VERSIONS: Readonly<Record<string, TlsVersionName>> = {
  'TLSv1.0': 'TLSv1',
  'TLSv1.1': 'TLSv1.1',
  'TLSv1.2': 'TLSv1.2',
  'TLSv1.3': 'TLSv1.3',
};

/** The suites of TLS 1.3, which the library wants to be named one by one. */
const SUITES_1_3 = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
];

/** Those of the older versions, weak ones included, also with keys that are too short today. */
const ALL_CIPHERS = ['ALL', '@SECLEVEL=0'];

/**
 * The scenario that is the server of a recorded connection.
 *
 * What was in clear goes out byte for byte, after the same messages of the client. TLS has other keys
 * each time, so it is done anew with the recorded parameters; inside it goes out what was decrypted,
 * or a stand-in. Where the recorded client left and the server had answered it, the server goes on
 * as a sound one would.
 */
export function replayOf(conversation: RecordedConversation, speed: ReplaySpeed): Replay {
  return new Script(conversation, speed).write();
}

class Script {
  readonly #conversation: RecordedConversation;
  readonly #speed: ReplaySpeed;
  readonly #events: readonly SurveyedEvent[];
  readonly #steps: Step[] = [];
  readonly #replayed: string[] = [];
  readonly #recreated: string[] = [];
  #lastAt: number | null = null;
  /** TLS is done anew: bytes on the wire say no more than their times */
  #insideTls = false;
  /** the client waits for an answer */
  #unanswered = false;
  #closesTls = false;
  #over = false;

  constructor(conversation: RecordedConversation, speed: ReplaySpeed) {
    this.#conversation = conversation;
    this.#speed = speed;
    this.#events = surveyEvents(conversation);
  }

  write(): Replay {
    this.#events.forEach((surveyed, index) => {
      if (this.#over) return;
      this.#take(surveyed, index);
      this.#lastAt = surveyed.event.at ?? this.#lastAt;
    });
    const last = this.#events.at(-1);
    if (!this.#over && last !== undefined) this.#clientLeft(last.before);
    return {
      scenario: {
        name: 'replay',
        title: 'the server of a recorded connection',
        listed: false,
        steps: this.#steps,
      },
      replayed: this.#replayed,
      recreated: [...new Set(this.#recreated)],
    };
  }

  #take({ event, facts, before }: SurveyedEvent, index: number): void {
    switch (event.kind) {
      case 'bytes':
        if (this.#insideTls) return;
        if (event.by === 'client') this.#expect(facts, index);
        else this.#send(event, event.bytes, facts);
        return;
      case 'plaintext':
        if (event.by === 'client') this.#expect(facts, index);
        else this.#send(event, event.bytes, facts);
        return;
      case 'alert':
        if (event.by === 'server') this.#alert(event.description);
        return;
      case 'gap':
        this.#gap(event.by, event.length);
        return;
      case 'end':
        if (event.by === 'client') this.#clientLeft(before);
        else this.#end(event, event.how);
        return;
    }
  }

  /** What the client says must have come before the server goes on. */
  #expect(facts: readonly Fact[], index: number): void {
    for (const fact of facts) {
      if (!('by' in fact) || fact.by !== 'client' || this.#over) continue;
      if (fact.kind === 'message' && fact.message.type === 'tls-client-hello') {
        this.#tls(index);
        return;
      }
      const step = expectationOf(fact);
      if (step !== null) this.#await(step);
    }
  }

  #await(step: Step): void {
    this.#steps.push(step);
    this.#unanswered = true;
  }

  /** As long as the server took after whatever came before. */
  #pause(at: number | null): void {
    if (this.#speed === 'full' || at === null || this.#lastAt === null) return;
    const ms = Math.round((at - this.#lastAt) / 1000);
    if (ms > 0) this.#steps.push({ do: 'wait', ms });
  }

  #send(event: RecordedEvent, bytes: Uint8Array, facts: readonly Fact[]): void {
    this.#pause(event.at);
    this.#steps.push(send(toHex(bytes)));
    this.#unanswered = false;
    const said = describeSent(facts);
    this.#replayed.push(...said.messages);
    // What follows are channels and a session, which no recording can be for another client.
    if (said.endsHandshake) this.#over = true;
  }

  #end({ at }: RecordedEvent, how: 'fin' | 'reset'): void {
    this.#pause(at);
    this.#replayed.push(
      how === 'fin' ? 'the end of the connection' : 'the reset of the connection',
    );
    this.#steps.push(how === 'fin' ? this.#close() : RESET);
    this.#over = true;
  }

  #close(): Step {
    return { do: 'close', closeNotify: this.#closesTls };
  }

  #alert(description: number): void {
    const closeNotify = 0;
    if (description === closeNotify) {
      this.#closesTls = true;
      return;
    }
    this.#recreated.push(
      `the encrypted TLS alert ${description}: the connection is closed in its place`,
    );
    this.#steps.push(this.#close());
    this.#over = true;
  }

  #gap(by: Side, length: number): void {
    if (by === 'client') {
      this.#await(EXPECT_ANY);
      return;
    }
    this.#recreated.push(
      `${length} bytes of the server, which the recording lacks: it falls silent`,
    );
    this.#over = true;
  }

  /** The client ended the connection, or the recording did. */
  #clientLeft(before: Phase): void {
    this.#over = true;
    if (this.#closesTls) {
      this.#steps.push(this.#close());
    } else if (this.#unanswered) {
      this.#replayed.push('silence');
      this.#steps.push(STALL);
    } else if (before.name === 'negotiated' || before.name === 'secured') {
      this.#goOn(before.protocol?.value ?? null, before.name === 'secured');
    }
  }

  /** What nobody knows of the recorded server: it goes on as a sound one. */
  #goOn(protocol: number | null, secured: boolean): void {
    if (protocol === null) return;
    this.#recreated.push('what follows where the recorded client left: as of a sound server');
    if (usesTls(protocol) && !secured) this.#steps.push(startTls());
    this.#answer(protocol);
  }

  /** The first exchange behind the negotiation and TLS, made up. */
  #answer(protocol: number): void {
    if (usesCredSsp(protocol)) {
      this.#steps.push(EXPECT_TS_REQUEST);
      this.#challenge();
    } else if (protocol === PROTOCOL_SSL || protocol === PROTOCOL_RDP) {
      const response = protocol === PROTOCOL_SSL ? MCS_RESPONSE_TLS : MCS_RESPONSE_RC4;
      this.#steps.push(EXPECT_CONNECT_INITIAL, send(response));
      this.#recreated.push('the MCS connect response: one of a real server, not the recorded one');
    }
  }

  #challenge(): void {
    this.#steps.push(challenge());
    this.#recreated.push(
      `the challenge of CredSSP: version 6, from a computer ${COMPUTER.netbiosComputerName}`,
    );
  }

  /** The ClientHello has come. @param index of the event that completed it */
  #tls(index: number): void {
    const survey = surveyTls(this.#events, index);
    this.#await(EXPECT_CLIENT_HELLO);
    const version = TLS_VERSIONS[survey.version ?? ''];
    // Without a ServerHello nothing is encrypted: silence, an alert or what else was sent.
    if (!survey.helloSeen || version === undefined) return;
    const rest = this.#events.slice(index + 1);
    this.#lastAt = this.#events[index]?.event.at ?? this.#lastAt;
    this.#pause(rest.find(({ event }) => event.by === 'server')?.event.at ?? null);
    this.#unanswered = false;
    const before = this.#events[index]?.before;
    const protocol = before?.name === 'negotiated' ? before.protocol.value : null;
    if (survey.established) {
      this.#insideTls = true;
      this.#startTls(survey, version);
      if (!this.#conversation.decrypted) this.#hidden(rest, survey, protocol);
    } else if (survey.endedBy === 'client') {
      this.#startTls(survey, version);
      this.#goOn(protocol, true);
      this.#over = true;
    } else {
      this.#breakTls(rest, survey, version);
    }
  }

  /** The server ended the connection, or fell silent, during the handshake of TLS. */
  #breakTls(rest: readonly SurveyedEvent[], survey: TlsSurvey, version: TlsVersionName): void {
    const end = rest.find(({ event }) => event.kind === 'end' && event.by === 'server')?.event;
    const how = end?.kind !== 'end' ? 'stall' : end.how === 'fin' ? 'close' : 'reset';
    if (survey.flightComplete) this.#steps.push({ do: 'break-on-answer', how });
    else this.#steps.push({ do: 'break-after', count: this.#cutAt(survey), how });
    this.#startTls(survey, version);
    // Where the handshake was shorter than the recorded one.
    if (end?.kind === 'end') this.#steps.push(end.how === 'fin' ? this.#close() : RESET);
    this.#replayed.push(how === 'stall' ? 'silence during TLS' : `the ${how} during TLS`);
    this.#over = true;
  }

  /** Within the flight, also where a certificate stands in that is smaller than the recorded one. */
  #cutAt({ serverBytes }: TlsSurvey): number {
    const { certificates } = this.#conversation;
    return certificates.length === 0 ? Math.min(serverBytes, IN_ANY_CERTIFICATE) : serverBytes;
  }

  #startTls(survey: TlsSurvey, version: TlsVersionName): void {
    const suite = survey.cipher === null ? null : opensslCipher(survey.cipher);
    const others = version === 'TLSv1.3' ? SUITES_1_3 : [];
    const ciphers = [...new Set([...(suite === null ? [] : [suite]), ...others, ...ALL_CIPHERS])];
    this.#steps.push(
      startTls(this.#certificate(), [version, version], {
        ciphers: ciphers.join(':'),
        groups: opensslGroups(survey.group),
      }),
    );
    if (survey.asksForCertificate) {
      this.#recreated.push('TLS without the request for a certificate of the client');
    }
    this.#recreated.push(
      suite === null
        ? `TLS: ${survey.version} with keys of its own, and another suite than ${survey.cipher}, which is not known here`
        : `TLS: ${survey.version} with ${survey.cipher} and keys of its own`,
    );
  }

  #certificate(): StartTlsStep['certificate'] {
    const { certificates } = this.#conversation;
    if (certificates.length === 0) {
      this.#recreated.push('the certificate, which TLS hid: a self-signed one');
      return 'self-signed';
    }
    const difference = differenceOfCopy(certificates);
    if (difference === null) {
      this.#recreated.push('the certificate, which cannot be read: a self-signed one');
      return 'self-signed';
    }
    this.#recreated.push(
      `the certificate: the recorded one with another key and signature${difference && `, ${difference}`}`,
    );
    return { copyOf: certificates.map(toHex) };
  }

  /** The inside of TLS without keys: what its records tell by their number and their order. */
  #hidden(rest: readonly SurveyedEvent[], survey: TlsSurvey, protocol: number | null): void {
    this.#over = true;
    const { clientTurns, serverSpoke, serverClosedTls } = surveyHidden(rest, survey.version);
    const end = rest.find(({ event }) => event.kind === 'end')?.event;
    const left = end?.by !== 'server';
    if (clientTurns > 0 && protocol !== null) {
      if (serverSpoke) this.#answer(protocol);
      else this.#steps.push(usesCredSsp(protocol) ? EXPECT_TS_REQUEST : EXPECT_ANY);
      if (protocol === PROTOCOL_SSL && serverSpoke) return;
      if (clientTurns > 1) this.#steps.push(usesCredSsp(protocol) ? EXPECT_TS_REQUEST : EXPECT_ANY);
    } else if (left) {
      this.#goOn(protocol, true);
      return;
    }
    if (serverClosedTls) {
      this.#closesTls = true;
      this.#recreated.push('an encrypted alert: a close_notify');
    }
    if (end?.kind === 'end' && !left) this.#end({ ...end, at: null }, end.how);
    else if (serverClosedTls) this.#steps.push(this.#close());
    else this.#steps.push(STALL);
  }
}

const EXPECTED: Readonly<Partial<Record<Message['type'], Step>>> = {
  'x224-request': EXPECT_REQUEST,
  'mcs-connect-initial': EXPECT_CONNECT_INITIAL,
  'ts-request': EXPECT_TS_REQUEST,
};

/** @returns null: it is nothing that a server waits for */
function expectationOf(fact: Fact): Step | null {
  if (fact.kind === 'message') {
    return fact.message.type === 'tls-alert' ? null : (EXPECTED[fact.message.type] ?? EXPECT_ANY);
  }
  const saysSomething =
    fact.kind === 'foreign' || fact.kind === 'malformed' || fact.kind === 'unexpected';
  return saysSomething ? EXPECT_ANY : null;
}
