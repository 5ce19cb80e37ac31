import { ADDRESS_CAUSES } from './causes-address.js';
import { CERTIFICATE_CAUSES } from './causes-certificate.js';
import { CREDSSP_CAUSES } from './causes-credssp.js';
import { FARM_CAUSES } from './causes-farm.js';
import { FILTERS_CAUSES } from './causes-filters.js';
import { LISTENER_CAUSES } from './causes-listener.js';
import { LOGON_CAUSES } from './causes-logon.js';
import { NEGOTIATION_CAUSES } from './causes-negotiation.js';
import { PATH_CAUSES } from './causes-path.js';
import { SERVICE_CAUSES } from './causes-service.js';
import { SESSION_CAUSES } from './causes-session.js';
import { TLS_CAUSES } from './causes-tls.js';

/** The catalogue of documented causes, in the order in which a connection meets them. */
export const CAUSES = {
  ...ADDRESS_CAUSES,
  ...FILTERS_CAUSES,
  ...LISTENER_CAUSES,
  ...PATH_CAUSES,
  ...NEGOTIATION_CAUSES,
  ...SERVICE_CAUSES,
  ...CERTIFICATE_CAUSES,
  ...TLS_CAUSES,
  ...CREDSSP_CAUSES,
  ...LOGON_CAUSES,
  ...SESSION_CAUSES,
  ...FARM_CAUSES,
} as const;

export type CauseId = keyof typeof CAUSES;
