/**
 * The RC4 stream cipher, which the OpenSSL of Node no longer has. Old RDP servers still choose it.
 * Decryption and encryption are the same.
 */
export class Rc4 {
  readonly #state = Uint8Array.from({ length: 256 }, (_, i) => i);
  #i = 0;
  #j = 0;

  /** @param key 1 to 256 bytes */
  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let i = 0, j = 0; i < 256; i++) {
      const value = state[i] ?? 0;
      j = (j + value + (key[i % key.length] ?? 0)) & 0xff;
      state[i] = state[j] ?? 0;
      state[j] = value;
    }
  }

  /** The next bytes of the stream; the state goes on behind them. */
  update(bytes: Uint8Array): Uint8Array {
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at++) {
      i = (i + 1) & 0xff;
      const a = state[i] ?? 0;
      j = (j + a) & 0xff;
      const b = state[j] ?? 0;
      state[i] = b;
      state[j] = a;
      out[at] = (bytes[at] ?? 0) ^ (state[(a + b) & 0xff] ?? 0);
    }
    this.#i = i;
    this.#j = j;
    return out;
  }
}
