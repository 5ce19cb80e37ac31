import type { OutcomeHow } from './handshake.js';
import { usesCredSsp, usesTls } from './phase.js';
import {
  type Fact,
  type HandshakeTrace,
  type MessageFact,
  type NlaVerdictFact,
  type Side,
  STAGES,
  type StageName,
} from './trace.js';

/** Where a stage begins and ends, in microseconds, and how it stands. */
export interface StageSpan {
  readonly stage: StageName;
  readonly status:
    | 'completed'
    | 'failed'
    | 'unfinished'
    | 'hidden'
    | 'not-applicable'
    | 'not-attempted'
    | 'not-reached';
  readonly startAt: number | null;
  readonly endAt: number | null;
  readonly roundTrips: number | null;
  /** microseconds from the client's last message of each turn to the server's first after it */
  readonly waited: number | null;
}

/** The fact that ended a connection before it was through. */
export interface Ending {
  readonly fact: Fact;
  readonly how: OutcomeHow;
  readonly by: Side | 'network' | null;
}

export interface Course {
  readonly stages: readonly StageSpan[];
  /** null: nothing ended it early */
  readonly ending: Ending | null;
  readonly failedAt: StageName | null;
  /** the server's part in how it ended is missing from the capture */
  readonly endIsLost: boolean;
}

/** One completed stage: its first and last fact. */
interface Span {
  readonly startAt: number | null;
  readonly endAt: number | null;
  /** index of the fact that completed it */
  readonly last: number;
}

/**
 * How each stage went, from the facts alone.
 *
 * INVARIANT: the stages before the one that failed are completed, hidden or not applicable; those
 * after it were not reached.
 */
export function courseOf(trace: HandshakeTrace): Course {
  const { facts } = trace;
  const applicable = applicableStages(trace);
  const spans = new Map<StageName, Span>();
  const starts = new Map<StageName, number | null>();
  for (const stage of STAGES) {
    const start = facts.findIndex((fact) => startsStage(stage, fact));
    const first = facts[start];
    if (first !== undefined) starts.set(stage, startTime(first));
    const last = completionOf(stage, facts);
    if (last !== null) {
      spans.set(stage, {
        startAt: starts.get(stage) ?? null,
        endAt: facts[last]?.at ?? null,
        last,
      });
    }
  }

  const lastCompleted = STAGES.filter((stage) => spans.has(stage)).at(-1) ?? null;
  const under = stageUnderWay(applicable, lastCompleted);
  const after = facts.slice((spans.get(lastCompleted ?? 'resolve')?.last ?? -1) + 1);
  const endIsLost = endsBehindGap(after, facts);
  const hidden = endIsLost || isHiddenAfter(lastCompleted, facts);
  const ending = under === null || hidden ? null : endingOf(after, facts);
  const failed = ending !== null && under !== null && !stopsByDesign(trace, under, ending);
  const failedAt = failed ? under : null;

  const stages = STAGES.map((stage): StageSpan => {
    const span = spans.get(stage);
    const startAt = starts.get(stage) ?? null;
    const without = { stage, startAt: null, endAt: null, roundTrips: null, waited: null };
    if (!applicable.includes(stage)) return { ...without, status: 'not-applicable' };
    if (span !== undefined) {
      const { startAt, endAt } = span;
      return { stage, status: 'completed', startAt, endAt, ...turnsOf(stage, facts, span) };
    }
    if (hidden || STAGES.indexOf(stage) < STAGES.indexOf(lastCompleted ?? 'resolve')) {
      return { ...without, status: 'hidden' };
    }
    if (stage === failedAt) {
      return { ...without, status: 'failed', startAt, endAt: ending?.fact.at ?? null };
    }
    if (failedAt !== null) return { ...without, status: 'not-reached' };
    if (stage === under && ending === null) return { ...without, status: 'unfinished', startAt };
    return {
      ...without,
      status: stage === under || ending !== null ? 'not-attempted' : 'not-reached',
    };
  });
  return { stages, ending: failed ? ending : null, failedAt, endIsLost };
}

/** Once TLS is established, only one of its ends, or its keys, shows what goes on inside. */
function isHiddenAfter(lastCompleted: StageName | null, facts: readonly Fact[]): boolean {
  // A capture that began later than the connection shows none of it.
  if (facts.some((fact) => fact.kind === 'joined')) return true;
  return lastCompleted === 'tls' && !facts.some((fact) => fact.kind === 'tls-secured');
}

/**
 * Whether the connection was closed or reset behind bytes of the server that the capture lacks: they
 * may have said why, or completed the stage.
 *
 * @param after what came after the last completed stage
 */
function endsBehindGap(after: readonly Fact[], facts: readonly Fact[]): boolean {
  const end = endingOf(after, facts)?.fact;
  if (end?.kind !== 'tcp-end') return false;
  const before = after.slice(0, after.indexOf(end));
  return before.some((fact) => fact.kind === 'gap' && fact.by === 'server');
}

/** The stages that this connection has, as far as is known. */
function applicableStages(trace: HandshakeTrace): readonly StageName[] {
  const looksUp = trace.facts.some((fact) => fact.kind === 'lookup');
  const selected = selectedProtocol(trace.facts);
  const skipsX224 = beginsWithTls(trace);
  return STAGES.filter(
    (stage) => hasStage(stage, looksUp, selected) && !(stage === 'x224' && skipsX224),
  );
}

/** A probe may leave the negotiation out on purpose; of other clients it was not captured. */
function beginsWithTls(trace: HandshakeTrace): boolean {
  if (!isOfProbe(trace)) return false;
  const { facts } = trace;
  const first = facts.find((fact) => fact.kind === 'message' && fact.by === 'client');
  return first !== undefined && isMessage(first, 'client', 'tls-client-hello');
}

function hasStage(stage: StageName, looksUp: boolean, selected: number | null): boolean {
  switch (stage) {
    case 'resolve':
      return looksUp;
    case 'tcp':
    case 'x224':
    case 'mcs':
      return true;
    case 'tls':
      return selected === null || usesTls(selected);
    case 'credssp':
      return selected === null || usesCredSsp(selected);
  }
}

/**
 * The protocol that the server selected; 0 where it confirmed without negotiating; null where it
 * selected none, also because it confirmed a connection of another protocol than RDP.
 */
export function selectedProtocol(facts: readonly Fact[]): number | null {
  for (const fact of facts) {
    if (fact.kind !== 'message' || fact.message.type !== 'x224-confirm') continue;
    const { negotiation } = fact.message;
    switch (negotiation.kind) {
      case 'response':
        return negotiation.selectedProtocol.value;
      case 'none':
        return negotiation.cotpParameters ? null : 0;
      case 'failure':
        return null;
    }
  }
  return null;
}

function stageUnderWay(
  applicable: readonly StageName[],
  lastCompleted: StageName | null,
): StageName | null {
  const after = lastCompleted === null ? -1 : STAGES.indexOf(lastCompleted);
  return applicable.find((stage) => STAGES.indexOf(stage) > after) ?? null;
}

function isMessage(fact: Fact, by: Side, ...types: readonly string[]): fact is MessageFact {
  return fact.kind === 'message' && fact.by === by && types.includes(fact.message.type);
}

function startsStage(stage: StageName, fact: Fact): boolean {
  switch (stage) {
    case 'resolve':
      return fact.kind === 'lookup';
    case 'tcp':
      return fact.kind === 'tcp-connect';
    case 'x224':
      return isMessage(fact, 'client', 'x224-request');
    case 'tls':
      return isMessage(fact, 'client', 'tls-client-hello');
    case 'credssp':
      return isMessage(fact, 'client', 'ts-request');
    case 'mcs':
      return isMessage(fact, 'client', 'mcs-connect-initial');
  }
}

function startTime(fact: Fact): number | null {
  if (fact.kind === 'lookup') return fact.startAt;
  if (fact.kind === 'message') return fact.startAt;
  return fact.at;
}

/** Index of the fact with which a stage is complete; null: it is not. */
function completionOf(stage: StageName, facts: readonly Fact[]): number | null {
  const first = (matches: (fact: Fact) => boolean): number | null => {
    const index = facts.findIndex(matches);
    return index < 0 ? null : index;
  };
  switch (stage) {
    case 'resolve':
      return first((fact) => fact.kind === 'lookup' && fact.error === null);
    case 'tcp':
      return first((fact) => fact.kind === 'tcp-accepted');
    case 'x224':
      return first(
        (fact) =>
          fact.kind === 'message' &&
          fact.message.type === 'x224-confirm' &&
          fact.message.negotiation.kind !== 'failure' &&
          !(fact.message.negotiation.kind === 'none' && fact.message.negotiation.cotpParameters),
      );
    case 'tls':
      return tlsCompletion(facts);
    case 'credssp':
      return credSspCompletion(facts);
    case 'mcs':
      return first((fact) => isMessage(fact, 'server', 'mcs-connect-response'));
  }
}

/**
 * Up to TLS 1.2 both Finished messages must have been seen. In TLS 1.3 the server's is hidden in
 * its flight; the client sends its own only after it has read and checked that one.
 */
function tlsCompletion(facts: readonly Fact[]): number | null {
  let version13 = false;
  const finished = new Set<Side>();
  for (const [index, fact] of facts.entries()) {
    if (fact.kind !== 'message') continue;
    const { message } = fact;
    if (message.type === 'tls-server-hello') version13 = message.version.value === 0x0304;
    if (message.type !== 'tls-finished') continue;
    finished.add(fact.by);
    if (version13 ? finished.has('client') : finished.size === 2) return index;
  }
  return null;
}

/**
 * CredSSP is through when the server has proved its key ([MS-CSSP] 3.1.5, pubKeyAuth). A client that
 * does not log on is through with it at the server's challenge: it never answers that.
 */
function credSspCompletion(facts: readonly Fact[]): number | null {
  if (facts.some((fact) => fact.kind === 'nla-verdict' && endsLogon(fact))) return null;
  let challenge: number | null = null;
  let authenticates = false;
  for (const [index, fact] of facts.entries()) {
    if (fact.kind !== 'message' || fact.message.type !== 'ts-request') continue;
    const { carries, errorCode } = fact.message;
    if (fact.by === 'client') {
      if (carries.includes('ntlm-authenticate')) authenticates = true;
      continue;
    }
    if (errorCode === null && carries.includes('pub-key-auth')) return index;
    if (errorCode === null && carries.includes('ntlm-challenge')) challenge ??= index;
  }
  return authenticates ? null : challenge;
}

/** How often the server answered within a stage, and how long the client waited for it in all. */
function turnsOf(
  stage: StageName,
  facts: readonly Fact[],
  span: Span,
): Pick<StageSpan, 'roundTrips' | 'waited'> {
  const first = facts.findIndex((fact) => startsStage(stage, fact));
  if (stage === 'resolve' || first < 0) return { roundTrips: null, waited: null };
  if (stage === 'tcp') return { roundTrips: 1, waited: null };
  let roundTrips = 0;
  let waited = 0;
  let asked: Fact | null = null;
  for (const fact of facts.slice(first, span.last + 1)) {
    if (fact.kind !== 'message' && fact.kind !== 'tls-record') continue;
    if (fact.by === 'client') {
      asked = fact;
      continue;
    }
    if (asked === null) continue;
    roundTrips++;
    const answeredAt = fact.kind === 'message' ? (fact.startAt ?? fact.at) : fact.at;
    waited += (answeredAt ?? 0) - (asked.at ?? 0);
    asked = null;
  }
  return { roundTrips, waited };
}

/**
 * A probe stops after the challenge, with credentials after the server's proof of its key, and before
 * the protocols it does not speak. How the connection ends after that is no failure, whoever ends it.
 * Another client that logs on wants to go on.
 */
function stopsByDesign(trace: HandshakeTrace, under: StageName, ending: Ending): boolean {
  if (trace.facts.some(({ kind }) => kind === 'answered')) return true;
  if (leftBefore(trace, under, ending)) return true;
  if (under !== 'mcs' || trace.facts.some((fact) => startsStage('mcs', fact))) return false;
  const selected = selectedProtocol(trace.facts) ?? 0;
  const unspoken = usesTls(selected) && selected !== 1 && !usesCredSsp(selected);
  if (unspoken) return true;
  return credSspCompletion(trace.facts) !== null && (!logsOn(trace.facts) || isOurs(trace.facts));
}

/** A logon of our own, which delegates no credentials and so ends when the server proved its key. */
function isOurs(facts: readonly Fact[]): boolean {
  return facts.some((fact) => fact.kind === 'nla-verdict');
}

/** Verdicts that end a logon which the server's messages alone do not show as failed. */
function endsLogon({ outcome }: NlaVerdictFact): boolean {
  switch (outcome) {
    case 'key-not-proved':
    case 'version-changed':
    case 'certificate-changed':
    case 'unexpected':
      return true;
    case 'accepted':
    case 'refused':
    case 'unsupported':
      return false;
  }
}

/** A probe ends a connection that nothing else ended only where it has learned what it wanted to. */
function leftBefore(trace: HandshakeTrace, under: StageName, ending: Ending): boolean {
  const left = ending.fact.kind === 'tcp-end' && ending.by === 'client' && ending.how === 'closed';
  const connected = under !== 'resolve' && under !== 'tcp' && under !== 'x224';
  const begun = trace.facts.some((fact) => startsStage(under, fact));
  return isOfProbe(trace) && left && connected && !begun;
}

/** Whether the client is this program: live, or in a capture that it saved. */
function isOfProbe({ source, label }: HandshakeTrace): boolean {
  return source.kind === 'live' || label !== undefined;
}

function logsOn(facts: readonly Fact[]): boolean {
  return facts.some(
    (fact) =>
      fact.kind === 'message' &&
      fact.by === 'client' &&
      fact.message.type === 'ts-request' &&
      fact.message.carries.includes('ntlm-authenticate'),
  );
}

/** The first fact after the last completed stage that ended the connection, and what it means. */
function endingOf(after: readonly Fact[], facts: readonly Fact[]): Ending | null {
  const interrupted = after.findIndex(({ kind }) => kind === 'interrupted');
  // What comes after an interruption, our own end above all, is its consequence.
  const endings = (interrupted < 0 ? after : after.slice(0, interrupted))
    .map(endingByFact)
    .filter((ending) => ending !== null);
  const [first] = endings;
  const left = facts.find((fact) => fact.kind === 'tcp-end');
  // A client that had left before brought it on, whatever the server did then.
  if (first?.fact.kind === 'tcp-end' && left?.kind === 'tcp-end' && left.by === 'client') {
    return endingByFact(left);
  }
  // An alert that only the endpoint could decrypt may be told just after the end that it announced.
  const alert = endings.find(({ how, by }) => how === 'alert' && by === first?.by);
  return (first?.fact.kind === 'tcp-end' ? alert : undefined) ?? first ?? null;
}

function endingByFact(fact: Fact): Ending | null {
  switch (fact.kind) {
    case 'lookup':
      return fact.error === null ? null : { fact, how: 'not-found', by: null };
    case 'tcp-failed':
      return { fact, how: fact.how === 'local' ? 'unreachable' : fact.how, by: fact.by };
    case 'tcp-end':
      return { fact, how: fact.how === 'reset' ? 'reset' : 'closed', by: fact.by };
    case 'malformed':
      return { fact, how: 'malformed', by: fact.by };
    case 'foreign':
      return { fact, how: 'not-rdp', by: fact.by };
    case 'flood':
      return { fact, how: 'malformed', by: fact.by };
    case 'silence':
      return { fact, how: 'timeout', by: null };
    case 'endpoint-error':
      return { fact, how: 'closed', by: 'client' };
    case 'nla-verdict':
      return endsLogon(fact) ? { fact, how: 'malformed', by: 'server' } : null;
    case 'message':
      return endingByMessage(fact);
    case 'tcp-connect':
    case 'tcp-accepted':
    case 'gap':
    case 'tls-record':
    case 'tls-secured':
    case 'unexpected':
    case 'kernel':
    case 'tcp-figures':
    case 'icmp':
    case 'hop-limits':
    case 'joined':
    case 'tunnel':
    case 'interrupted':
    case 'answered':
      return null;
  }
}

function endingByMessage(fact: MessageFact): Ending | null {
  const { message, by } = fact;
  switch (message.type) {
    case 'x224-confirm':
      if (message.negotiation.kind === 'failure') return { fact, how: 'negotiation-failure', by };
      return message.negotiation.kind === 'none' && message.negotiation.cotpParameters
        ? { fact, how: 'not-rdp', by }
        : null;
    case 'x224-disconnect':
    case 'x224-error':
      return { fact, how: 'refused', by };
    case 'mcs-disconnect':
      return { fact, how: 'closed', by };
    case 'tls-alert':
      // A close_notify (0) only announces the end that follows it; so may a hidden one.
      return message.level?.value === 2 && message.description?.value !== 0
        ? { fact, how: 'alert', by }
        : null;
    case 'ts-request':
      return message.errorCode === null ? null : { fact, how: 'error-code', by };
    case 'early-user-authorization':
      return message.result.value === 0 ? null : { fact, how: 'error-code', by };
    case 'mcs-connect-response':
    case 'x224-request':
    case 'tls-client-hello':
    case 'tls-server-hello':
    case 'tls-certificate':
    case 'tls-handshake':
    case 'tls-change-cipher-spec':
    case 'tls-finished':
    case 'mcs-connect-initial':
    case 'other':
      return null;
  }
}
