import type { Flags, Named } from '../wire/open-set.js';
import type { KeyExchangeFigures } from '../wire/tls-key-exchange.js';

/** Who sent something: the side that opened the TCP connection, or the one that accepted it. */
export type Side = 'client' | 'server';

export function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

/** The six stages of a connection, in the order in which they happen. */
export const STAGES = ['resolve', 'tcp', 'x224', 'tls', 'credssp', 'mcs'] as const;
export type StageName = (typeof STAGES)[number];

/** X.224 Connection Request with what [MS-RDPBCGR] 2.2.1.1 puts into it. */
export interface X224RequestMessage {
  readonly type: 'x224-request';
  readonly cookie: string | null;
  readonly routingToken: string | null;
  /** null: the request carries no RDP_NEG_REQ */
  readonly requestedProtocols: Flags | null;
  readonly flags: Flags | null;
  /** hex, 16 bytes */
  readonly correlationId: string | null;
}

/** X.224 Connection Confirm, [MS-RDPBCGR] 2.2.1.2. */
export interface X224ConfirmMessage {
  readonly type: 'x224-confirm';
  readonly negotiation:
    | { readonly kind: 'response'; readonly flags: Flags; readonly selectedProtocol: Named }
    | { readonly kind: 'failure'; readonly flags: Flags; readonly failureCode: Named }
    | {
        readonly kind: 'none';
        /** the confirm carries COTP parameters as other ISO-on-TCP protocols do (S7comm, H.323) */
        readonly cotpParameters: boolean;
      };
  readonly sourceReference: number;
  readonly destinationReference: number;
}

export interface X224DisconnectMessage {
  readonly type: 'x224-disconnect';
  readonly reason: Named;
}

export interface X224ErrorMessage {
  readonly type: 'x224-error';
  readonly cause: Named;
}

export interface TlsClientHelloMessage {
  readonly type: 'tls-client-hello';
  readonly legacyVersion: Named;
  /** in the client's order, GREASE left out */
  readonly versions: readonly Named[];
  readonly cipherSuites: readonly Named[];
  readonly serverName: string | null;
  readonly groups: readonly Named[];
  readonly keyShares: readonly Named[];
  readonly signatureAlgorithms: readonly Named[];
  readonly applicationProtocols: readonly string[];
  readonly extensions: readonly Named[];
  readonly ja4: string;
}

export interface TlsServerHelloMessage {
  readonly type: 'tls-server-hello';
  readonly version: Named;
  readonly cipherSuite: Named;
  /** key-exchange group where the ServerHello itself names it (TLS 1.3) */
  readonly group: Named | null;
  readonly helloRetryRequest: boolean;
  readonly extensions: readonly Named[];
  /** present where the server wants to compress: 1 is DEFLATE */
  readonly compression?: number;
}

export interface TlsCertificateMessage {
  readonly type: 'tls-certificate';
  readonly certificates: readonly Certificate[];
}

/** A TLS message whose content the engine does not need: its name says enough. */
export interface TlsOtherMessage {
  readonly type: 'tls-handshake';
  readonly name: string;
  /** key-exchange group where a ServerKeyExchange names one */
  readonly group: Named | null;
  /** present for a ServerKeyExchange that could be read */
  readonly keyExchange?: KeyExchangeFigures;
}

export interface TlsChangeCipherSpecMessage {
  readonly type: 'tls-change-cipher-spec';
}

/** The Finished message. Encrypted: known by its place, before TLS 1.3 also by its record type. */
export interface TlsFinishedMessage {
  readonly type: 'tls-finished';
}

export interface TlsAlertMessage {
  readonly type: 'tls-alert';
  /** null: the alert was encrypted, only its being an alert is known */
  readonly level: Named | null;
  readonly description: Named | null;
}

/** What NTLM tells before any credential is used. */
export interface NtlmChallenge {
  readonly targetName: string | null;
  readonly netbiosComputerName: string | null;
  readonly netbiosDomainName: string | null;
  readonly dnsComputerName: string | null;
  readonly dnsDomainName: string | null;
  readonly dnsTreeName: string | null;
  /** `major.minor.build` */
  readonly productVersion: string | null;
  /** the server's clock, microseconds since 1970 UTC */
  readonly timestamp: number | null;
  readonly negotiateFlags: Flags;
}

/** What one TSRequest carried, [MS-CSSP] 2.2.1. Secrets are named, never kept. */
export interface TsRequestMessage {
  readonly type: 'ts-request';
  readonly version: number;
  readonly carries: readonly (
    | 'ntlm-negotiate'
    | 'ntlm-challenge'
    | 'ntlm-authenticate'
    | 'kerberos'
    | 'nego-token'
    | 'pub-key-auth'
    | 'auth-info'
    | 'client-nonce'
    | 'error-code'
  )[];
  readonly wrapper: 'none' | 'spnego';
  readonly mechanisms: readonly string[];
  readonly challenge: NtlmChallenge | null;
  readonly errorCode: Named | null;
}

export interface EarlyUserAuthorizationMessage {
  readonly type: 'early-user-authorization';
  readonly result: Named;
}

export interface McsConnectInitialMessage {
  readonly type: 'mcs-connect-initial';
  readonly rdpVersion: Named | null;
  readonly serverSelectedProtocol: Named | null;
  readonly encryptionMethods: Flags | null;
  readonly channels: readonly string[];
}

export interface McsConnectResponseMessage {
  readonly type: 'mcs-connect-response';
  readonly result: Named;
  readonly rdpVersion: Named | null;
  readonly clientRequestedProtocols: Flags | null;
  readonly earlyCapabilityFlags: Flags | null;
  readonly encryptionMethod: Named | null;
  readonly encryptionLevel: Named | null;
  readonly serverCertificate: ServerCertificate | null;
}

/** The certificate of standard RDP security, [MS-RDPBCGR] 2.2.1.4.3.1. */
export interface ServerCertificate {
  readonly kind: 'proprietary' | 'x509' | 'unreadable';
  readonly temporary: boolean;
  readonly keyBits: number | null;
  readonly certificates: readonly Certificate[];
}

export interface McsDisconnectMessage {
  readonly type: 'mcs-disconnect';
  readonly reason: Named;
}

/** A message after the handshake, or one that has no bearing on it. */
export interface OtherMessage {
  readonly type: 'other';
  readonly what: string;
}

export type Message =
  | X224RequestMessage
  | X224ConfirmMessage
  | X224DisconnectMessage
  | X224ErrorMessage
  | TlsClientHelloMessage
  | TlsServerHelloMessage
  | TlsCertificateMessage
  | TlsOtherMessage
  | TlsChangeCipherSpecMessage
  | TlsFinishedMessage
  | TlsAlertMessage
  | TsRequestMessage
  | EarlyUserAuthorizationMessage
  | McsConnectInitialMessage
  | McsConnectResponseMessage
  | McsDisconnectMessage
  | OtherMessage;

/** One X.509 certificate as the trace keeps it. Times in milliseconds since 1970 UTC. */
export type Certificate =
  | {
      readonly readable: true;
      readonly subject: string;
      readonly issuer: string;
      readonly commonName: string | null;
      readonly serialNumber: string;
      readonly notBefore: number;
      readonly notAfter: number;
      /** issued by itself and, where that could be checked, signed with its own key */
      readonly selfSigned: boolean;
      readonly keyType: string;
      readonly keyBits: number | null;
      readonly signatureAlgorithm: string;
      readonly subjectAltNames: readonly string[];
      /** OID or the name of a known one */
      readonly extendedKeyUsages: readonly string[];
      readonly keyUsages: readonly string[];
      readonly sha256: string;
      readonly sha1: string;
      /** of its SubjectPublicKeyInfo; absent in traces of earlier versions */
      readonly spkiSha256?: string;
    }
  | { readonly readable: false; readonly sha256: string; readonly problem: string };

interface At {
  /** Microseconds since the start of the trace, from one monotonic clock; null: not measured. */
  readonly at: number | null;
  /** Captures: numbers of the packets that carried it, from 1, as Wireshark counts them. */
  readonly packets?: readonly number[];
}

export interface LookupFact extends At {
  readonly kind: 'lookup';
  readonly name: string;
  readonly startAt: number;
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[];
  /** null: the name resolved */
  readonly error: { readonly code: string; readonly says: string } | null;
}

/** The client asked for a TCP connection: its first SYN. */
export interface TcpConnectFact extends At {
  readonly kind: 'tcp-connect';
}

/** The server accepted: its SYN/ACK as the client side saw it. */
export interface TcpAcceptedFact extends At {
  readonly kind: 'tcp-accepted';
}

/** No connection came about. */
export interface TcpFailedFact extends At {
  readonly kind: 'tcp-failed';
  readonly how: 'refused' | 'unreachable' | 'timeout' | 'local';
  readonly by: 'client' | 'server' | 'network' | null;
  /** the operating system's name of the error, e.g. ECONNREFUSED */
  readonly code: string | null;
}

export interface TcpEndFact extends At {
  readonly kind: 'tcp-end';
  readonly by: Side;
  readonly how: 'fin' | 'reset';
}

/** Bytes that were sent but that the source does not have. */
export interface GapFact extends At {
  readonly kind: 'gap';
  readonly by: Side;
  readonly bytes: number;
}

export interface MessageFact extends At {
  readonly kind: 'message';
  readonly by: Side;
  /** bytes of the message, framing of its own layer included */
  readonly bytes: number;
  /** when its first byte was seen; `at` is when its last byte was */
  readonly startAt: number | null;
  readonly message: Message;
}

/** An encrypted TLS record: only its shape is known. */
export interface TlsRecordFact extends At {
  readonly kind: 'tls-record';
  readonly by: Side;
  readonly contentType: Named;
  /** bytes after the record header */
  readonly length: number;
}

/** What an endpoint of the TLS connection, or keys, told of it once it was established. */
export interface TlsSecuredFact extends At {
  readonly kind: 'tls-secured';
  readonly version: string;
  readonly cipher: string;
  readonly group: string | null;
  readonly certificates: readonly Certificate[];
  readonly source: 'endpoint' | 'keys';
}

/** Bytes that cannot be what they should be; nothing after them on this side is read. */
export interface MalformedFact extends At {
  readonly kind: 'malformed';
  readonly by: Side;
  readonly layer: 'tpkt' | 'x224' | 'tls' | 'credssp' | 'mcs';
  readonly problem: string;
  /** hex of the first bytes of the message, at most 64 */
  readonly sample: string;
}

/** Bytes that are right in themselves, at the wrong moment or from the wrong side. */
export interface UnexpectedFact extends At {
  readonly kind: 'unexpected';
  readonly by: Side;
  readonly what: string;
}

/** This side speaks another protocol than RDP. */
export interface ForeignFact extends At {
  readonly kind: 'foreign';
  readonly by: Side;
  /** e.g. `SSH`; null: not recognised */
  readonly protocol: string | null;
  /** first line, where the protocol is text */
  readonly text: string | null;
  /** hex of its first bytes, at most 64 */
  readonly sample: string;
}

/** Nothing came for as long as the observer waited. */
export interface SilenceFact extends At {
  readonly kind: 'silence';
  readonly waitingFor: Side;
  readonly stage: StageName;
  readonly waitedMs: number;
  /** bytes of an unfinished message that had arrived */
  readonly partialBytes: number;
}

/** The peer sent more than any handshake needs; the observer stopped reading. */
export interface FloodFact extends At {
  readonly kind: 'flood';
  readonly by: Side;
  readonly bytes: number;
}

/** Our own TLS library gave up; the peer may not be at fault. */
export interface EndpointErrorFact extends At {
  readonly kind: 'endpoint-error';
  readonly code: string;
  readonly says: string;
}

/**
 * What came of a logon of ours. The messages show what was said; only our own end can tell whether
 * the server's proof of its key verifies.
 */
export interface NlaVerdictFact extends At {
  readonly kind: 'nla-verdict';
  readonly outcome:
    | 'accepted'
    /** with a TSRequest.errorCode */
    | 'refused'
    /** the server's pubKeyAuth does not verify */
    | 'key-not-proved'
    | 'version-changed'
    | 'certificate-changed'
    /** the challenge is not one that we answer: no response was sent */
    | 'unsupported'
    /** the server's answer to the logon is none */
    | 'unexpected';
  /** one clause */
  readonly says: string;
  /** how the server's key was bound; null: it did not come to that */
  readonly keyBinding: 'echo' | 'hash' | null;
}

/** The observer was interrupted. */
export interface InterruptedFact extends At {
  readonly kind: 'interrupted';
}

/** The observer has the answer that it asked for, and leaves: how the connection ends is no failure. */
export interface AnsweredFact extends At {
  readonly kind: 'answered';
}

/** The kernel's figures of the client's socket. Times in microseconds. */
export interface KernelFact extends At {
  readonly kind: 'kernel';
  readonly moment: string;
  readonly rttUs: number | null;
  readonly minRttUs: number | null;
  readonly retransmissions: number | null;
  /** of those, how many the peer reported to have had already (DSACK) */
  readonly spuriousRetransmissions: number | null;
  /** payload of the largest segment that came; null while none was larger than 536 bytes */
  readonly largestReceived: number | null;
  /** MSS that our SYN advertised */
  readonly clientMss: number | null;
  /** MSS that the peer advertised, as far as our own path MTU allows */
  readonly serverMss: number | null;
  readonly pathMtu: number | null;
  readonly receivedOutOfOrder: number | null;
  readonly unacknowledged: number | null;
  readonly backoff: number | null;
  readonly timestamps: boolean | null;
}

/** A segment that was sent again, as a capture shows it. */
export interface ResentSegment {
  readonly by: Side;
  readonly at: number | null;
  readonly packet: number;
  /** bytes of payload; 0: a SYN or FIN */
  readonly bytes: number;
}

/** An ICMP or ICMPv6 error about a packet of the connection. */
export interface IcmpError {
  /** e.g. `fragmentation-needed`, `port-unreachable`, `time-exceeded` */
  readonly type: string;
  readonly from: string;
  /** whose packet it is about */
  readonly about: Side;
  readonly mtu: number | null;
  readonly at: number | null;
  readonly packet: number;
}

/** Time to live (IPv4) or hop limit (IPv6) of the packets of one side where they were captured. */
export interface HopLimits {
  /** of its SYN; null: not captured */
  readonly opening: number | null;
  /** the different ones of its other packets but resets, at most as many as show that they vary */
  readonly others: readonly number[];
  /** of its last reset; null: there was none */
  readonly reset: number | null;
}

/** What each side did, as far as it can be counted in a capture. */
export interface TcpSideFigures {
  readonly packets: number;
  /** bytes of payload on the wire, those sent again included */
  readonly bytes: number;
  /** as its SYN advertised; null: the SYN was not captured, or has no such option */
  readonly mss: number | null;
  /**
   * other values of the same SYN, where it was captured more than once: something between the
   * places of capture changes them
   */
  readonly otherMss: readonly number[];
  readonly windowScale: number | null;
  readonly sackPermitted: boolean | null;
  readonly timestamps: boolean | null;
  /** segments that had been seen before, or that filled a hole too late to be merely overtaken */
  readonly retransmissions: number;
  /** of those, how many its peer reported to have had already (DSACK) */
  readonly spuriousRetransmissions: number;
  readonly synRetransmissions: number;
  readonly outOfOrder: number;
  readonly duplicateAcks: number;
  readonly zeroWindows: number;
  readonly keepAlives: number;
  /** IP fragments */
  readonly fragments: number;
  /** payload bytes of its largest packet */
  readonly largestSegment: number | null;
  /** of those packets that the other side acknowledged */
  readonly largestAcknowledged: number | null;
  /** bytes that it sent by what its sequence numbers say, and that neither passed here nor arrived */
  readonly unseenBytes: number;
  /** copies of the same bytes that differ */
  readonly differingCopies: number;
  readonly hopLimits: HopLimits;
}

/** What the packets of a captured connection say of TCP itself: one for each, last in its list. */
export interface TcpFiguresFact extends At {
  readonly kind: 'tcp-figures';
  /** SYN to SYN/ACK where the capture was taken; null: not captured, or not to be told */
  readonly rttUs: number | null;
  /** SYN/ACK to the client's acknowledgment of it, likewise */
  readonly handshakeRestUs: number | null;
  readonly vantage: 'client' | 'server' | 'middle' | 'unknown';
  readonly client: TcpSideFigures;
  readonly server: TcpSideFigures;
  /** in order, at most as many as show a pattern */
  readonly resent: readonly ResentSegment[];
  readonly icmp: readonly IcmpError[];
  /** packets that were captured twice (mirror ports); they count in no other figure */
  readonly capturedTwice: number;
}

/** A live connection beside which a capture ran: how far its server's packets had come. */
/** Live: an ICMP error about this connection, from a capture that ran along. */
export interface IcmpFact extends At {
  readonly kind: 'icmp';
  readonly error: Omit<IcmpError, 'at' | 'packet'>;
}

export interface HopLimitsFact extends At {
  readonly kind: 'hop-limits';
  readonly server: HopLimits;
}

/** The capture began when the connection was already running: its handshake is not in it. */
export interface JoinedFact extends At {
  readonly kind: 'joined';
}

/** The connection runs through a proxy or a gateway, whose own opening came before RDP's. */
export interface TunnelFact extends At {
  readonly kind: 'tunnel';
  readonly protocol: 'SOCKS5' | 'HTTP CONNECT' | 'RD Gateway';
  /** `host:port` as the client asked the proxy for it */
  readonly target: string;
  /** live: `host:port` of the proxy itself */
  readonly proxy?: string;
  /** live: when the proxy accepted the TCP connection; `at` is when it had opened the way, or refused */
  readonly startAt?: number;
  /** live: what the proxy answered instead of opening the way */
  readonly refusal?: { readonly code: number | null; readonly says: string };
}

export type Fact =
  | LookupFact
  | TcpConnectFact
  | TcpAcceptedFact
  | TcpFailedFact
  | TcpEndFact
  | GapFact
  | MessageFact
  | TlsRecordFact
  | TlsSecuredFact
  | MalformedFact
  | UnexpectedFact
  | ForeignFact
  | SilenceFact
  | FloodFact
  | EndpointErrorFact
  | NlaVerdictFact
  | InterruptedFact
  | AnsweredFact
  | KernelFact
  | TcpFiguresFact
  | IcmpFact
  | HopLimitsFact
  | JoinedFact
  | TunnelFact;

export interface Endpoint {
  readonly address: string | null;
  readonly port: number | null;
}

export type TraceSource =
  | { readonly kind: 'live'; readonly profile: string }
  | {
      readonly kind: 'capture';
      readonly file: string;
      readonly stream: number;
      readonly firstPacket: number;
      readonly lastPacket: number;
    };

/** Why a probe left a connection that nothing on the wire had ended. */
export type ProbeLeave = {
  /** microseconds since the first packet of the connection */
  readonly at: number;
} & (
  | {
      /** it knew enough */
      readonly why: 'answered';
    }
  | {
      /** nothing came from the server within its limit */
      readonly why: 'silence';
      readonly waitedMs: number;
    }
  | { readonly why: 'interrupted' }
);

/** What the questions of a scan depended on, beside the answers. */
export interface ScanRecord {
  /** connections that it would have made at most */
  readonly mostConnections: number;
  /** whether it asked for every cipher suite */
  readonly ciphers: boolean;
  /** id of the one client that it asked as; null: it asked as none */
  readonly client: string | null;
  readonly interrupted: boolean;
  readonly tookMs: number;
}

/** What packets do not show of a probe's connection. */
export interface ProbeLabel {
  /** what it was made for */
  readonly purpose: string;
  /** one clause; null: it was not one of several questions */
  readonly reason: string | null;
  /** the target as it was asked for; null: by its address */
  readonly name: string | null;
  /** null: how it ended is in its packets */
  readonly left: ProbeLeave | null;
  /**
   * what the kernel told at the beginning and at the end of a connection whose packets were made from
   * what the probe saw: of TCP they show no more than this; null: its packets were captured
   */
  readonly kernel: readonly KernelFact[] | null;
  /** of the scan that began with it; absent: none did */
  readonly scan?: ScanRecord;
}

/** Everything that was seen of one TCP connection, or of the attempt to make one. Serialisable. */
export interface HandshakeTrace {
  readonly source: TraceSource;
  readonly client: Endpoint;
  /** `name`: as asked for, where a name was */
  readonly server: Endpoint & { readonly name: string | null };
  /** microseconds since 1970 UTC at offset 0 */
  readonly startedAt: number;
  /** in the order in which they happened */
  readonly facts: readonly Fact[];
  /** captures: what the probe that wrote the file says of the connection; absent: nothing */
  readonly label?: ProbeLabel;
  /** dotted path of a report field that could not be measured -> why */
  readonly notMeasured: Readonly<Record<string, string>>;
}
