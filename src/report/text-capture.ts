import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake } from '../handshake/handshake.js';
import { type Clean, cleanStrings } from './clean.js';
import { formatEndpoint, plural } from './format.js';
import type { CaptureSummary, Report } from './report.js';
import { handshakesOf } from './standing.js';
import { renderTable } from './table.js';
import { renderParagraph } from './text-block.js';
import { shareWidth } from './text-differences.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';
import { truncate } from './width.js';

/** Of more connections of one client a table says more than a page for each. */
const SHOWN_IN_FULL = 3;

/** A file can hold thousands; the JSON report has all of them. */
export const MAX_ROWS = 40;

/**
 * What the files hold beside their RDP connections.
 *
 * @param counts RDP connections of each file
 */
export function renderCaptures(
  captures: readonly CaptureSummary[],
  counts: readonly number[],
  style: TextStyle,
): string {
  const lines = captures.flatMap((capture, index) =>
    renderCapture(cleanStrings(capture, { ascii: !style.unicode }), counts[index] ?? 0, style),
  );
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function renderCapture(
  capture: Clean<CaptureSummary>,
  count: number,
  style: TextStyle,
): readonly string[] {
  const paint = paintOf(style);
  const { good, bad, warn } = glyphsOf(style);
  const paragraph = (text: string, mark: string, tone = (line: string) => line): string[] =>
    renderParagraph(text, { width: style.width, indent: 0, mark }, tone);
  if (capture.failure !== null) return paragraph(capture.failure, bad, paint.bad);
  const counts = [
    plural(capture.packets ?? 0, 'packet'),
    plural(capture.tcpConversations ?? 0, 'TCP conversation'),
    count === 0 ? 'no RDP connection' : plural(count, 'RDP connection'),
  ];
  return [
    ...paragraph(`${capture.file}: ${counts.join(', ')}`, count === 0 ? warn : good, paint.bold),
    ...capture.problems.flatMap(({ says, packet, count }) => {
      const where = packet === null ? '' : ` (first in packet ${packet})`;
      return paragraph(`${says}${count > 1 ? `, ${count} times` : ''}${where}`, warn, paint.warn);
    }),
    ...renderOthers(capture.others, style),
  ];
}

function renderOthers(
  others: Clean<CaptureSummary>['others'],
  style: TextStyle,
): readonly string[] {
  if (others.length === 0) return [];
  const rows = others
    .slice(0, MAX_ROWS)
    .map(({ stream, client, server, why }) => [
      String(stream),
      formatEndpoint(client.address, client.port),
      formatEndpoint(server.address, server.port),
      why,
    ]);
  const left = others.length - rows.length;
  return [
    '',
    paintOf(style).bold('not RDP'),
    ...table(['stream', 'client', 'server', 'why'], rows, style),
    ...(left > 0 ? [paintOf(style).dim(`and ${left} more: --json has all`)] : []),
  ];
}

/** Why not every connection is shown, where there are more than can be kept. */
export function renderTooMany(style: TextStyle): string {
  const says = 'too many connections to show them one by one: --json and --ndjson have all of them';
  const options = { width: style.width, indent: 0, mark: glyphsOf(style).warn };
  return `${renderParagraph(says, options, paintOf(style).warn).join('\n')}\n`;
}

/** Whether the connections of this diagnosis are too many to be shown one by one. */
export function needsTable(diagnosis: Diagnosis, report: Report, style: TextStyle): boolean {
  return (
    style.detail !== 'verbose' && handshakesOf(diagnosis, report.handshakes).length > SHOWN_IN_FULL
  );
}

/** What a line of the table shows of a connection. */
export type ConnectionLine = Pick<Handshake, 'source' | 'startedAt' | 'outcome'>;

/**
 * One line for each connection of a client with a server.
 *
 * @param connections as many as there are, or the first MAX_ROWS
 * @param count of all of them
 */
export function renderConnections(
  connections: readonly ConnectionLine[],
  style: TextStyle,
  count = connections.length,
): string {
  const rows = connections
    .slice(0, MAX_ROWS)
    .map(({ source, startedAt, outcome }) =>
      cleanStrings({ source, startedAt, outcome }, { ascii: !style.unicode }),
    )
    .map(({ source, startedAt, outcome }) => [
      source.kind === 'capture' ? String(source.stream) : '',
      startedAt.slice(11, 23),
      outcome.failedAt === null ? (outcome.reached ?? '') : `died in ${outcome.failedAt}`,
      outcome.detail,
    ]);
  const left = count - rows.length;
  const lines = [
    paintOf(style).bold('connections'),
    ...table(['stream', 'UTC', 'stage', 'what happened'], rows, style),
    ...(left > 0 ? [paintOf(style).dim(`and ${left} more: --json has all`)] : []),
    paintOf(style).dim('--filter stream=N or --verbose shows them in full'),
  ];
  return `${lines.join('\n')}\n`;
}

function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  style: TextStyle,
): readonly string[] {
  const { ellipsis } = glyphsOf(style);
  const widths = shareWidth(heads, rows, style.width);
  return renderTable(
    heads.map((head, index) => ({
      head: paintOf(style).dim(head),
      align: 'left',
      width: widths[index] ?? null,
    })),
    rows.map((row) => row.map((cell, index) => truncate(cell, widths[index] ?? 0, ellipsis))),
  );
}
