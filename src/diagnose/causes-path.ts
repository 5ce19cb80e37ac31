import {
  type CauseText,
  documented,
  onClient,
  onNetwork,
  onServer,
  SOCKET_CLOSED,
} from './cause-text.js';
import type { Advice } from './finding.js';

/** What helps whatever the limit is; where the limit was measured, its figures take this place. */
export const CLAMP_MSS = onNetwork(
  'Clamp the TCP MSS on the tunnel or at the edge to the tunnel MTU minus 40 bytes (60 for IPv6).',
);

/** Superfluous where the size was measured. */
export const FIND_SIZE = onClient(
  'Find the size that still passes: reduce it until the ping is answered; the MTU is that size plus 28.',
  'ping -f -l 1472 <ip>',
);

export function smallerMtu(bytes: number): Advice {
  return onServer(
    'Stopgap on one end: a smaller MTU on the interface.',
    `netsh interface ipv4 set subinterface "<name>" mtu=${bytes} store=persistent`,
    'Note the change: it hides the fault and costs throughput.',
  );
}

/** Causes on the path: packet sizes, loss, delay, UDP, and what stands in between. */
export const PATH_CAUSES = {
  'packet-loss-on-path': {
    title: 'Packets get lost on the path',
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
    nextCheck:
      'Repeat the probe 20 times: a failing stage that changes from run to run means loss.',
    mstsc: [...documented('0x108', '0x704', '0x404'), ...SOCKET_CLOSED],
    sources: ['lsaContact', 'eventId56'],
  },
  'mtu-pmtud-blackhole': {
    title: 'Large packets vanish on the path (MTU black hole)',
    advice: [
      onNetwork(
        'Let ICMP "fragmentation needed" (type 3 code 4) and ICMPv6 "packet too big" pass every firewall of the path.',
      ),
      CLAMP_MSS,
      FIND_SIZE,
      smallerMtu(1350),
    ],
    nextCheck: 'Measure which packet sizes pass in each direction; a stable threshold settles it.',
    mstsc: [...documented('0x108', '0x704'), ...SOCKET_CLOSED],
    sources: ['azureTcpTuning', 'pathMtuProblems', 'tunnelOverhead'],
  },
  'mtu-vpn-no-mss-clamp': {
    title: 'A VPN or tunnel on the path does not reduce the TCP MSS',
    advice: [
      onNetwork(
        'Set the MTU in the VPN profile and clamp the MSS on its gateway to the tunnel MTU minus 40 bytes (60 for IPv6).',
      ),
      onClient(
        'Confirm over the VPN: which of these is answered?',
        'ping -f -l 1372 <ip> & ping -f -l 1272 <ip>',
      ),
    ],
    nextCheck: 'Probe once over the VPN and once without it.',
    mstsc: [...documented('0x108'), ...SOCKET_CLOSED],
    sources: ['azureTcpTuning', 'tunnelOverhead'],
  },
  'large-clienthello-intolerant-path': {
    title: 'A device or the server chokes on the ClientHello',
    advice: [
      onNetwork(
        'Read the logs of firewall and IPS for this connection; update their TLS handling.',
      ),
      onServer('Update the TLS stack of the server.'),
    ],
    nextCheck: 'Probe with a smaller ClientHello (fewer groups, no post-quantum key share).',
    mstsc: [],
    sources: ['postQuantumHello', 'tlsGroups'],
  },
  'latency-or-slow-path': {
    title: 'The path is slow: high delay or jitter',
    advice: [
      onNetwork(
        'Shorten the way: a nearer VPN gateway, direct peering, a VPN over UDP instead of TCP.',
      ),
      onNetwork('Look for full queues: shape the uplink, and test while nothing else uses it.'),
      onClient('Measure the TCP connect time to the port itself.', 'psping -n 50 <ip>:3389'),
    ],
    nextCheck: 'Repeat the series at another hour and over another access line.',
    mstsc: [...documented('0x108', '0x704'), ...SOCKET_CLOSED],
    sources: ['lsaContact', 'azureTcpTuning', 'rdpShortpath'],
  },
  'tcp-answered-on-path': {
    title: 'Something on the path answers TCP in the place of the server',
    advice: [
      onNetwork(
        'Find the proxy, WAN optimiser or firewall that ends TCP connections (RDP gateways and port forwarders do too).',
      ),
      onNetwork('Probe from behind it: only there the path to the server itself can be measured.'),
    ],
    nextCheck:
      'Compare the SYN round trip with a ping, and with a probe from the subnet of the server.',
    mstsc: [],
    sources: ['splitTcp'],
  },
  'udp-transport-blocked-or-fragmented': {
    title: 'The UDP transport of RDP is blocked, switched off or too large for the path',
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
    nextCheck:
      'Compare a session with UDP and one without it; the connection bar of mstsc names the transport.',
    mstsc: [],
    sources: ['udpSyn', 'rdpShortpath'],
  },
} as const satisfies Record<string, CauseText>;
