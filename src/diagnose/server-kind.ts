import type { Handshake } from '../handshake/handshake.js';

/** Which implementations the server may be, as far as its confirm tells. */
export interface PossibleKinds {
  readonly windows: boolean;
  readonly xrdp: boolean;
}

export function kindOf(handshake: Handshake): PossibleKinds {
  const kind = handshake.x224.response.serverKind;
  const unknown = kind === null || kind === 'unknown';
  return { windows: unknown || kind === 'windows', xrdp: unknown || kind === 'xrdp' };
}
