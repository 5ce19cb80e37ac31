/** What Node.js calls an error of a socket, and the stage and signal it stands for. */
export interface NodeError {
  readonly code: string;
  readonly stage: string;
  readonly signal: string;
}

export const NODE_ERRORS: readonly NodeError[] = [
  { code: 'ENOTFOUND', stage: 'dns', signal: 'dns.nxdomain' },
  { code: 'ENODATA', stage: 'dns', signal: 'dns.nodata' },
  { code: 'EAI_AGAIN', stage: 'dns', signal: 'dns.timeout or dns.servfail' },
  { code: 'ESERVFAIL', stage: 'dns', signal: 'dns.servfail' },
  { code: 'ECONNREFUSED', stage: 'tcp-connect', signal: 'tcp.refused' },
  { code: 'ETIMEDOUT', stage: 'tcp-connect', signal: 'tcp.timeout' },
  {
    code: 'EHOSTUNREACH',
    stage: 'tcp-connect',
    signal: 'tcp.host-unreachable / icmp.host-unreachable',
  },
  { code: 'ENETUNREACH', stage: 'tcp-connect', signal: 'icmp.net-unreachable or no local route' },
  {
    code: 'EADDRNOTAVAIL',
    stage: 'tcp-connect',
    signal: 'tcp.local-error (port exhaustion or missing address)',
  },
  { code: 'EACCES / EPERM', stage: 'tcp-connect', signal: 'tcp.local-error (local filter)' },
  { code: 'ECONNRESET', stage: 'stage in progress', signal: '<stage>.rst' },
  { code: "'end' event (FIN)", stage: 'stage in progress', signal: '<stage>.fin' },
  { code: 'EPIPE', stage: 'stage in progress', signal: 'write after peer closed' },
  {
    code: 'ERR_SSL_* / ERR_TLS_*',
    stage: 'tls',
    signal: 'parse error.reason, e.g. "alert protocol version" = 70',
  },
];
