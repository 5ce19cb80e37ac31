import type { GatewayReport } from '../handshake/gateway.js';
import { listed } from './figures.js';

/** One clause: how far the way through the gateway led. */
export function gatewayVerdict(gateway: GatewayReport): string {
  const { outcome, http, name, target } = gateway;
  switch (outcome.status) {
    case 'incomplete':
      return `the observation of the gateway ${name} ended early: ${outcome.detail}`;
    case 'failed':
      return `the gateway ${name} was not passed, it died in its step ${outcome.failedAt}: ${outcome.detail}`;
    case 'ok':
      break;
  }
  if (outcome.reached === 'channel') return `through the gateway ${name}`;
  const schemes = http === null || http.schemes.length === 0 ? '' : ` (${listed(http.schemes)})`;
  return `the gateway ${name} answers and asks for credentials${schemes}; ${target} behind it was not tried without them`;
}

/** Whether RDP itself could be spoken behind it. */
export function isPassed({ outcome }: GatewayReport): boolean {
  return outcome.status === 'ok' && outcome.reached === 'channel';
}

/** What cannot be spoken of without credentials, or at all. */
export function untestedBehind(gateway: GatewayReport): readonly string[] {
  const passed = isPassed(gateway);
  return [
    ...(passed || gateway.outcome.status !== 'ok'
      ? []
      : ['what the gateway lets a user do, and the target behind it: that needs --gateway-user']),
    ...Object.values(gateway.notMeasured),
    ...(passed ? ['the UDP side of the gateway'] : []),
  ];
}
