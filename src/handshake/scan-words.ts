import type { OfferAnswer } from './scan.js';
import type { ClientVerdict } from './scan-clients.js';

/* What a scan found, in the few words that a table has room for. */

const PROTOCOL_WORDS: Readonly<Record<string, string>> = {
  PROTOCOL_RDP: 'RDP',
  PROTOCOL_SSL: 'TLS',
  PROTOCOL_HYBRID: 'NLA',
  PROTOCOL_RDSTLS: 'RDSTLS',
  PROTOCOL_HYBRID_EX: 'NLA-EX',
  PROTOCOL_RDSAAD: 'RDS-AAD',
};

/** `0x0B TLS NLA NLA-EX, cookie`. */
export function offerText({ offer, cookie, routingToken, flags }: OfferAnswer): string {
  const extras = [
    ...(cookie === null ? [] : ['cookie']),
    ...(routingToken === null ? [] : ['token']),
    ...flags.names.map((name) => FLAG_WORDS[name] ?? name),
  ];
  const protocols =
    offer === null
      ? 'no negotiation'
      : `0x${offer.value.toString(16).padStart(2, '0').toUpperCase()} ${
          offer.value === 0
            ? 'RDP'
            : offer.names.map((name) => PROTOCOL_WORDS[name] ?? name).join(' ')
        }`;
  return extras.length === 0 ? protocols : `${protocols} + ${extras.join(', ')}`;
}

const FLAG_WORDS: Readonly<Record<string, string>> = {
  RESTRICTED_ADMIN_MODE_REQUIRED: 'restricted admin',
  REDIRECTED_AUTHENTICATION_MODE_REQUIRED: 'redirected',
  CORRELATION_INFO_PRESENT: 'correlation',
};

/** What the server said to an offer, in few words. */
export function answerText(one: OfferAnswer): string {
  const { answer, selectedProtocol, failure, mcs } = one;
  const after = mcs === 'ended' ? ', then ended in MCS' : mcs === 'silence' ? ', then silence' : '';
  switch (answer) {
    case 'selected': {
      const name = selectedProtocol?.name ?? null;
      const word = name === null ? `protocol ${selectedProtocol?.value}` : PROTOCOL_WORDS[name];
      return `${word ?? name}${after}`;
    }
    case 'failure':
      return `failure ${failure?.code} ${failure?.name ?? ''}`.trimEnd();
    case 'not-negotiated':
      return `confirmed without negotiation${after}`;
    case 'refused':
      return 'refused with a disconnect';
    case 'closed':
      return 'closed';
    case 'reset':
      return 'reset';
    case 'silence':
      return 'silence';
    case 'not-rdp':
      return 'another protocol';
    case 'malformed':
      return 'not RDP';
    case 'no-connection':
      return 'no connection';
  }
}

/** What a client would get, in few words. */
export function getsOf({ session, attempts }: ClientVerdict): string {
  if (session === null) return '';
  const protocol = (session.protocol.name ?? `${session.protocol.value}`).replace('PROTOCOL_', '');
  const again = attempts.length > 1 ? `, connection ${attempts.length}` : '';
  return `${protocol}${session.tlsVersion === null ? '' : ` ${session.tlsVersion}`}${again}`;
}
