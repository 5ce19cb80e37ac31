import { ExtensionType, HandshakeType } from '../wire/tls-names.js';
import { type CertificateCast, scrubCertificate } from './scrub-certificate.js';
import { type Scrubber, scrub } from './scrubber.js';

const PRE_SHARED_KEY = 41;
const COOKIE = 44;

/** Extensions that are numbers or nothing at all, and say nothing of who sends them. */
const KEPT_EXTENSIONS: ReadonlySet<number> = new Set([
  ExtensionType.supported_groups,
  ExtensionType.ec_point_formats,
  ExtensionType.signature_algorithms,
  ExtensionType.padding,
  ExtensionType.encrypt_then_mac,
  ExtensionType.extended_master_secret,
  ExtensionType.supported_versions,
  1, // max_fragment_length
  27, // compress_certificate
  28, // record_size_limit
  45, // psk_key_exchange_modes
  50, // signature_algorithms_cert
]);

/** Protocols that every browser or RDP client names; others may be those of one company. */
const KEPT_PROTOCOLS: ReadonlySet<string> = new Set(['http/1.0', 'http/1.1', 'h2', 'h3', 'h2c']);

/** ECCurveType, RFC 8422 section 5.4. */
const NAMED_CURVE = 3;

/**
 * One TLS handshake message in clear, RFC 5246 section 7.4 and RFC 8446 section 4, of the same
 * length and shape: names, keys, signatures, tickets and session identifiers become others.
 */
export function scrubTlsHandshake(bytes: Uint8Array, cast: CertificateCast): Uint8Array {
  return scrub(bytes, (scrubber) => {
    const type = scrubber.u8();
    const length = scrubber.u24be();
    const body = scrubber.carve(Math.min(length, scrubber.remaining));
    switch (type) {
      case HandshakeType.client_hello:
        scrubClientHello(body, cast);
        return;
      case HandshakeType.server_hello:
        scrubServerHello(body, cast);
        return;
      case HandshakeType.certificate:
        scrubCertificateList(body, cast);
        return;
      case HandshakeType.server_key_exchange:
        scrubServerKeyExchange(body, cast);
        return;
      case HandshakeType.certificate_request:
        scrubCertificateRequest(body);
        return;
      case HandshakeType.certificate_verify:
        scrubSignature(body, cast);
        return;
      case HandshakeType.client_key_exchange:
        // A point has one byte of length, an encrypted secret and a DHE number have two.
        body.keepUpTo(body.peek(1)[0] === body.remaining - 1 ? 1 : 2);
        replaceRest(body, cast);
        return;
      case HandshakeType.new_session_ticket:
        body.keep(6);
        replaceRest(body, cast);
        return;
      case HandshakeType.certificate_status:
        body.keep(4);
        replaceRest(body, cast);
        return;
    }
  });
}

function replaceRest(scrubber: Scrubber, cast: CertificateCast): void {
  replace(scrubber, scrubber.remaining, cast);
}

function replace(scrubber: Scrubber, length: number, { pseudonyms }: CertificateCast): void {
  scrubber.replace(length, (original) => pseudonyms.bytes(original));
}

function scrubClientHello(body: Scrubber, cast: CertificateCast): void {
  // Version and random, which names nobody; a certain one makes a ServerHello a HelloRetryRequest.
  body.keep(2 + 32);
  replace(body, body.u8(), cast);
  body.keep(body.u16be());
  body.keep(body.u8());
  scrubExtensions(body, cast, scrubClientKeyShares);
}

function scrubServerHello(body: Scrubber, cast: CertificateCast): void {
  body.keep(2 + 32);
  replace(body, body.u8(), cast);
  body.keep(2 + 1);
  scrubExtensions(body, cast, scrubKeyShare);
}

function scrubExtensions(
  body: Scrubber,
  cast: CertificateCast,
  scrubShares: (data: Scrubber, cast: CertificateCast) => void,
): void {
  if (body.remaining === 0) return;
  const list = body.carve(body.u16be());
  while (list.remaining > 0) {
    const type = list.u16be();
    list.apart(list.u16be(), (data) => {
      if (KEPT_EXTENSIONS.has(type)) data.keep(data.remaining);
      else if (data.remaining > 0) scrubExtension(type, data, cast, scrubShares);
    });
  }
}

function scrubExtension(
  type: number,
  data: Scrubber,
  cast: CertificateCast,
  scrubShares: (data: Scrubber, cast: CertificateCast) => void,
): void {
  switch (type) {
    case ExtensionType.server_name:
      scrubServerNames(data, cast);
      return;
    case ExtensionType.key_share:
      scrubShares(data, cast);
      return;
    case ExtensionType.application_layer_protocol_negotiation:
      scrubProtocols(data, cast);
      return;
    case ExtensionType.renegotiation_info:
      replace(data, data.u8(), cast);
      return;
    case ExtensionType.session_ticket:
      replaceRest(data, cast);
      return;
    case COOKIE:
      replace(data, data.u16be(), cast);
      return;
    case PRE_SHARED_KEY:
      scrubPreSharedKeys(data, cast);
      return;
  }
}

/** RFC 6066 section 3. */
function scrubServerNames(data: Scrubber, { pseudonyms }: CertificateCast): void {
  const list = data.carve(data.u16be());
  while (list.remaining > 0) {
    list.keep(1);
    list.replace(list.u16be(), (original) => pseudonyms.text(original));
  }
}

/** RFC 7301 section 3.1. */
function scrubProtocols(data: Scrubber, { pseudonyms }: CertificateCast): void {
  const list = data.carve(data.u16be());
  while (list.remaining > 0) {
    const length = list.u8();
    const name = Buffer.from(list.peek(length)).toString('latin1');
    if (KEPT_PROTOCOLS.has(name)) list.keep(length);
    else list.replace(length, (original) => pseudonyms.text(original));
  }
}

/** RFC 8446 section 4.2.8. */
function scrubClientKeyShares(data: Scrubber, cast: CertificateCast): void {
  const list = data.carve(data.u16be());
  while (list.remaining > 0) scrubKeyShare(list, cast);
}

/** A HelloRetryRequest names the group alone. */
function scrubKeyShare(data: Scrubber, cast: CertificateCast): void {
  data.keep(2);
  if (data.remaining > 0) replace(data, data.u16be(), cast);
}

/** RFC 8446 section 4.2.11. A server answers with the index of one of them. */
function scrubPreSharedKeys(data: Scrubber, cast: CertificateCast): void {
  if (data.remaining === 2) {
    data.keep(2);
    return;
  }
  const identities = data.carve(data.u16be());
  while (identities.remaining > 0) {
    replace(identities, identities.u16be(), cast);
    identities.keep(4);
  }
  const binders = data.carve(data.u16be());
  while (binders.remaining > 0) replace(binders, binders.u8(), cast);
}

function scrubCertificateList(body: Scrubber, cast: CertificateCast): void {
  const list = body.carve(body.u24be());
  while (list.remaining > 0) {
    list.replace(list.u24be(), (der) => scrubCertificate(der, cast));
  }
}

/** RFC 5246 section 7.4.3 and RFC 8422 section 5.4. */
function scrubServerKeyExchange(body: Scrubber, cast: CertificateCast): void {
  const [curveType, high = 0] = body.peek(2);
  if (curveType === NAMED_CURVE && high < 128) {
    body.keep(3);
    const length = body.u8();
    body.keepUpTo(Math.min(1, length));
    replace(body, Math.max(0, length - 1), cast);
  } else {
    // The prime, the generator and the server's number.
    for (let number = 0; number < 3; number++) replace(body, body.u16be(), cast);
  }
  if (body.remaining > 0) scrubSignature(body, cast);
}

/** From TLS 1.2 on the algorithm stands before the length. */
function scrubSignature(body: Scrubber, cast: CertificateCast): void {
  const [, , high = 0, low = 0] = body.peek(4);
  body.keep(high * 256 + low === body.remaining - 4 ? 4 : 2);
  replaceRest(body, cast);
}

/** Types, algorithms and the lengths of the names of authorities; the names are left out. */
function scrubCertificateRequest(body: Scrubber): void {
  body.keep(body.u8());
  const length = body.u16be();
  if (length < body.remaining) {
    body.keep(length);
    body.u16be();
  }
  while (body.remaining > 0) body.blank(body.u16be());
}
