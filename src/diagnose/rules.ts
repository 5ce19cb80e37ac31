import type { Handshake } from '../handshake/handshake.js';
import { type Case, type Rule, withoutRepeats } from './case.js';
import { judgeCertificate } from './certificate.js';
import { certificateRules } from './certificate-rules.js';
import { credSspRules, errorCodeRules, logonRules } from './credssp-rules.js';
import { endingRules, lastResort, lossRules } from './ending-rules.js';
import type { Finding } from './finding.js';
import { negotiationRules } from './negotiation-rules.js';
import { wasInterrupted } from './seen.js';
import { tlsRules } from './tls-rules.js';

/** Rules that explain how a handshake ended. */
const EXPLAINING: readonly Rule[] = [errorCodeRules, logonRules, endingRules];

/** Rules that see a fault which need not be what ended it. */
const OBSERVING: readonly Rule[] = [credSspRules, tlsRules, lossRules, certificateRules];

/**
 * What one handshake proves or suggests, best first. A failed handshake has at least one finding.
 *
 * @param nowMs our clock, milliseconds since 1970 UTC, where the handshake does not say when it was
 */
export function findingsOf(handshake: Handshake, nowMs: number): readonly Finding[] {
  const seen = caseOf(handshake, nowMs);
  const died = handshake.outcome.status === 'failed' && !wasInterrupted(handshake);
  const explaining = [...negotiationRules(seen)];
  if (died) explaining.push(...EXPLAINING.flatMap((rule) => rule(seen)));
  if (died && explaining.length === 0) {
    explaining.push(lastResort(seen));
  }
  return withoutRepeats([...explaining, ...OBSERVING.flatMap((rule) => rule(seen))]);
}

function caseOf(handshake: Handshake, nowMs: number): Case {
  const leaf = handshake.tls.certificates[0];
  if (leaf === undefined) return { handshake, certificate: null };
  const { ntlm } = handshake.credssp;
  const startedAt = Date.parse(handshake.startedAt);
  const certificate = judgeCertificate(leaf, {
    target: handshake.server.name ?? handshake.server.address,
    netbiosComputerName: ntlm?.netbiosComputerName ?? null,
    dnsComputerName: ntlm?.dnsComputerName ?? null,
    clockMs: Number.isNaN(startedAt) ? nowMs : startedAt,
    clockSkewMs: ntlm?.clockSkewMs ?? null,
  });
  return { handshake, certificate };
}
