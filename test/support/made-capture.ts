import type { CaptureSource } from '../../src/capture/source.js';
import { type Captured, pcap } from './packets.js';

export interface Template {
  /** on the wire */
  readonly length?: number;
  readonly bytes: Uint8Array;
}

/**
 * A source of packets that are made when they are asked for, in one buffer. `prepare` changes a copy
 * of the template and tells its time in seconds.
 */
export function madeOf(
  count: number,
  template: Template,
  prepare: (packet: DataView, index: number) => number,
  first: readonly Captured[] = [],
): CaptureSource {
  const size = 16 + template.bytes.length;
  const perChunk = 4096;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield pcap(first, { variant: 'nanoseconds' });
    const chunk = new Uint8Array(size * perChunk);
    const view = new DataView(chunk.buffer);
    for (let index = 0; index < count; ) {
      let at = 0;
      for (; at < chunk.length && index < count; at += size, index++) {
        chunk.set(template.bytes, at + 16);
        const packet = new DataView(chunk.buffer, at + 16, template.bytes.length);
        const time = prepare(packet, index);
        view.setUint32(at, Math.floor(time), true);
        view.setUint32(at + 4, Math.floor((time % 1) * 1e9), true);
        view.setUint32(at + 8, template.bytes.length, true);
        view.setUint32(at + 12, template.length ?? template.bytes.length, true);
      }
      yield chunk.subarray(0, at);
    }
  }
  return { name: 'made', chunks: chunks(), progress: () => ({ bytesRead: 0, bytesTotal: null }) };
}
