import type { NlaVerdictFact, Side, StageName, TraceSource } from './trace.js';

/*
 * The values of this file are the JSON report's (docs/report-schema.md): every name and unit here is
 * one that scripts rely on. Times are milliseconds with microsecond precision and end in `Ms`;
 * instants are ISO 8601 UTC with microseconds.
 */

export type StageStatus =
  | 'completed'
  | 'failed'
  /** under way when the observation ended */
  | 'unfinished'
  /** it happened, or may have, where the source could not see it */
  | 'hidden'
  /** this connection has no such stage */
  | 'not-applicable'
  /** the probe stops before it by design */
  | 'not-attempted'
  /** an earlier stage ended the connection */
  | 'not-reached';

export interface Stage {
  readonly stage: StageName;
  readonly status: StageStatus;
  /** from the start of the handshake; null where the stage did not begin */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly durationMs: number | null;
  /** times a message of the server answered one of the client */
  readonly roundTrips: number | null;
  /**
   * what the server took to think: the time that the client waited for its answers, less one RTT
   * for each; our own work is not in it; never below 0
   */
  readonly serverMs: number | null;
}

export const OUTCOME_HOWS = [
  'refused',
  'unreachable',
  'timeout',
  'reset',
  'closed',
  'alert',
  'negotiation-failure',
  'error-code',
  'malformed',
  'not-rdp',
  'not-found',
] as const;
export type OutcomeHow = (typeof OUTCOME_HOWS)[number];

export interface Outcome {
  readonly status: 'ok' | 'failed' | 'incomplete';
  /** the last stage that completed */
  readonly reached: StageName | null;
  readonly failedAt: StageName | null;
  readonly how: OutcomeHow | null;
  readonly by: Side | 'network' | null;
  /** one sentence */
  readonly detail: string;
}

export interface CodeName {
  readonly code: number;
  readonly name: string | null;
}

export interface ValueName {
  readonly value: number;
  readonly name: string | null;
}

export interface ValueNames {
  readonly value: number;
  readonly names: readonly string[];
}

export interface PerSide<T> {
  readonly client: T;
  readonly server: T;
}

/** Time to live (IPv4) or hop limit (IPv6), as the packets had it where they were captured. */
export interface StrayReset {
  readonly hopLimit: number;
  /** of the server's other packets */
  readonly usual: readonly number[];
}

export interface TcpReport {
  readonly rttMs: number | null;
  readonly vantage: 'client' | 'server' | 'middle' | 'unknown';
  readonly mss: PerSide<number | null>;
  readonly retransmissions: PerSide<number | null>;
  /** how often the client's SYN had to be sent again */
  readonly synRetransmissions: number | null;
  /** retransmissions of the client that its peer reported to have been needless (DSACK) */
  readonly spuriousRetransmissions: number | null;
  readonly outOfOrder: number | null;
  readonly duplicateAcks: number | null;
  readonly zeroWindows: number | null;
  readonly fragments: PerSide<number | null>;
  readonly largestSegment: PerSide<number | null>;
  readonly icmp: readonly {
    readonly type: string;
    readonly from: string;
    readonly mtu: number | null;
    readonly atMs: number | null;
  }[];
  readonly pathMtu: number | null;
  /** a reset in the server's name that came from elsewhere by its hop limit; null: none was seen */
  readonly strayReset: StrayReset | null;
  readonly end: {
    readonly how: 'fin' | 'reset' | 'open';
    readonly by: Side | null;
    readonly atMs: number | null;
  };
}

export interface X224Report {
  readonly request: {
    readonly cookie: string | null;
    readonly routingToken: string | null;
    readonly requestedProtocols: ValueNames | null;
    readonly flags: ValueNames | null;
    readonly correlationId: string | null;
  } | null;
  readonly response: {
    readonly kind: 'response' | 'failure' | 'none-negotiated' | 'not-rdp' | null;
    readonly selectedProtocol: ValueName | null;
    readonly flags: ValueNames | null;
    readonly failure: CodeName | null;
    readonly sourceReference: number | null;
    readonly serverKind: string | null;
    /** name of the protocol spoken instead, where `kind` is `not-rdp` and it was recognised */
    readonly protocol: string | null;
  };
}

export interface CertificateReport {
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly serialNumber: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly selfSigned: boolean | null;
  readonly keyType: string | null;
  readonly keyBits: number | null;
  readonly signatureAlgorithm: string | null;
  readonly subjectAltNames: readonly string[];
  readonly extendedKeyUsages: readonly string[];
  readonly keyUsages: readonly string[];
  readonly sha256: string;
  readonly sha1: string | null;
  /**
   * of its SubjectPublicKeyInfo, which stays the same where a certificate is renewed and its key is
   * kept; null: it cannot be read; absent in reports of earlier versions
   */
  readonly spkiSha256?: string | null;
  /** null: it could be read */
  readonly problem: string | null;
}

export interface TlsReport {
  readonly version: string | null;
  readonly cipher: string | null;
  readonly group: string | null;
  readonly alert: {
    readonly by: Side;
    readonly level: string | null;
    readonly code: number | null;
    readonly name: string | null;
  } | null;
  readonly clientHello: {
    readonly versions: readonly string[];
    readonly ciphers: readonly string[];
    readonly serverName: string | null;
    readonly bytes: number;
    readonly ja4: string;
  } | null;
  /** as sent: the server's own first */
  readonly certificates: readonly CertificateReport[];
  readonly decrypted: boolean;
}

export interface NtlmReport {
  readonly targetName: string | null;
  readonly netbiosComputerName: string | null;
  readonly netbiosDomainName: string | null;
  readonly dnsComputerName: string | null;
  readonly dnsDomainName: string | null;
  readonly dnsTreeName: string | null;
  readonly productVersion: string | null;
  readonly timestamp: string | null;
  /** server's clock minus ours at the time of the answer, half a round trip taken off */
  readonly clockSkewMs: number | null;
}

/** What became of a logon of ours; it stops before credentials would be delegated. */
export interface LogonReport {
  readonly outcome: NlaVerdictFact['outcome'] | 'no-answer';
  readonly detail: string;
  readonly mechanism: 'NTLMv2';
  /** how the server's key was bound to the logon; null: it did not come to that */
  readonly keyBinding: 'echo' | 'hash' | null;
  readonly kerberos: KerberosReport;
}

/** Whether a Windows client would have used Kerberos in the place of NTLM, as far as can be told. */
export interface KerberosReport {
  /** the service principal that a ticket would be for; null: there is no name to ask for */
  readonly service: string | null;
  /** of the server's domain; null: not known, or it is in none */
  readonly realm: string | null;
  readonly wouldBeTried: boolean;
  readonly why: string;
}

export interface CredSspReport {
  readonly version: number | null;
  readonly wrapper: 'none' | 'spnego' | null;
  readonly ntlm: NtlmReport | null;
  readonly errorCode: { readonly code: string; readonly name: string | null } | null;
  readonly authentication: 'not-attempted' | 'accepted' | 'refused' | 'unknown';
  /**
   * what the server says of the user's right to log on; it does so only after it was given the
   * credentials themselves, [MS-RDPBCGR] 2.2.10.2, so never to this program
   */
  readonly earlyUserAuthorization: CodeName | null;
  /** null: no credentials were used */
  readonly logon: LogonReport | null;
}

export interface McsReport {
  readonly rdpVersion: string | null;
  readonly encryptionMethod: ValueName | null;
  readonly encryptionLevel: ValueName | null;
  readonly serverCertificate: {
    readonly kind: 'proprietary' | 'x509' | 'unreadable';
    readonly temporary: boolean;
    readonly keyBits: number | null;
    readonly certificates: readonly CertificateReport[];
  } | null;
}

/** A fact of the trace with its time in the report's unit. */
export type ReportEvent = { readonly atMs: number | null } & Record<string, unknown>;

export interface Handshake {
  readonly id: number;
  readonly purpose: string;
  readonly reason: string | null;
  readonly source: TraceSource;
  readonly client: { readonly address: string | null; readonly port: number | null };
  readonly server: {
    readonly address: string | null;
    readonly port: number | null;
    readonly name: string | null;
  };
  readonly startedAt: string;
  readonly outcome: Outcome;
  /** always the six, in order */
  readonly stages: readonly Stage[];
  readonly lookup: {
    readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[];
  } | null;
  readonly tcp: TcpReport;
  readonly x224: X224Report;
  readonly tls: TlsReport;
  readonly credssp: CredSspReport;
  readonly mcs: McsReport;
  /** dotted field path -> why it is null */
  readonly notMeasured: Readonly<Record<string, string>>;
  /** everything that was seen, in time order */
  readonly events: readonly ReportEvent[];
}
