import type { Handshake } from '../handshake/handshake.js';
import {
  HYBRID_REQUIRED_BY_SERVER,
  PROTOCOL_RDP,
  SSL_REQUIRED_BY_SERVER,
} from '../wire/negotiation.js';
import { finding } from './case.js';
import { type Answer, evidenceOf } from './follow-up-answers.js';
import {
  type ByQuestion,
  causes,
  type Effect,
  LASTING,
  NOTHING,
  sameAgain,
} from './follow-up-effect.js';

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

/** After a ClientHello that was not answered, or answered with an end. */
export function hellos(
  decisive: Handshake,
  answers: readonly Answer[],
  by: ByQuestion,
): Effect | null {
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
