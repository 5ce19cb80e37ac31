import type { Named } from './open-set.js';

/** What is to be known of a cipher suite's strength; a strong one has none of them. */
export type SuiteTrait =
  /** no encryption */
  | 'null'
  /** no certificate: anyone can be the server */
  | 'anon'
  /** keys of 40 or 56 bits, as American export law once wanted them */
  | 'export'
  /** RFC 7465 forbids it */
  | 'rc4'
  | 'rc2'
  | 'des'
  /** blocks of 64 bits: plaintext leaks after some gigabytes */
  | '3des'
  | 'idea'
  /** cipher block chaining: open to padding oracles where it is not written with care */
  | 'cbc'
  /** who gets the server's key reads every connection that was ever recorded */
  | 'no-forward-secrecy'
  | 'md5-mac'
  | 'sha1-mac';

const PATTERNS: readonly (readonly [SuiteTrait, RegExp])[] = [
  ['null', /_WITH_NULL_/],
  ['anon', /_anon_/],
  ['export', /_EXPORT/],
  ['rc4', /_RC4_/],
  ['rc2', /_RC2_/],
  ['des', /_DES(40)?_CBC/],
  ['3des', /_3DES_/],
  ['idea', /_IDEA_/],
  ['cbc', /_CBC/],
  ['md5-mac', /_MD5$/],
  ['sha1-mac', /_SHA$/],
];

/** The exchanges whose keys are made for one connection; TLS 1.3 names none, and has no others. */
const EPHEMERAL = /_(ECDHE|DHE)_|_(ECDH|DH)_anon_|_PSK_DHE_|_ECCPWD_|_ECJPAKE_/;

/** By the name of the suite; one that has no name is not judged. */
export function suiteTraits({ name }: Named): readonly SuiteTrait[] {
  if (name === null) return [];
  const traits = PATTERNS.flatMap(([trait, pattern]) => (pattern.test(name) ? [trait] : []));
  const ephemeral = !name.includes('_WITH_') || EPHEMERAL.test(name);
  return ephemeral ? traits : [...traits, 'no-forward-secrecy'];
}

const BROKEN: readonly SuiteTrait[] = [
  'null',
  'anon',
  'export',
  'rc4',
  'rc2',
  'des',
  '3des',
  'idea',
];

/** Whether a suite protects too little, whatever it is used with. */
export function isWeakSuite(suite: Named): boolean {
  return suiteTraits(suite).some((trait) => BROKEN.includes(trait));
}
