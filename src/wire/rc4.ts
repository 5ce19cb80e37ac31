/**
 * RC4, the stream cipher of NTLM, [MS-NLMP] 6 (RC4Init, RC4). Written here because the OpenSSL of
 * Node has it no more. It hides nothing from anybody by today's measure; NTLM knows no other.
 *
 * One instance is one run of the key stream: each call goes on where the last one ended.
 */
export class Rc4 {
  readonly #state = Uint8Array.from({ length: 256 }, (_, index) => index);
  #i = 0;
  #j = 0;

  /** @param key 1 to 256 bytes */
  constructor(key: Uint8Array) {
    if (key.length === 0 || key.length > 256) {
      throw new RangeError(`a key of RC4 has 1 to 256 bytes, not ${key.length}`);
    }
    for (let i = 0, j = 0; i < 256; i++) {
      j = (j + this.#at(i) + (key[i % key.length] ?? 0)) & 0xff;
      this.#swap(i, j);
    }
  }

  /** Encrypts or decrypts: both are the same. */
  update(bytes: Uint8Array): Uint8Array {
    return bytes.map((byte) => {
      this.#i = (this.#i + 1) & 0xff;
      this.#j = (this.#j + this.#at(this.#i)) & 0xff;
      this.#swap(this.#i, this.#j);
      return byte ^ this.#at((this.#at(this.#i) + this.#at(this.#j)) & 0xff);
    });
  }

  #at(index: number): number {
    return this.#state[index] ?? 0;
  }

  #swap(i: number, j: number): void {
    const kept = this.#at(i);
    this.#state[i] = this.#at(j);
    this.#state[j] = kept;
  }
}
