import type { HandshakeTrace } from '../handshake/trace.js';
import type { Ask, Purpose, Question } from './ask.js';
import { offerAnswer } from './offer-answer.js';

/** A handshake of a run, in the order in which they were made. */
export interface ScanHandshake {
  readonly trace: HandshakeTrace;
  readonly purpose: 'verdict' | Purpose;
  readonly reason: string | null;
}

/**
 * Makes the connection of a question, and gives what was seen of it.
 *
 * @param slowestMs the longest that the server took to answer a question before
 * @returns null: there is none to be had any more
 */
export type Connect = (question: Question, slowestMs: number) => Promise<HandshakeTrace | null>;

export interface AskerOptions {
  /** connections at most, in all, those before the first question among them */
  readonly most: number;
  isInterrupted(): boolean;
  onQuestion?(told: { readonly says: string; readonly made: number; readonly most: number }): void;
}

/**
 * Answers that end in this way, one after another, where the server answered before: it has had
 * enough, or something on the way has.
 */
const ENOUGH_REFUSALS = 3;

/**
 * Asks one question at a time of one address, keeps count and what was seen, and stops where the
 * server, or something before it, starts to refuse.
 */
export class Asker {
  readonly #connect: Connect;
  readonly #options: AskerOptions;
  readonly #handshakes: ScanHandshake[];
  #refusals = 0;
  #stopped: string | null = null;
  #hasMore = true;

  /** @param before the handshakes that were made before the first question, at least one */
  constructor(connect: Connect, options: AskerOptions, before: readonly ScanHandshake[]) {
    this.#connect = connect;
    this.#options = options;
    this.#handshakes = [...before];
  }

  get handshakes(): readonly ScanHandshake[] {
    return this.#handshakes;
  }

  /** TCP connections made */
  get made(): number {
    return this.#handshakes.length;
  }

  get left(): number {
    return Math.max(0, this.#options.most - this.made);
  }

  /** why no more is asked; null: more may be */
  get whyStopped(): string | null {
    if (this.#stopped !== null) return this.#stopped;
    if (this.#options.isInterrupted()) return 'it was interrupted';
    if (!this.#hasMore) return 'no more of its connections are known';
    return this.left > 0 ? null : `all ${this.#options.most} connections were used`;
  }

  /** the server has started to refuse */
  get refused(): string | null {
    return this.#stopped;
  }

  /** position of the last handshake */
  get last(): number {
    return this.#handshakes.length - 1;
  }

  /** the longest that the server took to answer, milliseconds */
  get slowestMs(): number {
    return Math.max(0, ...this.#handshakes.map(({ trace }) => slowestAnswer(trace)));
  }

  readonly ask: Ask = async (question) => {
    if (this.whyStopped !== null) return null;
    const { purpose, reason } = question;
    this.#options.onQuestion?.({ says: reason, made: this.made, most: this.#options.most });
    const trace = await this.#connect(question, this.slowestMs);
    if (trace === null) {
      this.#hasMore = false;
      return null;
    }
    this.#handshakes.push({ trace, purpose, reason });
    if (this.#options.isInterrupted()) return null;
    this.#watch(trace);
    return trace;
  };

  /** A server that accepted before and does not now has enough of it, as have those that ban. */
  #watch(trace: HandshakeTrace): void {
    const failed = trace.facts.find((fact) => fact.kind === 'tcp-failed');
    if (failed?.kind === 'tcp-failed') {
      this.#stopped = `the server stopped accepting connections (${failed.code ?? failed.how})`;
      return;
    }
    const begins = trace.facts.some(
      (fact) => fact.kind === 'message' && fact.message.type === 'x224-request',
    );
    if (!begins) return;
    const { answer } = offerAnswer(trace, this.last);
    const isRefusal = answer === 'closed' || answer === 'reset' || answer === 'silence';
    this.#refusals = isRefusal ? this.#refusals + 1 : 0;
    if (this.#refusals >= ENOUGH_REFUSALS) {
      this.#stopped = `the last ${ENOUGH_REFUSALS} connections were not answered any more`;
    }
  }
}

/** The longest time between a message of the client and the server's next, milliseconds. */
function slowestAnswer({ facts }: HandshakeTrace): number {
  let askedAt: number | null = null;
  let slowest = 0;
  for (const fact of facts) {
    if (fact.kind === 'tcp-connect') askedAt = fact.at;
    if (fact.kind === 'tcp-accepted' && askedAt !== null && fact.at !== null) {
      slowest = Math.max(slowest, fact.at - askedAt);
      askedAt = null;
    }
    if (fact.kind !== 'message') continue;
    if (fact.by === 'client') askedAt = fact.at;
    else if (askedAt !== null && fact.at !== null) {
      slowest = Math.max(slowest, (fact.startAt ?? fact.at) - askedAt);
      askedAt = null;
    }
  }
  return slowest / 1000;
}
