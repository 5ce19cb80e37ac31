import type { ProbedConnection } from '../../../src/capture/probe-capture.js';
import type { CauseId } from '../../../src/diagnose/causes.js';
import type { Diagnosis } from '../../../src/diagnose/finding.js';

/** What is true of a case. It comes from how the case was made, never from what the engine says. */
export type Truth =
  /** nothing is wrong: no finding may be above `possible` */
  | { readonly is: 'healthy' }
  /** any of these is right: the wire shows the same of all of them */
  | { readonly is: 'fault'; readonly causes: readonly [CauseId, ...CauseId[]] }
  /** no cause of the catalogue can be told from these bytes: only `proved` can be wrong */
  | { readonly is: 'untold'; readonly why: string };

/** A labelled case. */
export interface MatrixCase {
  readonly kind: Kind;
  readonly name: string;
  readonly truth: Truth;
  /** one clause: where the truth comes from */
  readonly from: string;
  /** it waits for something that never comes: many can wait at once */
  readonly waits: boolean;
  /** @param keep takes the connections that were made for it, where any were */
  readonly diagnose: (keep?: KeepConnections) => Promise<Diagnosis>;
}

export type KeepConnections = (connections: readonly ProbedConnection[]) => void;

export type Kind =
  | 'simulator'
  | 'logon'
  | 'follow-up'
  | 'capture'
  | 'path'
  | "laboratory's capture"
  | 'capture of others';

export const HEALTHY: Truth = { is: 'healthy' };

export function fault(...causes: readonly [CauseId, ...CauseId[]]): Truth {
  return { is: 'fault', causes };
}

export function untold(why: string): Truth {
  return { is: 'untold', why };
}

/* Sets that one connection cannot tell apart: each is what the catalogue documents for that fault. */

/** A key or certificate that Windows cannot use ends the connection after the ClientHello. */
export const KEY_OR_CERTIFICATE = fault(
  'private-key-acl-machinekeys',
  'private-key-missing-or-corrupt',
  'listener-thumbprint-stale',
  'custom-cert-key-acl',
);

/** Nobody listens at the port. */
export const NOBODY_LISTENS = fault(
  'rdp-disabled',
  'termservice-not-running',
  'rdp-port-changed',
  'rdp-listener-missing',
);

/** SYNs vanish: a filter at the host or on the way, or no host. */
export const NO_ANSWER_TO_SYN = fault(
  'host-firewall-rdp-rule',
  'network-acl-or-nsg-block',
  'host-down-or-asleep',
  'vpn-route-missing',
);

/** Whatever varies from one connection to the next. */
export const VARIES = fault(
  'load-balancer-or-broker-token',
  'rdp-connection-limit-or-drain',
  'brute-force-exhaustion',
  'packet-loss-on-path',
  'host-busy-or-out-of-memory',
);

/** Packets above a size vanish. */
export const SIZES = fault('mtu-pmtud-blackhole', 'mtu-vpn-no-mss-clamp');
