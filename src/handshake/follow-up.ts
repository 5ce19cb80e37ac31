import type { Handshake } from './handshake.js';
import { STAGES } from './trace.js';

/*
 * What a further connection asked, and how it fared, compared with the one that decides. Both are
 * read from what was seen, not from the words of whoever asked: a saved report can be judged again.
 */

export type Asked =
  /** the same once more */
  | 'again'
  /** a ClientHello of TLS 1.2 alone, smaller than the first */
  | 'small-hello'
  /** the same, as large as the first */
  | 'padded-hello'
  /** a ClientHello of TLS 1.0 and its suites */
  | 'legacy-hello'
  /** a ClientHello of TLS 1.3 alone, which can be answered in one small packet */
  | 'short-answer-hello'
  /** TLS at once, without the request */
  | 'direct-tls'
  /** an offer without TLS: standard RDP security */
  | 'plain-rdp'
  /** another offer of security protocols */
  | 'other-offer'
  /** without the routing token, or with another cookie or without one */
  | 'other-cookie'
  /** another ClientHello */
  | 'other-hello';

export function askedOf(one: Handshake, decisive: Handshake): Asked {
  const [request, first] = [one.x224.request, decisive.x224.request];
  if (request === null) return one.tls.clientHello === null ? 'again' : 'direct-tls';
  if (first !== null) {
    const offer = request.requestedProtocols?.value ?? null;
    if (offer !== (first.requestedProtocols?.value ?? null)) {
      return (offer ?? 0) === 0 ? 'plain-rdp' : 'other-offer';
    }
    if (request.routingToken !== first.routingToken || request.cookie !== first.cookie) {
      return 'other-cookie';
    }
  }
  return askedByHello(one, decisive);
}

const LEGACY: ReadonlySet<string> = new Set(['SSLv3', 'TLSv1.0', 'TLSv1.1']);

function askedByHello(one: Handshake, decisive: Handshake): Asked {
  const [hello, first] = [one.tls.clientHello, decisive.tls.clientHello];
  if (hello === null || first === null) return 'again';
  if (
    hello.bytes === first.bytes &&
    hello.versions.join() === first.versions.join() &&
    hello.ciphers.join() === first.ciphers.join()
  ) {
    return 'again';
  }
  if (hello.versions.every((version) => LEGACY.has(version))) return 'legacy-hello';
  const [version, ...more] = hello.versions;
  if (more.length > 0) return 'other-hello';
  if (version === 'TLSv1.3') return 'short-answer-hello';
  if (version !== 'TLSv1.2') return 'other-hello';
  return hello.bytes < first.bytes ? 'small-hello' : 'padded-hello';
}

/** Whether the server said anything of TLS, if only the beginning of a message. */
export function spokeTls({ tls, events, outcome }: Handshake): boolean {
  if (tls.version !== null || tls.certificates.length > 0) return true;
  if (outcome.failedAt !== 'tls') return false;
  return events.some(({ kind, by, partialBytes, message }) => {
    if (kind === 'silence') return typeof partialBytes === 'number' && partialBytes > 0;
    if (by !== 'server') return false;
    if (kind === 'tls-record') return true;
    const type =
      typeof message === 'object' && message !== null ? Reflect.get(message, 'type') : '';
    return kind === 'message' && typeof type === 'string' && type.startsWith('tls-');
  });
}

export type Fared =
  /** it got past the place where the other one died */
  | 'through'
  /** it died there in the same way */
  | 'same'
  /** it died there in another way */
  | 'otherwise'
  /** it died before it got there: what it asked was not answered */
  | 'before'
  /** it was interrupted */
  | 'open';

export function faredOf(one: Handshake, decisive: Handshake): Fared {
  const { status, failedAt, how } = one.outcome;
  const place = decisive.outcome.failedAt;
  if (place === null) return 'open';
  if (status === 'ok') return 'through';
  if (status === 'incomplete' || failedAt === null) return 'open';
  const asked = askedOf(one, decisive);
  if (asked === 'direct-tls' && (place === 'x224' || place === 'tls')) {
    // There is no request that could be answered: TLS itself is the answer.
    if (one.tls.version !== null) return 'through';
    return failedAt !== 'tls' ? 'before' : how === decisive.outcome.how ? 'same' : 'otherwise';
  }
  if (failedAt === place) return how === decisive.outcome.how ? 'same' : 'otherwise';
  return STAGES.indexOf(failedAt) > STAGES.indexOf(place) ? 'through' : 'before';
}
