import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { HandshakeTrace } from '../handshake/trace.js';
import { systemClock } from '../probe/clock.js';
import { gatewayUser } from '../probe/gateway-user.js';
import type { ProbeSettings, Target } from '../probe/settings.js';
import { probeThroughGateway } from '../probe/through-gateway.js';
import type { ProbeRequest } from './io.js';

/** The way through a gateway on the real network, and the target behind it. */
export async function liveGateway(
  target: Target,
  settings: ProbeSettings,
  { at, credentials, found }: NonNullable<ProbeRequest['gateway']>,
  {
    signal,
    onStage,
    logon,
  }: Pick<ProbeRequest, 'signal' | 'onStage'> & { readonly logon: ProbeRequest['logon'] },
): Promise<readonly HandshakeTrace[]> {
  const random = (count: number): Uint8Array => Uint8Array.from(randomBytes(count));
  const clock = systemClock();
  const { gateway, trace } = await probeThroughGateway(at, target, settings, {
    clock,
    signal,
    random,
    user:
      credentials === null
        ? null
        : gatewayUser(credentials, at.host, random, () => clock.startedAt + clock.now()),
    clientName: hostname(),
    onStage,
    ...(logon === undefined ? {} : { logon }),
  });
  found(gateway);
  return trace === null ? [] : [trace];
}
