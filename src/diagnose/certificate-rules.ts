import type { CertificateReport } from '../handshake/handshake.js';
import { type Case, finding, type Rule } from './case.js';
import type { CertificateJudgement, Validity } from './certificate.js';
import { day, duration, listed } from './figures.js';
import type { Evidence, Finding } from './finding.js';
import { computerOf, evidence } from './seen.js';
import { kindOf } from './server-kind.js';

/** What the server's certificate itself shows, whether or not the handshake went on after it. */
export const certificateRules: Rule = (seen) => {
  const leaf = seen.handshake.tls.certificates[0];
  if (leaf === undefined || seen.certificate === null) return [];
  const judged: Judged = { ...seen, leaf, certificate: seen.certificate };
  return [...dates(judged), ...strength(judged), ...names(judged)];
};

interface Judged extends Case {
  readonly leaf: CertificateReport;
  readonly certificate: CertificateJudgement;
}

function shown({ handshake, leaf }: Judged, says?: string): readonly Evidence[] {
  const what =
    says ??
    `the certificate of ${leaf.subject ?? 'the server'} is valid from ${day(leaf.notBefore)} to ${day(leaf.notAfter)}`;
  const inMessage = evidence(
    handshake,
    what,
    { kind: 'message', message: 'tls-certificate' },
    'tls',
  );
  const secured = evidence(handshake, what, { kind: 'tls-secured' }, 'tls');
  return [handshake.tls.version?.startsWith('TLSv1.3') === true ? secured : inMessage];
}

function dates(judged: Judged): readonly Finding[] {
  const ours = judged.certificate.byOurClock;
  switch (ours.status) {
    case 'expired':
      return expired(judged, ours.agoMs);
    case 'not-yet-valid':
      return notYetValid(judged, ours.inMs);
    case 'valid':
      return validByOurClock(judged, ours.endsInMs);
    case 'unknown':
      return [];
  }
}

/** Whether the server's own clock, where it is known, sees the certificate as ours does. */
function clocksAgree(certificate: CertificateJudgement): boolean | null {
  const { byOurClock, byServerClock } = certificate;
  return byServerClock === null ? null : byServerClock.status === byOurClock.status;
}

function clockDoubt(certificate: CertificateJudgement): readonly string[] {
  switch (clocksAgree(certificate)) {
    case true:
      return [];
    case false:
      return [`by the server's own clock it is ${inWords(certificate.byServerClock)}`];
    case null:
      return ['judged by our clock alone: the server did not tell its own'];
  }
}

function inWords(validity: Validity | null): string {
  switch (validity?.status) {
    case 'valid':
      return 'valid';
    case 'expired':
      return `expired ${duration(validity.agoMs)} ago`;
    case 'not-yet-valid':
      return `valid only in ${duration(validity.inMs)}`;
    case 'unknown':
    case undefined:
      return 'not known';
  }
}

function expired(judged: Judged, agoMs: number): readonly Finding[] {
  const { leaf, certificate, handshake } = judged;
  const certainty = clocksAgree(certificate) === false ? 'likely' : 'proved';
  const against = [...clockDoubt(certificate)];
  if (handshake.outcome.status === 'ok') {
    against.push('the handshake itself completed: a client that only warns still connects');
  }
  const when = `expired ${duration(agoMs)} ago, on ${day(leaf.notAfter)}`;
  if (leaf.selfSigned === true) {
    const renewal = kindOf(handshake).windows
      ? '; Windows replaces such a certificate by itself, and here that did not happen'
      : '';
    return [
      finding('self-signed-cert-not-renewed', certainty, {
        says: `The self-signed certificate of ${leaf.subject ?? 'the server'} ${when}${renewal}.`,
        evidence: shown(judged),
        against,
      }),
    ];
  }
  return [
    finding('ca-listener-cert-expired', certainty, {
      says: `The certificate of ${leaf.subject ?? 'the server'}, issued by ${leaf.issuer ?? 'another'}, ${when}.`,
      evidence: shown(judged),
      against,
    }),
  ];
}

function notYetValid(judged: Judged, inMs: number): readonly Finding[] {
  const { leaf, certificate } = judged;
  const says = `The certificate of ${leaf.subject ?? 'the server'} becomes valid only in ${duration(inMs)}, on ${day(leaf.notBefore)}`;
  const agree = clocksAgree(certificate);
  // One that signs itself has no other cause; a CA may have been asked for a later date.
  const certainty = agree === true && leaf.selfSigned !== true ? 'possible' : 'likely';
  const clock = finding('kerberos-time-skew', certainty, {
    says:
      agree === true
        ? `${says}, by both clocks: it was made while a clock was ahead.`
        : `${says}, by our clock: one of the two clocks is wrong.`,
    evidence: shown(judged),
    against: clockDoubt(certificate),
  });
  if (leaf.selfSigned === true) return [clock];
  return [
    clock,
    finding('ca-listener-cert-expired', agree === true ? 'proved' : 'possible', {
      says: `${says}.`,
      evidence: shown(judged),
      against: clockDoubt(certificate),
    }),
  ];
}

function validByOurClock(judged: Judged, endsInMs: number): readonly Finding[] {
  const { leaf, certificate } = judged;
  const theirs = certificate.byServerClock;
  if (theirs !== null && theirs.status !== 'valid' && theirs.status !== 'unknown') {
    return [
      finding('kerberos-time-skew', 'likely', {
        says: `By our clock the certificate of ${leaf.subject ?? 'the server'} is valid, by the server's it is ${inWords(theirs)}.`,
        evidence: shown(judged),
      }),
    ];
  }
  // Windows replaces its self-signed certificate when that ends: only another one needs a person.
  if (leaf.selfSigned === true || !certificate.endsSoon) return [];
  return [
    finding('ca-listener-cert-expired', 'possible', {
      says: `The certificate of ${leaf.subject ?? 'the server'} is still valid, but ends in ${duration(endsInMs)}, on ${day(leaf.notAfter)}.`,
      evidence: shown(judged),
      against: ['it is valid now: this explains no failure yet'],
    }),
  ];
}

function strength(judged: Judged): readonly Finding[] {
  const { leaf, certificate } = judged;
  const key = `${leaf.keyType ?? 'unknown'} key of ${leaf.keyBits ?? '?'} bits`;
  if (certificate.key === 'refused-by-windows') {
    const says = `The certificate has an ${key}; Windows refuses RSA keys below 1024 bits.`;
    return [finding('weak-certificate', 'proved', { says, evidence: shown(judged, key) })];
  }
  if (certificate.key === 'weak') {
    const says = `The certificate has an ${key}: Windows accepts it, clients with OpenSSL at security level 2 do not.`;
    return [finding('weak-certificate', 'possible', { says, evidence: shown(judged, key) })];
  }
  if (certificate.signature === 'weak' && leaf.selfSigned !== true) {
    const signature = `signed with ${leaf.signatureAlgorithm ?? 'a weak algorithm'}`;
    const says = `The certificate is ${signature}, which strict clients refuse.`;
    return [finding('weak-certificate', 'possible', { says, evidence: shown(judged, signature) })];
  }
  return [];
}

/**
 * Nearly every Windows host shows a self-signed certificate, and is asked for by another name or by
 * its address: that alone says nothing. What does: a certificate that a CA issued for another name,
 * one for another use, or a self-signed one for another computer than the one that answers.
 */
function names(judged: Judged): readonly Finding[] {
  const { leaf, certificate, handshake } = judged;
  const { usage } = certificate;
  const certified = listed(certificate.names);
  if (!usage.unrestricted && !usage.serverAuth && !usage.remoteDesktop) {
    const says = `The certificate is for ${listed(leaf.extendedKeyUsages)}, neither for server authentication nor for Remote Desktop.`;
    return [finding('cert-name-or-trust', 'possible', { says, evidence: shown(judged, says) })];
  }
  if (leaf.selfSigned !== true && certificate.target === 'differs') {
    const asked = handshake.server.name ?? handshake.server.address ?? 'the server';
    const says = `The certificate is for ${certified}, and ${asked} was asked for.`;
    return [finding('cert-name-or-trust', 'possible', { says, evidence: shown(judged, says) })];
  }
  if (leaf.selfSigned === true && certificate.computerName === 'differs') {
    const own = computerOf(handshake) ?? 'another name';
    const says = `The self-signed certificate is for ${certified}, and the computer calls itself ${own}: it was renamed, or something between opens the TLS.`;
    return [finding('cert-name-or-trust', 'possible', { says, evidence: shown(judged, says) })];
  }
  return [];
}
