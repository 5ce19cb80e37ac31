import type { HandshakeTrace } from '../handshake/trace.js';
import { type ProbeIo, probeAddress } from '../probe/probe-target.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import type { Ask, Purpose, Question } from './ask.js';
import { offerAnswer } from './offer-answer.js';

/** A handshake of a run, in the order in which they were made. */
export interface ScanHandshake {
  readonly trace: HandshakeTrace;
  readonly purpose: 'verdict' | Purpose;
  readonly reason: string | null;
}

export interface AskerOptions {
  /** connections at most, in all, those before the first question among them */
  readonly most: number;
  onQuestion?(told: { readonly says: string; readonly made: number; readonly most: number }): void;
}

/**
 * Answers that end in this way, one after another, where the server answered before: it has had
 * enough, or something on the way has.
 */
const ENOUGH_REFUSALS = 3;

/** How long a question waits, at least and at most: the server has shown how fast it answers. */
const LIMIT_MS = { least: 3000, most: 10_000 } as const;
const PATIENCE = 20;

/**
 * Asks one question at a time of one address, keeps count and what was seen, and stops where the
 * server, or something before it, starts to refuse.
 */
export class Asker {
  readonly #target: Target;
  readonly #address: string;
  readonly #settings: ProbeSettings;
  readonly #io: ProbeIo;
  readonly #options: AskerOptions;
  readonly #handshakes: ScanHandshake[];
  #made: number;
  #refusals = 0;
  #stopped: string | null = null;

  /** @param before the handshakes that were made before the first question, at least one */
  constructor(
    { target, address }: { readonly target: Target; readonly address: string },
    settings: ProbeSettings,
    io: ProbeIo,
    options: AskerOptions,
    before: readonly ScanHandshake[],
  ) {
    this.#target = target;
    this.#address = address;
    this.#settings = settings;
    this.#io = io;
    this.#options = options;
    this.#handshakes = [...before];
    this.#made = before.length;
  }

  get handshakes(): readonly ScanHandshake[] {
    return this.#handshakes;
  }

  /** TCP connections made */
  get made(): number {
    return this.#made;
  }

  get left(): number {
    return Math.max(0, this.#options.most - this.#made);
  }

  /** why no more is asked; null: more may be */
  get whyStopped(): string | null {
    if (this.#stopped !== null) return this.#stopped;
    if (this.#io.signal.aborted) return 'it was interrupted';
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
    this.#options.onQuestion?.({
      says: question.reason,
      made: this.#made,
      most: this.#options.most,
    });
    this.#made++;
    const trace = await probeAddress(
      this.#target,
      this.#address,
      this.#settingsOf(question),
      this.#io,
      null,
    );
    const { purpose, reason } = question;
    this.#handshakes.push({ trace, purpose, reason });
    if (this.#io.signal.aborted) return null;
    this.#watch(trace);
    return trace;
  };

  #settingsOf({ settings }: Question): ProbeSettings {
    const merged = { ...this.#settings, ...settings };
    if (settings.stageLimitsMs !== undefined) return merged;
    const limit = Math.max(LIMIT_MS.least, Math.min(LIMIT_MS.most, PATIENCE * this.slowestMs));
    const stageLimitsMs = Object.fromEntries(
      Object.entries(merged.stageLimitsMs).map(([stage, ms]) => [stage, Math.min(ms, limit)]),
    ) as ProbeSettings['stageLimitsMs'];
    return { ...merged, stageLimitsMs };
  }

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
