import {
  DROPS_SESSIONS,
  defineCauses,
  documented,
  inServer,
  onClient,
  onNetwork,
  onServer,
  PAIR_REPORTED,
  SOCKET_CLOSED,
  says,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes in the RDP service and the load of the host. */
export const SERVICE_CAUSES = defineCauses({
  'termservice-hung': {
    title: 'The port accepts TCP, but the RDP service behind it does not answer',
    summary:
      'The kernel completes the TCP handshake, yet TermService is hung, starved or still starting, so no X.224 Connection Confirm follows.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tls-client-hello', 'credssp-nego', 'mcs'],
    wireSignature:
      'SYN-ACK at once; the X.224 Connection Request is acknowledged by TCP, but no byte comes back until the timeout, or the socket is closed late.',
    signalWeights: {
      'x224.timeout': 'ambiguous',
      'x224.fin-late': 'supporting',
      'tls.no-hello-answered': 'ambiguous',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: {
      'x224.plain-offer-answered': 'rules-out',
      'tls.direct-ok': 'rules-out',
      'tls.other-hello-ok': 'rules-out',
      'tls.short-answer-ok': 'rules-out',
      'credssp.ok-without-nla': 'rules-out',
      'stage.second-try-ok': 'rules-out',
      'x224.only-request-silent': 'rules-out',
      'x224.only-tls-answered': 'rules-out',
      'tcp.unseen-bytes': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'The same picture comes from SYN-proxying firewalls and from a foreign program on the port.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'partly',
    discriminators: [
      'Connect latency low but answer missing on all sources: host; missing only from one network: middlebox',
    ],
    nextCheck:
      'Probe from the subnet of the server: silent there too means the host, not the path.',
    mstsc: [documented('0x108'), documented('0x704'), SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(COMMANDS.services),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Service Control Manager';Id=7022,7011} -MaxEvents 5",
      ),
      inServer(
        COMMANDS.connectionEvents,
        '261 = a connection arrived, 1149 = user authenticated ; without a 261 entry the connection never reached the service',
      ),
      inServer(
        'Get-Process svchost | Sort-Object HandleCount -Descending | Select-Object -First 5 Id,HandleCount,WorkingSet',
        'the svchost that holds TermService',
      ),
    ],
    advice: [
      onServer(
        'See whether connections reach the service: without event 261 they do not.',
        COMMANDS.connectionEvents,
      ),
      onServer('Restart the service.', COMMANDS.restartTermService, DROPS_SESSIONS),
    ],
    more: [
      'If it hangs while stopping: sc.exe config TermService type= own, then restart the machine.',
      'Look for memory or session leaks of third-party software when it returns after days.',
    ],
    caution: null,
    unverified: [],
    sources: ['azureService', 'currentlyBusy', 'rcmEventList'],
  },
  'rdp-connection-limit-or-drain': {
    title: 'The host has reached its connection limit or is in drain mode',
    summary:
      'MaxInstanceCount / "Limit number of connections", the two-administrator limit without the RDSH role, or TSServerDrainMode keep new sessions out.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'mcs',
    alsoSeenAt: ['tcp-connect', 'x224', 'post'],
    wireSignature:
      'Negotiation and TLS usually work; the server then ends the connection with a Set Error Info PDU (for example 0x7 denied) or a plain close. Very low limits can already close right after accept.',
    signalWeights: {
      'mcs.errinfo-0x7': 'ambiguous',
      'mcs.fin': 'ambiguous',
      'x224.fin': 'ambiguous',
      'stage.second-try-ok': 'ambiguous',
      'credssp.errorcode-0xC00000D0': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'ERRINFO 0x7 means "server denied the connection" without a reason.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the host: how many sessions does `quser` show?',
    mstsc: [
      { code: '0x3', extended: '0x7', basis: 'documented', says: null },
      { code: '0x904', extended: '0x7', basis: 'inferred', says: null },
    ],
    hostChecks: [
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v TSServerDrainMode',
      ),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v MaxInstanceCount',
      ),
      inServer('quser', 'sessions in use'),
      inServer(COMMANDS.policies),
    ],
    advice: [
      onServer(
        'Read the limits and the sessions in use.',
        'quser & reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v TSServerDrainMode & reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v MaxInstanceCount',
      ),
      onServer('Log off sessions that nobody uses.', 'logoff <id>'),
    ],
    more: [
      'Leave drain mode: reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v TSServerDrainMode /t REG_DWORD /d 0 /f',
      'Lift the limit of the listener: reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v MaxInstanceCount /t REG_DWORD /d 4294967295 /f',
      'Install RDSH with CALs when more than two users are needed.',
    ],
    caution: null,
    unverified: [],
    sources: [
      'azureGeneralError',
      'disconnectedErrors',
      'limitConnections',
      'extendedReason',
      'azureIntermittent',
      'setErrorInfo',
    ],
  },
  'brute-force-exhaustion': {
    title: 'Password guessing from the Internet uses up the RDP service',
    summary:
      'Internet-exposed RDP attracts constant logon attempts that use up RDP service resources; legitimate clients see internal errors, resets or slow answers.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tls-client-hello', 'credssp-auth'],
    wireSignature:
      'Intermittent: some attempts succeed, others time out or are reset at X.224, TLS or NLA; stage latencies vary strongly; the private address works better than the public one.',
    signalWeights: {
      'stage.varies-between-runs': 'ambiguous',
      'x224.rst': 'ambiguous',
      'x224.timeout': 'ambiguous',
      'stage.second-try-ok': 'ambiguous',
    },
    counterSignals: {
      'tls.direct-ok': 'rules-out',
      'x224.only-tls-answered': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Intermittency has many reasons; event 4625 about once per second on the host confirms.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Probe several times: sometimes fine and sometimes not speaks for it.',
    mstsc: [
      SOCKET_CLOSED,
      {
        code: '0x4',
        extended: null,
        basis: 'reported',
        says: 'undocumented code seen with "internal error"',
      },
    ],
    hostChecks: [
      inServer(COMMANDS.logonEvents, 'Status / Sub Status hold the NTSTATUS'),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-TerminalServices-RemoteConnectionManager';Id=1006} -MaxEvents 5",
        'many incomplete connections',
      ),
    ],
    advice: [
      onServer('Count the failed logons of the last hour.', COMMANDS.logonEvents),
      onNetwork('Restrict the source addresses, or put RDP behind a VPN, bastion or gateway.'),
    ],
    more: ['Reset passwords of targeted accounts and check for compromise.'],
    caution: 'Changing the port is only a short relief.',
    unverified: ['meaning of mstsc code 0x4'],
    sources: ['azureBruteForce', 'azureInternalError', 'rcmEventList'],
  },
  'host-busy-or-out-of-memory': {
    title: 'The host is out of memory, handles or sessions',
    summary:
      'Leaks or overload stop the host from creating a new session; the service answers late or ends the connection.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'mcs',
    alsoSeenAt: ['x224'],
    wireSignature:
      'Negotiation is slow or works, then a plain close or ERRINFO 0x6 (out of memory) / 0x1 variants; improves after a service restart.',
    signalWeights: {
      'mcs.errinfo-0x6': 'supporting',
      'mcs.fin': 'ambiguous',
      'stage.varies-between-runs': 'ambiguous',
      'stage.second-try-ok': 'ambiguous',
      'credssp.errorcode-0xC000009A': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'ERRINFO 0x6 is precise; a plain close is not.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the server: free memory and the number of sessions in state Down or Disc.',
    mstsc: [
      { code: '0x3', extended: '0x6', basis: 'documented', says: null },
      SOCKET_CLOSED,
      says('Remote Desktop Service is currently busy', 'documented'),
    ],
    hostChecks: [
      inServer(
        'Get-CimInstance Win32_OperatingSystem | Format-List FreePhysicalMemory,FreeVirtualMemory; Get-Process svchost | Sort-Object HandleCount -Descending | Select-Object -First 5 Id,HandleCount,WorkingSet64',
        'kilobytes free; one process with tens of thousands of handles',
      ),
      inServer(COMMANDS.listenerState, 'many sessions in state Down or Disc'),
      inServer("Get-WinEvent -FilterHashtable @{LogName='System';Id=2004,2019,2020} -MaxEvents 5"),
    ],
    advice: [
      onServer('Look at memory and at stale sessions.', COMMANDS.listenerState),
      onServer(
        'Log off stale sessions; restart the service if it leaks.',
        COMMANDS.restartTermService,
        DROPS_SESSIONS,
      ),
    ],
    more: ['Add memory or fix the leaking software.'],
    caution: null,
    unverified: ['System events 2004/2019/2020 (general knowledge)'],
    sources: ['currentlyBusy', 'extendedReason', 'setErrorInfo', 'onDisconnected'],
  },
  'host-audio-blocking-call': {
    title: 'The connection hangs for about a minute while audio settings are read',
    summary:
      'A blocking call while audio settings are read keeps the client from answering; the host resets the connection after about a minute.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'mcs',
    alsoSeenAt: [],
    wireSignature:
      'Handshake works; stall of about 60 s in the settings exchange, then RST; the next attempt succeeds.',
    signalWeights: {
      'mcs.timeout': 'hint',
      'timeline.60s-stall-then-ok': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Timing pattern only; outside the reach of a handshake probe.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Does a connection with audio redirection off (audiomode:i:2) come up at once?',
    mstsc: [
      SOCKET_CLOSED,
      {
        code: '0x4',
        extended: null,
        basis: 'reported',
        says: 'undocumented code seen with "internal error"',
      },
    ],
    hostChecks: [inServer('Get-Service Audiosrv')],
    advice: [
      onClient('Test without audio redirection ("Do not play").'),
      onServer('See the audio service; stop it as a test.', 'Get-Service Audiosrv'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['internalError'],
  },
  'third-party-remote-control-software': {
    title: 'Other remote-control software on the host ends the session after the logon',
    summary:
      'Drivers or display hooks of a second remote-control product end the session right after logon; a public issue shows 0x904/0x0 in this combination.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Full probe including NLA passes; the session ends within a second or two after logon.',
    signalWeights: {
      'post.drop-at-logon': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Single-product report; use as a hint only.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Stop the other product for one test: does the session hold?',
    mstsc: [{ code: '0x904', extended: null, basis: 'reported', says: 'issue report' }],
    hostChecks: [
      inServer(
        'Get-Service | Where-Object DisplayName -match "rustdesk|anydesk|teamviewer|vnc|parsec|splashtop"',
      ),
      inServer('Get-PnpDevice -Class Display'),
      inServer(null, 'Event logs Application and System at the second of the drop'),
    ],
    advice: [
      onServer(
        'See whether such a product is installed.',
        'Get-Service | Where-Object DisplayName -match "rustdesk|anydesk|teamviewer|vnc|parsec|splashtop"',
      ),
      onServer(
        'Stop or update it, remove its virtual display driver, and test again.',
        'Get-PnpDevice -Class Display',
      ),
    ],
    more: ['Update the display driver of the host.'],
    caution: null,
    unverified: ['single issue report'],
    sources: ['remoteControlSoftware'],
  },
});
