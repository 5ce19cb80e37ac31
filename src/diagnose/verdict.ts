import type { Handshake, Outcome } from '../handshake/handshake.js';
import type { StageName } from '../handshake/trace.js';
import { duration, numbered } from './figures.js';
import {
  endEvent,
  lastEvent,
  lastWords,
  lookupError,
  number,
  stage,
  text,
  wasInterrupted,
} from './seen.js';

/**
 * One line: where the handshake died, with the figures of this case, or how far it came without a
 * fault. Text of the peer stands in it as it came; renderers clean it.
 */
export function verdict(handshake: Handshake): string {
  switch (handshake.outcome.status) {
    case 'ok':
      return `nothing wrong was found up to ${reached(handshake)}`;
    case 'incomplete':
      return incomplete(handshake);
    case 'failed':
      return failed(handshake);
  }
}

/** `the NTLM challenge (credssp) in 61 ms`. */
export function reached(handshake: Handshake): string {
  const name = handshake.outcome.reached;
  if (name === null) return 'the first stage';
  const end = stage(handshake, name)?.endMs ?? null;
  return `${milestone(handshake, name)} (${name})${end === null ? '' : ` in ${duration(end)}`}`;
}

function milestone(handshake: Handshake, name: StageName): string {
  switch (name) {
    case 'resolve':
      return "the server's address";
    case 'tcp':
      return 'the TCP connection';
    case 'x224':
      return 'the security negotiation';
    case 'tls':
      return 'the TLS handshake';
    case 'credssp':
      return handshake.credssp.authentication === 'accepted' ? 'the logon' : 'the NTLM challenge';
    case 'mcs':
      return 'the MCS Connect Response';
  }
}

function incomplete(handshake: Handshake): string {
  const { detail } = handshake.outcome;
  if (handshake.stages.some(({ status }) => status === 'hidden')) {
    return `nothing wrong was found in what can be seen: ${detail}`;
  }
  const open = handshake.stages.find(({ status }) => status === 'unfinished');
  const where = open === undefined ? '' : ` in ${open.stage}`;
  return `the observation ended${where} before the handshake did: ${detail}`;
}

function failed(handshake: Handshake): string {
  const { failedAt, how } = handshake.outcome;
  const within = failedAt !== null && failedAt !== 'resolve' && failedAt !== 'tcp';
  const prefix = within && how !== 'not-rdp' ? `died in ${failedAt}: ` : '';
  return `${prefix}${howItEnded(handshake)}`;
}

/** What ended a failed handshake, with the figures of this case. */
export function howItEnded(handshake: Handshake): string {
  const { outcome, server } = handshake;
  switch (outcome.failedAt) {
    case 'resolve':
      return resolveFailed(handshake);
    case 'tcp':
      return tcpFailed(handshake);
    case 'x224':
    case 'tls':
    case 'credssp':
    case 'mcs':
      return outcome.how === 'not-rdp' ? notRdp(handshake) : ending(handshake);
    case null:
      return `failed at ${server.name ?? server.address ?? 'the server'}: ${outcome.detail}`;
  }
}

/** Answers of a resolver that say: there is no address. */
const NO_ADDRESS: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NODATA']);

function resolveFailed(handshake: Handshake): string {
  const { outcome, server } = handshake;
  const name = server.name ?? 'that was asked for';
  switch (outcome.how) {
    case 'not-found': {
      const error = lookupError(handshake);
      return error === null || NO_ADDRESS.has(error.code)
        ? `the name ${name} does not resolve`
        : `the name ${name} could not be looked up: ${error.says}`;
    }
    case 'timeout':
      return `the name ${name} was not resolved${within(handshake)}`;
    case 'refused':
    case 'unreachable':
    case 'reset':
    case 'closed':
    case 'alert':
    case 'negotiation-failure':
    case 'error-code':
    case 'malformed':
    case 'not-rdp':
    case null:
      return `the name ${name} could not be looked up: ${outcome.detail}`;
  }
}

function tcpFailed(handshake: Handshake): string {
  const { outcome, server } = handshake;
  const proxy = lastEvent(handshake, { kind: 'tunnel' });
  if (proxy !== null && 'refusal' in proxy) return outcome.detail;
  const port = server.port === null ? 'the port' : `port ${server.port}`;
  const took = stage(handshake, 'tcp')?.durationMs ?? null;
  const after = took === null ? '' : ` after ${duration(took)}`;
  switch (outcome.how) {
    case 'refused':
      return `${port} refused the TCP connection${after} (${refusedBy(outcome.by)})`;
    case 'timeout':
      return `no answer to the TCP SYN${within(handshake)}`;
    case 'unreachable':
      return outcome.by === 'client'
        ? `this machine could not send the TCP SYN: ${outcome.detail}`
        : `${server.address ?? 'the server'} is unreachable${after}: ${outcome.detail}`;
    case 'not-found':
    case 'reset':
    case 'closed':
    case 'alert':
    case 'negotiation-failure':
    case 'error-code':
    case 'malformed':
    case 'not-rdp':
    case null:
      return `died in tcp: ${outcome.detail}`;
  }
}

function refusedBy(by: Outcome['by']): string {
  return by === 'network' ? 'something on the path refused it' : 'a reset answered the SYN';
}

function notRdp(handshake: Handshake): string {
  const foreign = lastEvent(handshake, { kind: 'foreign', by: 'server' });
  const protocol = handshake.x224.response.protocol ?? text(foreign, 'protocol');
  const said = text(foreign, 'text') ?? firstBytes(protocol, text(foreign, 'sample'));
  const port = handshake.server.port === null ? 'port' : `port ${handshake.server.port}`;
  const speaks = protocol === null ? 'does not speak RDP' : `speaks ${protocol}, not RDP`;
  return said === null || said === '' ? `${port} ${speaks}` : `${port} ${speaks}: ${said}`;
}

const SHOWN_DIGITS = 32;

/** Bytes say something only where nobody knows the protocol. */
function firstBytes(protocol: string | null, sample: string | null): string | null {
  if (protocol !== null || sample === null || sample === '') return null;
  return sample.length > SHOWN_DIGITS ? `${sample.slice(0, SHOWN_DIGITS)}...` : sample;
}

/** What ended a connection that had come about. */
function ending(handshake: Handshake): string {
  const { outcome } = handshake;
  switch (outcome.how) {
    case 'reset':
      return `${who(outcome.by)} reset the connection${afterWhat(handshake)}`;
    case 'closed':
      return endedByMessage(handshake)
        ? outcome.detail
        : `${who(outcome.by)} closed the connection${afterWhat(handshake)}`;
    case 'timeout':
      return silence(handshake);
    case 'alert':
      return alert(handshake);
    case 'negotiation-failure':
      return negotiationFailure(handshake);
    case 'error-code':
      return errorCode(handshake);
    case 'malformed':
      return malformed(handshake);
    case 'refused':
    case 'unreachable':
    case 'not-found':
    case 'not-rdp':
    case null:
      return outcome.detail;
  }
}

/** Whether more than the end of the connection itself says why: then the facts' own words do. */
function endedByMessage(handshake: Handshake): boolean {
  return (
    lastEvent(handshake, { kind: 'endpoint-error' }) !== null ||
    wasInterrupted(handshake) ||
    lastEvent(handshake, { kind: 'message', message: 'mcs-disconnect' }) !== null
  );
}

function who(by: Outcome['by']): string {
  switch (by) {
    case 'client':
      return 'the client';
    case 'server':
      return 'the server';
    case 'network':
      return 'something on the path';
    case null:
      return 'one side';
  }
}

/** ` 0.4 ms after the ClientHello`; of the last message before the connection ended. */
function afterWhat(handshake: Handshake): string {
  const end = endEvent(handshake);
  return after(handshake, end?.atMs ?? handshake.tcp.end.atMs);
}

function after(handshake: Handshake, at: number | null): string {
  const last = lastWords(handshake, at);
  if (last === null) {
    const failedAt = handshake.outcome.failedAt;
    const took = failedAt === null ? null : (stage(handshake, failedAt)?.durationMs ?? null);
    return took === null ? '' : `, ${duration(took)} into that stage`;
  }
  const whose = last.by === 'server' ? "the server's " : 'the ';
  const ago = last.agoMs === null ? '' : ` ${duration(last.agoMs)}`;
  return `${ago} after ${whose}${last.name}`;
}

function silence(handshake: Handshake): string {
  const event = lastEvent(handshake, { kind: 'silence' });
  const partial = number(event, 'partialBytes') ?? 0;
  const waitsFor = text(event, 'waitingFor') === 'client' ? 'the client' : 'the server';
  const last = lastWords(handshake, null);
  const since = last === null ? '' : ` after the ${last.name}`;
  if (partial > 0) {
    return `${waitsFor} stopped in the middle of a message: ${partial} bytes of it came, then nothing${within(handshake, 'for')}`;
  }
  return `no answer from ${waitsFor}${within(handshake)}${since}`;
}

function within(handshake: Handshake, preposition: 'within' | 'for' = 'within'): string {
  const waited = number(lastEvent(handshake, { kind: 'silence' }), 'waitedMs');
  const failedAt = handshake.outcome.failedAt;
  const took = failedAt === null ? null : (stage(handshake, failedAt)?.durationMs ?? null);
  const ms = waited ?? took;
  return ms === null ? '' : ` ${preposition} ${duration(ms)}`;
}

function alert(handshake: Handshake): string {
  const sent = handshake.tls.alert;
  const sender = who(sent?.by ?? handshake.outcome.by);
  const event = lastEvent(handshake, { kind: 'message', message: 'tls-alert' });
  const when = after(handshake, event?.atMs ?? null);
  if (sent === null || sent.code === null) return `${sender} sent a TLS alert${when}`;
  return `${sender} sent the TLS alert ${numbered(sent.code, sent.name)}${when}`;
}

function negotiationFailure(handshake: Handshake): string {
  const failure = handshake.x224.response.failure;
  if (failure === null) return handshake.outcome.detail;
  return `the server refused the negotiation with ${numbered(failure.code, failure.name)}`;
}

function errorCode(handshake: Handshake): string {
  const error = handshake.credssp.errorCode;
  if (handshake.outcome.failedAt !== 'credssp' || error === null) return handshake.outcome.detail;
  const name = error.name === null ? error.code : `${error.name} (${error.code})`;
  return `the server refused the logon with ${name}`;
}

function malformed(handshake: Handshake): string {
  const event = lastEvent(handshake, { kind: 'malformed' });
  const problem = text(event, 'problem');
  if (problem === null) return handshake.outcome.detail;
  return `${who(handshake.outcome.by)} sent what cannot be read: ${problem}`;
}
