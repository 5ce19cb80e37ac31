import type { Fact } from '../handshake/trace.js';

/** How a question ended without an answer. */
export type Unanswered = 'no-connection' | 'silence' | 'reset' | 'closed';

/** Whether this fact is the end of a question, and how; null: it is not. */
export function unansweredBy(fact: Fact): Unanswered | null {
  if (fact.kind === 'tcp-failed') return 'no-connection';
  if (fact.kind === 'lookup' && fact.error !== null) return 'no-connection';
  if (fact.kind === 'silence') return 'silence';
  if (fact.kind !== 'tcp-end' || fact.by !== 'server') return null;
  return fact.how === 'reset' ? 'reset' : 'closed';
}

/** Bytes that are none of the messages that could answer. */
export function isSomethingElse({ kind }: Fact): boolean {
  return kind === 'foreign' || kind === 'malformed' || kind === 'unexpected' || kind === 'flood';
}
