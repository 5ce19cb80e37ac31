import {
  defineCauses,
  documented,
  inClient,
  inServer,
  NO_OFFER_HELPS,
  onClient,
  onNetwork,
  onServer,
  PAIR_REPORTED,
  SOCKET_CLOSED,
} from './cause.js';
import { CLAMP_MSS, FIND_SIZE, LET_ICMP_PASS, smallerMtu } from './path-advice.js';

/** Causes on the path: packet sizes, loss, delay, UDP, and what stands in between. */
export const PATH_CAUSES = defineCauses({
  'packet-loss-on-path': {
    title: 'Packets get lost on the path',
    summary:
      'Lost segments force retransmissions; with enough loss the multi-round-trip handshake runs into a timeout of client or server.',
    category: 'loss',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: [
      'x224',
      'tls-client-hello',
      'tls-server-flight',
      'credssp-nego',
      'credssp-auth',
      'post',
      'mcs',
    ],
    wireSignature:
      'Repeated connects show missing SYN-ACKs, retransmission-like gaps (1 s, 3 s, 7 s steps) and handshakes that fail at changing stages.',
    signalWeights: {
      'net.loss-high': 'supporting',
      'stage.varies-between-runs': 'ambiguous',
      'tls.gap-in-flight': 'hint',
      'stage.second-try-ok': 'ambiguous',
      'tcp.unseen-bytes': 'hint',
    },
    counterSignals: {
      'credssp.ok-without-nla': 'rules-out',
      'net.loss-low': 'rules-out',
      'stage.further-tries-same': 'weakens',
      'x224.request-swallowed': 'weakens',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'A failing stage that changes from run to run speaks for loss; a fixed stage speaks against it.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [
      '20 or more TCP connects: share of failures and connect-time quantiles',
      'Loss independent of payload size (else see mtu-*)',
    ],
    nextCheck:
      'Repeat the probe 20 times: a failing stage that changes from run to run means loss.',
    mstsc: [
      documented('0x108'),
      documented('0x704'),
      documented('0x404'),
      SOCKET_CLOSED,
      PAIR_REPORTED,
    ],
    hostChecks: [
      inClient('psping -n 100 -i 0.5 <ip>:3389'),
      inClient('pathping -n <ip>'),
      inServer('Get-NetAdapterStatistics', 'errors and discards'),
    ],
    advice: [
      onNetwork(
        'Measure the loss with many TCP connections to the port itself.',
        'psping -n 100 -i 0.5 <ip>:3389',
        'Loss in ICMP at hops in between is often only rate limiting: trust TCP to the target.',
      ),
      onNetwork(
        'Find the lossy part (Wi-Fi, access line, VPN, duplex) with a cable and hop by hop.',
      ),
    ],
    more: ['Fix QoS/policing drops on the tunnel.', 'Raise client timeouts only as a stopgap.'],
    caution: null,
    unverified: [],
    sources: ['lsaContact', 'eventId56'],
  },
  'mtu-pmtud-blackhole': {
    title: 'Large packets vanish on the path (MTU black hole)',
    summary:
      'A hop has a smaller MTU, the packets carry DF, and the ICMP "fragmentation needed" message is filtered. Small packets pass, full-size segments never arrive.',
    category: 'mtu',
    phase: 'direct',
    failurePoint: 'tls-server-flight',
    alsoSeenAt: ['tls-client-hello', 'credssp-auth', 'mcs'],
    wireSignature:
      'TCP and X.224 succeed (tiny packets). After the ClientHello nothing or only a partial server flight arrives, then a stall with retransmissions until timeout; or, in the other direction, a large ClientHello/TSRequest is never acknowledged. The cut is at a stable size.',
    signalWeights: {
      'tls.server-flight-stalled': 'supporting',
      'net.size-threshold': 'decisive',
      'credssp.stall-on-large-message': 'supporting',
      'tls.gap-in-flight': 'supporting',
      'tls.short-answer-ok': 'supporting',
      'tcp.unseen-bytes': 'hint',
    },
    counterSignals: {
      'tls.other-hello-ok': 'rules-out',
      'credssp.ok-without-nla': 'rules-out',
      'net.full-size-passes': 'rules-out',
      'tcp.full-segment-arrived': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'A reproducible size threshold with intact small messages is close to proof; the exact hop stays unknown.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: [
      'Repeat with a ClientHello padded to 1200, 1400, 1460, 2800 bytes: the first size that stalls marks the threshold',
      'ICMP DF sweep towards the host and compare',
      'Loss tests with small payload stay clean',
    ],
    nextCheck: 'Measure which packet sizes pass in each direction; a stable threshold settles it.',
    mstsc: [documented('0x108'), documented('0x704'), SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inClient('ping -f -l 1472 <ip>', 'reduce until it passes; MTU = size + 28'),
      inServer('netsh interface ipv4 show subinterfaces'),
      inServer(
        'Get-NetTCPConnection -RemoteAddress <client-ip> -LocalPort 3389 | Select-Object State',
      ),
      inServer(
        null,
        'a capture on both ends (pktmon, Wireshark): the same large segment again and again',
      ),
    ],
    advice: [LET_ICMP_PASS, CLAMP_MSS, FIND_SIZE, smallerMtu(1350)],
    more: [],
    caution: null,
    unverified: [],
    sources: ['azureTcpTuning', 'pathMtuProblems', 'tunnelOverhead'],
  },
  'mtu-vpn-no-mss-clamp': {
    title: 'A VPN or tunnel on the path does not reduce the TCP MSS',
    summary:
      'Encapsulation (IPsec, GRE, WireGuard, OpenVPN, PPPoE) takes 8 to 90 bytes per packet. If the gateway does not clamp the MSS, full-size segments do not fit and are dropped or fragmented.',
    category: 'mtu',
    phase: 'direct',
    failurePoint: 'tls-server-flight',
    alsoSeenAt: ['tls-client-hello', 'credssp-auth'],
    wireSignature:
      'As mtu-pmtud-blackhole, only over the VPN; threshold typically between 1300 and 1450 bytes; fine without VPN.',
    signalWeights: {
      'tls.server-flight-stalled': 'supporting',
      'net.size-threshold': 'decisive',
      'path.vpn-only': 'decisive',
      'tls.gap-in-flight': 'hint',
      'tls.short-answer-ok': 'hint',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: {
      'tls.other-hello-ok': 'rules-out',
      'net.full-size-passes': 'rules-out',
      'stage.second-try-ok': 'rules-out',
      'tcp.full-segment-arrived': 'rules-out',
    },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'Threshold plus "VPN only" is convincing.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: [],
    nextCheck: 'Probe once over the VPN and once without it.',
    mstsc: [documented('0x108'), SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inClient('ping -f -l 1372 <ip> ; ping -f -l 1272 <ip>', 'over the VPN'),
      inClient(
        'Get-NetIPInterface | Where-Object InterfaceAlias -like "*VPN*" | Select-Object InterfaceAlias,NlMtu',
      ),
    ],
    advice: [
      onNetwork(
        'Set the MTU in the VPN profile and clamp the MSS on its gateway to the tunnel MTU minus 40 bytes (60 for IPv6).',
      ),
      onClient(
        'Confirm over the VPN: which of these is answered?',
        'ping -f -l 1372 <ip> & ping -f -l 1272 <ip>',
      ),
    ],
    more: ['Allow fragments and ICMP on the outer path.'],
    caution:
      'Fragments arriving out of order are dropped by some networks (Azure does so on purpose), so relying on fragmentation is not a fix.',
    unverified: [],
    sources: ['azureTcpTuning', 'tunnelOverhead', 'vpnIdleTimeout'],
  },
  'large-clienthello-intolerant-path': {
    title: 'A device or the server chokes on the ClientHello',
    summary:
      'Clients with OpenSSL 3.5+ or modern browsers send a post-quantum key share (X25519MLKEM768) that makes the ClientHello about 1.5 kB, split over two segments. Old middleboxes and buggy servers reset or stall. Windows Schannel does not send it by default, so mstsc may work while a probe fails.',
    category: 'proxy',
    phase: 'direct',
    failurePoint: 'tls-client-hello',
    alsoSeenAt: [],
    wireSignature:
      'Large ClientHello: RST or stall right after it. The same hello without the ML-KEM group (below about 500 bytes): works.',
    signalWeights: {
      'tls.rst-after-client-hello': 'ambiguous',
      'tls.timeout-after-client-hello': 'ambiguous',
      'tls.ok-with-small-hello': 'decisive',
      'tls.ok-with-older-hello': 'supporting',
      'stage.further-tries-same': 'ambiguous',
    },
    counterSignals: { ...NO_OFFER_HELPS, 'net.padded-hello-passes': 'weakens' },
    confidence: {
      signatureImpliesCause: 'strong',
      note: 'The A/B test with a small hello decides. If both sizes stall at a threshold, look at the MTU causes.',
      signatureBasis: 'project-issue',
    },
    remotelyObservable: 'yes',
    discriminators: ['groups/ecdhCurve = "X25519:P-256:P-384" versus the default'],
    nextCheck: 'Probe with a smaller ClientHello (fewer groups, no post-quantum key share).',
    mstsc: [],
    hostChecks: [
      inServer(null, 'logs of firewall and IPS for the connection'),
      inServer(null, 'release notes of the firmware: TLS 1.3, ML-KEM'),
    ],
    advice: [
      onNetwork(
        'Read the logs of firewall and IPS for this connection; update their TLS handling.',
      ),
      onServer('Update the TLS stack of the server.'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['postQuantumHello', 'tlsGroups', 'splitClientHello'],
  },
  'latency-or-slow-path': {
    title: 'The path is slow: high delay or jitter',
    summary:
      'NLA needs several round trips (TCP, X.224, TLS, SPNEGO) and often a domain-controller lookup. On slow tunnels the sum can exceed client or middlebox timeouts.',
    category: 'latency',
    phase: 'direct',
    failurePoint: 'tls-server-flight',
    alsoSeenAt: ['credssp-auth', 'x224'],
    wireSignature:
      'Every stage completes late; stage durations are multiples of a large RTT; the abort comes at a round timeout (for example 10, 15, 30 s) from one side.',
    signalWeights: {
      'net.rtt-high': 'supporting',
      'net.jitter-high': 'ambiguous',
      'stage.timeout': 'ambiguous',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Timings show it directly; whether latency or a stalled server is to blame follows from the plain TCP RTT.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'yes',
    discriminators: [
      'Stage time divided by TCP RTT: near the expected number of round trips = network; far above = host',
    ],
    nextCheck: 'Repeat the series at another hour and over another access line.',
    mstsc: [documented('0x108'), documented('0x704'), SOCKET_CLOSED, PAIR_REPORTED],
    hostChecks: [
      inClient('psping -n 50 <ip>:3389', 'TCP connect time'),
      inServer('Measure-Command { nltest /dsgetdc:<domain> }', 'slow DC lookups'),
    ],
    advice: [
      onNetwork(
        'Shorten the way: a nearer VPN gateway, direct peering, a VPN over UDP instead of TCP.',
      ),
      onNetwork('Look for full queues: shape the uplink, and test while nothing else uses it.'),
      onClient('Measure the TCP connect time to the port itself.', 'psping -n 50 <ip>:3389'),
    ],
    more: ['Check the host for slow domain-controller or CRL lookups if TCP RTT is low.'],
    caution: null,
    unverified: [],
    sources: ['lsaContact', 'azureTcpTuning', 'rdpShortpath', 'clientReadTimeout'],
  },
  'tcp-answered-on-path': {
    title: 'Something on the path answers TCP in the place of the server',
    summary:
      'A proxy, a WAN optimiser, a firewall or a port forwarder ends the TCP connections and makes new ones to the server. What is measured by TCP then holds for the way to that device, not to the server.',
    category: 'proxy',
    phase: 'direct',
    failurePoint: 'tcp-connect',
    alsoSeenAt: ['tls-server-flight'],
    wireSignature:
      'The SYN is answered much faster than the first answer of the server arrives, and faster than a ping of the same address; small and large packets pass alike up to the device.',
    signalWeights: {
      'path.syn-answered-nearer': 'supporting',
      'tcp.refused-by-middlebox': 'hint',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'A busy server answers late too: the comparison with a ping, or with a probe from behind the device, decides.',
      signatureBasis: 'protocol-inference',
    },
    remotelyObservable: 'yes',
    discriminators: ['Compare the round trip of the SYN with that of a ping'],
    nextCheck:
      'Compare the SYN round trip with a ping, and with a probe from the subnet of the server.',
    mstsc: [],
    hostChecks: [],
    advice: [
      onNetwork(
        'Find the proxy, WAN optimiser or firewall that ends TCP connections (RDP gateways and port forwarders do too).',
      ),
      onNetwork('Probe from behind it: only there the path to the server itself can be measured.'),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['splitTcp'],
  },
  'udp-transport-blocked-or-fragmented': {
    title: 'The UDP transport of RDP is blocked, switched off or too large for the path',
    summary:
      'RDP starts on TCP and adds UDP 3389 (3391 through the gateway). Half-open filtering, short NAT timers or a path that cannot carry 1232-byte datagrams cause stalls and drops after connect; clean blocking just falls back to TCP.',
    category: 'udp',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'TCP handshake fine. RDPEUDP SYN without answer = blocked or off; answer to a small datagram but none to a 1232-byte one = MTU; drops only with UDP on.',
    signalWeights: {
      'udp.no-reply': 'ambiguous',
      'udp.reply-small-only': 'supporting',
      'post.ok-without-udp': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'A bare UDP SYN outside a session may be ignored by the host, so no answer proves little; the size comparison is better.',
      signatureBasis: 'spec',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck:
      'Compare a session with UDP and one without it; the connection bar of mstsc names the transport.',
    mstsc: [{ code: '0x3', extended: null, basis: 'reported', says: 'as reported' }, SOCKET_CLOSED],
    hostChecks: [
      inServer('Get-NetUDPEndpoint -LocalPort 3389'),
      inServer(
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v SelectTransport',
      ),
      inClient(
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services\\Client" /v fClientDisableUDP',
      ),
    ],
    advice: [
      onNetwork('Let UDP 3389 pass in both directions, or refuse it cleanly.'),
      onServer(
        'Does the host listen, and does a policy allow UDP?',
        'Get-NetUDPEndpoint -LocalPort 3389 & reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v SelectTransport',
      ),
      onClient(
        'Test without UDP: the session that holds then has its fault there.',
        'reg add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services\\Client" /v fClientDisableUDP /t REG_DWORD /d 1 /f',
        'Undo it after the test: UDP is the better transport on lossy lines.',
      ),
    ],
    more: [
      'Use a UDP-based VPN; lower the tunnel MTU so that 1232-byte UDP payload fits or is fragmented properly.',
    ],
    caution: 'UDP is optional: it is never the reason why the first handshake, over TCP, fails.',
    unverified: [],
    sources: ['udpSyn', 'rdpShortpath', 'udp65Seconds'],
  },
  'tcp-idle-timeout-drop': {
    title: 'The idle timer of a firewall, NAT or load balancer cuts the session',
    summary:
      'Middleboxes forget idle flows (Azure Load Balancer default 4 minutes) and either stay silent or reset later packets.',
    category: 'firewall',
    phase: 'direct',
    failurePoint: 'post',
    alsoSeenAt: [],
    wireSignature:
      'Handshake fine; the session ends after a constant idle time; the next packet gets RST or nothing.',
    signalWeights: {
      'post.drop-after-idle': 'supporting',
      'tcp.rst-ttl-differs': 'supporting',
    },
    confidence: {
      signatureImpliesCause: 'moderate',
      note: 'Constant idle time and no drop during activity are typical.',
      signatureBasis: 'vendor-doc',
    },
    remotelyObservable: 'partly',
    discriminators: [],
    nextCheck: 'Leave a session idle several times: does it end after the same time?',
    mstsc: [SOCKET_CLOSED, documented('0x404')],
    hostChecks: [
      inServer(
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v KeepAliveEnable',
      ),
      inServer(null, 'Idle timer of firewall, NAT and load balancer'),
      inServer(
        "Get-WinEvent -LogName 'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational' -MaxEvents 30",
        '24 disconnected, 39 by another session, 40 with reason code',
      ),
    ],
    advice: [
      onServer(
        'Let the host send keep-alives each minute: policy "Configure keep-alive connection interval".',
        'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services" /v KeepAliveEnable',
      ),
      onNetwork(
        'Raise the idle timer; on a cloud balancer let it send a reset.',
        null,
        'A time limit of the session looks alike, but says so in a message before.',
      ),
    ],
    more: [],
    caution: null,
    unverified: [],
    sources: ['balancerIdle', 'vpnIdleTimeout', 'azureIntermittent', 'sessionDisconnectCodes'],
  },
});
