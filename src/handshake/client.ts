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

/** How a client begins, and how far it goes. */
export interface ClientPlan {
  /** `tls`: with a ClientHello at once, without the X.224 connection request */
  readonly opening: 'x224' | 'tls';
  /** the stage after which it leaves; null: as far as it goes without credentials */
  readonly until: 'x224' | null;
}

const USUAL: ClientPlan = { opening: 'x224', until: null };

/** What a client without credentials does in each phase; the whole policy of the probe. */
export function nextAction(phase: Phase, plan: ClientPlan = USUAL): Action {
  switch (phase.name) {
    case 'connected':
      return { do: plan.opening === 'tls' ? 'start-tls' : 'send-connection-request' };
    case 'negotiated':
      if (plan.until === 'x224') return { do: 'leave' };
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
