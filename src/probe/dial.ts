import { isIP, type Socket } from 'node:net';
import type { LookupFact, TcpFailedFact, TunnelFact } from '../handshake/trace.js';
import type { Clock } from './clock.js';
import { connect } from './connect.js';
import { openProxy, proxyProtocol } from './proxy.js';
import { resolveHost } from './resolve.js';
import { type ProbeSettings, type ProxyServer, renderTarget, type Target } from './settings.js';

/** How an attempt to get a TCP connection, with or without a proxy on the way, came out. */
export type Dialled =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly fact: TcpFailedFact }
  | { readonly kind: 'aborted' };

/** Host and port of the TCP connection: the proxy's where there is one. */
export function dialledHost(target: Target, proxy: ProxyServer | null): Target {
  return proxy?.at ?? target;
}

/** The address to show for the target: behind a proxy nobody here knows the one of a name. */
export function shownAddress(
  target: Target,
  proxy: ProxyServer | null,
  dialled: string | null,
): string | null {
  if (proxy === null) return dialled;
  return isIP(target.host.replace(/%.*$/, '')) === 0 ? null : target.host;
}

/**
 * The way through a proxy, on a connection to it, as facts.
 *
 * @param startAt when the proxy accepted the connection, microseconds on `clock`
 */
export async function openWay(
  socket: Socket,
  proxy: ProxyServer,
  target: Target,
  limits: { readonly limitMs: number; readonly startAt: number; readonly clock: Clock },
  signal: AbortSignal,
  emit: (fact: TunnelFact) => void,
): Promise<Dialled> {
  const { limitMs, startAt, clock } = limits;
  const answer = await openProxy(socket, proxy, target, limitMs, signal);
  const at = clock.now();
  const fact = {
    kind: 'tunnel',
    at,
    protocol: proxyProtocol(proxy),
    target: renderTarget(target),
    proxy: renderTarget(proxy.at),
    startAt,
  } as const;
  switch (answer.kind) {
    case 'open':
      emit(fact);
      return { kind: 'connected', socket };
    case 'aborted':
      destroy(socket);
      return answer;
    case 'refused': {
      const { how, by, code, says } = answer;
      emit({ ...fact, refusal: { code, says } });
      destroy(socket);
      return { kind: 'failed', fact: { kind: 'tcp-failed', at, how, by, code: 'PROXY' } };
    }
  }
}

function destroy(socket: Socket): void {
  socket.on('error', () => {});
  socket.destroy();
}

/** Facts that a dialling makes. */
export type DialFact =
  | LookupFact
  | TunnelFact
  | TcpFailedFact
  | { readonly kind: 'tcp-connect'; readonly at: number }
  | { readonly kind: 'tcp-accepted'; readonly at: number };

/**
 * Looks up and connects, for a peer that is no target: the first address that accepts is taken.
 *
 * @returns the connection; null: the facts tell why there is none
 */
export async function dial(
  target: Target,
  settings: ProbeSettings,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  emit: (fact: DialFact) => void,
): Promise<Socket | 'aborted' | null> {
  const { proxy } = settings;
  const host = dialledHost(target, proxy);
  const startAt = clock.now();
  const found = await resolveHost(
    host.host,
    settings.family,
    settings.stageLimitsMs.resolve,
    signal,
  );
  const lookup = { kind: 'lookup', name: host.host, startAt, at: clock.now() } as const;
  switch (found.kind) {
    case 'aborted':
      return 'aborted';
    case 'failed':
      emit({ ...lookup, addresses: [], error: { code: found.code, says: found.says } });
      return null;
    case 'resolved':
      emit({ ...lookup, addresses: found.addresses, error: null });
      break;
    case 'literal':
      break;
  }
  emit({ kind: 'tcp-connect', at: clock.now() });
  let failure: TcpFailedFact | null = null;
  for (const { address } of found.addresses.slice(0, MAX_ADDRESSES)) {
    const connected = await connect(
      {
        address,
        port: host.port,
        sourceAddress: settings.sourceAddress,
        limitMs: settings.stageLimitsMs.tcp,
      },
      signal,
    );
    if (connected.kind === 'aborted') return 'aborted';
    if (connected.kind === 'failed') {
      const { how, by, code } = connected;
      failure = { kind: 'tcp-failed', at: clock.now(), how, by, code };
      continue;
    }
    if (proxy !== null) {
      const limits = { limitMs: settings.stageLimitsMs.tcp, startAt: clock.now(), clock };
      const way = await openWay(connected.socket, proxy, target, limits, signal, emit);
      if (way.kind === 'aborted') return 'aborted';
      if (way.kind === 'failed') {
        emit(way.fact);
        return null;
      }
    }
    emit({ kind: 'tcp-accepted', at: clock.now() });
    return connected.socket;
  }
  // There is at least one address.
  if (failure !== null) emit(failure);
  return null;
}

/** As many as a target's. */
const MAX_ADDRESSES = 4;
