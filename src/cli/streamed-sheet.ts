import type { Handshake } from '../handshake/handshake.js';
import type { ReportHead } from '../report/json.js';
import type { CaptureSummary } from '../report/report.js';
import { MAX_LINES, MAX_TOLD, type Sheet, SheetGatherer } from '../report/sheet.js';
import type { ConnectionLine } from '../report/text-capture.js';
import type { DiagnosedGroup } from './connection-groups.js';
import type { StreamedReport } from './report-stream.js';

/**
 * What a page shows of more connections than can be kept. Of those that it tells of, each group's
 * last connection is kept, which decides, and a line of the others.
 */
export class StreamedSheet implements StreamedReport {
  readonly #gatherer: SheetGatherer;
  readonly #done: (sheet: Sheet) => void;
  /** by group */
  readonly #lines: ConnectionLine[][] = [];
  #captures: readonly CaptureSummary[] = [];
  #counts: readonly number[] = [];

  /** @param done is given the whole, when nothing more will come */
  constructor(head: ReportHead, done: (sheet: Sheet) => void) {
    this.#gatherer = new SheetGatherer(head);
    this.#done = done;
  }

  handshake({ source, startedAt, outcome }: Handshake, group: number | null): void {
    if (group === null || group >= MAX_TOLD) return;
    this.#lines[group] ??= [];
    const lines = this.#lines[group];
    if (lines.length < MAX_LINES) lines.push({ source, startedAt, outcome });
  }

  captures(captures: readonly CaptureSummary[], counts: readonly number[]): void {
    this.#captures = captures;
    this.#counts = counts;
  }

  diagnosed({ group, count, diagnosis, standing, last }: DiagnosedGroup): void {
    if (this.#gatherer.isFull) {
      this.#gatherer.line(diagnosis, standing);
      return;
    }
    const lines = count > 1 ? (this.#lines[group] ?? []) : [];
    this.#gatherer.target({ diagnosis, standing, shown: [last], asked: [], lines, count });
  }

  end(): void {
    this.#done(this.#gatherer.done(this.#captures, this.#counts));
  }
}
