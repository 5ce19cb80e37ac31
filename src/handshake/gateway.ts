import type { Flags, Named } from '../wire/open-set.js';
import type {
  CertificateReport,
  NtlmReport,
  Outcome,
  ReportEvent,
  StageStatus,
  ValueNames,
} from './handshake.js';
import type {
  Endpoint,
  EndpointErrorFact,
  InterruptedFact,
  LookupFact,
  NtlmChallenge,
  Side,
  TcpAcceptedFact,
  TcpConnectFact,
  TcpFailedFact,
  TlsSecuredFact,
  TunnelFact,
} from './trace.js';

/**
 * The way through a Remote Desktop Gateway, [MS-TSGU] 3.7, in the order in which it goes. RDP's own
 * six stages begin only when the channel is there.
 */
export const GATEWAY_STEPS = [
  'resolve',
  'tcp',
  'tls',
  /** RDG_OUT_DATA up to an answer of a gateway */
  'http',
  'authentication',
  'handshake',
  /** tunnel creation */
  'tunnel',
  /** the gateway's connection authorization policy */
  'authorization',
  /** its resource authorization policy, and its own connection to the target */
  'channel',
] as const;
export type GatewayStepName = (typeof GATEWAY_STEPS)[number];

interface At {
  /** microseconds since the start of the trace */
  readonly at: number;
}

/** A request of ours. What proves a user is named, never kept. */
export interface GatewayRequestFact extends At {
  readonly kind: 'http-request';
  readonly method: string;
  /** it asked for a WebSocket */
  readonly upgrade: boolean;
  readonly authorization: {
    readonly scheme: string;
    readonly carries: 'ntlm-negotiate' | 'ntlm-authenticate';
  } | null;
}

export interface GatewayResponseFact extends At {
  readonly kind: 'http-response';
  readonly status: number;
  readonly reason: string;
  /** of `WWW-Authenticate`, in the order in which they came */
  readonly schemes: readonly string[];
  /** of `Proxy-Authenticate` */
  readonly proxySchemes: readonly string[];
  readonly server: string | null;
  /** proxies that name themselves */
  readonly via: readonly string[];
  readonly contentType: string | null;
  readonly location: string | null;
}

export interface GatewayChallengeFact extends At {
  readonly kind: 'ntlm-challenge';
  readonly challenge: NtlmChallenge;
}

/** A packet of the tunnel; those of data are counted in none. */
export interface GatewayPacketFact extends At {
  readonly kind: 'tunnel-packet';
  readonly by: Side;
  readonly packet: string;
  /** status or error code where the packet has one */
  readonly code: Named | null;
  readonly capabilities: Flags | null;
  readonly redirections: Flags | null;
  /** minutes */
  readonly idleTimeout: number | null;
  readonly udpPort: number | null;
  /** what the gateway's administrator has to say to the user */
  readonly text: string | null;
}

export type GatewayFact =
  | LookupFact
  | TcpConnectFact
  | TcpAcceptedFact
  | TcpFailedFact
  | TunnelFact
  | TlsSecuredFact
  | EndpointErrorFact
  | InterruptedFact
  | GatewayRequestFact
  | GatewayResponseFact
  | GatewayChallengeFact
  | GatewayPacketFact;

export type GatewayHow =
  | Exclude<Outcome['how'], null>
  /** an HTTP server that is no gateway, or at least not at this address */
  | 'not-gateway'
  /** a proxy on the way answered in its place */
  | 'proxy'
  /** the gateway is there and does not serve: status 5xx */
  | 'unavailable'
  /** the user was refused by HTTP */
  | 'unauthorized';

/** What ended it before the channel was there. */
export interface GatewayEnding {
  readonly step: GatewayStepName;
  readonly how: GatewayHow;
  readonly by: Side | 'network' | null;
  /** number of a TLS alert, status of HTTP, or code of the gateway */
  readonly code: Named | null;
  /** one clause */
  readonly says: string;
  readonly at: number;
}

/** Everything that was seen on the way through one gateway. Serialisable. */
export interface GatewayTrace {
  /** `host:port` as asked for */
  readonly name: string;
  readonly host: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** what was to be reached through it, `host:port` */
  readonly target: string;
  readonly startedAt: number;
  readonly facts: readonly GatewayFact[];
  /** null: nothing went wrong, as far as it was tried */
  readonly ending: GatewayEnding | null;
  /** how packets went to and fro; null: it did not come so far */
  readonly transport: 'websocket' | 'http' | null;
  /** whether a user was to be authenticated */
  readonly credentials: boolean;
  readonly notMeasured: Readonly<Record<string, string>>;
}

export interface GatewayStep {
  readonly step: GatewayStepName;
  readonly status: StageStatus;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly durationMs: number | null;
}

/** What is said of a gateway: `diagnoses[].gateway` of the report. */
export interface GatewayReport {
  readonly name: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly target: string;
  readonly startedAt: string;
  readonly outcome: {
    readonly status: 'ok' | 'failed' | 'incomplete';
    readonly reached: GatewayStepName | null;
    readonly failedAt: GatewayStepName | null;
    readonly how: GatewayHow | null;
    readonly by: Side | 'network' | null;
    readonly code: { readonly code: string; readonly name: string | null } | null;
    readonly detail: string;
  };
  /** always all of them, in order */
  readonly steps: readonly GatewayStep[];
  readonly transport: 'websocket' | 'http' | null;
  /** the proxy of ours on the way to it; null: none */
  readonly proxy: { readonly protocol: string; readonly address: string } | null;
  readonly tls: {
    readonly version: string | null;
    readonly cipher: string | null;
    readonly certificates: readonly CertificateReport[];
  };
  /** the answer that counts: of a gateway the one to the first request, else the last */
  readonly http: {
    readonly status: number;
    readonly reason: string;
    readonly schemes: readonly string[];
    readonly proxySchemes: readonly string[];
    readonly server: string | null;
    readonly via: readonly string[];
    /** whether a request for a WebSocket was answered as one without it; null: not compared */
    readonly webSocket: 'accepted' | 'ignored' | 'refused' | null;
  } | null;
  readonly ntlm: NtlmReport | null;
  readonly tunnel: {
    readonly capabilities: ValueNames | null;
    readonly redirections: ValueNames | null;
    readonly idleTimeoutMinutes: number | null;
    readonly udpPort: number | null;
    readonly messages: readonly string[];
  } | null;
  readonly notMeasured: Readonly<Record<string, string>>;
  readonly events: readonly ReportEvent[];
}
