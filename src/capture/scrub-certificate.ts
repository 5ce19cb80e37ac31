import { DecodeError } from '../wire/decode-error.js';
import { contextTag, DER_TAG, decodeOid, implicitTag } from '../wire/der.js';
import type { DisposableKeys } from './disposable-keys.js';
import type { Pseudonyms } from './pseudonyms.js';
import { type Scrubber, scrub } from './scrubber.js';

/** What a certificate is told anew with. */
export interface CertificateCast {
  readonly pseudonyms: Pseudonyms;
  readonly keys: DisposableKeys;
  /** by the original; a capture shows the same few again and again, and signing is dear */
  readonly remembered: Map<string, Uint8Array>;
}

const MAX_REMEMBERED = 512;

/** Extensions that say what a certificate may do, and nothing of whose it is. */
const KEPT_EXTENSIONS: ReadonlySet<string> = new Set([
  '2.5.29.15', // keyUsage
  '2.5.29.19', // basicConstraints
  '2.5.29.37', // extKeyUsage
]);

const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const SUBJECT_ALT_NAME = '2.5.29.17';
const ISSUER_ALT_NAME = '2.5.29.18';

/**
 * A certificate of the same length and shape, RFC 5280 section 4.1: validity, algorithms, key sizes
 * and usages stay; names, numbers, keys and signatures become others. One that had signed itself
 * does so again, with a key that is thrown away.
 *
 * @returns zeros from where on it is no certificate
 */
export function scrubCertificate(der: Uint8Array, cast: CertificateCast): Uint8Array {
  const { remembered } = cast;
  const name = Buffer.from(der).toString('latin1');
  let copy = remembered.get(name);
  if (copy === undefined) {
    copy = newCopy(der, cast);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(name, copy);
  }
  return copy;
}

function newCopy(der: Uint8Array, cast: CertificateCast): Uint8Array {
  let spki: Uint8Array = new Uint8Array(0);
  let tbsEnd = 0;
  let signature = { start: 0, end: 0 };
  const copy = scrub(der, (scrubber) => {
    const certificate = inside(scrubber);
    const tbs = inside(certificate);
    tbsEnd = tbs.position + tbs.remaining;
    spki = scrubTbs(tbs, cast);
    keepElement(certificate);
    const { content } = element(certificate);
    content.keepUpTo(1);
    signature = { start: content.position, end: content.position + content.remaining };
    content.replace(content.remaining, (original) => cast.pseudonyms.bytes(original));
  });
  if (signature.end > 0) {
    const signed = cast.keys.signAsItself({
      original: der,
      spki,
      body: copy.subarray(headerLengthOf(der), tbsEnd),
      length: signature.end - signature.start,
    });
    if (signed !== null) copy.set(signed, signature.start);
  }
  return copy;
}

/** Length of the identifier and length octets of the element that starts there. */
function headerLengthOf(der: Uint8Array): number {
  const length = der[1] ?? 0;
  return length < 0x80 ? 2 : 2 + (length & 0x7f);
}

/** @returns the SubjectPublicKeyInfo as it was */
function scrubTbs(tbs: Scrubber, cast: CertificateCast): Uint8Array {
  const { pseudonyms } = cast;
  if (tbs.peek(1)[0] === contextTag(0)) keepElement(tbs);
  // serialNumber: positive, and as long in bits of its first octet.
  const serial = element(tbs).content;
  serial.replace(serial.remaining, (original) => number(original, pseudonyms));
  keepElement(tbs);
  scrubName(tbs, pseudonyms);
  keepElement(tbs);
  scrubName(tbs, pseudonyms);
  const spki = scrubKey(tbs, cast);
  while (tbs.remaining > 0) {
    const { tag, content } = element(tbs);
    if (tag === contextTag(3)) scrubExtensions(inside(content), pseudonyms);
  }
  return spki;
}

function scrubExtensions(list: Scrubber, pseudonyms: Pseudonyms): void {
  while (list.remaining > 0) {
    const extension = inside(list);
    const oid = decodeOid(keepElement(extension));
    if (extension.peek(1)[0] === DER_TAG.BOOLEAN) keepElement(extension);
    const value = element(extension).content;
    if (KEPT_EXTENSIONS.has(oid)) value.keep(value.remaining);
    else if (oid === SUBJECT_KEY_IDENTIFIER) scrubIdentifier(value, pseudonyms);
    else if (oid === SUBJECT_ALT_NAME || oid === ISSUER_ALT_NAME) {
      scrubGeneralNames(inside(value), pseudonyms);
    }
  }
}

function scrubIdentifier(value: Scrubber, pseudonyms: Pseudonyms): void {
  const { content } = element(value);
  content.replace(content.remaining, (original) => pseudonyms.bytes(original));
}

/** GeneralNames, RFC 5280 section 4.2.1.6. */
function scrubGeneralNames(names: Scrubber, pseudonyms: Pseudonyms): void {
  while (names.remaining > 0) {
    const { tag, content } = element(names);
    switch (tag) {
      case implicitTag(1):
      case implicitTag(2):
      case implicitTag(6):
        content.replace(content.remaining, (original) => pseudonyms.text(original));
        break;
      case implicitTag(7):
        content.replace(content.remaining, (original) => addressName(original, pseudonyms));
        break;
      case contextTag(4):
        scrubName(content, pseudonyms);
        break;
      case contextTag(0): {
        keepElement(content);
        scrubStrings(content, pseudonyms);
        break;
      }
      case implicitTag(8):
        content.replace(content.remaining, (original) => original.map((byte) => byte & 0x80));
        break;
    }
  }
}

function addressName(original: Uint8Array, pseudonyms: Pseudonyms): Uint8Array {
  const isAddress = original.length === 4 || original.length === 16;
  return (isAddress ? pseudonyms.address(original) : null) ?? pseudonyms.bytes(original);
}

/** Name, RFC 5280 section 4.1.2.4: what kinds of names there are stays, the names do not. */
function scrubName(scrubber: Scrubber, pseudonyms: Pseudonyms): void {
  const sequence = inside(scrubber);
  while (sequence.remaining > 0) {
    const set = inside(sequence);
    while (set.remaining > 0) {
      const attribute = inside(set);
      keepElement(attribute);
      scrubStrings(attribute, pseudonyms);
    }
  }
}

/** Strings one after the other, or inside an explicit tag; anything else becomes zeros. */
function scrubStrings(scrubber: Scrubber, pseudonyms: Pseudonyms): void {
  while (scrubber.remaining > 0) {
    const { tag, content } = element(scrubber);
    switch (tag) {
      case DER_TAG.UTF8_STRING:
      case DER_TAG.NUMERIC_STRING:
      case DER_TAG.PRINTABLE_STRING:
      case DER_TAG.TELETEX_STRING:
      case DER_TAG.IA5_STRING:
      case DER_TAG.VISIBLE_STRING:
        content.replace(content.remaining, (original) => pseudonyms.text(original));
        break;
      case DER_TAG.BMP_STRING:
        content.replace(content.remaining, (original) => pseudonyms.wideText(original, false));
        break;
      case contextTag(0):
        scrubStrings(content, pseudonyms);
        break;
    }
  }
}

/** SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7. */
function scrubKey(tbs: Scrubber, { keys, pseudonyms }: CertificateCast): Uint8Array {
  const at = tbs.position;
  const whole = tbs.peek();
  const spki = inside(tbs);
  const info = whole.subarray(0, spki.position + spki.remaining - at);
  const algorithm = inside(spki);
  algorithm.keep(algorithm.remaining);
  const bits = element(spki).content;
  bits.keepUpTo(1);
  const stand = keys.publicKeyFor(info);
  if (stand !== null && stand.length === bits.remaining) {
    bits.replace(bits.remaining, () => stand);
  } else if (bits.peek(1)[0] === DER_TAG.SEQUENCE) {
    // RSAPublicKey: the modulus becomes another, the exponent stays.
    const key = inside(bits);
    const modulus = element(key).content;
    modulus.replace(modulus.remaining, (original) => number(original, pseudonyms));
    key.keep(key.remaining);
  } else {
    bits.replace(bits.remaining, (original) => pseudonyms.bytes(original));
  }
  return info;
}

/** Another number of the same size: leading zeros and the highest bits stay. */
function number(original: Uint8Array, pseudonyms: Pseudonyms): Uint8Array {
  const out = pseudonyms.bytes(original);
  const first = original.findIndex((byte) => byte !== 0);
  out.fill(0, 0, Math.max(0, first));
  if (first < 0) return new Uint8Array(original.length);
  const top = original[first] ?? 0;
  const bits = 32 - Math.clz32(top);
  const highest = 1 << (bits - 1);
  out[first] = highest | ((out[first] ?? 0) & (highest - 1));
  const last = out.length - 1;
  if (last > first) out[last] = (out[last] ?? 0) | 1;
  return out;
}

interface Element {
  readonly tag: number;
  readonly content: Scrubber;
}

/** The next TLV: its identifier and length are kept. */
function element(scrubber: Scrubber): Element {
  const tag = scrubber.u8();
  const first = scrubber.u8();
  let length = first;
  if (first >= 0x80) {
    if (first === 0x80 || first > 0x84) {
      throw new DecodeError('DER', scrubber.position, 'has a length that cannot be');
    }
    length = 0;
    for (let octet = 0; octet < (first & 0x7f); octet++) length = length * 256 + scrubber.u8();
  }
  return { tag, content: scrubber.carve(length) };
}

function inside(scrubber: Scrubber): Scrubber {
  return element(scrubber).content;
}

/** Keeps a whole TLV. @returns its contents */
function keepElement(scrubber: Scrubber): Uint8Array {
  const { content } = element(scrubber);
  return content.keep(content.remaining);
}
