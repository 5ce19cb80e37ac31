import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export type Resolution =
  /** the host was an address: there was nothing to look up */
  | { readonly kind: 'literal'; readonly addresses: readonly ResolvedAddress[] }
  | { readonly kind: 'resolved'; readonly addresses: readonly ResolvedAddress[] }
  | { readonly kind: 'failed'; readonly code: string; readonly says: string }
  | { readonly kind: 'aborted' };

/**
 * Every address of a host, in the order in which this system would try them, as mstsc does it: with
 * the system's own resolver, hosts file and search list included.
 *
 * @param family 0: both
 * @param limitMs how long to wait; the system's resolver itself cannot be interrupted
 * @returns `aborted` as soon as the signal says so
 */
export async function resolveHost(
  host: string,
  family: 0 | 4 | 6,
  limitMs: number,
  signal: AbortSignal,
): Promise<Resolution> {
  const literal = isIP(host.replace(/%.*$/, ''));
  if (literal === 4 || literal === 6) {
    if (family !== 0 && family !== literal) {
      return {
        kind: 'failed',
        code: 'WRONG_FAMILY',
        says: `${host} is an IPv${literal} address, and only IPv${family} was asked for`,
      };
    }
    return { kind: 'literal', addresses: [{ address: host, family: literal }] };
  }
  let timer: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => {};
  const limit = new Promise<'limit' | 'aborted'>((resolve) => {
    timer = setTimeout(() => resolve('limit'), limitMs);
    onAbort = () => resolve('aborted');
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  try {
    const found = await Promise.race([
      lookup(host, { all: true, family, order: 'verbatim' }),
      limit,
    ]);
    if (found === 'aborted') return { kind: 'aborted' };
    if (found === 'limit') {
      return { kind: 'failed', code: 'ETIMEOUT', says: `no answer within ${limitMs / 1000} s` };
    }
    return {
      kind: 'resolved',
      addresses: found.map(({ address, family: found }) => ({
        address,
        family: found === 6 ? 6 : 4,
      })),
    };
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const name = typeof code === 'string' ? code : 'UNKNOWN';
    return { kind: 'failed', code: name, says: RESOLVER_ERRORS[name] ?? 'the resolver failed' };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Names of getaddrinfo(3) as libuv gives them. */
const RESOLVER_ERRORS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name server did not answer',
  EAI_NODATA: 'the name has no address of this family',
  EAI_ADDRFAMILY: 'the name has no address of this family',
  EAI_FAIL: 'the name server refused to answer',
};
