import type { TlsScan, TlsVersionReport } from '../../handshake/scan-tls.js';
import { answerWords, numberName, versionWords } from '../../handshake/tls-words.js';
import { plural } from '../format.js';
import { tlsFactEntries, tlsNotAsked, tlsOrderText, tlsSuiteNotes } from '../text-scan-tls.js';
import { html, type Markup } from './markup.js';
import { definitions, details, type Tone, table, toned } from './parts.js';

/** Suites of one version, and questions; the JSON report has all. */
const MAX_SUITES = 120;
const MAX_QUESTIONS = 200;

/** What the survey of TLS found: versions, suites, groups, and what it rests on. */
export function renderTls(tls: TlsScan): Markup {
  if (tls.connections === 0) {
    return html`<h4>TLS</h4>
${definitions([tlsNotAsked(tls)])}`;
  }
  return html`<h4>TLS</h4>
${table(
  'Versions of TLS, and whether the server takes them',
  [
    { head: 'version', kind: 'word' },
    { head: 'answer', kind: 'word' },
    { head: 'suites', kind: 'word' },
    { head: 'why', kind: 'long' },
  ],
  tls.versions.map((report) => [
    versionWords(report.version.value),
    toned(report.status.replace('-', ' '), toneOf(report)),
    suitesText(report),
    report.why,
  ]),
)}${definitions(tlsFactEntries(tls))}${tls.versions.map((version) => renderSuites(version))}${renderQuestions(tls)}`;
}

function toneOf({ status }: TlsVersionReport): Tone | null {
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

function suitesText(report: TlsVersionReport): string {
  if (report.suites.length === 0) return '';
  return report.complete ? tlsOrderText(report) : `${plural(report.suites.length, 'suite')} seen`;
}

function renderSuites({ version, suites, complete }: TlsVersionReport): Markup | null {
  if (suites.length === 0) return null;
  const name = versionWords(version.value);
  const shown = suites.slice(0, MAX_SUITES);
  const left = suites.length - shown.length;
  return details(
    `${name}: ${plural(suites.length, 'cipher suite')}${complete ? '' : ' seen, there may be more'}`,
    [
      table(
        `Cipher suites of ${name}, in the order of the server's choices`,
        [
          { head: 'suite', kind: 'code' },
          { head: 'group', kind: 'word' },
          { head: 'signature', kind: 'word' },
          { head: 'to be known' },
        ],
        shown.map((suite) => [
          numberName(suite.suite),
          suite.group === null ? '' : numberName(suite.group),
          suite.signature === null ? '' : numberName(suite.signature),
          toned(tlsSuiteNotes(suite), 'warn'),
        ]),
      ),
      left > 0 ? html`<p class="small">and ${left} more: the JSON report has all</p>` : null,
    ],
  );
}

function renderQuestions({ questions }: TlsScan): Markup | null {
  if (questions.length === 0) return null;
  const shown = questions.slice(0, MAX_QUESTIONS);
  const left = questions.length - shown.length;
  return details(`Every question that was asked: ${questions.length}`, [
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
      shown.map(({ topic, version, suites, helloBytes, answer, reason }) => [
        topic,
        versionWords(version.value),
        suites,
        helloBytes,
        answerWords(answer),
        reason,
      ]),
    ),
    left > 0 ? html`<p class="small">and ${left} more: the JSON report has all</p>` : null,
  ]);
}
