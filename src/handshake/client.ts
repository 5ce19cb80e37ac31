import { type Phase, usesCredSsp, usesTls } from './phase.js';

/** What the client does next. */
export type Action =
  | { readonly do: 'wait' }
  | { readonly do: 'send-connection-request' }
  | { readonly do: 'start-tls' }
  | { readonly do: 'send-negotiate' }
  /** the answer to the server's challenge, and with it our proof of its key */
  | { readonly do: 'send-authenticate' }
  | { readonly do: 'send-connect-initial' }
  /** nothing more is to be learned without delegating credentials, or without having any */
  | { readonly do: 'leave' };

const WAIT: Action = { do: 'wait' };

/** How a client begins, and how far it goes. */
export interface ClientPlan {
  /** `tls`: with a ClientHello at once, without the X.224 connection request */
  readonly opening: 'x224' | 'tls';
  /** the stage after which it leaves; null: as far as it goes */
  readonly until: 'x224' | 'tls' | null;
}

const USUAL: ClientPlan = { opening: 'x224', until: null };

/**
 * What the client does in each phase; the whole policy of the probe. With credentials it goes on to
 * the server's proof of its key and leaves there: in no phase are credentials delegated.
 */
export function nextAction(phase: Phase, plan: ClientPlan = USUAL, logsOn = false): Action {
  switch (phase.name) {
    case 'connected':
      return { do: plan.opening === 'tls' ? 'start-tls' : 'send-connection-request' };
    case 'negotiated':
      if (plan.until === 'x224') return { do: 'leave' };
      if (plan.until === 'tls' && !usesTls(phase.protocol.value)) return { do: 'leave' };
      return usesTls(phase.protocol.value) ? { do: 'start-tls' } : { do: 'send-connect-initial' };
    case 'secured': {
      if (plan.until === 'tls') return { do: 'leave' };
      const protocol = phase.protocol?.value ?? null;
      if (usesCredSsp(protocol)) return { do: 'send-negotiate' };
      return protocol === PROTOCOL_SSL ? { do: 'send-connect-initial' } : { do: 'leave' };
    }
    case 'challenged':
      return { do: logsOn ? 'send-authenticate' : 'leave' };
    case 'refused':
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
