import type { Endpoint, Side } from './trace.js';

/** Something that went over one TCP connection. `at` is an offset on the trace's scale. */
export type WireEvent = { readonly by: Side; readonly at: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly end: 'fin' | 'reset' }
);

/**
 * What a trace leaves out on purpose: the bytes of one connection as they passed. With its trace it
 * is enough to write the connection down as packets.
 */
export interface WireRecording {
  /** also known where no connection came about, which a trace does not tell */
  readonly client: Endpoint;
  /** in the order in which it passed */
  readonly wire: readonly WireEvent[];
  /** lines of an NSS key log, without their ends */
  readonly keyLog: readonly string[];
}
