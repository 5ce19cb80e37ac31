import type { Fact } from '../handshake/trace.js';

const TLS_1_3 = 0x0304;

/**
 * Whether a fact is the last that a server says in the clear of its first answer to a ClientHello:
 * ServerHelloDone up to TLS 1.2 (RFC 5246 section 7.3); in TLS 1.3 the ServerHello or
 * HelloRetryRequest itself, for what follows is encrypted (RFC 8446 section 2).
 */
export function isWholeFlight(fact: Fact): boolean {
  if (fact.kind !== 'message' || fact.by !== 'server') return false;
  const { message } = fact;
  switch (message.type) {
    case 'tls-server-hello':
      return message.version.value === TLS_1_3;
    case 'tls-handshake':
      return message.name === 'server-hello-done';
    default:
      return false;
  }
}
