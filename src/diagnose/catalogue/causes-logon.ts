import {
  defineCauses,
  documented,
  inClient,
  inServer,
  onClient,
  onNetwork,
  onServer,
  PAIR_REPORTED,
  SOCKET_CLOSED,
  says,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes in the account and in what checks it. */
export const LOGON_CAUSES = defineCauses({
  'nla-bad-credentials': {
    title: 'User name, password or domain is wrong',
    summary:
      'NLA rejects the logon before any desktop appears. Frequent: wrong domain prefix, local account on a domain host without host prefix, Microsoft or Entra account form.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'TSRequest with errorCode 0xC000006D (or 0xC000006A / 0xC0000064); older hosts: TLS alert 80 or close directly after authenticate.',
    signalWeights: {
      'credssp.errorcode-0xC000006D': 'supporting',
      'credssp.errorcode-0xC000006A': 'decisive',
      'credssp.errorcode-0xC0000064': 'decisive',
      'credssp.alert-80': 'ambiguous',
      'credssp.alert-49': 'decisive',
      'credssp.logon-refused': 'supporting',
      'credssp.errorcode-0x8009030C': 'supporting',
      'gw.unauthorized': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'With errorCode the host states it. 0xC000006D also covers account and policy reasons; the SubStatus in event 4625 is finer.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the server: Sub Status of event 4625 of the same second.',
    mstsc: [
      documented('0x807'),
      documented('0xA07'),
      says('Your credentials did not work', 'documented'),
      SOCKET_CLOSED,
    ],
    hostChecks: [
      inServer(COMMANDS.logonEvents, 'Status / Sub Status hold the NTSTATUS'),
      inServer('quser /server:<host>', 'with an admin account'),
    ],
    advice: [
      onClient('Write the account in full: DOMAIN\\user, user@domain or HOST\\user.'),
      onClient('Delete saved credentials that are out of date.', 'cmdkey /list'),
      onServer('The Sub Status of event 4625 is more precise than the code.', COMMANDS.logonEvents),
    ],
    more: [
      'Test the same credentials with another protocol, for example net use \\\\<host>\\IPC$.',
    ],
    caution: 'Do not try passwords in a row: each try counts towards the lockout of the account.',
    unverified: [],
    sources: ['cannotAuthenticate', 'tsRequest', 'onDisconnected', 'azureSpecificErrors'],
  },
  'account-locked-out': {
    title: 'The account is locked out',
    summary: 'Too many failed logons (or password spraying from elsewhere) locked the account.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature: 'TSRequest errorCode 0xC0000234.',
    signalWeights: {
      'credssp.errorcode-0xC0000234': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stated by the host; hosts without errorCode show alert 80 or close.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: null,
    mstsc: [documented('0xD07'), SOCKET_CLOSED],
    hostChecks: [
      inServer(COMMANDS.logonEvents, 'Status / Sub Status hold the NTSTATUS'),
      inServer('net user <user> /domain', 'whether the account is active, and when it is unlocked'),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4740} -MaxEvents 5",
        'on the DC: source of the lockout',
      ),
    ],
    advice: [
      onServer('Unlock it, or wait until the lockout ends.', 'Unlock-ADAccount <user>'),
      onServer(
        'Event 4740 on the domain controller names the machine that tried the wrong password.',
        "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4740} -MaxEvents 5",
      ),
    ],
    more: ['Reduce internet exposure when guessing is the reason.'],
    caution: null,
    unverified: [],
    sources: ['onDisconnected', 'azureBruteForce'],
  },
  'account-disabled-expired-restricted': {
    title: 'The account is disabled, expired or restricted',
    summary:
      'The account is disabled or expired, limited to other logon hours or workstations, has a blank password, or is protected by a restriction policy.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'TSRequest errorCode 0xC0000072 (disabled), 0xC0000193 (expired), 0xC000006E (restriction), 0xC000006F (hours), 0xC0000070 (workstation).',
    signalWeights: {
      'credssp.errorcode-0xC0000072': 'decisive',
      'credssp.errorcode-0xC0000193': 'decisive',
      'credssp.errorcode-0xC000006E': 'decisive',
      'credssp.errorcode-0xC000006F': 'decisive',
      'credssp.errorcode-0xC0000070': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Each code names one restriction.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: null,
    mstsc: [documented('0xB07'), documented('0xE07'), documented('0xC07'), SOCKET_CLOSED],
    hostChecks: [
      inServer('net user <user> /domain'),
      inServer('reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LimitBlankPasswordUse'),
      inServer(COMMANDS.logonEvents, 'Status / Sub Status hold the NTSTATUS'),
    ],
    advice: [
      onServer(
        'Look at the account: active, expiry, hours, workstations.',
        'net user <user> /domain',
      ),
      onServer('A blank password is refused for network logon: set one.'),
    ],
    more: [
      'Protected Users / authentication-policy silo: connect by name with Kerberos, not by IP.',
    ],
    caution: null,
    unverified: [],
    sources: ['onDisconnected', 'extendedReason', 'cannotAuthenticate'],
  },
  'password-expired-must-change': {
    title: 'The password has expired or must be changed first',
    summary:
      'NLA cannot show a change-password dialog; accounts with an expired or initial password fail before the session.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature: 'TSRequest errorCode 0xC0000071 or 0xC0000224.',
    signalWeights: {
      'credssp.errorcode-0xC0000071': 'decisive',
      'credssp.errorcode-0xC0000224': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stated by the host.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: null,
    mstsc: [documented('0xF07'), documented('0x1207'), SOCKET_CLOSED],
    hostChecks: [
      inServer('net user <user> /domain', 'when the password expires, and may be changed'),
      inServer(COMMANDS.logonEvents, 'Status / Sub Status hold the NTSTATUS'),
    ],
    advice: [
      onClient(
        'Change it elsewhere: at the console, a domain machine or the RD Web page. NLA has no dialog for it.',
        null,
        'Do not switch NLA off only to change a password.',
      ),
    ],
    more: ['Clear "user must change password at next logon" after setting a strong one.'],
    caution: null,
    unverified: [],
    sources: ['onDisconnected', 'cannotAuthenticate'],
  },
  'user-lacks-rdp-logon-right': {
    title: 'The user is known but may not log on through Remote Desktop',
    summary:
      'The account is not in Remote Desktop Users / Administrators, or lacks "Allow log on through Remote Desktop Services" or "Access this computer from the network", or a deny right wins.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: ['mcs', 'post'],
    wireSignature:
      'With PROTOCOL_HYBRID_EX: Early User Authorization Result 5 (access denied) after successful CredSSP. Otherwise errorCode 0xC000015B, or the drop comes after MCS with ERRINFO 0x9.',
    signalWeights: {
      'credssp.early-auth-denied': 'decisive',
      'credssp.errorcode-0xC000015B': 'decisive',
      'mcs.errinfo-0x9': 'decisive',
      'credssp.errorcode-0xC0000022': 'decisive',
      'credssp.errorcode-0xC0000155': 'decisive',
      'credssp.errorcode-0xC0000413': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'HYBRID_EX result 5 follows a valid logon, so the password is right.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: null,
    mstsc: [
      { code: '0x3', extended: '0x9', basis: 'inferred', says: null },
      { code: null, extended: '0x9', basis: 'documented', says: null },
      says('restricted the type of logon (network or interactive)', 'documented'),
      says("This computer can't connect to the remote computer", 'documented'),
      PAIR_REPORTED,
    ],
    hostChecks: [
      inServer(COMMANDS.rdpUsers),
      inServer(
        'whoami /groups; gpresult /r /scope computer',
        'run as the user: group Remote Desktop Users; policies with user rights, where a deny right wins',
      ),
      inServer(COMMANDS.logonEvents, 'Status / Sub Status hold the NTSTATUS ; logon type 10 or 3'),
    ],
    advice: [
      onServer(
        'Add the user to Remote Desktop Users.',
        'Add-LocalGroupMember "Remote Desktop Users" -Member DOMAIN\\user',
      ),
      onServer(
        'Look for user-rights policies that deny the logon; a deny right wins.',
        COMMANDS.logonEvents,
      ),
    ],
    more: [
      'Domain controllers: members of Remote Desktop Users need the right in addition.',
      'Entra-joined host: a cloud group in Remote Desktop Users is not honoured; add the user directly.',
    ],
    caution: null,
    unverified: [],
    sources: [
      'cannotAuthenticate',
      'azureSpecificErrors',
      'extendedReason',
      'freeRdpNla',
      'entraJoined',
    ],
  },
  'nla-dc-unreachable': {
    title: 'The server cannot reach a domain controller to check the logon',
    summary:
      'The host must validate the user before the session exists; with no DC (network, DNS, firewall, DC down) NLA fails for domain accounts while local accounts still work.',
    category: 'nla',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'Long pause after the authenticate message, then errorCode 0xC000005E (no logon servers) or 0xC0000233, or alert 80 / close.',
    signalWeights: {
      'credssp.errorcode-0xC000005E': 'decisive',
      'credssp.errorcode-0xC0000233': 'decisive',
      'credssp.timeout-after-authenticate': 'decisive',
      'credssp.alert-80': 'ambiguous',
      'credssp.errorcode-0xC0000192': 'decisive',
      'credssp.errorcode-0xC0000388': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Code is precise; without errorCode the pause of many seconds is only a hint.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Does a local account of the server log on?',
    mstsc: [
      documented('0x1807'),
      says('The Local Security Authority cannot be contacted', 'documented'),
      says('... NLA ... domain controller cannot be contacted', 'documented'),
      SOCKET_CLOSED,
    ],
    hostChecks: [
      inServer(COMMANDS.secureChannel),
      inServer('Resolve-DnsName _ldap._tcp.dc._msdcs.<domain> -Type SRV'),
      inServer(
        'Test-NetConnection <dc> -Port 88; Test-NetConnection <dc> -Port 389; Test-NetConnection <dc> -Port 445',
      ),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='NETLOGON'} -MaxEvents 5",
      ),
    ],
    advice: [
      onServer(
        'See whether it finds one.',
        'Test-ComputerSecureChannel -Verbose; nltest /dsgetdc:<domain>',
      ),
      onNetwork(
        'Restore DNS and the ports 88, 389 and 445 from the server to the domain controllers.',
      ),
      onClient('Get in with a local account of the server: HOST\\user.'),
    ],
    more: [
      'If no local account works: use the console, or disable NLA for a moment (UserAuthentication=0, restart), repair, then set 1 again.',
    ],
    caution: 'Disable NLA only to get in and repair; then restore UserAuthentication=1.',
    unverified: ['NETLOGON event selection (general knowledge)'],
    sources: ['azureAuthentication', 'lsaContact', 'azureSpecificErrors'],
  },
  'nla-secure-channel-broken': {
    title: 'The server has lost its trust with the domain',
    summary:
      'The machine account password no longer matches (snapshot restore, clone, long offline), so the host cannot verify domain users.',
    category: 'nla',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'errorCode 0xC000018D, 0xC000018B, 0xC000018A or 0xC000018C, or generic 0xC000006D / alert 80; local accounts work.',
    signalWeights: {
      'credssp.errorcode-0xC000018D': 'decisive',
      'credssp.errorcode-0xC000018B': 'decisive',
      'credssp.errorcode-0xC000018A': 'decisive',
      'credssp.errorcode-0xC000018C': 'decisive',
      'credssp.alert-80': 'ambiguous',
      'credssp.errorcode-0xC0000190': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The trust codes are specific. Otherwise only the local-account comparison shows it.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Does a local account of the server log on?',
    mstsc: [
      documented('0x1807'),
      says('The Local Security Authority cannot be contacted', 'documented'),
      SOCKET_CLOSED,
    ],
    hostChecks: [
      inServer(COMMANDS.secureChannel),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='NETLOGON';Id=3210,5719} -MaxEvents 5",
      ),
    ],
    advice: [
      onServer(
        'Repair the secure channel, then restart.',
        'Test-ComputerSecureChannel -Repair -Credential <domain admin>',
      ),
    ],
    more: [
      'Or: Reset-ComputerMachinePassword -Server <dc> -Credential <domain admin>.',
      'Or take the host out of the domain and join it again.',
    ],
    caution: null,
    unverified: ['NETLOGON event ids 3210 and 5719 (general knowledge)'],
    sources: ['azureAuthentication', 'lsaContact'],
  },
  'domain-creds-disabled': {
    title: 'The host is told not to keep domain credentials',
    summary:
      'The setting disabledomaincreds = 1 ("do not allow storage of passwords and credentials") on the host breaks NLA logons.',
    category: 'policy',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'NLA fails after authenticate for all domain users while password and DC are fine; local accounts work.',
    signalWeights: {
      'credssp.alert-80': 'ambiguous',
      'credssp.fin-after-authenticate': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'No own code; a host check decides.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Does a local account of the server log on?',
    mstsc: [says('The Local Security Authority cannot be contacted', 'documented'), SOCKET_CLOSED],
    hostChecks: [
      inServer('reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v disabledomaincreds'),
    ],
    advice: [
      onServer(
        'Read the setting: 1 forbids it.',
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v disabledomaincreds',
      ),
      onServer(
        'Change the policy "Network access: Do not allow storage of passwords and credentials for network authentication", then restart.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['azureAuthentication'],
  },
  'ntlm-blocked': {
    title: 'NTLM is refused, and Kerberos is not possible here',
    summary:
      'Restrict-NTLM policies, Protected Users or an LmCompatibilityLevel gap rule NTLM out; Kerberos is unavailable because the connection uses an IP address, an alias without SPN, or has no line of sight to a KDC.',
    category: 'nla',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'errorCode 0xC0000418 (NTLM blocked) or 0xC000006E / 0xC000006D straight after authenticate; connection by host name from a domain client works, by IP address not.',
    signalWeights: {
      'credssp.errorcode-0xC0000418': 'decisive',
      'credssp.errorcode-0xC000006E': 'supporting',
      'credssp.errorcode-0xC000006D': 'ambiguous',
      'auth.name-ok-ip-fails': 'supporting',
      'credssp.ok-without-nla': 'hint',
      'stage.further-tries-same': 'ambiguous',
      'credssp.errorcode-0xC00000BB': 'decisive',
      'credssp.errorcode-0xC0000388': 'hint',
      'credssp.errorcode-0x8009030C': 'hint',
    },
    counterSignals: {
      'stage.second-try-ok': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'The name/IP difference is a good indicator.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Connect by name from a domain client, and by address: works by name only?',
    mstsc: [
      documented('0x1707'),
      says('The function requested is not supported', 'reported'),
      SOCKET_CLOSED,
    ],
    hostChecks: [
      inServer(COMMANDS.ntlmSettings),
      inServer("Get-WinEvent -LogName 'Microsoft-Windows-NTLM/Operational' -MaxEvents 20"),
      inServer(COMMANDS.servicePrincipals, 'TERMSRV/<host> present?'),
    ],
    advice: [
      onClient(
        'Connect by the full name that has a TERMSRV service principal, with a way to a domain controller.',
        COMMANDS.servicePrincipals,
      ),
      onServer(
        'Read what blocks NTLM.',
        "Get-WinEvent -LogName 'Microsoft-Windows-NTLM/Operational' -MaxEvents 20",
        'Do not relax the NTLM restrictions of a domain for one connection.',
      ),
    ],
    more: [
      'Give the client access to a KDC (VPN, KDC proxy) or add a narrow NTLM exception.',
      'Set LmCompatibilityLevel 3 or higher on the client when NTLMv1 is refused.',
    ],
    caution: null,
    unverified: [],
    sources: [
      'cannotAuthenticate',
      'channelBindings',
      'remoteCredentialGuard',
      'credentialGuardIssues',
    ],
  },
  'ntlmv1-channel-bindings': {
    title: 'The logon lacks channel bindings: NTLM version 1, or TLS that is opened on the path',
    summary:
      'LmCompatibilityLevel below 3 makes the client use NTLMv1, which carries no channel bindings; RD Gateway or a strict host rejects it.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: ['post'],
    wireSignature: 'errorCode or gateway result 0xC000035B (bad bindings).',
    signalWeights: {
      'credssp.errorcode-0xC000035B': 'decisive',
      'gw.status-0xC000035B': 'decisive',
      'cert.differs-by-path': 'supporting',
      'credssp.errorcode-0x80090346': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Same code appears when a TLS-terminating middlebox changes the certificate: check the certificate against the baseline.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the client: LmCompatibilityLevel.',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [
      inClient(COMMANDS.ntlmSettings),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4625} -MaxEvents 10",
        'on the gateway: Status 0xC000035B',
      ),
    ],
    advice: [
      onClient(
        'Set LmCompatibilityLevel to 3 or higher.',
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LmCompatibilityLevel',
      ),
    ],
    more: [
      'Remove TLS interception between client and gateway/host.',
      'Last resort on the gateway: HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion\\TerminalServerGateway\\Config\\Core EnforceChannelBinding=0.',
    ],
    caution: 'EnforceChannelBinding=0 removes a relay protection.',
    unverified: [],
    sources: ['channelBindings', 'cssp315'],
  },
  'kerberos-time-skew': {
    title: 'The clocks of client and server differ too much',
    summary:
      'Kerberos tolerates 5 minutes by default. A wrong clock also makes certificates look expired or not yet valid.',
    category: 'time-skew',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'errorCode 0xC0000133; or the timestamp in the NTLM challenge (MsvAvTimestamp) differs from the client clock by more than 5 minutes; certificate notBefore in the future.',
    signalWeights: {
      'credssp.errorcode-0xC0000133': 'decisive',
      'credssp.ntlm-timestamp-skew': 'decisive',
      'cert.not-yet-valid': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The NTLM challenge reveals the host clock without credentials. Large skew is a fact; that it is the reason is likely only with Kerberos.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: ['Compute host time from the NTLM challenge: free of credentials'],
    nextCheck: 'Compare both clocks with a time server: which of the two is wrong?',
    mstsc: [
      SOCKET_CLOSED,
      says('time or date difference between your computer and the remote computer', 'reported'),
    ],
    hostChecks: [
      inServer('w32tm /query /status; w32tm /stripchart /computer:<dc> /samples:3 /dataonly'),
      inServer(null, 'time zone, and the time synchronisation of the hypervisor'),
    ],
    advice: [
      onServer('Compare with the time source and correct the clock.', 'w32tm /query /status'),
      onClient('Do the same here, then synchronise.', 'w32tm /resync /rediscover'),
    ],
    more: ['Correct the time source of the PDC emulator.'],
    caution: null,
    unverified: ['mstsc dialog wording'],
    sources: ['clockTolerance', 'lsaContact', 'onDisconnected', 'remoteCredentialGuard'],
  },
  'smartcard-logon-fails': {
    title: 'The logon with a smart card is refused',
    summary:
      'The card or PIN is refused, the KDC or card certificate does not chain, or a read-only DC cannot serve the logon; Microsoft also documents update-related smart-card faults on old builds.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'errorCode 0xC0000380 (wrong PIN), 0xC0000381 (card blocked), 0xC0000320 (PKINIT failure), 0xC000038A (issuing CA untrusted); password logon to the same host works.',
    signalWeights: {
      'credssp.errorcode-0xC0000380': 'decisive',
      'credssp.errorcode-0xC0000381': 'decisive',
      'credssp.errorcode-0xC0000320': 'decisive',
      'credssp.errorcode-0xC000038A': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The code names the step. A password probe that reaches the same stage excludes network and TLS.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Does a logon with a password get in?',
    mstsc: [documented('0x1C07'), documented('0x2207'), SOCKET_CLOSED],
    hostChecks: [
      inClient('certutil -scinfo'),
      inServer('certutil -dcinfo verify', 'KDC certificates'),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-Security-Kerberos'} -MaxEvents 10",
      ),
    ],
    advice: [
      onClient('Read the card: PIN, certificate, chain.', 'certutil -scinfo'),
      onServer('Does the certificate of the domain controllers hold?', 'certutil -dcinfo verify'),
      onNetwork(
        'Publish the issuing CA in NTAuth and in the trusted roots; renew the certificate of the domain controller.',
      ),
      onNetwork('A branch with a read-only domain controller: let it reach a writable one.'),
    ],
    more: ['Old builds: install current cumulative updates and restart.'],
    caution: null,
    unverified: ['which NTSTATUS each case puts into errorCode (by name only)'],
    sources: ['cannotAuthenticate', 'onDisconnected', 'tsRequest'],
  },
});
