import type { Asked } from '../handshake/follow-up.js';
import type { CauseId } from './causes.js';
import type { Evidence, Finding } from './finding.js';
import { type Answer, evidenceOf } from './follow-up-answers.js';

/** What further answers come to. */
export interface Effect {
  /** findings that the answers themselves give, best first */
  readonly shows: readonly Finding[];
  readonly for: readonly Support[];
  readonly against: readonly {
    readonly causes: ReadonlySet<string>;
    /** why these causes can no longer be it, as a clause */
    readonly says: string;
  }[];
  /** a clause of the verdict */
  readonly remark: string;
}

export interface Support {
  readonly causes: ReadonlySet<string>;
  readonly evidence: readonly Evidence[];
  /** the objections of one single try are answered */
  readonly settlesDoubt: boolean;
  /** causes whose next check this was */
  readonly wasNextCheckOf?: ReadonlySet<string>;
}

export type ByQuestion = (asked: Asked) => Answer | null;

export const causes = (...ids: readonly CauseId[]): ReadonlySet<string> => new Set(ids);

export const NOTHING: Effect = { shows: [], for: [], against: [], remark: '' };

/** States of the server that do not come and go from one second to the next. */
export const LASTING = causes(
  'private-key-acl-machinekeys',
  'private-key-missing-or-corrupt',
  'listener-thumbprint-stale',
  'custom-cert-key-acl',
  'xrdp-private-key-unreadable',
  'server-has-no-usable-certificate',
  'schannel-configuration-damaged',
  'tls-versions-disabled-on-host',
  'tls-server-only-legacy',
  'tls-cipher-mismatch',
  'tls-no-common-group',
  'fips-mode-mismatch',
  'client-certificate-required',
  'large-clienthello-intolerant-path',
  'mtu-vpn-no-mss-clamp',
  'ntlm-blocked',
  'rdp-disabled',
  'rdp-port-changed',
  'rdp-port-taken-by-other-app',
  'not-an-rdp-service',
);

/** The same died in the same way again: it is no chance. */
export function sameAgain(again: Answer | null): Effect | null {
  if (again === null || again.fared !== 'same') return null;
  return {
    ...NOTHING,
    for: [{ causes: LASTING, evidence: [evidenceOf(again)], settlesDoubt: false }],
    remark: 'a second try ended in the same way',
  };
}
