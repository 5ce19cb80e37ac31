import {
  defineCauses,
  documented,
  inClient,
  inServer,
  onClient,
  onNetwork,
  onServer,
  SOCKET_CLOSED,
  says,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes that end a connection after the logon. */
export const SESSION_CAUSES = defineCauses({
  'rds-licensing-unavailable': {
    title: 'The session host has no RD licence or reaches no licence server',
    summary:
      'A session host in its 120-day grace period works, afterwards it needs a reachable, activated licence server with matching CAL mode; otherwise connections end after authentication.',
    category: 'licensing',
    phase: 'direct',
    failurePoint: 'mcs',
    alsoSeenAt: [],
    wireSignature:
      'TLS and NLA succeed; the licensing exchange returns an error alert or the host sends ERRINFO 0x100-0x10A and closes.',
    signalWeights: {
      'mcs.license-error': 'decisive',
      'mcs.errinfo-0x100-0x10A': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'ERRINFO/extended codes 256-267 are licensing only.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the host: `lsdiag.msc`, the RD Licensing Diagnoser.',
    mstsc: [
      { code: null, extended: '0x101', basis: 'documented', says: null },
      says('extended code 0x100 to 0x10B', 'documented'),
      says('no Remote Desktop License Servers available to provide a license', 'documented'),
    ],
    hostChecks: [
      inServer(
        'Invoke-CimMethod -InputObject (Get-CimInstance -Namespace root\\cimv2\\TerminalServices -ClassName Win32_TerminalServiceSetting) -MethodName GetGracePeriodDays',
      ),
      inServer('lsdiag.msc', 'RD Licensing Diagnoser'),
      inServer(COMMANDS.certificateEvents),
    ],
    advice: [
      onClient('Get in for administration meanwhile.', 'mstsc /admin /v:<host>'),
      onServer(
        'Set licence server and mode by policy (RD Session Host > Licensing).',
        'gpupdate /force',
      ),
      onServer(
        'Activate the licence server and install licences of the right kind and version.',
        null,
        'Do not delete the GracePeriod key to stretch the trial: that violates the licence.',
      ),
      onServer('Where two administrators at a time are enough: remove the role RD Session Host.'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['noLicenseServer', 'licensingGuidance', 'azureSpecificErrors', 'extendedReason'],
  },
  'rds-license-certificate-corrupt': {
    title: 'The licensing certificate in the registry of the host is damaged',
    summary:
      'Damaged Certificate / X509 values under Terminal Server\\RCM break the security or licensing exchange of older protocol paths.',
    category: 'licensing',
    phase: 'direct',
    failurePoint: 'mcs',
    alsoSeenAt: [],
    wireSignature:
      'Close or security error after negotiation (mostly standard RDP security), while TLS-only probing works.',
    signalWeights: {
      'mcs.fin': 'ambiguous',
      'mcs.license-error': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Rare on current systems.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: events 50, 1004, 1008 and 1010 of TermDD or TermService.',
    mstsc: [
      documented('0x808'),
      documented('0x908'),
      says('Because of a security error, the client could not connect', 'documented'),
      SOCKET_CLOSED,
    ],
    hostChecks: [
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\RCM" | findstr /i "Certificate X509"',
      ),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='TermDD','TermService'} -MaxEvents 10 -ErrorAction SilentlyContinue",
        '50, 1004, 1008, 1010',
      ),
    ],
    advice: [
      onServer(
        'Save the key, delete the values Certificate, X509 Certificate, X509 Certificate ID and X509 Certificate2, restart.',
        'reg export "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\RCM" rcm.reg',
        'Export first, and delete only the values named here.',
      ),
    ],
    more: ['On a licence server: activate it again.'],
    caution: null,
    unverified: [],
    sources: ['securityError', 'disconnectedErrors'],
  },
  'update-24h2-udp-65s': {
    title:
      'A Windows 11 24H2 or Server 2025 client loses UDP sessions to Server 2016 after about 65 seconds',
    summary:
      'Early 2025 updates changed UDP transport behaviour; sessions to older hosts ended near 65 seconds. Turning client UDP off avoids it, a later update fixes it.',
    category: 'windows-update',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Handshake probe fully green on TCP; session ends about 65 s after the UDP transport starts; with UDP off it holds.',
    signalWeights: {
      'post.drop-about-65s': 'supporting',
      'udp.reply': 'ambiguous',
      'post.ok-without-udp': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'The constant time and the UDP switch are characteristic. KB numbers come from third-party reports.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Switch UDP off on the client for one test: does the session hold?',
    mstsc: [{ code: '0x3', extended: null, basis: 'reported', says: 'as reported' }, SOCKET_CLOSED],
    hostChecks: [
      inClient(
        'winver; Get-HotFix -Id KB5050094,KB5053598,KB5053656 -ErrorAction SilentlyContinue',
      ),
      inServer(
        "Get-WinEvent -LogName 'Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational' | Where-Object Message -match 'UDP' | Select-Object -First 20",
        'side-transport events',
      ),
    ],
    advice: [
      onClient(
        'Update the client (repaired in March 2025, KB5053656 or later).',
        null,
        'The KB numbers come from reports of others: confirm them in the release health pages of Windows.',
      ),
      onClient(
        'Until then: no UDP on the client.',
        'reg add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services\\Client" /v fClientDisableUDP /t REG_DWORD /d 1 /f',
        'Delete the value after the update: UDP is the better transport on lossy lines.',
      ),
    ],
    more: [],
    caution: null,
    unverified: ['KB numbers (third-party reports, official text not found)'],
    sources: ['udp65Seconds', 'rdpShortpath'],
  },
  'update-ws2025-freeze': {
    title: 'An update of Windows Server 2025 (early 2025) freezes RDP sessions',
    summary:
      'With KB5051987 sessions on Server 2025 stopped accepting input soon after connect; KB5055523 repaired it.',
    category: 'windows-update',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Handshake complete; the session is connected, but stops reacting; reconnect needed.',
    signalWeights: {
      'post.freeze': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Host build and update list decide. Third-party source.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the host: is KB5051987 installed, and KB5055523 not?',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [
      inServer('Get-HotFix -Id KB5051987,KB5055523 -ErrorAction SilentlyContinue'),
      inServer(COMMANDS.windowsVersion),
    ],
    advice: [
      onServer(
        'See what is installed.',
        'Get-HotFix -Id KB5051987,KB5055523 -ErrorAction SilentlyContinue',
      ),
      onServer(
        'Install KB5055523 (April 2025) or later.',
        null,
        'Confirm the numbers in the release health pages of Windows.',
      ),
    ],
    more: [],
    caution: null,
    unverified: ['KB numbers (third-party report)'],
    sources: ['server2025Freeze'],
  },
  'update-2022-01-oob': {
    title: 'The updates of January 2022 stop RDP on servers',
    summary:
      'The January 2022 cumulative updates made some servers stop serving RDP or fail logon; out-of-band packages repaired it.',
    category: 'windows-update',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Black screen, slow or no answer after negotiation on servers with exactly that patch level.',
    signalWeights: {
      'post.black-screen': 'hint',
      'x224.timeout': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Old and only of value for hosts frozen at this level. Third-party source.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the host: is the newest update that of 11 January 2022?',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [inServer('Get-HotFix | Sort-Object InstalledOn | Select-Object -Last 10')],
    advice: [
      onServer(
        'See the newest updates.',
        'Get-HotFix | Sort-Object InstalledOn | Select-Object -Last 10',
      ),
      onServer(
        'Install any later cumulative update (at the time: KB5010196 for 2019, KB5010215 for 2012 R2, KB5010195 for 2016, KB5010197 for 2022).',
        null,
        'Confirm the numbers in the article of Microsoft.',
      ),
    ],
    more: [],
    caution: null,
    unverified: ['KB numbers (third-party report)'],
    sources: ['january2022'],
  },
  'group-policy-refresh-drop': {
    title:
      'A local "RDP off" fights a policy that allows RDP: each policy refresh cuts the connections',
    summary:
      'RDP is off locally but on by policy: each background policy refresh (about 90 minutes) resets connections.',
    category: 'policy',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Connection fine, drops at regular policy intervals; a probe sees short windows of refusal.',
    signalWeights: {
      'post.drop-periodic': 'supporting',
      'tcp.refused': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Regular spacing near 90 minutes (plus up to 30) is typical.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Are the drops about 90 to 120 minutes apart?',
    mstsc: [documented('0x3'), SOCKET_CLOSED],
    hostChecks: [inServer(COMMANDS.remoteDesktopOff), inServer(COMMANDS.policies)],
    advice: [
      onServer(
        'Compare the local value with that of the policy: the local one must not be 1.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections & reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v fDenyTSConnections',
      ),
      onServer(
        'Allow RDP locally too.',
        'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections /t REG_DWORD /d 0 /f',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['policyRefresh'],
  },
  'dot1x-user-auth-drop': {
    title: '802.1X with user authentication takes the host off the network after the logon',
    summary:
      'With user-only 802.1X the switch port re-authenticates when an RDP user logs on and cuts the host off.',
    category: 'network',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Connection breaks about one minute after logon and TCP to all ports of the host stops.',
    signalWeights: {
      'post.drop-about-60s': 'supporting',
      'tcp.all-ports-timeout': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Only on networks with 802.1X on the host side.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Does a ping of the host stop too, about a minute after the logon?',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [
      inServer('netsh lan show interfaces; netsh lan show profiles'),
      inServer(
        "Get-WinEvent -LogName 'Microsoft-Windows-Wired-AutoConfig/Operational' -MaxEvents 10",
      ),
    ],
    advice: [
      onServer(
        'Read what the switch port is told.',
        "Get-WinEvent -LogName 'Microsoft-Windows-Wired-AutoConfig/Operational' -MaxEvents 10",
      ),
      onNetwork(
        'Use computer authentication (or computer or user) in the 802.1X profile of machines that accept RDP.',
        'netsh lan show profiles',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['dot1xUser'],
  },
});
