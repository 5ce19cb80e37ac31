import { type Advice, onClient, onNetwork, onServer } from './cause.js';

/** What helps whatever the limit is; where the limit was measured, its figures take this place. */
export const CLAMP_MSS = onNetwork(
  'Clamp the TCP MSS on the tunnel or at the edge to the tunnel MTU minus 40 bytes (60 for IPv6).',
);

export const LET_ICMP_PASS = onNetwork(
  'Let ICMP "fragmentation needed" (type 3 code 4) and ICMPv6 "packet too big" pass every firewall of the path.',
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
