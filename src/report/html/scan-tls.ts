import type { TlsAnswer, TlsScan, TlsVersionReport } from '../../handshake/scan-tls.js';
import type { Named } from '../../wire/open-set.js';
import { formatDuration, formatHex, formatList, plural } from '../format.js';
import type { Entry } from '../text-block.js';
import { html, type Markup } from './markup.js';
import { definitions, details, type Tone, table, toned } from './parts.js';

/** Suites of one version, and questions; the JSON report has all. */
const MAX_SUITES = 120;
const MAX_QUESTIONS = 200;

/** What the survey of TLS found: versions, suites, groups, and what it rests on. */
export function renderTls(tls: TlsScan): Markup {
  return html`<h4>TLS</h4>
${
  tls.cutShort === null
    ? null
    : html`<p class="warn">${tls.cutShort}</p>
`
}${
  tls.versions.length === 0
    ? null
    : table(
        'Versions of TLS, and whether the server takes them',
        [
          { head: 'version', kind: 'word' },
          { head: 'answer', kind: 'word' },
          { head: 'suites', kind: 'number' },
          { head: 'order', kind: 'word' },
          { head: 'why', kind: 'long' },
        ],
        tls.versions.map(({ version, status, why, suites, complete, order }) => [
          nameOf(version),
          toned(status.replace('-', ' '), toneOf(status)),
          suites.length === 0 ? '' : complete ? suites.length : `${suites.length} or more`,
          order === null ? '' : order === 'mixed' ? 'mixed' : `the ${order}'s`,
          why,
        ]),
      )
}${definitions(entriesOf(tls))}${tls.versions.map((version) => renderSuites(version))}${renderQuestions(tls)}`;
}

function nameOf({ value, name }: Named): string {
  return name ?? formatHex(value);
}

function toneOf(status: TlsVersionReport['status']): Tone | null {
  switch (status) {
    case 'accepted':
    case 'refused':
      return null;
    case 'unanswered':
      return 'warn';
    case 'not-tested':
      return 'dim';
  }
}

function entriesOf(tls: TlsScan): readonly Entry[] {
  const { groups, size, weak, features, certificateKeys, signatures, primeBits } = tls;
  const can = Object.entries(features)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${FEATURES[name] ?? name} ${value === true ? 'yes' : 'no'}`);
  const keys = certificateKeys.map(({ type, bits }) => `${type}${bits === null ? '' : ` ${bits}`}`);
  return [
    ...groups.map(
      ({ version, groups: known, complete }): Entry => ({
        label: `groups ${nameOf(version)}`,
        text: `${formatList(known.map(nameOf), 20)}${complete ? '' : ' (there may be more)'}`,
      }),
    ),
    {
      label: 'weak suites',
      text: `${weak.status.replace('-', ' ')}: ${weak.says}`,
      ...(weak.status === 'accepted' ? { tone: 'bad' as const } : {}),
    },
    {
      label: 'hello size',
      text: size.says,
      ...(size.verdict === 'only-large-fails' ? { tone: 'bad' as const } : {}),
    },
    ...(can.length === 0 ? [] : [{ label: 'features', text: can.join(', ') }]),
    ...(keys.length === 0 ? [] : [{ label: 'certificate', text: formatList(keys, 6) }]),
    ...(signatures.length === 0
      ? []
      : [{ label: 'signatures', text: formatList(signatures.map(nameOf), 12) }]),
    ...(primeBits.length === 0
      ? []
      : [
          {
            label: 'DH primes',
            text: formatList(
              primeBits.map((bits) => `${bits} bits`),
              6,
            ),
          },
        ]),
  ];
}

const FEATURES: Readonly<Record<string, string>> = {
  renegotiationInfo: 'secure renegotiation',
  extendedMasterSecret: 'extended master secret',
  encryptThenMac: 'encrypt-then-MAC',
  sessionTickets: 'session tickets',
  compression: 'compression',
};

function renderSuites({ version, suites, complete }: TlsVersionReport): Markup | null {
  if (suites.length === 0) return null;
  const shown = suites.slice(0, MAX_SUITES);
  const left = suites.length - shown.length;
  return details(
    `${nameOf(version)}: ${plural(suites.length, 'cipher suite')}${complete ? '' : ' seen, there may be more'}`,
    [
      table(
        `Cipher suites of ${nameOf(version)}, in the order of the server's choices`,
        [
          { head: 'suite', kind: 'code' },
          { head: 'group', kind: 'word' },
          { head: 'signature', kind: 'word' },
          { head: 'to be known' },
        ],
        shown.map(({ suite, group, primeBits, signature, traits }) => [
          nameOf(suite),
          group === null ? (primeBits === null ? '' : `DH ${primeBits} bits`) : nameOf(group),
          signature === null ? '' : nameOf(signature),
          traits.length === 0 ? '' : toned(traits.join(', '), 'warn'),
        ]),
      ),
      left > 0 ? html`<p class="small">and ${left} more: the JSON report has all</p>` : null,
    ],
  );
}

function renderQuestions({ questions }: TlsScan): Markup | null {
  if (questions.length === 0) return null;
  return details(
    `Every question that was asked: ${questions.length}`,
    table(
      'Each connection of the TLS survey, what it offered and what came back',
      [
        { head: 'about', kind: 'word' },
        { head: 'version', kind: 'word' },
        { head: 'suites', kind: 'number' },
        { head: 'bytes', kind: 'number' },
        { head: 'answer', kind: 'long' },
        { head: 'what it tells', kind: 'long' },
      ],
      questions
        .slice(0, MAX_QUESTIONS)
        .map(({ topic, version, suites, helloBytes, answer, reason }) => [
          topic,
          nameOf(version),
          suites,
          helloBytes,
          answerText(answer),
          reason,
        ]),
    ),
  );
}

function answerText(answer: TlsAnswer): string {
  switch (answer.kind) {
    case 'hello':
      return `${nameOf(answer.version)} ${nameOf(answer.suite)}`;
    case 'alert':
      return `alert ${nameOf(answer.description)}`;
    case 'silence':
      return `silence for ${formatDuration(answer.waitedMs)}`;
    case 'malformed':
      return `not TLS: ${answer.problem}`;
    case 'no-tls':
      return answer.why;
    case 'reset':
    case 'closed':
      return answer.kind;
  }
}
