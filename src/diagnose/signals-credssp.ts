import type { Handshake } from '../handshake/handshake.js';
import { SIGNALS, type SignalId } from './catalogue/signals.js';
import { FIRST_UPDATED_VERSION, KERBEROS_TOLERANCE_MS } from './credssp-rules.js';
import { duration } from './figures.js';
import {
  type EventQuery,
  earlyAuthorization,
  isRefusedWithoutCode,
  logonWasTried,
  number,
  property,
  stage,
} from './seen.js';
import {
  type Detector,
  type Detectors,
  ended,
  failed,
  inEach,
  shownWhere,
} from './signals-case.js';

const ANSWER: EventQuery = { kind: 'message', by: 'server', message: 'ts-request' };

const CODE_PREFIX = 'credssp.errorcode-';

/** A detector for each code of TSRequest.errorCode, [MS-CSSP] 2.2.1, that the vocabulary names. */
function errorCodes(): Detectors {
  const ids = (Object.keys(SIGNALS) as SignalId[]).filter((id) => id.startsWith(CODE_PREFIX));
  return Object.fromEntries(
    ids.map((id) => [id, refusedWith(Number(id.slice(CODE_PREFIX.length)))]),
  );
}

function refusedWith(code: number): Detector {
  return shownWhere(
    ({ credssp }) => credssp.errorCode !== null && Number(credssp.errorCode.code) === code,
    ({ credssp }) => `TSRequest.errorCode ${credssp.errorCode?.name ?? credssp.errorCode?.code}`,
    ANSWER,
    'credssp',
  );
}

/** The version that the server answers with. */
function version(matches: (version: number) => boolean): Detector {
  return shownWhere(
    ({ credssp }) => credssp.version !== null && matches(credssp.version),
    ({ credssp }) => `TSRequest.version ${credssp.version}`,
    ANSWER,
    'credssp',
  );
}

function alertInCredSsp(code: number): Detector {
  return shownWhere(
    (one) =>
      failed(one, 'credssp') && one.tls.alert?.by === 'server' && one.tls.alert.code === code,
    ({ tls }) => `TLS alert ${tls.alert?.name ?? ''} (${code}) within CredSSP`,
    { kind: 'message', by: 'server', message: 'tls-alert' },
    'credssp',
  );
}

function serverEndedIt(one: Handshake): boolean {
  return failed(one, 'credssp', 'closed', 'reset') && one.outcome.by === 'server';
}

/** Time to think, round trips left out, that is no network's. */
const LONG_THOUGHT_MS = 2_000;

/** A TSRequest that needs more than one full segment. */
const LARGE_MESSAGE = 1_200;

/** A small TSRequest was answered, and a large one after it was not. */
const largeStalled = inEach((one) => {
  if (!failed(one, 'credssp', 'timeout')) return null;
  const sent = one.events.filter(
    (event) => event['by'] === 'client' && property(event['message'], 'type') === 'ts-request',
  );
  const last = number(sent.at(-1) ?? null, 'bytes') ?? 0;
  const first = number(sent[0] ?? null, 'bytes') ?? 0;
  if (sent.length < 2 || last < LARGE_MESSAGE || first >= LARGE_MESSAGE) return null;
  return { ...ended(one), says: `${first} bytes were answered, ${last} were not` };
});

/** What CredSSP and the NTLM challenge in it tell, [MS-CSSP] and [MS-NLMP]. */
export const CREDSSP_SIGNALS: Detectors = {
  ...errorCodes(),
  'credssp.alert-49': alertInCredSsp(49),
  'credssp.alert-80': alertInCredSsp(80),
  'credssp.challenge-ok': shownWhere(
    ({ credssp }) => credssp.ntlm !== null && credssp.errorCode === null,
    () => 'NTLM CHALLENGE',
    ANSWER,
    'credssp',
  ),
  'credssp.server-version-2': version((number) => number === 2),
  'credssp.server-version-le-4': version((number) => number < FIRST_UPDATED_VERSION),
  'credssp.server-version-ge-5': version((number) => number >= FIRST_UPDATED_VERSION),
  'credssp.ntlm-timestamp-skew': shownWhere(
    ({ credssp }) => Math.abs(credssp.ntlm?.clockSkewMs ?? 0) > KERBEROS_TOLERANCE_MS,
    ({ credssp }) => `the server's clock differs by ${duration(credssp.ntlm?.clockSkewMs ?? 0)}`,
    ANSWER,
    'credssp',
  ),
  'credssp.slow-challenge': shownWhere(
    (one) => one.credssp.ntlm !== null && (stage(one, 'credssp')?.serverMs ?? 0) >= LONG_THOUGHT_MS,
    (one) =>
      `the server took ${duration(stage(one, 'credssp')?.serverMs ?? 0)} more than its round trips`,
    ANSWER,
    'credssp',
  ),
  'credssp.fin': inEach((one) => (serverEndedIt(one) ? ended(one) : null)),
  'credssp.fin-after-authenticate': inEach((one) =>
    serverEndedIt(one) && logonWasTried(one) ? ended(one) : null,
  ),
  'credssp.timeout-after-authenticate': inEach((one) =>
    failed(one, 'credssp', 'timeout') && logonWasTried(one) ? ended(one) : null,
  ),
  'credssp.logon-refused': inEach((one) => (isRefusedWithoutCode(one) ? ended(one) : null)),
  'credssp.certificate-changed': shownWhere(
    ({ credssp }) => credssp.logon?.outcome === 'certificate-changed',
    ({ credssp }) => credssp.logon?.detail ?? '',
    { kind: 'nla-verdict' },
    'credssp',
  ),
  'credssp.stall-on-large-message': largeStalled,
  'credssp.pubkey-mismatch': shownWhere(
    ({ credssp }) => credssp.logon?.outcome === 'key-not-proved',
    ({ credssp }) => credssp.logon?.detail ?? '',
    { kind: 'nla-verdict' },
    'credssp',
  ),
  'credssp.early-auth-denied': shownWhere(
    (one) => (one.credssp.earlyUserAuthorization?.code ?? earlyAuthorization(one)) === 5,
    () => 'Early User Authorization Result 5',
    { kind: 'message', message: 'early-user-authorization' },
    'credssp',
  ),
};
