import type { Handshake } from '../handshake/handshake.js';
import { JsonPieces, type ReportHead } from '../report/json.js';
import { renderMarkdownSheet } from '../report/markdown.js';
import { renderDiagnosisLine, renderHandshakeLine } from '../report/ndjson.js';
import type { CaptureSummary } from '../report/report.js';
import { renderStandings, renderTargetText, type StandingTarget } from '../report/text.js';
import {
  type ConnectionLine,
  MAX_ROWS,
  renderCaptures,
  renderConnections,
  renderTooMany,
} from '../report/text-capture.js';
import type { TextStyle } from '../report/text-style.js';
import type { DiagnosedGroup } from './connection-groups.js';
import type { CliIo } from './io.js';
import type { OutputFormat } from './output-format.js';
import type { StreamedReport } from './report-stream.js';
import { StreamedSheet } from './streamed-sheet.js';
import { type LookOptions, styleFor } from './terminal.js';

export function openStreamedReport(
  format: OutputFormat,
  head: ReportHead,
  look: LookOptions,
  io: CliIo,
): StreamedReport {
  switch (format) {
    case 'json':
      return new StreamedJson(head, io);
    case 'ndjson':
      return {
        handshake: (handshake) => io.stdout.write(renderHandshakeLine(handshake)),
        captures: () => {},
        diagnosed: ({ diagnosis }) => io.stdout.write(renderDiagnosisLine(diagnosis)),
        end: () => {},
      };
    case 'text':
      return new StreamedText(styleFor(io, look), io);
    case 'markdown':
      return new StreamedSheet(head, (sheet) => io.stdout.write(renderMarkdownSheet(sheet)));
    case 'quiet':
      return { handshake: () => {}, captures: () => {}, diagnosed: () => {}, end: () => {} };
  }
}

class StreamedJson implements StreamedReport {
  readonly #pieces = new JsonPieces();
  readonly #io: CliIo;

  constructor(head: ReportHead, io: CliIo) {
    this.#io = io;
    io.stdout.write(this.#pieces.begin(head));
  }

  handshake(handshake: Handshake): void {
    this.#io.stdout.write(this.#pieces.handshake(handshake));
  }

  captures(captures: readonly CaptureSummary[]): void {
    this.#io.stdout.write(this.#pieces.captures(captures));
  }

  diagnosed({ diagnosis }: DiagnosedGroup): void {
    this.#io.stdout.write(this.#pieces.diagnosis(diagnosis));
  }

  end(): void {
    this.#io.stdout.write(this.#pieces.end());
  }
}

/** Groups that get a page of their own: nobody reads more. */
const MAX_PAGES = 40;

/** Lines of the summary at the end. */
const MAX_SUMMARY = 1000;

/** A page for each of the first groups, and a line for each of many more. */
class StreamedText implements StreamedReport {
  readonly #style: TextStyle;
  readonly #io: CliIo;
  /** by group */
  readonly #lines: ConnectionLine[][] = [];
  readonly #targets: StandingTarget[] = [];
  #left = 0;
  #leftFine = 0;

  constructor(style: TextStyle, io: CliIo) {
    this.#style = style;
    this.#io = io;
  }

  handshake({ source, startedAt, outcome }: Handshake, group: number | null): void {
    if (group === null || group >= MAX_PAGES) return;
    this.#lines[group] ??= [];
    const lines = this.#lines[group];
    if (lines.length < MAX_ROWS) lines.push({ source, startedAt, outcome });
  }

  captures(captures: readonly CaptureSummary[], counts: readonly number[]): void {
    this.#io.stdout.write(renderCaptures(captures, counts, this.#style));
    this.#io.stdout.write(renderTooMany(this.#style));
  }

  diagnosed({ group, count, diagnosis, standing, last }: DiagnosedGroup): void {
    const { target, verdict } = diagnosis;
    if (this.#targets.length < MAX_SUMMARY) this.#targets.push({ target, verdict, standing });
    else {
      this.#left++;
      if (standing === 'fine') this.#leftFine++;
    }
    if (group >= MAX_PAGES) return;
    const page = renderTargetText(diagnosis, [last], this.#style, [last], standing);
    this.#io.stdout.write(`${this.#rule}${page}`);
    if (count < 2) return;
    const lines = this.#lines[group] ?? [];
    this.#io.stdout.write(`\n${renderConnections(lines, this.#style, count)}`);
  }

  get #rule(): string {
    return `\n${'-'.repeat(this.#style.width)}\n\n`;
  }

  end(): void {
    const left = { count: this.#left, fine: this.#leftFine };
    this.#io.stdout.write(this.#rule + renderStandings(this.#targets, this.#style, left));
  }
}
