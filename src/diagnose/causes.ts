import { LOGON_CAUSES } from './causes-logon.js';
import { NEGOTIATION_CAUSES } from './causes-negotiation.js';
import { NETWORK_CAUSES } from './causes-network.js';
import { PATH_CAUSES } from './causes-path.js';
import { TLS_CAUSES } from './causes-tls.js';

/** The catalogue of documented causes, as far as one handshake can point at them. */
export const CAUSES = {
  ...NETWORK_CAUSES,
  ...PATH_CAUSES,
  ...NEGOTIATION_CAUSES,
  ...TLS_CAUSES,
  ...LOGON_CAUSES,
} as const;

export type CauseId = keyof typeof CAUSES;

export const CAUSE_IDS: readonly string[] = Object.keys(CAUSES);
