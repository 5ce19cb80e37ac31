import {
  defineCauses,
  documented,
  inClient,
  inServer,
  onAnother,
  onClient,
  onNetwork,
  onServer,
  PAIR_REPORTED,
  SOCKET_CLOSED,
  says,
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes in RD Gateway, Connection Broker and load balancer. */
export const FARM_CAUSES = defineCauses({
  'gateway-cap-denied': {
    title: 'RD Gateway: the connection policy (CAP) refuses the user or the device',
    summary:
      'The user or device does not meet a CAP (group, authentication method, device health).',
    category: 'gateway',
    phase: 'gateway',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Gateway tunnel: HTTPS and authentication succeed, tunnel authorization returns E_PROXY_NAP_ACCESSDENIED (0x800759DB) or a quarantine code.',
    signalWeights: {
      'gw.proxy-0x800759DB': 'decisive',
      'gw.proxy-0x800759ED': 'decisive',
      'gw.refused-at-authorization': 'supporting',
      'gw.code-cap': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stated by the gateway.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the gateway: event 201, which names the policy.',
    mstsc: [
      {
        code: '0x300001C',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
      PAIR_REPORTED,
    ],
    hostChecks: [
      inServer(COMMANDS.gatewayEvents, '200 = CAP met, 201 = CAP refused'),
      inServer(null, 'NPS log of a central RD CAP store'),
    ],
    advice: [
      onAnother('On the gateway: event 201 tells who was refused and why.', COMMANDS.gatewayEvents),
      onAnother(
        'On the gateway: let the policy cover the group of the user and the way to authenticate (password or smart card).',
      ),
      onServer(
        'With a central policy store: see that the NPS is reached and the shared secret is right.',
      ),
    ],
    more: [],
    caution: null,
    unverified: ['mapping of mstsc code 0x300001C (community wiki mirror)'],
    sources: ['gatewayEvents', 'freeRdpTsg', 'disconnectTexts', 'tsguReturnCodes'],
  },
  'gateway-rap-denied': {
    title: 'RD Gateway: the resource policy (RAP) refuses the computer asked for',
    summary:
      'The target is not in the resource group of any RAP, was named differently (short, FQDN, IP), or the port is not allowed.',
    category: 'gateway',
    phase: 'gateway',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Tunnel is created; channel creation returns E_PROXY_RAP_ACCESSDENIED (0x800759DA).',
    signalWeights: {
      'gw.proxy-0x800759DA': 'decisive',
      'gw.code-rap': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stated by the gateway.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'On the gateway: event 301, which names the computer as the client wrote it.',
    mstsc: [
      {
        code: '0x300001B',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
      PAIR_REPORTED,
    ],
    hostChecks: [inServer(COMMANDS.gatewayEvents, '300 = RAP met, 301 = RAP refused')],
    advice: [
      onAnother('On the gateway: event 301 tells which name was refused.', COMMANDS.gatewayEvents),
      onAnother(
        'On the gateway: add the computer to the group of the policy in the very form the client writes (short name, full name, address), and allow its port.',
        null,
        '"Any network resource" is for a test only: take it back afterwards.',
      ),
    ],
    more: [],
    caution: null,
    unverified: ['mapping of mstsc code 0x300001B (community wiki mirror)'],
    sources: ['gatewayEvents', 'freeRdpTsg', 'disconnectTexts', 'tsguReturnCodes'],
  },
  'gateway-cannot-reach-target': {
    title: 'RD Gateway cannot reach the computer behind it',
    summary: 'From the gateway the target is down, not resolvable, filtered or not listening.',
    category: 'gateway',
    phase: 'gateway',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Channel creation fails with E_PROXY_TS_CONNECTFAILED (0x800759DD) after the CAP/RAP checks passed.',
    signalWeights: {
      'gw.proxy-0x800759DD': 'decisive',
      'gw.target-silent': 'supporting',
      'gw.internal-error-at-channel': 'supporting',
      'gw.code-target': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'All direct-connect causes apply again, seen from the gateway.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Run rdp-probe on the gateway against the same computer.',
    mstsc: [
      documented('0x204'),
      says('a code of the gateway range, 0x3000003 to 0x3000041', 'reported'),
      PAIR_REPORTED,
    ],
    hostChecks: [
      inServer('Resolve-DnsName <target>; Test-NetConnection <target> -Port 3389'),
      inServer(COMMANDS.gatewayEvents, '304 = target connect failed, with error code'),
    ],
    advice: [
      onAnother(
        'On the gateway: can it resolve and reach the computer?',
        'Resolve-DnsName <target>; Test-NetConnection <target> -Port 3389',
      ),
      onAnother('On the gateway: event 304 holds the error.', COMMANDS.gatewayEvents),
      onNetwork(
        'Open the way from the gateway to the computer, and correct the DNS that the gateway uses.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['gatewayEvents', 'freeRdpTsg', 'tsguReturnCodes'],
  },
  'gateway-certificate-problem': {
    title: 'The certificate of the RD Gateway is expired, for another name or not trusted',
    summary: 'The client checks the gateway certificate strictly and refuses to build the tunnel.',
    category: 'gateway',
    phase: 'gateway',
    failurePoint: 'tls-cert',
    alsoSeenAt: [],
    wireSignature:
      'TLS to the gateway on 443 gives a certificate whose name, date or chain fails; the client closes right after Certificate.',
    signalWeights: {
      'cert.expired': 'supporting',
      'cert.name-mismatch': 'ambiguous',
      'cert.untrusted-issuer': 'ambiguous',
      'gw.tls': 'ambiguous',
      'gw.code-certificate': 'decisive',
      'gw.certificate-out-of-date': 'decisive',
      'gw.certificate-other-name': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Readable without credentials. Unlike direct RDP there is no "connect anyway".',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Compare name, dates and issuer with what the client was given as gateway.',
    mstsc: [
      {
        code: '0x3000003',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
      {
        code: '0x3000005',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
      {
        code: '0x3000007',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
    ],
    hostChecks: [
      inServer(null, 'RD Gateway Manager > Properties > SSL Certificate'),
      inServer('netsh http show sslcert ipport=0.0.0.0:443'),
    ],
    advice: [
      onAnother(
        'On the gateway: bind a certificate with the name that clients use and its whole chain, then restart the service.',
        'Restart-Service TSGateway -Force',
        'It cuts the connections through the gateway.',
      ),
      onClient(
        'Trust the issuing CA, where it is your own.',
        null,
        'Unlike a direct connection, mstsc offers no way past a bad gateway certificate: do not look for one.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['gatewayAvailability', 'disconnectTexts', 'certificateErrors'],
  },
  'gateway-http-proxy': {
    title: 'A web proxy or inspection in front of the RD Gateway breaks the tunnel',
    summary:
      'Proxies that need authentication, drop WebSocket/RPC-over-HTTP verbs or inspect TLS stop the tunnel.',
    category: 'proxy',
    phase: 'gateway',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'HTTP 407 or other proxy pages; RDG_OUT_DATA / WebSocket upgrade refused; certificate of the proxy instead of the gateway.',
    signalWeights: {
      'gw.http-407': 'decisive',
      'gw.http-status': 'ambiguous',
      'cert.differs-by-path': 'supporting',
      'gw.proxy-refuses': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'A 407 or a foreign certificate is plain. A silent verb filter needs the comparison with a direct line.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe the gateway from a line without the proxy.',
    mstsc: [
      {
        code: '0x3000020',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
      says('security package error in the transport layer', 'reported'),
    ],
    hostChecks: [
      inClient('netsh winhttp show proxy'),
      inClient(null, 'Proxy log for the gateway name'),
    ],
    advice: [
      onClient('See which proxy is in use.', 'netsh winhttp show proxy'),
      onNetwork('Let the gateway name bypass the proxy, and exempt it from TLS inspection.'),
      onClient(
        'Where the HTTP transport fails and RPC is available: RDGClientTransport 1 as a test.',
        'reg add "HKCU\\Software\\Microsoft\\Terminal Server Client" /v RDGClientTransport /t REG_DWORD /d 1 /f',
        'Delete the value after the test.',
      ),
    ],
    more: [],
    caution: null,
    unverified: ['RDGClientTransport workaround (field report)'],
    sources: ['gatewayProxyReport', 'disconnectTexts'],
  },
  'gateway-unreachable-or-max-connections': {
    title: 'The RD Gateway is not reachable, or full',
    summary:
      'TCP 443 to the gateway fails, the TSGateway service is stopped, or the number of connections is exhausted.',
    category: 'gateway',
    phase: 'gateway',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature: 'No TCP to 443, HTTP 5xx, or E_PROXY_MAXCONNECTIONSREACHED (low word 0x59E6).',
    signalWeights: {
      'gw.tcp-timeout': 'decisive',
      'gw.http-503': 'decisive',
      'gw.proxy-0x59E6': 'decisive',
      'gw.unreachable': 'decisive',
      'gw.service-missing': 'supporting',
      'gw.code-busy': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Stage is visible; the limit is stated by the code.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'On the gateway: are TSGateway and W3SVC running, and is there an event 203?',
    mstsc: [
      {
        code: '0x300000C',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
      {
        code: '0x300000D',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
      {
        code: '0x3000022',
        extended: null,
        basis: 'reported',
        says: 'table of a community, not of Microsoft',
      },
    ],
    hostChecks: [
      inServer('Get-Service TSGateway,W3SVC'),
      inServer(null, 'RD Gateway Manager > Monitoring'),
      inServer(
        COMMANDS.gatewayEvents,
        '203 = configured maximum of connections reached, 102 = no valid certificate',
      ),
    ],
    advice: [
      onAnother('On the gateway: are the services running?', 'Get-Service TSGateway,W3SVC'),
      onAnother(
        'On the gateway: event 203 says that the limit of connections is reached.',
        COMMANDS.gatewayEvents,
      ),
      onServer('Raise the limit, or add a gateway.'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: [
      'gatewayAvailability',
      'gatewayEvents',
      'disconnectTexts',
      'freeRdpTsg',
      'tsguReturnCodes',
    ],
  },
  'load-balancer-or-broker-token': {
    title: 'A load balancer or broker does not route the request to a live host',
    summary:
      'Routing tokens or the mstshash cookie in the X.224 request select the back end. A stale token or a pool without live members ends in a close.',
    category: 'broker',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tcp-connect', 'mcs'],
    wireSignature:
      'Result depends on the cookie/token: FIN or RST with one value, normal answer with another; or different certificates per attempt.',
    signalWeights: {
      'x224.fin': 'ambiguous',
      'x224.rst': 'ambiguous',
      'cert.differs-by-attempt': 'supporting',
      'x224.token-refused': 'supporting',
      'x224.other-request-ok': 'supporting',
      'stage.second-try-ok': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Varying behaviour by cookie or attempt shows a balancing layer.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Probe a session host directly, and once without the cookie or token.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(null, 'health checks and pool members of the balancer'),
      inServer(
        'Get-RDConnectionBrokerHighAvailability',
        'on the broker; events SessionBroker-Client 1296 and SessionBroker 2056',
      ),
    ],
    advice: [
      onNetwork('Look at the health checks and members of the pool on the balancer.'),
      onServer('Repair or drain dead members; let token redirection match the broker setting.'),
    ],
    more: ['Use the same certificate on all farm members.'],
    caution: null,
    unverified: [],
    sources: ['negotiationRequest', 'azureEventIds', 'freeRdpErrInfo'],
  },
  'broker-redirect-unreachable': {
    title: 'The broker sends the client to an address that it cannot reach',
    summary:
      'The first connection works, then a redirection packet sends the client to the internal, old or IPv4-only address of a session host.',
    category: 'broker',
    phase: 'direct',
    failurePoint: 'mcs',
    alsoSeenAt: [],
    wireSignature:
      'Handshake with the first host completes; a Server Redirection PDU follows; the second connection fails at DNS or TCP.',
    signalWeights: {
      'mcs.redirect': 'decisive',
      'tcp.timeout': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Redirection followed by a dead target is clear when the target address can be read (after logon).',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Probe the address that the broker names, from the same client.',
    mstsc: [documented('0x204'), documented('0x108'), PAIR_REPORTED],
    hostChecks: [
      inServer(
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\ClusterSettings" /v SessionDirectoryRedirectionIP',
      ),
      inServer('Get-RDSessionHost -CollectionName <name>'),
      inServer(
        "Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-SessionBroker/Operational' -MaxEvents 30",
      ),
    ],
    advice: [
      onAnother(
        'On the session host: correct the address that it registers.',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\ClusterSettings" /v SessionDirectoryRedirectionIP',
      ),
      onNetwork(
        'Where clients cannot reach the session hosts: token redirection, or an RD Gateway.',
      ),
    ],
    more: ['DirectAccess: publish IPv6 addresses.'],
    caution: null,
    unverified: [],
    sources: ['redirectionIp', 'directAccess', 'azureEventIds'],
  },
  'broker-service-down': {
    title: 'The Connection Broker or its database does not work',
    summary:
      'Broker service, database link (TLS version, UDP 1434, SQL) or host registration (rename) is broken, so users get no session.',
    category: 'broker',
    phase: 'direct',
    failurePoint: 'mcs',
    alsoSeenAt: [],
    wireSignature:
      'Probe up to NLA passes; then ERRINFO broker range (0x400-0x412) or a generic close / 0x7.',
    signalWeights: {
      'mcs.errinfo-broker': 'supporting',
      'mcs.errinfo-0x7': 'ambiguous',
      'mcs.fin': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Broker ERRINFO values are precise; a bare close is not.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Does `mstsc /admin`, which goes past the broker, get in?',
    mstsc: [says('extended code 0x400 to 0x412', 'documented'), PAIR_REPORTED],
    hostChecks: [
      inServer('Get-Service Tssdis,RDMS,TScPubRPC -ErrorAction SilentlyContinue'),
      inServer(
        "Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-SessionBroker/Admin' -MaxEvents 10; Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-SessionBroker-Client/Operational' -MaxEvents 10",
        '1296, 2056',
      ),
      inServer('Test-NetConnection <sql> -Port 1433', 'and UDP 1434 to the SQL Browser'),
    ],
    advice: [
      onClient('Reach the host past the broker.', 'mstsc /admin /v:<host>'),
      onAnother(
        'On the broker: are the services running?',
        'Get-Service Tssdis,RDMS,TScPubRPC -ErrorAction SilentlyContinue',
      ),
      onAnother(
        'On the broker: repair the way to its database; where TLS 1.0 was switched off, an old internal database has to be replaced by a supported SQL Server.',
        'Test-NetConnection <sql> -Port 1433',
      ),
      onServer('A renamed session host: register it again (group Session Broker Computers).'),
    ],
    more: [
      'A renamed broker server (events 2056, 1296) is not supported: the role and the Windows Internal Database have to be installed anew.',
    ],
    caution: null,
    unverified: [],
    sources: ['brokerTls10', 'brokerSql', 'azureEventIds', 'setErrorInfo', 'sessionConnectivity'],
  },
});
