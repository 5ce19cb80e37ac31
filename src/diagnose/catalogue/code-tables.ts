import type { CodeTable } from './code-table.js';
import { ERROR_INFO } from './codes-errinfo.js';
import { GATEWAY_CODES, GATEWAY_DISCONNECT_CODES } from './codes-gateway.js';
import { CREDSSP_VERSIONS, EARLY_AUTHORIZATION, NT_STATUS } from './codes-logon.js';
import {
  DISCONNECT_CODES,
  EXTENDED_REASONS,
  LOGON_ERRORS,
  REPORTED_DISCONNECT_CODES,
} from './codes-mstsc.js';
import { NEGOTIATION_FAILURES, PROTOCOLS, RESPONSE_FLAGS } from './codes-negotiation.js';
import { SECURITY_STATUS, TLS_ALERTS } from './codes-tls.js';

/** Every table of codes; a number without a word before it is looked up in this order. */
export const CODE_TABLES: readonly CodeTable[] = [
  DISCONNECT_CODES,
  REPORTED_DISCONNECT_CODES,
  GATEWAY_CODES,
  GATEWAY_DISCONNECT_CODES,
  NT_STATUS,
  SECURITY_STATUS,
  ERROR_INFO,
  EXTENDED_REASONS,
  TLS_ALERTS,
  NEGOTIATION_FAILURES,
  LOGON_ERRORS,
  EARLY_AUTHORIZATION,
  CREDSSP_VERSIONS,
  PROTOCOLS,
  RESPONSE_FLAGS,
];
