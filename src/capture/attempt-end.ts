import type { HandshakeTrace, TcpFailedFact } from '../handshake/trace.js';

/*
 * Packets do not show how a connection attempt ended that nobody answered: a probe gave up, or its
 * system reported an error whose sender no probe gets to know. Our own captures therefore have an
 * interface of its own for each such attempt, and end its Interface Statistics Block, which tells
 * until when was waited, with a comment: `connect: timeout` or `connect: EHOSTUNREACH`.
 */

/** How an attempt ended of which the packets are a lone SYN. */
export interface AttemptEnd {
  readonly how: 'timeout' | 'unreachable';
  /** the operating system's name of the error; null: the probe gave up */
  readonly code: string | null;
}

/** The errors of connect(2) that say that there is no way to the target. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EACCES',
  'EPERM',
]);

const PREFIX = 'connect: ';
const TIMED_OUT = 'ETIMEDOUT';

/** @returns null: its packets tell how it ended, or it was broken off */
export function attemptEndOf({ facts }: HandshakeTrace): AttemptEnd | null {
  const failed = facts.find((fact): fact is TcpFailedFact => fact.kind === 'tcp-failed');
  if (failed === undefined || facts.some(({ kind }) => kind === 'interrupted')) return null;
  switch (failed.how) {
    case 'timeout':
    case 'unreachable':
      return { how: failed.how, code: failed.code };
    case 'refused':
    case 'local':
      return null;
  }
}

export function renderAttemptEnd({ how, code }: AttemptEnd): string {
  return `${PREFIX}${code ?? how}`;
}

/** @returns null: it is a comment on something else */
export function parseAttemptEnd(comment: string): AttemptEnd | null {
  if (!comment.startsWith(PREFIX)) return null;
  const word = comment.slice(PREFIX.length);
  if (word === 'timeout') return { how: 'timeout', code: null };
  if (word === TIMED_OUT) return { how: 'timeout', code: TIMED_OUT };
  return UNREACHABLE.has(word) ? { how: 'unreachable', code: word } : null;
}
