import type {
  TlsAnswer,
  TlsFeatures,
  TlsHelloAnswer,
  TlsScan,
  TlsSizeReport,
  TlsSuiteReport,
  TlsWeakReport,
} from '../handshake/scan-tls.js';
import { answerWords, numberName, versionWords } from '../handshake/tls-words.js';
import { isWeakSuite, suiteTraits } from '../wire/suite-traits.js';
import { ExtensionType } from '../wire/tls-names.js';
import { SSL_3_0, TLS_1_2 } from './tls-hello.js';

export function suiteReport(answer: TlsHelloAnswer): TlsSuiteReport {
  const { suite, group, primeBits, signature } = answer;
  return { suite, traits: suiteTraits(suite), group, primeBits, signature };
}

export function hellosOf(answers: readonly TlsAnswer[]): readonly TlsHelloAnswer[] {
  return answers.filter((answer) => answer.kind === 'hello');
}

/**
 * What servers say in a ServerHello up to TLS 1.2; in TLS 1.3 all of it is either always there or
 * encrypted. SSL 3.0 has no extensions in our question, and so none in its answer.
 */
export function featuresOf(answers: readonly TlsAnswer[]): TlsFeatures {
  const old = hellosOf(answers).filter(({ version }) => version.value <= TLS_1_2);
  const extended = old.filter(({ version }) => version.value > SSL_3_0);
  // A server that knows it leaves it out beside suites that have no MAC of their own, RFC 7366.
  const cbc = extended.filter(({ suite }) => suiteTraits(suite).includes('cbc'));
  return {
    renegotiationInfo: said(old, ExtensionType.renegotiation_info),
    extendedMasterSecret: said(extended, ExtensionType.extended_master_secret),
    encryptThenMac: said(cbc, ExtensionType.encrypt_then_mac),
    sessionTickets: said(extended, ExtensionType.session_ticket),
    compression: old.length === 0 ? null : old.some(({ compression }) => compression !== 0),
  };
}

function said(hellos: readonly TlsHelloAnswer[], extension: number): boolean | null {
  if (hellos.length === 0) return null;
  return hellos.some(({ extensions }) => extensions.some(({ value }) => value === extension));
}

/** What the server showed of its keys: the same three lists whatever was asked. */
export function strengthsOf(
  answers: readonly TlsAnswer[],
): Pick<TlsScan, 'certificateKeys' | 'signatures' | 'primeBits'> {
  const hellos = hellosOf(answers);
  return {
    certificateKeys: distinct(
      hellos.flatMap(({ certificateKey }) => (certificateKey === null ? [] : [certificateKey])),
      ({ type, bits }) => `${type} ${bits}`,
    ),
    signatures: distinct(
      hellos.flatMap(({ signature }) => (signature === null ? [] : [signature])),
      ({ value }) => value,
    ),
    primeBits: distinct(
      hellos.flatMap(({ primeBits }) => (primeBits === null ? [] : [primeBits])),
      (bits) => bits,
    ),
  };
}

function distinct<T>(items: readonly T[], key: (item: T) => unknown): readonly T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

/** One hello and how it was answered. */
export interface Sized {
  readonly bytes: number | null;
  readonly answer: TlsAnswer;
}

function isBare({ kind }: TlsAnswer): boolean {
  return kind === 'reset' || kind === 'closed' || kind === 'silence';
}

/** Whether it is the length of a ClientHello that a connection dies of. */
export function compareSizes(small: Sized | null, large: Sized | null): TlsSizeReport {
  const smallBytes = small?.bytes ?? null;
  const largeBytes = large?.bytes ?? null;
  const report = (verdict: TlsSizeReport['verdict'], says: string): TlsSizeReport => ({
    verdict,
    smallBytes,
    largeBytes,
    says,
  });
  if (small === null || small.answer.kind === 'no-tls') {
    return report('not-tested', 'no ClientHello was sent');
  }
  if (large === null || large.answer.kind === 'no-tls') {
    const says = isBare(small.answer)
      ? `the short one was not answered either: ${answerWords(small.answer)}`
      : 'no connection was left for the long one';
    return report('not-tested', says);
  }
  if (sameAnswer(small.answer, large.answer)) {
    return report('same', `both were answered with ${answerWords(small.answer)}`);
  }
  const says = `the short one got ${answerWords(small.answer)}, the long one ${answerWords(large.answer)}`;
  return report(isBare(large.answer) ? 'only-large-fails' : 'differs', says);
}

/** The group may differ: only the long one sends the post-quantum share. */
function sameAnswer(one: TlsAnswer, other: TlsAnswer): boolean {
  if (one.kind === 'hello' && other.kind === 'hello') {
    return one.version.value === other.version.value && one.suite.value === other.suite.value;
  }
  if (one.kind === 'alert' && other.kind === 'alert') {
    return one.description.value === other.description.value;
  }
  return one.kind === other.kind;
}

/** From every suite that was seen, and from the question for weak ones alone where it was asked. */
export function judgeWeak(
  answers: readonly TlsAnswer[],
  asked: { readonly version: number; readonly answer: TlsAnswer } | null,
  otherwise: { readonly status: 'refused' | 'not-tested'; readonly says: string },
): TlsWeakReport {
  const weak = distinct(
    hellosOf(answers)
      .map(({ suite }) => suite)
      .filter(isWeakSuite),
    ({ value }) => value,
  );
  const [first] = weak;
  if (first !== undefined) {
    const more = weak.length === 1 ? '' : ` and ${weak.length - 1} more`;
    return { status: 'accepted', says: `${numberName(first)}${more}` };
  }
  if (asked === null) return otherwise;
  const { answer } = asked;
  const says = `asked for in ${versionWords(asked.version)}, answered with ${answerWords(answer)}`;
  switch (answer.kind) {
    case 'alert':
      return { status: 'refused', says };
    // A strong suite, which was not offered: no answer to the question.
    case 'hello':
    case 'reset':
    case 'closed':
    case 'silence':
    case 'malformed':
      return { status: 'unanswered', says };
    case 'no-tls':
      return { status: 'not-tested', says };
  }
}
