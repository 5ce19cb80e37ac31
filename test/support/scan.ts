import type { HandshakeTrace } from '../../src/handshake/trace.js';
import { systemClock } from '../../src/probe/clock.js';
import { NO_KERNEL_SOCKETS } from '../../src/probe/kernel-socket.js';
import { probeAddress } from '../../src/probe/probe-target.js';
import { DEFAULT_SETTINGS, type ProbeSettings } from '../../src/probe/settings.js';
import type { Ask, Question } from '../../src/scan/ask.js';
import type { Scenario, Step } from '../../src/simulator/scenario.js';
import type { OwnHello } from '../../src/wire/own-hello.js';
import { traceOf } from './conversations.js';
import { runInMemory } from './scenario-run.js';

/** A scan's way to ask, and what was asked. */
export interface Asked {
  readonly ask: Ask;
  readonly questions: readonly Question[];
}

/** Asks a server on this machine over TCP, as a scan does. */
export function askOverLoopback(
  server: { readonly address: string; readonly port: number },
  settings: Partial<ProbeSettings> = {},
): Asked {
  const questions: Question[] = [];
  const clock = systemClock();
  return {
    questions,
    ask: async (question) => {
      questions.push(question);
      return await probeAddress(
        { host: server.address, port: server.port },
        server.address,
        { ...DEFAULT_SETTINGS, ...settings, ...question.settings },
        { clock, kernel: NO_KERNEL_SOCKETS, signal: new AbortController().signal },
        null,
      );
    },
  };
}

/** A server in memory that looks at the hello that it is about to get, and answers as it likes. */
export function askInMemory(
  server: (hello: OwnHello) => readonly Step[],
  settings: (hello: OwnHello) => Partial<ProbeSettings> = () => ({}),
): Asked {
  const questions: Question[] = [];
  return {
    questions,
    ask: async (question) => {
      questions.push(question);
      const offer = question.settings.tlsOffer;
      if (typeof offer !== 'object') throw new Error('no ClientHello of our own');
      const { facts } = await runInMemory(
        scenarioOf(server(offer.hello)),
        { ...DEFAULT_SETTINGS, ...settings(offer.hello), ...question.settings },
        'whole',
      );
      return traceOf(facts);
    },
  };
}

/** Confirms TLS, waits for the ClientHello, and goes on with these steps. */
export function scenarioOf(steps: readonly Step[]): Scenario {
  return {
    name: 'tls',
    title: 'tls',
    listed: false,
    steps: [
      { do: 'expect', what: 'connection-request' },
      {
        do: 'send-message',
        message: { is: 'connection-confirm', selectedProtocol: 1, flags: 0 },
      },
      { do: 'expect', what: 'client-hello' },
      ...steps,
    ],
  };
}

/** Answers with a trace each, and then with nothing. */
export function askFrom(traces: readonly HandshakeTrace[]): Asked {
  const questions: Question[] = [];
  return {
    questions,
    ask: async (question) => {
      questions.push(question);
      return traces[questions.length - 1] ?? null;
    },
  };
}
