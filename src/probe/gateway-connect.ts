import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { GatewayFact } from '../handshake/gateway.js';
import type { EndpointErrorFact } from '../handshake/trace.js';
import { alertDescription } from '../wire/tls-names.js';
import { aborted, Stop } from './gateway-stop.js';
import type { ProbeSettings, Target } from './settings.js';
import { alertOf, startTls } from './tls-client.js';

/** Why there is no TCP connection to the gateway, from the facts. */
export function notConnected(
  facts: readonly GatewayFact[],
  gateway: Target,
  settings: ProbeSettings,
): Stop {
  const failed = facts.findLast((fact) => fact.kind === 'tcp-failed');
  const tunnel = facts.findLast((fact) => fact.kind === 'tunnel');
  if (tunnel?.refusal !== undefined) {
    const says = `the ${tunnel.protocol} proxy ${tunnel.proxy} opens no way to it: ${tunnel.refusal.says}`;
    return new Stop('proxy', 'network', null, says);
  }
  if (failed === undefined) {
    const lookup = facts.findLast((fact) => fact.kind === 'lookup');
    return new Stop(
      lookup?.error?.code === 'ETIMEOUT' ? 'timeout' : 'not-found',
      null,
      null,
      `the name ${lookup?.name ?? gateway.host} does not resolve (${lookup?.error?.code ?? 'no answer'})`,
    );
  }
  const code = failed.code === null ? '' : ` (${failed.code})`;
  switch (failed.how) {
    case 'refused':
      return new Stop('refused', failed.by, null, `the TCP connection was refused${code}`);
    case 'unreachable':
      return new Stop('unreachable', failed.by, null, `the gateway is unreachable${code}`);
    case 'timeout': {
      const waited = settings.stageLimitsMs.tcp / 1000;
      return new Stop('timeout', null, null, `no answer to the TCP SYN within ${waited} s`);
    }
    case 'local':
      return new Stop('unreachable', 'client', null, `this machine could not connect${code}`);
  }
}

/**
 * TLS to a gateway. Whatever certificate comes is accepted: it is judged, not trusted.
 *
 * @throws Stop where it does not come about
 */
export async function secureGateway(
  socket: Socket,
  serverName: string | null,
  limitMs: number,
  signal: AbortSignal,
  emit: (fact: Omit<EndpointErrorFact, 'at'>) => void,
): Promise<TLSSocket> {
  const tls = startTls(socket, serverName, 'everything');
  const how = await new Promise<'secured' | 'timeout' | 'aborted' | 'closed' | Error>((resolve) => {
    const done = (result: 'secured' | 'timeout' | 'aborted' | 'closed' | Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      tls.off('close', onClose);
      resolve(result);
    };
    const onAbort = (): void => done('aborted');
    const onClose = (): void => done('closed');
    const timer = setTimeout(() => done('timeout'), limitMs);
    tls.once('secureConnect', () => done('secured'));
    // Also what comes later is told by the reader, and must never be thrown.
    tls.on('error', (error) => done(error));
    tls.on('close', onClose);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  if (how === 'secured') return tls;
  tls.destroy();
  if (how === 'aborted') throw aborted();
  if (how === 'timeout') {
    throw new Stop(
      'timeout',
      null,
      null,
      `the TLS handshake was not done within ${limitMs / 1000} s`,
    );
  }
  if (how === 'closed') {
    throw new Stop('closed', 'server', null, 'the connection was closed during the TLS handshake');
  }
  throw tlsFailure(how, emit);
}

function tlsFailure(
  error: NodeJS.ErrnoException,
  emit: (fact: Omit<EndpointErrorFact, 'at'>) => void,
): Stop {
  const alert = alertOf(error);
  if (alert !== null) {
    const code = alertDescription(alert);
    const says = `the gateway sent the TLS alert ${code.name ?? alert} (${alert})`;
    return new Stop('alert', 'server', code, says);
  }
  // Node gives an end before TLS is there the same code, and names no system call.
  if (error.code === 'ECONNRESET' && error.syscall === undefined) {
    return new Stop('closed', 'server', null, 'the connection was closed during the TLS handshake');
  }
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    return new Stop('reset', 'server', null, 'the connection was reset during the TLS handshake');
  }
  emit({ kind: 'endpoint-error', code: error.code ?? 'UNKNOWN', says: error.message });
  const says = 'what answers there does not speak TLS, or nothing that could be understood';
  return new Stop('malformed', 'server', null, says);
}
