import type { HandshakeTrace } from '../handshake/trace.js';
import type { ProbeSettings } from '../probe/settings.js';

/** Why a connection of a scan was made: the report's `purpose` of its handshake. */
export type Purpose = 'matrix' | 'rdp-security' | 'direct-tls' | 'tls' | 'profile' | 'follow-up';

/** One question to a server is one connection with an offer of its own. */
export interface Question {
  readonly purpose: Purpose;
  /** one clause for the report: what the answer tells, e.g. `whether TLS 1.0 is spoken` */
  readonly reason: string;
  /** what differs from the settings of the whole run */
  readonly settings: Partial<ProbeSettings>;
}

/**
 * Asks one question and gives what was seen. Questions are asked one at a time: whoever provides
 * this waits for the end of the connection before. Null: there is no connection left to ask with, or
 * the run was interrupted; who asks then says that this was not tested.
 */
export type Ask = (question: Question) => Promise<HandshakeTrace | null>;
