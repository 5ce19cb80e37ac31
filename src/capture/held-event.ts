import type { Side } from '../handshake/trace.js';
import type { Direction } from './flow-table.js';
import type { Tunnel } from './tunnel.js';

/* What happens on a connection before it is known what it is. Times in nanoseconds of the file's scale. */

export interface HeldBytes {
  readonly kind: 'bytes';
  readonly from: Direction;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly packet: number;
}

export interface HeldGap {
  readonly kind: 'gap';
  readonly from: Direction;
  readonly at: number;
  readonly length: number;
}

export interface HeldEnd {
  readonly kind: 'end';
  readonly from: Direction;
  readonly at: number;
  readonly how: 'fin' | 'reset';
  readonly packet: number;
}

export type Held = HeldBytes | HeldGap | HeldEnd;

/**
 * What is left without the opening of a tunnel.
 *
 * @returns `openedAt`: when its last bytes came; null: none of them are there
 */
export function withoutTunnel(
  held: readonly Held[],
  { clientBytes, serverBytes }: Tunnel & { readonly kind: 'open' },
  sideOf: (from: Direction) => Side,
): { readonly rest: readonly Held[]; readonly openedAt: number | null } {
  const skip = { client: clientBytes, server: serverBytes };
  const rest: Held[] = [];
  let openedAt: number | null = null;
  for (const event of held) {
    if (event.kind !== 'bytes') {
      rest.push(event);
      continue;
    }
    const side = sideOf(event.from);
    const skipped = Math.min(skip[side], event.bytes.length);
    skip[side] -= skipped;
    if (skipped > 0) openedAt = event.at;
    if (skipped < event.bytes.length) {
      rest.push({ ...event, bytes: event.bytes.subarray(skipped) });
    }
  }
  return { rest, openedAt };
}
