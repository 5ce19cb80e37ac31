import type { TlsAnswer, TlsScan } from '../handshake/scan-tls.js';
import { versionWords } from '../handshake/tls-words.js';
import type { Ask } from './ask.js';
import { FEW_SUITES, LIKELY_SUITES, TLS13_SUITES, WEAK_SUITES } from './suite-list.js';
import { askGroups, askSignatures, askSuites } from './tls-enumeration.js';
import {
  choose,
  SSL_3_0,
  TLS_1_0,
  TLS_1_1,
  TLS_1_2,
  TLS_1_3,
  X25519,
  X25519_MLKEM768,
} from './tls-hello.js';
import { type TlsQuestionOptions, TlsQuestions } from './tls-questions.js';
import { compareSizes, featuresOf, judgeWeak, type Sized, strengthsOf } from './tls-result.js';
import { TlsVersions, VERSIONS, type Version, versionAt } from './tls-versions.js';

/** Connections of a survey that does not ask for every suite: five versions, and three more. */
export const MAX_TLS_QUESTIONS = 8;

/** With every suite: far above what any server accepts in five versions. */
export const MAX_CIPHER_QUESTIONS = 400;

export interface TlsSurveyOptions extends TlsQuestionOptions {
  /** asks for every suite, group and signature, in as many connections as are accepted */
  readonly ciphers: boolean;
  /** an ordinary handshake with the same server: what it shows is not asked again */
  readonly known?: Sized;
  /** false: whose order of suites decides is not asked where not every suite is */
  readonly order?: boolean;
}

/** With TLS 1.3 the versions below it are offered too, as every client does. */
const MODERN = [TLS_1_3, TLS_1_2, TLS_1_1, TLS_1_0] as const;

/** Two packets of Ethernet, as a browser's with a post-quantum share. */
const LARGE_HELLO_BYTES = 1800;

/** The scan of a server that is not asked. */
export function tlsNotAsked(why: string): TlsScan {
  return {
    cutShort: why,
    connections: 0,
    versions: new TlsVersions().report(why),
    groups: [],
    size: { verdict: 'not-tested', smallBytes: null, largeBytes: null, says: why },
    weak: { status: 'not-tested', says: why },
    features: featuresOf([]),
    ...strengthsOf([]),
    signaturesComplete: false,
    questions: [],
  };
}

/**
 * What a server's TLS can do, in as few connections as tell it: each answer says the highest version
 * of those offered, so the next question begins below it.
 */
export async function surveyTls(ask: Ask, options: TlsSurveyOptions): Promise<TlsScan> {
  const questions = new TlsQuestions(ask, options);
  const versions = new TlsVersions();
  const known = options.known?.answer.kind === 'hello' ? options.known : null;
  const first = await askVersions(questions, versions, known);
  const large = await askLarge(questions, first);
  // An ordinary ClientHello differs in more than its size: where that may matter it is asked alike.
  const isAlike = known === null || compareSizes(known, large).verdict === 'same';
  const small = isAlike || large === null ? first : await askSmall(questions);
  const weak = options.ciphers ? null : await askWeak(questions, versions);
  if (options.ciphers) {
    for (const version of versions.accepted()) await askSuites(questions, versions, version);
    for (const version of versions.accepted()) await askOrder(questions, versions, version);
  } else {
    const [newest] = versions.acceptedBefore13();
    if (newest !== undefined && options.order !== false)
      await askShortOrder(questions, versions, newest);
  }
  const groups = options.ciphers ? await askGroups(questions, versions) : [];
  const signaturesComplete = options.ciphers && (await askSignatures(questions, versions));
  const { answers, cutShort } = questions;
  return {
    cutShort,
    connections: answers.length,
    versions: versions.report(cutShort ?? 'not asked'),
    groups,
    size: compareSizes(small, large),
    weak: judgeWeak(answers, weak, withoutWeak(versions, cutShort)),
    features: featuresOf(answers),
    ...strengthsOf(answers),
    signaturesComplete,
    questions: questions.asked,
  };
}

/** @returns the first, short question and its answer */
async function askVersions(
  questions: TlsQuestions,
  versions: TlsVersions,
  known: Sized | null,
): Promise<Sized | null> {
  let first: Sized | null = known;
  let begin = 0;
  if (known?.answer.kind === 'hello') {
    begin = versions.judge(0, known.answer, [known.answer.suite.value]);
  }
  for (let next = begin; next < VERSIONS.length; ) {
    const version = versionAt(next);
    const suites = version === TLS_1_3 ? [...TLS13_SUITES, ...FEW_SUITES] : LIKELY_SUITES;
    const reason =
      version === SSL_3_0
        ? 'whether SSL 3.0 is spoken'
        : `the highest version up to ${versionWords(version)}`;
    const choice = choose(version === TLS_1_3 ? MODERN : [version], suites);
    const answer = await questions.put('versions', reason, choice);
    if (answer === null) break;
    first ??= { bytes: questions.asked.at(-1)?.helloBytes ?? null, answer };
    next = versions.judge(next, answer, suites);
  }
  return first;
}

/** The short form of what `askLarge` asks. */
async function askSmall(questions: TlsQuestions): Promise<Sized | null> {
  const reason = 'whether a ClientHello of one packet is answered alike';
  const answer = await questions.put(
    'size',
    reason,
    choose(MODERN, [...TLS13_SUITES, ...FEW_SUITES]),
  );
  return answer === null ? null : { bytes: questions.asked.at(-1)?.helloBytes ?? null, answer };
}

/** The first question once more, only longer. */
async function askLarge(questions: TlsQuestions, small: Sized | null): Promise<Sized | null> {
  if (small?.answer.kind !== 'hello' && small?.answer.kind !== 'alert') return null;
  // What was chosen before comes first, so that a server that follows the client chooses it again.
  const preferred = small.answer.kind === 'hello' ? [small.answer.suite.value] : [];
  const choice = choose(MODERN, [...new Set([...preferred, ...TLS13_SUITES, ...FEW_SUITES])], {
    shares: [X25519_MLKEM768, X25519],
    recordBytes: LARGE_HELLO_BYTES,
  });
  const reason = 'whether a ClientHello of more than one packet is answered alike';
  const answer = await questions.put('size', reason, choice);
  return answer === null ? null : { bytes: questions.asked.at(-1)?.helloBytes ?? null, answer };
}

async function askWeak(
  questions: TlsQuestions,
  versions: TlsVersions,
): Promise<{ readonly version: number; readonly answer: TlsAnswer } | null> {
  const [version] = versions.acceptedBefore13();
  if (version === undefined) return null;
  const reason = `whether ${versionWords(version)} has a suite that protects too little`;
  const answer = await questions.put('weak', reason, choose([version], WEAK_SUITES));
  if (answer === null) return null;
  versions.add(version, answer);
  return { version, answer };
}

/** What is to be said of weak suites where none was seen and none was asked for alone. */
function withoutWeak(
  versions: TlsVersions,
  cutShort: string | null,
): { readonly status: 'refused' | 'not-tested'; readonly says: string } {
  const old = versions.acceptedBefore13();
  if (versions.accepted().length === 0) {
    return { status: 'not-tested', says: cutShort ?? 'no version was accepted' };
  }
  if (!old.every((version) => versions.isComplete(version))) {
    return { status: 'not-tested', says: cutShort ?? 'not every suite could be asked for' };
  }
  const says = old.length === 0 ? 'TLS 1.3 has none' : 'none is among the suites of any version';
  return { status: 'refused', says };
}

/** The suites of a version in the reverse order: a server with an order of its own stays with it. */
async function askOrder(
  questions: TlsQuestions,
  versions: TlsVersions,
  version: Version,
): Promise<void> {
  const known = versions.suites(version).map(({ suite }) => suite.value);
  const [first] = known;
  if (known.length < 2) return;
  const answer = await putOrder(questions, version, known.toReversed());
  if (answer === null || !known.includes(answer)) return;
  versions.setOrder(
    version,
    answer === first ? 'server' : answer === known.at(-1) ? 'client' : 'mixed',
  );
}

/** The same where not every suite was asked for: the usual ones in the reverse order. */
async function askShortOrder(
  questions: TlsQuestions,
  versions: TlsVersions,
  version: Version,
): Promise<void> {
  const [first] = versions.suites(version);
  const answer = await putOrder(questions, version, LIKELY_SUITES.toReversed());
  if (answer === null || first === undefined) return;
  const last = questions.asked.at(-1)?.answer;
  if (last !== undefined) versions.add(version, last);
  if (answer !== first.suite.value) versions.setOrder(version, 'client');
  // Where no other is known, it may be the only one that the server has.
  else if (versions.suites(version).length > 1) versions.setOrder(version, 'server');
}

/** @returns the suite that was chosen in this version; null: none */
async function putOrder(
  questions: TlsQuestions,
  version: Version,
  suites: readonly number[],
): Promise<number | null> {
  const reason = `whose order of suites decides in ${versionWords(version)}`;
  const answer = await questions.put('order', reason, choose([version], suites));
  if (answer?.kind !== 'hello' || answer.version.value !== version) return null;
  return answer.suite.value;
}
