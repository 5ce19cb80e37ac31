import { type Clean, cleanStrings } from '../clean.js';
import { formatEndpoint, plural } from '../format.js';
import type { CaptureSummary, Report } from '../report.js';
import { MAX_CAPTURES, type Sheet, type SheetLine, sheetOf, standingWords } from '../sheet.js';
import { type Content, html, type Markup } from './markup.js';
import { table, toned, toneOfStanding, unorderedList } from './parts.js';
import { renderStyle } from './style.js';
import { renderTarget } from './target.js';

const CLEAN = { ascii: false };

/** Nothing may be loaded, run or sent from this page, whatever stands in it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole report as one HTML file that needs nothing else: no script, no image, no network. */
export function renderHtml(report: Report): string {
  return renderSheet(sheetOf(report));
}

/** The same of a report that was gathered target by target. */
export function renderSheet(sheet: Sheet): string {
  const { head, targets, captures } = sheet;
  const only = targets.length === 1 && sheet.more.length === 0 ? targets[0] : undefined;
  const name = only?.diagnosis.target ?? plural(countOf(sheet), 'target');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="rdp-probe ${head.tool.version}">
<title>${name}: rdp-probe ${head.command}</title>
${renderStyle()}
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<div class="sheet">
<header class="top"><h1>rdp-probe ${head.command}</h1><p>${readable(head.generatedAt)}</p></header>
${renderContents(sheet)}<main id="main" tabindex="-1">
${targets.length === 0 && captures.length === 0 ? html`<p>There is nothing in this report.</p>` : null}${renderFailures(sheet)}${targets.map((target, index) => renderTarget(target, `t${index}`))}${renderCaptures(sheet)}</main>
<footer><p>Made by rdp-probe ${head.tool.version} on ${readable(head.generatedAt)}. Report format ${head.schema}; the JSON report of the same run holds everything, this page what a person reads.</p></footer>
</div>
</body>
</html>
`;
  return page.toString();
}

function readable(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')} UTC`;
}

function countOf({ targets, more, left }: Sheet): number {
  return targets.length + more.length + left.count;
}

/** Where there are several targets: each on a line, with a link to what is told of it. */
function renderContents(sheet: Sheet): Markup | null {
  const { targets, more, left } = sheet;
  if (countOf(sheet) < 2) return null;
  const told: readonly SheetLine[] = targets.map(({ diagnosis, standing }) => ({
    target: diagnosis.target,
    verdict: diagnosis.verdict,
    standing,
  }));
  const fine = [...told, ...more].filter(({ standing }) => standing === 'fine').length + left.fine;
  const row = (line: SheetLine, name: (text: string) => Content): readonly Content[] => {
    const { target, verdict } = cleanStrings({ target: line.target, verdict: line.verdict }, CLEAN);
    return [
      name(target),
      toned(standingWords(line.standing), toneOfStanding(line.standing)),
      verdict,
    ];
  };
  return html`<nav aria-label="Targets"><h2>${plural(countOf(sheet), 'target')}, ${fine} fine</h2>
${table(
  'Targets of this report',
  [{ head: 'target' }, { head: 'result', kind: 'word' }, { head: 'verdict', kind: 'long' }],
  [
    ...told.map((line, index) => row(line, (text) => html`<a href="#t${index}">${text}</a>`)),
    ...more.map((line) => row(line, (text) => text)),
  ],
)}${more.length + left.count === 0 ? null : html`<p class="small">Those without a link are not told in full here${left.count === 0 ? '' : `, and ${left.count} more have no line`}: the JSON report has all of them.</p>`}</nav>
`;
}

/** Files that could not be read stand before all else: what was in them is not told. */
function renderFailures({ captures }: Sheet): Markup | null {
  const failures = captures.flatMap(({ failure }) => failure ?? []).slice(0, MAX_CAPTURES);
  return failures.length === 0
    ? null
    : html`<div class="verdict bad"><p class="standing">Not everything could be read</p>${failures.map((failure) => html`<p>${failure}</p>`)}</div>
`;
}

function renderCaptures({ captures, counts }: Sheet): Markup | null {
  if (captures.length === 0) return null;
  const shown = captures.slice(0, MAX_CAPTURES).map((capture) => cleanStrings(capture, CLEAN));
  const left = captures.length - shown.length;
  return html`<section class="captures" aria-labelledby="captures"><h2 id="captures">${captures.length === 1 ? 'The capture' : 'The captures'}</h2>
${[
  shown.map((capture, index) => renderCapture(capture, counts[index] ?? 0)),
  left > 0
    ? html`<p class="small">and ${plural(left, 'more file')}: the JSON report has all</p>`
    : null,
]}</section>
`;
}

/** Conversations that are not RDP; the JSON report has all of them. */
const MAX_OTHERS = 40;

function renderCapture(capture: Clean<CaptureSummary>, count: number): Markup {
  const { file, failure, packets, tcpConversations, problems, others } = capture;
  if (failure !== null)
    return html`<p class="bad">${failure}</p>
`;
  const counts = [
    plural(packets ?? 0, 'packet'),
    plural(tcpConversations ?? 0, 'TCP conversation'),
    count === 0 ? 'no RDP connection' : plural(count, 'RDP connection'),
  ];
  const left = others.length - MAX_OTHERS;
  return html`<p><span class="bold">${file}</span>: ${counts.join(', ')}</p>
${unorderedList(
  problems.map(({ says, packet, count: times }) => {
    const where = packet === null ? '' : ` (first in packet ${packet})`;
    return toned(`${says}${times > 1 ? `, ${times} times` : ''}${where}`, 'warn');
  }),
)}${
  others.length === 0
    ? null
    : table(
        `Conversations of ${file} that are not RDP`,
        [
          { head: 'stream', kind: 'number' },
          { head: 'client', kind: 'word' },
          { head: 'server', kind: 'word' },
          { head: 'why', kind: 'long' },
        ],
        others
          .slice(0, MAX_OTHERS)
          .map(({ stream, client, server, why }) => [
            stream,
            formatEndpoint(client.address, client.port),
            formatEndpoint(server.address, server.port),
            why,
          ]),
        { showCaption: true },
      )
}${left > 0 ? html`<p class="small">and ${left} more: the JSON report has all of them</p>` : null}`;
}
