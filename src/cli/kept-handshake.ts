import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Handshake } from '../handshake/handshake.js';

/** A handshake that is put by until all captures were read: as it is, or packed. */
export type KeptHandshake = Handshake | Uint8Array;

/** About 10 kB become 1 to 2: the names of fields, and much of what servers say, are all alike. */
export function packHandshake(handshake: Handshake): Uint8Array {
  const packed = deflateRawSync(JSON.stringify(handshake), { level: 1 });
  // zlib gives a part of a larger block, all of which would be kept.
  return Uint8Array.from(packed);
}

/** INVARIANT: a handshake is plain data, so that nothing of it is lost in JSON. */
export function unpackHandshake(kept: KeptHandshake): Handshake {
  if (!(kept instanceof Uint8Array)) return kept;
  return JSON.parse(inflateRawSync(kept).toString()) as Handshake;
}
