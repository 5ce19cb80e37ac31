import type { HandshakeTrace } from '../handshake/trace.js';
import { PROTOCOL_HYBRID, PROTOCOL_SSL } from '../wire/negotiation.js';
import type { Ask, Question } from './ask.js';

/**
 * Asks two lines of questions in as few connections as they need: what is to be learned of the
 * negotiation and what is to be learned of TLS are asked in one where an offer leads to TLS. Each
 * line asks its questions one after another, as if it were alone.
 *
 * @param offers asks for the negotiation
 * @param hellos asks for TLS, each question with a ClientHello of its own
 */
export async function askTogether<A, B>(
  ask: Ask,
  offers: (ask: Ask) => Promise<A>,
  hellos: (ask: Ask) => Promise<B>,
): Promise<readonly [A, B]> {
  const one = new Line(offers);
  const other = new Line(hellos);
  for (;;) {
    const offer = await one.next();
    const hello = await other.next();
    if (offer !== null && hello !== null && leadsToTls(offer)) {
      const trace = await ask(merged(offer, hello));
      one.answer(trace);
      // The server may not have selected TLS: then the second half was not asked.
      if (trace === null || hasClientHello(trace)) other.answer(trace);
    } else if (offer !== null) one.answer(await ask(offer));
    else if (hello !== null) other.answer(await ask(hello));
    else return await Promise.all([one.result, other.result]);
  }
}

/** One line of questions, turned inside out: it waits for somebody to take its next one. */
class Line<T> {
  readonly result: Promise<T>;
  #asked: { question: Question; resolve: (trace: HandshakeTrace | null) => void } | null = null;
  #ended = false;
  #wake: () => void = () => {};

  constructor(run: (ask: Ask) => Promise<T>) {
    this.result = run(
      (question) =>
        new Promise((resolve) => {
          this.#asked = { question, resolve };
          this.#wake();
        }),
    ).finally(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The question that waits for an answer; null: there will be none any more. */
  async next(): Promise<Question | null> {
    while (this.#asked === null && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#asked?.question ?? null;
  }

  answer(trace: HandshakeTrace | null): void {
    const asked = this.#asked;
    this.#asked = null;
    asked?.resolve(trace);
  }
}

function leadsToTls({ settings }: Question): boolean {
  const offered = settings.requestedProtocols ?? 0;
  return settings.until === 'x224' && (offered & (PROTOCOL_SSL | PROTOCOL_HYBRID)) !== 0;
}

function merged(offer: Question, hello: Question): Question {
  return {
    purpose: offer.purpose,
    reason: `${offer.reason}, and ${hello.reason}`,
    settings: { ...hello.settings, ...offer.settings, until: 'tls' },
  };
}

function hasClientHello({ facts }: HandshakeTrace): boolean {
  return facts.some(
    (fact) =>
      fact.kind === 'message' && fact.by === 'client' && fact.message.type === 'tls-client-hello',
  );
}
