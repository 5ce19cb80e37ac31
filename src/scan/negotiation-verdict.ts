import type {
  Conclusion,
  Demand,
  NegotiationReport,
  OfferAnswer,
  SecurityLayer,
} from '../handshake/scan.js';
import {
  HYBRID_REQUIRED_BY_SERVER,
  PROTOCOL_HYBRID,
  PROTOCOL_HYBRID_EX,
  PROTOCOL_RDP,
  PROTOCOL_RDSAAD,
  PROTOCOL_RDSTLS,
  PROTOCOL_SSL,
  REDIRECTED_AUTHENTICATION_MODE_SUPPORTED,
  RESTRICTED_ADMIN_MODE_SUPPORTED,
  SSL_CERT_NOT_ON_SERVER,
} from '../wire/negotiation.js';
import { sameAs, USUAL_OFFER } from './negotiation-plan.js';
import {
  describeAnswer,
  describeOffer,
  isAnswered,
  isInTls,
  isUnprotected,
  sameAnswer,
} from './offer-answer.js';

type Offers = readonly OfferAnswer[];

/**
 * What the answers to all offers come to. Pure: the same answers give the same conclusions. A
 * conclusion that was not reached is null and says why.
 *
 * @param offers in the order in which they were asked
 */
export function negotiationVerdict(offers: Offers): NegotiationReport {
  const answered = offers.filter(isAnswered);
  const told = offers.filter((one) => isAnswered(one) || ENDINGS.includes(one.answer));
  const standardRdp = standardRdpOf(told);
  const tls = tlsOf(answered, standardRdp);
  const nla = nlaOf(answered, standardRdp);
  return {
    offers,
    conclusions: {
      layer: layerOf(answered, { standardRdp, tls, nla }),
      nla,
      tls,
      standardRdp,
      rdstls: takenOf(told, PROTOCOL_RDSTLS, 'RDSTLS'),
      rdsAad: takenOf(told, PROTOCOL_RDSAAD, 'RDS-AAD'),
      restrictedAdmin: flagOf(answered, RESTRICTED_ADMIN_MODE_SUPPORTED, 'restricted admin'),
      redirectedAuthentication: flagOf(
        answered,
        REDIRECTED_AUTHENTICATION_MODE_SUPPORTED,
        'redirected authentication',
      ),
      extras: extrasOf(answered),
      offers: respectOf(answered),
      answers: steadinessOf(offers.filter(({ answer }) => answer !== 'no-connection')),
    },
  };
}

/** Other ways than a failure code to say no. */
const ENDINGS: readonly OfferAnswer['answer'][] = ['refused', 'closed', 'reset'];

function reached<T>(value: T, says: string, on: Offers): Conclusion<T> {
  return { value, says, handshakes: on.map(({ handshake }) => handshake) };
}

function open<T>(says: string, on: Offers = []): Conclusion<T> {
  return { value: null, says, handshakes: on.map(({ handshake }) => handshake) };
}

const NO_ANSWER = 'no offer was answered';

/** `offer 1: PROTOCOL_SSL`, of at most three of them. */
function cite(on: Offers): string {
  return on
    .slice(0, 3)
    .map((one) => `offer ${describeOffer(one)}: ${describeAnswer(one)}${mcsRemark(one)}`)
    .join('; ');
}

function mcsRemark({ mcs }: OfferAnswer): string {
  switch (mcs) {
    case 'answered':
    case 'not-tried':
      return '';
    case 'ended':
      return ', ended in MCS';
    case 'silence':
      return ', silent in MCS';
  }
}

function selected(offers: Offers, ...protocols: readonly number[]): Offers {
  return offers.filter(
    ({ selectedProtocol }) =>
      selectedProtocol !== null && protocols.includes(selectedProtocol.value),
  );
}

function hybrids(offers: Offers): Offers {
  return selected(offers, PROTOCOL_HYBRID, PROTOCOL_HYBRID_EX);
}

function failures(offers: Offers, code: number): Offers {
  return offers.filter(({ failure }) => failure?.code === code);
}

/** Whether the offer has a protocol in it; one without a negotiation has none. */
function offering(offers: Offers, mask: number): Offers {
  return offers.filter(({ offer }) => offer !== null && (offer.value & mask) !== 0);
}

function standardRdpOf(offers: Offers): Conclusion<'accepted' | 'refused'> {
  const inForce = offers.filter(isUnprotected);
  const worked = inForce.filter(({ mcs }) => mcs === 'answered');
  if (worked.length > 0) return reached('accepted', cite(worked), worked);
  const asked = offers.filter(({ offer }) => offer === null || offer.value === PROTOCOL_RDP);
  if (asked.length === 0) {
    return open(offers.length === 0 ? NO_ANSWER : 'neither offer 0 nor no negotiation was asked');
  }
  const untried = asked.filter(
    (one) => inForce.includes(one) && (one.mcs === 'not-tried' || one.mcs === 'silence'),
  );
  if (untried.length > 0) {
    return open(`selected, and not seen to work: ${cite(untried)}`, untried);
  }
  return reached('refused', cite(asked), asked);
}

function tlsOf(
  offers: Offers,
  standardRdp: Conclusion<'accepted' | 'refused'>,
): Conclusion<Demand> {
  const secured = offers.filter(isInTls);
  if (secured.length > 0) {
    const [best] = secured;
    const on = best === undefined ? [] : [best];
    const handshakes = [...on.map(({ handshake }) => handshake), ...standardRdp.handshakes];
    switch (standardRdp.value) {
      case 'accepted':
        return {
          value: 'available',
          says: `${cite(on)}; without it: ${standardRdp.says}`,
          handshakes,
        };
      case 'refused':
        return {
          value: 'required',
          says: `${cite(on)}; without it: ${standardRdp.says}`,
          handshakes,
        };
      case null:
        return open(`TLS is there; whether it is required is not known: ${standardRdp.says}`, on);
    }
  }
  const noCertificate = failures(offers, SSL_CERT_NOT_ON_SERVER);
  if (noCertificate.length > 0) {
    return open(`the server has no usable certificate: ${cite(noCertificate)}`, noCertificate);
  }
  const asked = offering(offers, PROTOCOL_SSL | PROTOCOL_HYBRID);
  return asked.length === 0 ? open(NO_ANSWER) : reached('absent', cite(asked), asked);
}

function nlaOf(
  offers: Offers,
  standardRdp: Conclusion<'accepted' | 'refused'>,
): Conclusion<Demand> {
  const chosen = hybrids(offers);
  if (chosen.length === 0) return noNla(offers);
  const [first] = chosen;
  const on = first === undefined ? [] : [first];
  const without = selected(offers, PROTOCOL_SSL);
  if (without.length > 0) {
    return reached('available', cite([...on, ...without]), [...on, ...without]);
  }
  if (standardRdp.value === 'accepted') {
    return {
      value: 'available',
      says: `${cite(on)}; without it: ${standardRdp.says}`,
      handshakes: [...on.map(({ handshake }) => handshake), ...standardRdp.handshakes],
    };
  }
  const plainTls = offers.filter(({ offer }) => offer?.value === PROTOCOL_SSL);
  if (plainTls.length === 0) {
    return open('NLA is there; whether TLS without it is taken was not answered', on);
  }
  return standardRdp.value === null
    ? open(`NLA is there; whether it is required is not known: ${standardRdp.says}`, on)
    : reached('required', cite([...on, ...plainTls]), [...on, ...plainTls]);
}

function noNla(offers: Offers): Conclusion<Demand> {
  const noCertificate = failures(offers, SSL_CERT_NOT_ON_SERVER);
  if (noCertificate.length > 0) {
    return open(`the server has no usable certificate: ${cite(noCertificate)}`, noCertificate);
  }
  const asked = offering(offers, PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX);
  const contradicted = failures(asked, HYBRID_REQUIRED_BY_SERVER);
  if (contradicted.length > 0) {
    return open(
      `the server demands NLA, and does not take it: ${cite(contradicted)}`,
      contradicted,
    );
  }
  return asked.length === 0 ? open(NO_ANSWER) : reached('absent', cite(asked), asked);
}

interface Found {
  readonly standardRdp: Conclusion<'accepted' | 'refused'>;
  readonly tls: Conclusion<Demand>;
  readonly nla: Conclusion<Demand>;
}

function layerOf(offers: Offers, { standardRdp, tls, nla }: Found): Conclusion<SecurityLayer> {
  if (offers.length === 0) return open(NO_ANSWER);
  const unnegotiated = offers.filter(({ answer }) => answer === 'not-negotiated');
  if (unnegotiated.length === offers.length) {
    return offering(offers, USUAL_OFFER).length > 0
      ? reached('no-negotiation', cite(offers), offers)
      : open('only offers without a negotiation were answered', offers);
  }
  const secured = offers.filter(isInTls);
  const noCertificate = failures(offers, SSL_CERT_NOT_ON_SERVER);
  if (secured.length === 0 && noCertificate.length > 0) {
    return reached('no-certificate', cite(noCertificate), noCertificate);
  }
  if (secured.length === 0) {
    return standardRdp.value === 'accepted'
      ? {
          ...standardRdp,
          value: 'rdp-only',
          says: `no offer of TLS was taken; ${standardRdp.says}`,
        }
      : open('nothing that was offered was taken', offers);
  }
  if (standardRdp.value === null) return open(standardRdp.says, offers);
  const handshakes = [...new Set([...tls.handshakes, ...nla.handshakes])];
  if (standardRdp.value === 'accepted') return { value: 'negotiate', says: tls.says, handshakes };
  if (nla.value === null) return open(nla.says, offers);
  const value = LAYERS[nla.value];
  return { value, says: nla.says, handshakes };
}

/** Of servers that refuse standard RDP security, by what NLA is to them. */
const LAYERS: Readonly<Record<Demand, SecurityLayer>> = {
  required: 'nla-only',
  available: 'tls-or-nla',
  absent: 'tls-only',
};

function takenOf(
  offers: Offers,
  protocol: number,
  name: string,
): Conclusion<'selected' | 'refused'> {
  const asked = offering(offers, protocol);
  const taken = selected(asked, protocol);
  if (taken.length > 0) return reached('selected', cite(taken), taken);
  // Offered together with the other one, which was preferred.
  const told = asked.filter(
    ({ selectedProtocol }) =>
      selectedProtocol === null ||
      (selectedProtocol.value !== PROTOCOL_RDSTLS && selectedProtocol.value !== PROTOCOL_RDSAAD),
  );
  return told.length === 0
    ? open(`${name} was not asked for`)
    : reached('refused', cite(told), told);
}

function flagOf(
  offers: Offers,
  flag: number,
  name: string,
): Conclusion<'advertised' | 'not-advertised'> {
  const told = hybrids(offers);
  if (told.length === 0) return open(`${name} is a way of NLA, which was not selected`);
  const advertised = told.filter(({ responseFlags }) => ((responseFlags?.value ?? 0) & flag) !== 0);
  return advertised.length > 0
    ? reached('advertised', 'a flag of the negotiation response says so', advertised)
    : reached('not-advertised', 'no negotiation response has its flag', told);
}

/** Answers to requests with something beside the offer, against those to the offer by itself. */
function extrasOf(offers: Offers): Conclusion<'ignored' | 'matter'> {
  const [usual] = offers;
  if (usual === undefined) return open(NO_ANSWER);
  const compared = offers
    .filter((one) => one !== usual && hasMore(one, usual))
    .map((one) => ({ one, like: likeOf(one, usual, offers) }));
  const on = compared.map(({ one }) => one);
  if (compared.length === 0) return open('no offer was made with anything beside it');
  const different = compared.filter(({ one, like }) => !sameAs(one, like));
  if (different.length === 0) {
    return reached('ignored', `the answers to ${namesOf(on)} are those without`, [usual, ...on]);
  }
  const rest = different.flatMap(({ one, like }) => [like, one]);
  const says = different
    .map(
      ({ one, like }) =>
        `with ${extraNames(one)} ${describeAnswer(one)}, else ${describeAnswer(like)}`,
    )
    .join('; ');
  return reached('matter', says, rest);
}

function hasMore(one: OfferAnswer, usual: OfferAnswer): boolean {
  return (
    one.flags.value !== usual.flags.value ||
    one.cookie !== usual.cookie ||
    one.routingToken !== usual.routingToken
  );
}

/** The answer to the same offer by itself; where it was not asked, the usual one. */
function likeOf(one: OfferAnswer, usual: OfferAnswer, offers: Offers): OfferAnswer {
  return (
    offers.find((other) => other.offer?.value === one.offer?.value && !hasMore(other, usual)) ??
    usual
  );
}

function namesOf(offers: Offers): string {
  return [...new Set(offers.map(extraNames))].join(', and to ');
}

function extraNames({ cookie, routingToken, flags }: OfferAnswer): string {
  return [
    ...(cookie === null ? [] : ['a cookie']),
    ...(routingToken === null ? [] : ['a routing token']),
    ...flags.names,
  ].join(' and ');
}

function respectOf(offers: Offers): Conclusion<'respected' | 'ignored'> {
  const told = offers.filter(({ answer, offer }) => answer === 'selected' && offer !== null);
  if (told.length === 0) return open('no protocol was selected');
  const ignored = told.filter(({ offer, selectedProtocol }) => {
    const chosen = selectedProtocol?.value ?? 0;
    const offered = offer?.value ?? 0;
    return chosen === PROTOCOL_RDP ? offered !== PROTOCOL_RDP : (offered & chosen) === 0;
  });
  return ignored.length === 0
    ? reached('respected', 'every protocol selected had been offered', told)
    : reached('ignored', `selected without having been offered: ${cite(ignored)}`, ignored);
}

/** The same request answered in two ways: several servers behind one address, or one that changes. */
function steadinessOf(offers: Offers): Conclusion<'steady' | 'differ'> {
  const pairs = offers.flatMap((one, index) =>
    offers
      .slice(index + 1)
      .filter((other) => one.offer?.value === other.offer?.value && !hasMore(one, other))
      .map((other) => [one, other] as const),
  );
  const different = pairs.filter(([one, other]) => !sameAnswer(one, other));
  const [pair] = different;
  if (pair !== undefined) {
    return reached('differ', `to the same request: ${cite(pair)}`, [...new Set(different.flat())]);
  }
  // Who requires NLA of one client does not let the next one in without it.
  const demands = failures(offers, HYBRID_REQUIRED_BY_SERVER);
  const without = selected(offers, PROTOCOL_SSL, PROTOCOL_RDP);
  if (demands.length > 0 && without.length > 0) {
    const contradiction = [...demands.slice(0, 1), ...without.slice(0, 1)];
    return reached('differ', `no one server says both: ${cite(contradiction)}`, contradiction);
  }
  const kinds = implementations(offers);
  if (kinds.length > 1) {
    return reached('differ', 'source references or flags of several servers', kinds);
  }
  // A request that differs in what changes nothing is as good as the same one.
  const [usual, ...rest] = offers;
  const again = rest.filter(
    (one) => usual !== undefined && one.offer?.value === usual.offer?.value,
  );
  if (usual === undefined || pairs.length + again.length === 0) {
    return open('no request was made twice');
  }
  return reached('steady', 'what was asked twice was answered alike', [usual, ...again]);
}

/** One answer for each pair of source reference and flags that selected the same protocol. */
function implementations(offers: Offers): Offers {
  const byMark = new Map<string, OfferAnswer>();
  const [first, ...rest] = offers.filter(({ answer }) => answer === 'selected');
  if (first === undefined) return [];
  const markOf = ({ sourceReference, responseFlags }: OfferAnswer): string =>
    `${sourceReference} ${responseFlags?.value}`;
  for (const one of [first, ...rest]) {
    const sameProtocol = one.selectedProtocol?.value === first.selectedProtocol?.value;
    if (sameProtocol && one.offer?.value === first.offer?.value) {
      byMark.set(markOf(one), byMark.get(markOf(one)) ?? one);
    }
  }
  return [...byMark.values()];
}
