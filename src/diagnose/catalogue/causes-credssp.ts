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

/** Causes in CredSSP itself: versions, policies, modes, patience. */
export const CREDSSP_CAUSES = defineCauses({
  'credssp-oracle-patched-client-unpatched-server': {
    title: 'The server lacks the CredSSP update of 2018 (CVE-2018-0886): updated clients refuse it',
    summary:
      'The host lacks the CVE-2018-0886 update (March/May 2018). A client whose Encryption Oracle Remediation is Mitigated (default since 8 May 2018) or Force Updated Clients will not send credentials to it.',
    category: 'credssp',
    phase: 'direct',
    failurePoint: 'credssp-nego',
    alsoSeenAt: [],
    wireSignature:
      'TLS completes; the first TSRequest from the host (NTLM challenge) carries version 2, 3 or 4. An mstsc client then gives up on its own; by message order the capture should show the client closing after the challenge (inferred).',
    signalWeights: {
      'credssp.server-version-le-4': 'decisive',
      'credssp.client-closes-after-challenge': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The server version in the challenge is read without credentials and shows the patch level: 5 or higher means the mitigation is present. The moment at which mstsc stops is inferred from the message order, not documented. Third-party servers may report an old version independent of the CVE.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [
      'Read TSRequest.version of the first server answer',
      'With version >= 5 discard this cause',
    ],
    nextCheck:
      'On the server: the version of tspkg.dll, and whether an update waits for a restart.',
    mstsc: [
      says(
        'authentication error ... function requested is not supported ... CredSSP encryption oracle remediation',
        'documented',
      ),
      PAIR_REPORTED,
    ],
    hostChecks: [
      inServer(
        COMMANDS.credSspVersion,
        'minimum 6.1.7601.24117 (7 SP1/2008 R2), 6.2.9200.22432 (2012), 6.3.9600.18999 (8.1/2012 R2), 10.0.14393.2248 (1607/2016), 10.0.15063.1088 (1703), 10.0.16299.431 (1709)',
      ),
      inServer(
        'Get-HotFix -Id KB4103718,KB4103723,KB4103725,KB4103727,KB4103730,KB4103731 -ErrorAction SilentlyContinue',
        'or any later cumulative update',
      ),
      inClient(COMMANDS.encryptionOracle, '0 Force, 1 Mitigated, 2 Vulnerable'),
      inServer(
        '(Get-CimInstance Win32_OperatingSystem).LastBootUpTime',
        'an update that waits for a restart does not count',
      ),
    ],
    advice: [
      onServer(
        'Install any cumulative update since May 2018 and restart; if only RDP reaches the host, use its console, WinRM or the run command of the cloud.',
        COMMANDS.credSspVersion,
      ),
      onClient(
        'Only as a bridge until the server is updated: set "Encryption Oracle Remediation" to Vulnerable on this one client, connect, update the server, and set it back.',
        'reg add "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\CredSSP\\Parameters" /v AllowEncryptionOracle /t REG_DWORD /d 2 /f',
        'A temporary diagnostic, never a fix: Vulnerable permits the attack that the update closes. Afterwards delete the value or set it to 1.',
      ),
    ],
    more: [
      'Same setting as policy: Computer Configuration > Administrative Templates > System > Credentials Delegation > Encryption Oracle Remediation.',
      'Microsoft names a second stopgap, on the host and for the time of patching only: security layer RDP together with NLA off. Take both back afterwards.',
    ],
    caution:
      '"Vulnerable" is a temporary diagnostic on the client, never on a server that is patched. mstsc shows a message of its own for this case: a bare 0x904 speaks against it.',
    unverified: ['exact moment at which mstsc closes'],
    sources: [
      'oracleRemediation',
      'credSspPolicy',
      'tsRequest',
      'csspVersions',
      'cannotAuthenticate',
    ],
  },
  'credssp-oracle-forced-server-unpatched-client': {
    title: 'The hardened server refuses a client without the CredSSP update of 2018',
    summary:
      'The host is set to Force Updated Clients (0) and rejects clients without the CVE-2018-0886 update.',
    category: 'credssp',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'Host offers version 5 or 6 in its challenge; a client that negotiates 4 or less is refused after the authenticate/pubKeyAuth message (errorCode, TLS alert or close). A client with version 5+ is accepted.',
    signalWeights: {
      'credssp.server-version-ge-5': 'ambiguous',
      'credssp.old-version-refused': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Needs an A/B attempt with valid credentials (client version 4 against 6). Without credentials nothing distinguishes the setting.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Does a client with CredSSP version 5 or later get in?',
    mstsc: [says('same CredSSP dialog family', 'documented'), PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.encryptionOracle, '0 = Force Updated Clients'),
      inClient(COMMANDS.credSspVersion),
    ],
    advice: [
      onClient(
        'Update the client, or the RDP library it uses: it must speak CredSSP version 5 or later.',
        COMMANDS.credSspVersion,
      ),
      onServer(
        'Where an old client cannot be updated at once: "Encryption Oracle Remediation" to Mitigated (1) for a limited time.',
        COMMANDS.encryptionOracle,
        'Not to Vulnerable: that is a setting for a client, and for a test only.',
      ),
    ],
    more: [
      'An article of Microsoft sets 2 (Vulnerable) on the server here; by its own table 1 (Mitigated) is enough to let such clients in.',
    ],
    caution: null,
    unverified: [],
    sources: ['oracleRemediation', 'credSspPolicy', 'csspVersions'],
  },
  'credssp-version2-server-no-errorcode': {
    title: 'The old CredSSP of the server hides why it refused the logon',
    summary:
      'Windows up to 8 / Server 2012 speaks CredSSP version 2 without the errorCode field, so each rejected logon (password, lockout, rights) looks like the same dropped connection.',
    category: 'credssp',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'Server TSRequest version 2; after the authenticate message the host sends TLS alert internal_error (80) or closes; no errorCode.',
    signalWeights: {
      'credssp.server-version-2': 'supporting',
      'credssp.alert-80': 'ambiguous',
      'credssp.fin-after-authenticate': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'It explains the missing reason, not the failure itself; read the Security log of the host.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: Status and Sub Status of event 4625 of the same second.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.logonEvents, 'Status / Sub Status hold the NTSTATUS'),
      inServer(COMMANDS.windowsVersion),
    ],
    advice: [onServer('Read the status in event 4625.', COMMANDS.logonEvents)],
    more: ['Update or replace the old host.'],
    caution: null,
    unverified: [],
    sources: ['csspVersions', 'freeRdpInternalError', 'freeRdpAlertAfterLogon'],
  },
  'credssp-delegation-policy': {
    title: 'A policy of the client forbids it to send credentials to this host',
    summary:
      'Credential delegation policies on the client (AllowDefaultCredentials, AllowSavedCredentials, NTLM-only variants, deny lists) do not cover TERMSRV/<host>.',
    category: 'policy',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'The probe succeeds up to the server challenge; mstsc stops locally before or after it and shows a delegation message. Nothing unusual comes from the host.',
    signalWeights: {
      'credssp.challenge-ok': 'ambiguous',
      'client.other-client-ok': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Local to the client: only a comparison with another client (the probe) shows it.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Type the password instead of using a saved one: does it get in?',
    mstsc: [
      documented('0x1607'),
      documented('0x1707'),
      {
        code: '0xF08',
        extended: null,
        basis: 'reported',
        says: 'not in the Microsoft table; product documentation',
      },
    ],
    hostChecks: [
      inClient(
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\CredentialsDelegation" /s',
      ),
      inClient('gpresult /r /scope computer'),
    ],
    advice: [
      onClient('Type the credentials.'),
      onClient(
        'See which hosts the policies cover.',
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\CredentialsDelegation" /s',
      ),
      onClient(
        'Add TERMSRV/<host> to the policy that fits (System > Credentials Delegation), and connect by that very name.',
        'gpupdate /force',
        'Keep the lists for NTLM-only servers short: credentials go to hosts whose identity was not checked.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['credSspGroupPolicy', 'onDisconnected', 'delegation3848'],
  },
  'credential-guard-saved-creds': {
    title: 'Credential Guard keeps the client from using saved credentials',
    summary:
      'With Credential Guard (default on recent Enterprise/Education editions and Server 2025) saved Windows credentials cannot be sent by the RDP client and NTLMv1/CredSSP default delegation stops working.',
    category: 'policy',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'Rejected logon (0xC000006D-like) or local stop only when saved credentials are used; typed credentials work.',
    signalWeights: {
      'credssp.errorcode-0xC000006D': 'ambiguous',
      'client.saved-credentials-only': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Fits if a client upgrade preceded the fault and typing the password helps.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Type the password instead of using a saved one: does it get in?',
    mstsc: [says('Logon attempt failed', 'documented'), documented('0x807')],
    hostChecks: [
      inClient(
        '(Get-CimInstance -Namespace root\\Microsoft\\Windows\\DeviceGuard -ClassName Win32_DeviceGuard).SecurityServicesRunning',
        '1 = Credential Guard',
      ),
      inClient('cmdkey /list | findstr /i termsrv'),
    ],
    advice: [
      onClient('Type the credentials, or use Remote Credential Guard or Windows Hello.'),
      onClient(
        'Is Credential Guard running? 1 in the list says so.',
        '(Get-CimInstance -Namespace root\\Microsoft\\Windows\\DeviceGuard -ClassName Win32_DeviceGuard).SecurityServicesRunning',
        'Do not switch Credential Guard off in order to keep saved passwords.',
      ),
      onClient('Delete the saved entry.', 'cmdkey /delete:TERMSRV/<host>'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['credentialGuardIssues'],
  },
  'remote-credential-guard-unmet': {
    title:
      'Restricted Admin or Remote Credential Guard is asked for, and the host does not take it',
    summary:
      'These modes need Kerberos, a name with SPN, the right OS on both ends and DisableRestrictedAdmin=0 on the host; they fail with load-balanced brokers.',
    category: 'policy',
    phase: 'direct',
    failurePoint: 'credssp-nego',
    alsoSeenAt: [],
    wireSignature:
      'NEG_RSP without the restricted-admin / redirected-authentication flags, or the client aborts after the response; ordinary mode works.',
    signalWeights: {
      'x224.no-restricted-admin-flag': 'ambiguous',
      'x224.no-rcg-flag': 'ambiguous',
      'client.other-mode-ok': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The flags in RDP_NEG_RSP are readable without credentials. They show support, not permission.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Does a plain connection, without that mode, get in?',
    mstsc: [
      says('account restrictions are preventing this user from signing in', 'reported'),
      SOCKET_CLOSED,
    ],
    hostChecks: [
      inServer('reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v DisableRestrictedAdmin'),
      inServer(COMMANDS.servicePrincipals),
      inClient('klist get TERMSRV/<host>'),
    ],
    advice: [
      onServer(
        'Does the host take it? 0 means yes.',
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v DisableRestrictedAdmin',
        'Restricted Admin lets whoever holds the hash of an administrator log on: prefer Remote Credential Guard.',
      ),
      onClient(
        'Connect by the full name, without a broker: the mode needs Kerberos.',
        'klist get TERMSRV/<host>',
      ),
      onClient(
        'Set the policy "Restrict delegation of credentials to remote servers" to a mode that the host supports.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['remoteCredentialGuard', 'cannotAuthenticate', 'sendingConfirm'],
  },
  'entra-joined-target-auth': {
    title: 'The host is joined to Microsoft Entra, and account form or client do not fit',
    summary:
      'A cloud-joined host needs AzureAD\\user@domain (PKU2U) from a suitable device or the web-account option; IP addresses, old clients and cloud groups do not work.',
    category: 'auth',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'errorCode 0xC000006D or alert 80 with normal NLA; RDP_NEG_RSP answers a request with the RDSAAD protocol bit (0x10) when the host supports it.',
    signalWeights: {
      'credssp.errorcode-0xC000006D': 'ambiguous',
      'x224.selected-rdsaad': 'ambiguous',
      'credssp.alert-80': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Support for RDSAAD is readable; which account form was typed is not.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the host: `dsregcmd /status`: AzureAdJoined?',
    mstsc: [says('Your credentials did not work', 'reported'), SOCKET_CLOSED],
    hostChecks: [
      inServer('dsregcmd /status', 'AzureAdJoined, on both ends'),
      inServer(COMMANDS.rdpUsers),
    ],
    advice: [
      onClient(
        'Write the account as AzureAD\\user@domain, or tick "Use a web account to sign in" and connect by name.',
      ),
      onServer(
        'Add the user to Remote Desktop Users; a cloud group is not honoured there.',
        COMMANDS.rdpUsers,
      ),
      onClient('The client has to be joined or registered in the same tenant.', 'dsregcmd /status'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['entraJoined'],
  },
  'auth-roundtrip-timeout': {
    title: 'The client gives up before the server has checked the logon',
    summary:
      'Validation through a distant DC, a slow VPN or a multi-factor plug-in takes longer than the read timeout of the client (or of a proxy between).',
    category: 'latency',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'Client closes after N seconds of silence following the authenticate message; the answer arrives with a larger timeout.',
    signalWeights: {
      'credssp.timeout-after-authenticate': 'supporting',
      'net.rtt-high': 'ambiguous',
      'credssp.slow-challenge': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'A repeat with a longer timeout decides.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'yes',
    discriminators: [
      'Record time to challenge and time to result separately from RTT: server think time = stage time minus one RTT',
    ],
    nextCheck: 'Repeat with a longer timeout: does the answer come?',
    mstsc: [documented('0x108'), documented('0x704'), SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer('nltest /sc_query:<domain>', 'and the Netlogon events 5816 to 5819'),
      inServer(null, 'MFA or RADIUS plug-in log'),
      inServer(COMMANDS.coreEvents),
    ],
    advice: [
      onClient('Repeat with a longer timeout.', 'rdp-probe check <host> --timeout 60'),
      onServer('How long does the way to the domain controller take?', 'nltest /sc_query:<domain>'),
      onNetwork(
        'Bring a domain controller nearer, repair the line to it, or shorten the wait for the second factor.',
      ),
    ],
    more: [],
    caution: null,
    unverified: ['Netlogon events 5816-5819 (general knowledge)'],
    sources: ['clientReadTimeout', 'lsaContact', 'clientsFaq'],
  },
  'update-2026-01-credential-prompt': {
    title: 'The updates of January 2026 break the credential prompt of the client',
    summary:
      'After the January 2026 security updates some client applications failed while asking for or passing credentials; out-of-band updates followed.',
    category: 'windows-update',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: [],
    wireSignature:
      'Nothing unusual on the wire: a probe from the same PC reaches the server challenge, mstsc stops locally with an authentication error.',
    signalWeights: {
      'credssp.challenge-ok': 'ambiguous',
      'client.other-client-ok': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Purely client-side; dates and build numbers decide. Sources are third-party.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Does the Windows App, or another client machine, get in?',
    mstsc: [
      { code: '0x80080005', extended: null, basis: 'reported', says: 'issue report' },
      says('An authentication error has occurred', 'reported'),
    ],
    hostChecks: [
      inClient(
        'Get-HotFix -Id KB5074109,KB5073724,KB5073379,KB5073457,KB5073723,KB5073722 -ErrorAction SilentlyContinue',
      ),
      inClient(COMMANDS.windowsVersion),
    ],
    advice: [
      onClient(
        'See what is installed.',
        'Get-HotFix -Id KB5074109,KB5073724,KB5073379,KB5073457,KB5073723,KB5073722 -ErrorAction SilentlyContinue',
      ),
      onClient(
        'Install the out-of-band update for the edition, or any later cumulative update.',
        null,
        'The KB numbers come from reports of others: confirm them in the release health pages of Windows.',
      ),
      onClient('Until then use another client (Windows App, web client).'),
    ],
    more: [],
    caution: null,
    unverified: ['KB numbers (third-party report)'],
    sources: ['january2026', 'mRemote2026'],
  },
});
