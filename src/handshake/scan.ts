import type { CodeName, ValueName, ValueNames } from './handshake.js';
import type { ClientScan, CredSspState } from './scan-clients.js';
import type { TlsScan } from './scan-tls.js';

/**
 * What a scan found by asking a server several questions: the `scan` of the report. Produced live,
 * read by the diagnosis and the renderers. Serialisable. Wherever a part rests on handshakes, it
 * gives their `id`s in the report.
 */

/** Something that several answers come to. */
export interface Conclusion<T> {
  /** null: it was not reached, and `says` tells why */
  readonly value: T | null;
  /** one sentence: what it rests on, or why there is none */
  readonly says: string;
  readonly handshakes: readonly number[];
}

export type OfferAnswerKind =
  /** RDP_NEG_RSP */
  | 'selected'
  /** RDP_NEG_FAILURE */
  | 'failure'
  /** a confirm without negotiation data: standard RDP security is in force */
  | 'not-negotiated'
  /** an X.224 disconnect or error, or an MCS disconnect */
  | 'refused'
  | 'closed'
  | 'reset'
  | 'silence'
  | 'not-rdp'
  | 'malformed'
  | 'no-connection';

/** One offer, and what the server said to it. */
export interface OfferAnswer {
  /** null: a request without a negotiation, as clients before 2006 make it */
  readonly offer: ValueNames | null;
  /** of the request */
  readonly flags: ValueNames;
  readonly cookie: string | null;
  readonly routingToken: string | null;
  readonly answer: OfferAnswerKind;
  readonly selectedProtocol: ValueName | null;
  readonly failure: CodeName | null;
  readonly responseFlags: ValueNames | null;
  readonly sourceReference: number | null;
  /** what became of MCS, where standard RDP security was selected and tried */
  readonly mcs: 'answered' | 'ended' | 'silence' | 'not-tried';
  readonly handshake: number;
}

/** Whether a server demands something, merely takes it, or has none of it. */
export type Demand = 'required' | 'available' | 'absent';

/** How a server is set up, as far as its answers tell. */
export type SecurityLayer =
  /** CredSSP and nothing else */
  | 'nla-only'
  /** TLS with or without NLA; not standard RDP security */
  | 'tls-or-nla'
  /** TLS without NLA and nothing else */
  | 'tls-only'
  /** standard RDP security, and something better */
  | 'negotiate'
  /** standard RDP security and nothing else, although the server negotiates */
  | 'rdp-only'
  /** TLS is meant to be there, and has no usable certificate */
  | 'no-certificate'
  /** the server does not negotiate at all, as those before 2006 */
  | 'no-negotiation';

export interface NegotiationReport {
  /** in the order in which they were asked; the first is the verdict's own */
  readonly offers: readonly OfferAnswer[];
  readonly conclusions: {
    readonly layer: Conclusion<SecurityLayer>;
    readonly nla: Conclusion<Demand>;
    /** TLS, with or without NLA inside; `required`: standard RDP security is refused */
    readonly tls: Conclusion<Demand>;
    readonly standardRdp: Conclusion<'accepted' | 'refused'>;
    readonly rdstls: Conclusion<'selected' | 'refused'>;
    readonly rdsAad: Conclusion<'selected' | 'refused'>;
    readonly restrictedAdmin: Conclusion<'advertised' | 'not-advertised'>;
    readonly redirectedAuthentication: Conclusion<'advertised' | 'not-advertised'>;
    /** whether a cookie, a routing token and the flags of the request change the answer */
    readonly extras: Conclusion<'ignored' | 'matter'>;
    /** whether a protocol was selected that had not been offered */
    readonly offers: Conclusion<'respected' | 'ignored'>;
    /** whether answers differ that should be the same, as those of several servers behind one address */
    readonly answers: Conclusion<'steady' | 'differ'>;
  };
}

/** One encryption method of standard RDP security, [MS-RDPBCGR] 5.3.2. */
export interface RdpMethod {
  readonly method: ValueName;
  readonly accepted: boolean | null;
  /** what it rests on, or why it is not known */
  readonly says: string;
  readonly handshake: number | null;
}

export interface RdpSecurityReport {
  /** 40, 56 and 128 bit, FIPS; and none where the server chose that */
  readonly methods: readonly RdpMethod[];
  /** what the server chose where every method was offered */
  readonly chosen: ValueName | null;
  readonly level: ValueName | null;
  readonly certificate: {
    readonly kind: 'proprietary' | 'x509' | 'unreadable';
    readonly temporary: boolean;
    readonly keyBits: number | null;
  } | null;
  readonly rdpVersion: string | null;
  readonly handshakes: readonly number[];
}

/** TLS without the X.224 negotiation before it. */
export interface DirectTlsReport {
  readonly answer:
    | 'tls'
    | 'alert'
    | 'closed'
    | 'reset'
    | 'silence'
    /** an X.224 or MCS disconnect */
    | 'refused'
    | 'other'
    /** it never came so far */
    | 'no-connection';
  readonly version: string | null;
  readonly cipher: string | null;
  /** whether the certificate is the one that the negotiated TLS shows; null: one of them is not known */
  readonly sameCertificate: boolean | null;
  /** how long it was waited for; null: there was an answer */
  readonly waitedMs: number | null;
  readonly says: string;
  readonly handshake: number;
}

/** A setting of the server that is weaker than it needs to be. */
export interface Weakness {
  /** stable: `--fail-on` takes it */
  readonly id: string;
  readonly title: string;
  /** one sentence with what was seen */
  readonly says: string;
  readonly handshakes: readonly number[];
}

export interface ScanReport {
  /** TCP connections made, the verdict's among them */
  readonly connections: number;
  /** the most that it would have made */
  readonly most: number;
  readonly tookMs: number;
  readonly negotiation: NegotiationReport | null;
  readonly rdpSecurity: RdpSecurityReport | null;
  readonly directTls: DirectTlsReport | null;
  readonly tls: TlsScan | null;
  /** how each known client would fare */
  readonly clients: ClientScan | null;
  /** what the version of its CredSSP says */
  readonly credssp: CredSspState | null;
  readonly weaknesses: readonly Weakness[];
  /** why the questions ended early; null: all were asked */
  readonly stopped: { readonly says: string; readonly afterConnections: number } | null;
  /** what else was not asked, a clause each */
  readonly notTested: readonly string[];
  /** dotted path below `scan` -> why it is null */
  readonly notMeasured: Readonly<Record<string, string>>;
}
