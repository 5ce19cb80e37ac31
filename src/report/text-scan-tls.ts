import type {
  TlsFeatures,
  TlsQuestionReport,
  TlsScan,
  TlsSizeReport,
  TlsSuiteReport,
  TlsVersionReport,
  TlsWeakReport,
} from '../handshake/scan-tls.js';
import {
  answerWords,
  numberName,
  TLS_FEATURE_WORDS,
  versionWords,
} from '../handshake/tls-words.js';
import { isWeakSuite, type SuiteTrait } from '../wire/suite-traits.js';
import type { Clean } from './clean.js';
import { plural } from './format.js';
import { type Entry, renderEntries } from './text-block.js';
import { glyphsOf, type Paint, paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;
/** Before the suites of a version. */
const SUITE_INDENT = 2;
const MAX_NAME_WIDTH = 48;

/** Diffie-Hellman primes below this can be broken by a state, and this is the least of today. */
const BREAKABLE_PRIME_BITS = 1024;
const SOUND_PRIME_BITS = 2048;

const TLS_1_1 = 0x0302;
const SSL_3_0 = 0x0300;

/** What is known of a server's TLS: its versions, its suites with what is weak in them, the rest. */
export function renderTlsScan(scan: Clean<TlsScan>, style: TextStyle): string[] {
  if (scan.connections === 0) return entries([tlsNotAsked(scan)], style);
  const suites = scan.versions.filter(({ suites, complete }) => complete && suites.length > 0);
  return [
    ...entries(
      scan.versions.map((version) => versionEntry(version, style)),
      style,
    ),
    ...suites.flatMap((version) => ['', ...renderSuites(version, style)]),
    '',
    ...entries(tlsFactEntries(scan), style),
    ...(style.detail === 'verbose' ? ['', ...renderQuestions(scan, style)] : []),
  ];
}

function entries(list: readonly Entry[], style: TextStyle, labelWidth = LABEL_WIDTH): string[] {
  return renderEntries(list, { width: style.width, indent: 0, labelWidth, paint: paintOf(style) });
}

/** Why nothing is known. */
export function tlsNotAsked({ cutShort }: TlsScan): Entry {
  const why = cutShort === null ? '' : `: ${cutShort}`;
  return { label: 'TLS', text: `not asked${why}`, tone: 'dim' };
}

interface Mark {
  readonly mark: string;
  readonly tone: keyof Paint;
}

function versionMark({ status, version }: TlsVersionReport, style: TextStyle): Mark {
  const glyphs = glyphsOf(style);
  switch (status) {
    case 'accepted':
      if (version.value <= SSL_3_0) return { mark: glyphs.bad, tone: 'bad' };
      return version.value <= TLS_1_1
        ? { mark: glyphs.warn, tone: 'warn' }
        : { mark: glyphs.good, tone: 'good' };
    case 'refused':
      return { mark: glyphs.none, tone: 'dim' };
    case 'unanswered':
      return { mark: glyphs.pending, tone: 'warn' };
    case 'not-tested':
      return { mark: glyphs.none, tone: 'dim' };
  }
}

function versionEntry(report: TlsVersionReport, style: TextStyle): Entry {
  const { mark, tone } = versionMark(report, style);
  return {
    label: versionWords(report.version.value),
    text: `${mark} ${versionText(report)}`,
    tone,
  };
}

function versionText({ status, why, suites, complete }: TlsVersionReport): string {
  switch (status) {
    case 'accepted': {
      if (complete) return `accepted, ${plural(suites.length, 'suite')}`;
      const seen = suites.map(({ suite, group }) => {
        return group === null
          ? numberName(suite)
          : `${numberName(suite)} with ${numberName(group)}`;
      });
      return `accepted: ${seen.join(', ')}`;
    }
    case 'refused':
      return `refused: ${why}`;
    case 'unanswered':
      return `not answered: ${why}`;
    case 'not-tested':
      return `not tested: ${why}`;
  }
}

const TRAIT_WORDS: Readonly<Record<SuiteTrait, string>> = {
  null: 'no encryption',
  anon: 'no certificate',
  export: 'export',
  rc4: 'RC4',
  rc2: 'RC2',
  des: 'DES',
  '3des': '3DES',
  idea: 'IDEA',
  cbc: 'CBC',
  'no-forward-secrecy': 'no forward secrecy',
  'md5-mac': 'MD5',
  'sha1-mac': 'SHA-1',
};

function suiteMark({ suite, traits, primeBits }: TlsSuiteReport, style: TextStyle): Mark {
  const glyphs = glyphsOf(style);
  const bits = primeBits ?? SOUND_PRIME_BITS;
  if (isWeakSuite(suite) || bits <= BREAKABLE_PRIME_BITS) {
    return { mark: glyphs.bad, tone: 'bad' };
  }
  return traits.length > 0 || bits < SOUND_PRIME_BITS
    ? { mark: glyphs.warn, tone: 'warn' }
    : { mark: glyphs.good, tone: 'good' };
}

/** One line a suite, in the order in which the server chose them. */
function renderSuites(report: TlsVersionReport, style: TextStyle): string[] {
  const paint = paintOf(style);
  const { version, suites } = report;
  const longest = Math.max(...suites.map(({ suite }) => numberName(suite).length));
  const labelWidth = Math.min(longest, MAX_NAME_WIDTH) + 2;
  const rows = suites.map((suite): Entry => {
    const { mark, tone } = suiteMark(suite, style);
    const notes = tlsSuiteNotes(suite);
    return { label: numberName(suite.suite), text: `${mark} ${notes}`.trimEnd(), tone };
  });
  return [
    paint.bold(`${versionWords(version.value)}, ${tlsOrderText(report)}`),
    ...renderEntries(rows, { width: style.width, indent: SUITE_INDENT, labelWidth, paint }),
  ];
}

/** What is to be known of a suite; empty: nothing. */
export function tlsSuiteNotes({ traits, primeBits }: TlsSuiteReport): string {
  const words = traits.map((trait) => TRAIT_WORDS[trait]);
  return (primeBits === null ? words : [...words, `DH ${primeBits}`]).join(', ');
}

/** How many suites, and whose order decides. */
export function tlsOrderText({ order, suites }: TlsVersionReport): string {
  if (suites.length === 1) return 'one suite';
  const count = plural(suites.length, 'suite');
  switch (order) {
    case 'server':
      return `${count}, in the server's order`;
    case 'client':
      return `${count}, the client's order decides`;
    case 'mixed':
      return `${count}, in an order of neither side alone`;
    case null:
      return count;
  }
}

/** What is known beside versions and suites, as labels and texts. */
export function tlsFactEntries(scan: TlsScan): readonly Entry[] {
  const keys = scan.certificateKeys.map(({ type, bits }) =>
    bits === null ? type : `${type} ${bits}`,
  );
  return [
    weakEntry(scan.weak),
    sizeEntry(scan.size),
    ...scan.groups.map(({ version, groups, complete }) => ({
      label: 'groups',
      text: `${versionWords(version.value)}: ${groups.map(numberName).join(', ') || 'none'}${complete ? '' : ', and perhaps more'}`,
    })),
    ...listEntry(
      'DH primes',
      scan.primeBits.map((bits) => `${bits} bits`),
    ),
    ...listEntry('certificate', keys),
    ...signatureEntry(scan),
    ...featureEntries(scan.features),
    {
      label: 'asked in',
      text: `${plural(scan.connections, 'connection')}${scan.cutShort === null ? '' : `; then no more: ${scan.cutShort}`}`,
      tone: scan.cutShort === null ? 'dim' : 'warn',
    },
  ];
}

function signatureEntry({ signatures, signaturesComplete, versions }: TlsScan): readonly Entry[] {
  const wereAskedFor = versions.some(({ complete }) => complete);
  const more = wereAskedFor && !signaturesComplete ? ['and perhaps more'] : [];
  const names = signatures.map(numberName);
  return listEntry('signatures', names.length === 0 ? [] : [...names, ...more]);
}

function listEntry(label: string, items: readonly string[]): readonly Entry[] {
  return items.length === 0 ? [] : [{ label, text: items.join(', ') }];
}

function weakEntry({ status, says }: TlsWeakReport): Entry {
  const label = 'weak suites';
  switch (status) {
    case 'accepted':
      return { label, text: `accepted: ${says}`, tone: 'bad' };
    case 'refused':
      return { label, text: `none: ${says}` };
    case 'unanswered':
      return { label, text: `not certain: ${says}`, tone: 'warn' };
    case 'not-tested':
      return { label, text: `not tested: ${says}`, tone: 'dim' };
  }
}

function sizeEntry({ verdict, smallBytes, largeBytes, says }: TlsSizeReport): Entry {
  const label = 'hello size';
  const sizes = `${smallBytes ?? '?'} and ${largeBytes ?? '?'} bytes`;
  switch (verdict) {
    case 'same':
      return { label, text: `a ClientHello of ${sizes} gets the same answer` };
    case 'only-large-fails':
      return { label, text: `only the long one of ${sizes} dies: ${says}`, tone: 'bad' };
    case 'differs':
      return { label, text: `${sizes}: ${says}`, tone: 'warn' };
    case 'not-tested':
      return { label, text: `not compared: ${says}`, tone: 'dim' };
  }
}

const FEATURES: readonly (keyof TlsFeatures)[] = [
  'renegotiationInfo',
  'extendedMasterSecret',
  'encryptThenMac',
  'sessionTickets',
  'compression',
];

/** Of versions below TLS 1.3, where they are a choice and can be seen. */
function featureEntries(features: TlsFeatures): readonly Entry[] {
  const named = (wanted: boolean): readonly string[] =>
    FEATURES.filter((feature) => features[feature] === wanted).map(
      (feature) => TLS_FEATURE_WORDS[feature],
    );
  return [...listEntry('has', named(true)), ...listEntry('has not', named(false))];
}

function renderQuestions({ questions }: TlsScan, style: TextStyle): string[] {
  return entries(
    questions.map((question, index) => ({
      label: `question ${index + 1}`,
      text: questionText(question),
    })),
    style,
  );
}

function questionText({ reason, version, suites, helloBytes, answer }: TlsQuestionReport): string {
  const bytes = helloBytes === null ? '' : `, ${helloBytes} bytes`;
  const offer = `${versionWords(version.value)}, ${plural(suites, 'suite')}${bytes}`;
  return `${reason} (${offer}): ${answerWords(answer)}`;
}
