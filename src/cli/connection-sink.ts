import type { HandshakeTrace } from '../handshake/trace.js';

/** Takes the connections of captures while these are being read. */
export interface ConnectionSink {
  /** @param file which of the files it is in, counted from 0 */
  connection(file: number, trace: HandshakeTrace): void;
  /** The file cannot be read to its end. @returns whether its connections can still be left out */
  dropFile(file: number): boolean;
  /** Resolves once there is room for more; readers wait for it after each stretch of a file. */
  room(): Promise<void>;
}
