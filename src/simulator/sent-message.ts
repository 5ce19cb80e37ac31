import type { Fact, Message, TsRequestMessage } from '../handshake/trace.js';

/** What a server said with some bytes, for people. */
export interface SentMessages {
  readonly messages: readonly string[];
  /** with it the handshake is complete */
  readonly endsHandshake: boolean;
}

export function describeSent(facts: readonly Fact[]): SentMessages {
  const messages: string[] = [];
  let endsHandshake = false;
  for (const fact of facts) {
    if (fact.kind === 'foreign' && fact.by === 'server') {
      messages.push(`what it says: ${fact.protocol ?? 'another protocol'}`);
    } else if (fact.kind === 'malformed' && fact.by === 'server') {
      messages.push('what it says, which is malformed');
    } else if (fact.kind === 'unexpected' && fact.by === 'server') {
      messages.push(fact.what);
    } else if (fact.kind === 'message' && fact.by === 'server') {
      messages.push(describe(fact.message));
      endsHandshake ||= fact.message.type === 'mcs-connect-response';
    }
  }
  return { messages, endsHandshake };
}

function describe(message: Message): string {
  switch (message.type) {
    case 'x224-confirm':
      return describeConfirm(message.negotiation);
    case 'x224-disconnect':
      return 'the X.224 Disconnect Request';
    case 'x224-error':
      return 'the X.224 Error';
    case 'tls-alert':
      return `the TLS alert ${message.description?.name ?? ''}`.trim();
    case 'ts-request':
      return describeTsRequest(message);
    case 'early-user-authorization':
      return 'the Early User Authorization Result';
    case 'mcs-connect-response':
      return 'the MCS connect response';
    case 'mcs-disconnect':
      return 'the MCS Disconnect Provider Ultimatum';
    case 'x224-request':
    case 'tls-client-hello':
    case 'tls-server-hello':
    case 'tls-certificate':
    case 'tls-handshake':
    case 'tls-change-cipher-spec':
    case 'tls-finished':
    case 'mcs-connect-initial':
    case 'other':
      return `a message: ${message.type}`;
  }
}

function describeTsRequest({ version, carries }: TsRequestMessage): string {
  const contents = carries.length === 0 ? 'nothing' : carries.join(' and ');
  // It proves the server's key, under keys that the recorded client's credentials gave.
  const sealed = carries.includes('pub-key-auth')
    ? ', which only the recorded client can read'
    : '';
  return `a TSRequest version ${version} with ${contents}${sealed}`;
}

function describeConfirm(
  negotiation: Extract<Message, { type: 'x224-confirm' }>['negotiation'],
): string {
  switch (negotiation.kind) {
    case 'response': {
      const { name, value } = negotiation.selectedProtocol;
      return `the X.224 confirm: ${name ?? `protocol ${value}`}`;
    }
    case 'failure': {
      const { name, value } = negotiation.failureCode;
      return `the X.224 confirm: failure ${value}${name === null ? '' : ` (${name})`}`;
    }
    case 'none':
      return 'the X.224 confirm, without negotiation data';
  }
}
