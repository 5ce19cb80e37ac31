import type { Handshake } from '../handshake/handshake.js';
import { finding } from './case.js';
import type { CauseId } from './causes.js';
import type { Finding } from './finding.js';
import {
  type Answer,
  answerAs,
  answersTo,
  evidenceOf,
  isChance,
  questionAs,
} from './follow-up-answers.js';
import {
  type ByQuestion,
  causes,
  type Effect,
  NOTHING,
  remark,
  sameAgain,
} from './follow-up-effect.js';
import { hellos } from './follow-up-hello-rules.js';

/**
 * The findings of a failed handshake with those that the questions after it bring, these first. What
 * the answers speak for and against is weighed with all other signals; the handshake itself stays the
 * one that decides.
 */
export function withFollowUps(
  decisive: Handshake,
  followUps: readonly Handshake[],
  findings: readonly Finding[],
): readonly Finding[] {
  const effect = effectOf(decisive, answersTo(decisive, followUps));
  if (effect === null) return findings;
  const shows = effect.shows.map((shown) => onTopOf(findings, shown));
  const rest = findings.filter(({ cause }) => !shows.some((shown) => shown.cause === cause));
  return [
    ...shows,
    ...rest.map((one) => (effect.checked.has(one.cause) ? { ...one, nextCheck: null } : one)),
  ];
}

/** What the answers show stands beside what the handshake itself had shown of the same cause. */
function onTopOf(findings: readonly Finding[], shown: Finding): Finding {
  const before = findings.find(({ cause }) => cause === shown.cause) ?? null;
  const evidence = before?.evidence ?? findings[0]?.evidence ?? [];
  const whole = { ...shown, evidence: [...evidence, ...shown.evidence] };
  // A cause that was likely before is not less so because more speaks for it.
  return before === null || shown.certainty !== 'possible'
    ? whole
    : { ...whole, certainty: before.certainty };
}

/** A clause of the verdict: what the further questions showed; empty: nothing worth the place. */
export function followUpRemark(decisive: Handshake, followUps: readonly Handshake[]): string {
  const effect = effectOf(decisive, answersTo(decisive, followUps));
  return effect === null || effect.remark === '' ? '' : `; ${effect.remark}`;
}

/** null: the answers add nothing. */
function effectOf(decisive: Handshake, answers: readonly Answer[]): Effect | null {
  if (answers.length === 0) return null;
  const by: ByQuestion = (asked) => answers.find((answer) => answer.asked === asked) ?? null;
  const again = by('again');
  if (again !== null && isChance(answers)) return chance(decisive, again);
  switch (decisive.outcome.failedAt) {
    case 'x224':
      return decisive.outcome.how === 'negotiation-failure'
        ? offers(answers)
        : requests(decisive, answers, by);
    case 'tls':
      return hellos(decisive, answers, by);
    case 'credssp':
      return withoutNla(answers, by) ?? sameAgain(again);
    case 'tcp':
    case 'mcs':
      return sameAgain(again);
    case 'resolve':
    case null:
      return null;
  }
}

/** The same went through on a second try: whatever lasts is not it. */
function chance(decisive: Handshake, again: Answer): Effect {
  const further = again.handshake.outcome.status === 'ok' ? 'went through' : 'got further';
  const says = `The same failed once and ${further} when it was tried again: it depends on the moment, or on which host answers.`;
  return {
    ...NOTHING,
    shows: varying(decisive).map((cause) =>
      finding(cause, 'possible', {
        says,
        evidence: [evidenceOf(again)],
        nextCheck: 'Repeat the check 20 times: does it fail at random, or on one host of several?',
      }),
    ),
    remark: `a second try ${further}`,
  };
}

/** What comes and goes, and ends a connection in this way. */
function varying({ outcome: { how } }: Handshake): readonly CauseId[] {
  switch (how) {
    case 'timeout':
      return ['packet-loss-on-path', 'host-busy-or-out-of-memory'];
    case 'reset':
    case 'closed':
      return [
        'load-balancer-or-broker-token',
        'rdp-connection-limit-or-drain',
        'brute-force-exhaustion',
      ];
    case 'refused':
      return [
        'load-balancer-or-broker-token',
        'rdp-connection-limit-or-drain',
        'termservice-not-running',
      ];
    default:
      return [];
  }
}

/** Their next check is an offer of what the failure code asks for. */
const ASKED_WITH_OFFER = causes('nla-required-by-server', 'tls-required-by-server');

/** After a refused negotiation: whether the offer that the code asks for is accepted. */
function offers(answers: readonly Answer[]): Effect | null {
  const answer = answers.find(({ asked }) => asked === 'other-offer' || asked === 'plain-rdp');
  if (answer === undefined) return sameAgain(answers[0] ?? null);
  return {
    ...NOTHING,
    checked: ASKED_WITH_OFFER,
    remark:
      answer.fared === 'through'
        ? `${questionAs(answer)} is accepted`
        : `${questionAs(answer)}: ${answerAs(answer)}`,
  };
}

/** After a request that was not answered, or answered with an end. */
function requests(decisive: Handshake, answers: readonly Answer[], by: ByQuestion): Effect | null {
  const cookie = by('other-cookie');
  if (cookie?.fared === 'through') {
    const had = decisive.x224.request?.routingToken ?? null;
    return {
      ...NOTHING,
      shows: [
        finding('load-balancer-or-broker-token', 'likely', {
          says:
            had === null
              ? `The request as it was is not answered, and ${questionAs(cookie)} is: something in front of the server goes by it.`
              : 'With the routing token the request is not answered, and without it it is: what the token names does not exist any more, or is not reachable.',
          evidence: [evidenceOf(cookie)],
        }),
      ],
      remark: `${questionAs(cookie)} is answered`,
    };
  }
  const direct = by('direct-tls');
  if (direct?.fared === 'through') return onlyDirectTls(decisive, direct);
  return sameThroughout(answers);
}

/**
 * TLS is answered where RDP's request is not: it is another service, or something minds RDP. A program
 * that reads no TLS in the request ends with a FIN; a device on the way resets, or swallows it.
 */
function onlyDirectTls({ outcome: { how } }: Handshake, direct: Answer): Effect {
  const evidence = [evidenceOf(direct)];
  const device = finding('middlebox-dpi-resets-rdp', how === 'timeout' ? 'likely' : 'possible', {
    says: 'TLS at once is answered, and the RDP request is not: something on the way may mind the request alone.',
    evidence,
    against: ['a service of TLS that is not RDP answers so too'],
  });
  const other = finding('not-an-rdp-service', 'possible', {
    says: 'TLS at once is answered, and the RDP request is not: the service may speak TLS and no RDP.',
    evidence,
    nextCheck: 'Look whose the certificate is that the direct TLS connection shows.',
  });
  return {
    ...NOTHING,
    shows: how === 'closed' ? [other, device] : [device, other],
    remark: 'TLS without the request is answered',
  };
}

/** Whether TLS without NLA works tells whether it is NLA that fails. */
function withoutNla(answers: readonly Answer[], by: ByQuestion): Effect | null {
  const tls = by('other-offer');
  if (tls === null) return null;
  if (tls.fared === 'before') return sameThroughout(answers);
  const through = tls.fared === 'through' || tls.handshake.outcome.status === 'ok';
  return through ? remark('without NLA it goes through') : null;
}

/** Every further question died in the same way. */
function sameThroughout(answers: readonly Answer[]): Effect | null {
  const same = answers.filter(({ fared }) => fared === 'same');
  if (same.length === 0) return null;
  return remark(
    same.length === 1
      ? 'a second try ended in the same way'
      : `${same.length} more tries ended in the same way`,
  );
}
