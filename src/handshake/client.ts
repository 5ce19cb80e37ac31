import { type Phase, usesCredSsp, usesTls } from './phase.js';

/** What the client does next. */
export type Action =
  | { readonly do: 'wait' }
  | { readonly do: 'send-connection-request' }
  | { readonly do: 'start-tls' }
  | { readonly do: 'send-negotiate' }
  | { readonly do: 'send-connect-initial' }
  /** nothing more is to be learned without credentials */
  | { readonly do: 'leave' };

const WAIT: Action = { do: 'wait' };

/** What a client without credentials does in each phase; the whole policy of the probe. */
export function nextAction(phase: Phase): Action {
  switch (phase.name) {
    case 'connected':
      return { do: 'send-connection-request' };
    case 'negotiated':
      return usesTls(phase.protocol.value) ? { do: 'start-tls' } : { do: 'send-connect-initial' };
    case 'secured': {
      const protocol = phase.protocol?.value ?? null;
      if (usesCredSsp(protocol)) return { do: 'send-negotiate' };
      return protocol === PROTOCOL_SSL ? { do: 'send-connect-initial' } : { do: 'leave' };
    }
    case 'refused':
    case 'challenged':
    case 'authenticated':
    case 'mcs-answered':
    case 'over':
      return { do: 'leave' };
    case 'nothing':
    case 'connecting':
    case 'requested':
    case 'tls':
    case 'credssp':
    case 'authenticating':
    case 'mcs-requested':
      return WAIT;
  }
}

const PROTOCOL_SSL = 1;
