import type { Named } from '../wire/open-set.js';
import type { SuiteTrait } from '../wire/suite-traits.js';

/**
 * What a survey of a server's TLS found: produced by scan/, read by the diagnosis and the renderers.
 * Serialisable. Numbers of the wire keep their number beside a name where one is known.
 */

/** How a server answered one ClientHello. */
export type TlsAnswer =
  | TlsHelloAnswer
  | { readonly kind: 'alert'; readonly description: Named }
  | { readonly kind: 'reset' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silence'; readonly waitedMs: number }
  /** bytes that cannot be TLS */
  | { readonly kind: 'malformed'; readonly problem: string }
  /** it never came to TLS: no connection, another protocol selected, the negotiation refused */
  | { readonly kind: 'no-tls'; readonly why: string };

export interface TlsHelloAnswer {
  readonly kind: 'hello';
  readonly version: Named;
  readonly suite: Named;
  /** key-exchange group; null: the exchange has none, or none was seen */
  readonly group: Named | null;
  /** a HelloRetryRequest: the group is the one that the server wants */
  readonly retry: boolean;
  /** of a Diffie-Hellman prime; null: another exchange */
  readonly primeBits: number | null;
  /** how the key exchange is signed; null: encrypted (TLS 1.3), not said (before 1.2), or none */
  readonly signature: Named | null;
  readonly extensions: readonly Named[];
  /** 0: none */
  readonly compression: number;
  /** of the server's own certificate; null: encrypted (TLS 1.3), none, or unreadable */
  readonly certificateKey: {
    readonly type: string;
    /** null: the key has no such figure */
    readonly bits: number | null;
  } | null;
  /** false: what belongs to the answer did not all come */
  readonly complete: boolean;
}

export type TlsTopic = 'versions' | 'size' | 'weak' | 'order' | 'suites' | 'groups' | 'signatures';

/** One connection of the survey. */
export interface TlsQuestionReport {
  readonly topic: TlsTopic;
  /** one clause: what the answer tells */
  readonly reason: string;
  /** the highest version offered */
  readonly version: Named;
  /** how many cipher suites were offered */
  readonly suites: number;
  /** of the record with the ClientHello; null: none was sent */
  readonly helloBytes: number | null;
  readonly answer: TlsAnswer;
  /** its `id` in the report; null: the handshakes are not kept */
  readonly handshake: number | null;
}

export interface TlsSuiteReport {
  readonly suite: Named;
  readonly traits: readonly SuiteTrait[];
  readonly group: Named | null;
  readonly primeBits: number | null;
  readonly signature: Named | null;
}

export type TlsVersionStatus =
  | 'accepted'
  /** the server said so: it chose a lower version, or sent an alert */
  | 'refused'
  /** a reset, an end or silence: something does not want it, and it may not be the server */
  | 'unanswered'
  | 'not-tested';

export interface TlsVersionReport {
  readonly version: Named;
  readonly status: TlsVersionStatus;
  /** one clause: what it rests on, or why it was not tested */
  readonly why: string;
  /** those that were seen, in the order of the server's choices */
  readonly suites: readonly TlsSuiteReport[];
  /** true: every suite that is known was asked for, and these are all */
  readonly complete: boolean;
  /** whose order decides; null: not tested, or there is but one suite */
  readonly order: 'server' | 'client' | 'mixed' | null;
}

export interface TlsGroupsReport {
  readonly version: Named;
  /** in the order of the server's choices */
  readonly groups: readonly Named[];
  /** true: every group that is known was asked for, and these are all */
  readonly complete: boolean;
}

/** The same question in a short and in a long ClientHello. */
export interface TlsSizeReport {
  readonly verdict: 'same' | 'only-large-fails' | 'differs' | 'not-tested';
  readonly smallBytes: number | null;
  readonly largeBytes: number | null;
  readonly says: string;
}

/** Whether any suite that protects too little is accepted. */
export interface TlsWeakReport {
  readonly status: 'accepted' | 'refused' | 'unanswered' | 'not-tested';
  readonly says: string;
}

/** What a server says that it can; null: no answer told it. */
export interface TlsFeatures {
  readonly renegotiationInfo: boolean | null;
  readonly extendedMasterSecret: boolean | null;
  readonly encryptThenMac: boolean | null;
  readonly sessionTickets: boolean | null;
  readonly compression: boolean | null;
}

export interface TlsScan {
  /** why nothing was asked, or why it ended early; null: everything that was meant to be was asked */
  readonly cutShort: string | null;
  readonly connections: number;
  /** from the newest to the oldest */
  readonly versions: readonly TlsVersionReport[];
  readonly groups: readonly TlsGroupsReport[];
  readonly size: TlsSizeReport;
  readonly weak: TlsWeakReport;
  readonly features: TlsFeatures;
  /** of the certificates that came in the clear */
  readonly certificateKeys: readonly { readonly type: string; readonly bits: number | null }[];
  /** of the key exchanges of TLS 1.2 that were seen */
  readonly signatures: readonly Named[];
  /** true: every scheme that is known was asked for in TLS 1.2, and these are all */
  readonly signaturesComplete: boolean;
  /** bits of the Diffie-Hellman primes that were seen */
  readonly primeBits: readonly number[];
  readonly questions: readonly TlsQuestionReport[];
}
