import type { Handshake } from '../handshake/handshake.js';
import { duration } from './figures.js';
import type { Evidence } from './finding.js';
import { endedTooSoon, leastRttMs } from './in-between.js';
import { unseenBytes } from './lost-segments.js';
import { hostSaysUnreachable, isProhibitedOnPath, isUnreachableAtOnce } from './refusals.js';
import { isConnected, lastEvent, lookupError, text } from './seen.js';
import {
  type Detector,
  type Detectors,
  ended,
  failed,
  inEach,
  remark,
  type SignalCase,
  shownWhere,
} from './signals-case.js';

/** What getaddrinfo(3) and c-ares call their failures, as Node gives them. */
const LOOKUP_ERRORS = {
  'dns.nxdomain': ['ENOTFOUND'],
  'dns.nodata': ['EAI_NODATA', 'EAI_ADDRFAMILY', 'ENODATA'],
  'dns.servfail': ['EAI_FAIL', 'ESERVFAIL'],
  'dns.timeout': ['EAI_AGAIN', 'ETIMEOUT'],
} as const satisfies Record<string, readonly string[]>;

function lookupFailed(codes: readonly string[]): Detector {
  return inEach((one) => {
    const error = lookupError(one);
    return error !== null && failed(one, 'resolve') && codes.includes(error.code)
      ? { ...ended(one), says: `${error.says} (${error.code})` }
      : null;
  });
}

/** ICMP as a capture shows it, and how Linux reports it to a socket. */
function icmp(types: readonly string[], codes: readonly string[]): Detector {
  return inEach((one) => {
    const found = one.tcp.icmp.find(({ type }) => types.includes(type));
    if (found !== undefined) {
      return {
        says: `ICMP ${found.type} from ${found.from}`,
        handshake: one.id,
        atMs: found.atMs,
        packets: [],
      };
    }
    const code = socketError(one);
    return code !== null && codes.includes(code) ? ended(one) : null;
  });
}

function socketError(one: Handshake): string | null {
  return failed(one, 'tcp') ? text(lastEvent(one, { kind: 'tcp-failed' }), 'code') : null;
}

function socketErrorOf(...codes: readonly string[]): Detector {
  return inEach((one) => {
    const code = socketError(one);
    return code !== null && codes.includes(code) && one.tcp.icmp.length === 0 ? ended(one) : null;
  });
}

/** What another of our own connections, one that proves nothing by itself, found at another door. */
function atDoor(
  what: 'second-port' | 'other-address',
  matches: (says: string) => boolean,
  when: (seen: SignalCase) => boolean = diedInTcp,
): Detector {
  return (seen) =>
    when(seen)
      ? (seen.path?.sideEvidence ?? [])
          .filter((one) => one.what === what && matches(one.says))
          .map(({ says }) => remark(says))
      : [];
}

function diedInTcp({ decisive }: SignalCase): boolean {
  return decisive !== null && failed(decisive, 'tcp');
}

function isSilent({ decisive }: SignalCase): boolean {
  return decisive !== null && failed(decisive, 'tcp', 'timeout');
}

const ACCEPTS = / accepts connections$/;

/** Messages of ICMP that say no, rather than how large a packet may be or that it went in a circle. */
const REFUSAL = /unreachable|prohibited|rejected|no-route|unknown|failed/;

/** Somebody else than the server refused: by the address of the ICMP, or by the hop limit. */
function refusedByAnother(one: Handshake): Evidence | null {
  if (!failed(one, 'tcp', 'refused', 'unreachable')) return null;
  const { strayReset, icmp: messages } = one.tcp;
  const stranger = messages.find(
    ({ type, from }) => REFUSAL.test(type) && from !== one.server.address,
  );
  if (stranger !== undefined) {
    return {
      says: `ICMP ${stranger.type} from ${stranger.from}, which is not the server`,
      handshake: one.id,
      atMs: stranger.atMs,
      packets: [],
    };
  }
  return strayReset === null ? null : strayed(one, strayReset);
}

function strayed(one: Handshake, stray: NonNullable<Handshake['tcp']['strayReset']>): Evidence {
  return {
    ...ended(one),
    says: `a reset with TTL ${stray.hopLimit}, where the server's packets have ${stray.usual.join(', ')}`,
  };
}

function isIpv6({ server }: Handshake): boolean {
  return server.address?.includes(':') ?? false;
}

/** One family is silent while the other one is accepted. */
function familySilent(ipv6: boolean): Detector {
  return ({ judged }) => {
    const silent = judged.find((one) => isIpv6(one) === ipv6 && failed(one, 'tcp', 'timeout'));
    const accepted = judged.find((one) => isIpv6(one) !== ipv6 && isConnected(one));
    return silent === undefined || accepted === undefined
      ? []
      : [ended(silent), remark(`${accepted.server.address} accepted the connection`, accepted.id)];
  };
}

const openElsewhere: Detector = (seen) => {
  const { decisive, judged } = seen;
  if (decisive === null) return [];
  const dead = judged.find((one) => failed(one, 'tcp'));
  const open = judged.find(
    (one) => isConnected(one) && one.server.address !== dead?.server.address,
  );
  const ofPath = atDoor('other-address', (says) => ACCEPTS.test(says))(seen);
  if (dead === undefined || open === undefined) return ofPath;
  return [remark(`${open.server.address} accepted the connection`, open.id), ...ofPath];
};

/** What is seen before the first byte: names, addresses, TCP and ICMP. */
export const ADDRESS_SIGNALS: Detectors = {
  'dns.nxdomain': lookupFailed(LOOKUP_ERRORS['dns.nxdomain']),
  'dns.nodata': lookupFailed(LOOKUP_ERRORS['dns.nodata']),
  'dns.servfail': lookupFailed(LOOKUP_ERRORS['dns.servfail']),
  'dns.timeout': lookupFailed(LOOKUP_ERRORS['dns.timeout']),
  'icmp.admin-prohibited': (seen) => [
    ...icmp(['administratively-prohibited', 'host-prohibited', 'network-prohibited'], [])(seen),
    ...inEach((one) => (isProhibitedOnPath(one) ? ended(one) : null))(seen),
  ],
  'icmp.time-exceeded': icmp(['time-exceeded'], []),
  'tcp.unreachable-at-once': inEach((one) => (isUnreachableAtOnce(one) ? ended(one) : null)),
  'icmp.port-unreachable': inEach((one) =>
    hostSaysUnreachable(one)
      ? remark(`ICMP port-unreachable from ${one.server.address}, the host itself`, one.id)
      : null,
  ),
  'icmp.host-unreachable': icmp(['host-unreachable'], []),
  'icmp.net-unreachable': icmp(['network-unreachable', 'no-route'], ['ENETUNREACH']),
  'tcp.refused': shownWhere(
    (one) => failed(one, 'tcp', 'refused'),
    ({ outcome }) => outcome.detail,
    { kind: 'tcp-failed' },
    'tcp',
  ),
  'tcp.timeout': shownWhere(
    (one) => failed(one, 'tcp', 'timeout'),
    ({ outcome }) => outcome.detail,
    { kind: 'tcp-failed' },
    'tcp',
  ),
  'tcp.host-unreachable': inEach((one) => {
    const told = one.tcp.icmp.some(({ type }) => type === 'host-unreachable');
    const code = socketError(one);
    // What the ICMP says counts for more than what the system makes of it.
    const said = one.tcp.icmp.length === 0 && (code === 'EHOSTUNREACH' || code === 'EHOSTDOWN');
    return failed(one, 'tcp', 'unreachable') && (told || said) ? ended(one) : null;
  }),
  'tcp.local-error': socketErrorOf(
    ...['EADDRNOTAVAIL', 'EADDRINUSE', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENETDOWN'],
    ...['EINVAL', 'EAFNOSUPPORT'],
  ),
  // Linux gives these for a filter of its own, and for an ICMP message that says so.
  'tcp.local-prohibited': (seen) =>
    seen.judged.some(isProhibitedOnPath) ? [] : socketErrorOf('EACCES', 'EPERM')(seen),
  'tcp.refused-by-middlebox': inEach(refusedByAnother),
  'tcp.rst-ttl-differs': inEach((one) =>
    one.tcp.strayReset === null ? null : strayed(one, one.tcp.strayReset),
  ),
  'tcp.end-too-soon': inEach((one, { all }) =>
    one.outcome.status === 'failed' && endedTooSoon(one, leastRttMs(all, one.server.address))
      ? {
          ...ended(one),
          says: `the end came sooner than the round trip of ${duration(one.tcp.rttMs ?? 0)}`,
        }
      : null,
  ),
  'tcp.unseen-bytes': inEach((one) => {
    const unseen = unseenBytes(one) ?? 0;
    return one.outcome.how === 'timeout' && unseen > 0
      ? remark(
          `${unseen} bytes of the server are counted by its later packets, and never came`,
          one.id,
        )
      : null;
  }),
  'tcp.timeout-ipv4-only': familySilent(false),
  'tcp.timeout-ipv6-only': familySilent(true),
  'tcp.open-on-other-address': openElsewhere,
  'tcp.443-ok': atDoor('second-port', (says) => /^port 443 /.test(says) && ACCEPTS.test(says)),
  'tcp.other-port-open': atDoor('second-port', (says) => ACCEPTS.test(says)),
  'tcp.all-ports-timeout': atDoor('second-port', (says) => / silent too$/.test(says), isSilent),
};
