import type { GatewayTrace } from '../../src/handshake/gateway.js';
import { certificate, STARTED_AT } from './handshake.js';

/** A gateway that wants to know who asks, and refuses the user. */
export const REFUSED_AT_GATEWAY: GatewayTrace = {
  name: 'gw.example:443',
  host: 'gw.example',
  client: { address: '192.0.2.9', port: 50_000 },
  server: { address: '192.0.2.1', port: 443 },
  target: 'srv01.corp.example:3389',
  startedAt: STARTED_AT,
  facts: [
    { kind: 'tcp-connect', at: 0 },
    { kind: 'tcp-accepted', at: 20_000 },
    {
      kind: 'tls-secured',
      at: 40_000,
      version: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      group: null,
      certificates: [certificate({ subject: 'CN=gw.example' })],
      source: 'endpoint',
    },
    {
      kind: 'http-request',
      at: 41_000,
      method: 'RDG_OUT_DATA',
      upgrade: true,
      authorization: null,
    },
    {
      kind: 'http-response',
      at: 60_000,
      status: 401,
      reason: 'Unauthorized',
      schemes: ['Negotiate', 'NTLM'],
      proxySchemes: [],
      server: 'Microsoft-IIS/10.0',
      via: [],
      contentType: null,
      location: null,
    },
  ],
  ending: {
    step: 'authentication',
    how: 'unauthorized',
    by: 'server',
    code: { value: 401, name: null },
    says: 'the gateway refuses this user and password',
    at: 90_000,
  },
  transport: 'websocket',
  credentials: true,
  notMeasured: {},
};
