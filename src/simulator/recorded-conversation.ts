import type { Side } from '../handshake/trace.js';

/**
 * One connection as it was recorded: all that a replay of its server needs to know, as plain data.
 * Where it comes from is no business of the simulator.
 */
export interface RecordedConversation {
  /** in the order in which it was seen */
  readonly events: readonly RecordedEvent[];
  /** there were keys, so that everything inside TLS is among the events */
  readonly decrypted: boolean;
  /** the server's certificates as DER, its own first; empty: TLS hid them, or none was sent */
  readonly certificates: readonly Uint8Array[];
}

/** `at`: microseconds on any scale; null: not known. */
export type RecordedEvent = { readonly by: Side; readonly at: number | null } & (
  | RecordedBytes
  | RecordedPlaintext
  | RecordedAlert
  | RecordedGap
  | RecordedEnd
);

/** Bytes as they went over the TCP connection, one segment of it. */
export interface RecordedBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** What was inside TLS, where keys told: it follows the bytes that carried it. */
export interface RecordedPlaintext {
  readonly kind: 'plaintext';
  readonly bytes: Uint8Array;
}

/** An encrypted alert, where keys told. */
export interface RecordedAlert {
  readonly kind: 'alert';
  readonly level: number;
  readonly description: number;
}

/** So many bytes of this side are not in the recording. */
export interface RecordedGap {
  readonly kind: 'gap';
  readonly length: number;
}

/** This side ended its direction, or broke the connection off. */
export interface RecordedEnd {
  readonly kind: 'end';
  readonly how: 'fin' | 'reset';
}
