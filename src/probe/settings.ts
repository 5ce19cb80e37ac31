import type { ClientPlan } from '../handshake/client.js';
import { STAGES, type StageName } from '../handshake/trace.js';
import { ALL_ENCRYPTION_METHODS } from '../wire/gcc-block.js';
import type { OwnHelloOffer, TlsOffer } from './tls-client.js';

/** Where to connect, as parsed from `HOST[:PORT]`. */
export interface Target {
  /** a name, or an IPv4 or IPv6 literal without brackets; a zone may follow `%` */
  readonly host: string;
  readonly port: number;
  /** where `host` is an address that was looked up before: the name it was looked up by */
  readonly name?: string;
}

/** [MS-RDPBCGR] 1.9: the port that RDP servers listen on. */
export const RDP_PORT = 3389;

/** `HOST:PORT` with an IPv6 literal in brackets. */
export function renderTarget(target: Target): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${host}:${target.port}`;
}

/** A proxy between us and the target, which looks the target's name up itself. */
export interface ProxyServer {
  readonly kind: 'socks5' | 'http';
  readonly at: Target;
  /** null: it is asked without */
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** What the probe asks for and how long it waits. Complete: defaults are resolved in one place. */
export interface ProbeSettings extends ClientPlan {
  /** null: the request carries no RDP_NEG_REQ, as clients before 2006 */
  readonly requestedProtocols: number | null;
  /** flags of the RDP_NEG_REQ */
  readonly requestFlags: number;
  /** text after `Cookie: `, e.g. `mstshash=user`; null: no cookie */
  readonly cookie: string | null;
  /** load-balance info, sent as it is; null: none */
  readonly routingToken: string | null;
  /** 16 bytes; null: none */
  readonly correlationId: Uint8Array | null;
  /** server name to send in TLS; null: the target's name, and none for an address, as mstsc does */
  readonly serverName: string | null;
  readonly tlsOffer: TlsOffer | OwnHelloOffer;
  /** offered in Client Security Data where the server selects standard RDP security: a mask */
  readonly encryptionMethods: number;
  /** local address to connect from; null: the system chooses */
  readonly sourceAddress: string | null;
  /** 0: both address families */
  readonly family: 0 | 4 | 6;
  /** null: the target is connected to without one */
  readonly proxy: ProxyServer | null;
  /** how long each stage may take, milliseconds */
  readonly stageLimitsMs: Readonly<Record<StageName, number>>;
}

/**
 * Long enough to see a path that repairs itself: a Linux server with MTU probing gets through a
 * black hole after about 7 s.
 */
export const DEFAULT_STAGE_LIMIT_MS = 10_000;

export function stageLimits(
  limitMs: number,
  exceptions: Partial<Record<StageName, number>> = {},
): Record<StageName, number> {
  return Object.fromEntries(STAGES.map((stage) => [stage, exceptions[stage] ?? limitMs])) as Record<
    StageName,
    number
  >;
}

export const DEFAULT_SETTINGS: ProbeSettings = {
  /** SSL | HYBRID | HYBRID_EX, as mstsc of Windows 8 and later sends */
  requestedProtocols: 0x0b,
  requestFlags: 0,
  cookie: null,
  routingToken: null,
  correlationId: null,
  serverName: null,
  tlsOffer: 'everything',
  opening: 'x224',
  until: null,
  encryptionMethods: ALL_ENCRYPTION_METHODS,
  sourceAddress: null,
  family: 0,
  proxy: null,
  stageLimitsMs: stageLimits(DEFAULT_STAGE_LIMIT_MS),
};
