import type { Handshake } from '../handshake/handshake.js';
import { type Candidates, possible } from './alert-causes.js';
import { hostSaysUnreachable, isProhibitedOnPath, isUnreachableAtOnce } from './refusals.js';
import { lastEvent, text } from './seen.js';

/** Why no TCP connection came about. */
export function inTcp(handshake: Handshake): Candidates {
  const { how, by } = handshake.outcome;
  const told = how === 'refused' || how === 'unreachable' ? toldByIcmp(handshake) : null;
  if (told !== null) return told;
  switch (how) {
    case 'refused':
      if (by === 'network') return [['network-acl-or-nsg-block', 'likely']];
      return [
        ['rdp-disabled', 'likely'],
        ...possible('termservice-not-running', 'network-acl-or-nsg-block', 'rdp-port-changed'),
      ];
    case 'timeout':
      return possible(
        'host-firewall-rdp-rule',
        'network-acl-or-nsg-block',
        'host-down-or-asleep',
        'rdp-port-changed',
        'vpn-route-missing',
      );
    case 'unreachable':
      return unreachable(handshake);
    case 'not-found':
    case 'reset':
    case 'closed':
    case 'alert':
    case 'negotiation-failure':
    case 'error-code':
    case 'malformed':
    case 'not-rdp':
    case null:
      return [];
  }
}

/**
 * What the ICMP in answer to the SYN says, whatever the system made of it. Whoever sends it stands on
 * the way or at its end, and has got the SYN. null: none was seen
 */
function toldByIcmp(handshake: Handshake): Candidates | null {
  if (hostSaysUnreachable(handshake)) return REJECTED_BY_HOST;
  const type = handshake.tcp.icmp.map((one) => one.type).find((one) => REFUSALS.test(one));
  if (type === undefined) return null;
  if (type === 'host-unreachable') {
    return [
      ['host-down-or-asleep', 'likely'],
      ...possible('vpn-route-missing', 'network-acl-or-nsg-block'),
    ];
  }
  if (type === 'network-unreachable' || type === 'no-route' || type === 'time-exceeded') {
    return [['vpn-route-missing', 'likely'], ...possible('network-acl-or-nsg-block')];
  }
  return [
    ['network-acl-or-nsg-block', 'likely'],
    ...possible('host-firewall-rdp-rule', 'client-egress-block'),
  ];
}

/** Messages of ICMP that say no, rather than how large a packet may be. */
const REFUSALS = /unreachable|prohibited|rejected|no-route|policy|^time-exceeded/;

/** Without a capture nobody can tell whether there was ICMP: the system here refuses by the same codes. */
function unreachable(handshake: Handshake): Candidates {
  const code = text(lastEvent(handshake, { kind: 'tcp-failed' }), 'code') ?? '';
  if (/EADDR/.test(code)) return [['client-port-exhaustion', 'likely']];
  if (isProhibitedOnPath(handshake)) {
    return [['network-acl-or-nsg-block', 'likely'], ...possible('client-egress-block')];
  }
  if (/EACCES|EPERM/.test(code)) {
    return [['client-egress-block', 'likely'], ...possible('network-acl-or-nsg-block')];
  }
  if (/ENETUNREACH/.test(code)) {
    return [['vpn-route-missing', 'likely'], ...possible('network-acl-or-nsg-block')];
  }
  // The system here refused for another reason of its own.
  if (handshake.outcome.by === 'client') return possible('client-port-exhaustion');
  if (isUnreachableAtOnce(handshake)) {
    return possible(
      'network-acl-or-nsg-block',
      'client-egress-block',
      'host-down-or-asleep',
      'vpn-route-missing',
    );
  }
  return [
    ['host-down-or-asleep', 'likely'],
    ...possible('vpn-route-missing', 'network-acl-or-nsg-block'),
  ];
}

/** A filter of the host: its kernel answers a SYN for a closed port with a reset, RFC 9293 3.10.7.1. */
const REJECTED_BY_HOST: Candidates = [
  ['host-firewall-rdp-rule', 'likely'],
  ...possible('network-acl-or-nsg-block', 'rdp-disabled'),
];
