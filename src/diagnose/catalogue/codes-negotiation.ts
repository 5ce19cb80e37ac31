import type { CodeTable } from './code-table.js';

/** RDP_NEG_FAILURE, [MS-RDPBCGR] 2.2.1.2.2. */
export const NEGOTIATION_FAILURES: CodeTable = {
  key: 'negotiation',
  title: 'negotiation failure',
  appears: 'RDP_NEG_FAILURE, the answer to the first request',
  standing: 'documented',
  note: null,
  sources: ['negotiationFailure', 'freeRdpNego'],
  codes: [
    {
      code: 0x1,
      name: 'SSL_REQUIRED_BY_SERVER',
      meaning:
        'Server wants TLS; the offer lacked it. As answer to a CredSSP-only offer it means TLS without NLA.',
      causes: ['tls-required-by-server'],
    },
    {
      code: 0x2,
      name: 'SSL_NOT_ALLOWED_BY_SERVER',
      meaning: 'Server is limited to standard RDP security.',
      causes: ['security-layer-rdp-only', 'encryption-level-layer-conflict'],
    },
    {
      code: 0x3,
      name: 'SSL_CERT_NOT_ON_SERVER',
      meaning: 'Server has no usable certificate for TLS.',
      causes: ['server-has-no-usable-certificate'],
    },
    {
      code: 0x4,
      name: 'INCONSISTENT_FLAGS',
      meaning: 'Requested protocols do not fit the security protocol already in effect.',
      causes: ['inconsistent-negotiation-flags'],
    },
    {
      code: 0x5,
      name: 'HYBRID_REQUIRED_BY_SERVER',
      meaning: 'Server wants NLA (CredSSP).',
      causes: ['nla-required-by-server'],
    },
    {
      code: 0x6,
      name: 'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER',
      meaning: 'Server wants TLS with certificate-based client authentication.',
      causes: ['client-certificate-required'],
    },
  ],
};

/** requestedProtocols and selectedProtocol, [MS-RDPBCGR] 2.2.1.1.1. */
export const PROTOCOLS: CodeTable = {
  key: 'protocol',
  title: 'security protocol',
  appears: 'requestedProtocols and selectedProtocol of the negotiation',
  standing: 'documented',
  note: null,
  sources: ['negotiationRequest'],
  codes: [
    { code: 0x0, name: 'PROTOCOL_RDP', meaning: 'Standard RDP security.', causes: [] },
    { code: 0x1, name: 'PROTOCOL_SSL', meaning: 'TLS.', causes: [] },
    {
      code: 0x2,
      name: 'PROTOCOL_HYBRID',
      meaning: 'CredSSP (NLA); set together with SSL.',
      causes: [],
    },
    {
      code: 0x4,
      name: 'PROTOCOL_RDSTLS',
      meaning: 'RDSTLS (redirection with broker-issued credentials).',
      causes: [],
    },
    {
      code: 0x8,
      name: 'PROTOCOL_HYBRID_EX',
      meaning: 'CredSSP plus Early User Authorization Result; set together with HYBRID.',
      causes: [],
    },
    {
      code: 0x10,
      name: 'PROTOCOL_RDSAAD',
      meaning: 'Entra ID authentication (RDS AAD Auth).',
      causes: [],
    },
  ],
};

/** Flags of RDP_NEG_RSP, [MS-RDPBCGR] 2.2.1.2.1. */
export const RESPONSE_FLAGS: CodeTable = {
  key: 'response-flag',
  title: 'flag of the negotiation response',
  appears: 'flags of RDP_NEG_RSP',
  standing: 'documented',
  note: null,
  sources: ['sendingConfirm'],
  codes: [
    {
      code: 0x1,
      name: 'EXTENDED_CLIENT_DATA_SUPPORTED',
      meaning: 'Server accepts extended client data blocks.',
      causes: [],
    },
    {
      code: 0x2,
      name: 'DYNVC_GFX_PROTOCOL_SUPPORTED',
      meaning: 'Graphics pipeline channel.',
      causes: [],
    },
    { code: 0x4, name: 'NEGRSP_FLAG_RESERVED', meaning: 'Unused.', causes: [] },
    {
      code: 0x8,
      name: 'RESTRICTED_ADMIN_MODE_SUPPORTED',
      meaning: 'Restricted Admin supported.',
      causes: [],
    },
    {
      code: 0x10,
      name: 'REDIRECTED_AUTHENTICATION_MODE_SUPPORTED',
      meaning: 'Remote Credential Guard supported.',
      causes: [],
    },
  ],
};
