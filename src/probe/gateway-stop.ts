import type { GatewayHow } from '../handshake/gateway.js';
import type { Side } from '../handshake/trace.js';
import { httpFields } from '../wire/http-head.js';
import { type Named, named } from '../wire/open-set.js';
import type { Answered } from './gateway-http.js';
import type { Waited } from './stream-reader.js';

/*
 * Why the way through a gateway ends, in words.
 */

/** The way ends here. */
export class Stop {
  constructor(
    readonly how: GatewayHow | 'aborted' | 'enough',
    readonly by: Side | 'network' | null,
    readonly code: Named | null,
    readonly says: string,
  ) {}
}

export const NAMES = {
  handshake: 'the handshake',
  tunnel: 'the tunnel creation',
  authorization: 'the tunnel authorization',
  channel: 'the channel creation',
} as const;

export function refusal(step: keyof typeof NAMES, code: Named | null): Stop {
  const hex = code === null ? '' : `0x${code.value.toString(16).toUpperCase().padStart(8, '0')}`;
  const name = code?.name ?? null;
  const with_ = code === null ? '' : ` with ${name === null ? hex : `${name} (${hex})`}`;
  return new Stop('error-code', 'server', code, `the gateway refused ${NAMES[step]}${with_}`);
}

export function aborted(): Stop {
  return new Stop('aborted', null, null, '');
}

export function enough(): Stop {
  return new Stop('enough', null, null, '');
}

export function over(how: Exclude<Waited, 'data'>, limitMs: number, during: string): Stop {
  switch (how) {
    case 'timeout':
      return new Stop('timeout', null, null, `no answer to ${during} within ${limitMs / 1000} s`);
    case 'end':
      return new Stop('closed', 'server', null, `the connection was closed during ${during}`);
    case 'reset':
    case 'error':
      return new Stop('reset', 'server', null, `the connection was reset during ${during}`);
    case 'flood':
      return new Stop('malformed', 'server', null, `the gateway sends without an end in ${during}`);
    case 'aborted':
      return aborted();
  }
}

export function notGateway(answer: Answered, limitMs: number): Stop {
  if (answer.kind === 'over') return over(answer.how, limitMs, 'the request RDG_OUT_DATA');
  const { head } = answer;
  const { status } = head;
  const code = named({}, status);
  const said = `HTTP ${status}${head.reason === '' ? '' : ` ${head.reason.slice(0, 60)}`}`;
  const isProxied = httpFields(head, 'via').length > 0;
  if (status === 407) {
    const says = `a proxy on the way wants a log-on of its own (${said})`;
    return new Stop('proxy', 'network', code, says);
  }
  if ((status === 502 || status === 504) && isProxied) {
    return new Stop('proxy', 'network', code, `a proxy on the way answered with ${said}`);
  }
  if (status >= 500 && status !== 501) {
    return new Stop('unavailable', 'server', code, `the gateway answered with ${said}`);
  }
  const says = `${said} answered the request RDG_OUT_DATA: no Remote Desktop Gateway is there`;
  return new Stop('not-gateway', 'server', code, says);
}

export function noChallenge(answer: Answered, limitMs: number): Stop {
  if (answer.kind === 'over') return over(answer.how, limitMs, 'the NTLM authentication');
  const says = `HTTP ${answer.head.status} in the place of an NTLM challenge`;
  return new Stop('unauthorized', 'server', named({}, answer.head.status), says);
}
