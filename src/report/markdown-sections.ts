import type { Handshake } from '../handshake/handshake.js';
import type { DirectionReport, PathReport } from '../handshake/path.js';
import type { ScanReport } from '../handshake/scan.js';
import { answerText, getsOf, offerText } from '../handshake/scan-words.js';
import { numberName, versionWords } from '../handshake/tls-words.js';
import type { Clean } from './clean.js';
import { formatList, formatMs } from './format.js';
import { entryList, type Lines, markdownTable, section } from './markdown-parts.js';
import { escapeMarkdown } from './markdown-text.js';
import { pathEntries } from './text-path.js';
import { reasonsOf, standing } from './text-path-sizes.js';
import { directTlsOf, limitsOf } from './text-scan.js';
import { conclusionsOf } from './text-scan-negotiation.js';
import { rdpSecurityEntries } from './text-scan-rdp.js';
import { tlsFactEntries, tlsNotAsked } from './text-scan-tls.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';

/** Rows of a table; the JSON report has all. */
const MAX_ROWS = 60;

export function stagesMarkdown({ stages }: Clean<Handshake>): Lines {
  return markdownTable(
    [
      'stage',
      'result',
      { right: 'start ms' },
      { right: 'took ms' },
      { right: 'trips' },
      { right: 'server ms' },
    ],
    stages.map(({ stage, status, startMs, durationMs, roundTrips, serverMs }) => [
      stage,
      status.replace('-', ' '),
      formatMs(startMs),
      formatMs(durationMs),
      roundTrips,
      formatMs(serverMs),
    ]),
  );
}

export function pathMarkdown(path: Clean<PathReport>, style: TextStyle): Lines {
  const { rtt, stages, mtu, verdict, advice } = path;
  const ways: readonly (readonly [string, DirectionReport])[] = [
    ['to server', mtu.toServer],
    ['from server', mtu.fromServer],
  ];
  const spreads = [
    ...(rtt.samples === 0 ? [] : [{ name: 'round trip', ...rtt }]),
    ...stages
      .filter(({ samples }) => samples > 0)
      .map(({ stage, ...spread }) => ({ name: stage, ...spread })),
  ];
  return section(3, 'Path', [
    escapeMarkdown(verdict),
    '',
    ...(advice === null ? [] : [`To do: ${escapeMarkdown(advice)}`, '']),
    ...markdownTable(
      [
        'packets',
        'limit',
        { right: 'pass up to' },
        { right: 'fail from' },
        { right: 'tested up to' },
        { right: 'MSS' },
        'why',
      ],
      ways.map(([way, direction]) => [
        way,
        standing(direction.mechanism, glyphsOf(style), paintOf(style)).words,
        direction.passUpTo,
        direction.failsFrom,
        direction.testedUpTo,
        direction.mss,
        reasonsOf(direction).join('; '),
      ]),
    ),
    ...markdownTable(
      [
        'times in ms',
        { right: 'n' },
        { right: 'min' },
        { right: 'median' },
        { right: 'p95' },
        { right: 'max' },
      ],
      spreads.map(({ name, samples, minMs, medianMs, p95Ms, maxMs }) => [
        name,
        samples,
        ...[minMs, medianMs, p95Ms, maxMs].map(formatMs),
      ]),
    ),
    ...entryList(pathEntries(path, style)),
  ]);
}

export function scanMarkdown(scan: Clean<ScanReport>, style: TextStyle): Lines {
  const { negotiation, rdpSecurity, directTls, tls } = scan;
  // A report that was saved by an earlier version has neither.
  const [clients, credssp] = [scan.clients ?? null, scan.credssp ?? null];
  return [
    ...section(
      3,
      'What the server takes',
      negotiation === null ? ['Nothing was answered.'] : weaknessLines(scan),
    ),
    ...(negotiation === null
      ? []
      : section(4, 'Negotiation', [
          ...entryList(conclusionsOf(negotiation, style)),
          '',
          ...markdownTable(
            ['offered', 'answered'],
            negotiation.offers.slice(0, MAX_ROWS).map((one) => [offerText(one), answerText(one)]),
          ),
        ])),
    ...(rdpSecurity === null
      ? []
      : section(4, 'Standard RDP security', entryList(rdpSecurityEntries(rdpSecurity, style)))),
    ...(tls === null
      ? []
      : section(4, 'TLS', [
          ...markdownTable(
            ['version', 'answer', 'suites that were seen', 'why'],
            tls.versions.map(({ version, status, suites, why }) => [
              versionWords(version.value),
              status.replace('-', ' '),
              formatList(
                suites.map(({ suite }) => numberName(suite)),
                MAX_ROWS,
              ),
              why,
            ]),
          ),
          ...entryList(tls.connections === 0 ? [tlsNotAsked(tls)] : tlsFactEntries(tls)),
        ])),
    ...(directTls === null
      ? []
      : section(4, 'TLS without the RDP negotiation', entryList(directTlsOf(directTls)))),
    ...(credssp === null
      ? []
      : section(
          4,
          'CredSSP',
          entryList([
            { label: `version ${credssp.version}`, text: credssp.generation },
            ...credssp.refuses.map((text) => ({ label: 'refuses', text })),
          ]),
        )),
    ...(clients === null
      ? []
      : section(
          4,
          'Who can connect',
          markdownTable(
            ['client', 'verdict', 'gets', 'why'],
            clients.profiles
              .slice(0, MAX_ROWS)
              .map((one) => [one.title, one.verdict.replace('-', ' '), getsOf(one), one.reason]),
          ),
        )),
    ...section(4, 'What was not asked, and what it took', entryList(limitsOf(scan))),
  ];
}

function weaknessLines({ weaknesses }: Clean<ScanReport>): Lines {
  if (weaknesses.length === 0) return ['No weak setting was found.'];
  return markdownTable(
    ['weak setting', 'what was seen', 'id'],
    weaknesses.slice(0, MAX_ROWS).map(({ title, says, id }) => [title, says, id]),
  );
}
