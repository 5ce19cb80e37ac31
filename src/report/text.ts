import type { Diagnosis } from '../diagnose/finding.js';
import type { Handshake, Stage } from '../handshake/handshake.js';
import { type Clean, cleanStrings } from './clean.js';
import { formatEndpoint, formatList, plural } from './format.js';
import type { Report } from './report.js';
import { isTrial, type Standing, standingOf } from './standing.js';
import { renderTable } from './table.js';
import { type Entry, renderEntries, renderParagraph } from './text-block.js';
import { renderDifferences, shareWidth } from './text-differences.js';
import { renderEvents } from './text-events.js';
import { factsOf } from './text-facts.js';
import { renderFindings } from './text-findings.js';
import { renderFollowUps } from './text-follow-ups.js';
import { renderGateway } from './text-gateway.js';
import { renderHost } from './text-host.js';
import { renderPath } from './text-path.js';
import { renderRdpFile } from './text-rdp-file.js';
import { renderScan } from './text-scan.js';
import { renderStages, renderStagesLegend } from './text-stages.js';
import { glyphsOf, type Paint, paintOf, type TextStyle } from './text-style.js';
import { truncate } from './width.js';

const LABEL_WIDTH = 13;
const SHOWN_FIELDS = 4;

/** A report of more lines pushes its own beginning out of a small terminal. */
const TERMINAL_LINES = 22;

/**
 * Everything about one target, for a person at a terminal: the verdict first, then where the time
 * went, what was found, and why.
 *
 * @param handshakes those that the diagnosis judges
 * @param shown those of them that are shown in full
 * @param standing given where not all of the handshakes are at hand
 */
export function renderTargetText(
  diagnosis: Diagnosis,
  handshakes: readonly Handshake[],
  style: TextStyle,
  shown: readonly Handshake[] = handshakes,
  standing: Standing = standingOf(diagnosis, handshakes),
): string {
  // INVARIANT: nothing below sees a string that was not cleaned here.
  const clean = { ascii: !style.unicode };
  const judged = cleanStrings(diagnosis, clean);
  const path = diagnosis.path === null ? null : cleanStrings(diagnosis.path, clean);
  const scan = diagnosis.scan === null ? null : cleanStrings(diagnosis.scan, clean);
  const cleaned = <T>(part: T | null | undefined): Clean<T> | null =>
    part === null || part === undefined ? null : cleanStrings(part, clean);
  const gateway = cleaned(diagnosis.gateway);
  const file = diagnosis.rdpFile === undefined ? null : cleanStrings(diagnosis.rdpFile, clean);
  const host = diagnosis.host === undefined ? null : cleanStrings(diagnosis.host, clean);
  // The trials of packet sizes, and the questions after a failure, have sections of their own.
  const seen = shown
    .filter((handshake) => !isTrial(handshake))
    .map((handshake) => cleanStrings(handshake, clean));
  const asked = handshakes
    .filter(({ purpose }) => purpose === 'follow-up')
    .map((handshake) => cleanStrings(handshake, clean));

  const sections = [
    renderVerdict(judged, standing, style),
    gateway === null ? [] : section('gateway', renderGateway(gateway, style), style),
    ...seen.map((handshake) => renderHandshake(handshake, seen.length > 1, style)),
    ...(addressCount(seen) > 1
      ? [section('addresses', renderDifferences(seen, style), style)]
      : []),
    asked.length === 0 ? [] : section('asked further', renderFollowUps(asked, style), style),
    path === null ? [] : section('path', renderPath(path, judged.verdict, style), style),
    scan === null
      ? []
      : renderScan(
          scan,
          {
            tls: cleaned(diagnosis.scan?.tls),
            clients: cleaned(diagnosis.scan?.clients),
            credssp: cleaned(diagnosis.scan?.credssp),
          },
          style,
        ),
    judged.findings.length === 0 ? [] : section('why', renderFindings(judged, style), style),
    host === null ? [] : section('host facts', renderHost(host, style), style),
    file === null ? [] : section('file', renderRdpFile(file, style), style),
    style.detail === 'brief' ? [] : renderLimits(judged, seen, style),
  ];
  // What a terminal shows at last is the end: the verdict must be there as well.
  const long = sections.flat().length > TERMINAL_LINES && style.detail !== 'brief';
  return assemble(
    long ? [...sections, renderVerdictLine(judged, standing, style)] : sections,
    style,
  );
}

/** One line a target, for when there were several. */
export function renderSummaryText(
  report: Pick<Report, 'diagnoses' | 'handshakes'>,
  style: TextStyle,
): string {
  const { diagnoses, handshakes } = report;
  return renderStandings(
    diagnoses.map((diagnosis) => ({ ...diagnosis, standing: standingOf(diagnosis, handshakes) })),
    style,
  );
}

/** A target and what it came to. */
export interface StandingTarget {
  readonly target: string;
  readonly verdict: string;
  readonly standing: Standing;
}

/** @param left targets that have no line of their own, and how many of them are fine */
export function renderStandings(
  targets: readonly StandingTarget[],
  style: TextStyle,
  left: { readonly count: number; readonly fine: number } = { count: 0, fine: 0 },
): string {
  const paint = paintOf(style);
  const standings = targets.map(({ standing }) => standing);
  const rows = targets.map(({ target, verdict, standing }) => {
    const clean = cleanStrings({ target, verdict }, { ascii: !style.unicode });
    return [`${markOf(standing, style)} ${clean.target}`, clean.verdict];
  });
  const widths = shareWidth(['', ''], rows, style.width);
  const { ellipsis } = glyphsOf(style);
  const table = renderTable(
    [
      { head: '', align: 'left', width: widths[0] ?? null },
      { head: '', align: 'left', width: widths[1] ?? null },
    ],
    rows.map((row, index) => {
      const tone = toneOf(standings[index] ?? 'problem', paint);
      const [target = '', verdict = ''] = row.map((cell, column) =>
        truncate(cell, widths[column] ?? 0, ellipsis),
      );
      return [tone(target), verdict];
    }),
  ).filter((line) => line !== '');
  const fine = left.fine + standings.filter((standing) => standing === 'fine').length;
  const head = paint.bold(`${plural(left.count + targets.length, 'target')}, ${fine} fine`);
  const more = left.count === 0 ? [] : [paint.dim(`and ${left.count} more: --json has all`)];
  return assemble([[head, ...table, ...more]], style);
}

/** Sections with an empty line between them; the last guard that no line is too wide. */
function assemble(sections: readonly (readonly string[])[], style: TextStyle): string {
  const { ellipsis } = glyphsOf(style);
  const lines = sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
    .map((line) => truncate(line.trimEnd(), style.width, ellipsis));
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[], style: TextStyle): string[] {
  return [paintOf(style).bold(title), ...lines];
}

function renderVerdict(
  diagnosis: Clean<Diagnosis>,
  standing: Standing,
  style: TextStyle,
): string[] {
  const paint = paintOf(style);
  const tone = toneOf(standing, paint);
  return renderParagraph(`${diagnosis.target}: ${diagnosis.verdict}`, {
    width: style.width,
    indent: 0,
    mark: markOf(standing, style),
  }).map((line) => paint.bold(tone(line)));
}

/** The same, cut to one line. */
function renderVerdictLine(
  diagnosis: Clean<Diagnosis>,
  standing: Standing,
  style: TextStyle,
): string[] {
  const paint = paintOf(style);
  const line = `${markOf(standing, style)} ${diagnosis.target}: ${diagnosis.verdict}`;
  const { ellipsis } = glyphsOf(style);
  return [paint.bold(toneOf(standing, paint)(truncate(line, style.width, ellipsis)))];
}

function markOf(standing: Standing, style: TextStyle): string {
  const { good, bad, pending, warn } = glyphsOf(style);
  switch (standing) {
    case 'fine':
      return good;
    case 'problem':
      return bad;
    case 'open':
      return pending;
    case 'not-tried':
      return warn;
  }
}

function toneOf(standing: Standing, paint: Paint): (text: string) => string {
  switch (standing) {
    case 'fine':
      return paint.good;
    case 'problem':
      return paint.bad;
    case 'open':
      return paint.warn;
    case 'not-tried':
      return paint.warn;
  }
}

function renderHandshake(
  handshake: Clean<Handshake>,
  oneOfSeveral: boolean,
  style: TextStyle,
): string[] {
  const paint = paintOf(style);
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint };
  const legend = renderStagesLegend(handshake);
  const { server, outcome } = handshake;
  const head = oneOfSeveral
    ? renderParagraph(
        `${formatEndpoint(server.address, server.port)}: ${outcome.detail}`,
        { width: style.width, indent: 0 },
        paint.bold,
      )
    : [];
  const entries = style.detail === 'brief' ? [] : factsOf(handshake, oneOfSeveral, style);
  const facts =
    entries.length === 0 ? [] : ['', paint.bold('found'), ...renderEntries(entries, block)];
  const events =
    style.detail === 'verbose' ? ['', paint.bold('events'), ...renderEvents(handshake, style)] : [];
  return [
    ...head,
    ...renderStages(handshake, style),
    ...(legend === null || style.detail === 'brief' ? [] : [paint.dim(legend)]),
    ...facts,
    ...events,
  ];
}

/** What this report does not say: figures that could not be had, and what was not tried. */
function renderLimits(
  diagnosis: Clean<Diagnosis>,
  handshakes: readonly Clean<Handshake>[],
  style: TextStyle,
): string[] {
  const notTested =
    diagnosis.notTested.length === 0
      ? []
      : [{ label: 'not tested', text: diagnosis.notTested.join('; '), tone: 'dim' as const }];
  return renderEntries([...notMeasured(handshakes, style), ...notTested], {
    width: style.width,
    indent: 0,
    labelWidth: LABEL_WIDTH,
    paint: paintOf(style),
  });
}

/** Figures that no live probe has: the same in every report, so that a word on them is enough. */
const CAPTURE_ONLY =
  /^tcp\.(retransmissions\.server|duplicateAcks|zeroWindows|fragments|largestSegment|icmp|strayReset)/;

/** Fields that are null, by the reason why. */
function notMeasured(handshakes: readonly Clean<Handshake>[], style: TextStyle): Entry[] {
  const verbose = style.detail === 'verbose';
  const fieldsByReason = new Map<string, string[]>();
  for (const { notMeasured: reasons, stages } of handshakes) {
    // Where no connection came about, the stages say so.
    if (!verbose && !stages.some(isConnected)) continue;
    for (const [field, reason] of Object.entries(reasons)) {
      const usual = CAPTURE_ONLY.test(field) && !verbose;
      const why = usual ? 'a capture shows them, a probe cannot (--verbose: why)' : reason;
      const fields = fieldsByReason.get(why) ?? [];
      if (!fields.includes(field)) fields.push(field);
      fieldsByReason.set(why, fields);
    }
  }
  const shown = verbose ? Number.MAX_SAFE_INTEGER : SHOWN_FIELDS;
  return [...fieldsByReason].map(([why, fields], index) => ({
    label: index === 0 ? 'not measured' : '',
    text: `${formatList(fields, shown)}: ${why}`,
    tone: 'dim' as const,
  }));
}

function isConnected({ stage, status }: Stage): boolean {
  return stage === 'tcp' && status === 'completed';
}

function addressCount(handshakes: readonly Handshake[]): number {
  return new Set(handshakes.map(({ server }) => server.address)).size;
}
