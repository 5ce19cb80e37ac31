import type { OfferAnswer } from '../handshake/scan.js';
import type { ProbeSettings } from '../probe/settings.js';
import {
  PROTOCOL_HYBRID,
  PROTOCOL_HYBRID_EX,
  PROTOCOL_RDP,
  PROTOCOL_RDSAAD,
  PROTOCOL_RDSTLS,
  PROTOCOL_SSL,
  REDIRECTED_AUTHENTICATION_MODE_REQUIRED,
  RESTRICTED_ADMIN_MODE_REQUIRED,
} from '../wire/negotiation.js';
import type { Question } from './ask.js';
import { isAnswered, sameAnswer } from './offer-answer.js';

/** What the questions of the matrix start from. */
export interface MatrixBase {
  /** the cookie or routing token of the whole run, which then every question has */
  readonly hasOwnLine: boolean;
  /** a token that names the target itself; null: there is none for its address */
  readonly routingToken: string | null;
}

/** Names nobody; it may end up in a log of the server. */
const COOKIE = 'mstshash=rdp-probe';

/** SSL and HYBRID, as clients up to Windows 7 and FreeRDP offer them. */
const SSL_OR_HYBRID = PROTOCOL_SSL | PROTOCOL_HYBRID;
/** What mstsc offers since Windows 8: the offer of the verdict's own handshake. */
export const USUAL_OFFER = PROTOCOL_SSL | PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX;
const RDSTLS_OR_AAD = PROTOCOL_RDSTLS | PROTOCOL_RDSAAD;

/** So many answers without a negotiation leave no doubt. */
const ENOUGH_UNNEGOTIATED = 2;

type Asked = readonly OfferAnswer[];

/**
 * The next question of the negotiation matrix, or null when the answers so far leave none. What
 * should change nothing (a cookie, a routing token, flags) is asked together with an offer that is
 * needed anyway, and by itself only where the answer then differs. Pure.
 *
 * @param asked in the order in which they were asked; the first is the answer to USUAL_OFFER
 */
export function nextOffer(asked: Asked, base: MatrixBase): Question | null {
  const [first] = asked;
  if (first === undefined || !asked.some(isAnswered)) return null;
  const unnegotiated = asked.filter(({ answer }) => answer === 'not-negotiated').length;
  if (unnegotiated === asked.length && unnegotiated >= ENOUGH_UNNEGOTIATED) return null;
  for (const step of STEPS) {
    const question = step(asked, base);
    if (question !== null) return question;
  }
  return null;
}

function question(reason: string, settings: Partial<ProbeSettings>): Question {
  return { purpose: 'matrix', reason, settings: { until: 'x224', ...settings } };
}

type Step = (asked: Asked, base: MatrixBase) => Question | null;

const STEPS: readonly Step[] = [
  (asked) =>
    plain(asked, PROTOCOL_SSL) !== null
      ? null
      : question('whether TLS without NLA is taken', { requestedProtocols: PROTOCOL_SSL }),
  (asked) =>
    plain(asked, PROTOCOL_RDP) !== null
      ? null
      : question('whether standard RDP security is taken, and with which encryption', {
          requestedProtocols: PROTOCOL_RDP,
          until: asked.some(({ mcs }) => mcs === 'answered') ? 'x224' : null,
        }),
  (asked) =>
    plain(asked, null) !== null
      ? null
      : question('what a client is told that does not negotiate', {
          requestedProtocols: null,
          // Where standard RDP security was seen to work, this one need not go so far.
          until: asked.some(({ mcs }) => mcs === 'answered') ? 'x224' : null,
        }),
  (asked) =>
    plain(asked, PROTOCOL_HYBRID) !== null
      ? null
      : question('whether NLA alone is taken', { requestedProtocols: PROTOCOL_HYBRID }),
  askOlderOffer,
  askUsualOfferAgain,
  (asked) =>
    asked.some((one) => one.offer?.value === RDSTLS_OR_AAD)
      ? null
      : question('whether RDSTLS or RDS-AAD is taken', { requestedProtocols: RDSTLS_OR_AAD }),
  askOtherOfTwo,
];

function plain(asked: Asked, value: number | null): OfferAnswer | null {
  return asked.find((one) => (one.offer?.value ?? null) === value) ?? null;
}

/** 3, with a cookie and asking for restricted admin; where that differs, what makes the difference. */
function askOlderOffer(asked: Asked, base: MatrixBase): Question | null {
  return askTogether(asked, SSL_OR_HYBRID, {
    reason: 'the offer of older clients',
    line: base.hasOwnLine ? null : { settings: { cookie: COOKIE }, name: 'a cookie' },
    flag: { settings: { requestFlags: RESTRICTED_ADMIN_MODE_REQUIRED }, name: 'restricted admin' },
  });
}

/** 0x0B once more, with a routing token and asking for redirected authentication. */
function askUsualOfferAgain(
  asked: Asked,
  { hasOwnLine, routingToken }: MatrixBase,
): Question | null {
  return askTogether(asked, USUAL_OFFER, {
    reason: 'the usual offer once more',
    line:
      hasOwnLine || routingToken === null
        ? null
        : { settings: { routingToken }, name: 'a routing token' },
    flag: {
      settings: { requestFlags: REDIRECTED_AUTHENTICATION_MODE_REQUIRED },
      name: 'redirected authentication',
    },
  });
}

interface Extra {
  readonly settings: Partial<ProbeSettings>;
  readonly name: string;
}

/** What is asked together with an offer. */
interface Together {
  readonly reason: string;
  readonly line: Extra | null;
  readonly flag: Extra;
}

function askTogether(
  asked: Asked,
  offer: number,
  { reason, line, flag }: Together,
): Question | null {
  const of = asked.filter((one) => one.offer?.value === offer);
  // Both flags are ways of CredSSP; a server without it need not be asked.
  const extras = [...(line === null ? [] : [line]), ...(selectsHybrid(asked) ? [flag] : [])];
  const [usual] = asked;
  // The first answer of all is to the usual offer by itself.
  const [together, ...alone] = of.filter((one) => one !== usual);
  const ask = (why: string, added: readonly Extra[]): Question =>
    question(why, {
      requestedProtocols: offer,
      ...Object.assign({}, ...added.map(({ settings }) => settings)),
    });
  if (together === undefined) {
    const names = extras.map(({ name }) => name).join(' and ');
    return ask(names === '' ? reason : `${reason}, with ${names}`, extras);
  }
  if (usual === undefined || sameAs(together, usual) || extras.length === 0) return null;
  // It differs: the offer by itself, then with each of the things that came with it.
  const has = (one: OfferAnswer): boolean => extras.some((extra) => hasExtra(one, extra));
  if (alone.every(has)) return ask(`${reason}, with nothing else: the answer differed`, []);
  for (const extra of extras.length < 2 ? [] : extras) {
    if (!alone.some((one) => hasExtra(one, extra)))
      return ask(`${reason}, with ${extra.name} alone`, [extra]);
  }
  return null;
}

function hasExtra(one: OfferAnswer, { settings }: Extra): boolean {
  if (settings.requestFlags !== undefined) return one.flags.value === settings.requestFlags;
  return settings.cookie !== undefined ? one.cookie !== null : one.routingToken !== null;
}

function selectsHybrid(asked: Asked): boolean {
  return asked.some(
    ({ selectedProtocol }) =>
      selectedProtocol?.value === PROTOCOL_HYBRID || selectedProtocol?.value === PROTOCOL_HYBRID_EX,
  );
}

/** HYBRID_EX is HYBRID with one more message at its end: who is not offered the one gets the other. */
export function sameAs(one: OfferAnswer, other: OfferAnswer): boolean {
  return sameAnswer(withoutEx(one), withoutEx(other));
}

function withoutEx(one: OfferAnswer): OfferAnswer {
  if (one.selectedProtocol?.value !== PROTOCOL_HYBRID_EX) return one;
  return { ...one, selectedProtocol: { value: PROTOCOL_HYBRID, name: 'PROTOCOL_HYBRID' } };
}

/**
 * RDSTLS and RDS-AAD by themselves: the other one where one was selected; both where the server did
 * not take the offer of both for a negotiation at all.
 */
function askOtherOfTwo(asked: Asked): Question | null {
  const both = asked.find((one) => one.offer?.value === RDSTLS_OR_AAD);
  if (both === undefined) return null;
  const selected = both.selectedProtocol?.value ?? null;
  const open = [PROTOCOL_RDSTLS, PROTOCOL_RDSAAD].filter((protocol) =>
    isAnswered(both) ? ALIKE.includes(selected ?? 0) && protocol !== selected : true,
  );
  const next = open.find((protocol) => !asked.some((one) => one.offer?.value === protocol));
  if (next === undefined) return null;
  const name = next === PROTOCOL_RDSTLS ? 'RDSTLS' : 'RDS-AAD';
  return question(`whether ${name} alone is taken`, { requestedProtocols: next });
}

const ALIKE: readonly number[] = [PROTOCOL_RDSTLS, PROTOCOL_RDSAAD];

/**
 * A routing token that names the target itself, so that no load balancer is led astray: the address
 * as a little-endian number, the port with its bytes swapped, [MS-RDPBCGR] 2.2.1.1.
 *
 * @returns null for IPv6, which the form has no room for
 */
export function routingTokenTo(address: string, port: number): string | null {
  const octets = address.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return null;
  const number = octets.reduceRight((sum, octet) => sum * 256 + octet, 0);
  const swapped = ((port & 0xff) << 8) | (port >> 8);
  return `Cookie: msts=${number}.${swapped}.0000`;
}
