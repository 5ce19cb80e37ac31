import type { Handshake } from '../handshake/handshake.js';
import type { PathReport } from '../handshake/path.js';
import { ranked } from './case.js';
import type { CauseId } from './causes.js';
import type { Finding } from './finding.js';
import { followUpRemark } from './follow-up-rules.js';
import { explains, stalled } from './path-stall.js';
import { reached, verdict } from './verdict.js';

/** Handshakes with the same address that came before those at hand, and of which only this is kept. */
export interface Earlier {
  readonly ids: readonly number[];
  readonly count: number;
  readonly failed: number;
}

/** What one line is made of. */
export interface LineParts {
  readonly decisive: Handshake;
  /** with other addresses of the target */
  readonly others: readonly Handshake[];
  /** with the same address, before the decisive one */
  readonly before: readonly Handshake[];
  readonly earlier: Pick<Earlier, 'count' | 'failed'>;
  /** made while the path was measured */
  readonly further: readonly Handshake[];
  /** made after the decisive one failed, to separate its causes */
  readonly followUps: readonly Handshake[];
  readonly findings: readonly Finding[];
  readonly path: PathReport | null;
  /** those of the findings that the path gave */
  readonly ofPath: readonly Finding[];
}

/** The verdict on a target: where it died and why, what its path adds, what other attempts showed. */
export function diagnosisLine(parts: LineParts): string {
  const { others, before, earlier, further } = parts;
  const failed = others.filter(({ outcome }) => outcome.status === 'failed');
  const elsewhere = failed.map((other) => `; ${other.server.address}: ${verdict(other)}`).join('');
  const asked = followUpRemark(parts.decisive, parts.followUps);
  return `${mainLine(parts)}${asked}${elsewhere}${remark(before, earlier)}${furtherRemark(further)}`;
}

function mainLine({ decisive, findings, path, ofPath }: LineParts): string {
  const best = ranked(findings).find(isProblem);
  if (best === undefined) return verdict(decisive);
  const pathFirst = path !== null && ofPath.some(({ says }) => says === best.says);
  const why = pathFirst ? inSentence(path.verdict) : reason(best);
  // A fault of the path that is not the reason, or not the best-founded one.
  const beside =
    path !== null && ofPath.some(isProblem) ? `; the path: ${inSentence(path.verdict)}` : '';
  switch (decisive.outcome.status) {
    case 'ok':
      return `the handshake completes up to ${reached(decisive)}, but: ${why}${pathFirst ? '' : beside}`;
    case 'failed': {
      const unrelated = pathFirst && !isReason(best, decisive, path);
      if (unrelated || saysItself(decisive)) return `${verdict(decisive)}${beside}`;
      return `${verdict(decisive)}; ${best.certainty}: ${why}${pathFirst ? '' : beside}`;
    }
    case 'incomplete':
      return `${verdict(decisive)}${beside}`;
  }
}

/** Whether a fault of the path is what a handshake died of: a hole at its stage, loss anywhere. */
function isReason({ cause }: Finding, decisive: Handshake, path: PathReport): boolean {
  const ofSize = cause === ('mtu-pmtud-blackhole' satisfies CauseId);
  return ofSize ? explains(path, decisive) : stalled(decisive);
}

function isProblem({ certainty }: Finding): boolean {
  return certainty !== 'possible';
}

/** The title of the cause; of the catch-all, which names none, what was seen. */
function reason({ cause, title, says }: Finding): string {
  const unnamed = cause === 'general-secure-negotiation-failure';
  return inSentence(unnamed ? says.replace(/\.$/, '') : title);
}

/** A title within a sentence: its first word small, unless it is a name. */
function inSentence(title: string): string {
  return /^(Remote|Windows|[A-Z]{2})/.test(title)
    ? title
    : `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}

/** Whether the line already names the cause, so that adding it would say it twice. */
function saysItself(handshake: Handshake): boolean {
  switch (handshake.outcome.how) {
    case 'not-found':
    case 'not-rdp':
      return true;
    case 'refused':
    case 'unreachable':
    case 'timeout':
    case 'reset':
    case 'closed':
    case 'alert':
    case 'negotiation-failure':
    case 'error-code':
    case 'malformed':
    case null:
      return false;
  }
}

function remark(before: readonly Handshake[], earlier: Pick<Earlier, 'count' | 'failed'>): string {
  const count = earlier.count + before.length;
  const failed =
    earlier.failed + before.filter(({ outcome }) => outcome.status === 'failed').length;
  if (failed === 0) return '';
  return count === 1
    ? '; the connection before it failed'
    : `; of ${count} connections before it ${failed} failed`;
}

function furtherRemark(further: readonly Handshake[]): string {
  const failed = further.filter(({ outcome }) => outcome.status === 'failed').length;
  const noun = further.length === 1 ? 'handshake' : 'handshakes';
  return failed === 0 ? '' : `; of ${further.length} further ${noun} ${failed} failed`;
}
