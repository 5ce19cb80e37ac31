/**
 * Bytes that cannot be what they claim to be.
 *
 * INVARIANT: thrown only inside `wire/`, caught only by the tracker, which turns it into a
 * `malformed` fact. Anything else that escapes a decoder is a bug of ours.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';

  /**
   * @param field the structure and field in the words of its specification, e.g. `TPKT.version`
   * @param offset byte offset of the field in the message that was being decoded
   * @param problem what is wrong, e.g. `is 83, not 3`
   */
  constructor(
    readonly field: string,
    readonly offset: number,
    readonly problem: string,
  ) {
    super(`${field} at byte ${offset}: ${problem}`);
  }
}
