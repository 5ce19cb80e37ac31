import {
  type CauseText,
  COMMANDS,
  documented,
  onClient,
  onNetwork,
  onServer,
  SOCKET_CLOSED,
} from './cause-text.js';

/** Causes that show in CredSSP, where client and server agree on the logon. */
export const LOGON_CAUSES = {
  'credssp-oracle-patched-client-unpatched-server': {
    title: 'The server lacks the CredSSP update of 2018 (CVE-2018-0886): updated clients refuse it',
    advice: [
      onServer(
        'Install any cumulative update since May 2018 and restart; if only RDP reaches the host, use its console, WinRM or the run command of the cloud.',
        '(Get-Item $env:SystemRoot\\System32\\tspkg.dll).VersionInfo.FileVersion',
      ),
      onClient(
        'Only as a bridge until the server is updated: set "Encryption Oracle Remediation" to Vulnerable on this one client, connect, update the server, and set it back.',
        'reg add "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\CredSSP\\Parameters" /v AllowEncryptionOracle /t REG_DWORD /d 2 /f',
        'A temporary diagnostic, never a fix: Vulnerable permits the attack that the update closes. Afterwards delete the value or set it to 1.',
      ),
    ],
    nextCheck:
      'On the server: the version of tspkg.dll, and whether an update waits for a restart.',
    // mstsc shows a message of its own for this case, not a code.
    mstsc: [],
    sources: ['oracleRemediation', 'credSspPolicy', 'tsRequest', 'csspVersions'],
  },
  'credssp-version2-server-no-errorcode': {
    title: 'The old CredSSP of the server hides why it refused the logon',
    advice: [onServer('Read the status in event 4625.', COMMANDS.logonEvents)],
    nextCheck: 'On the server: Status and Sub Status of event 4625 of the same second.',
    mstsc: SOCKET_CLOSED,
    sources: ['csspVersions', 'freeRdpInternalError'],
  },
  'nla-bad-credentials': {
    title: 'User name, password or domain is wrong',
    advice: [
      onClient('Write the account in full: DOMAIN\\user, user@domain or HOST\\user.'),
      onClient('Delete saved credentials that are out of date.', 'cmdkey /list'),
      onServer('The Sub Status of event 4625 is more precise than the code.', COMMANDS.logonEvents),
    ],
    nextCheck: 'On the server: Sub Status of event 4625 of the same second.',
    mstsc: documented('0x807', '0xA07'),
    sources: ['cannotAuthenticate', 'tsRequest', 'onDisconnected'],
  },
  'account-locked-out': {
    title: 'The account is locked out',
    advice: [
      onServer('Unlock it, or wait until the lockout ends.', 'Unlock-ADAccount <user>'),
      onServer(
        'Event 4740 on the domain controller names the machine that tried the wrong password.',
        "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4740} -MaxEvents 5",
      ),
    ],
    nextCheck: null,
    mstsc: documented('0xD07'),
    sources: ['onDisconnected', 'azureBruteForce'],
  },
  'account-disabled-expired-restricted': {
    title: 'The account is disabled, expired or restricted',
    advice: [
      onServer(
        'Look at the account: active, expiry, hours, workstations.',
        'net user <user> /domain',
      ),
      onServer('A blank password is refused for network logon: set one.'),
    ],
    nextCheck: null,
    mstsc: documented('0xB07', '0xE07', '0xC07'),
    sources: ['onDisconnected', 'extendedReason', 'cannotAuthenticate'],
  },
  'password-expired-must-change': {
    title: 'The password has expired or must be changed first',
    advice: [
      onClient(
        'Change it elsewhere: at the console, a domain machine or the RD Web page. NLA has no dialog for it.',
        null,
        'Do not switch NLA off only to change a password.',
      ),
    ],
    nextCheck: null,
    mstsc: documented('0xF07', '0x1207'),
    sources: ['onDisconnected', 'cannotAuthenticate'],
  },
  'user-lacks-rdp-logon-right': {
    title: 'The user is known but may not log on through Remote Desktop',
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
    nextCheck: null,
    mstsc: [{ code: '0x3', extended: '0x9', basis: 'inferred' }],
    sources: ['cannotAuthenticate', 'azureSpecificErrors', 'extendedReason'],
  },
  'nla-dc-unreachable': {
    title: 'The server cannot reach a domain controller to check the logon',
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
    nextCheck: 'Does a local account of the server log on?',
    mstsc: documented('0x1807'),
    sources: ['azureAuthentication', 'lsaContact', 'azureSpecificErrors'],
  },
  'nla-secure-channel-broken': {
    title: 'The server has lost its trust with the domain',
    advice: [
      onServer(
        'Repair the secure channel, then restart.',
        'Test-ComputerSecureChannel -Repair -Credential <domain admin>',
      ),
    ],
    nextCheck: 'Does a local account of the server log on?',
    mstsc: documented('0x1807'),
    sources: ['azureAuthentication', 'lsaContact'],
  },
  'ntlm-blocked': {
    title: 'NTLM is refused, and Kerberos is not possible here',
    advice: [
      onClient(
        'Connect by the full name that has a TERMSRV service principal, with a way to a domain controller.',
        'setspn -L <host>',
      ),
      onServer(
        'Read what blocks NTLM.',
        "Get-WinEvent -LogName 'Microsoft-Windows-NTLM/Operational' -MaxEvents 20",
        'Do not relax the NTLM restrictions of a domain for one connection.',
      ),
    ],
    nextCheck: 'Connect by name from a domain client, and by address: works by name only?',
    mstsc: documented('0x1707'),
    sources: ['cannotAuthenticate', 'channelBindings'],
  },
  'ntlmv1-channel-bindings': {
    title: 'The logon lacks channel bindings: NTLM version 1, or TLS that is opened on the path',
    advice: [
      onClient(
        'Set LmCompatibilityLevel to 3 or higher.',
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LmCompatibilityLevel',
      ),
    ],
    nextCheck: 'On the client: LmCompatibilityLevel.',
    mstsc: SOCKET_CLOSED,
    sources: ['channelBindings'],
  },
  'kerberos-time-skew': {
    title: 'The clocks of client and server differ too much',
    advice: [
      onServer('Compare with the time source and correct the clock.', 'w32tm /query /status'),
      onClient('Do the same here, then synchronise.', 'w32tm /resync /rediscover'),
    ],
    nextCheck: 'Compare both clocks with a time server: which of the two is wrong?',
    mstsc: SOCKET_CLOSED,
    sources: ['clockTolerance', 'lsaContact'],
  },
} as const satisfies Record<string, CauseText>;
