import type { GatewayPacketFact } from '../handshake/gateway.js';
import type { TsguPacket } from '../wire/tsgu-packet.js';

/** The request of each step within the tunnel. */
export const REQUESTS = {
  handshake: 'handshake-request',
  tunnel: 'tunnel-create',
  authorization: 'tunnel-auth',
  channel: 'channel-create',
} as const;

/** What a packet of the gateway tells. */
export function toldBy(packet: TsguPacket): Partial<GatewayPacketFact> {
  switch (packet.kind) {
    case 'handshake-response':
    case 'extended-auth':
      return { code: packet.errorCode };
    case 'tunnel-response': {
      const { statusCode, capabilities, consentMessage } = packet;
      return { code: statusCode, capabilities, text: consentMessage };
    }
    case 'tunnel-auth-response': {
      const { errorCode, redirections, idleTimeout } = packet;
      return { code: errorCode, redirections, idleTimeout };
    }
    case 'channel-response':
      return { code: packet.errorCode, udpPort: packet.udpPort };
    case 'close-channel':
    case 'close-channel-response':
      return { code: packet.statusCode };
    case 'service-message':
      return { text: packet.text };
    case 'handshake-request':
    case 'tunnel-create':
    case 'tunnel-auth':
    case 'channel-create':
    case 'data':
    case 'reauth':
    case 'keepalive':
    case 'unknown':
      return {};
  }
}
