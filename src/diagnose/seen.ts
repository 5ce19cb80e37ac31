import type { Handshake, ReportEvent, Stage } from '../handshake/handshake.js';
import type { Side, StageName } from '../handshake/trace.js';
import type { Evidence } from './finding.js';

/** What an event must be to match; a property that is left out matches anything. */
export interface EventQuery {
  readonly kind: string;
  readonly by?: Side;
  /** `type` of the message, where the kind is `message` */
  readonly message?: string;
}

export function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function matches(event: ReportEvent, query: EventQuery): boolean {
  if (event['kind'] !== query.kind) return false;
  if (query.by !== undefined && event['by'] !== query.by) return false;
  return query.message === undefined || messageType(event) === query.message;
}

function messageType(event: ReportEvent): string | null {
  const type = property(event['message'], 'type');
  return typeof type === 'string' ? type : null;
}

/** The last event that matches. A saved report may have none: events are an open list. */
export function lastEvent(handshake: Handshake, query: EventQuery): ReportEvent | null {
  return handshake.events.findLast((event) => matches(event, query)) ?? null;
}

export function text(event: ReportEvent | null, name: string): string | null {
  const value = event?.[name];
  return typeof value === 'string' ? value : null;
}

export function number(event: ReportEvent | null, name: string): number | null {
  const value = event?.[name];
  return typeof value === 'number' ? value : null;
}

/** What the resolver answered instead of an address. */
export function lookupError(handshake: Handshake): { code: string; says: string } | null {
  const error = lastEvent(handshake, { kind: 'lookup' })?.['error'];
  const code = property(error, 'code');
  const says = property(error, 'says');
  if (typeof code !== 'string') return null;
  return { code, says: typeof says === 'string' ? says : code };
}

/** Whether the client sent a TSRequest that carries its NTLM or Kerberos answer. */
export function logonWasTried(handshake: Handshake): boolean {
  return handshake.events.some((event) => {
    const carries = property(event['message'], 'carries');
    return (
      event['by'] === 'client' && Array.isArray(carries) && carries.includes('ntlm-authenticate')
    );
  });
}

/** Whether a logon ended as servers refuse one without a code: with an alert, or a goodbye of TLS. */
export function isRefusedWithoutCode(handshake: Handshake): boolean {
  const { outcome, credssp } = handshake;
  if (outcome.failedAt !== 'credssp' || credssp.errorCode !== null) return false;
  const ended = outcome.how === 'closed' || outcome.how === 'reset';
  const refused = outcome.how === 'alert' || (ended && credssp.authentication === 'refused');
  return refused && logonWasTried(handshake);
}

/** Whether the observer itself broke it off: then its end says nothing of the server. */
export function wasInterrupted(handshake: Handshake): boolean {
  return lastEvent(handshake, { kind: 'interrupted' }) !== null;
}

/** Whether TCP was established. */
export function isConnected(handshake: Handshake): boolean {
  return stage(handshake, 'tcp')?.status === 'completed';
}

/** What the computer calls itself in its NTLM challenge; null: it did not say. */
export function computerOf({ credssp: { ntlm } }: Handshake): string | null {
  return ntlm?.dnsComputerName ?? ntlm?.netbiosComputerName ?? null;
}

export function stage(handshake: Handshake, name: StageName): Stage | null {
  return handshake.stages.find((candidate) => candidate.stage === name) ?? null;
}

export function packetsOf(event: ReportEvent | null): readonly number[] {
  const packets = event?.['packets'];
  return Array.isArray(packets) ? packets.filter((packet) => typeof packet === 'number') : [];
}

/** Evidence that an event shows; without such an event, the end of the stage it belongs to. */
export function evidence(
  handshake: Handshake,
  says: string,
  query: EventQuery,
  fallback: StageName,
): Evidence {
  const event = lastEvent(handshake, query);
  const atMs = event === null ? (stage(handshake, fallback)?.endMs ?? null) : event.atMs;
  return { says, handshake: handshake.id, atMs, packets: packetsOf(event) };
}

/** The end of the connection by the side that the outcome names; the other side's follows it. */
export function endEvent(handshake: Handshake): ReportEvent | null {
  const ends = handshake.events.filter((event) => event['kind'] === 'tcp-end');
  return ends.find((event) => event['by'] === handshake.outcome.by) ?? ends[0] ?? null;
}

/** Value of the server's Early User Authorization Result, [MS-RDPBCGR] 2.2.10.2; 0: authorized. */
export function earlyAuthorization(handshake: Handshake): number | null {
  const event = lastEvent(handshake, { kind: 'message', message: 'early-user-authorization' });
  const value = property(property(event?.['message'], 'result'), 'value');
  return typeof value === 'number' ? value : null;
}

/** The last message before the connection ended, and how long before that it was. */
export interface LastWords {
  readonly by: Side;
  readonly name: string;
  /** null: one of the two times was not measured */
  readonly agoMs: number | null;
}

/** @param at when it ended; null: not known, then the last message of all counts */
export function lastWords(handshake: Handshake, at: number | null): LastWords | null {
  const event = handshake.events.findLast(
    (candidate) =>
      candidate['kind'] === 'message' &&
      nameOf(candidate) !== null &&
      (at === null || candidate.atMs === null || candidate.atMs <= at),
  );
  if (event === undefined) return null;
  const by = event['by'];
  const name = nameOf(event);
  if (name === null || (by !== 'client' && by !== 'server')) return null;
  return { by, name, agoMs: at === null || event.atMs === null ? null : at - event.atMs };
}

const MESSAGE_NAMES: ReadonlyMap<string, string> = new Map([
  ['x224-request', 'Connection Request'],
  ['x224-confirm', 'Connection Confirm'],
  ['tls-client-hello', 'ClientHello'],
  ['tls-server-hello', 'ServerHello'],
  ['tls-certificate', 'Certificate'],
  ['tls-finished', 'Finished'],
  ['early-user-authorization', 'Early User Authorization Result'],
  ['mcs-connect-initial', 'MCS Connect Initial'],
  ['mcs-connect-response', 'MCS Connect Response'],
]);

const TS_REQUEST_CONTENTS: readonly (readonly [content: string, name: string])[] = [
  ['ntlm-negotiate', 'NTLM NEGOTIATE'],
  ['ntlm-challenge', 'NTLM CHALLENGE'],
  ['ntlm-authenticate', 'NTLM AUTHENTICATE'],
  ['auth-info', 'credentials'],
  ['pub-key-auth', 'public key check'],
];

function nameOf(event: ReportEvent): string | null {
  const type = messageType(event);
  if (type === null) return null;
  if (type === 'tls-handshake') {
    const name = property(event['message'], 'name');
    return typeof name === 'string' ? name : null;
  }
  if (type !== 'ts-request') return MESSAGE_NAMES.get(type) ?? null;
  const carries = property(event['message'], 'carries');
  if (!Array.isArray(carries)) return 'TSRequest';
  return TS_REQUEST_CONTENTS.find(([content]) => carries.includes(content))?.[1] ?? 'TSRequest';
}

/** Whether the server sent any TLS message that could be read. */
export function serverSpokeTls(handshake: Handshake): boolean {
  if (handshake.tls.version !== null || handshake.tls.certificates.length > 0) return true;
  return handshake.events.some(
    (event) =>
      event['by'] === 'server' &&
      (event['kind'] === 'tls-record' || (messageType(event)?.startsWith('tls-') ?? false)),
  );
}

/**
 * Whether an offer without TLS was confirmed, and answered with an MCS disconnect afterwards. xrdp,
 * measured: it says goodbye so where it wants TLS.
 */
export function wantsTlsAfterAll(handshake: Handshake): boolean {
  const { request, response } = handshake.x224;
  return (
    handshake.outcome.failedAt === 'mcs' &&
    response.kind === 'none-negotiated' &&
    request !== null &&
    (request.requestedProtocols?.value ?? 0) === 0 &&
    lastEvent(handshake, { kind: 'message', by: 'server', message: 'mcs-disconnect' }) !== null
  );
}
