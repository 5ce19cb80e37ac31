import { MessageStream } from '../handshake/framing.js';
import {
  continueNla,
  type NlaOrder,
  type NlaState,
  type NlaVerdict,
} from '../handshake/nla-client.js';
import { DecodeError } from '../wire/decode-error.js';
import { decodeTsRequest, frameTsRequest } from '../wire/ts-request.js';

/** Feeds what a server says inside TLS to the client of CredSSP, message by message. */
export class NlaConversation {
  readonly #stream = new MessageStream();
  #state: NlaState;
  #answer: Uint8Array | null = null;
  #over = false;

  constructor(order: NlaOrder) {
    this.#state = { name: 'expects-challenge', order };
  }

  /** The answer to the server's challenge, once; null: there is none to give. */
  get answer(): Uint8Array | null {
    const answer = this.#answer;
    this.#answer = null;
    return answer;
  }

  /**
   * @param certificate DER of the certificate that the connection has now
   * @returns what it came to; null: it goes on, or the bytes are none that CredSSP knows, which the
   * tracker tells
   */
  push(bytes: Uint8Array, certificate: Uint8Array): NlaVerdict | null {
    if (this.#over) return null;
    this.#stream.push(bytes, null);
    try {
      return this.#read(certificate);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#end();
      return null;
    }
  }

  #read(certificate: Uint8Array): NlaVerdict | null {
    for (;;) {
      const framed = this.#stream.next(frameTsRequest);
      if (framed === null) return null;
      const step = continueNla(this.#state, decodeTsRequest(framed.bytes), certificate);
      if (step.kind === 'over') {
        this.#end();
        return step.verdict;
      }
      this.#state = step.state;
      this.#answer = step.bytes;
    }
  }

  #end(): void {
    this.#over = true;
    this.#stream.clear();
  }
}
