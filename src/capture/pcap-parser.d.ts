/** The part of pcap-parser 0.2 that is used here; the package has no types of its own. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  interface PacketHeader {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  }

  /** What the package asks of its input. */
  interface Input extends EventEmitter {
    pause(): unknown;
    resume(): unknown;
  }

  interface Parser {
    on(event: 'packet', listener: (packet: { header: PacketHeader; data: Buffer }) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export function parse(input: Input): Parser;
}
