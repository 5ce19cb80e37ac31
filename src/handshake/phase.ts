import type { Named } from '../wire/open-set.js';
import type {
  Fact,
  McsConnectResponseMessage,
  Message,
  Side,
  StageName,
  TlsClientHelloMessage,
  TlsServerHelloMessage,
  TsRequestMessage,
  X224ConfirmMessage,
  X224RequestMessage,
} from './trace.js';

/**
 * How far a connection has come. A phase carries exactly what is known by then, and knows no role:
 * it is a fold over the facts, the same for a live probe and for a capture.
 */
export type Phase =
  | { readonly name: 'nothing' }
  | { readonly name: 'connecting' }
  | { readonly name: 'connected' }
  | { readonly name: 'requested'; readonly request: X224RequestMessage }
  | {
      readonly name: 'negotiated';
      readonly confirm: X224ConfirmMessage;
      readonly protocol: Named;
    }
  | { readonly name: 'refused'; readonly failureCode: Named }
  | {
      readonly name: 'tls';
      /** null: TLS without a negotiation before it */
      readonly protocol: Named | null;
      readonly clientHello: TlsClientHelloMessage | null;
      readonly serverHello: TlsServerHelloMessage | null;
      readonly finished: readonly Side[];
    }
  | { readonly name: 'secured'; readonly protocol: Named | null }
  | { readonly name: 'credssp'; readonly protocol: Named | null }
  | {
      readonly name: 'challenged';
      readonly protocol: Named | null;
      readonly answer: TsRequestMessage;
    }
  | { readonly name: 'authenticating'; readonly protocol: Named | null }
  | { readonly name: 'authenticated'; readonly protocol: Named | null }
  | { readonly name: 'mcs-requested'; readonly protocol: Named | null }
  | { readonly name: 'mcs-answered'; readonly response: McsConnectResponseMessage }
  /** nothing more can come of it */
  | { readonly name: 'over'; readonly during: StageName };

export const NOTHING: Phase = { name: 'nothing' };

/** The stage that is under way, or comes next, in a phase. */
export function stageOf(phase: Phase): StageName {
  switch (phase.name) {
    case 'nothing':
      return 'resolve';
    case 'connecting':
      return 'tcp';
    case 'connected':
    case 'requested':
    case 'refused':
      return 'x224';
    case 'negotiated':
      return usesTls(phase.protocol.value) ? 'tls' : 'mcs';
    case 'tls':
      return 'tls';
    case 'secured':
      return usesCredSsp(phase.protocol?.value ?? null) ? 'credssp' : 'mcs';
    case 'credssp':
    case 'authenticating':
      return 'credssp';
    case 'challenged':
      return 'credssp';
    case 'authenticated':
    case 'mcs-requested':
    case 'mcs-answered':
      return 'mcs';
    case 'over':
      return phase.during;
  }
}

/** [MS-RDPBCGR] 2.2.1.2.1: every selected protocol but PROTOCOL_RDP (0) starts with TLS. */
export function usesTls(selectedProtocol: number): boolean {
  return selectedProtocol !== 0;
}

/** PROTOCOL_HYBRID (2) and PROTOCOL_HYBRID_EX (8); null: unknown, for TLS without negotiation. */
export function usesCredSsp(selectedProtocol: number | null): boolean {
  return selectedProtocol === 2 || selectedProtocol === 8;
}

const PROTOCOL_RDP: Named = { value: 0, name: 'PROTOCOL_RDP' };

/** The phase after one more fact. Facts that do not move the connection leave it as it is. */
export function advance(phase: Phase, fact: Fact): Phase {
  if (phase.name === 'over') return phase;
  switch (fact.kind) {
    case 'tcp-connect':
      return phase.name === 'nothing' ? { name: 'connecting' } : phase;
    case 'tcp-accepted':
      return phase.name === 'nothing' || phase.name === 'connecting'
        ? { name: 'connected' }
        : phase;
    case 'message':
      return advanceByMessage(phase, fact.by, fact.message);
    case 'nla-verdict':
      return fact.outcome === 'accepted' ? phase : { name: 'over', during: 'credssp' };
    case 'tls-secured':
      return phase.name === 'tls' ? { name: 'secured', protocol: phase.protocol } : phase;
    case 'lookup':
      return fact.error === null ? phase : { name: 'over', during: 'resolve' };
    case 'tcp-failed':
      return { name: 'over', during: 'tcp' };
    case 'tcp-end':
    case 'malformed':
    case 'foreign':
    case 'silence':
    case 'flood':
    case 'endpoint-error':
    case 'interrupted':
    case 'answered':
      return { name: 'over', during: stageOf(phase) };
    case 'gap':
    case 'tls-record':
    case 'unexpected':
    case 'kernel':
    case 'tcp-figures':
    case 'icmp':
    case 'hop-limits':
    case 'joined':
    case 'tunnel':
      return phase;
  }
}

function protocolOf(phase: Phase): Named | null {
  return 'protocol' in phase ? phase.protocol : null;
}

function advanceByMessage(phase: Phase, by: Side, message: Message): Phase {
  switch (message.type) {
    case 'x224-request':
      return { name: 'requested', request: message };
    case 'x224-confirm':
      switch (message.negotiation.kind) {
        case 'response':
          return {
            name: 'negotiated',
            confirm: message,
            protocol: message.negotiation.selectedProtocol,
          };
        case 'failure':
          return { name: 'refused', failureCode: message.negotiation.failureCode };
        case 'none':
          // Another protocol over TPKT, such as a controller's: it must not get our next message.
          if (message.negotiation.cotpParameters) return { name: 'over', during: 'x224' };
          // [MS-RDPBCGR] 2.2.1.2: without negotiation data, standard RDP security is in force.
          return { name: 'negotiated', confirm: message, protocol: PROTOCOL_RDP };
      }
      break;
    case 'tls-client-hello':
      return {
        name: 'tls',
        protocol: protocolOf(phase),
        clientHello: message,
        serverHello: null,
        finished: [],
      };
    case 'tls-server-hello':
      return phase.name === 'tls'
        ? { ...phase, serverHello: message }
        : {
            name: 'tls',
            protocol: protocolOf(phase),
            clientHello: null,
            serverHello: message,
            finished: [],
          };
    case 'tls-finished':
      return advanceByFinished(phase, by);
    case 'tls-alert':
      return isFatal(message.level?.value, message.description?.value)
        ? { name: 'over', during: stageOf(phase) }
        : phase;
    case 'ts-request':
      return advanceByTsRequest(phase, by, message);
    case 'early-user-authorization':
      return message.result.value === 0 ? phase : { name: 'over', during: 'credssp' };
    case 'mcs-connect-initial':
      return { name: 'mcs-requested', protocol: protocolOf(phase) };
    case 'mcs-connect-response':
      return { name: 'mcs-answered', response: message };
    case 'x224-disconnect':
    case 'x224-error':
    case 'mcs-disconnect':
      return { name: 'over', during: stageOf(phase) };
    case 'tls-certificate':
    case 'tls-handshake':
    case 'tls-change-cipher-spec':
    case 'other':
      return phase;
  }
}

function advanceByFinished(phase: Phase, by: Side): Phase {
  if (phase.name !== 'tls') return phase;
  const finished = phase.finished.includes(by) ? phase.finished : [...phase.finished, by];
  // Before TLS 1.3 both Finished messages are seen; in 1.3 the server's is hidden in its flight,
  // and the client's comes only after it has read that one.
  const done =
    phase.serverHello?.version.value === 0x0304
      ? finished.includes('client')
      : finished.length === 2;
  return done ? { name: 'secured', protocol: phase.protocol } : { ...phase, finished };
}

function advanceByTsRequest(phase: Phase, by: Side, message: TsRequestMessage): Phase {
  const protocol = protocolOf(phase);
  if (by === 'client') {
    if (message.carries.includes('auth-info')) return { name: 'authenticated', protocol };
    const authenticates =
      message.carries.includes('ntlm-authenticate') || message.carries.includes('pub-key-auth');
    if (authenticates) return { name: 'authenticating', protocol };
    return phase.name === 'secured' || phase.name === 'tls' ? { name: 'credssp', protocol } : phase;
  }
  if (message.errorCode !== null) return { name: 'over', during: 'credssp' };
  if (message.carries.includes('pub-key-auth')) return { name: 'authenticated', protocol };
  if (message.carries.includes('ntlm-challenge') || message.carries.includes('kerberos')) {
    return { name: 'challenged', protocol, answer: message };
  }
  return phase;
}

/** RFC 5246 section 7.2: a fatal level ends the connection; in TLS 1.3 all but two codes do. */
function isFatal(level: number | undefined, description: number | undefined): boolean {
  const closeNotify = 0;
  return level === 2 && description !== closeNotify;
}
