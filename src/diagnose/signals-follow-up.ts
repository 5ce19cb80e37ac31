import { spokeTls } from '../handshake/follow-up.js';
import type { Handshake } from '../handshake/handshake.js';
import type { Evidence } from './finding.js';
import {
  type Answer,
  answeredNegotiation,
  deadHellos,
  evidenceOf,
  isChance,
  shortAnswer,
} from './follow-up-answers.js';
import { isUnacknowledged } from './lost-segments.js';
import { lastEvent, number } from './seen.js';
import { type Detector, type Detectors, ended, failed, type SignalCase } from './signals-case.js';

/*
 * What the questions show that were asked after a failure. A second try that goes through tells that
 * the first one was chance: what the other answers would say of a lasting state is then not said.
 */

/** Evidence of the answers for which a condition holds, in their order. */
function answered(matches: (answer: Answer, seen: SignalCase) => boolean): Detector {
  return (seen) => seen.followUps.filter((one) => matches(one, seen)).map(evidenceOf);
}

function diedAt({ decisive }: SignalCase, stage: string): boolean {
  return decisive?.outcome.failedAt === stage;
}

function diedHow({ decisive }: SignalCase): string | null {
  return decisive?.outcome.how ?? null;
}

/** A program ended it, which devices on the way seldom do. */
function endedByFin(seen: SignalCase): boolean {
  return diedAt(seen, 'x224') && diedHow(seen) === 'closed';
}

/** Not a byte in answer to the request. */
function wasSilent({ decisive }: SignalCase): boolean {
  return decisive !== null && isSilentToRequest(decisive);
}

function isSilentToRequest(one: Handshake): boolean {
  const begun = number(lastEvent(one, { kind: 'silence' }), 'partialBytes') ?? 0;
  return failed(one, 'x224', 'timeout') && begun === 0;
}

/** Any word of the server after TCP, or an end of its own. */
function gotSomething({ outcome }: Handshake): boolean {
  if (outcome.status === 'ok') return true;
  return outcome.failedAt !== 'tcp' && outcome.how !== 'timeout' && outcome.by === 'server';
}

/** Losses of chance do not choose the request each time, and never the SYN before it. */
const swallowed: Detector = (seen) => {
  const { decisive, followUps } = seen;
  if (decisive === null || !isSwallowed(decisive) || isChance(followUps)) return [];
  const again = followUps.filter(({ handshake }) => isSwallowed(handshake));
  return again.length === 0 ? [] : [ended(decisive), ...again.map(evidenceOf)];
};

function isSwallowed(one: Handshake): boolean {
  return isSilentToRequest(one) && isUnacknowledged(one) && (one.tcp.synRetransmissions ?? 0) === 0;
}

const HELLOS: ReadonlySet<Answer['asked']> = new Set([
  'small-hello',
  'padded-hello',
  'legacy-hello',
]);

const noHello: Detector = ({ decisive, followUps }) =>
  decisive?.outcome.failedAt === 'tls' && !isChance(followUps)
    ? deadHellos(decisive, followUps).map(evidenceOf)
    : [];

/** The server can speak TLS, if only to say no: what it would say to the first one does not arrive. */
const alertToAnother: Detector = ({ decisive, followUps }) => {
  if (decisive === null || !failed(decisive, 'tls', 'reset', 'closed')) return [];
  if (decisive.outcome.by !== 'server' || spokeTls(decisive) || isChance(followUps)) return [];
  return followUps
    .filter(({ asked, handshake }) => asked.endsWith('-hello') && failed(handshake, 'tls', 'alert'))
    .map(evidenceOf);
};

const short: Detector = ({ decisive, followUps }) => {
  if (decisive?.outcome.failedAt !== 'tls' || isChance(followUps)) return [];
  const answer = shortAnswer(decisive, followUps);
  return answer === null ? [] : [evidenceOf(answer)];
};

/** Offers that a failure code asks for: TLS, NLA, or none of them. */
const OFFERS: ReadonlySet<Answer['asked']> = new Set(['other-offer', 'plain-rdp']);

const withoutNla: Detector = (seen): readonly Evidence[] =>
  diedAt(seen, 'credssp') && !isChance(seen.followUps)
    ? seen.followUps
        .filter(({ asked, fared, handshake }) => {
          const ok = fared === 'through' || handshake.outcome.status === 'ok';
          return asked === 'other-offer' && ok;
        })
        .map(evidenceOf)
    : [];

/** What the answers to further questions show. */
export const FOLLOW_UP_SIGNALS: Detectors = {
  'stage.second-try-ok': answered(({ asked, fared }) => asked === 'again' && fared === 'through'),
  'stage.further-tries-same': answered(({ fared }) => fared === 'same'),
  'x224.other-request-ok': answered(
    ({ asked, fared }, seen) =>
      asked === 'other-cookie' && fared === 'through' && diedAt(seen, 'x224'),
  ),
  'x224.asked-for-offer-ok': answered(
    ({ asked, fared }, seen) =>
      OFFERS.has(asked) && fared === 'through' && diedHow(seen) === 'negotiation-failure',
  ),
  'x224.plain-offer-answered': answered(
    (answer, seen) =>
      answer.asked === 'plain-rdp' && diedAt(seen, 'tls') && answeredNegotiation(answer),
  ),
  'tls.direct-ok': answered(
    ({ asked, fared }, seen) => asked === 'direct-tls' && fared === 'through' && !endedByFin(seen),
  ),
  'x224.only-tls-answered': answered(
    ({ asked, fared }, seen) => asked === 'direct-tls' && fared === 'through' && endedByFin(seen),
  ),
  'x224.only-request-silent': answered(
    ({ fared, handshake }, seen) =>
      wasSilent(seen) && !isChance(seen.followUps) && fared !== 'open' && gotSomething(handshake),
  ),
  'x224.request-swallowed': swallowed,
  'tls.other-hello-ok': answered(
    ({ asked, fared }, seen) => HELLOS.has(asked) && fared === 'through' && diedAt(seen, 'tls'),
  ),
  'tls.no-hello-answered': noHello,
  'tls.alert-to-another-hello': alertToAnother,
  'tls.short-answer-ok': short,
  'credssp.ok-without-nla': withoutNla,
};
