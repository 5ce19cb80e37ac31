import { createHash } from 'node:crypto';
import type { Named } from './open-set.js';
import {
  decodeProtocolNameList,
  decodeSignatureAlgorithms,
  hasExtension,
  offeredVersions,
} from './tls-extensions.js';
import type { ClientHello } from './tls-handshake.js';
import { ExtensionType, isGrease } from './tls-names.js';

export interface Ja4Options {
  /** `t`: TLS over TCP. */
  readonly transport: 't';
}

/**
 * JA4, the TLS client fingerprint of FoxIO, technical details of JA4: the same client software gives
 * the same string, whatever order it shuffles its extensions into.
 *
 * @throws DecodeError when an extension that the fingerprint reads cannot be read
 */
export function ja4(clientHello: ClientHello, options: Ja4Options): string {
  const [a, ciphers, extensions] = parts(clientHello, options);
  return `${a}_${hash12(ciphers)}_${hash12(extensions)}`;
}

/**
 * JA4_r, the same with the lists themselves in place of their hashes.
 *
 * @throws DecodeError when an extension that the fingerprint reads cannot be read
 */
export function ja4Raw(clientHello: ClientHello, options: Ja4Options): string {
  return parts(clientHello, options).join('_');
}

function parts(hello: ClientHello, options: Ja4Options): [string, string, string] {
  const ciphers = withoutGrease(hello.cipherSuites);
  const extensions = withoutGrease((hello.extensions ?? []).map(({ type }) => type));
  const a = [
    options.transport,
    version(hello),
    hasExtension(hello.extensions, ExtensionType.server_name) ? 'd' : 'i',
    count(ciphers),
    count(extensions),
    alpn(hello),
  ].join('');
  const schemes = withoutGrease(decodeSignatureAlgorithms(hello.extensions) ?? []);
  const hashed = extensions.filter((type) => !CAPTURED_IN_A.includes(type));
  const c = [hashed.map(hex4).sort().join(',')];
  if (schemes.length > 0) c.push(schemes.map(hex4).join(','));
  return [a, ciphers.map(hex4).sort().join(','), c.join('_')];
}

/** What the readable part shows already is left out of the hash of the extensions. */
const CAPTURED_IN_A: readonly number[] = [
  ExtensionType.server_name,
  ExtensionType.application_layer_protocol_negotiation,
];

const VERSION_CODES: Readonly<Record<number, string>> = {
  2: 's2',
  768: 's3',
  769: '10',
  770: '11',
  771: '12',
  772: '13',
};

/** The highest version offered. */
function version(hello: ClientHello): string {
  const highest = Math.max(...offeredVersions(hello).map(({ value }) => value));
  return VERSION_CODES[highest] ?? '00';
}

function withoutGrease(values: readonly Named[]): number[] {
  return values.map(({ value }) => value).filter((value) => !isGrease(value));
}

/** Two digits; there is no room for more than 99. */
function count(values: readonly number[]): string {
  return String(Math.min(values.length, 99)).padStart(2, '0');
}

/**
 * First and last character of the first protocol name, or of its hex form when one of the two is not
 * an ASCII letter or digit. The specification changed here: older implementations print 99 instead.
 */
function alpn(hello: ClientHello): string {
  const names = decodeProtocolNameList(hello.extensions) ?? [];
  const name = names.find((candidate) => !isGreaseName(candidate)) ?? '';
  if (name === '') return '00';
  const ends = `${name.at(0)}${name.at(-1)}`;
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const hex = Buffer.from(name, 'latin1').toString('hex');
  return `${hex.at(0)}${hex.at(-1)}`;
}

/** RFC 8701 section 2 reserves protocol names too: the two bytes of a GREASE number. */
function isGreaseName(name: string): boolean {
  return name.length === 2 && isGrease(name.charCodeAt(0) * 256 + name.charCodeAt(1));
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** A capture shows the same few clients again and again. */
const MAX_REMEMBERED = 256;

const remembered = new Map<string, string>();

/** The first 12 digits of the SHA-256; an empty list is shown as zeros. */
function hash12(list: string): string {
  if (list === '') return '000000000000';
  const known = remembered.get(list);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(list).digest('hex').slice(0, 12);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(list, hash);
  return hash;
}
