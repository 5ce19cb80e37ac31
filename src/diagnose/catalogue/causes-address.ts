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

/** Causes between the name of the host and its TCP port. */
export const ADDRESS_CAUSES = defineCauses({
  'dns-name-not-resolved': {
    title: 'The name does not resolve',
    summary:
      'The client never gets an address for the host name, so no packet reaches the host. Typical reasons: typing error, missing DNS suffix, VPN DNS servers not used, or a home network without local DNS.',
    category: 'dns',
    phase: 'direct',
    failurePoint: 'dns',
    alsoSeenAt: [],
    wireSignature:
      'Resolver answers NXDOMAIN, NODATA or SERVFAIL, or gives no answer before the timeout; no TCP SYN is sent.',
    signalWeights: {
      'dns.nxdomain': 'decisive',
      'dns.nodata': 'decisive',
      'dns.servfail': 'decisive',
      'dns.timeout': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'An unresolved name fully explains the failure; it does not say why the name is missing.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Ask another resolver for the same name (with and without the VPN).',
    mstsc: [documented('0x104'), documented('0x508'), documented('0x604'), documented('0x208')],
    hostChecks: [
      inClient('Resolve-DnsName <host> -Type A_AAAA', 'with and without the VPN'),
      inClient('ipconfig /all', 'DNS servers and suffix search list'),
      inClient('Get-DnsClientNrptPolicy', 'split-DNS rules pushed by a VPN'),
    ],
    advice: [
      onClient(
        'Try the fully qualified name, then the IP address. If the address works, only the name resolution is broken.',
        'Resolve-DnsName <host> -Type A_AAAA',
        'A connection by address has no Kerberos: NLA falls back to NTLM, which a policy may forbid.',
      ),
      onClient(
        'Check the DNS servers and the suffix list, with and without the VPN.',
        'ipconfig /all',
      ),
      onNetwork('Register or repair the A or AAAA record of the host.'),
    ],
    more: ['ipconfig /flushdns on the client, then retry.'],
    caution: null,
    unverified: [],
    sources: ['onDisconnected', 'clientsFaq', 'azureSpecificErrors'],
  },
  'dns-stale-or-wrong-address': {
    title: 'The name resolves to an old address or to another machine',
    summary:
      'DNS or the local cache still points to a former address, to another host, or to a different view inside and outside the VPN.',
    category: 'dns',
    phase: 'direct',
    failurePoint: 'dns',
    alsoSeenAt: ['tcp-connect', 'tls-cert'],
    wireSignature:
      'The name resolves, but the address differs between resolvers or from the configured baseline; the endpoint there is closed, silent, or presents a certificate for another name.',
    signalWeights: {
      'dns.address-differs-by-resolver': 'supporting',
      'dns.address-differs-from-baseline': 'supporting',
      'cert.name-mismatch': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Different answers from two resolvers can also be intended (split DNS, load balancing). A certificate subject for another host makes it near certain.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [
      'Compare the certificate subject/thumbprint with the value stored from a good run',
      'Probe each resolved address separately',
    ],
    nextCheck: 'Probe each of the addresses, and compare the certificate with that of a good run.',
    mstsc: [
      documented('0x204'),
      documented('0x108'),
      says('remote computer that was reached is not the one you specified', 'documented'),
    ],
    hostChecks: [
      inClient(
        'Resolve-DnsName <host> -Server <internal-dns>; Resolve-DnsName <host> -Server <other-dns>',
      ),
      inClient('ipconfig /displaydns | findstr /i <host>'),
      inClient('Get-Content $env:SystemRoot\\System32\\drivers\\etc\\hosts'),
    ],
    advice: [
      onClient(
        'Ask the resolvers inside and outside for the same name, and compare.',
        'Resolve-DnsName <host> -Server <internal-dns>; Resolve-DnsName <host> -Server <other-dns>',
      ),
      onClient(
        'Empty the cache of the client, and look for an old entry in its hosts file.',
        'ipconfig /flushdns',
      ),
      onNetwork('Remove stale records from DNS; let dynamic records age out (scavenging).'),
      onServer('Register the present address again.', 'ipconfig /registerdns'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['lsaContact', 'azureDetailed', 'certificateErrors'],
  },
  'ipv6-path-broken': {
    title: 'The name has addresses of both families, and the path over one of them does not work',
    summary:
      'The client tries an AAAA address first over a path that drops IPv6, or the reverse: an IPv6-only path (DirectAccess) gets an IPv4 redirect address.',
    category: 'network',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'SYN to one address family stays unanswered while the other family completes the handshake.',
    signalWeights: {
      'tcp.timeout-ipv6-only': 'decisive',
      'tcp.timeout-ipv4-only': 'decisive',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'A per-family difference for the same host and port isolates the path; only the owner of the path can say where.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe the IPv6 address from a host next to the server.',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inClient(
        'Test-NetConnection <host> -Port 3389 -InformationLevel Detailed',
        'which address it takes',
      ),
      inClient('Get-NetRoute -AddressFamily IPv6'),
      inServer('Get-NetTCPConnection -LocalPort 3389 -State Listen', ':: and 0.0.0.0 listed?'),
    ],
    advice: [
      onNetwork('Repair the IPv6 path, or withdraw the AAAA record until it works.'),
      onServer(
        'Allow TCP 3389 for IPv6 in the host firewall too, and see that the port listens on ::.',
        'Get-NetTCPConnection -LocalPort 3389 -State Listen',
        'Do not disable IPv6 in Windows as a blanket fix.',
      ),
    ],
    more: [
      'DirectAccess with an RDS farm: enable IPv6 addressing on the session hosts (KB 3123137).',
    ],
    caution: null,
    unverified: [],
    sources: ['directAccess'],
  },
  'host-down-or-asleep': {
    title: 'The host is off, asleep or has no network',
    summary:
      'The machine cannot answer because it is powered off, sleeping, still booting, hung, or has lost its network adapter or address.',
    category: 'network',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'No SYN-ACK to any attempt; often ICMP host-unreachable from the last router, or no ARP/neighbour answer on the same subnet; other ports of the host are silent as well.',
    signalWeights: {
      'tcp.timeout': 'ambiguous',
      'tcp.host-unreachable': 'supporting',
      'icmp.host-unreachable': 'supporting',
    },
    counterSignals: {
      'x224.request-swallowed': 'weakens',
      'tcp.unreachable-at-once': 'weakens',
      'icmp.time-exceeded': 'weakens',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Silence alone equals a dropping firewall. Silence on every port plus host-unreachable favours this cause.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: ['Probe a second TCP port or ICMP echo: any answer shows the host is up'],
    nextCheck: 'Try another port or a ping of the same host: any answer shows that it is up.',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inServer(null, 'console, hypervisor, or the boot diagnostics of the cloud'),
      inServer('powercfg /a', 'sleep states that are possible'),
      inServer('Get-NetAdapter; ipconfig /all'),
    ],
    advice: [
      onServer('Look at the console, the hypervisor or the cloud screenshot, and wake the host.'),
      onServer('Keep a machine that must accept RDP from sleeping.', 'powercfg /a'),
    ],
    more: [
      'Repair adapter, address or boot problem through the console.',
      'Restart or redeploy a cloud VM.',
    ],
    caution: null,
    unverified: [],
    sources: ['clientsFaq', 'azureGeneralError', 'azureConnection'],
  },
  'vpn-route-missing': {
    title: "There is no route to the host's network: VPN down or route missing",
    summary:
      'The tunnel is down or its split-tunnel routes do not include the host; packets leave by the wrong interface.',
    category: 'network',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [],
    wireSignature:
      'No answer or ICMP net-unreachable; the local source address or first hop is not the VPN interface.',
    signalWeights: {
      'tcp.timeout': 'ambiguous',
      'icmp.net-unreachable': 'supporting',
      'route.not-via-vpn': 'supporting',
      'icmp.time-exceeded': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Source address and route lookup on the client decide.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Compare the source address of the connection with that of the VPN interface.',
    mstsc: [documented('0x204'), documented('0x108')],
    hostChecks: [
      inClient('Find-NetRoute -RemoteIPAddress <ip> | Select-Object InterfaceAlias,NextHop'),
      inClient('Get-VpnConnection | Select-Object Name,ConnectionStatus,SplitTunneling'),
      inClient('tracert -d <ip>'),
    ],
    advice: [
      onClient(
        'See which interface the packets leave by.',
        'Find-NetRoute -RemoteIPAddress <ip> | Select-Object InterfaceAlias,NextHop',
      ),
      onClient(
        'Connect the VPN again, or add the missing route to its profile.',
        'Get-VpnConnection | Select-Object Name,ConnectionStatus,SplitTunneling',
      ),
      onNetwork("See that the host's network routes the answers back through the VPN."),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['clientsFaq', 'azureConnection'],
  },
  'wifi-or-access-link-unstable': {
    title: 'The Wi-Fi or the access line of one side is unstable',
    summary:
      'Short outages, roaming or power saving on the last hop interrupt handshakes and sessions.',
    category: 'loss',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: ['post'],
    wireSignature: 'Bursty loss and jitter that already shows at the first hop (default gateway).',
    signalWeights: {
      'net.loss-first-hop': 'decisive',
      'net.jitter-high': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Loss to the own gateway is local by definition.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Measure the loss to the default gateway: is it there already?',
    mstsc: [documented('0x108'), SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inClient('ping -n 100 <default-gateway>'),
      inClient('netsh wlan show interfaces', 'signal, rate, roaming'),
    ],
    advice: [
      onClient('Measure the first hop alone.', 'ping -n 100 <default-gateway>'),
      onClient('Repeat the test over a cable.'),
      onClient(
        'See signal and roaming; update the driver, switch off power saving of the adapter, change channel or band.',
        'netsh wlan show interfaces',
      ),
    ],
    more: ['For 802.1X laptops as RDP hosts use computer authentication.'],
    caution: null,
    unverified: [],
    sources: ['rdpShortpath', 'dot1xUser'],
  },
  'client-port-exhaustion': {
    title: 'The client could not open the connection: no local port or address free',
    summary:
      'All dynamic ports (49152-65535) are in use, so new outbound connections fail; on the RDP host it breaks domain logons because the DC cannot be reached.',
    category: 'network',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: ['credssp-auth'],
    wireSignature:
      'Local connect() error (EADDRINUSE/EADDRNOTAVAIL) before a SYN leaves; on the host side NLA fails for domain accounts while local accounts work.',
    signalWeights: {
      'tcp.local-error': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'A local socket error is proof for the client; for the host it is a guess.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Probe the same server from another client.',
    mstsc: [documented('0x204')],
    hostChecks: [
      inClient('netsh int ipv4 show dynamicport tcp'),
      inClient(
        'Get-NetTCPConnection | Group-Object State,OwningProcess | Sort-Object Count -Descending | Select-Object -First 10',
      ),
      inClient("Get-WinEvent -FilterHashtable @{LogName='System';Id=4227,4231} -MaxEvents 5"),
    ],
    advice: [
      onClient(
        'Find the process that holds the ports.',
        'Get-NetTCPConnection | Group-Object State,OwningProcess | Sort-Object Count -Descending | Select-Object -First 10',
      ),
      onClient('Check that the source address that was asked for belongs to this machine.'),
    ],
    more: [
      'Restart the process that holds the ports, or the machine, as a stopgap.',
      'Widen the range only temporarily: netsh int ipv4 set dynamicport tcp start=10000 num=50000.',
    ],
    caution: null,
    unverified: [],
    sources: ['portExhaustion'],
  },
});
