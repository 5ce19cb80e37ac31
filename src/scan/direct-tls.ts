import type { DirectTlsReport } from '../handshake/scan.js';
import type { Fact, HandshakeTrace } from '../handshake/trace.js';
import { stageLimits } from '../probe/settings.js';
import type { Question } from './ask.js';
import { REFUSALS } from './offer-answer.js';
import { isSomethingElse, unansweredBy } from './unanswered.js';

/** xrdp and GNOME Remote Desktop wait for ever for an X.224 request: so long and no longer. */
const LIMIT_MS = { least: 500, most: 3000 } as const;

/** Times the slowest answer to other questions. */
const PATIENCE = 4;

/** @param slowestMs the longest that the server took to answer another question */
export function directTlsQuestion(slowestMs: number): Question {
  const limit = Math.min(LIMIT_MS.most, Math.max(LIMIT_MS.least, Math.round(PATIENCE * slowestMs)));
  return {
    purpose: 'direct-tls',
    reason: 'whether TLS is answered without the X.224 negotiation before it',
    settings: { opening: 'tls', stageLimitsMs: stageLimits(limit) },
  };
}

/** The SHA-256 of the certificate that a server showed; null: none was seen. */
export function certificateOf({ facts }: HandshakeTrace): string | null {
  for (const fact of facts) {
    const shown =
      fact.kind === 'tls-secured'
        ? fact.certificates
        : fact.kind === 'message' && fact.message.type === 'tls-certificate'
          ? fact.message.certificates
          : [];
    if (shown[0] !== undefined) return shown[0].sha256;
  }
  return null;
}

/**
 * What became of TLS without a negotiation. Pure.
 *
 * @param negotiated the certificate of the negotiated TLS, null where none was seen
 */
export function directTlsVerdict(
  trace: HandshakeTrace,
  negotiated: string | null,
  handshake: number,
): DirectTlsReport {
  const { facts } = trace;
  const none = { version: null, cipher: null, sameCertificate: null, waitedMs: null, handshake };
  const secured = facts.find((fact) => fact.kind === 'tls-secured');
  if (secured?.kind === 'tls-secured') {
    const own = certificateOf(trace);
    const same = own === null || negotiated === null ? null : own === negotiated;
    return {
      ...none,
      answer: 'tls',
      version: secured.version,
      cipher: secured.cipher,
      sameCertificate: same,
      says:
        same === false
          ? 'TLS is answered at once, with another certificate than after the negotiation'
          : 'TLS is answered at once, without a negotiation',
    };
  }
  const answer = answerOf(facts);
  const silence = facts.find((fact) => fact.kind === 'silence');
  const waitedMs = silence?.kind === 'silence' ? silence.waitedMs : null;
  return { ...none, answer, waitedMs: answer === 'silence' ? waitedMs : null, says: SAYS[answer] };
}

const SAYS: Readonly<Record<Exclude<DirectTlsReport['answer'], 'tls'>, string>> = {
  alert: 'a ClientHello without a negotiation is answered with a TLS alert',
  closed: 'the server closes when a ClientHello comes without a negotiation',
  reset: 'the server resets when a ClientHello comes without a negotiation',
  silence: 'a ClientHello without a negotiation is not answered',
  refused: 'a ClientHello without a negotiation is answered with a disconnect of RDP',
  other: 'a ClientHello without a negotiation is answered with something else than TLS',
  'no-connection': 'there was no connection',
};

function answerOf(facts: readonly Fact[]): Exclude<DirectTlsReport['answer'], 'tls'> {
  for (const fact of facts) {
    const unanswered = unansweredBy(fact);
    if (unanswered !== null) return unanswered;
    if (!('by' in fact) || fact.by !== 'server') continue;
    if (fact.kind === 'message') {
      if (fact.message.type === 'tls-alert') return 'alert';
      if (REFUSALS.includes(fact.message.type)) return 'refused';
      if (!fact.message.type.startsWith('tls-')) return 'other';
    }
    if (isSomethingElse(fact)) return 'other';
  }
  return 'other';
}
