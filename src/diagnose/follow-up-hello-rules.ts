import type { Handshake } from '../handshake/handshake.js';
import { finding } from './case.js';
import {
  type Answer,
  answeredNegotiation,
  deadHellos,
  evidenceOf,
  shortAnswer,
} from './follow-up-answers.js';
import { type ByQuestion, type Effect, NOTHING, remark, sameAgain } from './follow-up-effect.js';

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
  if (small?.fared === 'through') return answeredSmall(decisive, small, by);
  if (legacy?.fared === 'through') return answeredLegacy(legacy, small);
  const direct = by('direct-tls');
  if (direct?.fared === 'through') return onlyWithoutRequest(direct);
  if (decisive.outcome.how === 'alert') return sameAlert(answers);
  return deadHellos(decisive, answers).length === 0
    ? sameAgain(by('again'))
    : remark(`no ClientHello is answered, whatever it offers${aliveRemark(by('plain-rdp'))}`);
}

function aliveRemark(plain: Answer | null): string {
  if (plain === null || !answeredNegotiation(plain)) return '';
  return plain.handshake.outcome.status === 'ok'
    ? ', and without TLS the server goes on'
    : ', although the server itself negotiates';
}

function sameAlert(answers: readonly Answer[]): Effect | null {
  const same = answers.filter(({ asked, fared }) => asked.endsWith('-hello') && fared === 'same');
  if (same.length === 0) return null;
  const count = same.length === 1 ? 'a ClientHello' : `${same.length} ClientHellos`;
  return remark(`${count} of another kind got an alert as well`);
}

function onlyWithoutRequest(direct: Answer): Effect {
  return {
    ...NOTHING,
    shows: [
      finding('middlebox-dpi-resets-rdp', 'likely', {
        says: 'TLS without the RDP request is answered, and behind the request it is not: something on the way, or in front of the service, minds what is RDP.',
        evidence: [evidenceOf(direct)],
      }),
    ],
    remark: 'TLS without the request is answered',
  };
}

/** A smaller ClientHello of TLS 1.2 is answered: is it the size of the first, or what is in it? */
function answeredSmall(decisive: Handshake, small: Answer, by: ByQuestion): Effect {
  const padded = by('padded-hello');
  if (padded === null || padded.fared === 'before') {
    return remark('a smaller ClientHello of TLS 1.2 is answered');
  }
  const evidence = [small, padded, by('again')].filter((one) => one !== null).map(evidenceOf);
  const ofSize = padded.fared !== 'through';
  return {
    ...NOTHING,
    shows: [
      finding('large-clienthello-intolerant-path', 'likely', {
        says: ofSize
          ? bySize(decisive, small)
          : 'A ClientHello of TLS 1.2 alone is answered, whatever its size, and one that offers TLS 1.3 as well is not: a device or the server does not bear what newer clients send.',
        evidence,
        against: ofSize ? ['a filter that counts bytes or packets looks the same'] : [],
        nextCheck: 'Probe from the subnet of the server, without the devices in between.',
      }),
    ],
    remark: ofSize
      ? 'a smaller ClientHello is answered, the same one padded is not'
      : 'a ClientHello of TLS 1.2 alone is answered, whatever its size',
  };
}

function bySize(decisive: Handshake, small: Answer): string {
  const first = decisive.tls.clientHello?.bytes ?? null;
  const size = first === null ? '' : `of ${first} bytes `;
  const least = small.handshake.tls.clientHello?.bytes ?? null;
  return `A ClientHello ${size}is not answered, whatever is in it, and one of ${least ?? 'fewer'} bytes is: its size decides.`;
}

/** Only TLS 1.0 is answered, although the first ClientHello offered it too. */
function answeredLegacy(legacy: Answer, small: Answer | null): Effect {
  const { version, cipher } = legacy.handshake.tls;
  const chosen = [version, cipher].filter((part) => part !== null).join(', ');
  return {
    ...NOTHING,
    shows: [
      finding('tls-server-only-legacy', 'likely', {
        says: `Only a ClientHello that offers nothing newer than TLS 1.0 is answered (${chosen}).`,
        evidence: [legacy, small].filter((one) => one !== null).map(evidenceOf),
      }),
    ],
    remark: 'a ClientHello of TLS 1.0 is answered',
  };
}

/** The server's usual flight does not arrive, and a short answer does: it is a matter of size. */
function onlyShortAnswers(short: Answer): Effect {
  return {
    ...NOTHING,
    shows: [
      finding('mtu-pmtud-blackhole', 'likely', {
        says: 'An answer of one small packet arrives, and the usual flight of the server, with its certificate, does not.',
        evidence: [evidenceOf(short)],
        against: ['one connection of each kind is a small sample: --path measures the sizes'],
      }),
    ],
    remark: 'an answer that fits one small packet arrives',
  };
}
