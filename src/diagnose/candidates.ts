import type { Handshake } from '../handshake/handshake.js';
import { alertCauses, type Candidates, possible } from './alert-causes.js';
import { endedInBetween, stoppedAfterSmall } from './in-between.js';
import { isUnacknowledged } from './lost-segments.js';
import {
  earlyAuthorization,
  lastEvent,
  logonWasTried,
  number,
  serverSpokeTls,
  text,
  wantsTlsAfterAll,
} from './seen.js';
import { kindOf } from './server-kind.js';
import { inTcp } from './tcp-candidates.js';

/** The causes that this way and place of ending point at: ranked, seldom proved. */
export function candidatesOf(handshake: Handshake): Candidates {
  switch (handshake.outcome.failedAt) {
    case 'resolve':
      return [['dns-name-not-resolved', 'proved']];
    case 'tcp':
      return inTcp(handshake);
    case 'x224':
      return inX224(handshake);
    case 'tls':
      return inTls(handshake);
    case 'credssp':
      return inCredSsp(handshake);
    case 'mcs':
      return inMcs(handshake);
    case null:
      return [];
  }
}

function inX224(handshake: Handshake): Candidates {
  switch (handshake.outcome.how) {
    case 'not-rdp':
      return notRdp(handshake);
    case 'timeout':
      return silentInX224(handshake);
    case 'reset':
    case 'closed':
      return endedInX224(handshake);
    case 'malformed':
      return possible('not-an-rdp-service', 'middlebox-dpi-resets-rdp');
    // An X.224 disconnect or error.
    case 'refused':
    case 'error-code':
      return possible('load-balancer-or-broker-token', 'rdp-connection-limit-or-drain');
    // A negotiation failure names its cause: the negotiation rules read it.
    case 'negotiation-failure':
    case 'alert':
    case 'unreachable':
    case 'not-found':
    case null:
      return [];
  }
}

/** Devices mostly reset; a FIN comes from a program that took the connection and did not want it. */
function endedInX224(handshake: Handshake): Candidates {
  const routed = handshake.x224.request?.routingToken ?? null;
  const balancer: Candidates =
    routed === null
      ? possible('load-balancer-or-broker-token')
      : [['load-balancer-or-broker-token', 'likely']];
  const software = possible('local-security-software', 'brute-force-exhaustion');
  if (endedInBetween(handshake)) {
    return [...LIKELY_IN_BETWEEN, ...balancer, ...LIMIT_OR_OTHER, ...software];
  }
  const between = possible('middlebox-dpi-resets-rdp');
  return handshake.outcome.how === 'reset'
    ? [...between, ...balancer, ...LIMIT_OR_OTHER, ...software]
    : [...balancer, ...LIMIT_OR_OTHER, ...between, ...software];
}

const LIMIT_OR_OTHER = possible('rdp-connection-limit-or-drain', 'not-an-rdp-service');

function silentInX224(handshake: Handshake): Candidates {
  if (isUnacknowledged(handshake)) {
    return possible('packet-loss-on-path', 'middlebox-dpi-resets-rdp', 'host-down-or-asleep');
  }
  // A service that has begun its answer does not hang from the start.
  if ((number(lastEvent(handshake, { kind: 'silence' }), 'partialBytes') ?? 0) > 0) {
    return possible('host-busy-or-out-of-memory', 'packet-loss-on-path', 'termservice-hung');
  }
  return [
    ['termservice-hung', 'likely'],
    ...possible(
      'middlebox-dpi-resets-rdp',
      'rdp-port-taken-by-other-app',
      'brute-force-exhaustion',
    ),
  ];
}

function notRdp(handshake: Handshake): Candidates {
  const foreign = lastEvent(handshake, { kind: 'foreign', by: 'server' });
  const protocol = handshake.x224.response.protocol ?? text(foreign, 'protocol');
  return [
    ['not-an-rdp-service', protocol === null ? 'likely' : 'proved'],
    ...possible('rdp-port-taken-by-other-app'),
  ];
}

function inTls(handshake: Handshake): Candidates {
  switch (handshake.outcome.how) {
    case 'alert':
      return alertCauses(handshake);
    case 'reset':
    case 'closed':
      return endedInTls(handshake);
    case 'timeout':
      if (stoppedAfterSmall(handshake)) return STOPPED_IN_BETWEEN;
      // A stall alone says nothing of packet sizes; later segments that came ahead of a missing one do.
      return [
        ['mtu-pmtud-blackhole', (handshake.tcp.outOfOrder ?? 0) > 0 ? 'likely' : 'possible'],
        ...possible(
          'mtu-vpn-no-mss-clamp',
          'middlebox-dpi-resets-rdp',
          'large-clienthello-intolerant-path',
          'packet-loss-on-path',
          'termservice-hung',
        ),
      ];
    case 'malformed':
      return possible('middlebox-dpi-resets-rdp');
    case 'negotiation-failure':
    case 'error-code':
    case 'not-rdp':
    case 'refused':
    case 'unreachable':
    case 'not-found':
    case null:
      return [];
  }
}

/** Small packets passed both ways, and from one on nothing is acknowledged: it is not the size. */
const STOPPED_IN_BETWEEN: Candidates = [
  ['middlebox-dpi-resets-rdp', 'likely'],
  ...possible('packet-loss-on-path', 'large-clienthello-intolerant-path', 'mtu-pmtud-blackhole'),
];

function endedInTls(handshake: Handshake): Candidates {
  if (handshake.outcome.by === 'client') {
    // It has seen no certificate yet: what it minds is the protocol that was selected.
    if (sawNoHello(handshake)) return [];
    // Of our own TLS library's reasons the last resort tells what it said.
    return lastEvent(handshake, { kind: 'endpoint-error' }) === null
      ? possible('cert-name-or-trust', 'tls-interception-breaks-nla', 'local-security-software')
      : [];
  }
  if (serverSpokeTls(handshake)) {
    return possible('middlebox-dpi-resets-rdp', 'local-security-software');
  }
  const { windows, xrdp } = kindOf(handshake);
  const early = endedInBetween(handshake);
  // Without a ClientHello it had no reason to look for its key yet.
  const asked = lastEvent(handshake, { kind: 'message', message: 'tls-client-hello' }) !== null;
  const noHello = sawNoHello(handshake);
  const keyUnreadable: Candidates = windows
    ? [
        ['private-key-acl-machinekeys', early || xrdp || !asked ? 'possible' : 'likely'],
        ...possible('private-key-missing-or-corrupt', 'listener-thumbprint-stale'),
        ...possible('custom-cert-key-acl', 'tls-versions-disabled-on-host'),
      ]
    : [];
  const between = possible('middlebox-dpi-resets-rdp');
  // A server that says goodbye has ended it itself.
  const first = early ? LIKELY_IN_BETWEEN : noHello && !saidGoodbye(handshake) ? between : [];
  const [key, ...otherKeys] = keyUnreadable;
  // Devices mostly reset, and so does Windows.
  const second = first.length === 0 && handshake.outcome.how === 'reset' ? between : [];
  return [
    ...first,
    ...(key === undefined ? [] : [key]),
    ...second,
    ...otherKeys,
    ...(xrdp ? possible('xrdp-private-key-unreadable') : []),
    ...possible(noHello ? 'local-security-software' : 'tls-cipher-mismatch'),
    ...(windows ? possible('schannel-configuration-damaged') : []),
    ...(first.length > 0 || second.length > 0 ? [] : between),
  ];
}

function saidGoodbye(handshake: Handshake): boolean {
  return (
    lastEvent(handshake, { kind: 'message', by: 'server', message: 'mcs-disconnect' }) !== null
  );
}

/** Whether the exchange was seen, and ended before the client had said a word of TLS. */
function sawNoHello(handshake: Handshake): boolean {
  const message = (type: string) => lastEvent(handshake, { kind: 'message', message: type });
  return (
    handshake.tls.clientHello === null &&
    message('x224-confirm') !== null &&
    message('tls-client-hello') === null
  );
}

const LIKELY_IN_BETWEEN: Candidates = [['middlebox-dpi-resets-rdp', 'likely']];

/** Nothing arrives at the other end any more. */
const UNACKNOWLEDGED = possible(
  'packet-loss-on-path',
  'middlebox-dpi-resets-rdp',
  'mtu-pmtud-blackhole',
);

function inCredSsp(handshake: Handshake): Candidates {
  const tried = logonWasTried(handshake);
  switch (handshake.outcome.how) {
    case 'reset':
    case 'closed':
    case 'alert': {
      if (!tried) {
        return possible('ntlm-blocked', 'tls-interception-breaks-nla', 'local-security-software');
      }
      return endedAfterLogon(handshake);
    }
    case 'timeout':
      if (isUnacknowledged(handshake)) return UNACKNOWLEDGED;
      return tried
        ? [['nla-dc-unreachable', 'likely'], ...possible('packet-loss-on-path')]
        : possible('termservice-hung', 'packet-loss-on-path', 'mtu-pmtud-blackhole');
    case 'malformed':
      return possible('tls-interception-breaks-nla');
    // An error code names its cause: the CredSSP rules read it.
    case 'error-code':
      return refusedUser(handshake);
    case 'negotiation-failure':
    case 'not-rdp':
    case 'refused':
    case 'unreachable':
    case 'not-found':
    case null:
      return [];
  }
}

/**
 * An end in place of the answer to the logon. It is a refusal where the server says goodbye, or has
 * no other way to refuse; a server that has one, and ends without a word, may have been cut off.
 */
function endedAfterLogon(handshake: Handshake): Candidates {
  const { authentication, version } = handshake.credssp;
  const old: Candidates = version === 2 ? possible('credssp-version2-server-no-errorcode') : [];
  const behind = possible('nla-dc-unreachable', 'nla-secure-channel-broken');
  if (authentication === 'refused' || handshake.outcome.how === 'alert')
    return [['nla-bad-credentials', 'likely'], ...old, ...behind];
  const early = endedInBetween(handshake);
  return [
    ...(early ? LIKELY_IN_BETWEEN : []),
    ...(handshake.outcome.how === 'reset' && !early ? possible('middlebox-dpi-resets-rdp') : []),
    ...possible('nla-bad-credentials'),
    ...old,
    ...behind,
  ];
}

/** The server's Early User Authorization Result: it follows a valid logon. */
function refusedUser(handshake: Handshake): Candidates {
  const result = earlyAuthorization(handshake);
  return result === null || result === 0 ? [] : [['user-lacks-rdp-logon-right', 'proved']];
}

function inMcs(handshake: Handshake): Candidates {
  switch (handshake.outcome.how) {
    case 'error-code':
      if (refusedUser(handshake).length > 0) return refusedUser(handshake);
      return possible('rdp-connection-limit-or-drain', 'host-busy-or-out-of-memory');
    case 'reset':
    case 'closed':
    case 'alert':
      return endedInMcs(handshake);
    case 'timeout':
      if (isUnacknowledged(handshake)) return UNACKNOWLEDGED;
      return possible('host-busy-or-out-of-memory', 'termservice-hung', 'packet-loss-on-path');
    case 'malformed':
    case 'negotiation-failure':
    case 'not-rdp':
    case 'refused':
    case 'unreachable':
    case 'not-found':
    case null:
      return [];
  }
}

function endedInMcs(handshake: Handshake): Candidates {
  const reset = handshake.outcome.how === 'reset';
  return [
    ...(wantsTlsAfterAll(handshake) ? LIKELY_WANTS_TLS : []),
    ...(reset && endedInBetween(handshake) ? LIKELY_IN_BETWEEN : []),
    // Devices mostly reset; a server that ends a session says goodbye.
    ...(reset ? possible('middlebox-dpi-resets-rdp') : []),
    ...possible(
      'rdp-connection-limit-or-drain',
      'host-busy-or-out-of-memory',
      'encryption-level-layer-conflict',
      'rds-license-certificate-corrupt',
    ),
  ];
}

const LIKELY_WANTS_TLS: Candidates = [['tls-required-by-server', 'likely']];
