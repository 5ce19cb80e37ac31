import { constants } from 'node:crypto';
import type { Duplex } from 'node:stream';
import {
  connect,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { readCertificates } from '../handshake/certificate.js';
import type { TlsSecuredFact } from '../handshake/trace.js';
import type { OwnHello } from '../wire/own-hello.js';

/**
 * Everything that an RDP server may still speak and that OpenSSL can, weak suites included: a probe
 * has nothing to protect. Left out: suites without a certificate (there would be nothing to judge),
 * and families that no RDP server has. The TLS 1.3 names must stand here, or Node turns 1.3 off.
 */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ALL',
  '!aNULL',
  '!eNULL',
  '!PSK',
  '!SRP',
  '!ARIA',
  '!CAMELLIA',
  '@SECLEVEL=0',
].join(':');

/**
 * Pinned, because Node 22 and later add a post-quantum share that makes the ClientHello larger than
 * one packet: a path that loses large packets would then fail on one Node and pass on another.
 */
const GROUPS = 'X25519:P-256:P-384';

/**
 * What is offered in the ClientHello. Beside everything, two offers that make the server's answer
 * longer than one packet where its certificate alone does not: finite-field Diffie-Hellman, whose
 * public values are large.
 */
export type TlsOffer = 'everything' | 'long-answer-tls12' | 'long-answer-tls13';

/**
 * A ClientHello of our own instead: the server's answer is waited for, and the handshake goes no
 * further.
 */
export interface OwnHelloOffer {
  readonly kind: 'own-hello';
  readonly hello: OwnHello;
}

const OFFERS: Readonly<Record<TlsOffer, SecureContextOptions>> = {
  everything: {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    ecdhCurve: GROUPS,
  },
  'long-answer-tls12': {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.2',
    ciphers: 'kDHE:!aNULL:!eNULL:!PSK:!SRP:!ARIA:!CAMELLIA:@SECLEVEL=0',
    ecdhCurve: GROUPS,
  },
  // RFC 7919: a public value of 512 bytes, eight times that of an elliptic curve.
  'long-answer-tls13': {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    ecdhCurve: 'ffdhe4096',
  },
};

const contexts = new Map<TlsOffer, SecureContext>();

/** One context for all connections: making one costs more than a handshake. */
function secureContext(offer: TlsOffer): SecureContext {
  let context = contexts.get(offer);
  if (context === undefined) {
    context = createSecureContext({
      ...OFFERS[offer],
      // Servers from before RFC 5746 (2010) are worth a diagnosis too.
      secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
    });
    contexts.set(offer, context);
  }
  return context;
}

/** Does the slow part of starting TLS, so that it is not counted in a stage's time. */
export function prepareTls(): void {
  secureContext('everything');
}

/** Starts TLS on a connection. Whatever certificate comes is accepted: it is judged, not trusted. */
export function startTls(
  connection: Duplex,
  serverName: string | null,
  offer: TlsOffer,
): TLSSocket {
  return connect({
    socket: connection,
    secureContext: secureContext(offer),
    rejectUnauthorized: false,
    ...(serverName === null ? {} : { servername: serverName }),
  });
}

/**
 * What this end of an established connection knows of it. It is taken at once, for the socket may be
 * gone soon; decoding the certificates takes longer, and is left to the function that is returned.
 */
export function describeTls(socket: TLSSocket): (at: number) => Omit<TlsSecuredFact, 'kind'> {
  const cipher = socket.getCipher().standardName;
  const protocol = socket.getProtocol();
  const ephemeral: unknown = socket.getEphemeralKeyInfo();
  const group =
    typeof ephemeral === 'object' && ephemeral !== null ? Reflect.get(ephemeral, 'name') : null;
  const chain = chainOf(socket);
  return (at) => ({
    at,
    version: protocol === 'TLSv1' ? 'TLSv1.0' : (protocol ?? 'unknown'),
    cipher,
    group: typeof group === 'string' ? group : null,
    certificates: readCertificates(chain),
    source: 'endpoint',
  });
}

/** The DER of the certificate that the connection has at this moment; empty: it has none. */
export function leafOf(socket: TLSSocket): Uint8Array {
  // Of a connection that is gone, Node knows no certificate and gives null or an empty object.
  return socket.getPeerCertificate()?.raw ?? new Uint8Array();
}

/** The DER of the chain, the server's own certificate first. */
function chainOf(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<string>();
  let certificate = socket.getPeerCertificate(true);
  // A self-signed certificate is its own issuer.
  while (certificate?.raw !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** The description of the alert with which the peer ended the handshake; null: it was none. */
export function alertOf(error: Error): number | null {
  const match = /SSL alert number (\d+)/.exec(error.message);
  return match?.[1] === undefined ? null : Number(match[1]);
}
