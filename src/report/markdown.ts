import type { Handshake } from '../handshake/handshake.js';
import { type Clean, cleanStrings } from './clean.js';
import { formatEndpoint, plural } from './format.js';
import { findingsMarkdown } from './markdown-findings.js';
import { bullets, entryList, type Lines, markdownTable, section } from './markdown-parts.js';
import { pathMarkdown, scanMarkdown, stagesMarkdown } from './markdown-sections.js';
import { escapeMarkdown } from './markdown-text.js';
import { notMeasuredOf } from './not-measured.js';
import type { Report } from './report.js';
import { MAX_CAPTURES, type Sheet, type SheetTarget, sheetOf, standingWords } from './sheet.js';
import { factsOf } from './text-facts.js';
import { gatewayEntries } from './text-gateway.js';
import { hostEntries } from './text-host.js';
import { rdpFileEntries } from './text-rdp-file.js';
import type { TextStyle } from './text-style.js';

const STYLE: TextStyle = { width: 1000, color: false, unicode: true, detail: 'normal' };
const CLEAN = { ascii: false };

/** The report as Markdown, to paste into a ticket. */
export function renderMarkdown(report: Report): string {
  return renderMarkdownSheet(sheetOf(report));
}

/** The same of a report that was gathered target by target. */
export function renderMarkdownSheet(sheet: Sheet): string {
  const { head, targets } = sheet;
  const lines = [
    ...summaryLines(sheet),
    ...targets.flatMap((target) => targetLines(target)),
    ...captureLines(sheet),
    `rdp-probe ${escapeMarkdown(head.tool.version)}, ${escapeMarkdown(head.command)}, ${escapeMarkdown(head.generatedAt.slice(0, 19))}Z`,
  ];
  const tidy = lines.filter((line, index) => line !== '' || lines[index - 1] !== '');
  return `${tidy.join('\n').trimStart()}\n`;
}

function captureLines({ captures, counts }: Sheet): Lines {
  const left = captures.length - MAX_CAPTURES;
  return section(2, 'Captures', [
    ...captures
      .slice(0, MAX_CAPTURES)
      .flatMap(({ file, failure, packets, problems }, index) => [
        failure === null
          ? `- ${escapeMarkdown(file)}: ${plural(packets ?? 0, 'packet')}, ${plural(counts[index] ?? 0, 'RDP connection')}`
          : `- ${escapeMarkdown(failure)}`,
        ...problems.map(
          ({ says, count }) => `  - ${escapeMarkdown(says)}${count > 1 ? `, ${count} times` : ''}`,
        ),
      ]),
    ...(left > 0 ? [`- and ${plural(left, 'more file')}`] : []),
  ]);
}

/** One line a target, where there are several. */
function summaryLines({ targets, more, left }: Sheet): Lines {
  const all = [
    ...targets.map(({ diagnosis: { target, verdict }, standing }) => ({
      target,
      verdict,
      standing,
    })),
    ...more,
  ];
  const count = all.length + left.count;
  if (count < 2) return [];
  const fine = left.fine + all.filter(({ standing }) => standing === 'fine').length;
  return section(2, `${plural(count, 'target')}, ${fine} fine`, [
    ...markdownTable(
      ['target', 'result', 'verdict'],
      all.map(({ target, verdict, standing }) => [target, standingWords(standing), verdict]),
    ),
    ...(left.count === 0 ? [] : [`and ${left.count} more: the JSON report has all of them`]),
  ]);
}

function targetLines(target: SheetTarget): Lines {
  const diagnosis = cleanStrings(target.diagnosis, CLEAN);
  const { path, scan, gateway, rdpFile, host } = target.diagnosis;
  const shown = target.shown.map((handshake) => cleanStrings(handshake, CLEAN));
  const asked = target.asked.map((handshake) => cleanStrings(handshake, CLEAN));
  const left = target.count - target.shown.length;
  const notTested = diagnosis.notTested;
  const notMeasured = notMeasuredOf(shown).map(({ label, text }) => `${text}: ${label}`);
  return [
    `## ${escapeMarkdown(diagnosis.target)}`,
    '',
    `**${standingWords(target.standing)}.** ${escapeMarkdown(diagnosis.verdict)}`,
    '',
    ...findingsMarkdown(diagnosis),
    ...(gateway === undefined
      ? []
      : section(3, 'Gateway', entryList(gatewayEntries(cleanStrings(gateway, CLEAN), STYLE)))),
    ...shown.flatMap((handshake) => handshakeLines(handshake, shown.length > 1)),
    ...(left > 0
      ? [`${plural(left, 'more connection')} with this target: the JSON report has all.`, '']
      : []),
    ...section(
      3,
      'Asked after the failure',
      asked.map(
        ({ reason, outcome }, index) =>
          `${index + 1}. ${escapeMarkdown(reason ?? 'another try')}: ${escapeMarkdown(outcome.detail)}`,
      ),
    ),
    ...(path === null ? [] : pathMarkdown(cleanStrings(path, CLEAN), STYLE)),
    ...(scan === null ? [] : scanMarkdown(cleanStrings(scan, CLEAN), STYLE)),
    ...(host === undefined
      ? []
      : section(3, 'What was read on the host', entryList(hostEntries(cleanStrings(host, CLEAN))))),
    ...(rdpFile === undefined
      ? []
      : section(
          3,
          'Connection file',
          entryList(rdpFileEntries(cleanStrings(rdpFile, CLEAN), STYLE)),
        )),
    ...section(3, 'Not tested', bullets(notTested.slice(0, 60))),
    ...section(3, 'Not measured', bullets(notMeasured)),
  ];
}

function handshakeLines(handshake: Clean<Handshake>, several: boolean): Lines {
  const { server, outcome } = handshake;
  const of = several
    ? `: connection ${handshake.id}, ${escapeMarkdown(formatEndpoint(server.address, server.port))}`
    : '';
  return [
    ...section(3, `Where the time went${of}`, [
      escapeMarkdown(outcome.detail),
      '',
      ...stagesMarkdown(handshake),
    ]),
    ...section(3, 'What the two sides revealed', entryList(factsOf(handshake, several, STYLE))),
  ];
}
