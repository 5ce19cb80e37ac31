import type { CodeEntry, CodeTable } from './code-table.js';

/** An alert, and the SECURITY_STATUS that Schannel turns it into; null: none is documented. */
export interface AlertEntry extends CodeEntry {
  readonly schannel: { readonly name: string; readonly code: number } | null;
}

/** AlertDescription, RFC 8446 section 6, with what Schannel reports for it. */
export const TLS_ALERTS: CodeTable<AlertEntry> = {
  key: 'alert',
  title: 'TLS alert',
  appears: 'an alert of client or server in the TLS handshake or after it',
  standing: 'documented',
  note: 'Windows RDP hosts often close the socket without sending an alert.',
  sources: ['schannelAlerts', 'tlsAlerts'],
  codes: [
    {
      code: 0x0,
      name: 'close_notify',
      meaning:
        'Orderly end of TLS. Before or right after CredSSP data: the server rejected the logon without naming a reason.',
      causes: ['nla-bad-credentials'],
      schannel: null,
    },
    {
      code: 0xa,
      name: 'unexpected_message',
      meaning: 'Message not allowed at this point; middlebox or foreign service.',
      causes: ['not-an-rdp-service', 'middlebox-dpi-resets-rdp'],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x14,
      name: 'bad_record_mac',
      meaning: 'Record was changed on the way or keys differ.',
      causes: ['middlebox-dpi-resets-rdp'],
      schannel: { name: 'SEC_E_MESSAGE_ALTERED', code: 0x8009030f },
    },
    {
      code: 0x15,
      name: 'decryption_failed',
      meaning: 'Obsolete; decrypt failed.',
      causes: [],
      schannel: { name: 'SEC_E_DECRYPT_FAILURE', code: 0x80090330 },
    },
    {
      code: 0x16,
      name: 'record_overflow',
      meaning: 'Record too long.',
      causes: [],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x1e,
      name: 'decompression_failure',
      meaning: 'Obsolete.',
      causes: [],
      schannel: { name: 'SEC_E_MESSAGE_ALTERED', code: 0x8009030f },
    },
    {
      code: 0x28,
      name: 'handshake_failure',
      meaning: 'No acceptable parameters: cipher suite, group or signature algorithm.',
      causes: ['tls-cipher-mismatch', 'tls-no-common-group', 'fips-mode-mismatch'],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x2a,
      name: 'bad_certificate',
      meaning: 'Certificate damaged or signature wrong.',
      causes: ['weak-certificate', 'client-certificate-required'],
      schannel: { name: 'SEC_E_CERT_UNKNOWN', code: 0x80090327 },
    },
    {
      code: 0x2b,
      name: 'unsupported_certificate',
      meaning: 'Certificate type not supported.',
      causes: ['weak-certificate'],
      schannel: { name: 'SEC_E_CERT_UNKNOWN', code: 0x80090327 },
    },
    {
      code: 0x2c,
      name: 'certificate_revoked',
      meaning: 'Certificate revoked.',
      causes: ['cert-name-or-trust'],
      schannel: { name: 'CRYPT_E_REVOKED', code: 0x80092010 },
    },
    {
      code: 0x2d,
      name: 'certificate_expired',
      meaning: 'Certificate outside its validity.',
      causes: ['self-signed-cert-not-renewed', 'ca-listener-cert-expired'],
      schannel: { name: 'SEC_E_CERT_EXPIRED', code: 0x80090328 },
    },
    {
      code: 0x2e,
      name: 'certificate_unknown',
      meaning: 'Certificate refused for another reason.',
      causes: ['cert-name-or-trust'],
      schannel: { name: 'SEC_E_CERT_UNKNOWN', code: 0x80090327 },
    },
    {
      code: 0x2f,
      name: 'illegal_parameter',
      meaning: 'Inconsistent handshake field.',
      causes: ['tls-no-common-group', 'large-clienthello-intolerant-path'],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x30,
      name: 'unknown_ca',
      meaning: 'Issuer not trusted.',
      causes: ['cert-name-or-trust'],
      schannel: { name: 'SEC_E_UNTRUSTED_ROOT', code: 0x80090325 },
    },
    {
      code: 0x31,
      name: 'access_denied',
      meaning: 'Access control refused; FreeRDP-based servers use it for a failed NLA logon.',
      causes: ['nla-bad-credentials'],
      schannel: { name: 'SEC_E_LOGON_DENIED', code: 0x8009030c },
    },
    {
      code: 0x32,
      name: 'decode_error',
      meaning: 'Message could not be parsed.',
      causes: ['middlebox-dpi-resets-rdp'],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x33,
      name: 'decrypt_error',
      meaning: 'Signature or key-exchange check failed.',
      causes: ['private-key-missing-or-corrupt'],
      schannel: { name: 'SEC_E_DECRYPT_FAILURE', code: 0x80090330 },
    },
    {
      code: 0x3c,
      name: 'export_restriction',
      meaning: 'Obsolete.',
      causes: [],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x46,
      name: 'protocol_version',
      meaning: 'No common TLS version.',
      causes: ['tls-server-only-legacy', 'tls-versions-disabled-on-host'],
      schannel: { name: 'SEC_E_UNSUPPORTED_FUNCTION', code: 0x80090302 },
    },
    {
      code: 0x47,
      name: 'insufficient_security',
      meaning: 'Ciphers offered are too weak for the server.',
      causes: ['tls-cipher-mismatch'],
      schannel: { name: 'SEC_E_ALGORITHM_MISMATCH', code: 0x80090331 },
    },
    {
      code: 0x50,
      name: 'internal_error',
      meaning:
        'Local fault of the peer. During the handshake: key access or Schannel trouble. After CredSSP data: failed logon on hosts without errorCode.',
      causes: [
        'private-key-acl-machinekeys',
        'private-key-missing-or-corrupt',
        'nla-bad-credentials',
        'credssp-version2-server-no-errorcode',
      ],
      schannel: { name: 'SEC_E_INTERNAL_ERROR', code: 0x80090304 },
    },
    {
      code: 0x56,
      name: 'inappropriate_fallback',
      meaning: 'Server refuses a downgraded retry.',
      causes: ['tls-server-only-legacy'],
      schannel: null,
    },
    {
      code: 0x5a,
      name: 'user_canceled',
      meaning: 'Handshake cancelled.',
      causes: [],
      schannel: { name: 'SEC_E_UNFINISHED_CONTEXT_DELETED', code: 0x80090333 },
    },
    {
      code: 0x64,
      name: 'no_renegotiation',
      meaning: 'Renegotiation refused.',
      causes: [],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x6d,
      name: 'missing_extension',
      meaning: 'Needed TLS 1.3 extension missing.',
      causes: ['tls-no-common-group'],
      schannel: null,
    },
    {
      code: 0x6e,
      name: 'unsupported_extension',
      meaning: 'Extension not expected.',
      causes: ['large-clienthello-intolerant-path'],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x70,
      name: 'unrecognized_name',
      meaning: 'Server does not know the SNI name.',
      causes: ['cert-name-or-trust', 'not-an-rdp-service'],
      schannel: null,
    },
    {
      code: 0x73,
      name: 'unknown_psk_identity',
      meaning: 'Pre-shared key unknown (session resumption).',
      causes: [],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090326 },
    },
    {
      code: 0x74,
      name: 'certificate_required',
      meaning: 'Client certificate demanded.',
      causes: ['client-certificate-required'],
      schannel: null,
    },
    {
      code: 0x78,
      name: 'no_application_protocol',
      meaning: 'ALPN without match.',
      causes: ['not-an-rdp-service'],
      schannel: { name: 'SEC_E_ILLEGAL_MESSAGE', code: 0x80090367 },
    },
  ],
};

/** What Schannel and CredSSP report beside those that stand for an alert. */
export const SECURITY_STATUS: CodeTable = {
  key: 'security-status',
  title: 'SSPI status',
  appears: 'Schannel events, and the texts of Windows for TLS and CredSSP',
  standing: 'documented',
  note: null,
  sources: ['azureEventIds', 'schannelAlerts'],
  codes: [
    {
      code: 0x8009030d,
      name: 'SEC_E_UNKNOWN_CREDENTIALS',
      meaning:
        'The credentials given to the package were not recognized. In Schannel event 36870: the private key of the certificate cannot be used.',
      causes: [
        'private-key-acl-machinekeys',
        'private-key-missing-or-corrupt',
        'custom-cert-key-acl',
      ],
    },
  ],
};
