import type { Credentials } from '../handshake/credentials.js';
import { serviceName } from '../handshake/logon.js';
import { unixMicrosToFiletime } from '../wire/filetime.js';
import { NlaConversation } from './nla-conversation.js';

/**
 * Credentials for one logon.
 *
 * INVARIANT: they are used once. Whoever asks again, for another address or another question, gets
 * nothing: a wrong password that is tried twice brings an account nearer to its lock.
 */
export class Logon {
  #credentials: Credentials | null;
  readonly #host: string;
  readonly #random: (count: number) => Uint8Array;

  /**
   * @param host the server as it was asked for
   * @param random gives that many random bytes, unpredictable ones
   */
  constructor(credentials: Credentials, host: string, random: (count: number) => Uint8Array) {
    this.#credentials = credentials;
    this.#host = host;
    this.#random = random;
  }

  /**
   * @param negotiate the NTLM NEGOTIATE that opens it
   * @param certificate DER of the server's certificate
   * @param nowUs microseconds since 1970 UTC
   * @returns null: the credentials were used before
   */
  begin(negotiate: Uint8Array, certificate: Uint8Array, nowUs: number): NlaConversation | null {
    const credentials = this.#credentials;
    this.#credentials = null;
    if (credentials === null) return null;
    return new NlaConversation({
      credentials,
      service: serviceName(this.#host),
      certificate,
      negotiate,
      random: {
        clientChallenge: this.#random(8),
        exportedSessionKey: this.#random(16),
        clientNonce: this.#random(32),
      },
      filetime: unixMicrosToFiletime(Math.round(nowUs)),
    });
  }
}
