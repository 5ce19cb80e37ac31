import type { ComparedAspect, ReportComparison } from '../diagnose/compare.js';
import type { Conclusion } from '../diagnose/compared.js';
import type { Clean } from './clean.js';
import { renderTable } from './table.js';
import { renderEntries, renderParagraph } from './text-block.js';
import { shareWidth } from './text-differences.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';
import { truncate } from './width.js';

/** A column of a report that is narrower than this says nothing. */
const LEAST_COLUMN = 18;
const GAP = 2;
const LABEL_WIDTH = 9;

/** Enough of a fingerprint to compare by eye; --json has all of it. */
const SHORT: Readonly<Record<string, number>> = { thumbprint: 8, 'public key': 8 };

/** More names of rows of a scan that do not differ nobody reads. */
const MOST_NAMED = 4;

/** Reports side by side: in what they differ, and what that says. */
export function renderComparison(comparison: Clean<ReportComparison>, style: TextStyle): string {
  const sections = [
    renderHead(comparison, style),
    renderReports(comparison, style),
    renderAspects(comparison, style),
    renderConclusions(comparison, style),
  ];
  const { ellipsis } = glyphsOf(style);
  const lines = sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
    .map((line) => truncate(line.trimEnd(), style.width, ellipsis));
  return `${lines.join('\n')}\n`;
}

function renderHead({ kind, reports, conclusions }: ReportComparison, style: TextStyle): string[] {
  const paint = paintOf(style);
  const { good, warn } = glyphsOf(style);
  const targets = [...new Set(reports.map(({ target }) => target))];
  const of = targets.length === 1 ? (targets[0] ?? '') : `${targets.length} targets`;
  const differ = conclusions.length > 0;
  const where = { sites: 'from several places', times: 'at several times', unclear: '' }[kind];
  const says = `${reports.length} reports of ${of}${where === '' ? '' : ` ${where}`}: ${
    differ ? 'they differ in what is told below' : 'nothing in them differs that matters'
  }`;
  return renderParagraph(
    says,
    { width: style.width, indent: 0, mark: differ ? warn : good },
    (line) => paint.bold(differ ? paint.warn(line) : paint.good(line)),
  );
}

function renderReports({ reports, notes }: ReportComparison, style: TextStyle): string[] {
  const paint = paintOf(style);
  const block = { width: style.width, indent: 0, labelWidth: 3, paint };
  return [
    ...renderEntries(
      reports.map(({ label, file, startedAt, client, verdict }) => {
        const when = startedAt === null ? '' : `, ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
        const from = client === null ? '' : `, from ${client}`;
        return { label, text: `${file}${when}${from}: ${verdict}` };
      }),
      block,
    ),
    ...renderEntries(
      notes.map((text) => ({ label: '!', text, tone: 'warn' as const })),
      block,
    ),
  ];
}

/** The connection that counts, and below it what scans asked, a table each. */
function renderAspects(comparison: ReportComparison, style: TextStyle): string[] {
  const { aspects, reports } = comparison;
  const known = aspects.filter(({ values }) => values.some((value) => value !== null));
  const byPart = new Map<ComparedAspect['part'], ComparedAspect[]>();
  for (const one of known) byPart.set(one.part, [...(byPart.get(one.part) ?? []), one]);
  const isShown = ([part, rows]: [ComparedAspect['part'], readonly ComparedAspect[]]): boolean =>
    part === 'connection' || style.detail === 'verbose' || rows.some(isWorthARow);
  const labels = reports.map(({ label }) => label);
  const rest = [...byPart]
    .filter((one) => !isShown(one))
    .map(([part]) => HEADS[part].replace('scan: ', ''));
  const sections = [
    ...[...byPart].filter(isShown).map(([part, rows]) => renderPart(part, rows, labels, style)),
    ...(rest.length === 0 ? [] : [renderNames('No difference between the scans in', rest, style)]),
  ];
  return sections.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function renderNames(head: string, names: readonly string[], style: TextStyle): string[] {
  if (names.length === 0) return [];
  const block = { width: style.width, indent: 0 };
  return renderParagraph(`${head}: ${names.join(', ')}.`, block, paintOf(style).dim);
}

const HEADS: Readonly<Record<ComparedAspect['part'], string>> = {
  connection: 'side by side',
  negotiation: 'scan: negotiation',
  'standard RDP': 'scan: standard RDP security',
  TLS: 'scan: TLS',
  suites: 'scan: cipher suites',
  clients: 'scan: who can connect',
  'weak settings': 'scan: weak settings',
};

function renderPart(
  part: ComparedAspect['part'],
  known: readonly ComparedAspect[],
  labels: readonly string[],
  style: TextStyle,
): string[] {
  const paint = paintOf(style);
  const shown = style.detail === 'verbose' ? known : known.filter(isWorthARow);
  const rest = known.filter((one) => !shown.includes(one));
  const isWhole = ({ values }: ComparedAspect): boolean => values.every((one) => one !== null);
  const same = rest.filter(isWhole).map(({ aspect }) => aspect);
  const partly = rest.filter((one) => !isWhole(one)).map(({ aspect }) => aspect);
  const perBlock = Math.max(1, Math.floor((style.width - 14) / (LEAST_COLUMN + GAP)));
  const blocks: string[][] = [];
  for (let first = 0; first < labels.length && shown.length > 0; first += perBlock) {
    const cells = shown.map((one) => ({
      ...one,
      values: one.values.slice(first, first + perBlock),
    }));
    blocks.push(renderBlock(labels.slice(first, first + perBlock), cells, style));
  }
  const list = (head: string, names: readonly string[]): string[] => {
    // Scans have dozens of rows: who wants their names takes --verbose.
    const all = part === 'connection' || names.length <= MOST_NAMED;
    const told = all ? names : [`${names.length} rows (--verbose)`];
    return renderNames(head, told, style);
  };
  return [
    paint.bold(HEADS[part]),
    ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
    ...list('The same in all', same),
    ...list('Not known of all, and no different', partly),
  ];
}

/** What nobody would miss a row of: one value, or none. Figures of the way are always shown. */
function isWorthARow({ aspect, differs, values }: ComparedAspect): boolean {
  return differs || ((aspect === 'RTT' || aspect === 'loss') && values.some((one) => one !== null));
}

function renderBlock(
  columns: readonly string[],
  aspects: readonly ComparedAspect[],
  style: TextStyle,
): string[] {
  const paint = paintOf(style);
  const { ellipsis, none } = glyphsOf(style);
  // Colour alone would not reach everybody.
  const heads = ['', ...columns];
  const rows = aspects.map(({ aspect, values, differs }) => [
    `${differs ? '*' : ' '} ${aspect}`,
    ...values.map((value) =>
      value === null ? none : value.slice(0, SHORT[aspect] ?? value.length),
    ),
  ]);
  const widths = shareWidth(heads, rows, style.width);
  return renderTable(
    heads.map((head, index) => ({
      head: paint.dim(head),
      align: 'left',
      width: widths[index] ?? null,
    })),
    rows.map((row, index) =>
      row.map((cell, column) => {
        const short = truncate(cell, widths[column] ?? 0, ellipsis);
        return aspects[index]?.differs === true ? paint.warn(short) : short;
      }),
    ),
  );
}

function renderConclusions({ conclusions }: ReportComparison, style: TextStyle): string[] {
  if (conclusions.length === 0) return [];
  const paint = paintOf(style);
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint };
  return [
    paint.bold('what the differences say'),
    ...conclusions.flatMap(({ certainty, says, separate }: Conclusion, index) => [
      ...(index === 0 ? [] : ['']),
      ...renderEntries([{ label: certainty, text: says }], block),
      ...(separate === null
        ? []
        : renderEntries([{ label: '  next', text: separate, tone: 'dim' }], block)),
    ]),
  ];
}
