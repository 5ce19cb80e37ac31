import type { Handshake } from '../handshake/handshake.js';
import type { StageName } from '../handshake/trace.js';
import type { FailurePoint } from './catalogue/cause.js';
import { causeOf } from './causes.js';

/** The stage in which a failure point of the catalogue shows; null: after the last of them. */
export const STAGE_OF: Readonly<Record<FailurePoint, StageName | null>> = {
  dns: 'resolve',
  'tcp-connect': 'tcp',
  x224: 'x224',
  'tls-client-hello': 'tls',
  'tls-server-flight': 'tls',
  'tls-cert': 'tls',
  'credssp-nego': 'credssp',
  'credssp-auth': 'credssp',
  mcs: 'mcs',
  post: null,
};

/**
 * Whether the connection died where the cause shows.
 *
 * @param id of the catalogue
 */
export function diedAt({ outcome }: Handshake, id: string): boolean {
  const cause = causeOf(id);
  if (outcome.status !== 'failed' || cause === null) return false;
  const places: readonly FailurePoint[] = [cause.failurePoint, ...cause.alsoSeenAt];
  return places.some((place) => STAGE_OF[place] === outcome.failedAt);
}
