import type { CertificateReport, Handshake } from '../handshake/handshake.js';
import { type CertificateJudgement, judgeCertificate } from './certificate.js';
import { day, duration, listed } from './figures.js';
import type { Evidence } from './finding.js';
import { computerOf, evidence } from './seen.js';
import { type Detector, type Detectors, inEach, remark, type SignalCase } from './signals-case.js';

/** Looks at the server's own certificate; null: nothing of the kind. */
type Judge = (
  leaf: CertificateReport,
  judged: CertificateJudgement,
  one: Handshake,
) => string | null;

function judging(judge: Judge): Detector {
  return inEach((one, { nowMs }) => {
    const [leaf] = one.tls.certificates;
    if (leaf === undefined) return null;
    const startedAt = Date.parse(one.startedAt);
    const says = judge(
      leaf,
      judgeCertificate(leaf, {
        target: one.server.name ?? one.server.address,
        netbiosComputerName: one.credssp.ntlm?.netbiosComputerName ?? null,
        dnsComputerName: one.credssp.ntlm?.dnsComputerName ?? null,
        clockMs: Number.isNaN(startedAt) ? nowMs : startedAt,
        clockSkewMs: one.credssp.ntlm?.clockSkewMs ?? null,
      }),
      one,
    );
    return says === null ? null : shown(one, says);
  });
}

/** In TLS 1.3 the message is encrypted: only an end of the connection, or its keys, tells it. */
function shown(one: Handshake, says: string): Evidence {
  const kind = one.events.some((event) => event['kind'] === 'tls-secured')
    ? { kind: 'tls-secured' }
    : { kind: 'message', by: 'server' as const, message: 'tls-certificate' };
  return evidence(one, says, kind, 'tls');
}

/**
 * Two certificates for the same key type at the same address and port. A server may have one for each
 * type of key, and shows the one that suits the ClientHello.
 */
const differing: Detector = ({ decisive, judged, all }: SignalCase) => {
  if (decisive === null) return [];
  const further = all.filter(
    ({ purpose }) => purpose === 'follow-up' || purpose === 'path' || purpose === 'matrix',
  );
  const first = new Map<string, { readonly one: Handshake; readonly leaf: CertificateReport }>();
  for (const one of [...judged, ...further]) {
    const [leaf] = one.tls.certificates;
    const { address, port } = one.server;
    if (leaf === undefined || address !== decisive.server.address) continue;
    const key = `${port} ${leaf.keyType} ${one.tls.clientHello?.serverName}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, { one, leaf });
    else if (before.leaf.sha256 !== leaf.sha256) {
      return [
        remark(`certificate ${before.leaf.sha256.slice(0, 16)}`, before.one.id),
        remark(`certificate ${leaf.sha256.slice(0, 16)}`, one.id),
      ];
    }
  }
  return [];
};

const expired: Judge = (leaf, { byOurClock }) =>
  byOurClock.status === 'expired'
    ? `expired ${duration(byOurClock.agoMs)} ago, on ${day(leaf.notAfter)}`
    : null;

const notYetValid: Judge = (leaf, { byOurClock }) =>
  byOurClock.status === 'not-yet-valid' ? `valid only from ${day(leaf.notBefore)}` : null;

/** As the findings tell them apart: one whose issuer is not known counts as issued by another. */
function onSelfSigned(selfSigned: boolean, judge: Judge): Judge {
  return (leaf, judged, one) =>
    (leaf.selfSigned === true) === selfSigned ? judge(leaf, judged, one) : null;
}

/** What the server's certificate is, by the clock and the name that it is judged by. */
export const CERTIFICATE_SIGNALS: Detectors = {
  'cert.expired': judging(expired),
  'cert.self-signed-expired': judging(onSelfSigned(true, expired)),
  'cert.issued-expired': judging(onSelfSigned(false, expired)),
  'cert.not-yet-valid': judging(notYetValid),
  'cert.issued-not-yet-valid': judging(onSelfSigned(false, notYetValid)),
  'cert.name-mismatch': judging((_, { target, names }, one) =>
    target === 'differs'
      ? `${one.server.name ?? one.server.address} was asked for, and it is for ${listed(names)}`
      : null,
  ),
  'cert.other-computer': judging(({ selfSigned }, { computerName, names }, one) =>
    selfSigned === true && computerName === 'differs'
      ? `it is for ${listed(names)}, and the computer calls itself ${computerOf(one) ?? 'otherwise'}`
      : null,
  ),
  'cert.sha1': judging(({ signatureAlgorithm }, { signature }) =>
    signature === 'weak' ? `signed with ${signatureAlgorithm}` : null,
  ),
  'cert.weak-key': judging(({ keyType, keyBits }, { key }) =>
    key === 'weak' || key === 'refused-by-windows' ? `${keyType} key of ${keyBits} bits` : null,
  ),
  // Which roots a client trusts is not seen from here; that nobody else vouches for it is.
  'cert.untrusted-issuer': judging((_, { selfSigned }) =>
    selfSigned === true ? 'issued by itself: no authority vouches for it' : null,
  ),
  'cert.differs-by-attempt': differing,
};
