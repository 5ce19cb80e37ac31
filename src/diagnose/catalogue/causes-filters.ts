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
} from './cause.js';
import { COMMANDS } from './commands.js';

/** Causes in what filters or inspects the connection: on the host, on the path, on the client. */
export const FILTERS_CAUSES = defineCauses({
  'host-firewall-rdp-rule': {
    title: "The host's own firewall does not let RDP in",
    summary:
      'The built-in Remote Desktop rules are disabled, limited to another profile or to other remote addresses, or cover the wrong port.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'SYN to the RDP port is dropped: no SYN-ACK, no RST, while other ports of the host may answer.',
    signalWeights: {
      'tcp.timeout': 'ambiguous',
      'tcp.other-port-open': 'ambiguous',
      'icmp.port-unreachable': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Windows Firewall drops silently, so the picture equals any dropping firewall on the path.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [
      'Same subnet reachable but other subnets not: remote-address scope or network firewall',
      'psping/TCP probes from several source networks',
    ],
    nextCheck: 'Probe from the subnet of the server: works there means the block is on the path.',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inServer(
        "Get-NetFirewallRule -Group '@FirewallAPI.dll,-28752' | Select-Object DisplayName,Enabled,Profile,Direction,Action",
      ),
      inServer('Get-NetConnectionProfile', 'which profile is active'),
      inServer(
        "Get-NetFirewallRule -Group '@FirewallAPI.dll,-28752' | Get-NetFirewallAddressFilter | Select-Object RemoteAddress",
      ),
      inServer(
        'netsh advfirewall firewall show rule dir=in name=all | Select-String -Pattern "(Name.*Remote Desktop)" -Context 9,4',
      ),
    ],
    advice: [
      onServer(
        'See which Remote Desktop rules are on, for which profile and for which remote addresses.',
        "Get-NetFirewallRule -Group '@FirewallAPI.dll,-28752' | Select-Object DisplayName,Enabled,Profile,Action",
      ),
      onServer(
        'Switch the rules on, as wide as needed and no wider.',
        "Enable-NetFirewallRule -Group '@FirewallAPI.dll,-28752'",
        'Switching the whole firewall off is a test of minutes, never a fix.',
      ),
    ],
    more: ['For a custom port add a rule for that port.'],
    caution: null,
    unverified: [],
    sources: ['azureGuestFirewall', 'general', 'clientsFaq'],
  },
  'host-firewall-blockinboundalways': {
    title: 'The firewall profile of the host blocks everything inbound, allow rules included',
    summary:
      'The active profile has the policy BlockInboundAlways ("block all incoming, including allowed apps"), so allow rules are ignored.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature: 'All inbound TCP ports time out although the host itself can reach the network.',
    signalWeights: {
      'tcp.timeout': 'ambiguous',
      'tcp.all-ports-timeout': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Looks the same as a host that is off or a perimeter block.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the host: does `netsh advfirewall show allprofiles` show BlockInboundAlways?',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inServer('netsh advfirewall show allprofiles', 'BlockInboundAlways?'),
      inServer(
        'Get-NetFirewallProfile | Select-Object Name,Enabled,DefaultInboundAction,AllowInboundRules',
      ),
    ],
    advice: [
      onServer(
        'See whether the active profile says BlockInboundAlways.',
        'netsh advfirewall show allprofiles',
      ),
      onServer(
        'Go back to "block, except what a rule allows".',
        'netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound',
      ),
      onServer(
        'If it comes back, correct the policy that sets it (Group Policy or MDM: DoNotAllowExceptions).',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['azureGuestFirewall'],
  },
  'host-firewall-wrong-profile': {
    title: 'The host came up in the Public firewall profile, where RDP is not allowed',
    summary:
      'After a restart or network change Windows classifies the network as Public, where RDP is not allowed. By reports it hit domain controllers with Server 2025 in 2025.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'RDP port silent after a host restart; comes back when the network profile turns to Domain or Private.',
    signalWeights: {
      'tcp.timeout': 'ambiguous',
      'timeline.after-host-restart': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'Only the timing (right after a restart) points here; confirm on the host.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'On the host: `Get-NetConnectionProfile`: is NetworkCategory Public?',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inServer('Get-NetConnectionProfile | Format-List Name,InterfaceAlias,NetworkCategory'),
      inServer('Get-Service NlaSvc,netprofm'),
    ],
    advice: [
      onServer(
        'See which profile the network has.',
        'Get-NetConnectionProfile | Format-List Name,InterfaceAlias,NetworkCategory',
      ),
      onServer(
        'Domain controllers with Server 2025: install the update of June 2025 (KB5060842) or later; until then restart the adapter after each start.',
        'Restart-NetAdapter *',
        'From the console: it cuts the connections of the host for a moment.',
      ),
      onServer(
        'A machine outside a domain: mark the network as Private.',
        'Set-NetConnectionProfile -InterfaceAlias <name> -NetworkCategory Private',
        'Do not allow RDP in the Public profile of a machine that travels.',
      ),
    ],
    more: [
      'Find out why Network Location Awareness reaches no domain controller when the host starts.',
    ],
    caution: null,
    unverified: ['KB5060842 and the workaround (third-party report)'],
    sources: ['server2025Profile', 'azureGuestFirewall'],
  },
  'network-acl-or-nsg-block': {
    title: 'A firewall, network ACL or security group on the path blocks the port',
    summary:
      'A firewall between client and host drops or rejects TCP 3389, for example a cloud NSG without an allow rule for the source address.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'SYN unanswered (drop) or RST/ICMP admin-prohibited with a TTL or latency that does not fit the host; other source networks succeed.',
    signalWeights: {
      'tcp.timeout': 'ambiguous',
      'icmp.admin-prohibited': 'supporting',
      'tcp.refused-by-middlebox': 'supporting',
      'tcp.unreachable-at-once': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Dropping looks like a host firewall. A RST that arrives much faster than the host RTT points to a device on the path.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [
      'Compare SYN-ACK/RST latency and TTL with other replies of the host',
      'Traceroute on TCP 3389',
    ],
    nextCheck: 'Probe from the subnet of the server and from the affected network, and compare.',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inClient(null, 'the same probe from the subnet of the host and from the affected network'),
      inClient('psping -accepteula <ip>:3389'),
      inServer(null, 'cloud: IP flow verify, effective security rules'),
    ],
    advice: [
      onNetwork(
        'Add an allow rule for the source range and the port; check rule order and the way back.',
        null,
        'Never open TCP 3389 to the whole Internet, not even as a test: restrict the source.',
      ),
      onNetwork('Cloud: read the effective security rules of the network interface.'),
    ],
    more: [
      'Prefer VPN, bastion, RD Gateway or just-in-time access over opening 3389 to the internet.',
    ],
    caution: null,
    unverified: [],
    sources: ['azureNsg', 'azureConnection', 'general'],
  },
  'client-egress-block': {
    title: "The client's side does not let RDP out",
    summary: 'Software on the client or the edge of its network does not let TCP 3389 out.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'SYN to 3389 fails for every destination while TCP 443 to the same or other hosts works; a local firewall may give an immediate error (EACCES/EPERM).',
    signalWeights: {
      'tcp.timeout-all-targets': 'supporting',
      'tcp.443-ok': 'ambiguous',
      'tcp.local-prohibited': 'supporting',
      'tcp.unreachable-at-once': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'If several unrelated RDP targets fail from this client and work from another, the client side is proven.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Try the same client from another network, such as a phone hotspot.',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inClient(null, 'the same client from another network, such as a phone hotspot'),
      inClient('Get-NetFirewallRule -Direction Outbound -Action Block -Enabled True'),
    ],
    advice: [
      onClient(
        'Look for outbound rules that block TCP 3389.',
        'Get-NetFirewallRule -Direction Outbound -Action Block -Enabled True',
      ),
      onNetwork('Allow TCP 3389 at the edge, or go through an RD Gateway on TCP 443.'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['azureDetailed', 'azureConnection'],
  },
  'source-ip-banned': {
    title: "The host or a filter on the way bans this client's address",
    summary:
      'Tools that ban after failed logons, geo filters or allow lists block exactly this client address.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: ['x224'],
    wireSignature:
      'Works from another source address, silent or reset from this one; may start after a burst of attempts and end after a ban time.',
    signalWeights: {
      'tcp.timeout': 'ambiguous',
      'tcp.refused': 'ambiguous',
      'timeline.after-many-attempts': 'supporting',
      'path.other-source-ok': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Needs a comparison from a second source address.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Probe from another source address: answered there?',
    mstsc: [documented('0x204'), documented('0x108'), SOCKET_CLOSED],
    hostChecks: [
      inServer(null, 'Logs of the ban tool / firewall for the client address'),
      inServer(
        'Get-NetFirewallRule -Direction Inbound -Action Block -Enabled True | Get-NetFirewallAddressFilter',
      ),
    ],
    advice: [
      onServer(
        'Look in the log of the tool that bans (and in the firewall) for the address of the client.',
        'Get-NetFirewallRule -Direction Inbound -Action Block -Enabled True | Get-NetFirewallAddressFilter',
      ),
      onNetwork(
        'Lift the ban, and put known sources on the list of allowed ones.',
        null,
        'Probe seldom: many connections in a short time can be the reason for the ban.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['azureBruteForce', 'event226'],
  },
  'middlebox-dpi-resets-rdp': {
    title: 'A firewall or IPS on the path ends the connection when it recognises RDP or its TLS',
    summary:
      'A device with deep inspection recognizes RDP (X.224 cookie, TLS inside RDP) and resets or silently drops the flow after some packets, although the port is open.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tls-client-hello', 'credssp-nego', 'mcs'],
    wireSignature:
      'TCP handshake fine; RST (both directions) or silence after the X.224 request or the ClientHello. RST often has a different TTL/window or arrives faster than the host RTT.',
    signalWeights: {
      'x224.rst': 'ambiguous',
      'x224.timeout': 'ambiguous',
      'tls.rst-after-client-hello': 'ambiguous',
      'tcp.rst-ttl-differs': 'supporting',
      'tls.direct-ok': 'supporting',
      'tls.no-hello-answered': 'hint',
      'tls.small-unacknowledged': 'supporting',
      'tcp.end-too-soon': 'supporting',
      'stage.further-tries-same': 'ambiguous',
      'x224.only-request-silent': 'hint',
      'x224.request-swallowed': 'supporting',
      'x224.only-tls-answered': 'hint',
      'tcp.unseen-bytes': 'hint',
      'tcp.full-segment-arrived': 'hint',
      'tls.alert-to-another-hello': 'supporting',
    },
    counterSignals: {
      'stage.second-try-ok': 'weakens',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'TTL and timing are good hints; a path-free test (same subnet) settles it.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'partly',
    discriminators: [
      'Plain TCP echo to the port, then X.224 without cookie, with cookie, then ClientHello: find the first message that triggers it',
      'Compare RST TTL with SYN-ACK TTL',
    ],
    nextCheck: 'Probe from the subnet of the server, without the device in between.',
    mstsc: [SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inServer(null, 'a capture on the host: did the request arrive, did the host send the RST?'),
      inServer(COMMANDS.connectionEvents, '261 = a connection arrived, 1149 = user authenticated'),
      inServer(null, 'logs of the firewall: application ms-rdp or t.125, hits of IPS signatures'),
    ],
    advice: [
      onNetwork(
        'Look in the logs of firewall and IPS for this connection (application ms-rdp, t.125).',
      ),
      onNetwork('Allow the application, not only the port, for the sources that need it.'),
      onServer(
        'See whether the request arrived at all: event 261 says that a connection reached the listener.',
        COMMANDS.connectionEvents,
      ),
    ],
    more: ['Disable protocol "fix-up"/inspection for this flow or update signatures.'],
    caution: null,
    unverified: [],
    sources: ['azureDetailed', 'azureInternalError'],
  },
  'local-security-software': {
    title: 'Security or remote-control software on one of the two machines interferes',
    summary:
      'Endpoint protection, VPN clients, traffic monitors or other remote-control products hook the network stack or the RDP stack.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'x224',
    alsoSeenAt: ['tls-client-hello', 'credssp-auth', 'post'],
    wireSignature:
      'RST or stall at any stage, only on one machine; often gone when the product is uninstalled (stopping the service is not enough).',
    signalWeights: {
      'x224.rst': 'ambiguous',
      'tls.rst-after-client-hello': 'ambiguous',
      'stage.one-client-only': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'weak',
      note: 'No unique signature; a second client or host separates the sides.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'no',
    discriminators: [],
    nextCheck: 'Probe the same server from another client, and another server from this one.',
    mstsc: [
      SOCKET_CLOSED,
      PAIR_REPORTED,
      {
        code: '0x4',
        extended: null,
        basis: 'reported',
        says: 'undocumented code seen in the field',
      },
    ],
    hostChecks: [
      inServer(
        'fltmc; Get-NetAdapterBinding | Where-Object ComponentID -notlike "ms_*"',
        'third-party filters',
      ),
      inServer('netsh wfp show filters file=-', 'filters of other vendors'),
      inServer(null, 'List of recently installed security or remote-control software'),
    ],
    advice: [
      onClient(
        'List the filters that hook the network stack; do the same on the server.',
        'Get-NetAdapterBinding | Where-Object ComponentID -notlike "ms_*"',
      ),
      onServer(
        'Test with the product uninstalled; stopping its service is not enough.',
        null,
        'Removing protection needs an agreed time window.',
      ),
    ],
    more: ['Add exclusions for TermService/svchost and mstsc, or update the product.'],
    caution: null,
    unverified: [],
    sources: ['azureDetailed', 'currentlyBusy', 'remoteControlSoftware'],
  },
  'tls-interception-breaks-nla': {
    title: 'Something on the path opens the TLS of the connection',
    summary:
      'CredSSP binds the logon to the TLS public key, so a device that re-encrypts TLS makes NLA fail by design; without NLA the user sees a certificate warning.',
    category: 'proxy',
    phase: 'direct',
    failurePoint: 'credssp-auth',
    alsoSeenAt: ['tls-cert'],
    wireSignature:
      'The certificate differs by network path or from the stored baseline and comes from another issuer; TLS completes; NLA aborts at the pubKeyAuth step.',
    signalWeights: {
      'cert.differs-by-path': 'supporting',
      'cert.changed-from-baseline': 'supporting',
      'credssp.pubkey-mismatch': 'decisive',
      'credssp.fin': 'ambiguous',
      'credssp.certificate-changed': 'supporting',
      'credssp.ok-without-nla': 'hint',
      'credssp.errorcode-0x8009030F': 'supporting',
      'credssp.errorcode-0x80090346': 'hint',
      'cert.other-computer': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'A different public key per path is proof of interception or of several back-end hosts behind one address.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Compare the thumbprint seen here with the one seen from the subnet of the server.',
    mstsc: [SOCKET_CLOSED, documented('0x807')],
    hostChecks: [
      inServer(COMMANDS.selfSignedCertificates, 'compare the thumbprint with what the client sees'),
    ],
    advice: [
      onNetwork(
        'Exempt RDP from TLS inspection: CredSSP binds the logon to the certificate of the server.',
      ),
    ],
    more: [
      'Use an RDP-aware gateway instead of generic interception.',
      'If several hosts share the name: give them one trusted certificate.',
    ],
    caution: 'Treat an unexpected key as possible attack until explained.',
    unverified: [],
    sources: ['cssp315', 'azureDetailed', 'tsRequest', 'csspVersions'],
  },
});
