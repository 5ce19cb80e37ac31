import type { GatewayFact } from '../handshake/gateway.js';
import { decodeToken68, parseHttpChallenges } from '../wire/http-challenge.js';
import { type HttpResponseHead, httpBodyOf, httpFields } from '../wire/http-head.js';
import { unwrapNegoToken } from '../wire/spnego.js';
import type { Answered } from './gateway-http.js';
import { renderTarget, type Target } from './settings.js';

/*
 * What is asked of a gateway by HTTP, and what its answers mean.
 */

/** [MS-TSGU] 2.2.3.1: the resource of the HTTP transport. */
export const RESOURCE = '/remoteDesktopGateway/';

export interface AuthorizationField {
  readonly scheme: string;
  readonly carries: 'ntlm-negotiate' | 'ntlm-authenticate';
  readonly token: string;
}

/** Braces and small letters, as clients of Windows write it. */
export function guid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `{${parts.join('-')}-${hex.slice(20, 32)}}`;
}

/** HTTPS needs no port in its Host field, RFC 9110 section 7.2. */
const HTTPS_PORT = 443;

export function requestFields(
  gateway: Target,
  connectionId: string,
  key: string | null,
): readonly (readonly [string, string])[] {
  const host = renderTarget(gateway);
  return [
    ['Cache-Control', 'no-cache'],
    ['Pragma', 'no-cache'],
    ['Accept', '*/*'],
    ['User-Agent', 'MS-RDGateway/1.0'],
    ['RDG-Connection-Id', connectionId],
    ['Host', gateway.port === HTTPS_PORT ? host.replace(/:443$/, '') : host],
    ...(key === null
      ? ([['Connection', 'Keep-Alive']] as const)
      : ([
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
          ['Sec-WebSocket-Version', '13'],
          ['Sec-WebSocket-Key', key],
        ] as const)),
  ];
}

export function responseFact(head: HttpResponseHead, at: number): GatewayFact {
  const of = (field: string): readonly string[] =>
    parseHttpChallenges(httpFields(head, field)).map(({ scheme }) => scheme);
  return {
    kind: 'http-response',
    at,
    status: head.status,
    reason: head.reason.slice(0, MAX_SHOWN),
    schemes: of('www-authenticate'),
    proxySchemes: of('proxy-authenticate'),
    server: httpFields(head, 'server')[0]?.slice(0, MAX_SHOWN) ?? null,
    via: httpFields(head, 'via').map((via) => via.slice(0, MAX_SHOWN)),
    contentType: httpFields(head, 'content-type')[0]?.slice(0, MAX_SHOWN) ?? null,
    location: httpFields(head, 'location')[0]?.slice(0, MAX_SHOWN) ?? null,
  };
}

const MAX_SHOWN = 200;

/** A page has a type, the OUT channel has none, as [MS-TSGU] 3.3.5.1 has it. */
export function isOfGateway(head: HttpResponseHead, key: string | null): boolean {
  switch (head.status) {
    case 101:
      return key !== null;
    case 200: {
      const body = httpBodyOf(head).kind;
      const isPage = httpFields(head, 'content-type').some((type) => type.startsWith('text/html'));
      return !isPage && (body === 'until-close' || body === 'chunked');
    }
    case 401:
      return httpFields(head, 'www-authenticate').length > 0;
    default:
      return false;
  }
}

export function worthASecondLook(answer: Answered): boolean {
  if (answer.kind === 'over') return answer.how === 'end' || answer.how === 'reset';
  const { status } = answer.head;
  return status !== 407 && (status < 500 || status === 501);
}

/** NTLM by its own name, or inside Negotiate, whose servers take it without SPNEGO too. */
export function ntlmScheme(head: HttpResponseHead): string | null {
  const schemes = parseHttpChallenges(httpFields(head, 'www-authenticate')).map(
    (one) => one.scheme,
  );
  return (
    schemes.find((scheme) => scheme.toLowerCase() === 'ntlm') ??
    schemes.find((scheme) => scheme.toLowerCase() === 'negotiate') ??
    null
  );
}

/** @throws DecodeError for a token that is no challenge */
export function challengeIn(head: HttpResponseHead): Uint8Array | null {
  if (head.status !== 401) return null;
  for (const { token68 } of parseHttpChallenges(httpFields(head, 'www-authenticate'))) {
    const token = token68 === null ? null : decodeToken68(token68);
    if (token === null) continue;
    const { ntlm } = unwrapNegoToken(token);
    if (ntlm !== null) return ntlm;
  }
  return null;
}
