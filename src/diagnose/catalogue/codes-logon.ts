import type { CodeTable } from './code-table.js';

/** errorCode of a TSRequest, an NTSTATUS of [MS-ERREF] 2.3.1. */
export const NT_STATUS: CodeTable = {
  key: 'ntstatus',
  title: 'NTSTATUS',
  appears: 'errorCode of CredSSP, Status and Sub Status of event 4625, and other places of Windows',
  standing: 'documented',
  note: 'TSRequest.errorCode carries an NTSTATUS and is used for negotiated versions 3, 4 and 6 only.',
  sources: ['tsRequest', 'csspVersions', 'freeRdpNla', 'freeRdpNtStatus'],
  codes: [
    {
      code: 0xc000000d,
      name: 'STATUS_INVALID_PARAMETER',
      meaning: 'A field in the logon message is not valid.',
      causes: ['credssp-oracle-forced-server-unpatched-client'],
    },
    {
      code: 0xc0000022,
      name: 'STATUS_ACCESS_DENIED',
      meaning: 'Access denied.',
      causes: ['user-lacks-rdp-logon-right'],
    },
    {
      code: 0xc000005e,
      name: 'STATUS_NO_LOGON_SERVERS',
      meaning: 'No domain controller available for the logon.',
      causes: ['nla-dc-unreachable'],
    },
    {
      code: 0xc0000064,
      name: 'STATUS_NO_SUCH_USER',
      meaning: 'User unknown.',
      causes: ['nla-bad-credentials'],
    },
    {
      code: 0xc000006a,
      name: 'STATUS_WRONG_PASSWORD',
      meaning: 'Password wrong (user exists).',
      causes: ['nla-bad-credentials'],
    },
    {
      code: 0xc000006d,
      name: 'STATUS_LOGON_FAILURE',
      meaning: 'User name or password wrong; generic.',
      causes: ['nla-bad-credentials', 'entra-joined-target-auth', 'ntlm-blocked'],
    },
    {
      code: 0xc000006e,
      name: 'STATUS_ACCOUNT_RESTRICTION',
      meaning: 'Credentials fine, restriction on the account applies.',
      causes: ['account-disabled-expired-restricted', 'ntlm-blocked'],
    },
    {
      code: 0xc000006f,
      name: 'STATUS_INVALID_LOGON_HOURS',
      meaning: 'Outside permitted hours.',
      causes: ['account-disabled-expired-restricted'],
    },
    {
      code: 0xc0000070,
      name: 'STATUS_INVALID_WORKSTATION',
      meaning: 'Client computer not on the allowed list.',
      causes: ['account-disabled-expired-restricted'],
    },
    {
      code: 0xc0000071,
      name: 'STATUS_PASSWORD_EXPIRED',
      meaning: 'Password expired.',
      causes: ['password-expired-must-change'],
    },
    {
      code: 0xc0000072,
      name: 'STATUS_ACCOUNT_DISABLED',
      meaning: 'Account disabled.',
      causes: ['account-disabled-expired-restricted'],
    },
    {
      code: 0xc000009a,
      name: 'STATUS_INSUFFICIENT_RESOURCES',
      meaning: 'Host out of resources.',
      causes: ['host-busy-or-out-of-memory'],
    },
    {
      code: 0xc00000bb,
      name: 'STATUS_NOT_SUPPORTED',
      meaning: 'Request not supported (for example method not allowed by policy).',
      causes: ['ntlm-blocked'],
    },
    {
      code: 0xc00000d0,
      name: 'STATUS_REQUEST_NOT_ACCEPTED',
      meaning: 'Host accepts no more requests (connection limit).',
      causes: ['rdp-connection-limit-or-drain'],
    },
    {
      code: 0xc00000e5,
      name: 'STATUS_INTERNAL_ERROR',
      meaning: 'Internal fault in the security subsystem.',
      causes: ['schannel-configuration-damaged'],
    },
    {
      code: 0xc0000133,
      name: 'STATUS_TIME_DIFFERENCE_AT_DC',
      meaning: 'Clock of host and DC differ.',
      causes: ['kerberos-time-skew'],
    },
    {
      code: 0xc0000155,
      name: 'STATUS_LOGON_NOT_GRANTED',
      meaning: 'Logon refused by the host.',
      causes: ['user-lacks-rdp-logon-right'],
    },
    {
      code: 0xc000015b,
      name: 'STATUS_LOGON_TYPE_NOT_GRANTED',
      meaning: 'User has no right for this kind of logon.',
      causes: ['user-lacks-rdp-logon-right'],
    },
    {
      code: 0xc000018a,
      name: 'STATUS_NO_TRUST_LSA_SECRET',
      meaning: 'Machine secret missing on the host.',
      causes: ['nla-secure-channel-broken'],
    },
    {
      code: 0xc000018b,
      name: 'STATUS_NO_TRUST_SAM_ACCOUNT',
      meaning: 'Domain has no account for the host.',
      causes: ['nla-secure-channel-broken'],
    },
    {
      code: 0xc000018c,
      name: 'STATUS_TRUSTED_DOMAIN_FAILURE',
      meaning: 'Trust between domains failed.',
      causes: ['nla-secure-channel-broken'],
    },
    {
      code: 0xc000018d,
      name: 'STATUS_TRUSTED_RELATIONSHIP_FAILURE',
      meaning: 'Trust between host and domain failed.',
      causes: ['nla-secure-channel-broken'],
    },
    {
      code: 0xc0000190,
      name: 'STATUS_TRUST_FAILURE',
      meaning: 'Logon of network account over the trust failed.',
      causes: ['nla-secure-channel-broken'],
    },
    {
      code: 0xc0000192,
      name: 'STATUS_NETLOGON_NOT_STARTED',
      meaning: 'Netlogon service not running.',
      causes: ['nla-dc-unreachable'],
    },
    {
      code: 0xc0000193,
      name: 'STATUS_ACCOUNT_EXPIRED',
      meaning: 'Account expired.',
      causes: ['account-disabled-expired-restricted'],
    },
    {
      code: 0xc0000224,
      name: 'STATUS_PASSWORD_MUST_CHANGE',
      meaning: 'Password must be changed first.',
      causes: ['password-expired-must-change'],
    },
    {
      code: 0xc0000233,
      name: 'STATUS_DOMAIN_CONTROLLER_NOT_FOUND',
      meaning: 'No DC found for the domain.',
      causes: ['nla-dc-unreachable'],
    },
    {
      code: 0xc0000234,
      name: 'STATUS_ACCOUNT_LOCKED_OUT',
      meaning: 'Account locked out.',
      causes: ['account-locked-out'],
    },
    {
      code: 0xc00002c3,
      name: 'STATUS_MUTUAL_AUTHENTICATION_FAILED',
      meaning: 'Host identity could not be proven (SPN, wrong name).',
      causes: ['ntlm-blocked', 'dns-stale-or-wrong-address'],
    },
    {
      code: 0xc00002fd,
      name: 'STATUS_KDC_UNKNOWN_ETYPE',
      meaning: 'KDC and account share no encryption type.',
      causes: ['fips-mode-mismatch'],
    },
    {
      code: 0xc0000320,
      name: 'STATUS_PKINIT_FAILURE',
      meaning: 'Certificate logon to Kerberos failed.',
      causes: ['smartcard-logon-fails'],
    },
    {
      code: 0xc000035b,
      name: 'STATUS_BAD_BINDINGS',
      meaning: 'Channel bindings missing or wrong.',
      causes: ['ntlmv1-channel-bindings', 'tls-interception-breaks-nla'],
    },
    {
      code: 0xc0000380,
      name: 'STATUS_SMARTCARD_WRONG_PIN',
      meaning: 'Wrong PIN.',
      causes: ['smartcard-logon-fails'],
    },
    {
      code: 0xc0000381,
      name: 'STATUS_SMARTCARD_CARD_BLOCKED',
      meaning: 'Card blocked.',
      causes: ['smartcard-logon-fails'],
    },
    {
      code: 0xc0000388,
      name: 'STATUS_DOWNGRADE_DETECTED',
      meaning: 'Possible downgrade attack or no Kerberos where required.',
      causes: ['nla-dc-unreachable', 'ntlm-blocked'],
    },
    {
      code: 0xc000038a,
      name: 'STATUS_ISSUING_CA_UNTRUSTED',
      meaning: 'CA of the smart-card or KDC certificate not trusted.',
      causes: ['smartcard-logon-fails'],
    },
    {
      code: 0xc0000413,
      name: 'STATUS_AUTHENTICATION_FIREWALL_FAILED',
      meaning: 'Selective authentication of the trust blocks the user.',
      causes: ['user-lacks-rdp-logon-right'],
    },
    {
      code: 0xc0000418,
      name: 'STATUS_NTLM_BLOCKED',
      meaning: 'NTLM blocked by policy.',
      causes: ['ntlm-blocked'],
    },
  ],
};

/** Early User Authorization Result, [MS-RDPBCGR] 2.2.10.2. */
export const EARLY_AUTHORIZATION: CodeTable = {
  key: 'early-authorization',
  title: 'Early User Authorization Result',
  appears: 'the last message of NLA, where HYBRID_EX was selected',
  standing: 'documented',
  note: null,
  sources: ['cssp315', 'freeRdpNla'],
  codes: [
    { code: 0x0, name: null, meaning: 'User may connect.', causes: [] },
    {
      code: 0x5,
      name: null,
      meaning: 'Logon valid, but the user may not connect.',
      causes: ['user-lacks-rdp-logon-right'],
    },
  ],
};

/** version of a TSRequest, [MS-CSSP] 2.2.1. */
export const CREDSSP_VERSIONS: CodeTable = {
  key: 'credssp-version',
  title: 'CredSSP version',
  appears: 'version of a TSRequest',
  standing: 'documented',
  note: 'The host states its version in its first TSRequest, before credentials are sent.',
  sources: ['tsRequest', 'csspVersions', 'oracleRemediation'],
  codes: [
    {
      code: 0x2,
      name: null,
      meaning:
        'Highest version of XP SP3 to Windows 8 / Server 2012 before updates; no errorCode. No CVE-2018-0886 mitigation.',
      causes: ['credssp-oracle-patched-client-unpatched-server'],
    },
    {
      code: 0x3,
      name: null,
      meaning: 'Adds errorCode. No CVE-2018-0886 mitigation.',
      causes: ['credssp-oracle-patched-client-unpatched-server'],
    },
    {
      code: 0x4,
      name: null,
      meaning: 'errorCode as in 3. No CVE-2018-0886 mitigation.',
      causes: ['credssp-oracle-patched-client-unpatched-server'],
    },
    {
      code: 0x5,
      name: null,
      meaning:
        'Adds clientNonce and the hash-based public-key check; errorCode is specified for 3, 4 and 6, so not for 5. With the mitigation of CVE-2018-0886.',
      causes: [],
    },
    {
      code: 0x6,
      name: null,
      meaning: 'Like 5 with errorCode; current Windows. With the mitigation of CVE-2018-0886.',
      causes: [],
    },
  ],
};

/** Who gets in at which setting of AllowEncryptionOracle: a row a pair of machines. */
export interface OracleRow {
  readonly hostUpdated: boolean;
  readonly clientUpdated: boolean;
  /** the machine whose setting decides */
  readonly settingOn: 'host' | 'client' | 'both';
  /** at 0 (Force Updated Clients), 1 (Mitigated, the default since May 2018), 2 (Vulnerable) */
  readonly allowedAt: readonly [boolean, boolean, boolean];
}

/** CVE-2018-0886; an update that waits for a restart counts as not installed. */
export const ORACLE_MATRIX: readonly OracleRow[] = [
  { hostUpdated: true, clientUpdated: false, settingOn: 'host', allowedAt: [false, true, true] },
  { hostUpdated: false, clientUpdated: true, settingOn: 'client', allowedAt: [false, false, true] },
  { hostUpdated: true, clientUpdated: true, settingOn: 'both', allowedAt: [true, true, true] },
];
