import type { Named } from '../wire/open-set.js';
import { tlsVersion } from '../wire/tls-names.js';
import type { TlsAnswer, TlsFeatures } from './scan-tls.js';

/** `TLS 1.2` for 0x0303, as people write it. */
export function versionWords(version: number): string {
  const name = tlsVersion(version).name ?? `0x${version.toString(16).padStart(4, '0')}`;
  return name.replace(/^(TLS|SSL)v/, '$1 ').replace(/^SSL (\d)$/, 'SSL $1.0');
}

/** One clause: how a server answered. */
export function answerWords(answer: TlsAnswer): string {
  switch (answer.kind) {
    case 'hello':
      return `${versionWords(answer.version.value)} with ${numberName(answer.suite)}`;
    case 'alert':
      return `alert ${numberName(answer.description)}`;
    case 'reset':
      return 'a reset';
    case 'closed':
      return 'the end of the connection';
    case 'silence':
      return `silence for ${answer.waitedMs / 1000} s`;
    case 'malformed':
      return `bytes that are no answer: ${answer.problem}`;
    case 'no-tls':
      return answer.why;
  }
}

/** The name of a number of the wire, or the number. */
export function numberName({ value, name }: Named): string {
  return name ?? `0x${value.toString(16).padStart(4, '0')}`;
}

export const TLS_FEATURE_WORDS: Readonly<Record<keyof TlsFeatures, string>> = {
  renegotiationInfo: 'secure renegotiation',
  extendedMasterSecret: 'extended master secret',
  encryptThenMac: 'encrypt-then-MAC',
  sessionTickets: 'session tickets',
  compression: 'compression',
};
