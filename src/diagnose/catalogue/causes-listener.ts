import {
  DROPS_SESSIONS,
  defineCauses,
  documented,
  inServer,
  onClient,
  onServer,
  SOCKET_CLOSED,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes in what listens on the port of the host. */
export const LISTENER_CAUSES = defineCauses({
  'rdp-disabled': {
    title: 'Remote Desktop is turned off on the host',
    summary:
      'The host is set to deny remote connections, in System settings or through Group Policy; the listener then does not accept clients.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'RST to the SYN (nothing listens) when the firewall rule is still open; otherwise silence, because enabling and disabling RDP also toggles the firewall rule.',
    signalWeights: {
      'tcp.refused': 'ambiguous',
      'tcp.timeout': 'ambiguous',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: {
      'stage.second-try-ok': 'rules-out',
      'icmp.port-unreachable': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'A clean RST from the host (same TTL and RTT as its other answers) means no listener: RDP off, service down, other port, or listener broken.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the host: does `qwinsta` show rdp-tcp in state Listen?',
    mstsc: [documented('0x204')],
    hostChecks: [
      inServer(COMMANDS.remoteDesktopOff),
      inServer(
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v fDenyTSConnections',
      ),
      inServer(
        'gpresult /r /scope computer',
        'policy "Allow users to connect remotely by using Remote Desktop Services"',
      ),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v TSEnabled',
      ),
    ],
    advice: [
      onServer(
        'Read the setting and the policy that overrides it: 1 means off.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections & reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v fDenyTSConnections',
      ),
      onServer(
        'Turn it on; if it flips back, change the policy that sets it.',
        'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections /t REG_DWORD /d 0 /f',
      ),
    ],
    more: [
      'Let the firewall rules follow: Enable-NetFirewallRule -Group "@FirewallAPI.dll,-28752"',
    ],
    caution:
      'Back up the registry key first; a value under Policies is overwritten at the next policy refresh.',
    unverified: [],
    sources: ['general', 'azureGeneralError'],
  },
  'termservice-not-running': {
    title: 'Remote Desktop Services (TermService) is not running on the host',
    summary:
      'Without TermService there is no listener. Reasons range from start type Disabled to a changed service account, a failed dependency or an access-denied error.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature: 'RST to the SYN, while other services of the host answer.',
    signalWeights: {
      'tcp.refused': 'ambiguous',
      'stage.second-try-ok': 'ambiguous',
    },
    counterSignals: {
      'icmp.port-unreachable': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'See rdp-disabled: a RST proves "no listener", the reason needs the host.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the host: `Get-Service TermService` and the Service Control Manager events.',
    mstsc: [documented('0x204')],
    hostChecks: [
      inServer(COMMANDS.services),
      inServer(
        'sc.exe query TermService & sc.exe qc TermService',
        'START_TYPE DEMAND_START, account NT Authority\\NetworkService',
      ),
      inServer(
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Service Control Manager';Id=7000,7001,7009,7022,7023,7024,7031,7034} -MaxEvents 20",
      ),
    ],
    advice: [
      onServer('See whether the services run.', COMMANDS.services),
      onServer('Start it; its start type is manual.', 'Start-Service TermService'),
    ],
    more: [
      'The start type is wrong: sc.exe config TermService start= demand',
      'The account was changed (error 1069): sc.exe config TermService obj= "NT Authority\\NetworkService"',
      'Error 5 (access denied): trace with Process Monitor and restore the ACL from a healthy machine.',
      'Hang or crash: isolate with sc.exe config TermService type= own, then start.',
    ],
    caution:
      'The service is called TermService, and Restart-Service is a PowerShell cmdlet: `restart-service termserv` in a Command Prompt does nothing. There it is: net stop termservice /y & net start termservice.',
    unverified: [],
    sources: ['azureService', 'general'],
  },
  'rdp-listener-missing': {
    title: 'The RDP-Tcp listener is switched off, deleted or damaged',
    summary:
      'The service runs but the RDP-Tcp WinStation does not listen: fEnableWinStation=0, a damaged registry key, or values that came with a custom image.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature: 'RST to the SYN although TermService is running.',
    signalWeights: {
      'tcp.refused': 'ambiguous',
    },
    counterSignals: {
      'icmp.port-unreachable': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Same RST as other "no listener" causes.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the host: does `qwinsta` show rdp-tcp in state Listen?',
    mstsc: [documented('0x204')],
    hostChecks: [
      inServer(COMMANDS.listenerState, 'the row rdp-tcp must show state Listen'),
      inServer(COMMANDS.portOwner),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v fEnableWinStation',
      ),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v fLogonDisabled',
      ),
      inServer(COMMANDS.connectionEvents, '261 = a connection arrived, 1149 = user authenticated'),
    ],
    advice: [
      onServer('See whether the listener is there.', COMMANDS.listenerState),
      onServer(
        'Switch it on.',
        'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v fEnableWinStation /t REG_DWORD /d 1 /f',
      ),
      onServer(
        'Still missing: save the key RDP-Tcp, then import it from a healthy host of the same Windows build.',
        'reg export "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" rdp-tcp.reg',
        'Save before you delete, and import from the same version only.',
      ),
      onServer('Restart the service.', COMMANDS.restartTermService, DROPS_SESSIONS),
    ],
    more: [
      'Logons are switched off: reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v fLogonDisabled /t REG_DWORD /d 0 /f',
    ],
    caution: null,
    unverified: [],
    sources: ['general', 'azureGeneralError', 'rcmEventList'],
  },
  'rdp-listener-wrong-adapter': {
    title: 'The RDP listener is bound to another network adapter of the host',
    summary:
      'The LanAdapter setting ties the listener to one adapter (for example an old or a VPN adapter); the address the client uses is not served. Logged as TermService event 1036 with status 0x2740.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'RST on one address of the host, normal answer on another address of the same host.',
    signalWeights: {
      'tcp.refused': 'ambiguous',
      'tcp.open-on-other-address': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Different answers per host address are typical for adapter binding or per-interface firewall rules.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Probe another address of the same host: answered there?',
    mstsc: [documented('0x204')],
    hostChecks: [
      inServer(COMMANDS.portOwner),
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v LanAdapter',
        '0 = all adapters',
      ),
    ],
    advice: [
      onServer(
        'Read which adapter the listener is bound to: 0 means all.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v LanAdapter',
      ),
      onServer(
        'Bind it to all adapters, then restart the service.',
        'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v LanAdapter /t REG_DWORD /d 0 /f',
      ),
      onServer('Restart the service.', COMMANDS.restartTermService, DROPS_SESSIONS),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['wrongAdapter'],
  },
  'rdp-port-changed': {
    title: 'RDP listens on another port, or a port forwarding points elsewhere',
    summary:
      'PortNumber differs from 3389 or NAT/forwarding maps to a different port, so the client knocks on a closed one.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'RST or silence on 3389; an X.224 Connection Confirm on the configured custom port.',
    signalWeights: {
      'tcp.refused': 'ambiguous',
      'tcp.timeout': 'ambiguous',
      'x224.ok-on-other-port': 'decisive',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: {
      'stage.second-try-ok': 'rules-out',
      'icmp.port-unreachable': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'An RDP answer on another port proves it.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe the port that the host is configured for.',
    mstsc: [documented('0x204')],
    hostChecks: [
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v PortNumber',
      ),
      inServer(
        'Get-NetTCPConnection -LocalPort <port> -State Listen | Select-Object LocalAddress,OwningProcess; tasklist /svc /fi "PID eq <pid>"',
      ),
    ],
    advice: [
      onServer(
        'Read the port that the listener uses.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp" /v PortNumber',
      ),
      onClient('Connect to host:port, and let firewall and forwarding use the same port.'),
    ],
    more: ['Or set PortNumber back to 3389 and restart the service.'],
    caution: 'Microsoft advises against a non-default port; it does not stop scanners.',
    unverified: [],
    sources: ['listeningPort', 'general', 'azureDetailed'],
  },
  'rdp-port-taken-by-other-app': {
    title: 'Another program on the host owns the RDP port',
    summary:
      'A different program listens on 3389, so TermService cannot, and the client talks to the wrong service.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tcp-connect'],
    wireSignature:
      'TCP connects, but the answer to the X.224 request is not TPKT (first byte other than 0x03), or the peer says nothing / closes.',
    signalWeights: {
      'x224.non-rdp-bytes': 'supporting',
      'x224.timeout': 'ambiguous',
      'x224.fin': 'ambiguous',
      'x224.other-service': 'supporting',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: {
      'stage.second-try-ok': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Non-TPKT bytes prove a different protocol; silence does not.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the server: which process listens on the port?',
    mstsc: [SOCKET_CLOSED, documented('0x204')],
    hostChecks: [
      inServer(COMMANDS.portOwner, 'the services of that process: TermService must be among them'),
    ],
    advice: [
      onServer('See which process listens; it must be TermService.', COMMANDS.portOwner),
      onServer(
        'Move or remove the other program, then restart the service.',
        COMMANDS.restartTermService,
        DROPS_SESSIONS,
      ),
    ],
    more: ['Otherwise change the RDP port and its firewall rule.'],
    caution: null,
    unverified: [],
    sources: ['general', 'disconnectedErrors', 'azureInternalError'],
  },
  'windows-edition-cannot-host': {
    title: 'This edition of Windows does not accept Remote Desktop connections',
    summary:
      'Home and similar editions lack the RDP server; the settings page shows it as unsupported.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature: 'RST or silence on 3389.',
    signalWeights: {
      'tcp.refused': 'ambiguous',
      'tcp.timeout': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Cannot be told from "RDP disabled" over the network.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the host: which edition is it?',
    mstsc: [documented('0x204')],
    hostChecks: [
      inServer('(Get-CimInstance Win32_OperatingSystem).Caption'),
      inServer('Get-ComputerInfo -Property WindowsProductName,OsName'),
    ],
    advice: [
      onServer(
        'Read the edition; Home has no RDP server.',
        '(Get-CimInstance Win32_OperatingSystem).Caption',
      ),
      onServer(
        'Upgrade the edition (Home to Pro), or use another remote-control program.',
        null,
        'Wrappers that patch termsrv.dll break with updates and violate the licence.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['clientsFaq', 'disconnectedErrors'],
  },
  'not-an-rdp-service': {
    title: 'The port does not speak RDP',
    summary: 'HTTP, SSH, TLS-only or a management protocol answers on the configured port.',
    category: 'service',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: [],
    wireSignature:
      'Bytes other than TPKT (03 00) come back, for example "HTTP/1.1 400", "SSH-2.0", a TLS alert, or the peer closes after 11 to 19 bytes.',
    signalWeights: {
      'x224.non-rdp-bytes': 'decisive',
      'x224.fin': 'ambiguous',
      'x224.other-service': 'decisive',
      'tls.direct-ok': 'hint',
      'stage.further-tries-same': 'ambiguous',
      'x224.only-request-silent': 'hint',
      'x224.only-tls-answered': 'supporting',
    },
    counterSignals: {
      'stage.second-try-ok': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Protocol bytes identify the service.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the server: which process listens on the port?',
    mstsc: [SOCKET_CLOSED],
    hostChecks: [inServer(COMMANDS.portOwner)],
    advice: [
      onClient('Correct the host, the port or the port forwarding.'),
      onClient('An RD Gateway speaks HTTPS on 443: set it as the gateway, not as the computer.'),
      onServer('See which program owns the port.', COMMANDS.portOwner),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['general', 'sendingConfirm'],
  },
});
