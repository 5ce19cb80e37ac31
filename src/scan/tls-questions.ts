import type { TlsAnswer, TlsQuestionReport, TlsTopic } from '../handshake/scan-tls.js';
import type { ProbeSettings } from '../probe/settings.js';
import { tlsVersion } from '../wire/tls-names.js';
import type { Ask } from './ask.js';
import { helloBytes, readTlsAnswer } from './tls-answer.js';
import { type HelloChoice, surveyHello } from './tls-hello.js';

export interface TlsQuestionOptions {
  /** the most connections */
  readonly limit: number;
  /** what every question has beside its ClientHello, e.g. the protocols to request */
  readonly settings?: Partial<ProbeSettings>;
  /** position of the handshake that was made last, where they are kept */
  lastHandshake?(): number;
}

/** A server that twice in a row does not even come to TLS is left alone. */
const MAX_WITHOUT_TLS = 2;

/** The questions of one survey, one after another, and what was answered to them. */
export class TlsQuestions {
  readonly asked: TlsQuestionReport[] = [];
  readonly #ask: Ask;
  readonly #options: TlsQuestionOptions;
  #cutShort: string | null = null;
  #withoutTls = 0;

  constructor(ask: Ask, options: TlsQuestionOptions) {
    this.#ask = ask;
    this.#options = options;
  }

  /** Why no more is asked; null: there is no reason not to. */
  get cutShort(): string | null {
    return this.#cutShort;
  }

  get answers(): readonly TlsAnswer[] {
    return this.asked.map(({ answer }) => answer);
  }

  /** @returns null: there is nothing left to ask with, for which see `cutShort` */
  async put(topic: TlsTopic, reason: string, choice: HelloChoice): Promise<TlsAnswer | null> {
    if (this.#cutShort !== null) return null;
    const { limit, settings } = this.#options;
    if (this.asked.length >= limit) {
      this.#cutShort = `the limit of ${limit} connections was reached`;
      return null;
    }
    const trace = await this.#ask({
      purpose: 'tls',
      reason,
      settings: {
        ...settings,
        tlsOffer: { kind: 'own-hello', hello: surveyHello(choice) },
      },
    });
    if (trace === null) {
      this.#cutShort = 'no connection was left, or it was interrupted';
      return null;
    }
    const answer = readTlsAnswer(trace);
    this.asked.push({
      topic,
      reason,
      version: tlsVersion(choice.versions[0]),
      suites: choice.suites.length,
      helloBytes: helloBytes(trace),
      answer,
      handshake: this.#options.lastHandshake?.() ?? null,
    });
    this.#countWithoutTls(answer);
    return answer;
  }

  /** A server without TLS says so at once; later it may be a limit on connections that passes. */
  #countWithoutTls(answer: TlsAnswer): void {
    if (answer.kind !== 'no-tls') {
      this.#withoutTls = 0;
      return;
    }
    this.#withoutTls++;
    if (this.asked.length === 1 || this.#withoutTls >= MAX_WITHOUT_TLS) this.#cutShort = answer.why;
  }
}
