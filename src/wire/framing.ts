/**
 * Where the next message ends. `need-more` is a value, never an error: the rest has not arrived
 * yet. Bytes that cannot start such a message throw DecodeError.
 */
export type Frame =
  | { readonly kind: 'frame'; readonly length: number }
  | { readonly kind: 'need-more' };

export const NEED_MORE: Frame = { kind: 'need-more' };
