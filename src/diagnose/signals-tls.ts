import { spokeTls } from '../handshake/follow-up.js';
import type { Handshake } from '../handshake/handshake.js';
import type { TlsQuestionReport } from '../handshake/scan-tls.js';
import { listed } from './figures.js';
import type { Evidence } from './finding.js';
import { type Answer, evidenceOf } from './follow-up-answers.js';
import { stoppedAfterSmall } from './in-between.js';
import { type EventQuery, evidence, lastEvent, packetsOf, property, stage, text } from './seen.js';
import {
  type Detector,
  type Detectors,
  ended,
  failed,
  inEach,
  remark,
  type SignalCase,
  shownWhere,
} from './signals-case.js';

const ALERT: EventQuery = { kind: 'message', by: 'server', message: 'tls-alert' };

/** An alert of the server, whatever it came after: TLS 1.3 lets a client finish before it. */
function alerted(code: number): Detector {
  return shownWhere(
    ({ tls }) => tls.alert?.by === 'server' && tls.alert.code === code,
    ({ tls }) => `TLS alert ${tls.alert?.name ?? ''} (${code})`,
    ALERT,
    'tls',
  );
}

/** It ended before the server said anything of TLS. */
function endedUnheard(how: 'closed' | 'reset'): Detector {
  return inEach((one) =>
    failed(one, 'tls', how) &&
    one.outcome.by === 'server' &&
    one.tls.clientHello !== null &&
    !spokeTls(one)
      ? ended(one)
      : null,
  );
}

function stalled(begun: boolean): Detector {
  return inEach((one) =>
    failed(one, 'tls', 'timeout') && one.tls.clientHello !== null && spokeTls(one) === begun
      ? ended(one)
      : null,
  );
}

const OLD_VERSIONS: ReadonlySet<string> = new Set(['SSLv3', 'TLSv1.0', 'TLSv1.1']);

/** Room that TCP's timestamps take in every segment. */
const TIMESTAMPS = 12;

/** Whether the server's largest segment was as large as we allow it to be: no size is too large. */
function filledSegment({ tcp: { mss, largestSegment } }: Handshake): boolean {
  const { server } = largestSegment;
  return mss.client !== null && server !== null && server >= mss.client - TIMESTAMPS;
}

function isOld(version: string | null): boolean {
  return version !== null && OLD_VERSIONS.has(version);
}

function diedInTls({ decisive }: SignalCase): boolean {
  return decisive !== null && failed(decisive, 'tls');
}

function answerTo({ followUps }: SignalCase, asked: Answer['asked']): Answer | null {
  return followUps.find((one) => one.asked === asked) ?? null;
}

/** It fell back to an old version although newer ones were offered, or no newer one was answered. */
const onlyOld: Detector = (seen) => {
  const chosen = inEach((one) =>
    isOld(one.tls.version) && (one.tls.clientHello?.versions ?? []).some((name) => !isOld(name))
      ? evidence(
          one,
          `${one.tls.version} chosen, where ${listed(one.tls.clientHello?.versions ?? [])} were offered`,
          { kind: 'message', by: 'server', message: 'tls-server-hello' },
          'tls',
        )
      : null,
  )(seen);
  const legacy = answerTo(seen, 'legacy-hello');
  const asked =
    diedInTls(seen) && legacy?.fared === 'through' && isOld(legacy.handshake.tls.version)
      ? [evidenceOf(legacy)]
      : [];
  return [...chosen, ...asked, ...onlyOldOfScan(seen)];
};

function onlyOldOfScan({ scan }: SignalCase): readonly Evidence[] {
  const tested = scan?.tls?.versions.filter(({ status }) => status !== 'not-tested') ?? [];
  const accepted = tested.filter(({ status }) => status === 'accepted');
  const newer = tested.filter(({ version }) => !isOld(version.name));
  if (accepted.length === 0 || newer.length === 0) return [];
  return accepted.every(({ version }) => isOld(version.name))
    ? accepted.map(({ version, why }) => remark(`${version.name}: ${why}`))
    : [];
}

/** The first ClientHello, one of TLS 1.2 and one of TLS 1.0 all died; or the scan met no version. */
const noVersion: Detector = (seen) => {
  const tested = seen.scan?.tls?.versions.filter(({ status }) => status !== 'not-tested') ?? [];
  const none = tested.every(({ status }) => status !== 'accepted');
  if (tested.length > 2 && none && diedInTls(seen)) {
    return tested.map(({ version, why }) => remark(`${version.name}: ${why}`));
  }
  const [small, legacy] = [answerTo(seen, 'small-hello'), answerTo(seen, 'legacy-hello')];
  const { decisive } = seen;
  if (decisive === null || small === null || legacy === null || !diedInTls(seen)) return [];
  const isDead = ({ fared }: Answer): boolean => fared === 'same' || fared === 'otherwise';
  return isDead(small) && isDead(legacy)
    ? [ended(decisive), evidenceOf(small), evidenceOf(legacy)]
    : [];
};

/** A small ClientHello is answered and the same one, padded, is not: else it may be its contents. */
const onlySmall: Detector = (seen) => {
  const size = seen.scan?.tls?.size;
  if (size?.verdict === 'only-large-fails') return [remark(size.says)];
  const [small, padded] = [answerTo(seen, 'small-hello'), answerTo(seen, 'padded-hello')];
  if (!diedInTls(seen) || small?.fared !== 'through' || padded === null) return [];
  return padded.fared === 'same' || padded.fared === 'otherwise'
    ? [evidenceOf(small), evidenceOf(padded)]
    : [];
};

/** TLS 1.2 alone is answered however large it is made, and what offers TLS 1.3 as well is not. */
const onlyOlder: Detector = (seen) => {
  const [small, padded] = [answerTo(seen, 'small-hello'), answerTo(seen, 'padded-hello')];
  return diedInTls(seen) && small?.fared === 'through' && padded?.fared === 'through'
    ? [evidenceOf(small), evidenceOf(padded)]
    : [];
};

/** Questions of a scan that were answered with something that the first ClientHello did not offer. */
function answeredBeyond(
  seen: SignalCase,
  beyond: (question: TlsQuestionReport, decisive: Handshake) => string | null,
): readonly Evidence[] {
  const { decisive, scan } = seen;
  if (decisive === null || !diedInTls(seen) || decisive.tls.clientHello === null) return [];
  for (const question of scan?.tls?.questions ?? []) {
    const says = beyond(question, decisive);
    if (says !== null) return [remark(says, question.handshake)];
  }
  return [];
}

/** Only a version that was offered as well tells that it was the suites, or the groups. */
function chosenIn(question: TlsQuestionReport, decisive: Handshake): string | null {
  const { answer } = question;
  if (answer.kind !== 'hello' || answer.version.name === null) return null;
  const offered = decisive.tls.clientHello?.versions ?? [];
  return offered.includes(answer.version.name) ? answer.version.name : null;
}

const widerCiphers: Detector = (seen) =>
  answeredBeyond(seen, (question, decisive) => {
    const version = chosenIn(question, decisive);
    const suite = question.answer.kind === 'hello' ? question.answer.suite.name : null;
    if (version === null || suite === null) return null;
    return (decisive.tls.clientHello?.ciphers ?? []).includes(suite)
      ? null
      : `${version} was answered with ${suite}, which the first ClientHello did not offer`;
  });

const otherGroups: Detector = (seen) =>
  answeredBeyond(seen, (question, decisive) => {
    const version = chosenIn(question, decisive);
    if (version === null || question.answer.kind !== 'hello') return null;
    const { suite, group } = question.answer;
    const offered = offeredGroups(decisive);
    if (group === null || offered === null || offered.has(group.value)) return null;
    return (decisive.tls.clientHello?.ciphers ?? []).includes(suite.name ?? '')
      ? `${version} was answered with the group ${group.name ?? group.value}, which the first ClientHello did not offer`
      : null;
  });

/** Numbers of the groups in the ClientHello; null: its event is not at hand. */
function offeredGroups(one: Handshake): ReadonlySet<unknown> | null {
  const hello = lastEvent(one, { kind: 'message', by: 'client', message: 'tls-client-hello' });
  const groups = property(hello?.['message'], 'groups');
  return Array.isArray(groups)
    ? new Set(groups.map((group: unknown) => property(group, 'value')))
    : null;
}

/** What OpenSSL calls a key or a signature that it takes for too weak. */
const WEAK_CERTIFICATE = /(EE|CA)_KEY_TOO_SMALL|CA_MD_TOO_WEAK/i;

const refusedByUs = inEach((one) => {
  const error = lastEvent(one, { kind: 'endpoint-error' });
  const says = `${text(error, 'code') ?? ''} ${text(error, 'says') ?? ''}`.trim();
  return WEAK_CERTIFICATE.test(says.replaceAll(' ', '_'))
    ? evidence(one, says, { kind: 'endpoint-error' }, 'tls')
    : null;
});

const askedForCertificate = inEach((one) => {
  const event = one.events.findLast(
    (candidate) =>
      candidate['by'] === 'server' &&
      property(candidate['message'], 'type') === 'tls-handshake' &&
      property(candidate['message'], 'name') === 'certificate-request',
  );
  if (event === undefined) return null;
  const packets = packetsOf(event);
  return { says: 'CertificateRequest', handshake: one.id, atMs: event.atMs, packets };
});

/** How TLS goes, or does not. */
export const TLS_SIGNALS: Detectors = {
  'tls.alert-40': alerted(40),
  'tls.alert-70': alerted(70),
  'tls.alert-71': alerted(71),
  'tls.alert-80': alerted(80),
  'tls.alert-116': alerted(116),
  'tls.certificate-request': askedForCertificate,
  'tls.fin-after-client-hello': endedUnheard('closed'),
  'tls.rst-after-client-hello': endedUnheard('reset'),
  'tls.timeout-after-client-hello': stalled(false),
  'tls.server-flight-stalled': stalled(true),
  'tls.gap-in-flight': inEach((one) =>
    failed(one, 'tls', 'timeout') && (one.tcp.outOfOrder ?? 0) > 0
      ? remark(`${one.tcp.outOfOrder} segments came ahead of one that is missing`, one.id)
      : null,
  ),
  'tcp.full-segment-arrived': inEach((one) =>
    failed(one, 'tls', 'timeout') && spokeTls(one) && filledSegment(one)
      ? remark(`a segment of ${one.tcp.largestSegment.server} bytes arrived`, one.id)
      : null,
  ),
  'tls.small-unacknowledged': inEach((one) => (stoppedAfterSmall(one) ? ended(one) : null)),
  'tls.local-abort-weak-cert': refusedByUs,
  'tls.ok': shownWhere(
    (one) => stage(one, 'tls')?.status === 'completed',
    ({ tls }) => listed([tls.version, tls.cipher].filter((part) => part !== null)),
    { kind: 'message', message: 'tls-finished' },
    'tls',
  ),
  'tls.ok-version-le-1.1': onlyOld,
  'tls.no-version-accepted': noVersion,
  'tls.ok-with-small-hello': onlySmall,
  'tls.ok-with-older-hello': onlyOlder,
  'tls.ok-with-wider-ciphers': widerCiphers,
  'tls.ok-with-other-groups': otherGroups,
};
