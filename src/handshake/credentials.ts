/**
 * With what the program logs on.
 *
 * INVARIANT: what is as good as the password is in private fields: neither JSON nor an inspection of
 * the object shows it, and no trace, report or error is made of it.
 */
export class Credentials {
  /** as it goes into the AUTHENTICATE_MESSAGE */
  readonly user: string;
  /** null: the server's own computer, as `.\\user` asks for */
  readonly domain: string | null;
  readonly #ntHash: Uint8Array;

  /** @param ntHash MD4 of the password in UTF-16LE, 16 bytes */
  constructor(user: string, domain: string | null, ntHash: Uint8Array) {
    if (ntHash.length !== 16) throw new RangeError('an NT hash has 16 bytes');
    this.user = user;
    this.domain = domain;
    this.#ntHash = ntHash;
  }

  get ntHash(): Uint8Array {
    return this.#ntHash;
  }

  /** `CORP\\user`, or the user alone where no domain was given. */
  get name(): string {
    if (this.domain === null) return `.\\${this.user}`;
    return this.domain === '' ? this.user : `${this.domain}\\${this.user}`;
  }
}
