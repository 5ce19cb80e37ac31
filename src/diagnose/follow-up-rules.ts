import type { Asked } from '../handshake/follow-up.js';
import type { Handshake } from '../handshake/handshake.js';
import {
  HYBRID_REQUIRED_BY_SERVER,
  PROTOCOL_RDP,
  SSL_REQUIRED_BY_SERVER,
} from '../wire/negotiation.js';
import { finding } from './case.js';
import type { CauseId } from './causes.js';
import type { Evidence, Finding } from './finding.js';
import { type Answer, answerAs, answersTo, evidenceOf, questionAs } from './follow-up-answers.js';

/**
 * The findings of a failed handshake in the light of the questions that were asked after it: what
 * the answers rule out comes last and says why, what they speak for has them as evidence, and what
 * they show comes first. The handshake itself stays the one that decides.
 */
export function inLightOfFollowUps(
  decisive: Handshake,
  followUps: readonly Handshake[],
  findings: readonly Finding[],
): readonly Finding[] {
  const effect = effectOf(decisive, answersTo(decisive, followUps));
  if (effect === null) return findings;
  const shows = effect.shows.map((shown) => onTopOf(findings, shown));
  const kept: Finding[] = [];
  const ruledOut: Finding[] = [];
  for (const one of findings) {
    if (shows.some(({ cause }) => cause === one.cause)) continue;
    const objection = effect.against.find(({ causes }) => causes.has(one.cause));
    if (objection === undefined) {
      const speaks = effect.for.filter(({ causes }) => causes.has(one.cause));
      kept.push(speaks.reduce(withEvidence, one));
      continue;
    }
    const against = [...withoutDoubt(one.against), objection.says];
    ruledOut.push({ ...one, certainty: 'possible', against });
  }
  return [...shows, ...kept, ...ruledOut];
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

/** What further answers come to. */
interface Effect {
  /** findings that the answers themselves give, best first */
  readonly shows: readonly Finding[];
  readonly for: readonly Support[];
  readonly against: readonly {
    readonly causes: ReadonlySet<string>;
    /** why these causes can no longer be it, as a clause */
    readonly says: string;
  }[];
  /** a clause of the verdict */
  readonly remark: string;
}

interface Support {
  readonly causes: ReadonlySet<string>;
  readonly evidence: readonly Evidence[];
  /** the objections of one single try are answered */
  readonly settlesDoubt: boolean;
  /** causes whose next check this was */
  readonly wasNextCheckOf?: ReadonlySet<string>;
}

function withEvidence(one: Finding, support: Support): Finding {
  const { evidence, settlesDoubt, wasNextCheckOf } = support;
  return {
    ...one,
    evidence: [...one.evidence, ...evidence],
    against: settlesDoubt ? withoutDoubt(one.against) : one.against,
    nextCheck: wasNextCheckOf?.has(one.cause) === true ? null : one.nextCheck,
  };
}

/** What was said against a cause because one ClientHello alone had been tried is answered now. */
function withoutDoubt(against: readonly string[]): readonly string[] {
  return against.filter((says) => !says.startsWith('one ClientHello was tried'));
}

/** A clause of the verdict: what the further questions showed; empty: nothing worth the place. */
export function followUpRemark(decisive: Handshake, followUps: readonly Handshake[]): string {
  const effect = effectOf(decisive, answersTo(decisive, followUps));
  return effect === null || effect.remark === '' ? '' : `; ${effect.remark}`;
}

const causes = (...ids: readonly CauseId[]): ReadonlySet<string> => new Set(ids);

/** States of the server that do not come and go from one second to the next. */
const LASTING = causes(
  'private-key-acl-machinekeys',
  'private-key-missing-or-corrupt',
  'listener-thumbprint-stale',
  'custom-cert-key-acl',
  'xrdp-private-key-unreadable',
  'server-has-no-usable-certificate',
  'schannel-configuration-damaged',
  'tls-versions-disabled-on-host',
  'tls-server-only-legacy',
  'tls-cipher-mismatch',
  'tls-no-common-group',
  'fips-mode-mismatch',
  'client-certificate-required',
  'large-clienthello-intolerant-path',
  'mtu-vpn-no-mss-clamp',
  'ntlm-blocked',
  'rdp-disabled',
  'rdp-port-changed',
  'rdp-port-taken-by-other-app',
  'not-an-rdp-service',
);

/** Those that do. */
const PASSING = causes(
  'packet-loss-on-path',
  'brute-force-exhaustion',
  'rdp-connection-limit-or-drain',
  'load-balancer-or-broker-token',
  'host-busy-or-out-of-memory',
  'termservice-not-running',
  'middlebox-dpi-resets-rdp',
);

/** Of the server's key or certificate: it cannot start TLS at all. */
const NO_TLS_AT_ALL = causes(
  'private-key-acl-machinekeys',
  'private-key-missing-or-corrupt',
  'listener-thumbprint-stale',
  'custom-cert-key-acl',
  'xrdp-private-key-unreadable',
  'schannel-configuration-damaged',
);

/** What the content of the ClientHello decides. */
const OF_CONTENT = causes(
  'tls-versions-disabled-on-host',
  'tls-server-only-legacy',
  'tls-cipher-mismatch',
  'tls-no-common-group',
  'fips-mode-mismatch',
  'large-clienthello-intolerant-path',
);

type ByQuestion = (asked: Asked) => Answer | null;

/** null: the answers change nothing. */
function effectOf(decisive: Handshake, answers: readonly Answer[]): Effect | null {
  if (answers.length === 0) return null;
  const by: ByQuestion = (asked) => answers.find((answer) => answer.asked === asked) ?? null;
  const again = by('again');
  if (again?.fared === 'through') return chance(decisive, again);
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

const NOTHING: Effect = { shows: [], for: [], against: [], remark: '' };

/** The same went through on a second try: whatever lasts is not it. */
function chance(decisive: Handshake, again: Answer): Effect {
  const evidence = [evidenceOf(again)];
  const further = again.handshake.outcome.status === 'ok' ? 'went through' : 'got further';
  const says = `The same failed once and ${further} when it was tried again: it depends on the moment, or on which host answers.`;
  const ended = decisive.outcome.how === 'reset' || decisive.outcome.how === 'closed';
  const varying: readonly CauseId[] =
    decisive.outcome.how === 'timeout'
      ? ['packet-loss-on-path', 'host-busy-or-out-of-memory']
      : ended
        ? [
            'load-balancer-or-broker-token',
            'rdp-connection-limit-or-drain',
            'brute-force-exhaustion',
          ]
        : [];
  return {
    ...NOTHING,
    shows: varying.map((cause) =>
      finding(cause, 'possible', {
        says,
        evidence,
        nextCheck: 'Repeat the check 20 times: does it fail at random, or on one host of several?',
      }),
    ),
    for: [{ causes: PASSING, evidence, settlesDoubt: false }],
    against: [
      { causes: LASTING, says: `the same ${further} on a second try, so that it does not last` },
      { causes: causes('termservice-hung'), says: `the service answered a second try` },
    ],
    remark: `a second try ${further}`,
  };
}

/** The same died in the same way again: it is no chance. */
function sameAgain(again: Answer | null): Effect | null {
  if (again === null || again.fared !== 'same') return null;
  return {
    ...NOTHING,
    for: [{ causes: LASTING, evidence: [evidenceOf(again)], settlesDoubt: false }],
    remark: 'a second try ended in the same way',
  };
}

/** Their next check is an offer of what the failure code asks for. */
const ASKED_WITH_OFFER = causes('nla-required-by-server', 'tls-required-by-server');

/** After a refused negotiation: whether the offer that the code asks for is accepted. */
function offers(answers: readonly Answer[]): Effect | null {
  const answer = answers.find(({ asked }) => asked === 'other-offer' || asked === 'plain-rdp');
  if (answer === undefined) return sameAgain(answers[0] ?? null);
  const evidence = [evidenceOf(answer)];
  const refusals = causes(
    'nla-required-by-server',
    'tls-required-by-server',
    'security-layer-rdp-only',
    'server-has-no-usable-certificate',
    'client-certificate-required',
  );
  return {
    ...NOTHING,
    for: [{ causes: refusals, evidence, settlesDoubt: false, wasNextCheckOf: ASKED_WITH_OFFER }],
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

/** TLS is answered where RDP's request is not: it is another service, or something minds RDP. */
function onlyDirectTls(decisive: Handshake, direct: Answer): Effect {
  const evidence = [evidenceOf(direct)];
  const silent = decisive.outcome.how === 'timeout';
  return {
    ...NOTHING,
    shows: [
      finding('middlebox-dpi-resets-rdp', silent ? 'likely' : 'possible', {
        says: 'TLS at once is answered, and the RDP request is not: something on the way may mind the request alone.',
        evidence,
        against: ['a service of TLS that is not RDP answers so too'],
      }),
      finding('not-an-rdp-service', 'possible', {
        says: 'TLS at once is answered, and the RDP request is not: the service may speak TLS and no RDP.',
        evidence,
        nextCheck: 'Look whose the certificate is that the direct TLS connection shows.',
      }),
    ],
    against: [
      {
        causes: causes('termservice-hung', 'brute-force-exhaustion'),
        says: 'the service behind the port answers TLS',
      },
    ],
    remark: 'TLS without the request is answered',
  };
}

/** After a ClientHello that was not answered, or answered with an end. */
function hellos(decisive: Handshake, answers: readonly Answer[], by: ByQuestion): Effect | null {
  const small = by('small-hello');
  const legacy = by('legacy-hello');
  const short = shortAnswer(decisive, answers);
  if (short !== null) return onlyShortAnswers(short);
  // An alert is a word of TLS, although it is no consent.
  if (small !== null && small.fared === 'through') return answeredSmall(decisive, small, by);
  if (legacy !== null && legacy.fared === 'through') return answeredLegacy(legacy, small);
  const plain = by('plain-rdp');
  const direct = by('direct-tls');
  if (direct?.fared === 'through') {
    const evidence = [evidenceOf(direct)];
    return {
      ...NOTHING,
      shows: [
        finding('middlebox-dpi-resets-rdp', 'likely', {
          says: 'TLS without the RDP request is answered, and behind the request it is not: something on the way, or in front of the service, minds what is RDP.',
          evidence,
        }),
      ],
      against: [{ causes: NO_TLS_AT_ALL, says: 'TLS without the request is answered' }],
      remark: 'TLS without the request is answered',
    };
  }
  const tried = answers.filter(({ asked }) => asked.endsWith('-hello'));
  // An alert is the server's own word on what was offered; that it stays so takes nothing from it.
  if (decisive.outcome.how === 'alert') return sameAlert(tried);
  if (small === null || tried.some(({ fared }) => fared !== 'same')) return sameAgain(by('again'));
  return noHelloHelps(tried, plain);
}

/** After silence: an answer that needs one small packet, a consent or an alert, did arrive. */
function shortAnswer(decisive: Handshake, answers: readonly Answer[]): Answer | null {
  const short = answers.find(
    ({ asked, fared }) => asked === 'short-answer-hello' && fared === 'through',
  );
  if (short !== undefined || decisive.outcome.how !== 'timeout') return short ?? null;
  const small = answers.some(({ asked, fared }) => asked === 'small-hello' && fared === 'same');
  const alerted = answers.find(
    ({ asked, handshake }) => asked.endsWith('-hello') && handshake.outcome.how === 'alert',
  );
  return small ? (alerted ?? null) : null;
}

/** No ClientHello is answered, whatever is in it: it is not what the client offers. */
function noHelloHelps(died: readonly Answer[], plain: Answer | null): Effect {
  const alive = plain !== null && answeredNegotiation(plain);
  return {
    ...NOTHING,
    for: [
      {
        causes: NO_TLS_AT_ALL,
        evidence: [...died.map(evidenceOf), ...(alive ? [evidenceOf(plain)] : [])],
        settlesDoubt: true,
      },
      {
        causes: causes('middlebox-dpi-resets-rdp', 'termservice-hung'),
        evidence: died.map(evidenceOf),
        settlesDoubt: false,
      },
    ],
    against: [
      {
        causes: OF_CONTENT,
        says: `${countOf(died.length)} of another kind ended in the same way`,
      },
      ...(alive
        ? [
            {
              causes: causes('termservice-hung'),
              says: 'the server answered an offer without TLS at once',
            },
          ]
        : []),
    ],
    remark: `no ClientHello is answered, whatever it offers${aliveRemark(plain)}`,
  };
}

function aliveRemark(plain: Answer | null): string {
  if (plain === null || !answeredNegotiation(plain)) return '';
  return plain.handshake.outcome.status === 'ok'
    ? ', and without TLS the server goes on'
    : ', although the server itself negotiates';
}

/** The server took part in the negotiation: it selected standard RDP security, or wants more. */
function answeredNegotiation({ handshake }: Answer): boolean {
  const { selectedProtocol, failure, kind } = handshake.x224.response;
  if (kind === 'none-negotiated' || selectedProtocol?.value === PROTOCOL_RDP) return true;
  return failure?.code === HYBRID_REQUIRED_BY_SERVER || failure?.code === SSL_REQUIRED_BY_SERVER;
}

function sameAlert(tried: readonly Answer[]): Effect | null {
  const same = tried.filter(({ fared }) => fared === 'same');
  if (same.length === 0) return null;
  return {
    ...NOTHING,
    for: [{ causes: LASTING, evidence: same.map(evidenceOf), settlesDoubt: false }],
    remark: `${countOf(same.length)} of another kind got an alert as well`,
  };
}

function countOf(count: number): string {
  return count === 1 ? 'a ClientHello' : `${count} ClientHellos`;
}

/** A smaller ClientHello of TLS 1.2 is answered: is it the size of the first, or what is in it? */
function answeredSmall(decisive: Handshake, small: Answer, by: ByQuestion): Effect {
  const padded = by('padded-hello');
  const again = by('again');
  const first = decisive.tls.clientHello?.bytes ?? null;
  const evidence = [small, padded, again].filter((one) => one !== null).map(evidenceOf);
  const against = [
    { causes: NO_TLS_AT_ALL, says: 'a smaller ClientHello of TLS 1.2 was answered with TLS' },
    {
      causes: causes('mtu-pmtud-blackhole', 'mtu-vpn-no-mss-clamp', 'termservice-hung'),
      says: 'the whole flight of the server arrived when the ClientHello was smaller',
    },
  ];
  if (padded === null || padded.fared === 'before') {
    return { ...NOTHING, against, remark: 'a smaller ClientHello of TLS 1.2 is answered' };
  }
  if (padded.fared === 'through') {
    return {
      ...NOTHING,
      shows: [
        finding('large-clienthello-intolerant-path', 'likely', {
          says: 'A ClientHello of TLS 1.2 alone is answered, whatever its size, and one that offers TLS 1.3 as well is not: a device or the server does not bear what newer clients send.',
          evidence,
          nextCheck: 'Probe from the subnet of the server, without the devices in between.',
        }),
      ],
      against,
      remark: 'a ClientHello of TLS 1.2 alone is answered, whatever its size',
    };
  }
  const size = first === null ? '' : `of ${first} bytes `;
  const least = small.handshake.tls.clientHello?.bytes ?? null;
  return {
    ...NOTHING,
    shows: [
      finding('large-clienthello-intolerant-path', 'likely', {
        says: `A ClientHello ${size}is not answered, whatever is in it, and one of ${least ?? 'fewer'} bytes is: its size decides.`,
        evidence,
        nextCheck: 'Probe from the subnet of the server, without the devices in between.',
      }),
    ],
    against: [
      ...against,
      {
        causes: causes(
          'tls-cipher-mismatch',
          'tls-versions-disabled-on-host',
          'fips-mode-mismatch',
        ),
        says: 'the same offer is answered when it is smaller',
      },
    ],
    remark: 'a smaller ClientHello is answered, the same one padded is not',
  };
}

/** Only TLS 1.0 is answered, although the first ClientHello offered it too. */
function answeredLegacy(legacy: Answer, small: Answer | null): Effect {
  const { version, cipher } = legacy.handshake.tls;
  return {
    ...NOTHING,
    shows: [
      finding('tls-server-only-legacy', 'likely', {
        says: `Only a ClientHello that offers nothing newer than TLS 1.0 is answered (${[version, cipher].filter((part) => part !== null).join(', ')}).`,
        evidence: [legacy, small].filter((one) => one !== null).map(evidenceOf),
      }),
    ],
    against: [{ causes: NO_TLS_AT_ALL, says: 'a ClientHello of TLS 1.0 was answered with TLS' }],
    remark: 'a ClientHello of TLS 1.0 is answered',
  };
}

/** The server's usual flight does not arrive, and a short answer does: it is a matter of size. */
function onlyShortAnswers(short: Answer): Effect {
  const evidence = [evidenceOf(short)];
  return {
    ...NOTHING,
    shows: [
      finding('mtu-pmtud-blackhole', 'likely', {
        says: 'An answer of one small packet arrives, and the usual flight of the server, with its certificate, does not.',
        evidence,
        against: ['one connection of each kind is a small sample: --path measures the sizes'],
      }),
    ],
    against: [
      { causes: causes('termservice-hung'), says: 'the server answers a ClientHello at once' },
    ],
    remark: 'an answer that fits one small packet arrives',
  };
}

/** Whether TLS without NLA works tells whether it is NLA that fails. */
function withoutNla(answers: readonly Answer[], by: ByQuestion): Effect | null {
  const tls = by('other-offer');
  if (tls === null || tls.fared === 'before') {
    return tls === null ? null : sameThroughout(answers);
  }
  if (tls.fared !== 'through' && tls.handshake.outcome.status !== 'ok') return null;
  return {
    ...NOTHING,
    for: [
      {
        causes: causes('ntlm-blocked', 'tls-interception-breaks-nla'),
        evidence: [evidenceOf(tls)],
        settlesDoubt: false,
      },
    ],
    against: [
      {
        causes: causes('termservice-hung', 'mtu-pmtud-blackhole', 'packet-loss-on-path'),
        says: 'TLS without NLA went through',
      },
    ],
    remark: 'without NLA it goes through',
  };
}

/** Every further question died in the same way. */
function sameThroughout(answers: readonly Answer[]): Effect | null {
  const same = answers.filter(({ fared }) => fared === 'same');
  if (same.length === 0) return null;
  return {
    ...NOTHING,
    for: [
      {
        causes: causes('termservice-hung', 'middlebox-dpi-resets-rdp', 'not-an-rdp-service'),
        evidence: same.map(evidenceOf),
        settlesDoubt: false,
      },
    ],
    remark:
      same.length === 1
        ? 'a second try ended in the same way'
        : `${same.length} more tries ended in the same way`,
  };
}
