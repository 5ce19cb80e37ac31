/*
 * A scenario says, as plain data that survives JSON, what a server does on one connection: a list of
 * steps, played in order. What goes wrong is a step like any other.
 */

/** A server to be simulated. */
export interface Scenario {
  /** kebab-case; what `rdp-probe simulate NAME` takes */
  readonly name: string;
  /** one line: what it shows */
  readonly title: string;
  /** shown by `rdp-probe simulate --help` */
  readonly listed: boolean;
  readonly steps: readonly Step[];
}

export type Step =
  | ExpectStep
  | ExpectBytesStep
  | SendStep
  | SendMessageStep
  | WaitStep
  | GarbageStep
  | FloodStep
  | SplitStep
  | TrickleStep
  | BreakAfterStep
  | BreakOnAnswerStep
  | RefuseHelloStep
  | StartTlsStep
  | LogonStep
  | HalfCloseStep
  | CloseStep
  | ResetStep
  | StallStep;

/**
 * Waits for a whole message of the client and takes it; `any` is whatever comes first, at least one
 * byte. A `client-hello` is only looked at, so that `start-tls` can follow. A client that sends
 * something else, or leaves, ends the scenario.
 */
export interface ExpectStep {
  readonly do: 'expect';
  readonly what:
    | 'connection-request'
    | 'client-hello'
    | 'ts-request'
    | 'mcs-connect-initial'
    | 'any';
}

/** Waits for this many bytes and takes them. */
export interface ExpectBytesStep {
  readonly do: 'expect-bytes';
  readonly count: number;
}

/** Sends bytes; inside TLS once that has started. */
export interface SendStep {
  readonly do: 'send';
  /** white space is ignored */
  readonly hex: string;
}

/** Sends a message that the codecs build; inside TLS once that has started. */
export interface SendMessageStep {
  readonly do: 'send-message';
  readonly message: ServerMessage;
}

/** Does nothing for a while. */
export interface WaitStep {
  readonly do: 'wait';
  readonly ms: number;
}

/** Sends bytes that mean nothing, the same ones for the same seed; inside TLS once it has started. */
export interface GarbageStep {
  readonly do: 'garbage';
  readonly seed: number;
  readonly count: number;
}

/** Sends the same bytes again and again until the client leaves. */
export interface FloodStep {
  readonly do: 'flood';
  readonly hex: string;
}

/** From now on what goes out, TLS records included, is cut into pieces, each a write of its own. */
export interface SplitStep {
  readonly do: 'split';
  /** bytes in a piece */
  readonly every: number;
}

/** From now on one byte goes out at a time, the next one so many milliseconds later. */
export interface TrickleStep {
  readonly do: 'trickle';
  readonly everyMs: number;
}

/**
 * From now on only so many bytes go out, TLS records included: at that point the server ends its
 * direction, resets the connection, or sends nothing more.
 */
export interface BreakAfterStep {
  readonly do: 'break-after';
  readonly count: number;
  readonly how: 'close' | 'reset' | 'stall';
}

/**
 * From now on the client's first bytes that come after the server has sent something are the last
 * ones: at that point the server ends its direction, resets the connection, or sends nothing more.
 */
export interface BreakOnAnswerStep {
  readonly do: 'break-on-answer';
  readonly how: 'close' | 'reset' | 'stall';
}

/**
 * Looks at the ClientHello, as `expect` does, and breaks off where it is too large or too new: as
 * devices and old servers do that do not bear what newer clients send.
 */
export interface RefuseHelloStep {
  readonly do: 'refuse-hello';
  /** bytes of the whole record that are still borne; null: any size */
  readonly longerThan: number | null;
  /** the newest version that may be offered; null: any version */
  readonly newerThan: TlsVersionName | null;
  readonly how: 'close' | 'reset' | 'stall';
}

/** Becomes the server of a TLS handshake on this connection and completes it. */
export interface StartTlsStep {
  readonly do: 'start-tls';
  readonly certificate: CertificateName | CertificateCopy;
  readonly minVersion: TlsVersionName;
  readonly maxVersion: TlsVersionName;
  /**
   * OpenSSL's list, whose order counts, not the client's; null: what OpenSSL offers by itself, weak
   * ones included
   */
  readonly ciphers: string | null;
  /** OpenSSL's list of key-exchange groups; null: what OpenSSL offers by itself */
  readonly groups: string | null;
}

/**
 * Is the server of CredSSP with NTLMv2 inside TLS: challenge, and the answer to the client's answer,
 * checked with all that a server can check. A refusal ends the connection.
 */
export interface LogonStep {
  readonly do: 'logon';
  /** TSRequest.version, 2 to 6 */
  readonly version: number;
  readonly account: {
    readonly user: string;
    /** hex of MD4 of the password in UTF-16LE: what a server keeps */
    readonly ntHash: string;
  };
  /** NTSTATUS with which even the right password is refused; null: it is accepted */
  readonly status: number | null;
  /** how a refusal is told; `ending`: not at all, as in versions 2 and 5 */
  readonly refusal: 'error-code' | 'ending';
  /** what is wrong with the server's answer to a right password; null: nothing */
  readonly fault:
    | 'other-key'
    | 'bad-seal'
    | 'other-version'
    | 'no-proof'
    /** the TLS connection is negotiated anew, with another certificate, before the answer */
    | 'other-certificate'
    | null;
  readonly wrapper: 'none' | 'spnego';
  /** the challenge shows the server's clock, as of Windows Vista */
  readonly clock: boolean;
  /** NegotiateFlags of the challenge */
  readonly flags: number;
}

/** Ends the server's direction (FIN) and goes on with the next step. */
export interface HalfCloseStep {
  readonly do: 'half-close';
}

/** Ends the server's direction (FIN), plays no more steps, and reads on until the client ends too. */
export interface CloseStep {
  readonly do: 'close';
  /** inside TLS: tell so with a close_notify first */
  readonly closeNotify: boolean;
}

/** Breaks the connection off (RST). */
export interface ResetStep {
  readonly do: 'reset';
}

/** Sends nothing more and keeps the connection open until the client leaves: also the end of a list. */
export interface StallStep {
  readonly do: 'stall';
}

export type TlsVersionName = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** Certificates that `certificate.ts` can make. */
export type CertificateName =
  /** as Windows makes its own: self-signed, six months, RSA 2048 */
  | 'self-signed'
  /** the same, over since a month */
  | 'expired'
  /** the same, beginning in a month */
  | 'not-yet-valid'
  /** the same, for the name the computer had before */
  | 'old-name'
  /** RSA 1024 and SHA-1 */
  | 'weak'
  /** from a certification authority, for Remote Desktop, with that authority's certificate */
  | 'ca-signed';

/** Recorded certificates with other keys of the same kind, and so other signatures. */
export interface CertificateCopy {
  /** hex of DER, the server's own first */
  readonly copyOf: readonly string[];
}

/** Messages that the codecs build from fields. */
export type ServerMessage =
  | ConnectionConfirmMessage
  | NegotiationFailureMessage
  | X224DisconnectMessage
  | TlsAlertMessage
  | NtlmChallengeMessage
  | TsRequestErrorMessage;

/** X.224 Connection Confirm with an RDP_NEG_RSP. */
export interface ConnectionConfirmMessage {
  readonly is: 'connection-confirm';
  readonly selectedProtocol: number;
  readonly flags: number;
}

/** X.224 Connection Confirm with an RDP_NEG_FAILURE. */
export interface NegotiationFailureMessage {
  readonly is: 'negotiation-failure';
  readonly failureCode: number;
}

export interface X224DisconnectMessage {
  readonly is: 'x224-disconnect';
  readonly reason: number;
}

/** A fatal alert in a record of its own, not encrypted. */
export interface TlsAlertMessage {
  readonly is: 'tls-alert';
  readonly description: number;
}

/** TSRequest with the NTLM CHALLENGE of a computer, as Windows sends it. */
export interface NtlmChallengeMessage {
  readonly is: 'ntlm-challenge';
  /** TSRequest.version */
  readonly version: number;
  readonly wrapper: 'none' | 'spnego';
  /** major, minor, build */
  readonly productVersion: readonly [number, number, number];
  /** how far the server's clock is ahead of ours, milliseconds */
  readonly clockAheadMs: number;
}

/** TSRequest with an errorCode. */
export interface TsRequestErrorMessage {
  readonly is: 'ts-request-error';
  readonly version: number;
  /** NTSTATUS */
  readonly errorCode: number;
}
