/**
 * A failure of ours or of what we were asked to do: an unreadable file, an option that cannot be, a
 * name that does not resolve. Never what a peer did: that is a fact in a trace.
 */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';

  /**
   * @param code stable, for scripts
   * @param message one sentence that says what to do
   */
  constructor(
    readonly code: ProbeErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export type ProbeErrorCode =
  | 'BAD_TARGET'
  | 'BAD_OPTION'
  | 'UNKNOWN_SCENARIO'
  | 'CANNOT_LISTEN'
  | 'CANNOT_CAPTURE'
  | 'CANNOT_WRITE'
  | 'CANNOT_READ';
